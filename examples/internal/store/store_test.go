package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func newStore(tb testing.TB) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "state #1 100%?.db"), func() time.Time { return noon })
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// run is a run as the program would do it; each hears of every result, judged.
func run(ctx context.Context, s *Store, head *audit.Report, results iter.Seq[*audit.Result], each func(*audit.Result)) (*audit.Report, error) {
	if _, err := s.Begin(ctx, head, false); err != nil {
		return nil, err
	}
	return goOn(ctx, s, head, results, each)
}

func goOn(ctx context.Context, s *Store, head *audit.Report, results iter.Seq[*audit.Result], each func(*audit.Result)) (*audit.Report, error) {
	for r := range results {
		if err := s.Put(ctx, r); err != nil {
			return nil, err
		}
	}
	return finish(ctx, s, head, each)
}

func finish(ctx context.Context, s *Store, head *audit.Report, each func(*audit.Result)) (*audit.Report, error) {
	runs, err := s.Runs(ctx, head)
	if err != nil {
		return nil, err
	}
	report, judged := audit.CompareRuns(ctx, runs, nil)
	for r, err := range judged {
		if err == nil {
			err = s.Judged(ctx, r)
		}
		if err != nil {
			return nil, err
		}
		each(r.Result)
	}
	return report, s.Finish(ctx, report)
}

func headAt(at time.Time) *audit.Report {
	return &audit.Report{Schema: audit.ReportSchema, Started: at, Finished: at.Add(time.Minute), Version: "v1"}
}

// whole is a run's report with its results.
func whole(t *testing.T, s *Store, at time.Time, results []*audit.Result) *audit.Report {
	t.Helper()
	var out []*audit.Result
	report, err := run(t.Context(), s, headAt(at), slices.Values(results), func(r *audit.Result) { out = append(out, r) })
	require.NoError(t, err)
	report.Results = append(report.Results, out...)
	return report
}

func show(t *testing.T, r *audit.Report) string {
	t.Helper()
	text, err := json.MarshalIndent(r, "", " ")
	require.NoError(t, err)
	return string(text)
}

// collected is what the library makes of the same results in memory.
func collected(at time.Time, results []*audit.Result) *audit.Report {
	report := audit.Collect(slices.Values(results), func() time.Time { return at })
	head := headAt(at)
	report.Started, report.Finished, report.Version = head.Started, head.Finished, head.Version
	return report
}

// differs is where two texts first differ.
func differs(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %s\nand %s\nafter %s", i, x[i], y[i], strings.Join(x[max(0, i-12):i], "\n"))
		}
	}
	return fmt.Sprint(len(x), " and ", len(y), " lines")
}

// TestSameAsCompare: reports from the store are those of audit.Compare over the runs in
// memory: renames, rotations, failed inspections, duplicates and keys that vanished.
func TestSameAsCompare(t *testing.T) {
	t.Parallel()
	for seed := range uint64(75) {
		r := rand.New(rand.NewPCG(seed, 71))
		s := newStore(t)
		var last *audit.Report
		for night := range 5 { // four pairs of runs
			at := noon.AddDate(0, 0, night)
			results := anyRun(r, at)
			if last != nil && r.IntN(2) == 0 { // the same keys, some of them asked in vain or renamed
				results = again(r, last, at)
			}
			now := collected(at, results)
			want := audit.Compare(last, now, nil)
			got := whole(t, s, at, results)
			a, b := show(t, want), show(t, got)
			if a != b {
				require.Fail(t, "differs", "seed %d, run %d: %s", seed, night, differs(a, b))
			}
			last = want
		}
		_, err := s.Verify(t.Context(), "")
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
}

func again(r *rand.Rand, last *audit.Report, at time.Time) (out []*audit.Result) {
	for _, x := range last.Results {
		result := *x
		s := *x.Snapshot
		s.TakenAt, s.FirstSeen = at, time.Time{}
		result.Snapshot, result.Findings, result.Last, result.Resolved = &s, nil, nil, nil
		if r.IntN(4) == 0 {
			other := anyResult(r, at, s.Exchange, 0).Snapshot
			other.Fingerprint, other.KeyID, other.Exchange = s.Fingerprint, s.KeyID, s.Exchange
			result.Snapshot = other
		}
		if r.IntN(5) == 0 {
			result.Name = "new-" + result.Name
		}
		out = append(out, &result)
	}
	return out
}

// TestReportAgain: the report of an earlier run is made again, word for word.
func TestReportAgain(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	r := rand.New(rand.NewPCG(7, 7))
	var want []string
	for night := range 3 {
		at := noon.AddDate(0, 0, night)
		want = append(want, show(t, whole(t, s, at, anyRun(r, at))))
	}
	runs, err := s.List(t.Context(), 0)
	require.NoError(t, err)
	for _, x := range runs {
		pair, err := s.Between(t.Context(), x.Before, x.ID)
		require.NoError(t, err)
		report, results := audit.CompareRuns(t.Context(), pair, nil)
		for stored, err := range results {
			require.NoError(t, err)
			report.Results = append(report.Results, stored.Result)
		}
		assert.Equal(t, want[x.ID-1], show(t, report))
	}
}

// TestUnchangedRun: a run in which nothing has changed stores no body and no link, and
// little else.
func TestUnchangedRun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const keys = 5000 // enough that what all keys of an exchange share counts for little
	from := samples(t, 4)
	size := func() int64 {
		s.checkpoint(t.Context())
		info, err := os.Stat(s.path)
		require.NoError(t, err)
		return info.Size()
	}
	empty := size()
	whole(t, s, noon, slices.Collect(manyKeys(from, keys, 0)))
	first := size() - empty
	rows := func() (n [3]int) {
		require.NoError(t, s.reader.QueryRow("SELECT (SELECT count(*) FROM snapshot), (SELECT count(*) FROM link), (SELECT count(*) FROM text)").Scan(&n[0], &n[1], &n[2]))
		return n
	}
	before := rows()
	const more = 2
	for night := range more {
		at := noon.AddDate(0, 0, night+1)
		results := slices.Collect(manyKeys(from, keys, 0))
		for _, x := range results {
			x.Snapshot.TakenAt = at
			for _, sibling := range x.Snapshot.Siblings {
				sibling.TakenAt = at
			}
		}
		whole(t, s, at, results)
	}
	assert.Equal(t, before, rows())
	perKey := (size() - first - empty) / (keys * more)
	t.Log("bytes per key: first run", first/int64(keys), "later", perKey)
	assert.LessOrEqual(t, first/int64(keys), int64(600))
	assert.LessOrEqual(t, perKey, int64(100))
}
