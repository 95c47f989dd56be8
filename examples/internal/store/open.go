// Package store keeps the runs of keyaudit in an SQLite database: what is needed to
// compare a run with the previous one, to go on with one that was killed, and to tell
// what has become of a key since it was first audited.
//
// What an inspection found is stored once for all runs in which it was the same,
// without what differs every time (when it was taken, how long the clock was off). Of
// the findings their outcomes are stored, and their words made again by judging. Runs
// form a chain of digests, see Verify. Only one run goes on at a time; the sqlite3
// program may read meanwhile, and the views current_keys, findings, changes and
// shared_keys are made for it.
package store

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver
)

const (
	applicationID = 0x6b617564 // "kaud"
	userVersion   = 1
	lockSuffix    = ".lock"
)

//go:embed schema.sql
var schema string

//go:embed views.sql
var views string

// Store is a state. It implements audit.Store, and is used by one goroutine at a time.
type Store struct {
	path   string
	now    func() time.Time
	db     *sql.DB // one connection, for writing; nil if opened for reading
	reader *sql.DB
	lock   *os.File

	mu      sync.Mutex // the timer writes, too
	batch   batch
	run     int64 // the one that goes on; 0 for none
	kept    int
	put     bitset // the keys of this run that were put by this program
	resumed bool
	digest  string // of this run, once it is sealed
	shelves []*shelf
	packer  *packer
}

// Open opens a state for writing, or creates it, readable by its owner only. A nil
// clock is time.Now.
func Open(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	return open(ctx, path, now, true)
}

// OpenForReading opens a state that exists, also while a run goes on.
func OpenForReading(ctx context.Context, path string) (*Store, error) {
	return open(ctx, path, nil, false)
}

func open(ctx context.Context, path string, now func() time.Time, write bool) (_ *Store, err error) {
	if now == nil {
		now = time.Now
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, ErrNoAccess
	}
	s := &Store{path: path, now: now, packer: newPacker()}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if err := prepareFile(path, write); err != nil {
		return nil, err
	}
	s.reader, err = sql.Open("sqlite", dsn(path, "mode=ro", "_pragma=busy_timeout(5000)", "_pragma=cache_size(-4000)", "_pragma=trusted_schema(0)", "_pragma=query_only(1)"))
	if err != nil {
		return nil, ErrNoAccess
	}
	s.reader.SetMaxOpenConns(2)
	empty, err := s.identify(ctx)
	if errors.Is(err, ErrNoAccess) && s.rollBack(ctx) == nil {
		empty, err = s.identify(ctx)
	}
	if err != nil || !write {
		if err == nil && empty {
			err = ErrForeign
		}
		return s, err
	}
	s.db, err = sql.Open("sqlite", dsn(path, "_txlock=immediate", "_pragma=busy_timeout(5000)", "_pragma=synchronous(full)",
		"_pragma=cache_size(-6000)", "_pragma=trusted_schema(0)", "_pragma=secure_delete(1)"))
	if err != nil {
		return nil, ErrNoAccess
	}
	s.db.SetMaxOpenConns(1)
	if empty {
		return s, s.plain(s.create(ctx))
	}
	return s, nil
}

// rollBack undoes what a program that was killed had begun to write, which only a connection
// that may write does. It is a state, by its mark.
func (s *Store) rollBack(ctx context.Context) error {
	db, err := sql.Open("sqlite", dsn(s.path, "mode=rw", "_pragma=busy_timeout(5000)", "_pragma=trusted_schema(0)"))
	if err != nil {
		return err
	}
	var n int
	return errors.Join(db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n), db.Close())
}

// dsn is the name of a database; what a path may contain is escaped.
func dsn(path string, settings ...string) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	if !strings.HasPrefix(escaped, "/") { // on Windows
		escaped = "///" + escaped
	}
	return "file:" + escaped + "?" + strings.Join(settings, "&")
}

// prepareFile refuses what is no database, and creates a file that only its owner can
// read: the files that SQLite adds get the same mode.
func prepareFile(path string, create bool) error {
	if err := checkBeside(path); err != nil {
		return err
	}
	file, err := os.Open(path) //nolint:gosec // the user's choice
	if errors.Is(err, fs.ErrNotExist) && create {
		for _, suffix := range []string{"-wal", "-journal"} { // of a database that was moved away
			if info, err := os.Lstat(path + suffix); err == nil && info.Size() > 0 { //nolint:gosec // beside the user's choice
				return ErrBeside
			}
		}
		file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600) //nolint:gosec // likewise
	}
	if err != nil {
		return ErrNoAccess
	}
	defer file.Close() //nolint:errcheck // nothing was written
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return ErrForeign
	}
	const magic = "SQLite format 3\x00"
	head := make([]byte, 100)
	switch n, err := io.ReadFull(file, head); {
	case errors.Is(err, io.EOF) && n == 0: // new, or all of it is still in the write-ahead log
		return nil
	case err != nil, string(head[:len(magic)]) != magic, !Marked(head): // which SQLite does not get to see: it would leave files beside it
		return ErrForeign
	}
	return nil
}

// besides are the files that SQLite keeps beside a database, by how they begin. What has
// such a name it takes for its own, and removes.
var besides = map[string][]string{
	"-wal":     {"\x37\x7f\x06\x82", "\x37\x7f\x06\x83"},
	"-shm":     {"\x18\xe2\x2d\x00", "\x00\x2d\xe2\x18"},
	"-journal": {"\xd9\xd5\x05\xf9"},
}

// checkBeside refuses what is there and has another form.
func checkBeside(path string) error {
	for suffix, marks := range besides {
		info, err := os.Lstat(path + suffix) //nolint:gosec // beside the user's choice
		switch {
		case err != nil:
			continue
		case !info.Mode().IsRegular():
			return ErrBeside
		}
		file, err := os.Open(path + suffix) //nolint:gosec // beside the user's choice
		switch {
		case errors.Is(err, fs.ErrNotExist): // a run has just ended
			continue
		case err != nil:
			return ErrNoAccess
		}
		head := make([]byte, 4)
		n, _ := io.ReadFull(file, head)
		_ = file.Close()
		if is := string(head[:n]); strings.Trim(is, "\x00") != "" && !slices.Contains(marks, is) { // one that was emptied is zeros
			return ErrBeside
		}
	}
	return nil
}

// identify finds out whose database it is, and whether it is an empty one.
func (s *Store) identify(ctx context.Context) (empty bool, err error) {
	var application, version, tables int
	err = s.reader.QueryRowContext(ctx, "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)").
		Scan(&application, &version, &tables)
	switch {
	case err != nil:
		return false, s.plain(err)
	case application == 0 && version == 0 && tables == 0:
		return true, nil
	case application != applicationID:
		return false, ErrForeign
	case version > userVersion:
		return false, ErrNewer
	}
	return false, nil
}

// settings makes and reads back what must hold during a run, in which others may read:
// SQLite ignores what it does not know.
func (s *Store) settings(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, "PRAGMA journal_mode(wal)"); err != nil {
		return err
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "trusted_schema": "0"} {
		var is string
		if err := s.db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&is); err != nil {
			return err
		}
		if is != want {
			return fmt.Errorf("cannot be used safely: the setting %s is %s in place of %s", pragma, is, want)
		}
	}
	return nil
}

// create makes the tables, all or none.
func (s *Store) create(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d; %s %s", applicationID, userVersion, schema, views))
		return err
	})
}

// write does something in one transaction.
func (s *Store) write(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.plain(err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return s.plain(err)
	}
	return s.plain(tx.Commit())
}

// Close stores what was put, and closes the files.
func (s *Store) Close() error {
	var err error
	for _, s := range s.shelves {
		s.close()
	}
	if s.reader != nil {
		err = s.reader.Close()
	}
	if s.db != nil {
		err = errors.Join(err, s.Flush(context.Background()))
		// At rest the state is one file, which can be copied, and be read in a folder that
		// is not writable. While somebody reads, it stays as it is.
		if s.lock != nil {
			_, _ = s.db.ExecContext(context.Background(), "PRAGMA busy_timeout(0); PRAGMA journal_mode(delete)")
		}
		err = errors.Join(err, s.db.Close())
	}
	if s.lock != nil {
		err = errors.Join(err, unlock(s.lock))
	}
	return err
}

// Check looks for damage, which takes two seconds per million keys. It sees how the
// file is put together; whether what is in it was changed, Verify tells.
func (s *Store) Check(ctx context.Context) error {
	var said string
	if err := s.reader.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return s.plain(err)
	}
	if said != "ok" {
		return ErrDamaged
	}
	return nil
}

// Claim makes this the only program that runs on the state at a path, until release is
// called: for whoever moves the file.
func Claim(path string) (release func(), err error) {
	s := &Store{path: path}
	if err := checkBeside(path); err != nil {
		return nil, err
	}
	if err := s.takeLock(); err != nil {
		return nil, err
	}
	return func() { _ = unlock(s.lock) }, nil
}

// takeLock makes this the only program that runs, until it ends.
func (s *Store) takeLock() error {
	if s.lock != nil {
		return nil
	}
	file, err := os.OpenFile(s.path+lockSuffix, os.O_RDWR|os.O_CREATE|noFollow, 0o600) //nolint:gosec // beside the user's choice
	if err != nil {
		return ErrNoAccess
	}
	if !lock(file) {
		_ = file.Close()
		return ErrRunning
	}
	s.lock = file
	return nil
}

func text16(hash []byte) string { return hex.EncodeToString(hash) }

// Marked reports whether a file that begins with head, at least a hundred bytes of it, is
// a state, whatever has become of the rest.
func Marked(head []byte) bool {
	const at = 68 // where SQLite keeps it
	return len(head) >= at+4 && binary.BigEndian.Uint32(head[at:]) == applicationID
}
