package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

const historyHead = `keyaudit history --state FILE lists the keys that runs have seen: since when, when each last
changed, and what is open. keyaudit history --state FILE KEY shows what has become of one key: when
it was created and first seen, rights gained and lost, changes of its IP allowlist, rotations,
findings opened, closed and waived, and when it was gone. Where reports of hosts were merged,
HOST/KEY shows the key of one host, and KEY those of all. Times are in UTC, and those of the runs.

`

// historyCommand shows what a state knows of keys.
func (a app) historyCommand() *command {
	var state string
	c := a.newCommand("history [KEY]", "show what has become of a key since it was first seen, or list all keys", historyHead, "")
	c.stateOf(&state, stateRead)
	c.completes(&state, namesToComplete)
	format := c.listFormat()
	return c.does(func(ctx context.Context, args []string) int {
		if len(args) > 1 {
			c.problem("history: name one key, or none for a list of all")
		}
		s := a.openPast(ctx, c, state, store.OpenForReading)
		if s != nil {
			defer s.Close() //nolint:errcheck // opened for reading
		}
		var name, host string
		var err error
		if len(c.problems) == 0 && len(args) == 1 {
			name, host, err = c.keyNamed(ctx, s, args[0])
		}
		switch {
		case err != nil:
			return a.lost(state, err)
		case len(c.problems) > 0:
			return a.refuse(c.problems)
		case len(args) == 0:
			return a.listKeys(ctx, s, state, *format)
		}
		found, err := s.History(ctx, name)
		if err != nil {
			return a.lost(state, err)
		}
		if host != "" {
			found = slices.DeleteFunc(found, func(h *store.History) bool { return shownHost(h) != host })
		}
		told := make([]toldHistory, len(found))
		for i, h := range found {
			told[i] = newToldHistory(h)
		}
		if *format == formatJSON {
			return a.writeJSON(told)
		}
		for i := range told {
			separate(a.stdout, i)
			told[i].write(a.stdout)
		}
		return audit.ExitClean
	})
}

// toldHistory is what has become of a key.
type toldHistory struct {
	Name        string      `json:"name"`
	Host        string      `json:"host,omitempty"` // where the reports of hosts were merged
	Exchange    string      `json:"exchange"`
	Environment string      `json:"environment"`
	KeyID       string      `json:"key_id,omitempty"`
	Owner       string      `json:"owner,omitempty"`
	Policy      string      `json:"policy"`
	Created     time.Time   `json:"created,omitzero"`
	FirstSeen   time.Time   `json:"first_seen"`
	Gone        bool        `json:"gone"`
	Demo        bool        `json:"demo,omitempty"`
	Events      []toldEvent `json:"events"`
}

// toldEvent is one thing that a run found.
type toldEvent struct {
	At       time.Time      `json:"at"`
	Run      int64          `json:"run,omitempty"` // none for what the exchange dates
	What     string         `json:"what"`
	Rule     string         `json:"rule,omitempty"`
	Outcome  string         `json:"outcome,omitempty"`
	Severity audit.Severity `json:"severity,omitempty"`
	Until    time.Time      `json:"until,omitzero"` // of a waiver, or an attestation
	By       string         `json:"by,omitempty"`   // who attested, or owns the key whose finding is waived
	Text     string         `json:"text"`
}

func newToldHistory(h *store.History) toldHistory {
	last := h.Last
	told := toldHistory{
		Name: last.Name, Host: last.Record.Host, Exchange: last.Exchange, Environment: last.Snapshot.Environment, KeyID: last.Snapshot.KeyID, Owner: last.Record.Owner,
		Policy: last.Policy, FirstSeen: firstSeen(last), Gone: h.Gone, Events: []toldEvent{},
	}
	for i := range h.Events {
		e := &h.Events[i]
		told.Demo = e.Run.Report.Demo
		if created := e.Result.Snapshot.Created; !e.Gone && !created.IsZero() && !created.Equal(told.Created) {
			told.Created = created
			told.Events = append(told.Events, toldEvent{At: created, What: "created", Text: "created, as the exchange reports: key " + e.Result.Snapshot.KeyID})
		}
		if first := firstSeen(e.Result); first.Before(told.FirstSeen) { // another key may have taken its place since
			told.FirstSeen = first
		}
		told.add(e)
	}
	slices.SortStableFunc(told.Events, func(a, b toldEvent) int { return a.At.Compare(b.At) })
	return told
}

func firstSeen(r *audit.Result) time.Time {
	if !r.Snapshot.FirstSeen.IsZero() {
		return r.Snapshot.FirstSeen
	}
	return r.Snapshot.TakenAt
}

// add adds what one run found.
func (t *toldHistory) add(e *store.Event) {
	say := func(what, text string) {
		t.Events = append(t.Events, toldEvent{At: e.Run.Report.Started, Run: e.Run.ID, What: what, Text: text})
	}
	r := e.Result
	switch earlier := firstSeen(r); {
	case e.First && earlier.Before(e.Run.Report.Started):
		say("first seen", "in the earliest run that is kept; first seen "+stamp(earlier))
	case e.First:
		say("first seen", "first seen")
	case e.Gone:
		say("gone", "gone: the run did not have the key")
	case e.Back:
		say("back", "back: the run had the key again")
	default: // it was there before
	}
	if e.Policy != "" {
		say("policy", fmt.Sprintf("judged by the policy %s in place of %s", r.Policy, e.Policy))
	}
	for _, f := range e.Facts {
		t.Events = append(t.Events, toldEvent{
			At: e.Run.Report.Started, Run: e.Run.ID, What: "changed", Rule: f.Rule, Outcome: f.Outcome.String(), Severity: f.Severity, Text: f.Message,
		})
	}
	for i := range e.Changes {
		t.Events = append(t.Events, newChange(e, &e.Changes[i]))
	}
}

// newChange is what has become of a finding, in words.
func newChange(e *store.Event, c *store.Change) toldEvent {
	r := e.Result
	told := toldEvent{At: e.Run.Report.Started, Run: e.Run.ID, What: c.What, Rule: c.Rule, Outcome: c.Outcome.String(), Severity: c.Severity}
	switch c.What {
	case store.Closed:
		for _, attested := range r.JudgedBy.Attestations {
			if sameRule(attested.Rule, c.Rule) && c.Outcome == audit.Passed && attested.Until.After(r.Snapshot.TakenAt) {
				told.By, told.Until = attested.By, attested.Until
				told.Text = fmt.Sprintf("attested by %s until %s: %s", attested.By, day(attested.Until), attested.Statement)
			}
		}
		told.Text = cmp.Or(told.Text, titleOf(c.Rule))
	case store.Waived:
		told.Text = titleOf(c.Rule)
		for _, waiver := range r.JudgedBy.Waivers {
			if sameRule(waiver.Rule, c.Rule) {
				told.By, told.Until = r.Record.Owner, waiver.Until
				told.Text = fmt.Sprintf("until %s%s: %s", day(waiver.Until), ownedBy(r), waiver.Reason)
			}
		}
	default:
		told.Text = worded(r, &c.Finding)
	}
	return told
}

// ownedBy names the owner of a key, who answers for its waivers: no inventory says who
// wrote one.
func ownedBy(r *audit.Result) string {
	if r.Record.Owner == "" {
		return ""
	}
	return " (owner of the key: " + r.Record.Owner + ")"
}

func sameRule(written, id string) bool { return cmp.Or(audit.RenamedRules()[written], written) == id }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// titleOf is a rule's title; its ID if this version does not know it.
func titleOf(id string) string {
	for _, r := range audit.Rules() {
		if r.ID == id {
			return r.Title
		}
	}
	return id
}

// worded is what a finding said. The words are made again by judging; what only the other
// keys of the run showed has the rule's title.
func worded(r *audit.Result, f *audit.Finding) string {
	if f.Rule == audit.RuleNotInspected && r.Snapshot.Failure != nil {
		return r.Snapshot.Failure.Error()
	}
	again := r.Rejudge(r.JudgedBy, r.Snapshot.TakenAt, nil).Finding(f.Rule)
	if again == nil || again.Outcome != f.Outcome || again.Severity != f.Severity {
		return titleOf(f.Rule)
	}
	return again.Message
}

// Columns of a timeline.
const (
	timelineText  = 24 // where the text begins
	timelineWidth = 100
)

// write shows a person what has become of a key.
func (t *toldHistory) write(w io.Writer) {
	if t.Demo {
		fmt.Fprintf(w, "%s.\n\n", demoNotice)
	}
	about := []string{placeOf(t.Exchange, t.Environment)}
	for _, part := range [][2]string{{"on the host ", t.Host}, {"key ", t.KeyID}, {"for ", t.Policy}, {"owner: ", t.Owner}} {
		if part[1] != "" {
			about = append(about, part[0]+access.Printable(part[1]))
		}
	}
	if t.Gone {
		about = append(about, "gone")
	}
	fmt.Fprintf(w, "%s: %s; first seen %s\n\n", access.Printable(t.Name), strings.Join(about, ", "), stamp(t.FirstSeen))
	last := ""
	for _, e := range gathered(t.Events) {
		lead := stamp(e.At)
		if lead == last {
			lead = ""
		} else {
			last = lead
		}
		paragraph(w, lead, access.Printable(e.sentence()), timelineText, timelineWidth)
	}
}

// sentence is an event on one line.
func (e *toldEvent) sentence() string {
	switch {
	case e.Rule == "":
		return e.Text
	case e.What == "changed":
		return fmt.Sprintf("%s (%s): %s", e.Rule, e.mark(), e.Text)
	case e.What == store.Closed && e.By == "":
		return fmt.Sprintf("closed: %s (was %s)", e.Rule, e.Severity)
	default:
		return fmt.Sprintf("%s: %s (%s): %s", e.What, e.Rule, e.mark(), e.Text)
	}
}

func (e *toldEvent) mark() string {
	if e.Outcome == audit.Undetermined.String() {
		return "unknown, up to " + e.Severity.String()
	}
	return e.Severity.String()
}

// gathered puts what a run could not determine, and what needs no words, on one line each.
func gathered(events []toldEvent) (out []toldEvent) {
	lines := map[string]int{} // by the time and what became of it
	for _, e := range events {
		kind := ""
		switch {
		case e.Rule == "" || e.Rule == audit.RuleNotInspected || e.By != "":
		case e.What == store.Closed:
			kind = store.Closed
		case e.Outcome == audit.Undetermined.String() && e.What != "changed" && e.What != store.Waived:
			kind = e.What + ", unknown"
		}
		if kind == "" {
			out = append(out, e)
			continue
		}
		item := fmt.Sprintf("%s (%s)", e.Rule, e.Severity)
		id := fmt.Sprint(e.Run, kind)
		if at, known := lines[id]; known {
			out[at].Text += ", " + item
			continue
		}
		lines[id] = len(out)
		out = append(out, toldEvent{At: e.At, Run: e.Run, What: e.What, Text: kind + ": " + item})
	}
	return out
}
