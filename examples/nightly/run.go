package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// auditCommand is a run: it audits the keys, compares with the last time, and
// tells.
func (m machine) auditCommand(ctx context.Context, args []string) int {
	s, problems := parseRun(args, m.stdout)
	if s.help {
		return audit.ExitClean
	}
	mistyped := len(problems) > 0 // by somebody who sees the answer
	var f fleet
	if s.keys != "" || len(s.from) > 0 {
		var more []string
		f, more = m.load(&s)
		problems = append(problems, more...)
	}
	defer func() { f.close() }()
	// Whatever could keep the report from being written shows before anything
	// is sent.
	out, more := openOutputs(&s, m)
	defer out.discard()
	problems = append(problems, more...)
	before, chain, more := m.baseline(&s)
	problems = append(problems, more...)
	tell := &teller{}
	if !s.dryRun { // which fetches nothing and tells nobody
		tell, more = m.people(ctx, &s)
		problems = append(problems, more...)
		if mistyped || len(more) > 0 {
			tell = &teller{}
		}
	}
	refuse := func(problems ...string) int {
		tell.ended(ctx, &audit.Report{}, audit.ExitUsage)
		return m.refuse(problems)
	}
	if len(problems) > 0 {
		return refuse(problems...)
	}
	if s.demo {
		m.stage = onFakes
		if len(f.keys) > 0 {
			fmt.Fprintln(m.stderr, "nightly: the exchanges are fakes on this machine: what they tell of these keys is invented")
		}
	}
	if m.stage != nil {
		if err := m.stage(ctx, &f); err != nil {
			return refuse(err.Error())
		}
	}
	if s.dryRun {
		return m.planned(out, &f, s.format)
	}
	j, err := openJournal(s.state, s.resume, before, m.now)
	if err != nil {
		return refuse(err.Error())
	}
	defer j.close()
	j.before = chain

	tell.started(ctx)
	report, results := audit.CompareEach(before, m.inspect(ctx, &s, &f, j), nil)
	code := m.deliver(ctx, &s, out, j, report, results)
	if j.err != nil { // the report is out all the same
		fmt.Fprintln(m.stderr, "nightly: the results could not be kept as they came, so -resume would not have had them:", j.err)
		code = exitUnwritten
	}
	if !tell.ended(ctx, report, code) && code == audit.ExitClean {
		return exitUntold
	}
	return code
}

// fleet is what a run audits.
type fleet struct {
	keys    []audit.Key
	skipped []*audit.Result // keys that no exchange's adapter can audit
	options audit.Options   // Transport nil means the network
	closers []func()
}

func (f *fleet) close() {
	for _, c := range slices.Backward(f.closers) {
		c()
	}
}

// inspect audits what the journal doesn't have yet, and gathers everything.
func (m machine) inspect(ctx context.Context, s *settings, f *fleet, j *journal) *audit.Report {
	started := m.now().UTC()
	if !j.started.IsZero() {
		started = j.started
	}
	keys, skipped := j.missing(f.keys), f.skipped
	if n := len(j.results); n > 0 {
		fmt.Fprintf(m.stderr, "nightly: %s of the run that began %s; going on with %s\n",
			count(n, "result", "results"), stamp(j.started), count(len(keys), "key", "keys"))
	}
	f.keys, f.skipped = nil, nil // the results are all that is needed from here on
	total := len(keys)
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s.deadline > 0 {
		limited, cancel = context.WithTimeout(ctx, s.deadline)
	}
	defer cancel()
	p := newProgress(m.stderr, total, m.env)
	results := func(yield func(*audit.Result) bool) {
		for _, result := range slices.Concat(j.results, skipped) {
			if !yield(result) {
				return
			}
		}
		f.options.Timeout, f.options.Concurrency = s.timeout, s.concurrency
		for result := range audit.Run(limited, interleave(keys), &f.options) {
			p.step(result)
			if ctx.Err() == nil || result.Inspected() { // what a signal cut short is asked again by -resume
				j.add(result)
			}
			result.Findings = nil // all are judged again, together
			if !yield(result) {
				return
			}
		}
	}
	report := audit.Collect(results, m.now)
	p.done()
	report.Started = started
	if took := m.now().Sub(p.started); total >= rated && took > 0 && !s.quiet {
		fmt.Fprintf(m.stderr, "nightly: %s in %s, %.0f a second\n", count(total, "key", "keys"), took.Round(100*time.Millisecond), float64(total)/took.Seconds())
	}
	return report
}

// rated is the size from which on the rate of a run means something.
const rated = 100

// interleave hands out the keys of all exchanges in turn, so that no exchange's wait
// for another's.
func interleave(keys []audit.Key) iter.Seq[audit.Key] {
	type lane struct {
		exchange *adapter.Exchange
		egress   string
	}
	lanes, order := map[lane][]int{}, []lane{}
	for i := range keys {
		at := lane{keys[i].Exchange, keys[i].Egress}
		if lanes[at] == nil {
			order = append(order, at)
		}
		lanes[at] = append(lanes[at], i)
	}
	return func(yield func(audit.Key) bool) {
		for round := 0; len(order) > 0; round++ {
			left := order[:0:0]
			for _, at := range order {
				if round >= len(lanes[at]) {
					continue
				}
				left = append(left, at)
				i := lanes[at][round]
				key := keys[i]
				keys[i] = audit.Key{} // so that a finished key takes no room
				if !yield(key) {
					return
				}
			}
			order = left
		}
	}
}

// deliver writes the reports and keeps the state, and chooses the exit code.
func (m machine) deliver(ctx context.Context, s *settings, out outputs, j *journal, report *audit.Report, results iter.Seq[*audit.Result]) int {
	stopped := ctx.Err() != nil
	var state outputs
	if j.file != nil && !stopped { // after a signal the journal stays, for -resume
		state = outputs{j.successor()}
		defer state.discard()
	}
	all := slices.Concat(out, state)
	for _, w := range all {
		if w.lines != nil {
			w.keep(w.lines.Start(report.Started, report.Baseline))
		}
	}
	for result := range results {
		for _, w := range all {
			if w.lines != nil {
				w.keep(w.lines.Result(result))
			}
		}
		if len(s.notify) > 0 || out.keeps(result, report) {
			report.Results = append(report.Results, result)
		}
	}
	for _, w := range out {
		w.page.noExit = stopped // the code is not the report's
	}
	if err := out.write(report); err != nil {
		fmt.Fprintln(m.stderr, "nightly: the report could not be written:", err)
		return exitUnwritten
	}
	if stopped {
		fmt.Fprintf(m.stderr, "nightly: stopped by a signal; %s\n", &report.Summary)
		return exitStopped
	}
	if len(state) > 0 {
		if err := cmp.Or(state.write(report), j.end()); err != nil {
			fmt.Fprintln(m.stderr, "nightly: the state could not be kept:", err)
			return exitUnwritten
		}
	}
	if n := report.Summary.NotInspected; s.quiet && n > 0 { // also if that is no news
		fmt.Fprintf(m.stderr, "nightly: %s could not be inspected\n", count(n, "key", "keys"))
	}
	if s.output != "" && !s.quiet {
		fmt.Fprintf(m.stderr, "nightly: %s; the report is in %s\n", &report.Summary, s.output)
	}
	return report.Summary.ExitCode(s.failOn)
}

// planned shows what would be sent.
func (m machine) planned(out outputs, f *fleet, format string) int {
	if err := errors.Join(writePlan(out[0].output, f.keys, format), out[0].commit()); err != nil {
		fmt.Fprintln(m.stderr, "nightly: the plan could not be written:", err)
		return exitUnwritten
	}
	return audit.ExitClean
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
