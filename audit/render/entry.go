package render

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// ruleNotInspected is the rule that repeats a failed inspection, which the
// renderers show by itself.
const ruleNotInspected = "not-inspected"

// state is the overall result of a key. The zero value is the cautious one.
type state uint8

const (
	notJudged    state = iota // no rule was applied
	notInspected              // the exchange did not answer that could be judged
	failed
	undetermined
	waived // every open finding is covered by a waiver
	clean
)

// entry is a result prepared for display.
type entry struct {
	*audit.Result
	state    state
	severity audit.Severity  // of the finding that decides the state; unset if there is none
	rank     int             // larger is worse
	order    string          // sorts keys for display: the worst come first, then by name
	failed   []audit.Finding // worst first; without the rule not-inspected
	open     []audit.Finding // undetermined, worst first
	waived   []audit.Finding
	attested []string // rules that pass by attestation
	owned    *owned   // where the keys of its owner are counted; set by a digest
}

// displayOrder is the order in which people see keys.
func displayOrder(a, b *entry) int { return strings.Compare(a.order, b.order) }

func newEntry(r *audit.Result) *entry {
	e := &entry{Result: r, state: clean}
	for _, f := range r.Worst() {
		if n := f.Rank(); n > e.rank {
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
			e.attested = append(e.attested, f.Rule)
		}
	}
	switch {
	case !r.Inspected():
		e.state = notInspected
		e.rank = max(e.rank, alarmRank())
	case len(r.Findings) == 0:
		e.state = notJudged
		e.rank = (&audit.Finding{Severity: audit.High}).Rank() // undetermined
	case e.state == clean && len(e.waived) > 0:
		e.state = waived
		e.rank = 1
	}
	e.order = string([]byte{math.MaxUint8 - uint8(e.rank)}) +
		strings.Join([]string{r.Name, r.Title, r.Snapshot.Environment, r.Snapshot.KeyID}, "\x00")
	return e
}

// urgency is the rank of a finding, and 0 if it is waived.
func urgency(f *audit.Finding) int {
	if f.Waived != "" {
		return 0
	}
	return f.Rank()
}

// alarmRank is the rank of what failed at High.
func alarmRank() int { return (&audit.Finding{Outcome: audit.Failed, Severity: audit.High}).Rank() }

// word is the state as a heading shows it.
func (e *entry) word() string {
	switch e.state {
	case notInspected:
		return "NOT INSPECTED"
	case failed:
		return strings.ToUpper(e.severity.String())
	case undetermined:
		return "UNKNOWN"
	case waived:
		return "waived"
	case clean:
		return "clean"
	default:
		return "NOT JUDGED"
	}
}

// cells are the parts of a key's heading: name, exchange, key ID and policy.
func (e *entry) cells() []string {
	return []string{
		shorten(e.name(), 60), shorten(e.place(), 60),
		"key " + shorten(e.keyID(), 30), e.purpose(),
	}
}

// purpose is what the key is for. One that was not read has no policy, and a bot's own
// policy may have no name.
func (e *entry) purpose() string {
	if p := e.policy(); p != noPolicy {
		return "for " + shorten(p, 60)
	}
	return "(no policy name)"
}

// name is the owner's name for the key, with its host where reports of hosts were merged.
func (e *entry) name() string {
	if e.Name == "" {
		return "(unnamed)"
	}
	return e.FullName()
}

// place is the exchange and the environment.
func (e *entry) place() string {
	text := cmp.Or(e.Title, e.Exchange, "(no exchange)") + " " + cmp.Or(e.Snapshot.Environment, "(no environment)")
	if e.Snapshot.Test && !strings.Contains(e.Snapshot.Environment, "test") {
		text += " (test network)"
	}
	return text
}

func (e *entry) keyID() string { return cmp.Or(e.Snapshot.KeyID, "(not read)") }

// noPolicy is the name that results have for a policy without one.
const noPolicy = "unnamed"

func (e *entry) policy() string { return cmp.Or(e.Policy, noPolicy) }

// verdict sums up a key in one sentence.
func (e *entry) verdict() audit.Headline { return e.Headlines()[0] } // there is always one

// failure is why the key was not inspected, and what to do about it.
func (e *entry) failure() (what, remedy string) {
	f := e.Snapshot.Failure
	what = f.Error()
	if f.RetryAfter > 0 {
		what += fmt.Sprintf("; retry after %s", f.RetryAfter)
	}
	if finding := e.Finding(ruleNotInspected); finding != nil {
		remedy = finding.Remedy
	}
	return what, remedy
}

// failureFinding is the same as a finding, at least high.
func (e *entry) failureFinding() audit.Finding {
	what, remedy := e.failure()
	out := audit.Finding{
		Rule: ruleNotInspected, Outcome: audit.Failed, Severity: audit.High, Message: what, Remedy: remedy,
	}
	if f := e.Finding(ruleNotInspected); f != nil {
		out.Severity, out.New = max(f.Severity, audit.High), f.New
	}
	return out
}

// unanswered stands for the undetermined rules of a key that was not inspected.
func (e *entry) unanswered() string {
	return count(len(e.open), "rule", "rules") + " could not be evaluated: the key was not inspected"
}

// fresh are the open findings of a key that its previous report didn't have,
// worst first, then those that are waived.
func (e *entry) fresh() (out []audit.Finding) {
	for _, f := range slices.Concat(e.Worst(), e.waived) {
		if f.New {
			out = append(out, f)
		}
	}
	return out
}

// rights are the capabilities of a key that are granted, and those that are
// unknown: neither granted nor denied with evidence.
func rights(s *access.Snapshot) (held []access.Grant, unknown []string) {
	all := access.Capabilities()
	for _, g := range s.Grants {
		if g.State == access.Granted {
			held = append(held, g)
		}
		if !slices.Contains(all, g.Capability) {
			all = append(all, g.Capability)
		}
	}
	for _, c := range all {
		if g := s.Grant(c); g.State == access.Unknown || (g.State == access.Denied && g.Evidence == access.NoEvidence) {
			unknown = append(unknown, string(c))
		}
	}
	return held, unknown
}

// right names a granted capability, the exchange's names for it, and its
// limits.
func right(g access.Grant) string {
	text := string(g.Capability)
	if len(g.Names) > 0 {
		text += " (" + strings.Join(g.Names, ", ") + ")"
	}
	if g.Qualifier != "" {
		text += ", " + g.Qualifier
	}
	return text
}
