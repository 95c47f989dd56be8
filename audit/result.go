package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Result is what was found about one key.
type Result struct {
	Name     string `json:"name"`
	Exchange string `json:"exchange"`
	Title    string `json:"title"`
	KeyPage  string `json:"key_page,omitempty"`
	// Steps say how an owner does a task at the exchange. Remedies end with them.
	Steps    map[adapter.Task]string `json:"steps,omitempty"`
	Policy   string                  `json:"policy"`    // the name of JudgedBy
	JudgedBy Policy                  `json:"judged_by"` // what the key is for
	Record   Record                  `json:"record,omitzero"`
	Snapshot *access.Snapshot        `json:"snapshot"`
	// Last is what was found when the key was last inspected, if it could not
	// be this time.
	Last *access.Snapshot `json:"last,omitempty"`
	// Findings hold one answer per rule, in the rules' order.
	Findings []Finding `json:"findings"`
	// Resolved are rules that failed in the previous report and pass now.
	Resolved []string `json:"resolved,omitempty"`

	firstSeen time.Time // while reports are compared; then in the snapshot
}

// FullName is the name of the key, after that of its host where the reports of hosts were
// merged: another host may have a key of the same name.
func (r *Result) FullName() string {
	if r.Record.Host == "" {
		return r.Name
	}
	return r.Record.Host + "/" + r.Name
}

// Finding returns the finding of a rule, or nil.
func (r *Result) Finding(rule string) *Finding {
	for i := range r.Findings {
		if r.Findings[i].Rule == rule {
			return &r.Findings[i]
		}
	}
	return nil
}

// Worst returns the failed and undetermined findings that are not waived, by their
// Rank: the worst first.
func (r *Result) Worst() []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Waived == "" && f.open() {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return b.Rank() - a.Rank() })
	return out
}

// Inspected reports whether the exchange gave an answer that could be judged.
func (r *Result) Inspected() bool { return r.facts().Failure == nil }

// facts is the snapshot, also for a stored result that has none.
func (r *Result) facts() *access.Snapshot {
	if r.Snapshot == nil {
		return noSnapshot()
	}
	return r.Snapshot
}

func noSnapshot() *access.Snapshot {
	return &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{Message: "there is no snapshot"}}}
}

// identity is by what a key is known from one report to the next.
type identity struct{ host, name, exchange, environment, fingerprint string }

// identity takes from the last inspection what this one doesn't know.
func (r *Result) identity() identity {
	s := r.known()
	return identity{r.Record.Host, r.Name, cmp.Or(s.Exchange, r.Exchange), s.Environment, r.fingerprint()}
}

// fingerprint is that of the key, as last read; empty if it never was.
func (r *Result) fingerprint() string {
	if s := r.facts(); s.Fingerprint != "" || r.Last == nil {
		return s.Fingerprint
	}
	return r.Last.Fingerprint
}

// unplaced reports whether exchange and environment are no more than what the
// owner wrote: nothing was sent, for bad input.
func (r *Result) unplaced() bool {
	f := r.facts().Failure
	return f != nil && r.Last == nil && (f.Kind == access.KindInput || r.facts().Environment == "")
}

// inspected is the last snapshot that an inspection gave, or nil.
func (r *Result) inspected() *access.Snapshot {
	switch {
	case r == nil:
		return nil
	case r.Inspected():
		return r.Snapshot
	default:
		return r.Last
	}
}

// known is what an inspection last gave, or what the failure of the only one
// left. Never nil.
func (r *Result) known() *access.Snapshot {
	if s := r.inspected(); s != nil {
		return s
	}
	return r.facts()
}

// remember carries over what only earlier reports know.
func (r *Result) remember(last *Result) {
	s := r.Snapshot
	if last == nil {
		r.firstSeen = s.FirstSeen
	}
	if r.Inspected() {
		r.Last = nil
	} else if known := last.inspected(); known != nil {
		r.Last = known
	}
	r.sighted(s.TakenAt)
	if last == nil {
		return
	}
	for _, old := range []*access.Snapshot{last.facts(), last.known()} {
		if old.Fingerprint == s.Fingerprint || s.Fingerprint == "" { // and not after a rotation
			r.sighted(old.TakenAt, old.FirstSeen)
		}
	}
}

// sighted notes when the key was audited.
func (r *Result) sighted(times ...time.Time) {
	for _, at := range times {
		if !at.IsZero() && (r.firstSeen.IsZero() || at.Before(r.firstSeen)) {
			r.firstSeen = at
		}
	}
}

// counts leaves out what goes without saying: after a failure, that nothing is
// known.
func (r *Result) counts(f *Finding) bool { return r.Inspected() || f.Outcome == Failed }

// Changed reports whether anything is new or resolved since the previous report.
func (r *Result) Changed() bool {
	return len(r.Resolved) > 0 || slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.New })
}

// called is the key's name and place, as a sentence needs it.
func (r *Result) called() string {
	place := strings.TrimSpace(cmp.Or(r.Title, r.Exchange) + " " + r.known().Environment)
	return fmt.Sprintf("%s (%s)", quoteName(r), place)
}

func (r *Result) accepted(rule string) bool {
	f := r.Finding(rule)
	return f != nil && f.Waived != ""
}

func quoteName(r *Result) string {
	if r.Name != "" {
		return fmt.Sprintf("%q", r.FullName())
	}
	return fmt.Sprintf("%q", r.facts().KeyID)
}

// excused reports whether the owner accepted that the key could not be inspected.
func (r *Result) excused() bool { return r.accepted(RuleNotInspected) && !r.misused() }

// misused reports whether the caller's input was wrong, which is no risk that an
// owner could have accepted.
func (r *Result) misused() bool {
	f := r.facts().Failure
	return f != nil && f.Kind == access.KindInput
}

// asOf is the time by the exchange's clock where ours is shown to be off by more
// than a minute: a wrong clock must not make a key younger or an attestation valid.
func asOf(s *access.Snapshot, now time.Time) time.Time {
	if c := s.Clock; c.Known && c.Offset.Abs() > time.Minute {
		return now.Add(c.Offset)
	}
	return now
}
