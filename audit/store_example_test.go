package audit_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// memory is a Store that forgets all with the program. It reads two runs in one part,
// which is always right, and takes as much memory as they do.
type memory struct{ before, now *audit.Report }

func (m *memory) Begin(_ context.Context, run *audit.Report, _ bool) (*audit.Report, error) {
	m.now = run
	return run, nil
}

func (m *memory) Result(_ context.Context, name string) (*audit.Result, error) {
	if i := slices.IndexFunc(m.now.Results, func(r *audit.Result) bool { return r.Name == name }); i >= 0 {
		return m.now.Results[i], nil
	}
	return nil, nil
}

func (m *memory) Put(_ context.Context, r *audit.Result) error {
	m.now.Results = append(m.now.Results, r)
	return nil
}

func (m *memory) Runs(_ context.Context, run *audit.Report) (audit.Runs, error) {
	m.now.Finished = run.Finished
	return m, nil
}

func (m *memory) Judged(_ context.Context, r audit.Stored) error {
	m.now.Results[r.ID] = r.Result
	return nil
}

func (m *memory) Finish(_ context.Context, run *audit.Report) error {
	m.now.Summary = run.Summary
	m.before = m.now
	return nil
}

func (m *memory) Heads() (before, now *audit.Report) { return m.before, m.now }

func (m *memory) Names(context.Context) iter.Seq2[string, error] {
	var names []string
	for _, s := range slices.Concat(stored(m.before), stored(m.now)) {
		names = append(names, s.Result.Name)
	}
	slices.Sort(names)
	return func(yield func(string, error) bool) {
		for _, name := range slices.Compact(names) {
			if !yield(name, nil) {
				return
			}
		}
	}
}

func (m *memory) Part(context.Context, string) (before, now []audit.Stored, err error) {
	return stored(m.before), stored(m.now), nil
}

func (m *memory) Sample(_ context.Context, earlier bool) iter.Seq2[*audit.Result, error] {
	run := m.now
	if earlier {
		run = m.before
	}
	return func(yield func(*audit.Result, error) bool) {
		for _, s := range stored(run) {
			if !yield(s.Result, nil) {
				return
			}
		}
	}
}

func stored(run *audit.Report) (out []audit.Stored) {
	if run != nil {
		for i, r := range run.Results {
			out = append(out, audit.Stored{ID: int64(i), Result: r})
		}
	}
	return out
}

// runWith is a run whose results a Store keeps.
func runWith(ctx context.Context, store audit.Store, keys []audit.Key, opts *audit.Options) (*audit.Report, error) {
	if _, err := store.Begin(ctx, &audit.Report{Started: opts.Clock()}, false); err != nil {
		return nil, err
	}
	for r := range audit.Run(ctx, slices.Values(keys), opts) {
		if err := store.Put(ctx, r); err != nil {
			return nil, err
		}
	}
	runs, err := store.Runs(ctx, &audit.Report{Finished: opts.Clock()})
	if err != nil {
		return nil, err
	}
	report, results := audit.CompareRuns(ctx, runs, nil)
	for r, err := range results {
		if err == nil {
			err = store.Judged(ctx, r)
		}
		if err != nil {
			return nil, err
		}
		for _, f := range r.Result.Findings {
			if f.New && f.Outcome == audit.Failed {
				fmt.Printf("%s: %s: %s\n", r.Result.Name, f.Rule, f.Message)
			}
		}
	}
	return report, store.Finish(ctx, report)
}

// A program keeps its results wherever it likes: here in memory, for two runs of which
// the second shows what has changed.
func ExampleStore() {
	fake, store := exchangetest.Bybit(), &memory{}
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	opts := &audit.Options{Transport: fake, Clock: func() time.Time { return at }}
	key := audit.Key{Name: "grid-1", Exchange: bybit.Exchange, Policy: audit.SpotTrading()}
	for _, ips := range [][]string{{"198.51.100.20"}, nil} {
		key.Credentials = fake.Issue(exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: ips, SubAccount: true, Created: at.AddDate(0, 0, -7)})
		report, err := runWith(context.Background(), store, []audit.Key{key}, opts)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(&report.Summary)
		at = at.AddDate(0, 0, 1)
	}
	// Output:
	// 1 key, findings: 1 high, 2 low
	// grid-1: ip-allowlist: The key is usable from any IP address
	// grid-1: allowlist-widened: The IP allowlist was removed: no longer "198.51.100.20"
	// grid-1: rotated: The key was replaced since 2026-11-30, with other rights or IP addresses: 0266…1654 in place of 4f04…1a51
	// 1 key, findings: 1 critical, 2 high, 1 low, 1 info
}
