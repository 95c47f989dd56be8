package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestJournalFails: a full disk costs what --resume would have had. The run goes
// on, and the first error is kept for its end.
func TestJournalFails(t *testing.T) {
	t.Parallel()
	j, err := openJournal(&settings{state: filepath.Join(t.TempDir(), "state.jsonl")}, nil, time.Now)
	require.NoError(t, err)
	r := &audit.Result{Name: "a", Snapshot: &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{}}}, Findings: []audit.Finding{}}
	j.add(r)
	require.NoError(t, j.err)
	require.NoError(t, j.file.Close()) // what is written from here on is lost
	j.add(r)
	first := j.err
	require.Error(t, first)
	j.add(r)
	assert.Equal(t, first, j.err)
}

// TestNoJournal: without a state nothing is stored.
func TestNoJournal(t *testing.T) {
	t.Parallel()
	j, err := openJournal(&settings{state: ""}, nil, time.Now)
	require.NoError(t, err)
	j.add(&audit.Result{})
	require.NoError(t, j.err)
	j.close()
}

// TestResumeOnlyRecent: a journal of a finished run, an old one, or one with half a
// line does not count as results of this run.
func TestResumeOnlyRecent(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	running := f.state() + journalSuffix
	state, err := os.ReadFile(f.state())
	require.NoError(t, err)
	asked := len(f.fakes["bybit"].Requests())

	// The state was written, and the journal not removed.
	writeFile(t, running, 0o600, string(state))
	f.now = f.now.Add(-24*time.Hour + time.Minute)
	got := f.run(t.Context(), t, "--resume")
	assert.NotContains(t, got.stderr, "results of the run that began")
	assert.Greater(t, len(f.fakes["bybit"].Requests()), asked, "every key is asked")

	// Days have passed.
	require.NoError(t, os.Remove(f.state()))
	require.NoError(t, os.Remove(f.state()+lastSuffix))
	writeFile(t, running, 0o600, string(state))
	f.now = f.now.AddDate(0, 0, 3)
	got = f.run(t.Context(), t, "--resume")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "too long ago to continue")

	// Only half a line was written.
	writeFile(t, running, 0o600, `{"type":"sta`)
	f.run(t.Context(), t, "--resume")
	_, err = readReport(f.state())
	require.NoError(t, err)
}

// TestResumeKnowsTheEgress: what was found by another way out may differ, for instance
// whether the IP address is allowed.
func TestResumeKnowsTheEgress(t *testing.T) {
	t.Parallel()
	for egress, kept := range map[string]int{"": 1, "tokyo": 0} {
		j := &journal{results: []*audit.Result{{Name: "a", Snapshot: &access.Snapshot{}}}}
		assert.Equal(t, kept, j.resume([]audit.Key{{Name: "a", Egress: egress}}), egress)
	}
}

// TestDemonstrationsStayApart: what the fakes invent is never kept as a state, and
// never reported to a dead man's switch as a run.
func TestDemonstrationsStayApart(t *testing.T) {
	t.Parallel()
	const bot = "jesse=samples/jesse/api-keys.csv"
	state := filepath.Join(t.TempDir(), "state.jsonl")
	got := runWith(t.Context(), nil, "--demo", "--from", bot, "--state", state)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "what the fakes report about your keys is invented")
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
	assert.Equal(t, "keyaudit: 1 key could not be inspected\n", got.stderr)
}

// TestStateFolderGone: if the state's folder is removed during a run, the state is
// lost, and the report is not.
func TestStateFolderGone(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	state := filepath.Join(f.folder, "gone", "state.jsonl")
	require.NoError(t, os.Mkdir(filepath.Dir(state), 0o700))
	asked := false
	f.network.asked = func() {
		asked = true
		assert.NoError(t, os.RemoveAll(filepath.Dir(state)))
	}
	got := f.run(t.Context(), t, "--concurrency", "1", "--state", state)
	assert.True(t, asked)
	assert.Equal(t, exitUnwritten, got.code)
	assert.Contains(t, got.stdout, "grid")
	assert.Contains(t, got.stderr, "the state could not be written")
}
