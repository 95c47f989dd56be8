package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestForgetNamesTheCopies: what the program itself has put beside a state still holds the
// key. It is named, with what to do, and nothing of it is removed.
func TestForgetNamesTheCopies(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.asEarlier(t)
	f.run(t.Context(), t)                // which takes it over
	f.run(t.Context(), t, "--state-new") // which moves it away
	f.run(t.Context(), t)
	forget := func(state, key string) ran {
		return runWith(t.Context(), nil, "forget", "--state", state, key, "--yes")
	}
	moved, err := filepath.Glob(f.state() + ".2*Z")
	require.NoError(t, err)
	require.Len(t, moved, 1)
	unread := writeFile(t, f.state()+".20260101T000000Z", 0o600, "no state")
	writeFile(t, f.state()+".20260101T000000Z.txt", 0o600, "grid")
	before := entriesOf(t, f.folder)

	got := forget(f.state(), "grid")
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	assert.Contains(t, got.stderr, showPath(f.state()+earlierSuffix)+" still holds it, as an earlier version of keyaudit kept it: remove that file if nobody needs it\n")
	assert.Contains(t, got.stderr, showPath(moved[0])+" still holds it, a state that --state-new replaced: keyaudit forget --state "+moved[0]+" grid\n")
	assert.Contains(t, got.stderr, showPath(unread)+" cannot be read, and may hold it: look into that file\n")
	assert.Equal(t, 3, strings.Count(got.stderr, "\n"), got.stderr)
	assert.Equal(t, before, entriesOf(t, f.folder))

	link := filepath.Join(f.folder, "link.db")
	require.NoError(t, os.Symlink(f.state(), link))
	got = forget(link, "grid")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "unknown key")
	assert.Contains(t, got.stderr, moved[0], "also of a key that the state does not have, and of a link")
	require.NoError(t, os.Remove(unread))
	got = forget(moved[0], "grid")
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	require.NoError(t, os.Remove(f.state()+earlierSuffix))
	got = forget(f.state(), "tax")
	assert.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
	assert.Empty(t, forget(moved[0], "tax").stderr)
}
