package audit

import (
	"cmp"
	"slices"
)

// Compare judges a report again with what only the whole of it shows: the rules
// about the fleet (one key under two names, keys that no inventory lists) and,
// if before is not nil, the rules about what has changed since that report. It
// marks what is new, names what was resolved, and carries over when each key
// was first seen. Both reports stay as they are, and nothing is sent. Keys are
// matched by name, exchange and environment; a key that could not be inspected
// in between is compared with what was last found.
func Compare(before, now *Report, rules []*Rule) *Report {
	again := &Report{Schema: ReportSchema, Started: now.Started, Finished: now.Finished, Results: make([]*Result, 0, len(now.Results))}
	earlier := map[identity]*Result{}
	if before != nil {
		again.Baseline = &Baseline{Started: before.Started, Finished: before.Finished, Keys: len(before.Results)}
		for _, r := range before.Results {
			if r != nil {
				earlier[r.identity()] = r
			}
		}
	}
	for _, r := range now.Results {
		if r == nil {
			continue
		}
		own := *r
		snapshot := *own.facts()
		own.Snapshot, own.Resolved, own.Last = &snapshot, nil, nil
		own.remember(earlier[r.identity()])
		again.Results = append(again.Results, &own)
	}
	all := newFleet(again.Results)
	history := newHistory(before)
	for _, r := range again.Results {
		pass := r.pass(now.Finished)
		pass.fleet = all
		last := earlier[r.identity()]
		delete(earlier, r.identity())
		if before != nil {
			pass.baseline = &baseline{last: last.inspected(), result: last, history: history}
		}
		r.Findings = judge(pass, rules)
		if before != nil {
			r.mark(last, rules)
		}
	}
	again.Findings = vanished(earlier)
	again.Recount()
	return again
}

// identity is by what a key is known from one report to the next.
type identity struct{ name, exchange, environment string }

func (r *Result) identity() identity {
	return identity{r.Name, r.Exchange, r.facts().Environment}
}

// baseline is what the rules about change compare with.
type baseline struct {
	result  *Result   // the key in the last report; nil if it wasn't there
	last    *Snapshot // what was found when it was last inspected; nil if never
	history *history  // what the last report knew as a whole
}

// inspected is the last snapshot that an inspection gave, or nil.
func (r *Result) inspected() *Snapshot {
	switch {
	case r == nil:
		return nil
	case r.Inspected():
		return r.Snapshot
	default:
		return r.Last
	}
}

// remember carries over what only earlier reports know.
func (r *Result) remember(last *Result) {
	s := r.Snapshot
	s.FirstSeen = s.TakenAt
	if last == nil {
		return
	}
	if known := last.inspected(); known != nil && !r.Inspected() {
		r.Last = known
	}
	for _, old := range []*Snapshot{last.facts(), last.inspected()} {
		same := old != nil && (old.Fingerprint == s.Fingerprint || s.Fingerprint == "")
		if same && !old.FirstSeen.IsZero() && old.FirstSeen.Before(s.FirstSeen) {
			s.FirstSeen = old.FirstSeen
		}
	}
}

// mark tells what is new and what was resolved since the last report.
func (r *Result) mark(last *Result, rules []*Rule) {
	var old []Finding
	switch known := last.inspected(); {
	case last == nil:
	case last.Inspected() || known == nil || !r.Inspected():
		old = last.Findings
	default: // the findings of that night are about the failure
		old = Judge(known, last.JudgedBy, known.TakenAt, rules)
	}
	of := func(rule string) *Finding {
		if i := slices.IndexFunc(old, func(f Finding) bool { return f.Rule == rule }); i >= 0 {
			return &old[i]
		}
		return nil
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		was := of(f.Rule)
		f.New = f.open() && r.counts(f) && (was == nil || worse(f, was))
		if f.Outcome == Passed && was != nil && was.Outcome == Failed {
			r.Resolved = append(r.Resolved, f.Rule)
		}
	}
}

// counts leaves out what goes without saying: after a failure, that nothing is
// known.
func (r *Result) counts(f *Finding) bool { return r.Inspected() || f.Outcome == Failed }

// open reports whether somebody has to look at the finding.
func (f *Finding) open() bool { return f.Outcome != Passed && f.Outcome != NotApplicable }

// worse reports whether a finding is worse than it was.
func worse(f, was *Finding) bool {
	if scopeOf(f.Rule) == SinceLast {
		return true // what changed since the last report is new by nature
	}
	return !was.open() || (f.Outcome == Failed && was.Outcome != Failed) || (f.Outcome == was.Outcome && f.Severity > was.Severity) ||
		(f.Waived == "" && was.Waived != "")
}

// Changed reports whether anything is new or resolved since the last report.
func (r *Result) Changed() bool {
	return len(r.Resolved) > 0 || slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.New })
}

// Changed reports whether anything changed since the baseline; never without
// one.
func (r *Report) Changed() bool {
	return r.Baseline != nil && (len(r.Findings) > 0 || slices.ContainsFunc(r.Results, (*Result).Changed))
}

// vanished are the keys of the last report that this one lacks.
func vanished(left map[identity]*Result) []Finding {
	names := make([]identity, 0, len(left))
	for id := range left {
		names = append(names, id)
	}
	slices.SortFunc(names, func(a, b identity) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.exchange, b.exchange), cmp.Compare(a.environment, b.environment))
	})
	var out []Finding
	for _, id := range names {
		out = append(out, Finding{
			Rule: ruleKeyVanished, Outcome: Failed, Severity: Medium, New: true,
			Message: "the key " + id.name + " (" + left[id].Title + " " + id.environment + ") was in the last report and is not in this one: nobody watches it any more",
			Remedy:  "Delete it at the venue if it was retired, or put it back into the inventory.",
		})
	}
	return out
}
