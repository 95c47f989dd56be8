//go:build unix

package find

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestSamples: the samples of all bots' files have keys, and each is found, whatever
// importer reads the file.
func TestSamples(t *testing.T) {
	t.Parallel()
	r := look(t, Options{Paths: []string{"../../keyaudit/samples"}})
	found := map[string]bool{}
	octobot := map[string]bool{}
	for _, f := range r.Found {
		found[f.Path] = true
		if f.Path == "octobot/user/config.json" {
			octobot[f.Exchange] = true
		}
	}
	assert.True(t, octobot["binance"], "encrypted with a key that everybody knows")
	for _, path := range []string{
		"bbgo-yaml/bbgo.yaml", "bbgo/.env.local", "ccxt-mcp/config.json", "ccxt/keys.json", "env/.env", "freqtrade/config-private.json", "gocryptotrader/config.json", "jesse/api-keys.csv", "lean/Launcher/config.json",
		"mcp/.codex/config.toml", "mcp/.mcp.json", "nautilus/.env", "octobot/user/config.json", "okx-agent-kit/config.toml", "openclaw/.env", "openclaw/openclaw.json", "passivbot/api-keys.json",
		"vnpy/.vntrader/connect_binance_linear.json", "vnpy/.vntrader/connect_bybit.json", "vnpy/.vntrader/connect_okx.json",
	} {
		assert.True(t, found[path], path)
	}
}
