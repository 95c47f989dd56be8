package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TestJournalFails: a disk that fills up loses what -resume would have had; the
// first reason is kept for the end of the run, which goes on.
func TestJournalFails(t *testing.T) {
	t.Parallel()
	j, err := openJournal(filepath.Join(t.TempDir(), "state.jsonl"), false, time.Now)
	require.NoError(t, err)
	r := &audit.Result{Name: "a", Snapshot: &audit.Snapshot{Grants: []audit.Grant{}}, Findings: []audit.Finding{}}
	j.add(r)
	require.NoError(t, j.err)
	require.NoError(t, j.file.Close()) // what is written from here on is lost
	j.add(r)
	first := j.err
	require.Error(t, first)
	j.add(r)
	assert.Equal(t, first, j.err)
}

// TestNoJournal: without a state there is nothing to keep.
func TestNoJournal(t *testing.T) {
	t.Parallel()
	j, err := openJournal("", false, time.Now)
	require.NoError(t, err)
	j.add(&audit.Result{})
	require.NoError(t, j.err)
	j.close()
}
