package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestFirstRunSaysSo: nothing to compare with is said, unless that was asked for.
func TestFirstRunSaysSo(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	got := f.run(t.Context(), t)
	assert.Contains(t, got.stderr, "this is the first run")
	assert.NotEqual(t, audit.ExitNotAssessed, got.code)
	asked := newFirm(t)
	got = asked.run(t.Context(), t, "--state-new")
	assert.Empty(t, got.stderr)
	assert.Nil(t, asked.report(t).Baseline)
}

// TestAnotherState: a state that is not the one that the previous run left is said loudly,
// run after run, with the exit code 3, and left as it is, until it is put right or
// given up. A change that an older state would have hidden is still found.
func TestAnotherState(t *testing.T) {
	t.Parallel()
	other := newFirm(t)
	other.now = other.now.AddDate(0, 0, 7) // of a later run, but not of this firm's
	other.run(t.Context(), t)
	foreign, err := os.ReadFile(other.state())
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		put  func(t *testing.T, f *firm, older string)
		want string
	}{
		"older": {func(t *testing.T, f *firm, older string) { t.Helper(); writeFile(t, f.state(), 0o600, older) }, "is older than the state that the run that ended 2026-11-24 02:30 UTC left"},
		"exchanged": {func(t *testing.T, f *firm, _ string) {
			t.Helper()
			writeFile(t, f.state(), 0o600, string(foreign))
		}, "is not the state that the run that ended 2026-11-24 02:30 UTC left"},
		"gone":  {func(t *testing.T, f *firm, _ string) { t.Helper(); require.NoError(t, os.Remove(f.state())) }, "is gone, which the run that ended 2026-11-24 02:30 UTC left"},
		"empty": {func(t *testing.T, f *firm, _ string) { t.Helper(); writeFile(t, f.state(), 0o600, "") }, "this run is compared with nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFirm(t)
			f.run(t.Context(), t)
			older, err := os.ReadFile(f.state())
			require.NoError(t, err)
			f.change("grid", func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
			found := f.run(t.Context(), t, "--quiet")
			require.Contains(t, found.stdout, "gained-permission")
			right, err := os.ReadFile(f.state())
			require.NoError(t, err)

			tc.put(t, f, string(older))
			before, _ := os.ReadFile(f.state())
			for range 2 {
				got := f.run(t.Context(), t)
				assert.Equal(t, audit.ExitNotAssessed, got.code)
				assert.Contains(t, got.stderr, "keyaudit: --state: ")
				assert.Contains(t, got.stderr, tc.want)
				assert.Contains(t, got.stderr, "--state-new")
				assert.Contains(t, got.stdout, "grid", "the audit goes on")
				after, _ := os.ReadFile(f.state())
				assert.Equal(t, string(before), string(after), "nothing is overwritten")
			}

			// It is put right,
			writeFile(t, f.state(), 0o600, string(right))
			got := f.run(t.Context(), t, "--quiet")
			assert.Equal(t, found.code, got.code)
			assert.Empty(t, got.stdout+got.stderr)
			// or given up.
			tc.put(t, f, string(older))
			got = f.run(t.Context(), t, "--state-new")
			assert.Equal(t, found.code, got.code)
			assert.Empty(t, got.stderr)
			assert.Nil(t, f.report(t).Baseline)
			got = f.run(t.Context(), t, "--quiet")
			assert.Empty(t, got.stdout+got.stderr)
		})
	}
}

// TestNoteIsUnreadable: a state of which nobody can say whether it is the right one is in
// doubt.
func TestNoteIsUnreadable(t *testing.T) {
	t.Parallel()
	for _, note := range []string{"", "nonsense", "a b"} {
		f := newFirm(t)
		f.run(t.Context(), t)
		writeFile(t, f.state()+lastSuffix, 0o600, note)
		got := f.run(t.Context(), t)
		assert.Equal(t, audit.ExitNotAssessed, got.code, note)
		assert.Contains(t, got.stderr, lastSuffix+`" cannot be read; this run is compared with it all the same`, note)
	}
}

// TestKilledBetweenTheTwo: a run that is killed between writing the state and noting
// which one it is does not leave a state in doubt.
func TestKilledBetweenTheTwo(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	noted, err := os.ReadFile(f.state() + lastSuffix)
	require.NoError(t, err)
	f.run(t.Context(), t)
	writeFile(t, f.state()+lastSuffix, 0o600, string(noted))
	got := f.run(t.Context(), t, "--quiet")
	assert.Empty(t, got.stdout+got.stderr)
}

// TestStateNewReplacesStatesOnly: the word does not overwrite a file that is no state.
func TestStateNewReplacesStatesOnly(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	for _, text := range []string{"notes of a person", `{"keys": []}`, "-----BEGIN PRIVATE KEY-----"} {
		writeFile(t, f.state(), 0o600, text)
		got := f.run(t.Context(), t, "--state-new")
		assert.Equal(t, audit.ExitUsage, got.code, text)
		assert.Contains(t, got.stderr, "is not a state")
		kept, err := os.ReadFile(f.state())
		require.NoError(t, err)
		assert.Equal(t, text, string(kept))
	}
	assert.Empty(t, f.fakes["bybit"].Requests())
}

// TestJournalFollowsNoLink: a journal is a new file of mode 0600, or the one that a run
// left. What somebody else put there is neither followed nor emptied.
func TestJournalFollowsNoLink(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	precious := writeFile(t, filepath.Join(t.TempDir(), "precious"), 0o644, "precious")
	running := f.state() + journalSuffix
	require.NoError(t, os.Symlink(precious, running))
	got := f.run(t.Context(), t)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "is not a regular file: remove it")
	assert.Empty(t, f.fakes["bybit"].Requests())

	require.NoError(t, os.Remove(running))
	require.NoError(t, os.Link(precious, running)) // also a name of another file
	f.network.asked = func() {
		info, err := os.Stat(running)
		if assert.NoError(t, err) {
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		}
	}
	got = f.run(t.Context(), t)
	assert.NotEqual(t, audit.ExitUsage, got.code, got.stderr)
	text, err := os.ReadFile(precious)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(text))
	assert.Equal(t, []string{"keys.json", "state.jsonl", "state.jsonl" + lastSuffix}, entriesOf(t, f.folder), "nothing is left behind")
}

// TestResumeKnowsTheKey: a stored result belongs to a key, an exchange, an environment
// and a base URL, and not to a name. Whatever of these is changed, the key is asked.
func TestResumeKnowsTheKey(t *testing.T) {
	t.Parallel()
	withdrawing := exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}}
	for name, tc := range map[string]struct {
		change func(t *testing.T, f *firm)
		asked  bool
	}{
		"nothing": {func(*testing.T, *firm) {}, false},
		"key":     {func(_ *testing.T, f *firm) { f.issue("grid", "bybit", "spot-trading", withdrawing) }, true},
		"policy":  {func(_ *testing.T, f *firm) { f.entries["grid"]["policy"] = "read-only" }, false},
		"exchange": {func(_ *testing.T, f *firm) {
			f.issue("grid", "okx", "spot-trading", exchangetest.Spec{Permissions: []string{"withdraw"}})
		}, true},
		"environment": {func(_ *testing.T, f *firm) { f.entries["grid"]["environment"] = "testnet" }, true},
		"base URL":    {func(_ *testing.T, f *firm) { f.entries["grid"]["base_url"] = "https://api.bytick.com" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFirm(t)
			f.run(t.Context(), t)
			state, err := os.ReadFile(f.state())
			require.NoError(t, err)
			require.NoError(t, os.Remove(f.state()))
			require.NoError(t, os.Remove(f.state()+lastSuffix))
			writeFile(t, f.state()+journalSuffix, 0o600, string(state)) // as if it had been killed before its end
			f.now = f.now.AddDate(0, 0, -1).Add(time.Hour)
			requests := f.requests()
			tc.change(t, f)
			got := f.run(t.Context(), t, "--resume")
			if !tc.asked {
				assert.Equal(t, requests, f.requests(), "the stored result is taken")
				assert.Zero(t, f.report(t).Summary.NotInspected)
				return
			}
			assert.Greater(t, f.requests(), requests, "the key is asked")
			for _, r := range f.report(t).Results {
				if r.Name == "grid" && (name == "key" || name == "exchange") {
					assert.Equal(t, audit.Failed, r.Finding("withdrawal").Outcome)
					assert.Equal(t, audit.ExitFindings, got.code)
				}
			}
		})
	}
}

// requests are how many all exchanges received.
func (f *firm) requests() (n int) {
	for _, fake := range f.fakes {
		n += len(fake.Requests())
	}
	return n
}

// TestStateIsGuarded: an unreadable state costs the comparison and not the audit, it is
// kept as it is, and two runs never write one state.
func TestStateIsGuarded(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	whole, err := os.ReadFile(f.state())
	require.NoError(t, err)
	info, err := os.Stat(f.state())
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	edited := bytes.Replace(whole, []byte(`"granted"`), []byte(`"denied"`), 1)
	require.NotEqual(t, whole, edited)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, text := range map[string][]byte{
		"edited": edited, "line removed": append(append([]byte{}, lines[0]...), bytes.Join(lines[2:], nil)...),
		"cut off": bytes.Join(lines[:3], nil), "empty": {}, "other": []byte(`{"a": 1}`),
	} {
		writeFile(t, f.state(), 0o600, string(text))
		requests := len(f.fakes["bybit"].Requests())
		got := f.run(t.Context(), t)
		assert.Equal(t, audit.ExitNotAssessed, got.code, name)
		assert.Contains(t, got.stderr, "keyaudit: --state: ", name)
		assert.Contains(t, got.stderr, "compared with nothing", name)
		assert.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
		assert.Contains(t, got.stdout, "grid", name)
		assert.Len(t, f.fakes["bybit"].Requests(), requests+1, name)
		kept, err := os.ReadFile(f.state())
		require.NoError(t, err)
		assert.Equal(t, string(text), string(kept), name)
		assert.NoFileExists(t, f.state()+journalSuffix)
	}

	// The chain continues from run to run.
	writeFile(t, f.state(), 0o600, string(whole))
	f.run(t.Context(), t)
	next, err := os.ReadFile(f.state())
	require.NoError(t, err)
	var last, first struct{ Chain, After string }
	before := bytes.Split(bytes.TrimSpace(whole), []byte("\n"))
	require.NoError(t, json.Unmarshal(before[len(before)-1], &last))
	require.NoError(t, json.Unmarshal(bytes.Split(next, []byte("\n"))[0], &first))
	assert.NotEmpty(t, last.Chain)
	assert.Equal(t, last.Chain, first.After)

	j, err := openJournal(&settings{state: f.state()}, nil, time.Now)
	require.NoError(t, err)
	defer j.close()
	got := f.run(t.Context(), t)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "another run is using")
}

// TestStateByAnotherName: a state that is named through a link is the same state, also
// for what lies beside it.
func TestStateByAnotherName(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(f.state(), link))
	for _, state := range []string{link, link, f.state(), link} {
		got := f.run(t.Context(), t, "--quiet", "--state", state)
		assert.Empty(t, got.stdout+got.stderr)
	}
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	assert.Equal(t, []string{"link"}, entriesOf(t, filepath.Dir(link)))
	j, err := openJournal(&settings{state: f.state()}, nil, time.Now)
	require.NoError(t, err)
	defer j.close()
	assert.Contains(t, f.run(t.Context(), t, "--state", link).stderr, "another run is using")
}

// TestDoubtIsNotified: with --notify-when changes, too, and run after run.
func TestDoubtIsNotified(t *testing.T) {
	t.Parallel()
	f, h := newFirm(t), newHook(t, http.StatusOK)
	f.network.env["CHAT"] = h.chat()
	f.run(t.Context(), t)
	older, err := os.ReadFile(f.state())
	require.NoError(t, err)
	f.run(t.Context(), t)
	writeFile(t, f.state(), 0o600, string(older))
	for range 2 {
		f.run(t.Context(), t, "--notify", "env:CHAT", "--notify-when", "changes")
	}
	require.Len(t, h.received(), 2)
	assert.Contains(t, h.received()[1], "The state is not the one that the previous run left")
}
