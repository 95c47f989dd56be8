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
