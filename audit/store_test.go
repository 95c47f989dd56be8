package audit_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// split is two reports, read in parts that are as small as may be.
type split struct {
	before, now *audit.Report
	parts       map[string]int // by name
	read        map[int]int    // how often each was
}

func newSplit(before, now *audit.Report) *split {
	s := &split{before: before, now: now, parts: map[string]int{}, read: map[int]int{}}
	parent := map[string]string{}
	var root func(x string) string
	root = func(x string) string {
		if p, ok := parent[x]; ok && p != x {
			parent[x] = root(p)
			return parent[x]
		}
		return x
	}
	asked := map[string]bool{}
	every := s.results(before, now)
	for _, r := range every {
		for _, l := range r.Links() {
			asked[l.To] = asked[l.To] || l.Asks
		}
	}
	for _, r := range every {
		for _, l := range r.Links() {
			if asked[l.To] {
				parent[root("name "+r.Name)] = root("link " + l.To)
			}
		}
	}
	ids := map[string]int{}
	for _, r := range every {
		of := root("name " + r.Name)
		if ids[of] == 0 {
			ids[of] = len(ids) + 1
		}
		s.parts[r.Name] = ids[of]
	}
	return s
}

func (s *split) results(reports ...*audit.Report) (out []*audit.Result) {
	for _, report := range reports {
		if report != nil {
			out = append(out, report.Results...)
		}
	}
	return out
}

func head(r *audit.Report) *audit.Report {
	if r == nil {
		return nil
	}
	out := *r
	out.Results, out.Findings = nil, nil
	return &out
}

func (s *split) Heads() (before, now *audit.Report) { return head(s.before), head(s.now) }

func (s *split) Names(context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.parts)) {
			if !yield(name, nil) {
				return
			}
		}
	}
}

func (s *split) Part(_ context.Context, name string) (before, now []audit.Stored, err error) {
	s.read[s.parts[name]]++
	for i, of := range [][]*audit.Result{s.results(s.before), s.results(s.now)} {
		for j, r := range of {
			if s.parts[r.Name] == s.parts[name] {
				stored := audit.Stored{ID: int64(j), Result: r}
				if i == 0 {
					before = append(before, stored)
				} else {
					now = append(now, stored)
				}
			}
		}
	}
	return before, now, nil
}

func (s *split) Sample(_ context.Context, earlier bool) iter.Seq2[*audit.Result, error] {
	return func(yield func(*audit.Result, error) bool) {
		report, seen := s.now, map[string]bool{}
		if earlier {
			report = s.before
		}
		for _, r := range report.Results {
			all, unrecognised := r.Vocabulary()
			known := r.Snapshot
			if r.Last != nil {
				known = r.Last
			}
			what := cmp.Or(known.Exchange, r.Exchange) + fmt.Sprint(all)
			what += fmt.Sprint(known.Failure == nil)
			wanted := r.Snapshot.Fingerprint == "" || (earlier && !seen[what]) || (!earlier && len(unrecognised) > 0)
			seen[what] = true
			if wanted && !yield(r, nil) {
				return
			}
		}
	}
}

// anyRuns are two runs of a few owners, at the same exchanges, whose keys have nothing
// to do with those of another.
func anyRuns(r *rand.Rand) (before, after *audit.Report) {
	return runsOf(r, 1+r.IntN(4), r.IntN(3) > 0)
}

func runsOf(r *rand.Rand, owners int, apart bool) (before, after *audit.Report) {
	at := now
	var was, is []*audit.Result
	first := r.IntN(10) == 0
	for owner := range owners {
		then, later := audit.Compare(anyReport(r), anyReport(r), nil), anyReport(r)
		if r.IntN(3) == 0 { // the same keys, some of them without an answer or renamed
			later = &audit.Report{}
			for _, result := range then.Results {
				again := *result
				if r.IntN(2) == 0 && result.Inspected() {
					again.Snapshot = unanswered(r, result.Snapshot)
				}
				if r.IntN(4) == 0 {
					again.Name += "x"
				}
				later.Results = append(later.Results, &again)
			}
		}
		was, is = append(was, owned(then, owner, apart)...), append(is, owned(later, owner, apart)...)
	}
	clock := func() time.Time { return at }
	if !first {
		before = audit.Compare(nil, audit.Collect(slices.Values(was), clock), nil)
	}
	return before, audit.Collect(slices.Values(is), clock)
}

// owned gives the keys of a report to an owner, perhaps at exchanges of their own.
func owned(report *audit.Report, owner int, apart bool) []*audit.Result {
	mark := func(s *access.Snapshot) *access.Snapshot {
		if s == nil {
			return nil
		}
		own := *s
		if own.Fingerprint != "" {
			own.Fingerprint += fmt.Sprint("-", owner)
		}
		if own.KeyID != "" && !strings.HasSuffix(own.KeyID, "*") {
			own.KeyID = own.KeyID[:len(own.KeyID)-1] + fmt.Sprint(owner)
		}
		if own.Exchange != "" && apart {
			own.Exchange += fmt.Sprint(owner)
		}
		if own.Account.ID != "" {
			own.Account.ID += fmt.Sprint(owner)
		}
		return &own
	}
	for _, result := range report.Results {
		if result.Name != "" {
			result.Name += fmt.Sprint("-", owner)
		}
		if result.Record.Replaces != "" {
			result.Record.Replaces += fmt.Sprint("-", owner)
		}
		result.Snapshot, result.Last = mark(result.Snapshot), mark(result.Last)
		for _, s := range []*access.Snapshot{result.Snapshot, result.Last} {
			if s != nil {
				s.Siblings = slices.Clone(s.Siblings)
				for i := range s.Siblings {
					s.Siblings[i] = mark(s.Siblings[i])
				}
			}
		}
	}
	return report.Results
}

// TestCompareRuns: two runs that are read in parts give the report that they give
// when read as a whole, whatever is in them: duplicates, renames, rotations, keys
// that could not be inspected.
func TestCompareRuns(t *testing.T) {
	t.Parallel()
	parts, whole := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 41))
		before, now := anyRuns(r)
		runs := newSplit(before, now)
		whole++
		parts += len(slices.Compact(slices.Sorted(maps.Values(runs.parts))))
		report, results := audit.CompareRuns(t.Context(), runs, nil)
		for stored, err := range results {
			require.NoError(t, err)
			require.Equal(t, now.Results[stored.ID].Name, stored.Result.Name)
			report.Results = append(report.Results, stored.Result)
		}
		want := audit.Compare(before, now, nil)
		if want.Findings == nil {
			want.Findings = report.Findings
		}
		require.Equal(t, show(want), show(report), "seed %d", seed)
	}
	require.Greater(t, parts, whole*3/2, "most runs have several parts")
}

// shelved are runs with a shelf.
type shelved struct {
	*split
	shelf map[string][]byte
	taken int
}

func (s *shelved) Shelve(_ context.Context, name string, judged []byte) error {
	s.shelf[name] = judged
	return nil
}

func (s *shelved) Take(_ context.Context, name string) ([]byte, error) {
	judged := s.shelf[name]
	if judged != nil {
		s.taken++
	}
	delete(s.shelf, name)
	return judged, nil
}

// TestCompareRunsFarApart: keys that concern one another and lie far apart are read
// once to be judged, and are judged as ever.
func TestCompareRunsFarApart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		before, now := runsOf(rand.New(rand.NewPCG(seed, 43)), 500, true)
		runs := &shelved{split: newSplit(before, now), shelf: map[string][]byte{}}
		report, results := audit.CompareRuns(t.Context(), runs, nil)
		for stored, err := range results {
			require.NoError(t, err)
			report.Results = append(report.Results, stored.Result)
		}
		want := audit.Compare(before, now, nil)
		if want.Findings == nil {
			want.Findings = report.Findings
		}
		same := show(want) == show(report) // a difference of megabytes helps nobody
		require.True(t, same, "seed %d", seed)
		require.Greater(t, runs.taken, 100)
		require.Empty(t, runs.shelf)
		for _, times := range runs.read {
			require.LessOrEqual(t, times, 2, "once to survey, and once to judge")
		}
	}
}
