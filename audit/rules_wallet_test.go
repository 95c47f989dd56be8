package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// TestAdviceToMainWallets: the key of an account's own wallet has no rights to switch off
// and no IP allowlist: the one advice is a delegated key.
func TestAdviceToMainWallets(t *testing.T) {
	t.Parallel()
	s := harmless()
	s.KeyKind, s.IPAllowlist = access.Secp256k1Wallet, access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	s.Grants = nil
	for _, c := range access.Capabilities() {
		s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Reported, Names: []string{"user"}})
	}
	for _, wallet := range []access.Wallet{access.MainWallet, access.DelegatedWallet} {
		s.Wallet = wallet
		for _, rule := range []string{audit.RuleWithdrawal, audit.RuleKeyManagement, audit.RuleIPAllowlist} {
			f := judgedBy(t, s, audit.ReadOnly(), rule)[rule]
			assert.Equal(t, audit.Failed, f.Outcome, rule)
			assert.Equal(t, wallet == access.MainWallet, strings.HasPrefix(f.Remedy, "The key of an account's own wallet cannot be limited."), "%s: %s", rule, f.Remedy)
		}
	}
}

// TestOtherAdviceToMainWallets: what no delegated key mends, and what is not known yet, has
// the rule's own advice, and so has the rule that advises the delegated key.
func TestOtherAdviceToMainWallets(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
	s.Wallet = access.MainWallet
	for name, c := range map[string]struct {
		outcome audit.Outcome
		task    adapter.Task
		limited bool
	}{
		"a right":             {audit.Failed, adapter.SwitchRightOff, false},
		"the wallet itself":   {audit.Failed, adapter.UseAgent, true},
		"nothing at the page": {audit.Failed, "", true},
		"an open question":    {audit.Undetermined, adapter.SetAllowlist, true},
	} {
		rule := &audit.Rule{
			ID: "own", Severity: audit.High, Remedy: "The rule's advice.", FindOut: "The rule's question.", Task: c.task,
			Run: func(*audit.Pass) audit.Verdict {
				return audit.Verdict{Outcome: c.outcome, Severity: audit.High, Message: "m"}
			},
		}
		f := audit.Judge(s, audit.ReadOnly(), now, []*audit.Rule{rule})[0]
		assert.Equal(t, c.limited, strings.HasPrefix(f.Remedy, "The rule's"), "%s: %s", name, f.Remedy)
	}
}

// TestAdviceToDelegatedWallets: where a delegated key has its rights by a single permission,
// none of them can be switched off alone; where there are several, or they are not all
// known, the rule's own advice stands.
func TestAdviceToDelegatedWallets(t *testing.T) {
	t.Parallel()
	right := func(c access.Capability, state access.State, names ...string) access.Grant {
		return access.Grant{Capability: c, State: state, Evidence: access.Reported, Names: names}
	}
	incomplete := right(access.Withdraw, access.Granted, "agent")
	incomplete.NamesIncomplete = true
	for name, c := range map[string]struct {
		grants   []access.Grant
		together bool
	}{
		"one permission for all":        {[]access.Grant{right(access.Withdraw, access.Granted, "agent"), right(access.Read, access.Granted, "agent")}, true},
		"and rights without one":        {[]access.Grant{right(access.Withdraw, access.Granted, "agent"), right(access.TradeSpot, access.Denied), right(access.Read, access.Unknown)}, true},
		"and one that it lacks":         {[]access.Grant{right(access.Withdraw, access.Granted, "agent"), right(access.TradeSpot, access.Denied, "trade")}, false},
		"and one that may be":           {[]access.Grant{right(access.Withdraw, access.Granted, "agent"), right(access.TradeSpot, access.Unknown, "trade")}, false},
		"two permissions":               {[]access.Grant{right(access.Withdraw, access.Granted, "agent"), right(access.Read, access.Granted, "read")}, false},
		"a right by either":             {[]access.Grant{right(access.Withdraw, access.Granted, "agent", "withdraw")}, false},
		"not all permissions are known": {[]access.Grant{incomplete}, false},
		"one by none that is known":     {[]access.Grant{right(access.Withdraw, access.Granted, "agent"), right(access.Read, access.Granted)}, false},
		"granted by none that is known": {[]access.Grant{right(access.Withdraw, access.Granted)}, false},
	} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
		s.Wallet, s.Grants = access.DelegatedWallet, c.grants
		f := judgedBy(t, s, audit.ReadOnly(), audit.RuleWithdrawal)[audit.RuleWithdrawal]
		assert.Equal(t, audit.Failed, f.Outcome, name)
		assert.Equal(t, c.together, strings.HasPrefix(f.Remedy, "The rights of this delegated key come together"), "%s: %s", name, f.Remedy)
	}
}

// TestOwnAdviceToDelegatedWallets: a failure's own advice is more than the rule's, and
// stands. An open question whose right cannot be switched off is looked up elsewhere.
func TestOwnAdviceToDelegatedWallets(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
	s.Wallet = access.DelegatedWallet
	s.Grants = []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Reported, Names: []string{"agent"}}}
	for name, c := range map[string]struct {
		verdict audit.Verdict
		task    adapter.Task
		want    string
	}{
		"a failure":                        {audit.Verdict{Outcome: audit.Failed, Severity: audit.High}, adapter.SwitchRightOff, "The rights of this delegated key come together"},
		"a failure with advice of its own": {audit.Verdict{Outcome: audit.Failed, Severity: audit.High, Remedy: "Do this first."}, adapter.SwitchRightOff, "Do this first."},
		"an open question":                 {audit.Verdict{Outcome: audit.Undetermined, Severity: audit.High}, adapter.SwitchRightOff, "Look up in the exchange's documentation"},
		"an open question of its own":      {audit.Verdict{Outcome: audit.Undetermined, Severity: audit.High, Remedy: "Look here."}, adapter.SwitchRightOff, "Look up in the exchange's documentation"},
		"another task":                     {audit.Verdict{Outcome: audit.Failed, Severity: audit.High}, adapter.SetAllowlist, "The rule's advice."},
	} {
		rule := &audit.Rule{
			ID: "own", Severity: audit.High, Remedy: "The rule's advice.", FindOut: "The rule's question.", Task: c.task,
			Run: func(*audit.Pass) audit.Verdict { v := c.verdict; v.Message = "m"; return v },
		}
		f := audit.Judge(s, audit.ReadOnly(), now, []*audit.Rule{rule})[0]
		assert.True(t, strings.HasPrefix(f.Remedy, c.want), "%s: %s", name, f.Remedy)
	}
}
