package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// htmlRule is a rule with counts of its answers: a column of the map.
type htmlRule struct {
	ID, Title, Why                     string
	Failed, Open, Waived, Passed, None int
}

// htmlFamily is the rules about one subject: neighbouring columns.
type htmlFamily struct {
	Title string
	Rules []htmlRule
}

// Narrow reports whether the columns have too little room for the title. A
// column is 1.45rem wide at least, and a character of the title 0.52.
func (f htmlFamily) Narrow() bool { return 0.52*float64(len(f.Title))+0.4 > 1.45*float64(len(f.Rules)) }

// htmlFamilies are the subjects that the page groups rules by, each with the
// IDs of its rules, in the catalogue's order.
var htmlFamilies = []struct{ title, rules string }{
	{
		"Funds can leave",
		"wallet-key withdrawal external-transfer withdrawal-addresses address-book internal-transfer key-management " +
			"subaccount-management off-book-dealing lock-up other-keys-secrets",
	},
	{"Network", "ip-allowlist ip-allowlist-width ip-allowlist-entries ip-allowlist-expected ip-allowlist-vendor ip-allowlist-negative"},
	{"Trading", "excess-permission missing-permission blind-trading pair-allowlist second-channel key-scopes"},
	{"Lifetime", "key-age key-expiry exchange-expiry key-state idle-key unexpected-use never-expires"},
	{"Handling", "main-account weak-key ownership wrong-environment key-file-mode plain-secret secret-in-files key-holders"},
	{"Evidence", "insecure-transport unknown-permission contradiction clock attestation account-state not-inspected"},
	{"Fleet", "shared-key unlisted-key stronger-sibling twin-keys"},
	{
		"Change",
		"gained-permission lost-permission allowlist-widened key-appeared key-vanished facts-lost facts-changed new-vocabulary " +
			"rotated changed-after-creation",
	},
}

const htmlFamilyOther = "Other" // rules that are not of the catalogue

// htmlPlace is the family of a rule, and the rule's place among all.
type htmlPlace struct{ family, rule int }

func htmlPlaces() map[string]htmlPlace {
	places := map[string]htmlPlace{}
	for i, family := range htmlFamilies {
		for rule := range strings.FieldsSeq(family.rules) {
			places[rule] = htmlPlace{i, len(places)}
		}
	}
	return places
}

// columns gives each rule that has answers its column.
func (v *htmlView) columns(counts map[string]*htmlRule) {
	places := htmlPlaces()
	place := func(id string) htmlPlace {
		if p, ok := places[id]; ok {
			return p
		}
		return htmlPlace{len(htmlFamilies), 0}
	}
	for i, id := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		x, y := place(a), place(b)
		return cmp.Or(x.family-y.family, x.rule-y.rule, strings.Compare(a, b))
	}) {
		title := htmlFamilyOther
		if n := place(id).family; n < len(htmlFamilies) {
			title = htmlFamilies[n].title
		}
		if n := len(v.families); n == 0 || v.families[n-1].Title != title {
			v.families = append(v.families, htmlFamily{Title: title})
		}
		rule := counts[id]
		rule.ID, rule.Title, rule.Why = htmlText(id), v.title(id), v.why(id)
		family := &v.families[len(v.families)-1]
		family.Rules = append(family.Rules, *rule)
		v.ids, v.titles = append(v.ids, rule.ID), append(v.titles, rule.Title)
		v.column[id] = i
	}
}

func (r *htmlRule) add(f audit.Finding) {
	switch cell := htmlCell(f); {
	case cell == 'w':
		r.Waived++
	case cell == 'n':
		r.None++
	case cell == 'p' || cell == 'a':
		r.Passed++
	case f.Outcome == audit.Failed:
		r.Failed++
	default:
		r.Open++
	}
}

func (v *htmlView) title(rule string) string {
	if known := v.catalogue[rule]; known != nil {
		return htmlText(shorten(known.Title, htmlBrief))
	}
	return htmlText(shorten(rule, htmlBrief))
}

func (v *htmlView) why(rule string) string {
	if known := v.catalogue[rule]; known != nil {
		return htmlText(known.Why)
	}
	return ""
}
