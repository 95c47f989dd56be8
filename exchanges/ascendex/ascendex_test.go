package ascendex_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/ascendex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, ascendex.Exchange, exchangetest.AscendEX)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, ascendex.Exchange, exchangetest.AscendEX) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, ascendex.Exchange, exchangetest.AscendEX(), spec)
}

// TestOlderAnswer: an answer without IP allowlist and expiry says nothing about
// them.
func TestOlderAnswer(t *testing.T) {
	t.Parallel()
	snap := inspect(t, exchangetest.Spec{Permissions: []string{"viewPermission"}, Options: map[string]string{"edition": "older"}})
	assert.Equal(t, access.AllowlistUnknown, snap.IPAllowlist.State)
	assert.False(t, snap.NeverExpires)
	assert.Equal(t, access.Denied, snap.Grant(access.TradeSpot).State)
}

// TestExpiry: -1 is never; anything else that isn't a date says nothing.
func TestExpiry(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct {
		never bool
		at    time.Time
	}{
		"-1": {never: true}, "0": {}, "-2": {}, "null": {}, "1795000000000": {at: time.UnixMilli(1795000000000).UTC()},
	} {
		snap := inspect(t, exchangetest.Spec{Answer: []byte(`{"code":0,"data":{"viewPermission":true,"expireTime":` + value + `}}`)})
		assert.Equal(t, want.never, snap.NeverExpires, value)
		assert.Equal(t, want.at, snap.Expires, value)
	}
}

// TestWithdrawal: no answer excludes it.
func TestWithdrawal(t *testing.T) {
	t.Parallel()
	snap := inspect(t, exchangetest.Spec{Permissions: []string{"viewPermission"}})
	assert.Equal(t, access.Unknown, snap.Grant(access.Withdraw).State)
	assert.Equal(t, access.Unknown, snap.Grant(access.WithdrawAddresses).State)
	assert.Equal(t, access.Unknown, snap.Grant(access.TransferExternal).State)
}

// TestExchangeAtRisk: every key of this exchange has the finding.
func TestExchangeAtRisk(t *testing.T) {
	t.Parallel()
	snap := exchangetest.Inspect(t, ascendex.Exchange, exchangetest.AscendEX(), exchangetest.Spec{Permissions: []string{"viewPermission"}})
	require.Len(t, snap.Deadlines, 1)
	assert.True(t, snap.Deadlines[0].At.IsZero())
	assert.Contains(t, snap.Deadlines[0].What, "at risk")
}
