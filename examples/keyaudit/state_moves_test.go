package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// asEarlier makes the state of a firm what an earlier version kept, and returns its text.
func (f *firm) asEarlier(t *testing.T) string {
	t.Helper()
	f.run(t.Context(), t)
	lines := inLines(t, f.folder, "lines", f.report(t))
	require.NoError(t, os.Remove(f.state()+lastSuffix))
	require.NoError(t, os.Rename(lines, f.state()))
	return content(t, f.state())
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestOldStateIsTakenOver: the state of an earlier version becomes a database, once, with
// which the run is compared. It stays beside it.
func TestOldStateIsTakenOver(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	text := f.asEarlier(t)
	got := f.run(t.Context(), t)
	assert.Contains(t, got.stderr, "it is a database now")
	assert.Equal(t, text, content(t, f.state()+earlierSuffix))
	assert.Equal(t, database, kindOf(f.state()))
	require.NotNil(t, f.report(t).Baseline, "it was compared")
	got = f.run(t.Context(), t)
	assert.NotContains(t, got.stderr, "it is a database now")
	assert.Equal(t, text, content(t, f.state()+earlierSuffix))
	assert.Equal(t, []string{"keys.json", "state.db", "state.db.earlier", "state.db.last", "state.db.lock"}, entriesOf(t, f.folder))
}

// TestTakingOverOverwritesNothing: neither what is called as the report would be, nor what
// lies beside it.
func TestTakingOverOverwritesNothing(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	text := f.asEarlier(t)
	mine, fresh := writeFile(t, f.state()+earlierSuffix, 0o600, "mine"), writeFile(t, f.state()+".new", 0o600, "mine, too")
	got := f.run(t.Context(), t)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "exists: move that away")
	assert.Equal(t, "mine", content(t, mine))
	assert.Equal(t, text, content(t, f.state()))
	require.NoError(t, os.Remove(mine))
	assert.NotEqual(t, audit.ExitUsage, f.run(t.Context(), t).code)
	assert.Equal(t, "mine, too", content(t, fresh))
}

// TestStateNewWhileRunning: the state of a run that goes on is not moved away.
func TestStateNewWhileRunning(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.run(t.Context(), t)
	before, left := content(t, f.state()), entriesOf(t, f.folder)
	release, err := store.Claim(f.state())
	require.NoError(t, err)
	got := f.run(t.Context(), t, "--state-new")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "is used by another run")
	assert.Equal(t, before, content(t, f.state()))
	assert.Equal(t, left, entriesOf(t, f.folder))
	release()
	assert.NotEqual(t, audit.ExitUsage, f.run(t.Context(), t, "--state-new").code)
}

// TestStateNewDestroysNothing: what is called as the files of a state are, and is something
// else, is moved away with the state or stops the run.
func TestStateNewDestroysNothing(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	writeFile(t, f.state()+lastSuffix, 0o600, "my diary")
	got := f.run(t.Context(), t)
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.Equal(t, "my diary", content(t, f.state()+lastSuffix))
	f.run(t.Context(), t, "--state-new")
	moved, err := filepath.Glob(f.state() + ".*" + lastSuffix)
	require.NoError(t, err)
	require.Len(t, moved, 1)
	assert.Equal(t, "my diary", content(t, moved[0]))
	log := writeFile(t, f.state()+"-wal", 0o600, "my diary")
	before := entriesOf(t, f.folder)
	got = f.run(t.Context(), t, "--state-new")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "not its own")
	assert.Equal(t, "my diary", content(t, log))
	assert.Equal(t, before, entriesOf(t, f.folder))
}
