package coinbaseexchange_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
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

// TestRefusedAddress: the exchange's words for it aren't known, so none of them
// proves that the key has an allowlist.
func TestRefusedAddress(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"IP does not match IP whitelist", "ip not allowed", "No more requests are allowed for this IP", "Your IP is in a country that is not allowed",
	} {
		fake := exchangetest.CoinbaseExchange()
		key := audit.Key{Exchange: coinbaseexchange.Exchange, Credentials: fake.Issue(exchangetest.Spec{Faults: []exchangetest.Fault{
			{Reply: &exchangetest.Reply{Status: 401, Body: `{"message":"` + message + `"}`}},
		}})}
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
		require.ErrorIs(t, err, access.KindAmbiguous, message)
		assert.Equal(t, access.AllowlistUnknown, s.IPAllowlist.State, message)
	}
}
