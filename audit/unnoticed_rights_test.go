package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// What is tested here, of rights and what carries them, could once be broken without any
// test noticing.

// TestEveryOpenRight: all rights that may move funds out and are unknown are named, also
// where one of them is the common one.
func TestEveryOpenRight(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{
		Grants: []access.Grant{{Capability: access.Withdraw}, {Capability: access.Other("fiat-withdraw")}},
	}}
	f := only(t, audit.RuleWithdrawal, s, audit.Policy{})
	assert.Equal(t, audit.Undetermined, f.Outcome)
	assert.Contains(t, f.Message, "other:fiat-withdraw")
}

// TestNotesOnOtherRights: where no permission is for something, what the others include
// is pointed out, and only where one that is held includes anything.
func TestNotesOnOtherRights(t *testing.T) {
	t.Parallel()
	for state, noted := range map[access.State]bool{access.Granted: true, access.Denied: false, access.Unknown: false} {
		for _, implies := range [][]string{{"loans"}, nil} {
			s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: []access.Grant{
				{Capability: access.Withdraw, State: access.Denied, Evidence: access.Documented},
				{Capability: access.TradeSpot, State: state, Evidence: access.Reported, Implies: implies},
			}}}
			f := only(t, audit.RuleWithdrawal, s, audit.Policy{})
			assert.Equal(t, noted && implies != nil, strings.Contains(f.Message, "is noted with them"), "%s %q: %s", state, implies, f.Message)
		}
	}
}

// TestBundledWithReading: a permission that the policy needs for reading alone is no reason
// to hold what it carries besides.
func TestBundledWithReading(t *testing.T) {
	t.Parallel()
	grant := func(c access.Capability, name string) access.Grant {
		return access.Grant{Capability: c, State: access.Granted, Evidence: access.Reported, Names: []string{name}}
	}
	for _, c := range []struct {
		spot string
		want audit.Outcome
	}{{"spot", audit.Failed}, {"all", audit.Undetermined}} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{
			Grants: []access.Grant{grant(access.Read, "all"), grant(access.TradeSpot, c.spot), grant(access.TradeOptions, "all")},
		}}
		f := only(t, audit.RuleExcessPermission, s, audit.SpotTrading())
		assert.Equal(t, c.want, f.Outcome, f.Message)
	}
}

// TestDeniedIsNotAttested: what the exchange says of the right to change addresses stays
// the evidence, whatever was attested besides.
func TestDeniedIsNotAttested(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: []access.Grant{
		{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported, AddressBook: access.BookAlways},
		{Capability: access.TransferExternal, State: access.Denied, Evidence: access.Reported},
		{Capability: access.WithdrawAddresses, State: access.Denied, Evidence: access.Reported},
	}}}
	policy := audit.Treasury()
	policy.Attestations = []audit.Attestation{{Rule: audit.RuleWithdrawalAddresses, Statement: "looked", By: "owner", At: now, Until: now.Add(aDay)}}
	f := only(t, audit.RuleAddressBook, s, policy)
	assert.Equal(t, audit.Passed, f.Outcome, f.Message)
	assert.Equal(t, access.Documented, f.Evidence)
}

// TestHeldToAnywhere: a right that is held, and of which nobody knows where to, is this
// rule's own question, whatever else of its kind is unknown.
func TestHeldToAnywhere(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: []access.Grant{
		{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported},
		{Capability: access.Other("fiat-withdraw")},
		{Capability: access.TransferExternal, State: access.Denied, Evidence: access.Reported},
		{Capability: access.WithdrawAddresses, State: access.Denied, Evidence: access.Reported},
	}}}
	f := only(t, audit.RuleAddressBook, s, audit.Treasury())
	assert.Equal(t, audit.Undetermined, f.Outcome, f.Message)
	assert.Equal(t, audit.Critical, f.Severity)
}

// TestDeniedIsNotBundled: a right that is off comes with nothing.
func TestDeniedIsNotBundled(t *testing.T) {
	t.Parallel()
	s := tradingKey("a", keyA, 0).Snapshot
	for i := range s.Grants {
		s.Grants[i].Names = []string{"all"}
	}
	f := only(t, audit.RuleExcessPermission, s, audit.SpotTrading())
	assert.Equal(t, audit.Passed, f.Outcome, f.Message)
	assert.NotContains(t, f.Message, "comes with")
}

// TestQualifierIsShown: what narrows a right is part of what is said of it.
func TestQualifierIsShown(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{
		Grants: []access.Grant{{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported, Qualifier: "only on Sundays"}},
	}}
	assert.Contains(t, only(t, audit.RuleWithdrawal, s, audit.Policy{}).Message, "only on Sundays")
}

// TestEachRightOnce: a right of which nothing is known is named once.
func TestEachRightOnce(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: []access.Grant{{Capability: access.TradeOptions}}}}
	f := only(t, audit.RuleExcessPermission, s, audit.SpotTrading())
	assert.Equal(t, 1, strings.Count(f.Message, string(access.TradeOptions)), f.Message)
}

// TestEvidenceOfAMissingRight: how it is known that a right is missing.
func TestEvidenceOfAMissingRight(t *testing.T) {
	t.Parallel()
	for _, evidence := range []access.Evidence{access.Reported, access.Documented, access.Inferred} {
		for state, want := range map[access.State]audit.Outcome{access.Denied: audit.Failed, access.Granted: audit.Passed} {
			s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: []access.Grant{{Capability: access.Read, State: state, Evidence: evidence}}}}
			f := only(t, audit.RuleMissingPermission, s, audit.ReadOnly())
			assert.Equal(t, want, f.Outcome, f.Message)
			assert.Equal(t, evidence, f.Evidence, "%s %s", state, evidence)
		}
	}
}

// TestCancelling: a key that may not trade and may cancel holds more than it is for; one
// that trades is for both.
func TestCancelling(t *testing.T) {
	t.Parallel()
	s := tradingKey("a", keyA, 0).Snapshot
	setState := func(c access.Capability, state access.State) {
		s.Grants = slices.DeleteFunc(s.Grants, func(g access.Grant) bool { return g.Capability == c })
		s.Grants = append(s.Grants, access.Grant{Capability: c, State: state, Evidence: access.Reported})
	}
	setState(access.CancelOrders, access.Granted)
	assert.Equal(t, audit.Passed, only(t, audit.RuleExcessPermission, s, audit.SpotTrading()).Outcome)
	setState(access.TradeSpot, access.Denied)
	f := only(t, audit.RuleExcessPermission, s, audit.ReadOnly())
	assert.Equal(t, audit.Failed, f.Outcome, f.Message)

	setState(access.CancelOrders, access.Denied)
	assert.Equal(t, audit.NotApplicable, only(t, audit.RuleBlindTrading, s, audit.SpotTrading()).Outcome, "it creates no orders either")
	setState(access.TradeSpot, access.Granted)
	assert.Equal(t, audit.Failed, only(t, audit.RuleBlindTrading, s, audit.SpotTrading()).Outcome)
	setState(access.TradeSpot, access.Unknown)
	assert.NotEqual(t, audit.Failed, only(t, audit.RuleBlindTrading, s, audit.SpotTrading()).Outcome, "perhaps it creates no orders")
}

// TestCarriersNotAllNamed: a right of which perhaps another permission is not named comes
// with nothing.
func TestCarriersNotAllNamed(t *testing.T) {
	t.Parallel()
	for _, incomplete := range []bool{false, true} {
		s := tradingKey("a", keyA, 0).Snapshot
		for i := range s.Grants {
			if g := &s.Grants[i]; g.Capability == access.TradeSpot || g.Capability == access.TradeMargin {
				g.State, g.Names, g.NamesIncomplete = access.Granted, []string{"all"}, incomplete
			}
		}
		f := only(t, audit.RuleExcessPermission, s, audit.SpotTrading())
		assert.Equal(t, incomplete, f.Outcome == audit.Failed, f.Message)
	}
}
