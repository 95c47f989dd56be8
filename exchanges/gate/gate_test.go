package gate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gate"
)

func TestConformance(t *testing.T) { exchangetest.Conform(t, gate.Exchange, exchangetest.Gate) }

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, gate.Exchange, exchangetest.Gate) }

func inspect(t *testing.T, spec exchangetest.Spec) *access.Snapshot {
	t.Helper()
	return exchangetest.Inspect(t, gate.Exchange, exchangetest.Gate(), spec)
}

// TestWithdrawal: no documented permission is for withdrawing, so a list without
// one proves nothing, and a permission with that name counts as one.
func TestWithdrawal(t *testing.T) {
	for name, want := range map[string]access.State{
		"spot": access.Unknown, "wallet": access.Unknown, "withdrawal:read": access.Unknown,
		"withdrawal": access.Granted, "withdraw": access.Granted, "api_Withdraw": access.Granted,
	} {
		s := inspect(t, exchangetest.Spec{Permissions: []string{name}})
		assert.Equal(t, want, s.Grant(access.Withdraw).State, name)
		assert.Equal(t, want, s.Grant(access.TransferExternal).State, name)
		assert.Equal(t, access.Denied, s.Grant(access.TradeFutures).State, name)
		assert.Empty(t, s.Unmapped, name)
	}
}

// TestName: the newest client has the key's name as a list.
func TestName(t *testing.T) {
	for name, want := range map[string]string{`"bot"`: "bot", `["bot","spare"]`: "bot, spare", `[]`: "", `null`: ""} {
		s, err := exchangetest.TryInspect(t, gate.Exchange, exchangetest.Gate(), exchangetest.Spec{Options: map[string]string{"name": name}})
		require.NoError(t, err, name)
		assert.Equal(t, want, s.Label, name)
		assert.NotEmpty(t, s.Permissions, name)
	}
}

// TestSubAccount: the exchange refuses the list, so the IP allowlist is known and
// the rights are not.
func TestSubAccount(t *testing.T) {
	s := inspect(t, exchangetest.Spec{SubAccount: true, Permissions: []string{"spot"}, IPs: []string{"198.51.100.20"}})
	assert.Equal(t, access.AllowlistRestricted, s.IPAllowlist.State)
	assert.Equal(t, access.AccountUnknown, s.Account.Kind)
	require.Len(t, s.Grants, 1)
	assert.Equal(t, access.Grant{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}, s.Grants[0])
	require.Len(t, s.Notes, 1)
	assert.Contains(t, s.Notes[0], "FORBIDDEN")
}

// TestSecondRefusal: a refusal of the list alone leaves the rights unknown; one
// because of the key or the exchange's state fails.
func TestSecondRefusal(t *testing.T) {
	for name, fails := range map[string]bool{
		"forbidden": false, "request forbidden": false, "read-only key": false, "account type": false,
		"unknown key": true, "IP address not allowed": true, "key disabled": true, "rate limited": true, "server error": true,
		"the edge network's page": true,
	} {
		s, err := exchangetest.TryInspect(t, gate.Exchange, exchangetest.Gate(), exchangetest.Spec{Permissions: []string{"spot"}, Faults: []exchangetest.Fault{{}, {Failure: name, Times: -1}}})
		assert.Equal(t, fails, err != nil, "%s: %v", name, err)
		assert.Equal(t, access.Unknown, s.Grant(access.TradeSpot).State, name)
		assert.Equal(t, access.Unknown, s.Grant(access.TradeFutures).State, name)
	}
}

// TestLastUse: the audit's own request doesn't count as use.
func TestLastUse(t *testing.T) {
	for ago, reported := range map[time.Duration]bool{0: false, 30 * time.Second: false, time.Hour: true} {
		used := time.Now().Add(-ago).UTC().Truncate(time.Second)
		s := inspect(t, exchangetest.Spec{LastUsed: used})
		assert.Equal(t, reported, s.LastUsed.Equal(used), "%s ago: %s", ago, s.LastUsed)
	}
}

// TestState: locked and frozen, whichever is which; an unknown state doesn't count
// as active.
func TestState(t *testing.T) {
	for state, want := range map[string]access.KeyState{"1": access.KeyActive, "2": access.KeyLocked, "3": access.KeyLocked, "9": access.KeyUnclear} {
		s := inspect(t, exchangetest.Spec{Options: map[string]string{"state": state, "pairs": "BTC_USDT,ETH_USDT"}})
		assert.Equal(t, want, s.KeyState, state)
		assert.Equal(t, access.PairAllowlist{Offered: true, Reported: true, Pairs: []string{"BTC_USDT", "ETH_USDT"}}, s.PairAllowlist)
	}
}
