package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// revive makes the last run of a state one that was killed before its end.
func (f *firm) revive(t *testing.T) {
	t.Helper()
	edit(t, f.state(), "UPDATE run SET state='running' WHERE id=(SELECT max(id) FROM run)")
	require.NoError(t, os.Remove(f.state()+lastSuffix))
}

// edit changes a state behind the program's back.
func edit(t *testing.T, state, query string) {
	t.Helper()
	db, err := openSQL(state)
	require.NoError(t, err)
	defer db.Close()
	result, err := db.ExecContext(context.WithoutCancel(t.Context()), query)
	require.NoError(t, err)
	if !strings.HasPrefix(query, "PRAGMA ") {
		changed, err := result.RowsAffected()
		require.NoError(t, err)
		require.NotZero(t, changed, query)
	}
}

// TestResumeOnlyRecent: a finished run, or an old one, does not count as results of this
// run.
func TestResumeOnlyRecent(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	asked := len(f.fakes["bybit"].Requests())
	f.now = f.now.Add(-24*time.Hour + time.Minute)
	got := f.run(t.Context(), t, "--resume")
	assert.NotContains(t, got.stderr, "continuing")
	assert.Greater(t, len(f.fakes["bybit"].Requests()), asked, "every key is asked")

	// Days have passed.
	f.revive(t)
	f.now = f.now.AddDate(0, 0, 3)
	got = f.run(t.Context(), t, "--resume")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "too long ago to continue")

	// Without the word it begins anew.
	got = f.run(t.Context(), t)
	assert.NotContains(t, got.stderr, "continuing")
	assert.Len(t, f.report(t).Results, 4)
}

// TestResumeKnowsTheEgress: what was found by another way out may differ, for instance
// whether the IP address is allowed, and a probe proves something about its own egress only.
func TestResumeKnowsTheEgress(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		egress, probe string
		kept          bool
	}{{"", "", true}, {"tokyo", "", false}, {"", "osaka", false}} {
		fake := exchangetest.Bybit()
		key := audit.Key{Name: "a", Exchange: bybit.Exchange, Credentials: fake.Issue(spotKey), Policy: audit.SpotTrading()}
		found, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
		require.NoError(t, err)
		s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), nil)
		require.NoError(t, err)
		_, err = s.Begin(t.Context(), &audit.Report{}, false)
		require.NoError(t, err)
		require.NoError(t, s.Put(t.Context(), found))
		require.NoError(t, s.Flush(t.Context()))
		r := newResumption(t.Context(), s)
		key.Egress, key.Record.Probe = tc.egress, tc.probe
		assert.Equal(t, tc.kept, r.has(t.Context(), &key, key.Credentials), tc)
		taken := r.taken(t.Context(), &audit.Result{Name: "a"})
		assert.Equal(t, tc.kept, taken.Snapshot != nil, tc)
		assert.Equal(t, tc.kept, len(taken.Findings) > 0, "counted as one that was not inspected")
		require.NoError(t, r.err)
		require.NoError(t, s.Close())
	}
}

// TestDemonstrationsStayApart: what the fakes invent is never kept as a state, and
// never reported to a dead man's switch as a run.
func TestDemonstrationsStayApart(t *testing.T) {
	t.Parallel()
	const bot = "jesse=samples/jesse/api-keys.csv"
	state := filepath.Join(t.TempDir(), "state.db")
	got := runWith(t.Context(), nil, "--demo", "--from", bot, "--state", state)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "fakes invent what they report about your keys")
	got = runWith(t.Context(), map[string]string{"PING": "https://hc.example/x"}, "--demo", "--from", bot, "--ping", "env:PING")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "a demonstration must not report to a dead man's switch")
	got = runWith(t.Context(), nil, "--demo", "--from", bot)
	assert.Contains(t, got.stdout, "(demonstration)")
	assert.NoFileExists(t, state)
}

// TestFoldersAreRefused: a report or a state is a regular file, or standard
// output.
func TestFoldersAreRefused(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	keys := s.keyFile(t, s.entry("a", "spot-trading", spotKey))
	for _, args := range [][]string{{"--output", s.folder}, {"--since", s.folder}, {"--state", s.folder}, {"--report", "prometheus=" + s.folder}} {
		got := runWith(t.Context(), s.env, append([]string{"--keys", keys}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code, args)
		assert.Contains(t, got.stderr, "is not a regular file", args)
	}
	for _, path := range []string{"-", "/dev/stdout"} {
		got := runWith(t.Context(), s.env, "--keys", keys, "--output", path)
		assert.NotEmpty(t, got.stdout)
	}
	file := filepath.Join(s.folder, "keys.prom")
	for range 2 {
		runWith(t.Context(), s.env, "--keys", keys, "--report", "prometheus="+file)
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o644), info.Mode().Perm(), "its collector is another user")
	}
}

// TestQuietButIncomplete: a key that still cannot be inspected is reported again.
func TestQuietButIncomplete(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.change("grid", func(s *exchangetest.Spec) {
		s.Faults = []exchangetest.Fault{{Failure: exchangetest.FailUnknownKey, Times: -1}}
	})
	f.run(t.Context(), t)
	got := f.run(t.Context(), t, "--quiet")
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.stderr, `keyaudit: 1 key could not be inspected: "grid": `)
	assert.Equal(t, 1, strings.Count(got.stderr, "\n"))
}

// TestStateFolderGone: if the state's folder is removed during a run, that is said.
func TestStateFolderGone(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	state := filepath.Join(f.folder, "gone", "state.db")
	require.NoError(t, os.Mkdir(filepath.Dir(state), 0o700))
	asked := false
	f.network.asked = func() {
		asked = true
		assert.NoError(t, os.RemoveAll(filepath.Dir(state)))
	}
	got := f.run(t.Context(), t, "--concurrency", "1", "--state", state)
	assert.True(t, asked)
	assert.Equal(t, exitUnwritten, got.code)
	assert.Contains(t, got.stderr, "the state could not be written")
}

// TestStoppedWhileResumed: a signal before a key's turn leaves what is stored of it, unless
// it was seen to be of another key; the end of the time limit does not.
func TestStoppedWhileResumed(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Bybit()
	key := audit.Key{Name: "a", Exchange: bybit.Exchange, Credentials: fake.Issue(spotKey), Policy: audit.SpotTrading()}
	found, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
	require.NoError(t, err)
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), nil)
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Begin(t.Context(), &audit.Report{}, false)
	require.NoError(t, err)
	require.NoError(t, s.Put(t.Context(), found))
	require.NoError(t, s.Flush(t.Context()))
	over, stop := context.WithCancel(t.Context())
	stop()
	notAsked, err := audit.Assess(over, key, &audit.Options{Transport: fake})
	require.ErrorIs(t, err, access.KindCanceled)
	elsewhere := *notAsked
	elsewhere.Exchange = "okx"
	replaced := key
	replaced.Credentials = fake.Issue(spotKey)

	assert.True(t, newResumption(over, s).taken(over, notAsked).Inspected(), "stopped by a signal")
	assert.False(t, newResumption(over, s).taken(over, &elsewhere).Inspected(), "a key of another exchange")
	assert.False(t, newResumption(t.Context(), s).taken(over, notAsked).Inspected(), "the time limit")
	r := newResumption(over, s)
	require.False(t, r.has(t.Context(), &replaced, replaced.Credentials))
	assert.False(t, r.taken(over, notAsked).Inspected(), "a key that was replaced")
}

// TestNoteCannotBeWritten: the run counts all the same.
func TestNoteCannotBeWritten(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.network.asked = func() {
		assert.NoError(t, os.MkdirAll(filepath.Join(f.state()+lastSuffix, "what is in its place"), 0o700))
	}
	got := f.run(t.Context(), t)
	assert.Equal(t, audit.ExitFindings, got.code, "of the report, which is complete")
	assert.Contains(t, got.stderr, "the run counts, but "+showPath(f.state()+lastSuffix)+" could not be written")
	assert.Len(t, f.report(t).Results, 4)
}
