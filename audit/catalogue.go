package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Judge applies the rules about one key to a snapshot as of now, and returns
// one finding per rule in the rules' order. Without rules it applies Rules(),
// and of a nil snapshot nothing is known. It sends nothing: a stored snapshot
// can be judged again with another policy. Compare applies the rules about the
// fleet and about what has changed.
func Judge(s *access.Snapshot, policy Policy, now time.Time, rules []*Rule) []Finding {
	return judge(&Pass{Snapshot: s, Policy: &policy, Now: now}, orCatalogue(rules))
}

// orCatalogue are the rules that apply where none are given. One that is nil is
// taken for an empty one, which gives no answer: it is not left out unseen.
func orCatalogue(rules []*Rule) []*Rule {
	if len(rules) == 0 {
		return Rules()
	}
	if i := slices.Index(rules, nil); i >= 0 {
		rules = slices.Clone(rules)
		for ; i < len(rules); i++ {
			rules[i] = cmp.Or(rules[i], &Rule{})
		}
	}
	return rules
}

// Rules lists the catalogue in the order reports use. The slice is the
// caller's to change.
func Rules() []*Rule {
	return slices.Concat(walletRules, exitRules, networkRules, tradingRules, lifetimeRules, separationRules, exposureRules, operationRules, fleetRules, driftRules)
}

// ValidateRules reports rules that are incomplete or share an ID, for use in
// tests of rules of your own. A rule needs advice for finding out that differs
// from its remedy, or says in NoFindOut why it has none.
func ValidateRules(rules []*Rule) error {
	seen := map[string]bool{}
	for _, r := range orCatalogue(rules) {
		var missing []string
		for name, ok := range map[string]bool{
			"ID":    r.ID != "" && r.ID == strings.ToLower(r.ID) && !strings.ContainsAny(r.ID, " _."),
			"Title": r.Title != "", "Why": r.Why != "", "Remedy": r.Remedy != "", "Severity": r.Severity != 0,
			"Since": r.Since != "", "Run": r.Run != nil,
			"FindOut": (r.FindOut != "") != (r.NoFindOut != "") && (r.FindOut == "" || r.FindOut != r.Remedy),
		} {
			if !ok {
				missing = append(missing, name)
			}
		}
		slices.Sort(missing)
		if len(missing) > 0 {
			return fmt.Errorf("audit: rule %q: missing or malformed %s", r.ID, strings.Join(missing, ", "))
		}
		if seen[r.ID] {
			return fmt.Errorf("audit: duplicate rule ID %q", r.ID)
		}
		seen[r.ID] = true
	}
	return nil
}
