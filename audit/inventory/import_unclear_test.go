package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUnclearVariables: what is named after an exchange and looks like part of a key is
// audited or named, whatever its own name says; what only may look so is left alone.
func TestUnclearVariables(t *testing.T) {
	t.Parallel()
	const unclear = " looks like part of a key, but its name does not say which: list the key in an inventory"
	for _, test := range []struct {
		text string
		want []string // besides the key of Kraken
	}{
		{"BYBIT_API_KYE=$A\nBYBIT_API_SECRT=$a", []string{`env/bybit-kye: "BYBIT_API_KYE"` + unclear, `env/bybit-secrt: "BYBIT_API_SECRT"` + unclear}},
		{"BYBIT=$A:$a", []string{`env/bybit: "BYBIT"` + unclear}},
		{"BYBIT_CREDENTIALS=$A:$a", []string{`env/bybit-credentials: "BYBIT_CREDENTIALS"` + unclear}},
		{`BYBIT={"apiKey":"$A","secret":"$a"}`, []string{`env/bybit: "BYBIT"` + unclear}},
		{"VITE_OKX_PUBLIC=$A", []string{`env/vite-okx-public: "VITE_OKX_PUBLIC"` + unclear}},
		{"cat <<EOF\nBYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nEOF", []string{"env/bybit bybit live"}},
		{"docker run --rm -e BYBIT_API_KEY=$A -e BYBIT_API_SECRET=$a", []string{"env/bybit bybit live"}},

		{"BYBIT_ACCOUNT_ID=1f2e3d4c-1111-2222-3333-444455556666", nil},
		{"BYBIT_DEPOSIT_ADDRESS=0x52908400098527886E0F7030069857D2E4169EE7", nil},
		{"BYBIT_WEBHOOK=https://example.com/hooks/abcdefgh12345678abcdefgh", nil},
		{"BYBIT_DATA=/srv/data/abcdefgh12345678abcdefgh", nil},
		{"BYBIT_SYMBOLS=BTCUSDT,ETHUSDT", nil},
		{"BYBIT_LEVERAGE=5", nil},
		{"BYBIT_ACCOUNT=YOUR_API_KEY_HERE", nil},
		{"BYBIT_WALLET_TOKEN=abcdefgh12345678abcdefgh", nil}, // another product
		{"SESSION_TOKEN=abcdefgh12345678abcdefgh", nil},
	} {
		path := writeBot(t, ".env", short.Replace("KRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n"+test.text+"\n"))
		in, err := From("env", path, withVariables())
		require.NoError(t, err, test.text)
		var got []string
		for _, k := range in.Keys {
			c := loadKey(t, k)
			assert.Equal(t, keyA+secretA, c.Key+c.Secret.Reveal(), test.text)
			got = append(got, k.Name+" "+k.Exchange.Name+" "+k.Environment)
		}
		for _, s := range in.Skipped {
			got = append(got, s.Name+": "+s.Why)
		}
		assert.Equal(t, append([]string{"env/kraken kraken live"}, test.want...), got, test.text)
		assert.NotContains(t, strings.Join(got, "\n"), secretA)
	}
}
