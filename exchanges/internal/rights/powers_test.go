package rights_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
)

var carriers = rights.Table{
	"keys":  rights.For(access.APIKeyManage),
	"spot":  rights.For(access.TradeSpot).Carrying(rights.OnMain(access.SubaccountManage)...),
	"loans": rights.For(access.TradeMargin).Carrying(rights.Always(access.TransferInternal, access.APIKeyManage)...),
	"perps": rights.For(access.TradeFutures).Carrying(rights.Power{Capability: access.TransferInternal, Implied: access.ImpliedOnMain, Unsure: true}),
	"odd":   {Grants: []access.Capability{access.Other("odd")}, Perhaps: []access.Capability{access.TransferInternal}},
}

func carry(kind access.AccountKind, states map[string]access.State) *access.Snapshot {
	s := &access.Snapshot{Answer: access.Answer{Account: access.Account{Kind: kind}}}
	carriers.Apply(s, states)
	return s
}

// TestPowerOfMainAccounts: it is unknown where the kind of account is.
func TestPowerOfMainAccounts(t *testing.T) {
	t.Parallel()
	reported := access.Reported
	for kind, want := range map[access.AccountKind]access.Grant{
		access.MainAccount:    {State: access.Granted, Evidence: reported, Names: []string{"spot"}, Implied: access.ImpliedOnMain},
		access.AccountUnknown: {State: access.Unknown, Names: []string{"spot"}, Implied: access.ImpliedOnMain},
		access.SubAccount:     {State: access.Denied, Evidence: reported},
	} {
		want.Capability = access.SubaccountManage
		assert.Equal(t, want, carry(kind, carriers.Listed([]string{"spot"})).Grant(access.SubaccountManage), kind)
		off := access.Grant{Capability: access.SubaccountManage, State: access.Denied, Evidence: reported}
		assert.Equal(t, off, carry(kind, carriers.Listed([]string{"loans"})).Grant(access.SubaccountManage), kind)
		open := access.Grant{Capability: access.SubaccountManage}
		assert.Equal(t, open, carry(kind, nil).Grant(access.SubaccountManage), "whether the key holds the right is unknown")
	}
}

// TestPowersAreJoined: what a right is for counts for more than what another
// includes, and a mark needs to know all that may carry the power.
func TestPowersAreJoined(t *testing.T) {
	t.Parallel()
	outright := carry(access.MainAccount, carriers.Listed([]string{"keys", "loans"})).Grant(access.APIKeyManage)
	assert.Equal(t, access.NotImplied, outright.Implied)
	assert.Equal(t, []string{"keys"}, outright.Names)

	both := carry(access.MainAccount, carriers.Listed([]string{"loans", "perps"})).Grant(access.TransferInternal)
	assert.Equal(t, access.Granted, both.State)
	assert.Equal(t, access.ImpliedOnMain, both.Implied, "the one of which a sub-account rids the key")
	assert.Equal(t, []string{"loans", "perps"}, both.Names)

	unsure := carry(access.MainAccount, carriers.Listed([]string{"perps"})).Grant(access.TransferInternal)
	assert.Equal(t, access.Unknown, unsure.State)
	assert.Equal(t, access.ImpliedOnMain, unsure.Implied)

	perhaps := carry(access.MainAccount, carriers.Listed([]string{"loans", "odd"})).Grant(access.TransferInternal)
	assert.Equal(t, access.Grant{Capability: access.TransferInternal}, perhaps, "another right may be for it")

	states := carriers.Listed([]string{"loans"})
	delete(states, "perps")
	open := carry(access.MainAccount, states).Grant(access.TransferInternal)
	assert.Equal(t, access.Granted, open.State)
	assert.Equal(t, access.NotImplied, open.Implied, "another right may carry it too")
}

// TestPowerIf: a condition only ever takes a power away if it is known not to hold.
func TestPowerIf(t *testing.T) {
	t.Parallel()
	for answer, want := range map[access.State]access.State{
		access.Granted: access.Granted, access.Unknown: access.Unknown, access.Denied: access.Denied,
	} {
		table := rights.Table{"trade": rights.For(access.TradeSpot).Carrying(rights.Power{
			Capability: access.APIKeyManage, Implied: access.ImpliedAlways, If: func(*access.Snapshot) access.State { return answer },
		})}
		s := &access.Snapshot{}
		table.Apply(s, table.Listed([]string{"trade"}))
		assert.Equal(t, want, s.Grant(access.APIKeyManage).State, answer)
	}
}
