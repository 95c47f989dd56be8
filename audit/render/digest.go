package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// topic is one rule that needs attention, with all keys that it is about.
type topic struct {
	audit.Finding          // of the worst of the keys
	keys          []*entry // worst first; none if it is about the fleet
	rank          int
	counts        map[audit.Severity]int // of the keys
	// Whether the message and the remedy differ from key to key.
	messages, remedies bool
}

// topics groups findings by rule: the worst first, and among equals the one that is
// as bad for more keys.
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
				all = append(all, topic{Finding: f, counts: map[audit.Severity]int{}})
			}
			all[n].add(e, f)
		}
	}
	sortTopics(all)
	return all
}

func (t *topic) add(e *entry, f audit.Finding) {
	t.messages = t.messages || f.Message != t.Message
	t.remedies = t.remedies || f.Remedy != t.Remedy
	t.keys = append(t.keys, e)
	t.counts[f.Severity]++
	if r := f.Rank(); r > t.rank {
		t.Finding, t.rank = f, r
	}
}

func sortTopics(all []topic) {
	slices.SortStableFunc(all, func(a, b topic) int {
		return cmp.Or(b.rank-a.rank, b.counts[b.Severity]-a.counts[a.Severity], len(b.keys)-len(a.keys), strings.Compare(a.Rule, b.Rule))
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
			all = append(all, topic{Finding: f, rank: f.Rank(), counts: map[audit.Severity]int{}})
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
	return text
}

// many says how many keys a topic is about, and how bad it is for them.
func (t *topic) many() string {
	if len(t.counts) == 1 {
		return fmt.Sprintf("%d keys", len(t.keys))
	}
	return fmt.Sprintf("%d keys (%s)", len(t.keys), severities(t.counts))
}

// title is the rule in words and by its ID. What a rule that is not known is
// about, only its findings say.
func (t *topic) title(book map[string]*audit.Rule) string {
	id, _, _ := strings.Cut(t.Rule, " (") // the causes of failed inspections are topics of their own
	rule := book[id]
	switch {
	case rule == nil:
		return t.Rule
	case id != t.Rule:
		return rule.Title + strings.TrimPrefix(t.Rule, id)
	default:
		return rule.Title + " (" + t.Rule + ")"
	}
}

// message is what the findings of a topic say, if all say the same.
func (t *topic) message() string {
	if t.messages {
		return ""
	}
	return t.Message
}

// remedy is what to do about a topic: the rule's own advice if that of the
// findings differs from key to key.
func (t *topic) remedy(book map[string]*audit.Rule) string {
	rule := book[t.Rule]
	switch {
	case !t.remedies || rule == nil:
		return t.Remedy
	case t.Outcome == audit.Failed:
		return rule.Remedy
	default:
		return cmp.Or(rule.FindOut, rule.Remedy)
	}
}

// sentence is a topic in words, with a message that is true of all its keys.
func (t *topic) sentence(book map[string]*audit.Rule, message string) string {
	text := t.title(book)
	switch {
	case len(t.keys) == 0:
		return text + ": " + t.Message
	case len(t.keys) == 1:
		return text + ", " + t.about(1) + ": " + t.Message
	case message != "":
		message = ". " + message
	}
	return text + ", " + t.many() + ": " + t.about(mostNamed) + message
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

// tally counts keys by state, in the order of the keys: "3 CRITICAL, 1 clean".
func tally(keys []*entry) string {
	var words []string
	n := map[string]int{}
	for _, e := range keys {
		word := e.word()
		if n[word] == 0 {
			words = append(words, word)
		}
		n[word]++
	}
	for i, word := range words {
		words[i] = fmt.Sprintf("%d %s", n[word], word)
	}
	return strings.Join(words, ", ")
}

// owned are the keys of one owner.
type owned struct {
	owner string // empty for keys without one
	keys  []*entry
}

// owners groups keys by owner: the one with the worst key first.
func owners(keys []*entry) (out []owned) {
	at := map[string]int{}
	for _, e := range keys {
		n, ok := at[e.Record.Owner]
		if !ok {
			n = len(out)
			at[e.Record.Owner] = n
			out = append(out, owned{owner: e.Record.Owner})
		}
		out[n].keys = append(out[n].keys, e)
	}
	return out
}

// title names the owner and says how their keys are.
func (o *owned) title() string {
	return fmt.Sprintf("%s: %s, %s", cmp.Or(shorten(o.owner, 60), "(no owner)"), count(len(o.keys), "key", "keys"), tally(o.keys))
}
