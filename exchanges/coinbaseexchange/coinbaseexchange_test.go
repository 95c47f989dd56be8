package coinbaseexchange_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbaseexchange"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, coinbaseexchange.Exchange, exchangetest.CoinbaseExchange)
}

func FuzzParse(f *testing.F) {
	exchangetest.Fuzz(f, coinbaseexchange.Exchange, exchangetest.CoinbaseExchange)
}

// TestRefusedAddress: the exchange's message for a refused IP address is unknown,
// so no message proves that the key has an IP allowlist.
func TestRefusedAddress(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"IP does not match IP whitelist", "ip not allowed", "Your IP is in a country that is not allowed",
	} {
		s, err := exchangetest.TryInspect(t, coinbaseexchange.Exchange, exchangetest.CoinbaseExchange(), exchangetest.Spec{Faults: []exchangetest.Fault{
			{Reply: &exchangetest.Reply{Status: 401, Body: `{"message":"` + message + `"}`}},
		}})
		require.ErrorIs(t, err, access.KindAmbiguous, message)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, message)
	}
}
