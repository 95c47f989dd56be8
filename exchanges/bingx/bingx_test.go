package bingx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bingx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, bingx.Exchange, exchangetest.BingX) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, bingx.Exchange, exchangetest.BingX) }

// inspect audits a key of a fresh venue.
func inspect(t *testing.T, environment string, spec exchangetest.Spec) (*audit.Snapshot, error) {
	t.Helper()
	venue := exchangetest.BingX()
	key := audit.Key{Exchange: bingx.Exchange, Environment: environment, Credentials: venue.Issue(spec)}
	return audit.Inspect(t.Context(), key, &audit.Options{Transport: venue, Attempts: 1})
}

// TestWithdrawal: only the list of numbers can say that a key may not withdraw;
// the flag has not been seen live and can only say that it may.
func TestWithdrawal(t *testing.T) {
	for answer, want := range map[string]audit.State{
		`{"permissions":[2]}`:                                   audit.Denied,
		`{"permissions":["2","3"]}`:                             audit.Denied,
		`{"permissions":[2,5]}`:                                 audit.Granted,
		`{"permissions":[2],"enableWithdrawals":true}`:          audit.Granted,
		`{"permissions":[2,5],"enableWithdrawals":false}`:       audit.Granted,
		`{"enableReading":true}`:                                audit.Unknown,
		`{"enableReading":true,"enableWithdrawals":false}`:      audit.Unknown,
		`{"enableReading":true,"enableWithdrawals":true}`:       audit.Granted,
		`{"permissions":[3]}`:                                   audit.Unknown, // not the whole list
		`{"permissions":[]}`:                                    audit.Unknown,
		`{"data":{"enableReading":true,"permissions":[2,5]}}`:   audit.Granted,
		`{"code":0,"data":{"permissions":[2]},"permissions":5}`: audit.Denied,
	} {
		s, err := inspect(t, "", exchangetest.Spec{Answer: []byte(answer)})
		require.NoError(t, err, answer)
		assert.Equal(t, want, s.Grant(audit.Withdraw).State, answer)
		assert.True(t, s.Can(audit.Read), answer)
		assert.Equal(t, audit.Unknown, s.Grant(audit.APIKeyManage).State, answer)
		assert.Equal(t, audit.Unknown, s.Grant(audit.SubaccountManage).State, answer)
	}
}

// TestDispute: of two statements the more dangerous one counts.
func TestDispute(t *testing.T) {
	for answer, want := range map[string]audit.Capability{
		`{"permissions":[2],"enableFutures":true,"ipAddresses":[""]}`:                 audit.TradeFutures,
		`{"permissions":[2,3],"enableFutures":false,"ipAddresses":[""]}`:              audit.TradeFutures,
		`{"permissions":[2,1],"enableSpotAndMarginTrading":false,"ipAddresses":[]}`:   audit.TradeSpot,
		`{"permissions":[2,4],"permitsUniversalTransfer":"false","ipAddresses":[""]}`: audit.TransferInternal,
	} {
		s, err := inspect(t, "", exchangetest.Spec{Answer: []byte(answer)})
		require.NoError(t, err, answer)
		assert.True(t, s.Can(want), answer)
		assert.Len(t, s.Contradictions, 1, answer)
	}
}

// TestAddresses: the list and the flag, of which either may be missing.
func TestAddresses(t *testing.T) {
	for members, want := range map[string]struct {
		state    audit.AllowlistState
		disputed bool
	}{
		`"ipAddresses":[""]`:                                   {audit.AllowlistUnrestricted, false},
		`"ipAddresses":["198.51.100.20"]`:                      {audit.AllowlistRestricted, false},
		`"ipRestrict":true`:                                    {audit.AllowlistRestricted, false},
		`"ipRestrict":false`:                                   {audit.AllowlistUnrestricted, false},
		`"ipRestrict":true,"ipAddresses":[]`:                   {audit.AllowlistUnrestricted, true},
		`"ipRestrict":false,"ipAddresses":["198.51.100.20"]`:   {audit.AllowlistOff, true},
		`"ipRestrict":null,"ipAddresses":null`:                 {audit.AllowlistUnknown, false},
		`"ipRestrict":true,"ipAddresses":["198.51.100.20",""]`: {audit.AllowlistRestricted, false},
	} {
		s, err := inspect(t, "", exchangetest.Spec{Answer: []byte(`{"permissions":[2],` + members + `}`)})
		require.NoError(t, err, members)
		assert.Equal(t, want.state, s.IPAllowlist.State, members)
		assert.Equal(t, want.disputed, len(s.Contradictions) > 0, members)
	}
}

// TestSecondCall: the second call may be refused, but not fail.
func TestSecondCall(t *testing.T) {
	spec := exchangetest.Spec{Permissions: []string{"3"}, Faults: []exchangetest.Fault{{}, {Failure: "forbidden"}}}
	s, err := inspect(t, "", spec)
	require.NoError(t, err)
	assert.True(t, s.Can(audit.TradeFutures))
	assert.True(t, s.Created.IsZero())
	assert.Len(t, s.Notes, 1)

	spec.Faults = []exchangetest.Fault{{}, {Failure: "busy"}}
	_, err = inspect(t, "", spec)
	require.ErrorIs(t, err, audit.KindUnavailable)
}

// TestLimit: the path's own header says when to come back.
func TestLimit(t *testing.T) {
	_, err := inspect(t, "", exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: "rate limited"}}})
	var failure *audit.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, 870*time.Millisecond, failure.RetryAfter)
}

// TestSimulated: simulated trading takes live keys, so it is no test.
func TestSimulated(t *testing.T) {
	s, err := inspect(t, "simulated", exchangetest.Spec{Permissions: []string{"5"}, IPs: []string{"198.51.100.20"}})
	require.NoError(t, err)
	assert.False(t, s.Test)
	assert.True(t, s.Can(audit.Withdraw))
}

// TestFlags: one page of the venue has flags where its clients saw a list.
func TestFlags(t *testing.T) {
	s, err := inspect(t, "", exchangetest.Spec{Permissions: []string{"1", "5"}, IPs: []string{"198.51.100.20"}, Options: map[string]string{"edition": "flags"}})
	require.NoError(t, err)
	assert.True(t, s.Can(audit.TradeSpot))
	assert.Equal(t, audit.Unknown, s.Grant(audit.Withdraw).State)
	assert.Equal(t, audit.AllowlistRestricted, s.IPAllowlist.State)
	assert.Equal(t, audit.NotDisclosed, s.IPAllowlist.Disclosed)
}
