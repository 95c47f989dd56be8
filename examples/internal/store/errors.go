package store

import (
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// What can be wrong with a state. Each error says it in one sentence, without the
// path, which the caller knows, and without a text of the database.
var (
	ErrForeign  = errors.New("is not a state of keyaudit: name another file")
	ErrBeside   = errors.New("has files beside it (-wal, -shm or -journal) that are not its own, and would be removed: name another file, or move them away")
	ErrNewer    = errors.New("was written by a newer version: use that version, or name another file")
	ErrDamaged  = errors.New("is damaged: put a copy back, or name another file")
	ErrBusy     = errors.New("is used by another program: wait for it to end")
	ErrRunning  = errors.New("is used by another run: wait for it to end")
	ErrNoAccess = errors.New("cannot be opened: check the permissions of the file and of its folder")
	ErrTooOld   = errors.New("has a run that began too long ago to continue: run once without --resume")
	ErrDemo     = errors.New("holds a demonstration where this run is real, or the other way round: name another file")
	ErrUnknown  = errors.New("has no such run or key")
)

// FullError says that the disk is full.
type FullError struct{ Kept int } // results of this run that are stored

func (e *FullError) Error() string {
	return fmt.Sprintf("cannot grow, because the disk is full; %d results of this run are stored: make room and go on with --resume", e.Kept)
}

// The primary result codes of SQLite that mean something to a user.
const (
	codeBusy, codeLocked, codeReadOnly, codeIO, codeCorrupt, codeFull, codeCannotOpen, codeConstraint, codeNotADB = 5, 6, 8, 10, 11, 13, 14, 19, 26
)

// code is the primary result code of an error; 0 if it is not of the database.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// plain puts a sentence in place of an error of the database.
func (s *Store) plain(err error) error {
	switch code(err) {
	case 0:
		if errors.Is(err, sql.ErrNoRows) {
			return ErrDamaged // what is asked for this way is always there
		}
		return err
	case codeBusy, codeLocked:
		return ErrBusy
	case codeReadOnly, codeCannotOpen:
		return ErrNoAccess
	case codeCorrupt, codeNotADB:
		return ErrDamaged
	case codeFull, codeIO:
		if s != nil && code(err) == codeFull {
			return &FullError{s.kept}
		}
		return fmt.Errorf("cannot be read or written (the system reports a failure, SQLite code %d)", code(err))
	case codeConstraint:
		return ErrDamaged
	default:
		return fmt.Errorf("cannot be used (SQLite code %d)", code(err))
	}
}
