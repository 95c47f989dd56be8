package render

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// What the page shows above the keys.

// htmlCount counts the findings of one kind.
type htmlCount struct {
	Cell string
	N    int
	Text string
}

// summarize fills the summary and the footer.
func (p *htmlPage) summarize(r *audit.Report) {
	p.Scope = fmt.Sprintf("%s, %s sent",
		count(len(p.Exchanges), "exchange", "exchanges"), count(r.Summary.Requests, "request", "requests"))
	if !r.Started.IsZero() {
		p.When = stamp(r.Started)
	}
	p.NotAssessed = fmt.Sprintf("%s; undetermined facts: %s",
		count(r.Summary.NotInspected, "key", "keys"), severities(r.Summary.Undetermined))
	if r.Demo {
		p.Demo = demoNotice
	}
	p.Map, p.Digest = htmlText(mapWords(r)), htmlText(digestWords(r))
	if r.Baseline != nil {
		p.Since = since(r.Baseline)
	}
	p.Changed = p.Changes.sum(len(r.Findings))
	p.Counts = htmlCounts(&r.Summary)
}

// htmlCounts are the counts of the summary, worst first.
func htmlCounts(s *audit.Summary) (out []htmlCount) {
	for _, side := range []struct {
		counts map[audit.Severity]int
		failed bool
		format string
	}{{s.Failed, true, "%s"}, {s.Undetermined, false, "unknown, up to %s"}} {
		for _, severity := range descending {
			if n := side.counts[severity]; n > 0 {
				cell := string(htmlLetter(severity, side.failed))
				out = append(out, htmlCount{cell, n, fmt.Sprintf(side.format, severity)})
			}
		}
	}
	if s.Waived > 0 {
		out = append(out, htmlCount{"w", s.Waived, "waived"})
	}
	return out
}

func (e *entry) exchange() string {
	return htmlText(shorten(cmp.Or(e.Title, e.Exchange, "(no exchange)"), htmlName))
}

const (
	htmlMostWorst   = 3
	htmlMostChanges = 8
	htmlName        = 60  // characters of a name in a list
	htmlBrief       = 300 // characters of a message there
)

// htmlKey points at a card.
type htmlKey struct {
	ID   int // -1 if it has none
	Name string
}

// htmlWorst is one finding, with the keys that have it.
type htmlWorst struct {
	htmlFinding        // of the worst key
	Why         string // what can happen
	Keys        []htmlKey
	N           int    // all keys
	Many        string // the same in words, by severity
}

// worst is what most needs attention.
func (v *htmlView) worst(r *audit.Report, d *digest, cards map[string]int) (out []htmlWorst) {
	all := sortTopics(append(d.failed(r), d.unknowns.sorted()...))
	for _, t := range all[:min(len(all), htmlMostWorst)] {
		if strings.HasPrefix(t.Rule, ruleNotInspected+" (") { // topics keep the causes apart
			t.Rule = ruleNotInspected
		}
		t.Message, t.Remedy = shorten(t.Message, htmlBrief), t.remedy(v.catalogue)
		w := htmlWorst{htmlFinding: v.finding(t.Finding), Why: v.why(t.Rule), N: t.keys, Many: t.many()}
		for _, key := range t.named.all() {
			if id, ok := cards[key.order]; ok {
				w.Keys = append(w.Keys, htmlKey{id, htmlText(shorten(key.text, htmlName))})
			}
		}
		out = append(out, w)
	}
	return out
}

// htmlChange is one finding that is new or resolved.
type htmlChange struct {
	Key     htmlKey
	Finding htmlFinding
	rank    int
	order   string // of the key
}

// htmlChanges is what changed since the previous report. The lists hold the
// worst; the numbers count the others.
type htmlChanges struct {
	New, Resolved         []htmlChange
	MoreNew, MoreResolved int
}

// sum counts them all, and fleet-wide findings; empty if there is nothing.
func (c *htmlChanges) sum(fleet int) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{len(c.New) + c.MoreNew, "new or worse"}, {len(c.Resolved) + c.MoreResolved, "resolved"}, {fleet, "fleet-wide"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// changes gathers what changed about a key.
func (h *htmlWriter) changes(e *entry) {
	key := htmlKey{-1, htmlText(shorten(e.name(), htmlName))}
	for _, f := range e.fresh() {
		f.Message = shorten(f.Message, htmlBrief)
		h.fresh.add(htmlChange{key, h.view.finding(f), f.Rank(), e.order})
	}
	for _, rule := range e.Resolved {
		f := audit.Finding{Rule: rule, Outcome: audit.Passed}
		h.resolved.add(htmlChange{key, h.view.finding(f), 0, e.order})
	}
}

func newHTMLChanges(fresh, resolved *first[htmlChange], cards map[string]int) htmlChanges {
	c := htmlChanges{New: fresh.all(), Resolved: resolved.all(), MoreNew: fresh.more(), MoreResolved: resolved.more()}
	for _, list := range [][]htmlChange{c.New, c.Resolved} {
		for i := range list {
			if id, ok := cards[list[i].order]; ok {
				list[i].Key.ID = id
			}
		}
	}
	return c
}
