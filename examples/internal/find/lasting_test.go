//go:build unix

package find

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestReadFromTheBotsFile: a key that stands in its bot's file and in others is read from the
// first, and an audit sees how each of them is kept.
func TestReadFromTheBotsFile(t *testing.T) {
	t.Parallel()
	const pair = "BYBIT_API_KEY={id} BYBIT_API_SECRET={secret} ./bot\n"
	for _, other := range []string{".bash_history", ".zsh_history", "a.log", "a/bot.log.1", "a/notes.txt", ".env.bak", ".viminfo", "a/.env~"} {
		for _, bots := range []struct{ path, text string }{
			{"ft/config.json", `{"exchange": {"name": "bybit", "key": "{id}", "secret": "{secret}"}}`},
			{"x/.env", "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n"},
			{"x/bot.py", "import ccxt\nx = ccxt.bybit({'apiKey': '{id}', 'secret': '{secret}'})\n"},
		} {
			for _, open := range []string{other, bots.path} {
				folder := t.TempDir()
				write(t, folder, other, parts.Replace(pair))
				write(t, folder, bots.path, parts.Replace(bots.text))
				require.NoError(t, os.Chmod(filepath.Join(folder, other), 0o600))
				require.NoError(t, os.Chmod(filepath.Join(folder, bots.path), 0o600))
				require.NoError(t, os.Chmod(filepath.Join(folder, open), 0o644))
				all := look(t, Options{Paths: []string{folder}}).Candidates(exchanges.All())
				require.Len(t, all, 1, "%s %s", other, bots.path)
				require.Empty(t, all[0].Not, "%s %s", other, bots.path)
				assert.Equal(t, bots.path, all[0].Place.Path, other)
				c, err := all[0].Audit.Load(t.Context())
				require.NoError(t, err)
				modes := map[string]uint32{}
				for _, s := range c.Storage {
					modes[filepath.Base(s.File)] = s.Mode
				}
				assert.Equal(t, uint32(0o644), modes[filepath.Base(open)], "%s %s: %v", other, bots.path, modes)
				assert.Len(t, modes, 2)
			}
		}
	}
}
