package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// audit is a run: it audits the keys, compares what it found with the previous run,
// writes reports, and notifies. The problems are those of the command line.
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
	if err := r.searchCopies(ctx); err != nil {
		return r.reject(ctx, err.Error())
	}
	if err := r.begin(ctx); err != nil {
		return r.reject(ctx, err.Error())
	}
	r.notifier.doubt = r.was.doubt != ""
	r.notifier.started(ctx)
	report := r.inspect(ctx)
	if err := r.fleet.err(); err != nil {
		return r.reject(ctx, fmt.Sprintf("%s: not all of its keys were asked about, and there is no report: start the run again", err))
	}
	report, results := r.compare(ctx, report)
	code := r.onlyNew(report, results, func(each iter.Seq[*audit.Result]) int { return r.deliver(ctx, report, each) })
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
	was      previous // what a run without a state is compared with
	notifier *notifier
	state    *store.Store              // nil: nothing is kept
	resumed  *resumption               // nil unless the run is continued
	signer   *reportSigner             // nil: nothing is signed
	merged   *merged                   // nil unless reports are merged
	copies   map[string]*access.Search // of the keys, by their names; nil unless they were searched for
	workers  *remote                   // nil unless others audit the keys
	trend    []render.Point
	open     uninspected
	started  time.Time
	failed   error // why the state could not be read or written
}

// prepare reads and opens whatever could fail, before anything is sent, and
// returns all problems. A mistake on the command line is not notified: its author
// sees it.
func (r *auditRun) prepare(ctx context.Context, valid bool) []string {
	var problems, more []string
	r.oneByOne = !r.demo && len(r.searched)+len(r.leaked) == 0
	if len(r.keys)+len(r.from) > 0 {
		r.fleet, problems = r.load(r.settings)
	}
	if len(r.hosts) > 0 {
		r.merged, more = r.merge(r.settings)
		problems = append(problems, more...)
	}
	r.was, more = r.baseline(ctx, r.settings)
	problems = append(problems, more...)
	if r.merged != nil {
		r.merged.previous = r.known()
	}
	problems = append(problems, r.checkLeaked(r.settings)...)
	problems = append(problems, r.checkSign()...)
	if r.coordinates {
		r.workers, more = r.remote()
		problems = append(problems, more...)
	}
	n, more := r.app.notifier(ctx, r.settings)
	if valid && len(more) == 0 {
		r.notifier = n
	}
	problems = append(problems, more...)
	r.out, more = openOutputs(r.settings, r.app) // last: by then it is known what is read
	return append(problems, more...)
}

// known is what the previous run found, if there was one.
func (r *auditRun) known() *audit.Report {
	if r.was.report != nil || r.settings.state == "" || r.stateNew {
		return r.was.report
	}
	previous, _ := readReport(r.settings.state) // why there is none was said
	return previous
}

// connect connects the fleet to the network, or to the fakes of a demonstration.
func (r *auditRun) connect(ctx context.Context) error {
	if r.merged != nil {
		return nil
	}
	if r.demo {
		r.stage = stageDemo
		if len(r.fleet.keys) > 0 {
			r.log("the exchanges are fakes on this host: what they report about these keys is invented")
		}
	}
	if r.coordinates {
		return r.meet(ctx)
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
	if r.settings.workers > 0 {
		return r.hire(ctx)
	}
	return nil
}

// begin opens the state, if there is one that may be written, and begins a run in it or
// continues one.
func (r *auditRun) begin(ctx context.Context) (err error) {
	r.started = r.now().UTC()
	if r.settings.state == "" || r.was.doubt != "" {
		return nil
	}
	if r.state, err = r.openState(ctx, r.settings); err != nil {
		return err
	}
	runs, err := r.state.List(ctx, trendRuns)
	if err != nil {
		return fmt.Errorf("--state: %s %w", showPath(r.settings.state), err)
	}
	r.trend = trend(runs, math.MaxInt64)
	head := &audit.Report{Schema: audit.ReportSchema, Version: version(), Demo: r.demo, Map: exchangeMap(), Started: r.started}
	began, err := r.state.Begin(ctx, head, r.resume)
	if err != nil {
		return fmt.Errorf("--state: %s %w", showPath(r.settings.state), err)
	}
	if began != head && !began.Started.Equal(r.started) {
		r.started = began.Started
		r.resumed = newResumption(ctx, r.state)
		r.log("continuing the run that began %s: %s stored", stamp(r.started), count(r.state.Kept(), "result is", "results are"))
	}
	return nil
}

// reject says what is wrong with the input, also to those to be notified.
func (r *auditRun) reject(ctx context.Context, problems ...string) int {
	r.notifier.ended(ctx, &audit.Report{Demo: r.demo}, audit.ExitUsage)
	return r.refuse(problems)
}

func (r *auditRun) close() {
	if r.state != nil {
		_ = r.state.Close() // what was to be kept is, or an error was said
	}
	r.out.discard()
	if r.signer != nil {
		r.signer.close()
	}
	if r.workers != nil {
		r.workers.Close()
	}
	r.fleet.close()
}

// inspect audits what the state doesn't have yet, and gathers everything: in the state,
// or else in the report.
func (r *auditRun) inspect(ctx context.Context) *audit.Report {
	total := r.fleet.count()
	limited, cancel := context.WithCancel(ctx)
	if r.deadline > 0 {
		limited, cancel = context.WithTimeout(ctx, r.deadline)
	}
	defer cancel()
	if n := r.fleet.others; n > 0 {
		r.log("%s left out by --only", count(n, "key", "keys"))
	}
	p := newProgress(r.stderr, total, r.env)
	results := r.results(limited, p)
	if r.merged != nil {
		results = r.merged.results()
	}
	report := &audit.Report{Schema: audit.ReportSchema}
	if r.state == nil {
		report = audit.Collect(newShared().of(results), r.now)
	} else {
		r.keep(ctx, results)
	}
	p.done()
	r.fleet.keys, r.fleet.workers = nil, nil // the results are all that is needed from here on
	report.Version, report.Started, report.Finished, report.Demo, report.Map = version(), r.started, r.now().UTC(), r.demo, exchangeMap()
	if r.merged != nil {
		report.Map = r.merged.known()
	}
	if took := r.now().Sub(p.started); total >= rated && took > 0 && !r.quiet && r.failed == nil {
		r.log("%s in %s, %.0f per second",
			count(total, "key", "keys"), took.Round(100*time.Millisecond), float64(total)/took.Seconds())
	}
	return report
}

// results are those of every key, as they come. They are judged later, together.
func (r *auditRun) results(ctx context.Context, p *progress) iter.Seq[*audit.Result] {
	keys, skipped := r.fleet.each(), r.fleet.skipped
	r.fleet.skipped = nil
	if r.resumed != nil {
		keys = r.resumed.keys(ctx, keys)
	}
	r.fleet.options.Timeout, r.fleet.options.Concurrency = r.timeout, r.concurrency
	return func(yield func(*audit.Result) bool) {
		for _, result := range skipped {
			if !yield(result) {
				return
			}
		}
		audited := audit.Run(ctx, keys, &r.fleet.options)
		if r.workers != nil {
			audited = r.workers.results(ctx, r.commit)
		}
		for result := range audited {
			result = r.resumed.taken(ctx, result)
			if found := r.copies[result.Name]; found != nil {
				result.Snapshot.Search = found
			}
			p.step(result)
			result.Findings = nil
			if !yield(result) {
				return
			}
		}
	}
}

// keep puts the results into the state. What cannot be kept ends the run: the keys that
// remain are asked once there is room.
func (r *auditRun) keep(ctx context.Context, results iter.Seq[*audit.Result]) {
	for result := range results {
		if r.failed = r.state.Put(ctx, result); r.failed != nil {
			return
		}
	}
	r.failed = r.state.Flush(ctx)
	if r.resumed != nil && r.failed == nil {
		r.failed = r.resumed.err
	}
}

// compare judges the results, also by what was known before.
func (r *auditRun) compare(ctx context.Context, report *audit.Report) (*audit.Report, iter.Seq[*audit.Result]) {
	if r.state == nil {
		return audit.CompareEach(r.was.report, report, nil)
	}
	none := func(func(*audit.Result) bool) {}
	if r.failed != nil {
		return report, none
	}
	ctx = context.WithoutCancel(ctx) // what was found before a signal is reported
	var runs audit.Runs
	if runs, r.failed = r.state.Runs(ctx, report); r.failed != nil {
		return report, none
	}
	report, results := audit.CompareRuns(ctx, runs, nil)
	return report, judged(ctx, r.state, results, &r.failed)
}

// rated is the number of keys from which on the rate of a run means something.
const rated = 500

// deliver writes the reports, ends the run in the state, and chooses the exit code. A run
// whose report could not be written does not count: the next one says again what changed.
func (r *auditRun) deliver(ctx context.Context, report *audit.Report, results iter.Seq[*audit.Result]) int {
	stopped := ctx.Err() != nil
	for _, w := range r.out {
		w.options.noExit = stopped || r.was.doubt != "" // the exit code is not the report's
		w.options.trend = r.trend
	}
	r.stream(report, results)
	if of := r.findingsOfHosts(); len(of) > 0 {
		hosts := &audit.Report{Findings: of}
		hosts.Recount()
		report.Findings = append(report.Findings, hosts.Findings...)
		report.Summary.Merge(hosts.Summary)
	}
	seals := r.state != nil && !stopped && r.failed == nil
	if seals {
		report.Digest, r.failed = r.state.Seal(ctx, report)
	}
	if r.failed != nil {
		r.log("the state could not be written, and there is no report: %s %s", showPath(r.settings.state), r.failed)
		return exitUnwritten
	}
	if err := r.out.end(report); err != nil {
		r.log("the report could not be written: %s", err)
		return exitUnwritten
	}
	if err := r.sign(); err != nil {
		r.log("--sign: %s", err)
		return exitUnwritten
	}
	r.outdated(r.out.written()...)
	if stopped {
		r.log("stopped by a signal; %s", &report.Summary)
		return exitStopped
	}
	if seals {
		if err := r.end(ctx, report); err != nil {
			r.log("the state could not be written: %s", err)
			return exitUnwritten
		}
	}
	r.conclude(report)
	if r.was.doubt != "" { // was said before; that nothing new was found does not count
		return audit.ExitNotAssessed
	}
	return report.Summary.ExitCode(r.failOn)
}

// end ends the run in the state, and notes beside it which one was left.
func (r *auditRun) end(ctx context.Context, report *audit.Report) error {
	if err := r.state.Finish(ctx, report); err != nil {
		return err
	}
	if err := r.note(ctx, report); err != nil {
		return err
	}
	if err := r.state.Keep(context.WithoutCancel(ctx), r.keepRuns); err != nil { // the run counts all the same
		r.log("earlier runs could not be removed from the state: %s %s", showPath(r.settings.state), err)
	}
	return nil
}

// stream writes the results as they come, and keeps none of them.
func (r *auditRun) stream(report *audit.Report, results iter.Seq[*audit.Result]) {
	r.out.start(report)
	r.notifier.start(report)
	for result := range results {
		r.out.result(result)
		r.notifier.result(result)
		r.open.add(result)
	}
}

// conclude says on stderr what the report on stdout does not.
func (r *auditRun) conclude(report *audit.Report) {
	if r.quiet { // even if that is no change
		r.open.say(report, r.log)
	} else if !isStandardOutput(r.output) {
		r.log("%s; the report is in %s", &report.Summary, r.output)
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
