package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

var _ audit.Store = (*Store)(nil)

// maxResumed is how old a run may be to be continued: its results count as those of
// the new run.
const maxResumed = 24 * time.Hour

// Begin begins a run, or goes on with the one that a killed program left. One that is
// not continued is marked as abandoned, and what it put is removed.
func (s *Store) Begin(ctx context.Context, run *audit.Report, resume bool) (*audit.Report, error) {
	if err := s.takeLock(); err != nil {
		return nil, err
	}
	if err := s.Check(ctx); err != nil {
		return nil, err
	}
	if err := s.settings(ctx); err != nil {
		return nil, s.plain(err)
	}
	s.reset()
	head := *run
	head.Results = nil
	started := &head
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := currentViews(ctx, tx); err != nil {
			return err
		}
		left, err := runWhere(ctx, tx, "state='running'")
		if err != nil {
			return err
		}
		if left != nil && left.Report.Demo != run.Demo {
			return ErrDemo
		}
		if left != nil && resume {
			age := s.now().Sub(left.Report.Started)
			switch {
			case age < 0 || age > maxResumed:
				return ErrTooOld
			}
			s.run, s.resumed, started = left.ID, true, left.Report
			return tx.QueryRowContext(ctx, "SELECT count(*) FROM result WHERE run=?", s.run).Scan(&s.kept)
		}
		if left != nil {
			w := newWriter(ctx, tx, s)
			if err := errors.Join(w.exec("DELETE FROM result WHERE run=?", left.ID), w.exec("UPDATE run SET state='abandoned' WHERE id=?", left.ID)); err != nil {
				return err
			}
		}
		return s.beginNew(ctx, tx, &head)
	})
	if code(err) == codeConstraint {
		return nil, ErrRunning
	}
	return started, err
}

// reset forgets an earlier run, of which a timer may still be about to commit nothing.
func (s *Store) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run, s.kept, s.put, s.resumed, s.digest, s.batch = 0, 0, bitset{}, false, "", batch{}
}

func (s *Store) beginNew(ctx context.Context, tx *sql.Tx, head *audit.Report) error {
	before, err := runWhere(ctx, tx, "state='complete'")
	if err != nil {
		return err
	}
	var id sql.NullInt64
	if before != nil {
		if before.Report.Demo != head.Demo {
			return ErrDemo
		}
		id = sql.NullInt64{Int64: before.ID, Valid: true}
	}
	var e encoder
	text := e.text(head)
	if e.err != nil {
		return e.err
	}
	return tx.QueryRowContext(ctx, "INSERT INTO run(state,started,before,report) VALUES('running',?,?,?) RETURNING id", nanos(head.Started), id, string(text)).Scan(&s.run)
}

// Run is one run.
type Run struct {
	ID     int64
	State  string // running, complete or abandoned
	Before int64  // the run with which it was compared; 0 for none
	Keys   int
	Pruned bool          // its results were removed
	Report *audit.Report // without results and findings
	Digest string        // in hex; empty for one that is not complete

	root, digest []byte
	line         string
}

const runColumns = "SELECT id,state,coalesce(before,0),keys,pruned,report,root,digest FROM run "

func scanRun(scan func(...any) error) (*Run, error) {
	r := &Run{}
	if err := scan(&r.ID, &r.State, &r.Before, &r.Keys, &r.Pruned, &r.line, &r.root, &r.digest); err != nil {
		return nil, err
	}
	r.Digest = text16(r.digest)
	if json.Unmarshal([]byte(r.line), &r.Report) != nil || r.Report == nil {
		return nil, ErrDamaged
	}
	return r, nil
}

// querier is a transaction, or the handle for reading.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// runWhere is the last run of which something is true, or nil.
func runWhere(ctx context.Context, q querier, condition string, args ...any) (*Run, error) {
	r, err := scanRun(q.QueryRowContext(ctx, runColumns+"WHERE "+condition+" ORDER BY id DESC LIMIT 1", args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// List is the last runs that are complete, the newest first; all if n is 0.
func (s *Store) List(ctx context.Context, n int) ([]*Run, error) {
	if n <= 0 {
		n = -1
	}
	var out []*Run
	err := each(ctx, s.reader, func(scan func(...any) error) error {
		r, err := scanRun(scan)
		out = append(out, r)
		return err
	}, runColumns+"WHERE state='complete' ORDER BY id DESC LIMIT ?", n)
	return out, s.plain(err)
}

// Demo reports whether the runs are of a demonstration; known is false if there is none.
func (s *Store) Demo(ctx context.Context) (demo, known bool, err error) {
	r, err := runWhere(ctx, s.reader, "true")
	if err != nil || r == nil {
		return false, false, s.plain(err)
	}
	return r.Report.Demo, true, nil
}

// each calls do for every row.
func each(ctx context.Context, q querier, do func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return eachOf(rows, do)
}

func eachOf(rows *sql.Rows, do func(scan func(...any) error) error) error {
	defer rows.Close() //nolint:errcheck // read to the end, or its error is returned
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Result is what the run that is continued has of the key with a name; nil if nothing.
func (s *Store) Result(ctx context.Context, name string) (*audit.Result, error) {
	var key sql.NullInt64
	err := s.reader.QueryRowContext(ctx, "SELECT max(r.key) FROM key CROSS JOIN result r ON r.run=? AND r.key=key.id WHERE key.name=?", s.run, name).Scan(&key)
	if err != nil || !key.Valid {
		return nil, s.plain(err)
	}
	return newLoader(s, s.reader).result(ctx, s.run, key.Int64)
}

// Runs are this run and the one before it.
func (s *Store) Runs(ctx context.Context, run *audit.Report) (audit.Runs, error) {
	if err := s.Flush(ctx); err != nil {
		return nil, err
	}
	if s.resumed { // what is no longer in the inventory was not put again
		if err := s.dropUnput(ctx); err != nil {
			return nil, err
		}
	}
	own, err := runWhere(ctx, s.reader, "id=?", s.run)
	switch {
	case err != nil:
		return nil, s.plain(err)
	case own == nil:
		return nil, ErrUnknown
	case own.State != "running": // another program took it for one that was killed
		return nil, ErrRunning
	}
	head := *run
	head.Results = nil
	return s.pair(ctx, own.Before, own.ID, &head)
}

func (s *Store) dropUnput(ctx context.Context) error {
	var gone []int64
	err := each(ctx, s.reader, func(scan func(...any) error) error {
		var key int64
		err := scan(&key)
		if !s.put.has(key) {
			gone = append(gone, key)
		}
		return err
	}, "SELECT key FROM result WHERE run=?", s.run)
	if err != nil {
		return s.plain(err)
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		w := newWriter(ctx, tx, s)
		for _, key := range gone {
			if err := w.exec("DELETE FROM result WHERE run=? AND key=?", s.run, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Finish ends the run, and makes its digest unless Seal has.
func (s *Store) Finish(ctx context.Context, run *audit.Report) error {
	if s.digest == "" {
		if _, err := s.Seal(ctx, run); err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx)
	err := s.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE run SET state='complete' WHERE id=? AND state='running'", s.run)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 { // another program took it for one that was killed
			return errors.Join(err, ErrRunning)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.run = 0
	s.checkpoint(ctx)
	return nil
}

// Seal makes the digest of a run, in hex, before it ends: reports that have it can still
// fail to be written. Until Finish the run does not count.
func (s *Store) Seal(ctx context.Context, run *audit.Report) (digest string, err error) {
	if err := s.Flush(ctx); err != nil {
		return "", err
	}
	ctx = context.WithoutCancel(ctx)
	head := *run
	head.Results, head.Findings = nil, nil
	var e encoder
	text := e.text(head)
	err = s.write(ctx, func(tx *sql.Tx) error {
		w := newWriter(ctx, tx, s)
		if err := w.exec("DELETE FROM finding WHERE run=?", s.run); err != nil { // of a run that was killed after this
			return err
		}
		for i := range run.Findings {
			if err := w.exec("INSERT INTO finding(run,n,data) VALUES(?,?,?)", s.run, i, string(e.text(run.Findings[i]))); err != nil {
				return err
			}
		}
		if e.err != nil {
			return e.err
		}
		if err := w.exec("UPDATE run SET finished=?2, report=?3, keys=(SELECT count(*) FROM result WHERE run=?1) WHERE id=?1", s.run, nanos(run.Finished), string(text)); err != nil {
			return err
		}
		s.digest, err = s.seal(ctx, tx)
		return err
	})
	if err != nil {
		s.digest = ""
	}
	return s.digest, err
}

// Kept is how many results of this run are stored. In a run that is continued, they
// are also those that were stored before.
func (s *Store) Kept() int { return s.kept }

// checkpoint empties the write-ahead log. While somebody reads, it stays.
func (s *Store) checkpoint(ctx context.Context) {
	_, _ = s.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
}
