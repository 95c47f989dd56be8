package find

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestOnlyPassphraseFromElsewhere: another place may give a key the passphrase that one
// lacks, and overrides no other reason of that place, nor where it says the key belongs.
func TestOnlyPassphraseFromElsewhere(t *testing.T) {
	t.Parallel()
	const (
		binance = "BINANCE_API_KEY={id}\nBINANCE_API_SECRET={secret}\n"
		okx     = "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\n"
		whole   = okx + "OKX_PASSPHRASE=Moon1\n"
	)
	for _, test := range []struct{ one, other, want string }{
		{binance + "BINANCE_TLD=us\n", binance, "its name says one exchange, and a setting beside it another"},
		{binance + "BINANCE_BASE_URL=https://api.binance.th\n", binance, "is none of Binance that is known here"},
		{binance + "BINANCE_BASE_URL=https://gateway.firm.example\n", binance, "is none of Binance that is known here"},
		{okx, whole, "okx live with Moon1"},
		{okx + "OKX_BASE_URL=https://gateway.firm.example\n", whole, "is none of OKX that is known here"},
		{okx + "OKX_TESTNET=true\n", whole, "do not agree on where it belongs"},
	} {
		for _, files := range []map[string]string{{"a/.env": test.one, "b/.history": test.other}, {"a/.history": test.other, "b/.env": test.one}} {
			assert.Contains(t, strings.Join(decided(t, files), "; "), test.want, test.one)
		}
	}
}
