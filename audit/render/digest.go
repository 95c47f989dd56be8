package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// topic is one thing that needs attention, with all keys that it is about.
type topic struct {
	audit.Finding          // of the worst of the keys
	keys          []*entry // worst first; none if it is about the fleet
	rank          int
}

// topics groups findings by rule: the worst first, and among equals the one
// about more keys.
func topics(keys []entry, of func(*entry) []audit.Finding) []topic {
	at := map[string]int{}
	var all []topic
	for i := range keys {
		e := &keys[i]
		for _, f := range of(e) {
			n, ok := at[f.Rule]
			if !ok {
				n = len(all)
				at[f.Rule] = n
				all = append(all, topic{})
			}
			t := &all[n]
			t.keys = append(t.keys, e)
			if r := f.Rank(); r > t.rank {
				t.Finding, t.rank = f, r
			}
		}
	}
	sortTopics(all)
	return all
}

func sortTopics(all []topic) {
	slices.SortStableFunc(all, func(a, b topic) int {
		return cmp.Or(b.rank-a.rank, len(b.keys)-len(a.keys), strings.Compare(a.Rule, b.Rule))
	})
}

// failures are the topics of what failed, of keys that were not inspected, and
// of the fleet.
func failures(r *audit.Report, keys []entry) []topic {
	all := topics(keys, func(e *entry) []audit.Finding {
		if e.state != notInspected {
			return e.failed
		}
		f := e.failureFinding()
		f.Rule = fmt.Sprintf("%s (%s)", ruleNotInspected, e.Snapshot.Failure.Kind) // keeps the causes apart
		return append([]audit.Finding{f}, e.failed...)
	})
	for _, f := range r.Findings {
		if f.Waived == "" && f.Outcome == audit.Failed {
			all = append(all, topic{Finding: f, rank: f.Rank()})
		}
	}
	sortTopics(all)
	return all
}

// failing counts the keys that failed a rule or were not inspected.
func failing(keys []entry) (n int) {
	for i := range keys {
		if len(keys[i].failed) > 0 || keys[i].state == notInspected {
			n++
		}
	}
	return n
}

// unknowns are the topics of what could not be determined about keys that were
// inspected.
func unknowns(keys []entry) []topic {
	return topics(keys, func(e *entry) []audit.Finding {
		if e.state == notInspected { // everything is unknown
			return nil
		}
		return e.open
	})
}

// about names the keys of a topic, as far as there is room.
func (t *topic) about(most int) string {
	if len(t.keys) == 1 {
		return shorten(t.keys[0].name(), 60)
	}
	names := make([]string, 0, most)
	for _, e := range t.keys[:min(len(t.keys), most)] {
		names = append(names, shorten(e.name(), 40))
	}
	text := strings.Join(names, ", ")
	if more := len(t.keys) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%d keys (%s)", len(t.keys), text)
}

// sentence is a topic in words.
func (t *topic) sentence(most int) string {
	if len(t.keys) == 0 {
		return t.Rule + ": " + t.Message
	}
	return t.Rule + ", " + t.about(most) + ": " + t.Message
}

// changes are the keys of which something changed: first those of which
// something is new.
func changes(keys []entry) []*entry {
	var withNew, resolved []*entry
	for i := range keys {
		switch e := &keys[i]; {
		case len(e.fresh()) > 0:
			withNew = append(withNew, e)
		case e.Changed():
			resolved = append(resolved, e)
		}
	}
	return append(withNew, resolved...)
}

// change says in one line what changed about a key since the previous report;
// empty if nothing did.
func (e *entry) change() string {
	const most = 8
	var failures, open []audit.Finding
	for _, f := range e.fresh() {
		if f.Outcome == audit.Failed {
			failures = append(failures, f)
		} else {
			open = append(open, f)
		}
	}
	var parts []string
	if len(failures) > 0 {
		parts = append(parts, "new "+rules(failures, most))
	}
	if len(open) > 0 {
		parts = append(parts, "newly unknown "+rules(open, most))
	}
	if len(e.Resolved) > 0 {
		parts = append(parts, "resolved "+list(e.Resolved, most))
	}
	return strings.Join(parts, " · ")
}

// tally counts keys by state and by exchange: "3 CRITICAL (Bybit live 2, OKX
// live 1), 1 clean (Kraken live 1)".
func tally(keys []*entry) string {
	var words []string // in the order of the keys
	at := map[string]map[string]int{}
	n := map[string]int{}
	for _, e := range keys {
		word := e.word()
		if at[word] == nil {
			words = append(words, word)
			at[word] = map[string]int{}
		}
		at[word][e.place()]++
		n[word]++
	}
	for i, word := range words {
		words[i] = fmt.Sprintf("%d %s (%s)", n[word], word, exchanges(at[word]))
	}
	return strings.Join(words, ", ")
}

// exchanges says how many keys are at each exchange, most first.
func exchanges(n map[string]int) string {
	const most = 8
	places := make([]string, 0, len(n))
	for place := range n {
		places = append(places, place)
	}
	slices.SortFunc(places, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), strings.Compare(a, b)) })
	for i, place := range places {
		places[i] = fmt.Sprintf("%s %d", shorten(place, 60), n[place])
	}
	return list(places, most)
}
