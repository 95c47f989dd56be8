//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestAttestKeepsTheOwner: an administrator who attests does not take the file from the
// user that the audit runs as.
func TestAttestKeepsTheOwner(t *testing.T) {
	t.Parallel()
	q := newQuietKey(t)
	owner := os.Geteuid()
	if owner == 0 {
		owner = 4321
		require.NoError(t, os.Chown(q.file, owner, owner))
	}
	until := time.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly)
	got := q.run(t.Context(), "attest", "grid's 1", "withdrawal", "--keys", q.file, "--statement", "off", "--until", until)
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	var now syscall.Stat_t
	require.NoError(t, syscall.Stat(q.file, &now))
	assert.Equal(t, owner, int(now.Uid))
}

// TestMemoryOfAnotherUser: whoever owns the folder, or the signing key in it, could sign a
// good result.
func TestMemoryOfAnotherUser(t *testing.T) {
	t.Parallel()
	root, err := os.Stat("/")
	require.NoError(t, err)
	assert.Equal(t, os.Geteuid() == 0, isOwn(root))
	if os.Geteuid() != 0 {
		return // who may give nothing away
	}
	d := newDoorway(t)
	require.Equal(t, audit.ExitClean, d.check(t).code)
	for _, path := range []string{d.memory, filepath.Join(d.memory, memoryKey)} {
		require.NoError(t, os.Chown(path, 4321, 4321))
		got := d.check(t)
		assert.Equal(t, audit.ExitUsage, got.code, path)
		assert.Contains(t, got.stderr, "keyaudit: --memory: ", path)
		require.NoError(t, os.Chown(path, 0, 0))
	}
	assert.Equal(t, audit.ExitClean, d.check(t).code)
}
