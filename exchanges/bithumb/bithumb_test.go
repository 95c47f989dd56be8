package bithumb_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bithumb"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bithumb.Exchange, exchangetest.Bithumb) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bithumb.Exchange, exchangetest.Bithumb) }

// TestNothingReported: no right is denied because the exchange doesn't report it.
func TestNothingReported(t *testing.T) {
	t.Parallel()
	s := exchangetest.Inspect(t, bithumb.Exchange, exchangetest.Bithumb(), exchangetest.Spec{})
	for _, c := range []access.Capability{access.Read, access.TradeSpot, access.Withdraw, access.WithdrawAddresses, access.TransferInternal, access.TransferExternal} {
		assert.Equal(t, access.Unknown, s.Grant(c).State, c)
	}
	assert.Equal(t, access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Documented, Mandatory: true}, s.IPAllowlist)
}

// TestClock: after a refused token the audit sends one more, by the exchange's
// clock.
func TestClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{time.Hour, -time.Hour} {
		fake := exchangetest.Bithumb()
		key := audit.Key{Exchange: bithumb.Exchange, Credentials: fake.Issue(exchangetest.Spec{})}
		clock := func() time.Time { return time.Now().Add(off) }
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Clock: clock})
		require.NoError(t, err, off)
		assert.Len(t, fake.Requests(), 2, off)
	}
}
