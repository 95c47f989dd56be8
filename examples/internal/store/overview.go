package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Complete is the state of a run that has ended.
const Complete = "complete"

// All are all runs, the newest first, also the one that goes on and those that never
// ended.
func (s *Store) All(ctx context.Context) ([]*Run, error) {
	var out []*Run
	err := each(ctx, s.reader, func(scan func(...any) error) error {
		r, err := scanRun(scan)
		out = append(out, r)
		return err
	}, runColumns+"ORDER BY id DESC")
	return out, s.plain(err)
}

// Names are those of the keys that have a result, each once, in the order of their bytes.
func (s *Store) Names(ctx context.Context) (names []string, err error) {
	err = each(ctx, s.reader, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, "SELECT DISTINCT name FROM key WHERE id IN (SELECT key FROM result WHERE leaf IS NULL) ORDER BY name")
	return names, s.plain(err)
}

// Held is in how many results the keys with a name are, and how many keys have it.
func (s *Store) Held(ctx context.Context, name string) (results, keys int, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT count(*), count(DISTINCT key) FROM result WHERE key IN (SELECT id FROM key WHERE name=?) AND leaf IS NULL", name).Scan(&results, &keys)
	return results, keys, s.plain(err)
}

// Line is a key in a few words.
type Line struct {
	Name, Exchange, Environment string
	Host                        string // where the reports of hosts were merged
	FirstSeen, LastSeen         time.Time
	Changed                     time.Time              // the run that last found it to be other than before
	Gone                        bool                   // the last run did not have it
	Failed, Undetermined        map[audit.Severity]int // when last seen, but for what is waived
	Waived                      int
}

// lines reads the results of all runs once.
type lines struct {
	drift  map[string]bool // the rules about what has changed
	keys   map[int64][]*lastOf
	opens  map[string]*opened // by their text
	openOf map[int64]*opened  // by verdict
	hosts  map[int64]string   // by record
	first  map[int64]int64    // of keys that are alike, by the others: which is which depends on the order of the hosts
}

// lastOf is what is known of a key, as of a run.
type lastOf struct {
	host                    string
	run, changed, firstSeen int64
	snapshot                sql.NullInt64
	open                    *opened
}

// opened are the open findings of a verdict.
type opened struct {
	failed, undetermined map[audit.Severity]int
	waived               int
	lasting              string // those that are not about a change, which is over by the next run
}

// Lines are all keys that have a result, by name. It reads every result, some hundred
// thousand per second.
func (s *Store) Lines(ctx context.Context) ([]*Line, error) {
	runs, err := s.List(ctx, 0)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	l := &lines{sinceLast(), map[int64][]*lastOf{}, map[string]*opened{}, map[int64]*opened{}, map[int64]string{}, map[int64]int64{}}
	err = cmp.Or(
		each(ctx, s.reader, l.verdict, "SELECT id, coalesce(json_extract(data,'$.open'),'{}') FROM verdict"),
		each(ctx, s.reader, l.host, "SELECT id, json_extract(data,'$.host') FROM text WHERE json_extract(data,'$.host') IS NOT NULL"),
	)
	if err == nil && len(l.hosts) > 0 {
		err = each(ctx, s.reader, l.alike, "SELECT id, first FROM (SELECT id, min(id) OVER (PARTITION BY name, exchange, environment) AS first FROM key) WHERE id!=first")
	}
	if err != nil {
		return nil, s.plain(err)
	}
	// In the order of the table, so that nothing is sorted.
	err = each(ctx, s.reader, l.result, `SELECT run, key, snapshot, verdict, coalesce(record,0), coalesce(first_seen,taken,0) FROM result
		WHERE run IN (SELECT id FROM run WHERE state='complete') AND leaf IS NULL ORDER BY run, key`)
	if err != nil {
		return nil, s.plain(err)
	}
	began := map[int64]time.Time{}
	for _, r := range runs {
		began[r.ID] = r.Report.Started
	}
	out := make([]*Line, 0, len(l.keys))
	err = each(ctx, s.reader, func(scan func(...any) error) error {
		var id int64
		var is Line
		if err := scan(&id, &is.Name, &is.Exchange, &is.Environment); err != nil {
			return err
		}
		for _, k := range l.keys[id] {
			line := is
			line.Host, line.FirstSeen, line.LastSeen, line.Changed, line.Gone = k.host, instant(k.firstSeen), began[k.run], began[k.changed], k.run != runs[0].ID
			if k.open != nil {
				line.Failed, line.Undetermined, line.Waived = k.open.failed, k.open.undetermined, k.open.waived
			}
			out = append(out, &line)
		}
		return nil
	}, "SELECT id, name, exchange, environment FROM key")
	slices.SortStableFunc(out, func(a, b *Line) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Exchange, b.Exchange), strings.Compare(a.Environment, b.Environment), strings.Compare(a.Host, b.Host))
	})
	return out, s.plain(err)
}

// verdict counts the open findings of one.
func (l *lines) verdict(scan func(...any) error) error {
	var id int64
	var text string
	if err := scan(&id, &text); err != nil {
		return err
	}
	known := l.opens[text]
	if known == nil {
		v := &verdict{}
		if json.Unmarshal([]byte(text), &v.Open) != nil {
			return ErrDamaged
		}
		known = &opened{failed: map[audit.Severity]int{}, undetermined: map[audit.Severity]int{}}
		for _, f := range v.findings() {
			switch {
			case f.Waived != "":
				known.waived++
			case f.Outcome == audit.Failed:
				known.failed[f.Severity]++
			default:
				known.undetermined[f.Severity]++
			}
		}
		maps.DeleteFunc(v.Open, func(rule string, _ [3]any) bool { return l.drift[rule] })
		lasting, err := json.Marshal(v.Open)
		if err != nil {
			return ErrDamaged
		}
		known.lasting, l.opens[text] = string(lasting), known
	}
	l.openOf[id] = known
	return nil
}

// host notes the host that a record names.
func (l *lines) host(scan func(...any) error) error {
	var id int64
	var host string
	err := scan(&id, &host)
	l.hosts[id] = host
	return err
}

func (l *lines) alike(scan func(...any) error) error {
	var id, first int64
	err := scan(&id, &first)
	l.first[id] = first
	return err
}

func (l *lines) result(scan func(...any) error) error {
	var run, key, record, seen int64
	var snapshot, verdict sql.NullInt64
	if err := scan(&run, &key, &snapshot, &verdict, &record, &seen); err != nil {
		return err
	}
	open := l.openOf[verdict.Int64]
	k := l.last(run, key, l.hosts[record])
	if k.run != 0 && (k.snapshot != snapshot || open.others(k.open)) {
		k.changed = run
	}
	if k.firstSeen == 0 || (seen != 0 && seen < k.firstSeen) { // another key may have taken the place since
		k.firstSeen = seen
	}
	k.run, k.snapshot, k.open = run, snapshot, open
	return nil
}

// last is what is known of a key as of an earlier run.
func (l *lines) last(run, key int64, host string) *lastOf {
	if first := l.first[key]; first != 0 && host != "" {
		key = first
	}
	for _, k := range l.keys[key] {
		if k.host == host && k.run != run { // of keys that are alike on one host, each has its own
			return k
		}
	}
	k := &lastOf{host: host, changed: run}
	l.keys[key] = append(l.keys[key], k)
	return k
}

// others reports whether the findings are others than they were.
func (o *opened) others(was *opened) bool {
	return o != was && (o == nil || was == nil || o.lasting != was.lasting)
}
