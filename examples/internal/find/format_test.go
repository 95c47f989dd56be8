package find

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestFormatNamesTheRest: what an inventory's file has besides whole keys is named with
// the reason, and so is what was not read of it.
func TestFormatNamesTheRest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		keys       int
		want       []string
	}{
		{"half.env", "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\nGATE_API_SECRET={hex64}\nKUCOIN_API_KEY={id2}\n", 1, []string{
			"find/gate: " + notSecret, "find/kucoin: " + notID,
		}},
		{"wallet.env", "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\nHYPERLIQUID_PRIVATE_KEY=0x{hex64}\n", 1, []string{"find/hyperliquid: " + notWallet}},
		{"any.env", "PRIVATE_KEY=0x{hex64}\n", 0, []string{"find/key: " + notWallet}},
		{"vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", 0, []string{"find/unread: the file may hold keys that were not seen: encrypted; list those in the inventory themselves"}},
		{"old.zip", "PK\x03\x04" + strings.Repeat("\x00", 40), 0, []string{"find/unread: the file may hold keys that were not seen: archive, not opened; list those in the inventory themselves"}},
		{"sops.yaml", "BYBIT_API_KEY: {id}\nBYBIT_API_SECRET: {secret}\ngate_key: ENC[AES256_GCM,data:x]\n", 1, []string{
			"find/unread: the file may hold keys that were not seen: encrypted; list those in the inventory themselves",
		}},
	} {
		folder := t.TempDir()
		write(t, folder, test.name, parts.Replace(test.text))
		all := exchanges.All()
		in, err := inventory.From(FormatName, filepath.Join(folder, test.name), inventory.Options{Exchanges: all, Formats: []inventory.Format{Format(all)}})
		require.NoError(t, err, test.name)
		assert.Len(t, in.Keys, test.keys, test.name)
		var got []string
		for _, s := range in.Skipped {
			got = append(got, s.Name+": "+s.Why)
		}
		assert.Equal(t, test.want, got, test.name)
	}
}
