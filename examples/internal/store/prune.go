package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Keep removes the results of all complete runs but the last n, and what only they
// needed, and makes the file smaller. The lines of the runs stay, with their digests and
// summaries, so that the chain still holds and the trend goes on.
func (s *Store) Keep(ctx context.Context, n int) error {
	n = max(n, 1)
	var old int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM run WHERE state='complete' AND pruned=0").Scan(&old)
	if err != nil || old <= n {
		return s.plain(err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		w := newWriter(ctx, tx, s)
		const old = "(SELECT id FROM run WHERE state='complete' AND pruned=0 ORDER BY id DESC LIMIT -1 OFFSET ?)"
		for _, query := range []string{
			"DELETE FROM result WHERE run IN " + old, "DELETE FROM finding WHERE run IN " + old, "UPDATE run SET pruned=1 WHERE id IN " + old,
		} {
			if err := w.exec(query, n); err != nil {
				return err
			}
		}
		return w.orphans()
	})
	if err != nil {
		return err
	}
	var free, pages int // what is freed is used again: the file is made anew only if a quarter is free
	err = s.reader.QueryRowContext(ctx, "SELECT (SELECT freelist_count FROM pragma_freelist_count), (SELECT page_count FROM pragma_page_count)").Scan(&free, &pages)
	if err != nil || free*4 < pages {
		return s.plain(err)
	}
	return s.shrink(ctx)
}

// orphans removes what nothing points to any more.
func (w *writer) orphans() error {
	for _, query := range []string{
		"DELETE FROM snapshot WHERE id NOT IN (SELECT snapshot FROM result WHERE snapshot IS NOT NULL UNION SELECT last FROM result WHERE last IS NOT NULL)",
		"DELETE FROM link WHERE snapshot NOT IN (SELECT id FROM snapshot)",
		"DELETE FROM verdict WHERE id NOT IN (SELECT verdict FROM result WHERE verdict IS NOT NULL)",
		"DELETE FROM text WHERE id NOT IN (SELECT policy FROM result WHERE policy IS NOT NULL UNION SELECT record FROM result WHERE record IS NOT NULL UNION SELECT exchange FROM result WHERE exchange IS NOT NULL)",
		"DELETE FROM key WHERE id NOT IN (SELECT key FROM result)",
	} {
		if err := w.exec(query); err != nil {
			return err
		}
	}
	return nil
}

// shrink gives free pages back, and overwrites what was in them.
func (s *Store) shrink(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, "VACUUM"); err != nil {
		return s.plain(err)
	}
	s.checkpoint(ctx)
	return nil
}

// Forget removes all that was found about the keys with a name, from every run: their
// names, what they may do, what was said of them. What stays is one hash per run, so that
// the digests still hold, and Verify says how many results were forgotten. Other keys of
// the account may still list the key, masked, until they are inspected again and older
// runs are removed. It returns in how many results the key was.
func (s *Store) Forget(ctx context.Context, name string) (results int, err error) {
	if err := s.takeLock(); err != nil { // a run that goes on would find its results changed
		return 0, err
	}
	if err := s.settings(ctx); err != nil { // killed now, it leaves a log that any reader can read
		return 0, s.plain(err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		results = 0
		w := newWriter(ctx, tx, s)
		type place struct {
			run, key int64
			leaf     []byte
		}
		var places []place
		err := each(ctx, tx, func(scan func(...any) error) error {
			var p place
			err := scan(&p.run, &p.key)
			places = append(places, p)
			return err
		}, "SELECT run, key FROM result WHERE key IN (SELECT id FROM key WHERE name=?) AND leaf IS NULL", name)
		if err != nil {
			return err
		}
		for i := range places {
			p := &places[i]
			if err := each(ctx, tx, func(scan func(...any) error) (err error) {
				p.leaf, _, err = leaf(scan)
				return err
			}, leafColumns+"AND r.key=?", p.run, p.key); err != nil {
				return err
			}
		}
		for _, p := range places {
			if err := w.exec(`UPDATE result SET leaf=?, snapshot=NULL, last=NULL, verdict=NULL, policy=NULL, record=NULL, exchange=NULL, line=NULL, position=NULL,
				taken=NULL, first_seen=NULL, last_used=NULL, clock=NULL, requests=NULL, siblings=NULL, last_moment=NULL, rank=NULL WHERE run=? AND key=?`, p.leaf, p.run, p.key); err != nil {
				return err
			}
			results++
		}
		if err := w.exec("UPDATE key SET name='', exchange='', environment='', n=id WHERE name=?", name); err != nil {
			return err
		}
		if err := w.forgetFindings(name); err != nil {
			return err
		}
		return w.orphans()
	})
	if err != nil {
		return 0, err
	}
	if results == 0 {
		return 0, ErrUnknown
	}
	return results, s.shrink(ctx)
}

// forgetFindings empties the findings about no single key that name the key.
func (w *writer) forgetFindings(name string) error {
	type place struct {
		run, n int64
		leaf   []byte
	}
	var places []place
	err := each(w.ctx, w.tx, func(scan func(...any) error) error {
		var p place
		var data []byte
		var f audit.Finding
		if err := scan(&p.run, &p.n, &data); err != nil {
			return err
		}
		if json.Unmarshal(data, &f) != nil {
			return ErrDamaged
		}
		if strings.Contains(f.Message, strconv.Quote(name)) {
			p.leaf = shortHash(data)
			places = append(places, p)
		}
		return nil
	}, "SELECT run, n, data FROM finding WHERE leaf IS NULL")
	for _, p := range places {
		if err == nil {
			err = w.exec("UPDATE finding SET leaf=?, data=NULL WHERE run=? AND n=?", p.leaf, p.run, p.n)
		}
	}
	return err
}
