package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// History is what has become of one key.
type History struct {
	Last   *audit.Result // as it was last found
	Events []Event       // the oldest first
	Gone   bool          // the last run did not have it

	findings map[string]audit.Finding // the last of each rule that had an answer
}

// Event is what one run found to be other about a key than the run before it that knew
// the key.
type Event struct {
	Run    *Run
	Result *audit.Result // the key as it was then, or as it was last known if it is gone
	First  bool          // the key was first seen
	Gone   bool          // the run did not have the key
	Back   bool          // the run before it did not
	Policy string        // by which the key was judged until then; empty if that is the same
	// Facts are the findings about what has changed: rights gained and lost, the
	// allowlist, a rotation.
	Facts   []audit.Finding
	Changes []Change // what has become of the other findings, the worst first
}

// Change is what has become of a finding. It has no words.
type Change struct {
	What string
	audit.Finding
}

// What becomes of a finding.
const (
	Opened     = "opened"
	Closed     = "closed"
	Worse      = "worse"
	LessSevere = "less severe"
	Waived     = "waived"
	Unwaived   = "no longer waived"
)

// History is what has become of the keys with a name, usually one, in the order in which
// they were first seen. Runs that were removed are not in it; ErrUnknown says that there
// is no such key.
func (s *Store) History(ctx context.Context, name string) ([]*History, error) {
	runs, err := s.List(ctx, 0)
	if err != nil {
		return nil, err
	}
	var out []*History
	l := newLoader(s, s.reader)
	for _, r := range slices.Backward(runs) {
		if r.Pruned {
			continue
		}
		// Run by run: without statistics the planner would read every result.
		found, err := l.where(ctx, "WHERE r.run=? AND r.key IN (SELECT id FROM key WHERE name=?) ORDER BY r.key", r.ID, name)
		if err != nil {
			return nil, err
		}
		l.trim()
		out = follow(out, r, found)
	}
	if len(out) == 0 {
		return nil, ErrUnknown
	}
	return out, nil
}

// follow adds what a run has found.
func follow(known []*History, run *Run, found []audit.Stored) []*History {
	left := slices.Clone(known)
	is := make([]*History, len(found))
	for _, same := range sameKey {
		for i, f := range found {
			if at := slices.IndexFunc(left, func(h *History) bool { return is[i] == nil && same(h.Last, f.Result) }); at >= 0 {
				is[i] = left[at]
				left = slices.Delete(left, at, at+1)
			}
		}
	}
	for _, h := range left {
		if !h.Gone {
			h.Gone = true
			h.Events = append(h.Events, Event{Run: run, Result: h.Last, Gone: true})
		}
	}
	for i, f := range found {
		if is[i] == nil {
			is[i] = &History{findings: map[string]audit.Finding{}}
			known = append(known, is[i])
		}
		is[i].add(run, f.Result)
	}
	return known
}

// sameKey are the ways to know a key of a name again, the surest first, as audit.Compare
// has them: by its fingerprint, by its place, each on its host before any other, and
// whatever it is if a mistake in its entry hid what it is.
var sameKey = []func(was, is *audit.Result) bool{
	func(was, is *audit.Result) bool {
		return samePlace(was, is) && was.Record.Host == is.Record.Host && was.Snapshot.Fingerprint == is.Snapshot.Fingerprint
	},
	func(was, is *audit.Result) bool {
		return samePlace(was, is) && was.Snapshot.Fingerprint != "" && was.Snapshot.Fingerprint == is.Snapshot.Fingerprint
	},
	func(was, is *audit.Result) bool { return samePlace(was, is) && was.Record.Host == is.Record.Host },
	samePlace,
	func(was, is *audit.Result) bool {
		a, b := was.Snapshot, is.Snapshot
		return a.Fingerprint != "" && a.Fingerprint == b.Fingerprint
	},
	func(was, is *audit.Result) bool {
		return was.Snapshot.Fingerprint == "" || is.Snapshot.Fingerprint == ""
	},
}

func samePlace(was, is *audit.Result) bool {
	return was.Exchange == is.Exchange && was.Snapshot.Environment == is.Snapshot.Environment
}

// add compares a key with what it was.
func (h *History) add(run *Run, is *audit.Result) {
	e := Event{Run: run, Result: is, First: h.Last == nil, Back: h.Gone}
	if h.Last != nil {
		e.Facts = factsSince(h.Last, is)
		if h.Last.Policy != is.Policy {
			e.Policy = h.Last.Policy
		}
	}
	drift := sinceLast()
	for i := range is.Findings {
		f := is.Findings[i]
		if drift[f.Rule] || !says(is, &f) {
			continue
		}
		was, known := h.findings[f.Rule]
		if !known {
			was.Outcome = audit.NotApplicable
		}
		h.findings[f.Rule] = f
		if what := became(&was, &f); what != "" {
			if !isOpen(&f) {
				f.Severity = was.Severity
			}
			e.Changes = append(e.Changes, Change{what, f})
		}
	}
	slices.SortStableFunc(e.Changes, func(a, b Change) int {
		return cmp.Or(b.Rank()-a.Rank(), cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Rule, b.Rule))
	})
	if e.First || e.Back || e.Policy != "" || len(e.Facts)+len(e.Changes) > 0 {
		h.Events = append(h.Events, e)
	}
	h.Last, h.Gone = is, false
}

// says reports whether a finding says something of its own: those about a key that could
// not be inspected say no more than that, unless they failed.
func says(r *audit.Result, f *audit.Finding) bool {
	return r.Inspected() || f.Rule == audit.RuleNotInspected || f.Outcome == audit.Failed
}

// factsSince are the findings about what has changed.
func factsSince(was, is *audit.Result) (out []audit.Finding) {
	at := func(r *audit.Result) *audit.Report {
		return &audit.Report{Started: r.Snapshot.TakenAt, Finished: r.Snapshot.TakenAt, Results: []*audit.Result{r}}
	}
	drift := sinceLast()
	for _, f := range audit.Compare(at(was), at(is), nil).Results[0].Findings {
		if f.New && drift[f.Rule] && says(is, &f) {
			out = append(out, f)
		}
	}
	return out
}

// became is what has become of a finding; empty if nothing.
func became(was, is *audit.Finding) string {
	order := func(f *audit.Finding) int {
		return 2*int(f.Severity) + map[bool]int{true: 1}[f.Outcome == audit.Failed]
	}
	switch {
	case !isOpen(is) && !isOpen(was):
		return ""
	case !isOpen(is):
		return Closed
	case is.Waived != "" && was.Waived == "":
		return Waived
	case !isOpen(was):
		return Opened
	case is.Waived == "" && was.Waived != "":
		return Unwaived
	case order(is) > order(was):
		return Worse
	case order(is) < order(was):
		return LessSevere
	default:
		return ""
	}
}

// isOpen reports whether somebody has to look at a finding.
func isOpen(f *audit.Finding) bool {
	return f.Outcome == audit.Failed || f.Outcome == audit.Undetermined
}

// sinceLast are the rules about what has changed.
func sinceLast() map[string]bool {
	out := map[string]bool{}
	for _, rule := range audit.Rules() {
		out[rule.ID] = rule.Scope == audit.SinceLast
	}
	return out
}

// Changed are the names of the keys that differ between two runs in what was found or in
// the outcomes, or are in one of them only, in order. audit.CompareRuns says what differs.
func (s *Store) Changed(ctx context.Context, before, now int64) (names []string, err error) {
	err = each(ctx, s.reader, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, `SELECT DISTINCT name FROM key JOIN (
		SELECT r.key FROM result r LEFT JOIN result p ON p.run=?1 AND p.key=r.key WHERE r.run=?2 AND (p.key IS NULL OR p.snapshot IS NOT r.snapshot OR (p.verdict IS NOT r.verdict AND
			(SELECT open FROM outcomes WHERE run=?1 AND key=r.key) IS NOT (SELECT open FROM outcomes WHERE run=?2 AND key=r.key)))
		UNION SELECT p.key FROM result p LEFT JOIN result r ON r.run=?2 AND r.key=p.key WHERE p.run=?1 AND r.key IS NULL) c ON c.key=key.id ORDER BY name`, before, now)
	return names, s.plain(err)
}
