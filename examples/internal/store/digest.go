package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TamperError says that a state is not what it was.
type TamperError struct{ what string }

func (e *TamperError) Error() string { return e.what }

// leafColumns are all that a result says. A body is known by its hash, which Verify
// makes again.
const leafColumns = `SELECT r.leaf, key.name, key.exchange, key.environment, key.n, s.hash, l.hash, v.hash, p.hash, rec.hash, x.hash,
	r.taken, r.first_seen, r.last_used, r.clock, r.requests, r.siblings, r.last_moment, r.line, r.position, r.rank
	FROM result r JOIN key ON key.id=r.key LEFT JOIN snapshot s ON s.id=r.snapshot LEFT JOIN snapshot l ON l.id=r.last LEFT JOIN verdict v ON v.id=r.verdict
	LEFT JOIN text p ON p.id=r.policy LEFT JOIN text rec ON rec.id=r.record LEFT JOIN text x ON x.id=r.exchange WHERE r.run=? `

// leaf is the hash of a result, also of a forgotten one.
func leaf(scan func(...any) error) (hash []byte, forgotten bool, err error) {
	var columns [21]sql.RawBytes
	var args [21]any
	for i := range columns {
		args[i] = &columns[i]
	}
	if err := scan(args[:]...); err != nil {
		return nil, false, err
	}
	if columns[0] != nil {
		return slices.Clone(columns[0]), true, nil
	}
	parts := make([][]byte, 0, 2*len(columns))
	for _, c := range columns[1:] {
		mark := []byte{0}
		if c != nil {
			mark[0] = 1
		}
		parts = append(parts, mark, c)
	}
	return shortHash(parts...), false, nil
}

// rootOf is the hash of all that a run has found, in the order in which keys were first
// seen, so that the order in which results came makes no difference.
func rootOf(ctx context.Context, q querier, run int64) (root []byte, results, forgotten int, err error) {
	h := sha256.New()
	err = each(ctx, q, func(scan func(...any) error) error {
		hash, gone, err := leaf(scan)
		results++
		if gone {
			forgotten++
		}
		h.Write(hash)
		return err
	}, leafColumns+"ORDER BY r.key", run)
	if err != nil {
		return nil, 0, 0, err
	}
	h.Write([]byte("findings"))
	err = each(ctx, q, func(scan func(...any) error) error {
		var kept, data []byte
		var n int
		if err := scan(&n, &kept, &data); err != nil {
			return err
		}
		if kept == nil {
			kept = shortHash(data)
		}
		fmt.Fprintf(h, "%d ", n)
		h.Write(kept)
		return nil
	}, "SELECT n, leaf, data FROM finding WHERE run=? ORDER BY n", run)
	return h.Sum(nil), results, forgotten, err
}

// sealed is the digest of a run: of that of the run before it, its own line, and what
// it found.
func sealed(before []byte, r *Run, started, finished int64) []byte {
	return hashOf(before, fmt.Appendf(nil, "%d %d %d %d %d", r.ID, r.Before, r.Keys, started, finished), []byte(r.line), r.root)
}

// seal makes the digest of the run that has just ended.
func (s *Store) seal(ctx context.Context, tx *sql.Tx) (string, error) {
	own, err := runWhere(ctx, tx, "id=?", s.run)
	if err != nil {
		return "", err
	}
	before, err := runWhere(ctx, tx, "state='complete' AND id<?", s.run)
	if err != nil {
		return "", err
	}
	var last []byte
	if before != nil {
		last = before.digest
	}
	if own.root, _, _, err = rootOf(ctx, tx, s.run); err != nil {
		return "", err
	}
	digest := sealed(last, own, nanos(own.Report.Started), nanos(own.Report.Finished))
	_, err = tx.ExecContext(ctx, "UPDATE run SET root=?, digest=?, started=? WHERE id=?", own.root, digest, nanos(own.Report.Started), s.run)
	return text16(digest), err
}

// Verified is what Verify has checked.
type Verified struct {
	Runs, Results     int
	Pruned, Forgotten int    // runs whose results were removed, and results of keys that were forgotten
	Digest            string // of the last run
	Since             int    // runs after the one that was expected
}

// Last is the last complete run, with every hash of it made again; nil if there is none.
// Whether it is the one that is expected, its digest says, which the caller knows.
func (s *Store) Last(ctx context.Context) (*Run, error) {
	if err := s.Check(ctx); err != nil {
		return nil, err
	}
	last, err := s.List(ctx, 2)
	if err != nil || len(last) == 0 || last[0].Pruned {
		return nil, err
	}
	var before []byte
	if len(last) > 1 {
		before = last[1].digest
	}
	err = s.verifyBodies(ctx, last[0].ID)
	if err == nil {
		err = s.verifyRun(ctx, last[0], before, &Verified{})
	}
	return last[0], s.plain(err)
}

// Verify makes every hash again, and compares. Whoever can write the file can also make
// a new chain: expect is a digest from somewhere else, or empty. That of an earlier run
// is fine, too, and Since says how many came after it.
func (s *Store) Verify(ctx context.Context, expect string) (*Verified, error) {
	if err := s.Check(ctx); err != nil {
		return nil, err
	}
	if err := s.verifyBodies(ctx, 0); err != nil {
		return nil, s.plain(err)
	}
	runs, err := s.List(ctx, 0)
	if err != nil {
		return nil, err
	}
	slices.Reverse(runs)
	v := &Verified{}
	found := expect == ""
	var last []byte
	for _, r := range runs {
		v.Runs++
		if err := s.verifyRun(ctx, r, last, v); err != nil {
			return nil, s.plain(err)
		}
		last, v.Digest = r.digest, r.Digest
		if v.Since++; r.Digest == expect {
			found, v.Since = true, 0
		}
	}
	switch {
	case !found:
		return nil, &TamperError{"has no run with the digest expected: an older copy was put back, or it is another state"}
	case expect == "":
		v.Since = 0
	}
	return v, nil
}

func (s *Store) verifyRun(ctx context.Context, r *Run, last []byte, v *Verified) error {
	wrong := &TamperError{fmt.Sprintf("was changed: the run that began %s is not what it was when it ended", r.Report.Started.UTC().Format("2006-01-02 15:04 UTC"))}
	var started, finished int64
	if err := s.reader.QueryRowContext(ctx, "SELECT started, coalesce(finished,0) FROM run WHERE id=?", r.ID).Scan(&started, &finished); err != nil {
		return err
	}
	if r.Pruned {
		v.Pruned++
	} else {
		root, results, forgotten, err := rootOf(ctx, s.reader, r.ID)
		if err != nil {
			return err
		}
		v.Results, v.Forgotten = v.Results+results, v.Forgotten+forgotten
		if string(root) != string(r.root) || results != r.Keys {
			return wrong
		}
	}
	if string(sealed(last, r, started, finished)) != string(r.digest) {
		return wrong
	}
	return nil
}

// verifyBodies makes the hashes of bodies again, and what was derived from them: those
// of one run, or all if it is 0.
func (s *Store) verifyBodies(ctx context.Context, run int64) error {
	wrong := &TamperError{"was changed: a stored body is not what it was"}
	of := func(columns string) string { // which bodies
		var in []string
		for c := range strings.FieldsSeq(columns) {
			in = append(in, "SELECT "+c+" FROM result WHERE run=?1")
		}
		return " WHERE ?1=0 OR id IN (" + strings.Join(in, " UNION ") + ")"
	}
	for table, columns := range map[string]string{"text": "policy record exchange", "verdict": "verdict"} {
		err := each(ctx, s.reader, func(scan func(...any) error) error {
			var hash, data sql.RawBytes
			if err := scan(&hash, &data); err != nil {
				return err
			}
			if string(shortHash(data)) != string(hash) {
				return wrong
			}
			return nil
		}, "SELECT hash, data FROM "+table+of(columns), run)
		if err != nil {
			return err
		}
	}
	return each(ctx, s.reader, func(scan func(...any) error) error {
		var hash, data sql.RawBytes
		var how int
		var links string
		is, own := &body{}, &body{}
		if err := scan(&hash, &is.place, &is.fingerprint, &is.words, &is.unrecognised, &how, &data, &links); err != nil {
			return err
		}
		text, err := s.packer.unpack(how, data)
		snapshot := &access.Snapshot{}
		if err != nil || json.Unmarshal(text, snapshot) != nil {
			return wrong
		}
		own.place, own.text = is.place, text
		own.derive(snapshot)
		if string(own.hash) != string(hash) || own.fingerprint != is.fingerprint || own.words != is.words || own.unrecognised != is.unrecognised || linkText(own) != links {
			return wrong
		}
		return nil
	}, `SELECT hash, place, fingerprint, words, unrecognised, coding, data,
		coalesce((SELECT group_concat(handle||'/'||asks,' ') FROM (SELECT handle, asks FROM link WHERE link.snapshot=snapshot.id ORDER BY handle)),'') FROM snapshot`+of("snapshot last"), run)
}

// linkText is the rows that a body's links have.
func linkText(b *body) string {
	asks := map[int64]int{}
	for _, l := range b.links {
		h := handle(l.To)
		if l.Asks {
			asks[h] = 1
		} else {
			asks[h] = max(asks[h], 0)
		}
	}
	var out []byte
	for i, h := range slices.Sorted(maps.Keys(asks)) {
		if i > 0 {
			out = append(out, ' ')
		}
		out = fmt.Appendf(out, "%d/%d", h, asks[h])
	}
	return string(out)
}
