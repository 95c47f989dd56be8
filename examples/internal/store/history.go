package store

import (
	"context"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Event is what one run found to be other about a key than the run before it that knew
// the key.
type Event struct {
	Run int64
	At  time.Time
	// Result is the key as it was then. Its findings are those about what has changed:
	// rights gained and lost, the allowlist, a rotation.
	Result *audit.Result
	First  bool // the key was first seen
	Gone   bool // the run did not have the key; Result is what was last known
	// Rules whose findings came up, went away, or were waived then.
	Opened, Closed, Waived []string
}

// History is what has become of the key with a name, the oldest first. Runs that were
// removed are not in it; without any event there is no such key.
func (s *Store) History(ctx context.Context, name string) ([]Event, error) {
	runs, err := s.List(ctx, 0)
	if err != nil {
		return nil, err
	}
	var out []Event
	var last *audit.Result
	gone := false
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
		at := r.Report.Started
		switch {
		case len(found) == 0 && (last == nil || gone):
		case len(found) == 0:
			out, gone = append(out, Event{Run: r.ID, At: at, Result: last, Gone: true}), true
		default:
			is := found[0].Result
			e := eventOf(last, is)
			if e.Run, e.At = r.ID, at; e.First || gone || len(e.Result.Findings)+len(e.Opened)+len(e.Closed)+len(e.Waived) > 0 {
				out = append(out, e)
			}
			last, gone = is, false
		}
	}
	if last == nil {
		return nil, ErrUnknown
	}
	return out, nil
}

// eventOf compares a key with what it was.
func eventOf(was, is *audit.Result) Event {
	e := Event{Result: is, First: was == nil}
	at := func(r *audit.Result) *audit.Report {
		return &audit.Report{Started: r.Snapshot.TakenAt, Finished: r.Snapshot.TakenAt, Results: []*audit.Result{r}}
	}
	own := *is
	own.Findings = nil
	if was != nil {
		for _, f := range audit.Compare(at(was), at(is), nil).Results[0].Findings {
			if f.New && sinceLast()[f.Rule] {
				own.Findings = append(own.Findings, f)
			}
		}
	}
	e.Result = &own
	for _, f := range is.Findings {
		before := &audit.Finding{Outcome: audit.NotApplicable}
		if was != nil && was.Finding(f.Rule) != nil {
			before = was.Finding(f.Rule)
		}
		if !sinceLast()[f.Rule] {
			e.add(&f, before)
		}
	}
	return e
}

// add notes what has become of one finding.
func (e *Event) add(f, before *audit.Finding) {
	switch {
	case isOpen(f) && f.Waived != "" && before.Waived == "":
		e.Waived = append(e.Waived, f.Rule)
	case isOpen(f) && !isOpen(before):
		e.Opened = append(e.Opened, f.Rule)
	case !isOpen(f) && isOpen(before):
		e.Closed = append(e.Closed, f.Rule)
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
