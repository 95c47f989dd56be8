package bingx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bingx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bingx.Exchange, exchangetest.BingX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bingx.Exchange, exchangetest.BingX) }

func inspect(t *testing.T, spec exchangetest.Spec, change ...func(*audit.Key)) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, bingx.Exchange, exchangetest.BingX(), spec, change...)
}

// TestWithdrawal: only the list of numbers can say that a key may not withdraw;
// nobody has seen the flag live, so it can only say that a key may.
func TestWithdrawal(t *testing.T) {
	for answer, want := range map[string]access.State{
		`{"permissions":[2]}`:                                   access.Denied,
		`{"permissions":["2","3"]}`:                             access.Denied,
		`{"permissions":[2,5]}`:                                 access.Granted,
		`{"permissions":[2],"enableWithdrawals":true}`:          access.Granted,
		`{"permissions":[2,5],"enableWithdrawals":false}`:       access.Granted,
		`{"enableReading":true}`:                                access.Unknown,
		`{"enableReading":true,"enableWithdrawals":false}`:      access.Unknown,
		`{"enableReading":true,"enableWithdrawals":true}`:       access.Granted,
		`{"permissions":[3]}`:                                   access.Unknown, // incomplete
		`{"permissions":[]}`:                                    access.Unknown,
		`{"data":{"enableReading":true,"permissions":[2,5]}}`:   access.Granted,
		`{"code":0,"data":{"permissions":[2]},"permissions":5}`: access.Denied,
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(answer)})
		assert.Equal(t, want, s.Grant(access.Withdraw).State, answer)
		assert.True(t, s.Can(access.Read), answer)
		assert.Equal(t, access.Unknown, s.Grant(access.APIKeyManage).State, answer)
		assert.Equal(t, access.Unknown, s.Grant(access.SubaccountManage).State, answer)
	}
}

// TestDispute: of two statements that disagree, the more dangerous one counts.
func TestDispute(t *testing.T) {
	for answer, want := range map[string]access.Capability{
		`{"permissions":[2],"enableFutures":true,"ipAddresses":[""]}`:                 access.TradeFutures,
		`{"permissions":[2,3],"enableFutures":false,"ipAddresses":[""]}`:              access.TradeFutures,
		`{"permissions":[2,1],"enableSpotAndMarginTrading":false,"ipAddresses":[]}`:   access.TradeSpot,
		`{"permissions":[2,4],"permitsUniversalTransfer":"false","ipAddresses":[""]}`: access.TransferInternal,
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(answer)})
		assert.True(t, s.Can(want), answer)
		assert.Len(t, s.Contradictions, 1, answer)
	}
}

// TestAllowlist: the list and the flag, either of which may be missing.
func TestAllowlist(t *testing.T) {
	for members, want := range map[string]struct {
		state    access.AllowlistState
		disputed bool
	}{
		`"ipAddresses":[""]`:                                   {access.AllowlistUnrestricted, false},
		`"ipAddresses":["198.51.100.20"]`:                      {access.AllowlistRestricted, false},
		`"ipRestrict":true`:                                    {access.AllowlistUnknown, false}, // the list may be [""]
		`"ipRestrict":false`:                                   {access.AllowlistUnrestricted, false},
		`"ipRestrict":true,"ipAddresses":[]`:                   {access.AllowlistUnrestricted, true},
		`"ipRestrict":false,"ipAddresses":["198.51.100.20"]`:   {access.AllowlistOff, true},
		`"ipRestrict":null,"ipAddresses":null`:                 {access.AllowlistUnknown, false},
		`"ipRestrict":true,"ipAddresses":["198.51.100.20",""]`: {access.AllowlistUnknown, false},
	} {
		s := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":[2],` + members + `}`)})
		assert.Equal(t, want.state, s.IPAllowlist.State, members)
		assert.Equal(t, want.disputed, len(s.Contradictions) > 0, members)
	}
}

// TestFlagAlone: an answer of flags has no list, and its flag counts.
func TestFlagAlone(t *testing.T) {
	s := inspect(t, exchangetest.Spec{Answer: []byte(`{"enableReading":true,"enableFutures":false,"ipRestrict":true}`)})
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
}

// TestNumbers: 5.0 is 5.
func TestNumbers(t *testing.T) {
	s := inspect(t, exchangetest.Spec{Answer: []byte(`{"permissions":[2.0,5.0],"ipAddresses":["198.51.100.20"]}`)})
	assert.True(t, s.Can(access.Withdraw))
	assert.Empty(t, s.Unmapped)
}

// TestMayNotEvenRead: such an answer contradicts itself and denies nothing.
func TestMayNotEvenRead(t *testing.T) {
	s := inspect(t, exchangetest.Spec{Answer: []byte(`{"enableReading":false,"enableFutures":false,"enableSpotAndMarginTrading":true,"ipRestrict":true}`)})
	assert.Equal(t, access.Unknown, s.Grant(access.TradeFutures).State)
}

// TestSecondCall: the second call may be refused, but not fail.
func TestSecondCall(t *testing.T) {
	spec := exchangetest.Spec{Permissions: []string{"3"}, Faults: []exchangetest.Fault{{}, {Failure: "forbidden"}}}
	s := inspect(t, spec)
	assert.True(t, s.Can(access.TradeFutures))
	assert.True(t, s.Created.IsZero())
	assert.Len(t, s.Notes, 1)

	spec.Faults = []exchangetest.Fault{{}, {Failure: "busy"}}
	_, err := exchangetest.TryInspect(t, bingx.Exchange, exchangetest.BingX(), spec)
	require.ErrorIs(t, err, access.KindUnavailable)
}

// TestLimit: a header of this path says when to try again.
func TestLimit(t *testing.T) {
	_, err := exchangetest.TryInspect(t, bingx.Exchange, exchangetest.BingX(), exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: "rate limited"}}})
	var failure *access.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, 870*time.Millisecond, failure.RetryAfter)
}

// TestSimulated: simulated trading accepts live keys, so it is not a test network.
func TestSimulated(t *testing.T) {
	s := inspect(t, exchangetest.Spec{Permissions: []string{"5"}, IPs: []string{"198.51.100.20"}}, exchangetest.At("simulated"))
	assert.False(t, s.Test)
	assert.True(t, s.Can(access.Withdraw))
}

// TestFlags: one page of the exchange has flags where its clients saw a list.
func TestFlags(t *testing.T) {
	s := inspect(t, exchangetest.Spec{Permissions: []string{"1", "5"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"edition": "flags"}})
	assert.True(t, s.Can(access.TradeSpot))
	assert.Equal(t, access.Unknown, s.Grant(access.Withdraw).State)
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
	assert.Equal(t, access.NotDisclosed, s.IPAllowlist.Disclosed)
}
