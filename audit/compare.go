package audit

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Compare judges a report again with what only the whole of it shows: the rules
// about the fleet (one key under two names, keys that are not audited) and, if
// before is not nil, the rules about what has changed since that report. It
// marks what is new, names what was resolved, and carries over when each key
// was first seen. Both reports stay as they are, and nothing is sent.
//
// Keys are matched by name, exchange and environment, and one that was renamed
// by its fingerprint. A key that could not be inspected in between is compared
// with what was last found.
func Compare(before, now *Report, rules []*Rule) *Report {
	again, results := CompareEach(before, now, rules)
	again.Results = slices.AppendSeq(again.Results, results)
	return again
}

// CompareEach is Compare for reports that are too large for two copies in memory. It
// judges each result when its turn comes, in the order of reports, and hands it
// out. The report has everything else, its summary once the last result was
// handed out.
func CompareEach(before, now *Report, rules []*Rule) (*Report, iter.Seq[*Result]) {
	if now == nil {
		now = &Report{}
	}
	c := newComparison(before, now, rules, nil)
	again := now.head(before)
	if before != nil {
		again.Baseline.Keys = len(before.Results)
	}
	again.Findings = append(c.past.vanished(c.all), outOfOrder(before, now)...)
	again.Recount()
	// Until they are judged, nothing is known in favour of the keys.
	again.Summary.Keys, again.Summary.NotInspected = len(c.results), len(c.results)
	return again, func(yield func(*Result) bool) {
		again.Recount() // also when it is ranged over again
		for _, r := range c.results {
			judged := c.judge(r)
			again.Summary.Add(judged)
			if !yield(judged) {
				return
			}
		}
	}
}

// head is a report as it is compared with an earlier one, without its results.
func (r *Report) head(before *Report) *Report {
	again := &Report{
		Schema: ReportSchema, Version: r.Version, Demo: r.Demo, Map: r.Map, Started: r.Started, Finished: r.Finished, Results: []*Result{},
	}
	if before != nil {
		again.Baseline = &Baseline{Started: before.Started, Finished: before.Finished}
	}
	return again
}

// comparison is what the keys of a run are judged with: one another, and those of
// the previous run.
type comparison struct {
	rules    []*Rule
	finished time.Time
	results  []*Result // copies, in the order of reports
	all      *index
	past     *history
}

// newComparison compares two runs, or those of their keys that concern one another:
// then the whole says what the other keys show.
func newComparison(before, now *Report, rules []*Rule, whole *whole) *comparison {
	c := &comparison{rules: orCatalogue(rules), finished: now.ended(), results: inOrder(now.Results)}
	for i, r := range c.results {
		own := *r
		own.Snapshot, own.Findings, own.Resolved = r.facts(), nil, nil
		own.remember(nil)
		c.results[i] = &own
	}
	if before != nil {
		c.past = newHistory(before, c.results, c.rules)
	}
	c.all = newIndex(c.results, c.finished)
	if c.past == nil {
		whole.widen(c.all, nil)
	} else {
		whole.widen(c.all, c.past.was)
		c.past.changes = changesSince(before.Results, c.past.last, c.past.was, c.all, c.results)
		whole.tell(c.past.changes, c.results)
	}
	return c
}

// judge judges one of the results with what the others show.
func (c *comparison) judge(r *Result) *Result {
	judged, snapshot := *r, *r.Snapshot
	snapshot.FirstSeen, judged.Snapshot = r.firstSeen, &snapshot
	pass := judged.pass(asOf(r.Snapshot, c.finished))
	pass.fleet, pass.baseline = &fleet{self: r, all: c.all}, c.past.of(r)
	snapshot.Search = pass.baseline.search(&snapshot)
	judged.Findings = judge(pass, c.rules)
	judged.Resolved = c.past.mark(r, judged.Findings)
	return &judged
}

// outOfOrder is the finding of a run that began before the previous one had ended.
func outOfOrder(before, now *Report) []Finding {
	if before == nil || now.Started.IsZero() || before.ended().IsZero() || !now.Started.Before(before.ended()) || now.SameRun(before) {
		return nil
	}
	return []Finding{{
		Rule: "clock", Outcome: Failed, Severity: High, New: true,
		Message: fmt.Sprintf("this run began on %s, before the previous one ended on %s: a clock was set back, or the stored report is not the previous one",
			now.Started.UTC().Format(time.RFC3339), before.ended().UTC().Format(time.RFC3339)),
		Remedy: "Set the machine's clock by NTP, and make sure that no older copy of the stored report was put back.",
	}}
}

// inOrder are the results in the order of reports.
func inOrder(results []*Result) []*Result {
	out := slices.DeleteFunc(slices.Clone(results), func(r *Result) bool { return r == nil })
	slices.SortStableFunc(out, compareResults)
	return out
}

// pairs finds each result's counterpart in the previous report, and what is left
// over there.
func pairs(before, now []*Result) (last map[*Result]*Result, left []*Result) {
	last = make(map[*Result]*Result, len(now))
	left = before
	always := func(identity, *Result, *Result) bool { return true }
	read := func(id identity, _, _ *Result) bool { return id.fingerprint != "" }
	for _, same := range []struct {
		by   func(identity) identity
		when func(id identity, was, is *Result) bool
	}{
		{ // the same key; names may be duplicate
			func(id identity) identity { return id }, always,
		},
		{ // on another host
			func(id identity) identity { id.host = ""; return id }, read,
		},
		{ // another key, or one that could not be read
			func(id identity) identity { id.fingerprint = ""; return id }, always,
		},
		{
			func(id identity) identity { id.host, id.fingerprint = "", ""; return id }, always,
		},
		{ // renamed
			func(id identity) identity { id.host, id.name = "", ""; return id }, read,
		},
		{ // the same entry, asked for one run in an environment where the key was never inspected
			func(id identity) identity { id.host, id.environment = "", ""; return id },
			func(id identity, was, is *Result) bool {
				return id.fingerprint != "" && (was.inspected() == nil || is.inspected() == nil)
			},
		},
		{ // a mistake in an entry must not make it look like another key
			func(id identity) identity { return identity{name: id.name} },
			func(_ identity, was, is *Result) bool { return was.unplaced() || is.unplaced() },
		},
	} {
		queues := make(map[identity][]*Result, len(left))
		for _, r := range left {
			id := same.by(r.identity())
			queues[id] = append(queues[id], r)
		}
		taken := map[*Result]bool{}
		for _, r := range now {
			id := same.by(r.identity())
			if queue := queues[id]; last[r] == nil && len(queue) > 0 && same.when(id, queue[0], r) {
				last[r], taken[queue[0]], queues[id] = queue[0], true, queue[1:]
			}
		}
		left = slices.DeleteFunc(slices.Clone(left), func(r *Result) bool { return taken[r] })
	}
	return last, left
}

// history is what the previous report knew. A nil one is that of a first report.
type history struct {
	before  *Report
	rules   []*Rule
	drift   map[string]bool     // the rules that compare with the previous report
	last    map[*Result]*Result // each key's counterpart there
	left    []*Result           // those that have none here
	was     *index              // all keys there
	changes *changes
}

// newHistory matches results with those of the previous report, and carries over
// what only that knows.
func newHistory(before *Report, results []*Result, rules []*Rule) *history {
	earlier := inOrder(before.Results)
	h := &history{before: before, rules: rules, drift: map[string]bool{}, was: newIndex(earlier, before.ended())}
	h.last, h.left = pairs(earlier, results)
	h.left = slices.DeleteFunc(slices.Clone(h.left), func(r *Result) bool { // a mistake that was mended is no key that is gone
		return r.identity().exchange == "" && r.inspected() == nil
	})
	for _, r := range results {
		same := h.was.audited[r.fingerprint()] // under whatever name
		if h.last[r] == nil {
			for _, old := range same {
				if old.known().Environment == r.known().Environment {
					h.last[r] = old // another key has taken its name
					break
				}
			}
		}
		r.remember(h.last[r])
		for _, old := range same {
			r.sighted(old.facts().TakenAt, old.facts().FirstSeen)
		}
	}
	for _, rule := range rules {
		h.drift[rule.ID] = rule.Scope == SinceLast
	}
	return h
}

func (h *history) of(r *Result) *baseline {
	if h == nil {
		return nil
	}
	b := &baseline{result: h.last[r], last: h.last[r].inspected()}
	if b.last != nil && r.Inspected() {
		b.rights, b.list = rightsBetween(b.last, r.Snapshot), listsBetween(&b.last.IPAllowlist, &r.Snapshot.IPAllowlist)
		b.others = h.changes.keys[r]
	}
	b.words, b.with = h.changes.said(r)
	return b
}

// found is what the rules said of a key in the previous report; nothing if it wasn't
// there. Where not all of them were asked, or that run's inspection failed and
// its findings are about that, they are asked now of what was known then.
func (h *history) found(r *Result) []Finding {
	last := h.last[r]
	switch {
	case last == nil:
		return nil
	case r.Inspected() && last.inspected() == nil: // nothing was known: what is unknown still is said for the first time
		if f := last.Finding(RuleNotInspected); f != nil {
			return []Finding{*f}
		}
		return nil
	}
	blind := r.Inspected() && !last.Inspected() && last.Last != nil
	if !blind && h.answered(last) {
		return last.Findings
	}
	pass := last.pass(asOf(last.facts(), h.before.ended()))
	pass.fleet = &fleet{self: last, all: h.was}
	if blind {
		pass.Snapshot, pass.Now = last.Last, last.Last.TakenAt
	}
	findings := judge(pass, h.rules)
	if was, of := last.Finding(RuleNotInspected), findingOf(findings, RuleNotInspected); was != nil && of != nil {
		*of = *was
	}
	return findings
}

// answered reports whether a stored result holds a finding of every rule that
// needs no earlier report.
func (h *history) answered(r *Result) bool {
	for _, rule := range h.rules {
		if rule.Scope != SinceLast && r.Finding(rule.ID) == nil {
			return false
		}
	}
	return true
}

// mark marks which of a key's findings are new, and names the rules that were
// resolved since the previous report.
func (h *history) mark(r *Result, findings []Finding) (resolved []string) {
	if h == nil {
		return nil
	}
	found := h.found(r)
	for i := range findings {
		f := &findings[i]
		var was *Finding
		if !h.drift[f.Rule] { // what has changed is new by nature
			was = findingOf(found, f.Rule)
		}
		f.New = f.open() && r.counts(f) && (was == nil || f.worse(was))
		if f.Outcome == Passed && was != nil && was.Outcome == Failed {
			resolved = append(resolved, f.Rule)
		}
	}
	return resolved
}

// Changed reports whether anything changed since the baseline; never without
// one.
func (r *Report) Changed() bool {
	return r.Baseline != nil && (len(r.Findings) > 0 || slices.ContainsFunc(r.Results, func(x *Result) bool { return x != nil && x.Changed() }))
}

// vanished are the keys of the previous report that this one lacks.
func (h *history) vanished(all *index) []Finding {
	if h == nil {
		return nil
	}
	var out []Finding
	for _, r := range h.left {
		f := Finding{
			Rule: RuleKeyVanished, Outcome: Failed, Severity: Medium, New: true,
			Message: fmt.Sprintf("The key %s was in the previous report and is not in this one: it is no longer audited", r.called()),
			Remedy:  "Delete the key at the exchange if it was retired, or put it back into the inventory.",
		}
		if same := all.audited[r.fingerprint()]; len(same) > 0 && same[0].Inspected() {
			f.Severity, f.Remedy = Info, "Nothing, if the entry was a duplicate."
			f.Message = fmt.Sprintf("The entry %s was in the previous report and is not in this one; its key is still audited, as %s", r.called(), same[0].called())
		}
		out = append(out, f)
	}
	return out
}
