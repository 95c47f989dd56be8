package audit

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Inspect asks the exchange what the key may do. The snapshot is never nil: after
// a failure it holds what the refusal itself proves, and the failure, which is
// also the error returned. It sends declared reads only.
func Inspect(ctx context.Context, key Key, opts *Options) (*access.Snapshot, error) {
	o := opts.orDefault()
	inspector := adapter.NewInspector(o.asking())
	defer inspector.Close()
	return inspector.Inspect(ctx, key.target(o.Rules))
}

// Run audits any number of keys and yields one result per key as it comes, in
// bounded memory. The keys are taken one by one, from another goroutine; all
// goroutines end before the range over the results does. One bad key stops
// nothing and an exchange that hangs delays its own keys only, each exchange's rate is
// kept, no key is asked about by two requests at once, and after the context's end the
// remaining keys still get a result, which says that they were not inspected.
// Panics of keys, rules, adapters and transports are not caught.
func Run(ctx context.Context, keys iter.Seq[Key], opts *Options) iter.Seq[*Result] {
	return func(yield func(*Result) bool) {
		r := newRunner(opts)
		defer r.Close()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		results := make(chan *Result)
		l := newLanes(r.options.Concurrency, func(key *Key, quit <-chan struct{}) {
			result := r.audit(ctx, key)
			select {
			case results <- result:
			case <-quit:
			}
		})
		go func() { defer close(results); l.run(keys) }()
		defer func() { // also when the caller stops early or panics
			close(l.quit)
			cancel()
			for range results { // wait for the last goroutine
			}
		}()
		for result := range results {
			if !yield(result) {
				return
			}
		}
	}
}

// runner asks and judges with the same options.
type runner struct {
	*adapter.Inspector
	options Options
	inUse   bool // by the bot that asks
}

func newRunner(opts *Options) *runner {
	o := opts.orDefault()
	return &runner{Inspector: adapter.NewInspector(o.asking()), options: o}
}

// asking are the options about how an exchange is asked.
func (o *Options) asking() adapter.Options {
	return adapter.Options{Transport: o.Transport, Clock: o.Clock, Timeout: o.Timeout, Attempts: o.Attempts, Logger: o.Logger}
}

// audit is inspection and judgement.
func (r *runner) audit(ctx context.Context, key *Key) *Result {
	shown, written, _ := r.InspectForJudgement(ctx, key.target(r.options.Rules))
	result := NewResult(key, shown)
	now := asOf(shown, r.Now())
	pass := result.pass(now)
	pass.InUse = r.inUse
	result.Findings = judge(pass, r.options.Rules)
	if written != shown {
		pass = result.pass(now)
		pass.Snapshot, pass.InUse = written, r.inUse
		result.Findings = worseOf(pass, result.Findings, judge(pass, r.options.Rules))
	}
	return result
}

// worseOf takes the outcome by what the exchange wrote where that is worse than the
// outcome by what may be shown. Message and advice quote nothing of the exchange.
func worseOf(pass *Pass, shown, written []Finding) []Finding {
	for i := range shown {
		if f := &written[i]; f.open() && f.worse(&shown[i]) {
			f.Message = "judged by a text of the exchange that is not shown, because it holds a secret of this key"
			f.Remedy = pass.rules[i].advice(f.Outcome)
			shown[i] = *f
		}
	}
	return shown
}

// Collect gathers the results of a Run into a report, sorted so that the order
// doesn't depend on timing.
func Collect(results iter.Seq[*Result], now func() time.Time) *Report {
	if now == nil {
		now = time.Now
	}
	report := &Report{Schema: ReportSchema, Started: now().UTC(), Results: []*Result{}}
	for result := range results {
		if result == nil { // of a caller's own iterator
			continue
		}
		report.Results = append(report.Results, result)
		report.Summary.Add(result)
	}
	slices.SortFunc(report.Results, compareResults)
	report.Finished = now().UTC()
	return report
}

// NewResult is the result of a key whose snapshot is known, without findings: Rejudge adds
// those. A caller needs it for a snapshot that was taken elsewhere.
func NewResult(key *Key, s *access.Snapshot) *Result {
	r := &Result{
		Name: access.Printable(key.Name), Snapshot: s, Policy: key.Policy.title(), Exchange: s.Exchange,
		JudgedBy: key.Policy, Record: key.Record,
	}
	if key.Probe != nil {
		r.Record.Probe = access.Printable(key.Probe.Egress)
	}
	if key.Exchange != nil {
		r.Title, r.KeyPage, r.Steps = key.Exchange.Title, key.Exchange.KeyPage, key.Exchange.Keys.Steps
	}
	return r
}
