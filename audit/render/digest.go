package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// digest is what a report shows of all its keys, of a size that doesn't grow with their
// number: the worst keys, the worst of those that changed, and counts.
type digest struct {
	attest   AttestFunc
	commands int // that a topic keeps
	n        int // keys
	worst    first[*entry]
	changed  first[*entry] // of which something is new, then the others
	owners   map[string]*owned
	cut      tally // the keys that are not among the worst
	tiles    exposures
	failing  int // keys that failed a rule or were not inspected
	unclean  int
	rank     int // of the worst key
	failures topics
	unknowns topics // of keys that were inspected
	missed   topic
	unjudged topic
}

// newDigest keeps so many keys.
func newDigest(keys int) *digest {
	d := &digest{owners: map[string]*owned{}, failures: topics{}, unknowns: topics{}}
	d.worst = first[*entry]{most: keys, compare: displayOrder, cut: func(e *entry) {
		d.cut.add(e)
		e.owned.cut.add(e)
	}}
	d.changed = first[*entry]{most: keys, compare: func(a, b *entry) int {
		return cmp.Or(min(len(b.fresh()), 1)-min(len(a.fresh()), 1), displayOrder(a, b))
	}}
	return d
}

func (d *digest) add(e *entry) {
	d.n++
	e.order += fmt.Sprintf("\x00%09d", d.n) // no two keys have the same
	d.rank = max(d.rank, e.rank)
	if e.state != clean {
		d.unclean++
	}
	d.tiles.add(e)
	e.owned = d.owner(e.Record.Owner)
	d.worst.add(e)
	if e.Changed() {
		d.changed.add(e)
	}
	switch e.state { //nolint:exhaustive // the other states are known
	case notInspected:
		f := e.failureFinding()
		d.missed.add(e, f)
		f.Rule = fmt.Sprintf("%s (%s)", ruleNotInspected, e.Snapshot.Failure.Kind) // keeps the causes apart
		d.failures.add(e, f)
	case notJudged:
		d.unjudged.add(e, audit.Finding{})
	}
	for _, f := range e.failed {
		d.failures.add(e, f)
	}
	if len(e.failed) > 0 || e.state == notInspected {
		d.failing++
	}
	if e.state == notInspected { // everything is unknown
		return
	}
	for i := range e.open {
		t := d.unknowns.add(e, e.open[i])
		if d.attest != nil {
			t.command(e, plain(d.attest(e.Result, &e.open[i])), d.commands)
		}
	}
}

// verdict is that on the fleet, which may have keys that are in no report.
func (d *digest) verdict(r *audit.Report) string {
	verdict := d.tiles.verdict()
	if slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Rule == ruleNotInspected && open(f) }) {
		verdict = strings.TrimSuffix(verdict, ".") + "; there may be further keys."
	}
	return verdict
}

// since reports whether anything changed since the previous report.
func (d *digest) since(r *audit.Report) bool {
	return r.Baseline != nil && (len(r.Findings) > 0 || d.changed.n > 0)
}

// topic is one rule that needs attention, with what to say of the keys that it is about.
type topic struct {
	audit.Finding              // of the worst of the keys
	order         string       // of that one
	keys          int          // none if it is about the fleet
	named         first[named] // worst first
	commands      first[named] // each once, with those keys
	last          string       // command; keys of the same name come one after the other
	rank          int
	counts        map[audit.Severity]int // of the keys
	// Whether the message and the remedy differ from key to key.
	messages, remedies bool
}

// named is a text about a key, such as its name.
type named struct{ order, text string }

func byOrder(a, b named) int { return strings.Compare(a.order, b.order) }

const topicNames = 6

// topics are those of some findings, by rule.
type topics map[string]*topic

func (all topics) add(e *entry, f audit.Finding) *topic {
	t := all[f.Rule]
	if t == nil {
		t = &topic{}
		all[f.Rule] = t
	}
	t.add(e, f)
	return t
}

func (t *topic) add(e *entry, f audit.Finding) {
	if t.keys == 0 {
		t.Finding, t.order, t.counts = f, e.order, map[audit.Severity]int{}
		t.named = first[named]{most: topicNames, compare: byOrder}
	}
	t.keys++
	t.messages = t.messages || f.Message != t.Message
	t.remedies = t.remedies || f.Remedy != t.Remedy
	t.named.add(named{e.order, e.name()})
	t.counts[f.Severity]++
	if r := f.Rank(); r > t.rank || (r == t.rank && e.order < t.order) {
		t.Finding, t.rank, t.order = f, r, e.order
	}
}

// command adds the command that attests a key's finding; so many are kept.
func (t *topic) command(e *entry, text string, most int) {
	if text == "" || text == t.last {
		return
	}
	t.last = text
	t.commands.most, t.commands.compare = most, byOrder
	t.commands.add(named{e.order, text})
}

// sorted are the topics, the worst first, and among equals the one that is as bad for
// more keys.
func (all topics) sorted() []*topic { return sortTopics(slices.Collect(maps.Values(all))) }

func sortTopics(all []*topic) []*topic {
	slices.SortStableFunc(all, func(a, b *topic) int {
		return cmp.Or(b.rank-a.rank, b.counts[b.Severity]-a.counts[a.Severity], b.keys-a.keys, strings.Compare(a.Rule, b.Rule))
	})
	return all
}

// failed are the topics of what failed, of keys that were not inspected, and
// of the fleet.
func (d *digest) failed(r *audit.Report) []*topic {
	all := d.failures.sorted()
	for _, f := range r.Findings {
		if f.Waived == "" && f.Outcome == audit.Failed {
			all = append(all, &topic{Finding: f, rank: f.Rank()})
		}
	}
	return sortTopics(all)
}

// about names the keys of a topic, as far as there is room.
func (t *topic) about(most int) string {
	names := t.named.all()
	if t.keys == 1 {
		return shorten(names[0].text, 60)
	}
	names = names[:min(len(names), most)]
	texts := make([]string, len(names))
	for i := range names {
		texts[i] = shorten(names[i].text, 40)
	}
	text := strings.Join(texts, ", ")
	if more := t.keys - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// many says how many keys a topic is about, and how bad it is for them.
func (t *topic) many() string {
	if len(t.counts) == 1 {
		return fmt.Sprintf("%d keys", t.keys)
	}
	return fmt.Sprintf("%d keys (%s)", t.keys, severities(t.counts))
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
	case t.keys == 0:
		return text + ": " + t.Message
	case t.keys == 1:
		return text + ", " + t.about(1) + ": " + t.Message
	case message != "":
		message = ". " + message
	}
	return text + ", " + t.many() + ": " + t.about(mostNamed) + message
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
