package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// loader reads results, and decodes once what several of them share.
type loader struct {
	store    *Store
	from     querier
	bodies   map[int64]*access.Snapshot
	policies map[int64]*policyText
	sites    map[int64]*siteText
	verdicts map[int64]*verdict
	parts    *sql.Stmt
}

func newLoader(s *Store, from querier) *loader {
	return &loader{s, from, map[int64]*access.Snapshot{}, map[int64]*policyText{}, map[int64]*siteText{}, map[int64]*verdict{}, nil}
}

// trim forgets bodies: they are shared within a part, and by no other.
func (l *loader) trim() {
	const most = 2000
	clear(l.bodies)
	if len(l.policies)+len(l.sites)+len(l.verdicts) > most {
		clear(l.policies)
		clear(l.sites)
		clear(l.verdicts)
	}
}

// The columns of a result, and what they point to.
const resultColumns = `SELECT r.run, key.id, key.name, key.exchange, r.snapshot, s.coding, s.data, r.last, l.coding, l.data, r.verdict, v.data,
	r.policy, p.data, rec.data, r.exchange, x.data,
	coalesce(r.taken,0), coalesce(r.first_seen,0), coalesce(r.last_used,0), coalesce(r.clock,0), coalesce(r.requests,0), r.siblings, r.last_moment, coalesce(r.line,0), coalesce(r.position,0), r.leaf IS NOT NULL
	FROM result r JOIN key ON key.id=r.key LEFT JOIN snapshot s ON s.id=r.snapshot LEFT JOIN snapshot l ON l.id=r.last LEFT JOIN verdict v ON v.id=r.verdict
	LEFT JOIN text p ON p.id=r.policy LEFT JOIN text rec ON rec.id=r.record LEFT JOIN text x ON x.id=r.exchange `

// packed is a body as it is stored.
type packed struct {
	id, coding sql.NullInt64
	data       sql.RawBytes
}

// stored is a text as it is stored.
type stored struct {
	id   sql.NullInt64
	data sql.RawBytes
}

// where reads results; forgotten ones are left out.
func (l *loader) where(ctx context.Context, condition string, args ...any) (out []audit.Stored, err error) {
	err = each(ctx, l.from, func(scan func(...any) error) error {
		_, found, err := l.scan(scan)
		if found != nil && err == nil {
			out = append(out, *found)
		}
		return err
	}, resultColumns+condition, args...)
	return out, l.store.plain(err)
}

func (l *loader) result(ctx context.Context, run, key int64) (*audit.Result, error) {
	found, err := l.where(ctx, "WHERE r.run=? AND r.key=?", run, key)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].Result, nil
}

// part reads results of some keys, given as a JSON list, in two runs.
func (l *loader) part(ctx context.Context, earlier, later int64, keys string) (before, now []audit.Stored, err error) {
	if l.parts == nil {
		if l.parts, err = l.store.reader.PrepareContext(ctx, resultColumns+"WHERE r.run IN (?,?) AND r.key IN (SELECT value FROM json_each(?)) ORDER BY r.run, r.key"); err != nil {
			return nil, nil, l.store.plain(err)
		}
	}
	rows, err := l.parts.QueryContext(ctx, earlier, later, keys)
	if err != nil {
		return nil, nil, l.store.plain(err)
	}
	err = eachOf(rows, func(scan func(...any) error) error {
		run, found, err := l.scan(scan)
		switch {
		case err != nil || found == nil:
		case run == later:
			now = append(now, *found)
		default:
			before = append(before, *found)
		}
		return err
	})
	return before, now, l.store.plain(err)
}

func (l *loader) scan(scan func(...any) error) (run int64, out *audit.Stored, err error) {
	r := &audit.Result{}
	out = &audit.Stored{Result: r}
	var body, last packed
	var v, policy, site stored
	var record, siblings, lastMoment sql.RawBytes
	var m moment
	var forgotten bool
	var line, column int
	if err := scan(&run, &out.ID, &r.Name, &r.Exchange, &body.id, &body.coding, &body.data, &last.id, &last.coding, &last.data, &v.id, &v.data,
		&policy.id, &policy.data, &record, &site.id, &site.data,
		&m.Taken, &m.FirstSeen, &m.LastUsed, &m.Offset, &m.Requests, &siblings, &lastMoment, &line, &column, &forgotten); err != nil {
		return 0, nil, err
	}
	if forgotten {
		return 0, nil, nil
	}
	if siblings != nil && json.Unmarshal(siblings, &m.Siblings) != nil {
		return 0, nil, ErrDamaged
	}
	known, err := l.body(&body)
	if err != nil {
		return 0, nil, err
	}
	r.Snapshot = join(known, m)
	if last.id.Valid {
		var then moment
		if known, err = l.body(&last); err != nil {
			return 0, nil, err
		}
		if json.Unmarshal(lastMoment, &then) != nil {
			return 0, nil, ErrDamaged
		}
		r.Last = join(known, then)
	}
	if json.Unmarshal(record, &r.Record) != nil {
		return 0, nil, ErrDamaged
	}
	r.Record.Source.Line, r.Record.Source.Column = line, column
	return run, out, l.texts(r, &policy, &site, &v)
}

// texts adds what many results have in common.
func (l *loader) texts(r *audit.Result, policy, site, v *stored) error {
	p, err := shared(l.policies, policy)
	if err != nil {
		return err
	}
	x, err := shared(l.sites, site)
	if err != nil {
		return err
	}
	r.Policy, r.JudgedBy, r.Title, r.KeyPage, r.Steps = p.Policy, p.JudgedBy, x.Title, x.KeyPage, x.Steps
	if v.id.Valid {
		said, err := shared(l.verdicts, v)
		if err != nil {
			return err
		}
		r.Findings, r.Resolved = said.findings(), said.Resolved
	}
	return nil
}

// shared decodes a text once.
func shared[T any](known map[int64]*T, text *stored) (*T, error) {
	if is := known[text.id.Int64]; is != nil {
		return is, nil
	}
	is := new(T)
	if !text.id.Valid || json.Unmarshal(text.data, is) != nil {
		return nil, ErrDamaged
	}
	known[text.id.Int64] = is
	return is, nil
}

func (l *loader) body(p *packed) (*access.Snapshot, error) {
	if known := l.bodies[p.id.Int64]; known != nil {
		return known, nil
	}
	if !p.coding.Valid {
		return nil, ErrDamaged
	}
	text, err := l.store.packer.unpack(int(p.coding.Int64), p.data)
	if err != nil {
		return nil, err
	}
	s := &access.Snapshot{}
	if json.Unmarshal(text, s) != nil {
		return nil, ErrDamaged
	}
	l.bodies[p.id.Int64] = s
	return s, nil
}

// Previous is what the last complete run found about the key with a name; nil if
// nothing.
func (s *Store) Previous(ctx context.Context, name string) (*audit.Result, error) {
	found, err := newLoader(s, s.reader).where(ctx, "WHERE r.run=(SELECT max(id) FROM run WHERE state='complete') AND key.name=? ORDER BY key.id", name)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].Result, nil
}

// Worst are the keys of a run with the worst findings, by audit.Finding's Rank, and how
// many more have one. Their findings have no words.
func (s *Store) Worst(ctx context.Context, run int64, n int) (worst []*audit.Result, more int, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT count(*) FROM result WHERE run=? AND rank>0", run).Scan(&more)
	if err != nil {
		return nil, 0, s.plain(err)
	}
	found, err := newLoader(s, s.reader).where(ctx, "WHERE r.run=?1 AND (r.run,r.key) IN (SELECT run,t.key FROM result t JOIN key k ON k.id=t.key WHERE t.run=?1 AND t.rank>0 ORDER BY t.rank DESC, k.name, k.id LIMIT ?2) ORDER BY r.rank DESC, key.name, key.id", run, n)
	for _, f := range found {
		worst = append(worst, f.Result)
	}
	return worst, more - len(worst), err
}

// runOrErr is a run that is complete and has its results.
func (s *Store) runOrErr(ctx context.Context, id int64) (*Run, error) {
	r, err := runWhere(ctx, s.reader, "id=? AND state='complete'", id)
	switch {
	case err != nil:
		return nil, s.plain(err)
	case r == nil || r.Pruned:
		return nil, ErrUnknown
	}
	return r, nil
}

// Between is two complete runs, the earlier one first, for audit.CompareRuns; with 0 as
// the earlier one, the later is compared with nothing.
func (s *Store) Between(ctx context.Context, before, now int64) (audit.Runs, error) {
	r, err := s.runOrErr(ctx, now)
	if err != nil {
		return nil, err
	}
	if before != 0 && before >= now {
		return nil, errors.New("the earlier run comes first")
	}
	return s.pair(ctx, before, now, r.Report)
}
