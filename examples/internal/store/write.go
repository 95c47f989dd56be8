package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Results are committed in batches of so many, or after so long, whichever comes first.
const (
	batchRows = 1000
	batchTime = 100 * time.Millisecond // more is asked again after a kill, less is mostly commits
)

// batch is what is not committed yet.
type batch struct {
	rows   []*row
	judged []*row
	timer  *time.Timer
	err    error // of the timer's
}

// row is a result as it is stored.
type row struct {
	id                          int64 // of the key; 0 if not known yet
	name, exchange, environment string
	body, last                  *body
	moment                      moment
	lastMoment                  []byte
	policy, record, site        []byte
	verdict                     []byte // nil before it is judged
	line, column                int
	rank                        int
}

// body is a snapshot without what differs every time.
type body struct {
	hash, text   []byte
	place        string
	fingerprint  sql.NullInt64
	words        int64
	unrecognised bool
	links        []audit.Link
}

// bodyOf encodes a snapshot; the exchange is that of the result.
func (e *encoder) bodyOf(s *access.Snapshot, exchange string) (*body, moment) {
	rest, m := separate(s)
	b := &body{text: e.text(rest)}
	if s.Exchange == "" {
		b.place = exchange
	}
	b.derive(rest)
	return b, m
}

// derive fills in what follows from the text.
func (b *body) derive(s *access.Snapshot) {
	b.hash = shortHash([]byte(b.place), b.text)
	r := &audit.Result{Exchange: b.place, Snapshot: s}
	if s.Fingerprint != "" {
		b.fingerprint = sql.NullInt64{Int64: handle("key " + s.Fingerprint), Valid: true}
	}
	all, unrecognised := r.Vocabulary()
	exchange := s.Exchange + b.place
	if s.Failure != nil { // a key that gave no answer does not stand for one that has no names
		exchange += "?"
	}
	b.words, b.unrecognised = handle(exchange+"\x00"+strings.Join(all, "\x00")), len(unrecognised) > 0
	for _, l := range r.Links() {
		if l.To != "key "+s.Fingerprint {
			b.links = append(b.links, l)
		}
	}
}

// encodeResult makes a row of a result.
func encodeResult(r *audit.Result) (*row, error) {
	var e encoder
	s := r.Snapshot
	if s == nil {
		s = &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{Message: "there is no snapshot"}}}
	}
	record := r.Record
	record.Source.Line, record.Source.Column = 0, 0
	out := &row{
		line: r.Record.Source.Line, column: r.Record.Source.Column,
		name: r.Name, exchange: r.Exchange, environment: s.Environment,
		policy: e.text(policyText{r.Policy, r.JudgedBy}), record: e.text(record), site: e.text(siteText{r.Title, r.KeyPage, r.Steps}),
	}
	out.body, out.moment = e.bodyOf(s, r.Exchange)
	e.addLast(out, r)
	return out, e.err
}

func (e *encoder) addLast(out *row, r *audit.Result) {
	if r.Last != nil {
		var m moment
		out.last, m = e.bodyOf(r.Last, r.Exchange)
		out.lastMoment = e.text(m)
	}
}

// encodeVerdict adds what judging found.
func (e *encoder) addVerdict(out *row, r *audit.Result) {
	out.verdict = e.text(verdictOf(r))
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Waived == "" {
			out.rank = max(out.rank, f.Rank())
		}
	}
}

// Put keeps a result. It is committed with those that come at about the same time.
func (s *Store) Put(ctx context.Context, r *audit.Result) error {
	out, err := encodeResult(r)
	if err != nil {
		return err
	}
	return s.add(ctx, out, false)
}

// Judged keeps what comparing made of a result.
func (s *Store) Judged(ctx context.Context, r audit.Stored) error {
	var e encoder
	out := &row{id: r.ID, moment: moment{FirstSeen: nanos(r.Result.Snapshot.FirstSeen)}}
	e.addLast(out, r.Result)
	if s := r.Result.Snapshot.Search; s != nil && !s.At.IsZero() { // it is carried over from an earlier run
		out.body, _ = e.bodyOf(r.Result.Snapshot, r.Result.Exchange)
	}
	e.addVerdict(out, r.Result)
	if e.err != nil {
		return e.err
	}
	return s.add(ctx, out, true)
}

func (s *Store) add(ctx context.Context, r *row, judged bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &s.batch
	if b.err != nil {
		return b.err
	}
	if judged {
		b.judged = append(b.judged, r)
	} else {
		b.rows = append(b.rows, r)
	}
	if len(b.rows)+len(b.judged) >= batchRows {
		return s.flush(ctx)
	}
	if b.timer == nil {
		b.timer = time.AfterFunc(batchTime, func() { _ = s.Flush(context.WithoutCancel(ctx)) })
	}
	return nil
}

// Flush commits what was put, for instance on a signal.
func (s *Store) Flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flush(ctx)
}

func (s *Store) flush(ctx context.Context) error {
	b := &s.batch
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if b.err != nil || len(b.rows)+len(b.judged) == 0 {
		return b.err
	}
	ctx = context.WithoutCancel(ctx) // what was found is kept, also after a signal
	seen := s.put.clone()
	b.err = s.write(ctx, func(tx *sql.Tx) error {
		w := newWriter(ctx, tx, s)
		for _, r := range b.rows {
			if err := w.put(r); err != nil {
				return err
			}
		}
		for _, r := range b.judged {
			if err := w.judged(r); err != nil {
				return err
			}
		}
		return nil
	})
	if b.err != nil {
		s.put = seen
		return b.err
	}
	s.kept = max(s.kept, s.put.count)
	b.rows, b.judged = b.rows[:0], b.judged[:0]
	return nil
}

// writer writes in one transaction. It prepares each statement once.
type writer struct {
	ctx   context.Context
	tx    *sql.Tx
	store *Store
	stmts map[string]*sql.Stmt
	texts map[string]int64 // by hash
}

func newWriter(ctx context.Context, tx *sql.Tx, s *Store) *writer {
	return &writer{ctx, tx, s, map[string]*sql.Stmt{}, map[string]int64{}}
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s := w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := w.tx.PrepareContext(w.ctx, query) //nolint:sqlclosecheck // closed with the transaction
	w.stmts[query] = s
	return s, err
}

func (w *writer) exec(query string, args ...any) error {
	s, err := w.stmt(query)
	if err == nil {
		_, err = s.ExecContext(w.ctx, args...)
	}
	return err
}

// number is the first column of the only row.
func (w *writer) number(query string, args ...any) (n int64, err error) {
	s, err := w.stmt(query)
	if err == nil {
		err = s.QueryRowContext(w.ctx, args...).Scan(&n)
	}
	return n, err
}

// either is the number that one query finds, or another makes.
func (w *writer) either(found string, by []any, made string, with []any) (id int64, isNew bool, err error) {
	if id, err = w.number(found, by...); !errors.Is(err, sql.ErrNoRows) {
		return id, false, err
	}
	id, err = w.number(made, with...)
	return id, true, err
}

// text stores a policy, a record or a verdict once.
func (w *writer) text(table string, data []byte) (sql.NullInt64, error) {
	if data == nil {
		return sql.NullInt64{}, nil
	}
	hash := shortHash(data)
	if id := w.texts[table+string(hash)]; id != 0 {
		return sql.NullInt64{Int64: id, Valid: true}, nil
	}
	id, _, err := w.either("SELECT id FROM "+table+" WHERE hash=?", []any{hash}, "INSERT INTO "+table+"(hash,data) VALUES(?,?) RETURNING id", []any{hash, string(data)})
	w.texts[table+string(hash)] = id
	return sql.NullInt64{Int64: id, Valid: true}, err
}

// snapshot stores a body once, and by what it concerns others.
func (w *writer) snapshot(b *body) (sql.NullInt64, error) {
	if b == nil {
		return sql.NullInt64{}, nil
	}
	id, err := w.number("SELECT id FROM snapshot WHERE hash=?", b.hash)
	if errors.Is(err, sql.ErrNoRows) {
		id, err = w.number("INSERT INTO snapshot(hash,place,fingerprint,words,unrecognised,coding,data) VALUES(?,?,?,?,?,?,?) RETURNING id",
			b.hash, b.place, b.fingerprint, b.words, b.unrecognised, coding, w.store.packer.pack(b.text))
		for _, l := range b.links {
			if err != nil {
				break
			}
			err = w.exec("INSERT INTO link(snapshot,handle,asks) VALUES(?,?,?) ON CONFLICT DO UPDATE SET asks=max(asks,excluded.asks)", id, handle(l.To), l.Asks)
		}
	}
	return sql.NullInt64{Int64: id, Valid: true}, err
}

// key is that of a result. Two of one run may not share one, be they alike.
func (w *writer) key(r *row) (int64, error) {
	for n := 0; ; n++ {
		is := []any{r.name, r.exchange, r.environment, n}
		id, _, err := w.either("SELECT id FROM key WHERE name=? AND exchange=? AND environment=? AND n=?", is,
			"INSERT INTO key(name,exchange,environment,n) VALUES(?,?,?,?) RETURNING id", is)
		if err != nil || w.store.put.add(id) {
			return id, err
		}
	}
}

func (w *writer) put(r *row) (err error) {
	var ids [6]sql.NullInt64
	step := func(i int, id sql.NullInt64, wrong error) {
		ids[i] = id
		if err == nil {
			err = wrong
		}
	}
	for i, text := range [][]byte{r.policy, r.record, r.site} {
		id, wrong := w.text("text", text)
		step(i, id, wrong)
	}
	id, wrong := w.text("verdict", r.verdict)
	step(3, id, wrong)
	for i, b := range []*body{r.body, r.last} {
		id, wrong := w.snapshot(b)
		step(4+i, id, wrong)
	}
	if err != nil {
		return err
	}
	key, err := w.key(r)
	if err != nil {
		return err
	}
	m := &r.moment
	return w.exec(`INSERT OR REPLACE INTO result(run,key,policy,record,exchange,verdict,snapshot,last,taken,first_seen,last_used,clock,requests,siblings,last_moment,rank,line,position)
		VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, w.store.run, key, ids[0], ids[1], ids[2], ids[3], ids[4], ids[5],
		orNull(m.Taken), orNull(m.FirstSeen), orNull(m.LastUsed), orNull(m.Offset), orNull(m.Requests), siblingText(m), textOrNull(r.lastMoment), sql.NullInt64{Int64: int64(r.rank), Valid: r.verdict != nil},
		orNull(int64(r.line)), orNull(int64(r.column)))
}

func (w *writer) judged(r *row) error {
	verdict, err := w.text("verdict", r.verdict)
	if err != nil {
		return err
	}
	last, err := w.snapshot(r.last)
	if err != nil {
		return err
	}
	body, err := w.snapshot(r.body)
	if err != nil {
		return err
	}
	return w.exec("UPDATE result SET verdict=?, rank=?, snapshot=coalesce(?,snapshot), last=?, last_moment=?, first_seen=? WHERE run=? AND key=?",
		verdict, r.rank, body, last, textOrNull(r.lastMoment), orNull(r.moment.FirstSeen), w.store.run, r.id)
}

func orNull(n int64) sql.NullInt64 { return sql.NullInt64{Int64: n, Valid: n != 0} }

func textOrNull(text []byte) sql.NullString {
	return sql.NullString{String: string(text), Valid: text != nil}
}

func siblingText(m *moment) sql.NullString {
	if m.Siblings == nil {
		return sql.NullString{}
	}
	var e encoder
	return textOrNull(e.text(m.Siblings)) // numbers only
}

// bitset is a set of small numbers.
type bitset struct {
	words []uint64
	count int
}

func (b *bitset) has(n int64) bool { return int(n/64) < len(b.words) && b.words[n/64]>>(n%64)&1 == 1 }

// add reports whether a number was not in the set.
func (b *bitset) add(n int64) bool {
	if b.has(n) {
		return false
	}
	for int(n/64) >= len(b.words) {
		b.words = append(b.words, 0)
	}
	b.words[n/64] |= 1 << (n % 64)
	b.count++
	return true
}

func (b *bitset) clone() bitset { return bitset{append([]uint64(nil), b.words...), b.count} }
