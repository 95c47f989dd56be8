package alpaca_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/alpaca"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, alpaca.Exchange, exchangetest.Alpaca) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, alpaca.Exchange, exchangetest.Alpaca) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, alpaca.Exchange, exchangetest.Alpaca(), spec)
}

// TestBlocked: what the account can't do now says nothing about the key.
func TestBlocked(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]access.State{
		"": access.Granted, "trading_blocked": access.Unknown, "account_blocked": access.Unknown, "trade_suspended_by_user": access.Unknown,
		"transfers_blocked": access.Granted,
	} {
		snap := inspect(t, exchangetest.Spec{Options: map[string]string{"flag": flag}})
		for _, c := range []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeOptions} {
			assert.Equal(t, want, snap.Grant(c).State, "%q: %s", flag, c)
		}
		assert.Equal(t, access.Unknown, snap.Grant(access.Withdraw).State, flag)
		assert.Equal(t, access.Unknown, snap.Grant(access.WithdrawAddresses).State, flag)
		assert.True(t, snap.Can(access.Read), flag)
		assert.Equal(t, want == access.Unknown, slices.Equal([]string{flag}, snap.Account.Alarms), flag)
		assert.Equal(t, want == access.Granted, snap.Account.Standing == access.StandingGood, flag)
	}
}

// TestStatus: a status is good, bad or unknown.
func TestStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]access.Account{
		"ACTIVE": {Standing: access.StandingGood}, "ACCOUNT_UPDATED": {Standing: access.StandingUnclear},
		"ACCOUNT_CLOSED": {Standing: access.StandingUnclear, Alarms: []string{"status ACCOUNT_CLOSED"}},
	} {
		got := inspect(t, exchangetest.Spec{Options: map[string]string{"status": status}}).Account
		assert.Equal(t, want.Standing, got.Standing, status)
		assert.Equal(t, want.Alarms, got.Alarms, status)
	}
}

// TestCreated: the date in the answer is the account's.
func TestCreated(t *testing.T) {
	t.Parallel()
	assert.True(t, inspect(t, exchangetest.Spec{}).Created.IsZero())
}

// TestFromAnywhere: no key of this exchange can be restricted to IP addresses,
// which is a finding.
func TestFromAnywhere(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Alpaca()
	policy := audit.SpotTrading()
	key := audit.Key{Exchange: alpaca.Exchange, Policy: policy, Credentials: fake.Issue(exchangetest.Spec{})}
	err := audit.Check(t.Context(), key, &audit.Options{Transport: fake})
	require.ErrorIs(t, err, audit.ErrUnsafe)
	assert.ErrorContains(t, err, "ip-allowlist")
}

// TestPaper: a key of a paper account is on a test network.
func TestPaper(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Alpaca()
	key := audit.Key{Exchange: alpaca.Exchange, Environment: "paper", Credentials: fake.Issue(exchangetest.Spec{})}
	snap, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Attempts: 1})
	require.NoError(t, err)
	assert.True(t, snap.Test)
}
