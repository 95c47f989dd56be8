package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// exposure says whether a copy of a key is enough to lose money. The zero value
// is the cautious one.
type exposure uint8

const (
	exposureUnknown exposure = iota
	exposureMissed           // not inspected, and nothing else speaks
	exposureOpen
	exposureNone // no such way was found
)

var exposureWords = []string{"unknown", "missed", "lose", "none"}

// moneyRules are the rules whose failure lets a copy of the key send money
// out, make itself able to, or be used from anywhere.
var moneyRules = map[string]bool{
	"withdrawal": true, "external-transfer": true, "withdrawal-addresses": true, "address-book": true, "key-management": true,
	"other-keys-secrets": true, "ip-allowlist": true, "ip-allowlist-width": true, "ip-allowlist-negative": true,
}

// money reports whether a failure like this one is enough to lose money.
func money(f *audit.Finding) bool {
	return moneyRules[f.Rule] && (f.Severity >= audit.High || f.Severity == 0)
}

// exposureAsks are the rules without whose answer nothing is said.
var exposureAsks = []string{"withdrawal", "external-transfer", "ip-allowlist"}

// exposure rests on what failed at high or critical. A waiver changes nothing
// about what a thief can do. Play money cannot be lost.
func (e *entry) exposure() exposure {
	open, unknown := false, false
	for i := range e.Findings {
		if f := &e.Findings[i]; money(f) {
			open = open || f.Outcome == audit.Failed
			unknown = unknown || (f.Outcome != audit.Failed && f.Outcome != audit.Passed && f.Outcome != audit.NotApplicable)
		}
	}
	for _, rule := range exposureAsks {
		unknown = unknown || e.Finding(rule) == nil
	}
	switch {
	case e.Snapshot.Test && e.Inspected():
		return exposureNone
	case open:
		return exposureOpen
	case !e.Inspected():
		return exposureMissed
	case unknown:
		return exposureUnknown
	default:
		return exposureNone
	}
}

// htmlTile is one of the figures on top; together they are all keys.
type htmlTile struct {
	Name  string // of the filter that shows the keys
	N     int
	At    int // how many keys stand in the bar before these
	Label string
	Notes []string
}

// htmlCount counts the findings of one sort.
type htmlCount struct {
	Cell string
	N    int
	Text string
}

// summarize makes what stands above the keys.
func (p *htmlPage) summarize(r *audit.Report) {
	var n [4]int
	var accepted, declared, play int
	exchanges := map[string]bool{}
	for i := range p.keys {
		e := &p.keys[i]
		x := e.exposure()
		n[x]++
		if x == exposureOpen && !slices.ContainsFunc(e.failed, func(f audit.Finding) bool { return money(&f) }) {
			accepted++
		}
		if x == exposureNone && slices.ContainsFunc(e.declared, func(rule string) bool { return moneyRules[rule] }) {
			declared++
		}
		if e.Snapshot.Test {
			play++
		}
		exchanges[e.exchange()] = true
	}
	p.Tiles = []htmlTile{
		{Name: "lose", N: n[exposureOpen], Label: "could lose money tonight", Notes: []string{"A copy of the key is enough: it can send money out, or works from any address."}},
		{Name: "unknown", N: n[exposureUnknown], Label: "where that is not known", Notes: []string{"The exchange doesn’t tell enough. Each card says how to find out."}},
		{Name: "missed", N: n[exposureMissed], Label: "not inspected", Notes: []string{"The exchange gave no answer that could be judged."}},
		{Name: "none", N: n[exposureNone], Label: "with no such way found", Notes: []string{"Other findings may remain."}},
	}
	for _, note := range []struct {
		tile, n int
		text    string
	}{{0, accepted, "Accepted by a waiver"}, {3, declared, "On the owner’s word"}, {3, play, "With play money"}} {
		if note.n > 0 {
			p.Tiles[note.tile].Notes = append(p.Tiles[note.tile].Notes, fmt.Sprintf("%s: %d.", note.text, note.n))
		}
	}
	at := 0
	for i := range p.Tiles {
		p.Tiles[i].At, at = at, at+p.Tiles[i].N
	}
	p.Verdict = htmlVerdict(len(p.keys), n[exposureOpen], n[exposureUnknown]+n[exposureMissed])
	for exchange := range exchanges {
		p.Exchanges = append(p.Exchanges, exchange)
	}
	slices.Sort(p.Exchanges)
	p.Scope = fmt.Sprintf("%s, %s sent", count(len(exchanges), "exchange", "exchanges"), count(r.Summary.Requests, "request", "requests"))
	if !r.Started.IsZero() {
		p.When = stamp(r.Started)
	}
	p.NotAssessed = fmt.Sprintf("%s; undetermined facts: %s", count(r.Summary.NotInspected, "key", "keys"), severities(r.Summary.Undetermined))
	if r.Baseline != nil {
		p.Since, p.Changed = since(r.Baseline), p.Changes.sum(len(r.Findings))
	}
	for _, side := range []struct {
		counts map[audit.Severity]int
		failed bool
		word   string
	}{{r.Summary.Failed, true, ""}, {r.Summary.Undetermined, false, " not known"}} {
		for _, severity := range descending {
			if n := side.counts[severity]; n > 0 {
				p.Counts = append(p.Counts, htmlCount{string(htmlLetter(severity, side.failed)), n, severity.String() + side.word})
			}
		}
	}
	if n := r.Summary.Waived; n > 0 {
		p.Counts = append(p.Counts, htmlCount{"w", n, "waived"})
	}
}

// htmlVerdict is the page's heading.
func htmlVerdict(keys, lose, unknown int) string {
	all := count(keys, "key", "keys")
	switch {
	case keys == 0:
		return "No key was audited."
	case lose > 0:
		return fmt.Sprintf("%d of %s could lose money tonight.", lose, all)
	case unknown > 0:
		return fmt.Sprintf("Whether money could be lost tonight is not known for %d of %s.", unknown, all)
	case keys == 1:
		return "No way was found in which the key could lose money tonight."
	default:
		return fmt.Sprintf("No way was found in which any of %s could lose money tonight.", all)
	}
}

func (e *entry) exchange() string {
	return htmlText(shorten(cmp.Or(e.Title, e.Exchange, "(no exchange)"), htmlName))
}

const (
	htmlMostWorst   = 3
	htmlMostKeys    = 6
	htmlMostChanges = 8
	htmlName        = 60  // characters of a name in a list
	htmlBrief       = 300 // characters of a message there
)

// htmlKey points at a card.
type htmlKey struct {
	ID   int
	Name string
}

// htmlWorst is one thing that is wrong, with the keys it is wrong of.
type htmlWorst struct {
	htmlFinding        // of the worst key
	Why         string // what can happen
	Keys        []htmlKey
	N           int // all keys
}

// worst is what most needs a person.
func (v *htmlView) worst(r *audit.Report, keys []entry) (out []htmlWorst) {
	all := append(wrong(r, keys), notKnown(keys)...)
	sortTopics(all)
	for _, t := range all[:min(len(all), htmlMostWorst)] {
		if strings.HasPrefix(t.Rule, ruleNotInspected+" (") { // topics keep the causes apart
			t.Rule = ruleNotInspected
		}
		t.Message = shorten(t.Message, htmlBrief)
		w := htmlWorst{htmlFinding: v.finding(t.Finding), Why: v.why(t.Rule), N: len(t.keys)}
		for _, e := range t.keys[:min(len(t.keys), htmlMostKeys)] {
			w.Keys = append(w.Keys, htmlKey{slices.IndexFunc(keys, func(k entry) bool { return k.Result == e.Result }), htmlText(shorten(e.name(), htmlName))})
		}
		out = append(out, w)
	}
	return out
}

// htmlChange is one thing that is not as it was.
type htmlChange struct {
	Key     htmlKey
	Finding htmlFinding
	rank    int
}

// htmlChanges is what changed since the last report. The lists hold the worst;
// the numbers count all.
type htmlChanges struct {
	New, Resolved         []htmlChange
	MoreNew, MoreResolved int
}

// sum says how many there are.
func (c *htmlChanges) sum(fleet int) string {
	text := fmt.Sprintf("%d new or worse, %d resolved", len(c.New)+c.MoreNew, len(c.Resolved)+c.MoreResolved)
	if fleet > 0 {
		text += fmt.Sprintf(", %d about no single key", fleet)
	}
	return text
}

func (v *htmlView) changes(keys []entry) (c htmlChanges) {
	for i := range keys {
		e := &keys[i]
		key := htmlKey{i, htmlText(shorten(e.name(), htmlName))}
		for _, f := range e.fresh() {
			f.Message = shorten(f.Message, htmlBrief)
			c.New = append(c.New, htmlChange{key, v.finding(f), rank(f)})
		}
		for _, rule := range e.Resolved {
			c.Resolved = append(c.Resolved, htmlChange{Key: key, Finding: v.finding(audit.Finding{Rule: rule, Outcome: audit.Passed})})
		}
	}
	slices.SortStableFunc(c.New, func(a, b htmlChange) int { return cmp.Compare(b.rank, a.rank) })
	c.New, c.MoreNew = htmlCut(c.New)
	c.Resolved, c.MoreResolved = htmlCut(c.Resolved)
	return c
}

func htmlCut(all []htmlChange) (some []htmlChange, more int) {
	n := min(len(all), htmlMostChanges)
	return all[:n], len(all) - n
}
