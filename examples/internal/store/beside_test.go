package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNothingBesideIsRemoved: a state may be called as a user's other files begin. SQLite
// takes what lies beside it under its own names for its own, and removes it.
func TestNothingBesideIsRemoved(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"-journal", "-wal", "-shm"} {
		for _, there := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "trading")
			if there {
				s, err := Open(t.Context(), path, nil)
				require.NoError(t, err)
				require.NoError(t, s.Close())
			}
			require.NoError(t, os.WriteFile(path+suffix, []byte("my diary"), 0o600))
			s, err := Open(t.Context(), path, nil)
			if err == nil {
				_ = s.Close()
			}
			require.ErrorIs(t, err, ErrBeside, suffix)
			_, err = OpenForReading(t.Context(), path)
			require.Error(t, err, suffix)
			_, err = Claim(path)
			require.ErrorIs(t, err, ErrBeside, suffix)
			is, err := os.ReadFile(path + suffix)
			require.NoError(t, err)
			assert.Equal(t, "my diary", string(is), suffix)
			if _, err := os.Stat(path); !there {
				require.ErrorIs(t, err, os.ErrNotExist, "nothing is begun")
			}
		}
	}
}

// TestAnotherDatabase: one of another program stays as it is, and alone, though what it has is
// still in its write-ahead log; so does the rest of one that was moved away.
func TestAnotherDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "theirs.db")
	theirs, err := sql.Open("sqlite", dsn(path, "_pragma=journal_mode(wal)", "_pragma=wal_autocheckpoint(0)"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = theirs.Close() })
	_, err = theirs.Exec("CREATE TABLE t(a)")
	require.NoError(t, err)
	main, err := os.ReadFile(path)
	require.NoError(t, err)
	log, err := os.ReadFile(path + "-wal")
	require.NoError(t, err)
	require.NotEmpty(t, log)
	for name, files := range map[string]map[string][]byte{
		"whole": {"x": main, "x-wal": log}, "at rest": {"x": main}, "moved away": {"x-wal": log},
	} {
		own := t.TempDir()
		for file, content := range files {
			require.NoError(t, os.WriteFile(filepath.Join(own, file), content, 0o600))
		}
		s, err := Open(t.Context(), filepath.Join(own, "x"), nil)
		if err == nil {
			_ = s.Close()
		}
		require.Error(t, err, name)
		entries, err := os.ReadDir(own)
		require.NoError(t, err)
		assert.Len(t, entries, len(files), name)
		for file, content := range files {
			is, err := os.ReadFile(filepath.Join(own, file))
			require.NoError(t, err, name)
			assert.True(t, slices.Equal(content, is), "%s: %s", name, file)
		}
	}
}

// TestKilledWhileItWrote: what a program that was killed in the middle of writing left beside
// the state is undone, and the state goes on.
func TestKilledWhileItWrote(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	whole(t, s, noon, samples(t, 1))
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", dsn(s.path, "_pragma=journal_mode(delete)", "_pragma=cache_size(1)"))
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec("BEGIN IMMEDIATE; PRAGMA user_version=1; CREATE TABLE big(a); INSERT INTO big SELECT zeroblob(100000) FROM (VALUES (1),(2),(3),(4))")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "x.db")
	for _, suffix := range []string{"", "-journal"} { // as they are now
		data, err := os.ReadFile(s.path + suffix)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path+suffix, data, 0o600))
	}
	_, err = db.Exec("ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	again, err := OpenForReading(t.Context(), path) // as a run looks at first
	require.NoError(t, err)
	runs, err := again.List(t.Context(), 0)
	require.NoError(t, err)
	assert.Len(t, runs, 1)
	require.NoError(t, again.Close())
	require.NoFileExists(t, path+"-journal")
}
