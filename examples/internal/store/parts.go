package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"math"
	"path/filepath"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// pair is two runs. It knows in eight bytes per key which keys concern one another, and
// reads the rest when asked.
type pair struct {
	store       *Store
	load        *loader
	before, now int64
	was, is     *audit.Report
	groups      groups
	first       *sql.Stmt // of the keys with a name
	shelf       *shelf
}

func (s *Store) pair(ctx context.Context, before, now int64, is *audit.Report) (audit.Runs, error) {
	p := &pair{store: s, load: newLoader(s, s.reader), before: before, now: now, is: is, shelf: &shelf{}}
	s.shelves = append(s.shelves, p.shelf)
	if before != 0 {
		r, err := s.runOrErr(ctx, before)
		if err != nil {
			return nil, err
		}
		p.was = r.Report
		p.was.Summary.Keys = r.Keys
	}
	return p, s.plain(p.join(ctx))
}

// join finds the keys that concern one another.
func (p *pair) join(ctx context.Context) error {
	var most sql.NullInt64
	if err := p.store.reader.QueryRowContext(ctx, "SELECT max(id) FROM key").Scan(&most); err != nil {
		return err
	}
	g := newGroups(int(most.Int64) + 1)
	var last string
	var first int64
	err := each(ctx, p.store.reader, func(scan func(...any) error) error {
		var name sql.RawBytes
		var id int64
		if err := scan(&name, &id); err != nil {
			return err
		}
		if first != 0 && string(name) == last {
			g.unite(int(first), int(id))
		} else {
			last, first = string(name), id
		}
		return nil
	}, "SELECT name, id FROM key ORDER BY name")
	if err != nil {
		return err
	}
	var handle int64
	var members []int32
	asked := false
	end := func() {
		for _, m := range members[min(len(members), 1):] {
			if asked {
				g.unite(int(members[0]), int(m))
			}
		}
		members, asked = members[:0], false
	}
	err = each(ctx, p.store.reader, func(scan func(...any) error) error {
		var to int64
		var asks bool
		var key int32
		if err := scan(&to, &asks, &key); err != nil {
			return err
		}
		if to != handle {
			end()
			handle = to
		}
		members, asked = append(members, key), asked || asks
		return nil
	}, `WITH both AS (SELECT run, key, snapshot, last FROM result WHERE run=?2
		UNION ALL SELECT run, key, snapshot, last FROM result b WHERE b.run=?1 AND NOT EXISTS
			(SELECT 1 FROM result n WHERE n.run=?2 AND n.key=b.key AND n.snapshot IS b.snapshot AND n.last IS b.last))
		SELECT handle, asks, key FROM both JOIN link ON link.snapshot=both.snapshot
		UNION ALL SELECT handle, asks, key FROM both JOIN link ON link.snapshot=both.last
		UNION ALL SELECT fingerprint, 1, key FROM both JOIN snapshot ON snapshot.id=both.snapshot WHERE fingerprint IS NOT NULL
		UNION ALL SELECT fingerprint, 1, key FROM both JOIN snapshot ON snapshot.id=both.last WHERE fingerprint IS NOT NULL
		ORDER BY handle`, p.before, p.now)
	end()
	err = cmp.Or(err, p.rotations(ctx, g))
	g.sort()
	p.groups = g
	return err
}

// Heads are the two reports without their results.
func (p *pair) Heads() (before, now *audit.Report) { return p.was, p.is }

// Names are read a thousand at a time: a reader that stays would keep the write-ahead
// log from being emptied.
func (p *pair) Names(ctx context.Context) iter.Seq2[string, error] {
	const page = 1000
	return func(yield func(string, error) bool) {
		after, compare := "", ">="
		for {
			var names []string
			err := each(ctx, p.store.reader, func(scan func(...any) error) error {
				var name string
				err := scan(&name)
				names = append(names, name)
				return err
			}, "SELECT DISTINCT name FROM key WHERE name"+compare+`?1 AND (EXISTS (SELECT 1 FROM result WHERE run=?2 AND key=key.id AND leaf IS NULL)
				OR EXISTS (SELECT 1 FROM result WHERE run=?3 AND key=key.id AND leaf IS NULL)) ORDER BY name LIMIT ?4`, after, p.now, p.before, page)
			if err != nil {
				yield("", p.store.plain(err))
				return
			}
			for _, name := range names {
				if !yield(name, nil) {
					return
				}
			}
			if len(names) < page {
				return
			}
			after, compare = names[page-1], ">"
		}
	}
}

// Part reads the keys that concern those of a name.
func (p *pair) Part(ctx context.Context, name string) (before, now []audit.Stored, err error) {
	key, err := p.key(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	defer p.load.trim()
	members, _ := json.Marshal(p.groups.of(key)) // numbers
	if before, now, err = p.load.part(ctx, p.before, p.now, string(members)); err != nil {
		return nil, nil, err
	}
	return before, now, nil
}

// key is the first with a name.
func (p *pair) key(ctx context.Context, name string) (key int, err error) {
	if p.first == nil {
		if p.first, err = p.store.reader.PrepareContext(ctx, "SELECT min(id) FROM key WHERE name=?"); err != nil {
			return 0, p.store.plain(err)
		}
	}
	return key, p.store.plain(p.first.QueryRowContext(ctx, name).Scan(&key))
}

// Shelve keeps what was judged of the keys with a name until Take.
func (p *pair) Shelve(ctx context.Context, name string, judged []byte) error {
	key, err := p.key(ctx, name)
	if err != nil {
		return err
	}
	if err := p.shelf.put(filepath.Dir(p.store.path), len(p.groups.parent), key, p.store.packer.pack(judged)); err != nil {
		return &FullError{p.store.kept} // nothing else hinders a file that is open
	}
	return nil
}

// Take is what Shelve kept; nil if nothing.
func (p *pair) Take(ctx context.Context, name string) ([]byte, error) {
	if p.shelf.file == nil {
		return nil, nil
	}
	key, err := p.key(ctx, name)
	if err != nil {
		return nil, err
	}
	packed, err := p.shelf.take(key)
	switch {
	case err != nil:
		return nil, &FullError{p.store.kept}
	case packed == nil:
		return nil, nil
	}
	return p.store.packer.unpackUpTo(math.MaxInt64, packed)
}

// What Sample demands. A result that could not be inspected has the words of the last
// that was.
const (
	sampled     = " FROM result r JOIN key ON key.id=r.key JOIN snapshot s ON s.id=r.snapshot LEFT JOIN snapshot l ON l.id=r.last WHERE r.run=?1"
	unread      = "(s.fingerprint IS NULL AND l.fingerprint IS NULL)"
	sampledThen = "SELECT r.key" + sampled + " AND " + unread + " UNION SELECT min(r.key)" + sampled + " GROUP BY coalesce(l.words,s.words)"
	sampledNow  = "SELECT r.key" + sampled + " AND (" + unread + " OR s.unrecognised) ORDER BY key.name, key.exchange, key.environment, key.n"
)

// Sample is what CompareRuns needs to know of the whole of a run.
func (p *pair) Sample(ctx context.Context, earlier bool) iter.Seq2[*audit.Result, error] {
	return func(yield func(*audit.Result, error) bool) {
		run, query := p.now, sampledNow
		if earlier {
			run, query = p.before, sampledThen
		}
		var keys []int64
		err := each(ctx, p.store.reader, func(scan func(...any) error) error {
			var key int64
			err := scan(&key)
			keys = append(keys, key)
			return err
		}, query, run)
		if err != nil {
			yield(nil, p.store.plain(err))
			return
		}
		for _, key := range keys {
			r, err := p.load.result(ctx, run, key)
			p.load.trim()
			if (r != nil || err != nil) && !yield(r, err) {
				return
			}
		}
	}
}

// groups are sets of keys, by number, none in two.
type groups struct{ parent, order []int32 }

func newGroups(n int) groups {
	g := groups{make([]int32, n), make([]int32, n)}
	for i := range g.parent {
		g.parent[i], g.order[i] = int32(i), int32(i)
	}
	return g
}

func (g groups) root(i int) int {
	for int(g.parent[i]) != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = int(g.parent[i])
	}
	return i
}

func (g groups) unite(a, b int) {
	if a, b = g.root(a), g.root(b); a != b {
		g.parent[max(a, b)] = int32(min(a, b))
	}
}

// sort ends the uniting.
func (g groups) sort() {
	for i := range g.parent {
		g.parent[i] = int32(g.root(i))
	}
	slices.SortFunc(g.order, func(a, b int32) int { return cmp.Or(cmp.Compare(g.parent[a], g.parent[b]), cmp.Compare(a, b)) })
}

// of is the group of a key.
func (g groups) of(key int) []int32 {
	if key >= len(g.parent) { // of a run that began since
		return nil
	}
	root := g.parent[key]
	from, _ := slices.BinarySearchFunc(g.order, root, func(a, root int32) int { return cmp.Compare(g.parent[a], root) })
	to := from
	for to < len(g.order) && g.parent[g.order[to]] == root {
		to++
	}
	return g.order[from:to]
}
