package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// audit is a run: it audits the keys, compares the report with the previous one,
// writes it, and notifies. The problems are those of the command line.
func (a app) audit(ctx context.Context, s *settings, problems []string) int {
	s.state = followed(s.state)
	r := &auditRun{app: a, settings: s, notifier: &notifier{}}
	defer r.close()
	if problems = append(problems, r.prepare(ctx, len(problems) == 0)...); len(problems) > 0 {
		return r.reject(ctx, problems...)
	}
	if err := r.connect(ctx); err != nil {
		return r.reject(ctx, err.Error())
	}
	if s.dryRun {
		return r.writePlan()
	}
	var err error
	if r.journal, err = openJournal(s, r.was.report, a.now); err != nil {
		return r.reject(ctx, err.Error())
	}
	r.journal.before = r.was.chain

	r.notifier.doubt = r.was.doubt != ""
	r.notifier.started(ctx)
	report, results := audit.CompareEach(r.was.report, r.inspect(ctx), nil)
	code := r.deliver(ctx, report, results)
	if err := r.journal.err; err != nil { // the report is written all the same
		a.log("the results could not be stored while the run went on, so --resume would not have had them: %s", err)
		code = exitUnwritten
	}
	if !r.notifier.ended(ctx, report, code) && code == audit.ExitClean {
		return exitNotNotified
	}
	return code
}

// auditRun is one run over a fleet.
type auditRun struct {
	app
	*settings
	fleet    fleet
	out      outputs
	was      previous
	notifier *notifier
	journal  *journal
}

// prepare reads and opens whatever could fail, before anything is sent, and
// returns all problems. A mistake on the command line is not notified: its author
// sees it.
func (r *auditRun) prepare(ctx context.Context, valid bool) []string {
	var problems, more []string
	if len(r.keys)+len(r.from) > 0 {
		r.fleet, problems = r.load(r.settings)
	}
	r.was, more = r.baseline(r.settings)
	problems = append(problems, more...)
	n, more := r.app.notifier(ctx, r.settings)
	if valid && len(more) == 0 {
		r.notifier = n
	}
	problems = append(problems, more...)
	r.out, more = openOutputs(r.settings, r.app) // last: by then it is known what is read
	return append(problems, more...)
}

// connect connects the fleet to the network, or to the fakes of a demonstration.
func (r *auditRun) connect(ctx context.Context) error {
	if r.demo {
		r.stage = stageDemo
		if len(r.fleet.keys) > 0 {
			r.log("the exchanges are fakes on this host: what they report about these keys is invented")
		}
	}
	if r.stage == nil {
		return nil
	}
	if err := r.stage(ctx, &r.fleet); err != nil {
		return err
	}
	if len(r.keys)+len(r.from) == 0 { // the invented fleet was made only now
		if problem := r.fleet.only(r.only); problem != "" {
			return errors.New(problem)
		}
	}
	return nil
}

// reject says what is wrong with the input, also to those to be notified.
func (r *auditRun) reject(ctx context.Context, problems ...string) int {
	r.notifier.ended(ctx, &audit.Report{Demo: r.demo}, audit.ExitUsage)
	return r.refuse(problems)
}

func (r *auditRun) close() {
	if r.journal != nil {
		r.journal.close()
	}
	r.out.discard()
	r.fleet.close()
}

// inspect audits what the journal doesn't have yet, and gathers everything.
func (r *auditRun) inspect(ctx context.Context) *audit.Report {
	started := r.now().UTC()
	if !r.journal.started.IsZero() {
		started = r.journal.started
	}
	keys, skipped := r.fleet.keys, r.fleet.skipped
	if n := r.journal.resume(keys); n > 0 {
		r.log("%s of the run that began %s; continuing with %s",
			count(n, "result", "results"), stamp(r.journal.started), count(len(keys)-n, "key", "keys"))
	}
	r.fleet.keys, r.fleet.skipped = nil, nil // the results are all that is needed from here on
	total := len(keys)
	limited, cancel := ctx, context.CancelFunc(func() {})
	if r.deadline > 0 {
		limited, cancel = context.WithTimeout(ctx, r.deadline)
	}
	defer cancel()
	if n := r.fleet.others; n > 0 {
		r.log("%s left out by --only", count(n, "key", "keys"))
	}
	p, parts := newProgress(r.stderr, total, r.env), newShared()
	results := func(yield func(*audit.Result) bool) {
		for _, result := range skipped {
			if !yield(result) {
				return
			}
		}
		r.fleet.options.Timeout, r.fleet.options.Concurrency = r.timeout, r.concurrency
		for result := range audit.Run(limited, slices.Values(keys), &r.fleet.options) {
			if kept := r.journal.taken(result.Name); kept != nil {
				result = kept
			} else if ctx.Err() == nil || result.Inspected() { // what a signal cut short is asked again by --resume
				r.journal.add(result)
			}
			p.step(result)
			parts.share(result.Snapshot)
			result.Findings = nil // all are judged again, together
			if !yield(result) {
				return
			}
		}
	}
	report := audit.Collect(results, r.now)
	p.done()
	report.Version, report.Started, report.Demo, report.Map = version(), started, r.demo, exchangeMap()
	if took := r.now().Sub(p.started); total >= rated && took > 0 && !r.quiet {
		r.log("%s in %s, %.0f per second",
			count(total, "key", "keys"), took.Round(100*time.Millisecond), float64(total)/took.Seconds())
	}
	return report
}

// rated is the number of keys from which on the rate of a run means something.
const rated = 100

// deliver writes the reports, keeps the state, and chooses the exit code.
func (r *auditRun) deliver(ctx context.Context, report *audit.Report, results iter.Seq[*audit.Result]) int {
	stopped := ctx.Err() != nil
	var state outputs
	if r.journal.file != nil && !stopped && r.was.doubt == "" { // after a signal the journal is kept, for --resume
		state = outputs{r.journal.successor()}
		defer state.discard()
	}
	for _, w := range r.out {
		w.options.noExit = stopped || r.was.doubt != "" // the exit code is not the report's
	}
	r.stream(slices.Concat(r.out, state), report, results)
	if err := r.out.end(report); err != nil {
		r.log("the report could not be written: %s", err)
		return exitUnwritten
	}
	if stopped {
		r.log("stopped by a signal; %s", &report.Summary)
		return exitStopped
	}
	if err := r.keep(state, report); err != nil {
		r.log("the state could not be written: %s", err)
		return exitUnwritten
	}
	r.conclude(report)
	if r.was.doubt != "" { // was said before; that nothing new was found does not count
		return audit.ExitNotAssessed
	}
	return report.Summary.ExitCode(r.failOn)
}

// keep replaces the state, if the run has one.
func (r *auditRun) keep(state outputs, report *audit.Report) error {
	if r.journal.file == nil {
		return nil
	}
	if len(state) > 0 {
		if err := state.end(report); err != nil {
			return err
		}
		left := last{state[0].writer.(*render.JSONLines).Chain(), report.Finished, report.Demo}
		if err := left.write(r.state); err != nil {
			return err
		}
	}
	return r.journal.end()
}

// stream writes the results as they come, and keeps none of them.
func (r *auditRun) stream(all outputs, report *audit.Report, results iter.Seq[*audit.Result]) {
	all.start(report)
	r.notifier.start(report)
	for result := range results {
		all.result(result)
		r.notifier.result(result)
	}
}

// conclude says on stderr what the report on stdout does not.
func (r *auditRun) conclude(report *audit.Report) {
	if n := report.Summary.NotInspected; r.quiet && n > 0 { // even if that is no change
		r.log("%s could not be inspected", count(n, "key", "keys"))
	}
	if !isStandardOutput(r.output) && !r.quiet {
		r.log("%s; the report is in %s", &report.Summary, r.output)
	}
}

// writePlan shows what would be sent.
func (r *auditRun) writePlan() int {
	if err := errors.Join(writePlan(r.out[0], &r.fleet, r.settings), r.out[0].commit()); err != nil {
		r.log("the plan could not be written: %s", err)
		return exitUnwritten
	}
	if len(r.fleet.keys) == 0 {
		r.log("no key would be audited")
		return audit.ExitNotAssessed
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
