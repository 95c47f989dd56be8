package store

import (
	"context"
	"database/sql"
	"errors"
	"io"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// Import takes over the state that an earlier version kept as JSON Lines, as the first
// run of this one, with what its rules said. It holds one result at a time. A state that
// has a run already is refused, and nothing is stored of one that is damaged.
func (s *Store) Import(ctx context.Context, from io.Reader) (*audit.Report, error) {
	if runs, err := s.List(ctx, 1); err != nil || len(runs) > 0 {
		return nil, errors.Join(err, errors.New("has runs already: import into a new one"))
	}
	if _, err := s.Begin(ctx, &audit.Report{}, false); err != nil {
		return nil, err
	}
	report, err := render.StreamJSONLines(from, func(r *audit.Result) error {
		out, err := encodeResult(r)
		if err != nil {
			return err
		}
		var e encoder
		e.addVerdict(out, r)
		return errors.Join(e.err, s.add(ctx, out, false))
	})
	if err == nil {
		err = s.Finish(ctx, report)
	}
	if err != nil {
		_ = s.abandon(context.WithoutCancel(ctx))
		return nil, err
	}
	return report, nil
}

// abandon ends a run that came to nothing.
func (s *Store) abandon(ctx context.Context) error {
	s.mu.Lock()
	s.batch = batch{}
	s.mu.Unlock()
	return s.write(ctx, func(tx *sql.Tx) error {
		w := newWriter(ctx, tx, s)
		return errors.Join(w.exec("DELETE FROM result WHERE run=?", s.run), w.exec("DELETE FROM run WHERE id=?", s.run), w.orphans())
	})
}
