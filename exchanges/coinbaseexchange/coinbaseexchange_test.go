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

// transfers are the capabilities that the right Transfer is for.
var transfers = []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal}

// TestTransfer: an answer proves the right, whatever is refused proves nothing, and
// at the sandbox the call isn't made.
func TestTransfer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environment, refusal string
		held                 []string
		want                 access.State
		notes, requests      int
	}{
		{"live", "", []string{"Transfer"}, access.Granted, 1, 2},
		{"live", "", nil, access.Unknown, 2, 2},
		{"live", "something else", []string{"Transfer"}, access.Unknown, 2, 2},
		{"sandbox", "", []string{"Transfer"}, access.Unknown, 1, 1},
	} {
		fake := exchangetest.CoinbaseExchange()
		spec := exchangetest.Spec{Permissions: c.held, Options: map[string]string{"refusal": c.refusal}}
		s := exchangetest.Inspect(t, coinbaseexchange.Exchange, fake, spec, exchangetest.At(c.environment))
		for _, right := range transfers {
			assert.Equal(t, c.want, s.Grant(right).State, c)
		}
		assert.Len(t, s.Notes, c.notes, c)
		assert.Len(t, fake.Requests(), c.requests, c)
		for _, seen := range fake.Requests() {
			assert.Equal(t, "GET", seen.Method)
		}
	}
}

// TestTransferFailed: what says nothing about the one call ends the audit.
func TestTransferFailed(t *testing.T) {
	t.Parallel()
	for refusal, kind := range map[string]access.Kind{
		"rate limited": access.KindRateLimited, exchangetest.FailIP: access.KindAmbiguous, exchangetest.FailClock: access.KindClockSkew,
	} {
		spec := exchangetest.Spec{Options: map[string]string{"refusal": refusal}}
		_, err := exchangetest.TryInspect(t, coinbaseexchange.Exchange, exchangetest.CoinbaseExchange(), spec)
		require.ErrorIs(t, err, kind, refusal)
	}
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
