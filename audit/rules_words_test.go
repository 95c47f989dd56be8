package audit_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestRenamedRules: what an owner attested or waived counts under a rule's
// former name.
func TestRenamedRules(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, rule := range audit.Rules() {
		ids[rule.ID] = true
	}
	for former, id := range audit.RenamedRules() {
		assert.True(t, ids[id] && !ids[former], former)
	}
	audit.RenamedRules()["withdrawal"] = "clock"
	assert.NotContains(t, audit.RenamedRules(), "withdrawal", "the map is the caller's to change")

	open, ending := harmless(), harmless()
	open.IPAllowlist = access.IPAllowlist{}
	ending.Deadlines = []access.Deadline{{What: "it ends"}}
	found := judgedBy(t, open, attesting(audit.ReadOnly(), "venue-expiry"), "exchange-expiry", "attestation")
	assert.Equal(t, access.Attested, found["exchange-expiry"].Evidence)
	assert.Equal(t, audit.Passed, found["attestation"].Outcome)
	found = judgedBy(t, ending, waiving(audit.ReadOnly(), "venue-expiry"), "exchange-expiry", "attestation")
	assert.NotEmpty(t, found["exchange-expiry"].Waived)
	assert.Equal(t, audit.Passed, found["attestation"].Outcome)
	found = judgedBy(t, ending, attesting(audit.ReadOnly(), "venue-expiry"), "exchange-expiry", "attestation")
	assert.Contains(t, found["attestation"].Message, "The attestation of exchange-expiry is not used")
}

// TestRuleNames: the names that policies are written with are those of rules.
func TestRuleNames(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		audit.RuleWithdrawal, audit.RuleExternalTransfer, audit.RuleWithdrawalAddresses, audit.RuleAddressBook,
		audit.RuleInternalTransfer, audit.RuleKeyManagement, audit.RuleSubaccountManagement, audit.RuleIPAllowlist,
		audit.RuleMainAccount, audit.RuleKeyAge, audit.RuleKeyExpiry, audit.RuleExchangeExpiry,
	} {
		ruleByID(t, id)
	}
}

// TestPlainWords: what people read is in the words of the field. Advice names
// settings as inventories have them, and leaves the key's page to the reports,
// which print it.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	banned := []string{
		`venue`, `\btells?\b`, `\btold\b`, `\bdeclared by\b`, `owner's word`, `\b(un)?bound\b`, `every address`, `\bmend`,
		`\bdoubled\b`, `\btwice\b`, `in clear`, `\b[Nn]ights?\b`, `tonight`, `\bgrave`, `\b([Hh]e|[Hh]is|[Hh]im)\b`,
		`\bmade on\b`, `is not known\b`, `\bwanted\b`, `\bstands\b`, `\badmits?\b`, `any more\b`, `play money`,
		`\b[Ww]hoever\b`, `%!`, `https?://`,
		`\b[a-z]+\.[A-Z]|\b[A-Z][a-z]+\.[A-Z][a-z]`, // a Go field
	}
	quotes := regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	for text, rule := range texts(t) {
		for _, word := range banned {
			assert.NotRegexp(t, word, quotes.ReplaceAllString(text, `""`), rule)
		}
		if text != "" && !strings.HasPrefix(text, "chmod ") {
			assert.Regexp(t, `^["A-Z]`, strings.TrimLeft(text, "[31m "), "%s: a sentence", rule)
		}
	}
}

// TestAdviceFitsTheAllowlist: nobody searches for a list that the exchange does
// not offer, nor is told to restrict a key that is restricted.
func TestAdviceFitsTheAllowlist(t *testing.T) {
	t.Parallel()
	with := func(list access.IPAllowlist, deadlines ...access.Deadline) *access.Snapshot {
		s := harmless()
		s.IPAllowlist, s.Deadlines = list, deadlines
		return s
	}
	list := func(state access.AllowlistState, e access.Evidence) access.IPAllowlist {
		return access.IPAllowlist{State: state, Evidence: e}
	}
	never, free := list(access.AllowlistUnrestricted, access.Documented), list(access.AllowlistUnrestricted, access.Reported)
	off, halves := list(access.AllowlistOff, access.Reported), access.NewIPAllowlist([]string{"0.0.0.0/1", "128.0.0.0/1"})
	one, all := access.NewIPAllowlist([]string{"8.8.8.8"}), access.NewIPAllowlist([]string{"0.0.0.0/0"})
	ends := access.Deadline{What: "the right to trade ends"}
	for want, c := range map[string]struct {
		rule     string
		snapshot *access.Snapshot
	}{
		"No IP allowlist can be set here. What helps:": {"ip-allowlist", with(never)},
		"Edit the key and restrict it to":              {"ip-allowlist", with(free)},
		"switch its IP allowlist on":                   {"ip-allowlist", with(off)},
		"replace that entry":                           {"ip-allowlist", with(all)},
		"replace those entries":                        {"ip-allowlist", with(halves)},
		"look at the entries named":                    {"ip-allowlist", with(access.NewIPAllowlist([]string{"office"}))},
		"restrict it to the IP address":                {"exchange-expiry", with(free, ends)},
		"renew what ends":                              {"exchange-expiry", with(one, ends)},
	} {
		f := judgedBy(t, c.snapshot, audit.ReadOnly(), c.rule)[c.rule]
		assert.Contains(t, f.Remedy, want, f.Message)
	}
}
