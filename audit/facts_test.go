package audit_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// readBy are the facts that an adapter can report, each with a rule that reads it and
// two values of which the rule must say different things; or why no rule does.
var readBy = map[string]struct {
	rule   string
	change func(*access.Snapshot)
	unread string
}{
	"Label":       {unread: "the owner's own name"},
	"Permissions": {unread: "the grants say what they amount to"},
	"Facts":       {unread: "words for people; exchanges' tests list them"},
	"Notes":       {unread: "words for people"},
	"Siblings":    {unread: "the rules about the fleet read them: unlisted-key, stronger-sibling"},
	"ListsPart":   {unread: "likewise: unlisted-key"},
	"Changed":     {unread: "a rule about change reads it: changed-after-creation"},

	"Account":  {rule: audit.RuleAccountState, change: func(s *access.Snapshot) { s.Account.Alarms = []string{"blocked"} }},
	"Wallet":   {rule: audit.RuleWalletKey, change: func(s *access.Snapshot) { s.Wallet = access.MainWallet }},
	"KeyState": {rule: audit.RuleKeyState, change: func(s *access.Snapshot) { s.KeyState = access.KeyLocked }},
	"Grants": {rule: audit.RuleWithdrawal, change: func(s *access.Snapshot) {
		s.Grants = []access.Grant{{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported}}
	}},
	"Unmapped":      {rule: audit.RuleUnknownPermission, change: func(s *access.Snapshot) { s.Unmapped = []string{"withdraw2"} }},
	"IPAllowlist":   {rule: audit.RuleIPAllowlist, change: func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8"}) }},
	"PairAllowlist": {rule: audit.RulePairAllowlist, change: func(s *access.Snapshot) { s.PairAllowlist.Pairs = []string{"BTC-USDT"} }},
	"Created":       {rule: audit.RuleKeyAge, change: func(s *access.Snapshot) { s.Created = now.AddDate(-1, 0, 0) }},
	"LastUsed":      {rule: audit.RuleIdleKey, change: func(s *access.Snapshot) { s.LastUsed = now.AddDate(-1, 0, 0) }},
	"Expires":       {rule: audit.RuleKeyExpiry, change: func(s *access.Snapshot) { s.Expires = now.Add(time.Hour) }},
	"NeverExpires":  {rule: audit.RuleKeyExpiry, change: func(s *access.Snapshot) { s.NeverExpires = true }},
	"ExpiryOffered": {rule: audit.RuleNeverExpires, change: func(s *access.Snapshot) { s.NeverExpires, s.ExpiryOffered = true, true }},
	"Deadlines": {rule: audit.RuleExchangeExpiry, change: func(s *access.Snapshot) {
		s.Deadlines = []access.Deadline{{What: "the exchange deletes it"}}
	}},
	"Retired":        {rule: audit.RuleWeakKey, change: func(s *access.Snapshot) { s.Retired = "of 2021" }},
	"Contradictions": {rule: audit.RuleContradiction, change: func(s *access.Snapshot) { s.Contradictions = []string{"yes and no"} }},
}

// TestEveryFactIsRead walks what an adapter can fill: a new field has a rule that reads
// it, or a reason.
func TestEveryFactIsRead(t *testing.T) {
	t.Parallel()
	fields := reflect.VisibleFields(reflect.TypeFor[access.Answer]())
	assert.Len(t, readBy, len(fields))
	for _, field := range fields {
		fact, listed := readBy[field.Name]
		if !assert.True(t, listed, field.Name) || !assert.NotEqual(t, fact.rule == "", fact.unread == "", field.Name) || fact.rule == "" {
			continue
		}
		verdict := func(change func(*access.Snapshot)) audit.Outcome {
			s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
			change(s)
			for _, f := range audit.Judge(s, audit.SpotTrading(), now, nil) {
				if f.Rule == fact.rule {
					return f.Outcome
				}
			}
			t.Errorf("there is no rule %s", fact.rule)
			return 0
		}
		assert.NotEqual(t, verdict(func(*access.Snapshot) {}), verdict(fact.change), "%s reads %s", fact.rule, field.Name)
	}
}

// TestEveryFamilyIsRead: each right that an adapter can report is of a family that some
// rule fails for, if the key holds it and the policy does not allow it.
func TestEveryFamilyIsRead(t *testing.T) {
	t.Parallel()
	others := []access.Capability{
		"other:fix-trade", "other:portfolio-margin", access.CancelOrders, "other:pay", "other:convert", "other:earn", "other:key-secrets",
		"other:fiat-withdraw", "other:block-trade", "other:custody", "other:anything",
	}
	for _, c := range append(access.Capabilities(), others...) {
		if access.FamilyOf(c) == access.FamilyRead {
			continue
		}
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
		s.Grants = []access.Grant{{Capability: c, State: access.Granted, Evidence: access.Reported}}
		failed := false
		for _, f := range audit.Judge(s, audit.ReadOnly(), now, nil) {
			failed = failed || (f.Outcome == audit.Failed && f.Rule != audit.RuleMainAccount && f.Rule != audit.RuleAttestation)
		}
		assert.True(t, failed, "%s is held and not allowed, and no rule fails", c)
	}
}
