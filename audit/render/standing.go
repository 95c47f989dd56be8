package render

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// ruleNotInspected is the rule that repeats a failed inspection, which the
// renderers show by itself.
const ruleNotInspected = "not-inspected"

// state is what a key amounts to. The zero value is the cautious one.
type state uint8

const (
	notJudged    state = iota // no rule was applied
	notInspected              // the exchange gave no answer that could be judged
	failed
	undetermined
	waived // nothing is left but what a waiver accepts
	clean
)

// entry is a result made ready to be shown.
type entry struct {
	*audit.Result
	state    state
	severity audit.Severity  // of what the state rests on; unset if on nothing
	rank     int             // larger is worse
	failed   []audit.Finding // worst first; without the rule not-inspected
	open     []audit.Finding // undetermined, worst first
	waived   []audit.Finding
	declared []string // rules that rest on the owner's word
}

// entries puts the results of a report in the order in which they are shown:
// worst first, then by name.
func entries(r *audit.Report) []entry {
	out := make([]entry, len(r.Results))
	for i, result := range r.Results {
		out[i] = newEntry(result)
	}
	slices.SortStableFunc(out, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(b.rank, a.rank), strings.Compare(a.Name, b.Name), strings.Compare(a.Title, b.Title),
			strings.Compare(a.Snapshot.Environment, b.Snapshot.Environment), strings.Compare(a.Snapshot.KeyID, b.Snapshot.KeyID),
		)
	})
	return out
}

func newEntry(r *audit.Result) entry {
	e := entry{Result: r, state: clean}
	for _, f := range r.Worst() {
		if n := rank(f); n > e.rank {
			e.rank, e.severity, e.state = n, f.Severity, undetermined
			if f.Outcome == audit.Failed {
				e.state = failed
			}
		}
		switch {
		case f.Outcome == audit.Undetermined:
			e.open = append(e.open, f)
		case f.Rule != ruleNotInspected || r.Inspected():
			e.failed = append(e.failed, f)
		}
	}
	for _, f := range r.Findings {
		if f.Waived != "" {
			e.waived = append(e.waived, f)
		}
		if f.Outcome == audit.Passed && f.Evidence == access.Attested {
			e.declared = append(e.declared, f.Rule)
		}
		if f.Outcome > audit.NotApplicable && f.Waived == "" { // no answer that anybody knows
			e.open = append(e.open, f)
			if e.rank < rankOpen {
				e.rank, e.severity, e.state = rankOpen, f.Severity, undetermined
			}
		}
	}
	switch {
	case !r.Inspected():
		e.state = notInspected
		e.rank = max(e.rank, rankAlarm)
	case len(r.Findings) == 0:
		e.state = notJudged
		e.rank = rankOpen
	case e.state == clean && len(e.waived) > 0:
		e.state = waived
		e.rank = 1
	}
	return e
}

const (
	rankOpen  = 1 + int(audit.High) + 10 // undetermined and high
	rankAlarm = rankOpen + 5             // failed and high
)

// rank orders findings by what they should keep a person from doing: first
// what stops a bot by default, and among that what failed.
func rank(f audit.Finding) int {
	severity := f.Severity
	if severity == 0 { // a rule that doesn't say how bad it is
		severity = audit.High
	}
	n := 1 + int(severity)
	if f.Outcome == audit.Failed {
		n += 5
	}
	if severity >= audit.High {
		n += 10
	}
	return n
}

// word is the state as a heading says it.
func (e *entry) word() string {
	switch e.state {
	case notInspected:
		return "NOT INSPECTED"
	case failed:
		return strings.ToUpper(e.severity.String())
	case undetermined:
		return "UNDETERMINED"
	case waived:
		return "waived"
	case clean:
		return "clean"
	default:
		return "NOT JUDGED"
	}
}

// cells are what a heading says of a key: name, exchange, key and purpose.
func (e *entry) cells() []string {
	return []string{shorten(e.name(), 60), shorten(e.place(), 60), "key " + shorten(e.keyID(), 30), "for " + shorten(e.policy(), 60)}
}

// name is what the owner calls the key.
func (e *entry) name() string {
	if e.Name == "" {
		return "(unnamed)"
	}
	return e.Name
}

// place is the exchange and the environment.
func (e *entry) place() string {
	exchange := cmp.Or(e.Title, e.Exchange, "(no exchange)")
	text := exchange + " " + cmp.Or(e.Snapshot.Environment, "(no environment)")
	if e.Snapshot.Test {
		text += " (play money)"
	}
	return text
}

func (e *entry) keyID() string { return cmp.Or(e.Snapshot.KeyID, "(not read)") }

func (e *entry) policy() string { return cmp.Or(e.Policy, "unnamed") }

// failure is why the key was not inspected, and what to do about it.
func (e *entry) failure() (what, remedy string) {
	f := e.Snapshot.Failure
	what = f.Error()
	if f.RetryAfter > 0 {
		what += fmt.Sprintf("; it asks to wait %s", f.RetryAfter)
	}
	if finding := e.Finding(ruleNotInspected); finding != nil {
		remedy = finding.Remedy
	}
	return what, remedy
}

var (
	errNoReport = errors.New("render: there is no report")
	errEncode   = errors.New("render: the report holds a value that JSON has no form for")
)

// whole refuses a report that no run makes: the parts without which a result
// means nothing must be there.
func whole(r *audit.Report) error {
	if r == nil {
		return errNoReport
	}
	for i, result := range r.Results {
		if err := wholeResult(result); err != nil {
			return fmt.Errorf("render: result %d %w", i+1, err)
		}
	}
	return nil
}

var (
	errNoResult   = errors.New("is missing")
	errNoSnapshot = errors.New("has no snapshot")
	errNoSibling  = errors.New("has an empty entry among the account's other keys")
	errFailedLast = errors.New("has, as what was last found, a snapshot of a failed inspection")
)

func wholeResult(r *audit.Result) error {
	switch {
	case r == nil:
		return errNoResult
	case r.Snapshot == nil:
		return errNoSnapshot
	case r.Last != nil && r.Last.Failure != nil:
		return errFailedLast
	case !wholeSnapshot(r.Snapshot), r.Last != nil && !wholeSnapshot(r.Last):
		return errNoSibling
	}
	return nil
}

func wholeSnapshot(s *access.Snapshot) bool {
	return s != nil && !slices.ContainsFunc(s.Siblings, func(sibling *access.Snapshot) bool { return !wholeSnapshot(sibling) })
}

// list joins texts as a sentence has them, and counts instead of listing
// beyond the limit; 0 is no limit.
func list(texts []string, limit int) string {
	if limit > 0 && len(texts) > limit {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:limit], ", "), len(texts)-limit)
	}
	return strings.Join(texts, ", ")
}

// rules names the rules of findings, by severity in the order they come in:
// "critical: withdrawal, ip-allowlist; low: label". Beyond the limit it counts.
func rules(findings []audit.Finding, limit int) string {
	var text strings.Builder
	var last audit.Severity
	for i, f := range findings {
		switch {
		case i == limit:
			fmt.Fprintf(&text, " and %d more", len(findings)-i)
			return text.String()
		case i == 0:
			fmt.Fprintf(&text, "%s: ", f.Severity)
		case f.Severity != last:
			fmt.Fprintf(&text, "; %s: ", f.Severity)
		default:
			text.WriteString(", ")
		}
		last = f.Severity
		text.WriteString(f.Rule)
	}
	return text.String()
}

// severities says how many there are of each, worst first; "none" if nothing.
func severities(m map[audit.Severity]int) string {
	var parts []string
	for _, s := range descending {
		if n := m[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

var descending = []audit.Severity{audit.Critical, audit.High, audit.Medium, audit.Low, audit.Info}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
