package store

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// toy is a key that may do nothing.
func toy(name, exchange, fingerprint string) *audit.Result {
	s := &access.Snapshot{Inspection: access.Inspection{Exchange: exchange, Environment: "live", Fingerprint: fingerprint, Requests: 1}}
	for _, c := range access.Capabilities() {
		s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.Denied, Evidence: access.Reported})
	}
	s.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8"})
	return &audit.Result{Name: name, Exchange: exchange, Snapshot: s, JudgedBy: audit.ReadOnly()}
}

func night(t *testing.T, s *Store, n int, results ...*audit.Result) {
	t.Helper()
	at := noon.AddDate(0, 0, n)
	for _, r := range results {
		r.Snapshot.TakenAt = at
	}
	whole(t, s, at, results)
}

// failed is a key that could not be inspected.
func failed(r *audit.Result) *audit.Result {
	s := &access.Snapshot{Inspection: access.Inspection{
		Exchange: r.Exchange, Environment: "live", Fingerprint: r.Snapshot.Fingerprint, Failure: &access.Error{Kind: access.KindUnavailable, Message: "down"},
	}}
	return &audit.Result{Name: r.Name, Exchange: r.Exchange, Snapshot: s, JudgedBy: r.JudgedBy}
}

// TestTwoOfOneName: keys of one name have a history each, in whatever order they come, and
// an outage or a mistake in the entry makes none of them another key.
func TestTwoOfOneName(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	mistake := failed(toy("grid", "", ""))
	mistake.Snapshot.Environment, mistake.Snapshot.Failure.Kind = "", access.KindInput
	night(t, s, 0, toy("grid", "okx", "a"), toy("grid", "okx", "b"))
	night(t, s, 1, toy("grid", "okx", "b"), toy("grid", "okx", "a"))
	night(t, s, 2, failed(toy("grid", "okx", "a")), toy("grid", "okx", "b"))
	night(t, s, 3, toy("grid", "okx", "a"), toy("grid", "okx", "b"))
	night(t, s, 4, toy("grid", "okx", "a"), mistake)
	night(t, s, 5, toy("grid", "okx", "a"), toy("grid", "bybit", "c"))
	found, err := s.History(t.Context(), "grid")
	require.NoError(t, err)
	var lines []string
	for _, h := range found {
		lines = append(lines, h.Last.Exchange+" "+h.Last.Snapshot.Fingerprint)
		for _, e := range h.Events {
			line := map[bool]string{true: "first"}[e.First] + map[bool]string{true: "gone"}[e.Gone]
			for _, f := range e.Facts {
				line += " " + f.Rule
			}
			for _, c := range e.Changes {
				if !e.First {
					line += " " + c.Rule + " " + c.What
				}
			}
			lines = append(lines, line)
		}
	}
	assert.Equal(t, []string{
		"okx a", "first", " facts-lost not-inspected opened", " not-inspected closed",
		"bybit c", "first", " facts-lost not-inspected opened", " key-appeared not-inspected closed",
	}, lines)
}

// TestBecame: every way in which a finding can change is told, and none that it didn't.
func TestBecame(t *testing.T) {
	t.Parallel()
	f := func(outcome audit.Outcome, severity audit.Severity, waived string) *audit.Finding {
		return &audit.Finding{Outcome: outcome, Severity: severity, Waived: waived}
	}
	passed, high, critical, waived, unknown := f(audit.Passed, 0, ""), f(audit.Failed, audit.High, ""), f(audit.Failed, audit.Critical, ""), f(audit.Failed, audit.High, "x"), f(audit.Undetermined, audit.High, "")
	for _, tc := range []struct {
		was, is *audit.Finding
		want    string
	}{
		{passed, high, Opened},
		{passed, unknown, Opened},
		{passed, waived, Waived},
		{high, waived, Waived},
		{waived, high, Unwaived},
		{waived, passed, Closed},
		{high, passed, Closed},
		{high, critical, Worse},
		{unknown, high, Worse},
		{critical, high, LessSevere},
		{high, unknown, LessSevere},
		{high, high, ""},
		{waived, waived, ""},
		{passed, f(audit.NotApplicable, 0, ""), ""},
	} {
		assert.Equal(t, tc.want, became(tc.was, tc.is), "%v then %v", tc.was, tc.is)
	}
}

// TestLines: the list of keys says what the runs say, one by one.
func TestLines(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	r := rand.New(rand.NewPCG(21, 1))
	type known struct {
		line *audit.Result
		seen time.Time
	}
	last := map[string]known{}
	var final map[string]bool
	for n := range 5 {
		at := noon.AddDate(0, 0, n)
		final = map[string]bool{}
		for _, x := range whole(t, s, at, anyRun(r, at)).Results {
			last[x.Name] = known{x, at}
			final[x.Name] = true
		}
	}
	found, err := s.Lines(t.Context())
	require.NoError(t, err)
	names, err := s.Names(t.Context())
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, line := range found {
		seen[line.Name] = true
		assert.False(t, line.Gone && line.LastSeen.Equal(noon.AddDate(0, 0, 4)))
		assert.False(t, line.Changed.After(line.LastSeen))
		if want := last[line.Name].line; line.LastSeen.Equal(last[line.Name].seen) && want.Snapshot.Environment == line.Environment && countName(found, line.Name) == 1 {
			var sum audit.Summary
			own := *want
			own.Snapshot = &access.Snapshot{}
			sum.Add(&own)
			total := 0
			for _, f := range want.Findings {
				if isOpen(&f) && f.Waived == "" {
					total++
				}
			}
			got := line.Waived
			for _, counts := range []map[audit.Severity]int{line.Failed, line.Undetermined} {
				for _, n := range counts {
					got += n
				}
			}
			assert.Equal(t, total+sum.Waived, got, line.Name)
		}
	}
	for name := range last {
		assert.True(t, seen[name], name)
		assert.Contains(t, names, name)
	}
	assert.True(t, slices.IsSortedFunc(found, func(a, b *Line) int { return strings.Compare(a.Name, b.Name) }))
	assert.Len(t, names, len(last))
}

func countName(all []*Line, name string) (n int) {
	for _, line := range all {
		if line.Name == name {
			n++
		}
	}
	return n
}

// TestLineChanged: a change, a key that is gone and its return are dated by their runs.
func TestLineChanged(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newStore(t)
	open := func() *audit.Result {
		r := toy("b", "okx", "2")
		r.Snapshot.IPAllowlist = access.NewIPAllowlist(nil)
		return r
	}
	night(t, s, 0, toy("a", "okx", "1"), toy("b", "okx", "2"), toy("c", "okx", "3"))
	night(t, s, 1, toy("a", "okx", "1"), toy("b", "okx", "2"), toy("c", "okx", "3"))
	night(t, s, 2, toy("a", "okx", "1"), open(), toy("c", "okx", "3"))
	night(t, s, 3, toy("a", "okx", "1"), open())
	_, err := s.Begin(ctx, headAt(noon.AddDate(0, 0, 4)), false)
	require.NoError(t, err)
	require.NoError(t, s.Put(ctx, toy("unfinished", "okx", "9")))
	require.NoError(t, s.Flush(ctx))
	lines, err := s.Lines(ctx)
	require.NoError(t, err)
	var got []string
	for _, l := range lines {
		day := func(at time.Time) string { return at.Format("2") }
		got = append(got, strings.Join([]string{l.Name, day(l.FirstSeen), day(l.Changed), day(l.LastSeen), map[bool]string{true: "gone"}[l.Gone]}, " "))
	}
	assert.Equal(t, []string{"a 30 30 3 ", "b 30 2 3 ", "c 30 30 2 gone"}, got)
	all, err := s.All(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"running", "complete"}, []string{all[0].State, all[1].State})
	results, keys, err := s.Held(ctx, "c")
	require.NoError(t, err)
	assert.Equal(t, []int{3, 1}, []int{results, keys})
}

// TestForgetWaits: nothing is forgotten while a run goes on, which has begun already.
func TestForgetWaits(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	night(t, s, 0, toy("a", "okx", "1"))
	_, err := s.Begin(t.Context(), headAt(noon), false)
	require.NoError(t, err)
	other, err := Open(t.Context(), s.path, s.now)
	require.NoError(t, err)
	defer other.Close()
	_, err = other.Forget(t.Context(), "a")
	require.ErrorIs(t, err, ErrRunning)
}
