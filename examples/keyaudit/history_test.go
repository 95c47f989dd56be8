package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
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

// TestStateFollowsNoLink: whoever may write to the folder could have put links there,
// which are not followed, and what is at their ends is left alone.
func TestStateFollowsNoLink(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	precious := writeFile(t, filepath.Join(t.TempDir(), "precious"), 0o644, "precious")
	f.run(t.Context(), t)
	for _, suffix := range []string{".lock", "-wal", lastSuffix} {
		_ = os.Remove(f.state() + suffix)
		require.NoError(t, os.Symlink(precious, f.state()+suffix))
		got := f.run(t.Context(), t)
		if suffix != lastSuffix { // which is replaced
			assert.Contains(t, []int{audit.ExitUsage, audit.ExitNotAssessed}, got.code, "%s: %s", suffix, got.stderr)
		}
		require.NoError(t, os.Remove(f.state()+suffix))
		text, err := os.ReadFile(precious)
		require.NoError(t, err)
		assert.Equal(t, "precious", string(text), suffix)
	}
	f.run(t.Context(), t)
	assert.Equal(t, []string{"keys.json", "state.db", "state.db" + lastSuffix, "state.db.lock"}, entriesOf(t, f.folder), "nothing else is left behind")
	for _, name := range []string{"state.db", "state.db" + lastSuffix, "state.db.lock"} {
		info, err := os.Stat(filepath.Join(f.folder, name))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
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
			f.revive(t)
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

	for name, spoil := range map[string]func(){
		"edited": func() {
			edit(t, f.state(), "UPDATE result SET clock=coalesce(clock,0)+1 WHERE key=(SELECT min(key) FROM result)")
		},
		"row removed": func() { edit(t, f.state(), "DELETE FROM result WHERE key=(SELECT min(key) FROM result)") },
		"body exchanged": func() {
			edit(t, f.state(), "UPDATE snapshot SET data=(SELECT data FROM snapshot s WHERE s.id<>snapshot.id LIMIT 1) WHERE id=(SELECT min(id) FROM snapshot)")
		},
		"cut off": func() { writeFile(t, f.state(), 0o600, string(whole[:len(whole)/2])) },
		"empty":   func() { writeFile(t, f.state(), 0o600, "") },
		"other":   func() { writeFile(t, f.state(), 0o600, `{"a": 1}`) },
	} {
		spoil()
		spoilt, err := os.ReadFile(f.state())
		require.NoError(t, err)
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
		assert.Equal(t, string(spoilt), string(kept), name)
		writeFile(t, f.state(), 0o600, string(whole))
	}

	// One run at a time.
	s := occupied(t, f.state())
	got := f.run(t.Context(), t)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "is used by another run")
	require.NoError(t, s.Close())
	assert.NotEqual(t, audit.ExitUsage, f.run(t.Context(), t).code)
}

// occupied is a state in which another run goes on.
func occupied(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	_, err = s.Begin(t.Context(), &audit.Report{}, false)
	require.NoError(t, err)
	return s
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
	occupied(t, f.state())
	assert.Contains(t, f.run(t.Context(), t, "--state", link).stderr, "is used by another run")
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
