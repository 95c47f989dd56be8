package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// edits are every way to change a row that says something.
func edits(t *testing.T, db *sql.DB, r *rand.Rand) string {
	t.Helper()
	var tables []string
	for _, table := range []string{"run", "key", "snapshot", "link", "verdict", "text", "result", "finding"} {
		var n int
		require.NoError(t, db.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
		if n > 0 {
			tables = append(tables, table)
		}
	}
	table := tables[r.IntN(len(tables))]
	id := map[string]string{"link": "snapshot||'/'||handle", "result": "run||'/'||key", "finding": "run||'/'||n"}[table]
	if id == "" {
		id = "id"
	}
	var row string
	where := ""
	if table == "key" { // those of abandoned runs do not count
		where = " WHERE id IN (SELECT key FROM result)"
	}
	require.NoError(t, db.QueryRow("SELECT "+id+" FROM "+table+where+" ORDER BY random() LIMIT 1").Scan(&row))
	if r.IntN(4) == 0 && table != "key" {
		_, err := db.Exec("DELETE FROM "+table+" WHERE "+id+"=?", row)
		require.NoError(t, err)
		return "delete " + table
	}
	rows, err := db.Query("SELECT name FROM pragma_table_info(?)", table)
	require.NoError(t, err)
	var columns []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		columns = append(columns, name)
	}
	require.NoError(t, rows.Err())
	columns = slices.DeleteFunc(columns, func(c string) bool {
		return c == "id" || c == "pruned" || (table == "snapshot" && c == "coding") || c == "leaf" || c == "state" // pruned and forgotten are said by Verify
	})
	column := columns[r.IntN(len(columns))]
	var kind string
	require.NoError(t, db.QueryRow("SELECT typeof("+column+") FROM "+table+" WHERE "+id+"=?", row).Scan(&kind))
	value := map[string]string{"integer": column + "+1", "text": column + "||' '", "blob": "CAST(" + column + "||x'00' AS BLOB)", "null": "1"}[kind]
	if kind == "null" && strings.Contains("siblings last_moment root digest data", column) {
		value = "'x'"
	}
	if table == "link" && column == "asks" {
		value = "1-asks"
	}
	if table == "snapshot" && column == "unrecognised" {
		value = "1-unrecognised"
	}
	if _, err := db.Exec("UPDATE "+table+" SET "+column+"="+value+" WHERE "+id+"=?", row); err != nil {
		return "" // the database has refused it
	}
	return "update " + table + "." + column
}

// TestEveryEditShows: no row can be changed or removed without Verify noticing.
func TestEveryEditShows(t *testing.T) {
	t.Parallel()
	made := newStore(t)
	r := rand.New(rand.NewPCG(5, 1))
	for night := range 4 {
		whole(t, made, noon.AddDate(0, 0, night), anyRun(r, noon))
	}
	good, err := made.Verify(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, 4, good.Runs)
	require.NoError(t, made.Close())
	content, err := os.ReadFile(made.path)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "x.db")
	seen := map[string]int{}
	for i := range 400 {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		s, err := Open(t.Context(), path, made.now)
		require.NoError(t, err)
		edit := edits(t, s.db, rand.New(rand.NewPCG(uint64(i), 2)))
		if edit != "" {
			_, err = s.Verify(t.Context(), good.Digest)
			require.Error(t, err, edit)
			seen[edit]++
		}
		require.NoError(t, s.Close())
	}
	require.Greater(t, len(seen), 40)
}

// TestExpected: an older copy and another state are noticed by the digest of the last
// run, and a run more is none of them.
func TestExpected(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newStore(t)
	r := rand.New(rand.NewPCG(6, 1))
	whole(t, s, noon, anyRun(r, noon))
	v, err := s.Verify(ctx, "")
	require.NoError(t, err)
	old := v.Digest
	s.checkpoint(ctx)
	copied, err := os.ReadFile(s.path)
	require.NoError(t, err)
	whole(t, s, noon.AddDate(0, 0, 1), anyRun(r, noon))
	v, err = s.Verify(ctx, old)
	require.NoError(t, err)
	assert.Equal(t, 1, v.Since)
	path := filepath.Join(t.TempDir(), "x.db")
	require.NoError(t, os.WriteFile(path, copied, 0o600))
	back, err := OpenForReading(ctx, path)
	require.NoError(t, err)
	defer back.Close()
	_, err = back.Verify(ctx, v.Digest)
	var tampered *TamperError
	require.ErrorAs(t, err, &tampered)
}

// TestHistory: what has become of a key: seen, a right gained, its allowlist removed, a
// finding waived, gone and back again.
func TestHistory(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	key := func(edit func(*access.Snapshot), policy audit.Policy) []*audit.Result {
		snapshot := &access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Fingerprint: "a1", TakenAt: noon, Requests: 1}}
		for _, c := range access.Capabilities() {
			snapshot.Grants = append(snapshot.Grants, access.Grant{Capability: c, State: access.Denied, Evidence: access.Reported})
		}
		snapshot.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8"})
		edit(snapshot)
		return []*audit.Result{{Name: "grid", Exchange: "toy", Snapshot: snapshot, JudgedBy: policy}, {Name: "other", Exchange: "toy", Snapshot: &access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Fingerprint: "b2"}}}}
	}
	same := func(*access.Snapshot) {}
	withdraw := func(s *access.Snapshot) {
		for i := range s.Grants {
			if s.Grants[i].Capability == access.Withdraw {
				s.Grants[i].State = access.Granted
			}
		}
	}
	waived := audit.ReadOnly()
	waived.Waivers = []audit.Waiver{{Rule: "withdrawal", Reason: "known", Until: noon.AddDate(0, 1, 0)}}
	for night, results := range [][]*audit.Result{
		key(same, audit.ReadOnly()), key(same, audit.ReadOnly()), key(withdraw, audit.ReadOnly()), key(withdraw, waived),
		key(func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist(nil) }, waived), key(same, audit.ReadOnly())[1:], key(same, audit.ReadOnly()),
	} {
		for _, r := range results {
			r.Snapshot.TakenAt = noon.AddDate(0, 0, night)
		}
		whole(t, s, noon.AddDate(0, 0, night), results)
	}
	found, err := s.History(t.Context(), "grid")
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.False(t, found[0].Gone)
	var lines []string
	for _, e := range found[0].Events {
		flag := map[bool]string{true: " first"}[e.First] + map[bool]string{true: " gone"}[e.Gone] + map[bool]string{true: " back"}[e.Back]
		for _, f := range e.Facts {
			flag += " " + f.Rule
		}
		for _, c := range e.Changes {
			if c.Rule == "withdrawal" {
				flag += " " + c.What + " " + c.Severity.String()
			}
		}
		lines = append(lines, fmt.Sprintf("%d%s", e.Run.ID, flag))
	}
	assert.Equal(t, []string{
		"1 first", "3 gained-permission opened critical", "4 waived critical",
		"5 lost-permission allowlist-widened closed critical", "6 gone", "7 back allowlist-widened",
	}, lines)
	_, err = s.History(t.Context(), "nobody")
	require.ErrorIs(t, err, ErrUnknown)
	changed, err := s.Changed(t.Context(), 1, 2)
	require.NoError(t, err)
	assert.Equal(t, []string(nil), changed)
	changed, err = s.Changed(t.Context(), 2, 6)
	require.NoError(t, err)
	assert.Equal(t, []string{"grid"}, changed)
	worst, more, err := s.Worst(t.Context(), 3, 1)
	require.NoError(t, err)
	assert.Equal(t, "grid", worst[0].Name)
	assert.Equal(t, 1, more)
}

// TestKeepAndForget: what is removed is gone from the file, and the chain still holds.
func TestKeepAndForget(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newStore(t)
	r := rand.New(rand.NewPCG(8, 1))
	for night := range 6 {
		results := anyRun(r, noon)
		results[0].Name, results[0].Record.Owner = "secret-bot", "owner of the secret bot"
		if night == 5 {
			results = results[1:]
		}
		whole(t, s, noon.AddDate(0, 0, night), results)
	}
	before, err := s.Verify(ctx, "")
	require.NoError(t, err)
	n, err := s.Forget(ctx, "secret-bot")
	require.NoError(t, err)
	assert.Equal(t, 5, n)
	_, err = s.Forget(ctx, "secret-bot")
	require.ErrorIs(t, err, ErrUnknown)
	after, err := s.Verify(ctx, before.Digest)
	require.NoError(t, err)
	assert.Equal(t, 5, after.Forgotten)
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(s.path + suffix)
		require.NoError(t, err)
		assert.NotContains(t, string(content), "secret-bot", suffix)
		assert.NotContains(t, string(content), "owner of the", suffix)
	}
	_, err = s.History(ctx, "secret-bot")
	require.ErrorIs(t, err, ErrUnknown)
	_ = whole(t, s, noon.AddDate(0, 0, 7), anyRun(r, noon))

	require.NoError(t, s.Keep(ctx, 2))
	after, err = s.Verify(ctx, before.Digest)
	require.NoError(t, err)
	assert.Equal(t, []int{7, 5, 1}, []int{after.Runs, after.Pruned, after.Since})
	runs, err := s.List(ctx, 90)
	require.NoError(t, err)
	assert.Len(t, runs, 7, "the trend goes on")
	assert.Positive(t, runs[6].Report.Summary.Keys)
	var rows int
	require.NoError(t, s.reader.QueryRow("SELECT count(DISTINCT run) FROM result").Scan(&rows))
	assert.Equal(t, 2, rows)
	_, err = s.Between(ctx, 1, 2)
	require.ErrorIs(t, err, ErrUnknown)
	whole(t, s, noon.AddDate(0, 0, 8), anyRun(r, noon))
	_, err = s.Verify(ctx, "")
	require.NoError(t, err)
}

// TestImport: a state of an earlier version is taken over, so that the next run gives
// the report that it would have given.
func TestImport(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 9))
		first, later := collected(noon, anyRun(r, noon)), noon.AddDate(0, 0, 1)
		first = audit.Compare(audit.Compare(nil, collected(noon.AddDate(0, 0, -1), anyRun(r, noon)), nil), first, nil)
		var lines bytes.Buffer
		require.NoError(t, render.NewJSONLines(&lines).Report(first))
		s := newStore(t)
		cut := lines.Bytes()[:lines.Len()*2/3]
		_, err := s.Import(ctx, bytes.NewReader(cut))
		require.Error(t, err)
		runs, err := s.List(ctx, 0)
		require.NoError(t, err)
		require.Empty(t, runs)
		report, err := s.Import(ctx, bytes.NewReader(lines.Bytes()))
		require.NoError(t, err)
		read, err := render.ReadJSONLines(bytes.NewReader(lines.Bytes()))
		require.NoError(t, err)
		require.Equal(t, read.Summary, report.Summary)
		_, err = s.Import(ctx, bytes.NewReader(lines.Bytes()))
		require.Error(t, err)
		results := anyRun(r, later)
		want := show(t, audit.Compare(read, collected(later, results), nil))
		got := show(t, whole(t, s, later, results))
		if want != got {
			require.Fail(t, "differs", "seed %d: %s", seed, differs(want, got))
		}
	}
}

// TestViews: the sqlite3 program, or any other, reads what the README says.
func TestViews(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	r := rand.New(rand.NewPCG(11, 1))
	want := 0
	for night := range 2 {
		report := whole(t, s, noon.AddDate(0, 0, night), anyRun(r, noon))
		for _, x := range report.Results {
			for _, f := range x.Findings {
				if night == 1 && isOpen(&f) {
					want++
				}
			}
		}
	}
	count := func(query string) (n int) {
		require.NoError(t, s.reader.QueryRow(query).Scan(&n))
		return n
	}
	assert.Equal(t, want, count("SELECT count(*) FROM findings WHERE run=2"))
	assert.Equal(t, count("SELECT count(*) FROM result WHERE run=2"), count("SELECT count(*) FROM current_keys"))
	changed, err := s.Changed(t.Context(), 1, 2)
	require.NoError(t, err)
	assert.Equal(t, len(changed), count("SELECT count(DISTINCT name) FROM changes WHERE run=2"))
	assert.Positive(t, count("SELECT count(*) FROM shared_keys"))
	if program, err := exec.LookPath("sqlite3"); err == nil {
		out, err := exec.CommandContext(t.Context(), program, "-readonly", s.path, "SELECT name, rule, outcome, severity FROM findings LIMIT 1; SELECT * FROM changes LIMIT 1; SELECT * FROM current_keys LIMIT 1").CombinedOutput()
		require.NoError(t, err, string(out))
	}
}

// TestViewsNameTheHost: of merged reports, each view says on which host a key is, also in a
// state of which an earlier version made the views.
func TestViewsNameTheHost(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	r := rand.New(rand.NewPCG(12, 1))
	hosts := []string{"tokyo", "london"}
	for night := range 2 {
		if night == 1 {
			_, err := s.db.Exec("DROP VIEW findings; CREATE VIEW findings AS SELECT 1 AS one; DROP VIEW shared_keys")
			require.NoError(t, err)
		}
		at := noon.AddDate(0, 0, night)
		results := append(anyRun(r, at), anyRun(r, at)...)
		for i, result := range results {
			result.Name, result.Record.Host = fmt.Sprintf("main%d", i/len(hosts)), hosts[i%len(hosts)]
			if night == 1 && i < len(hosts) {
				result.Snapshot.Notes = append(result.Snapshot.Notes, "a change")
			}
		}
		whole(t, s, at, results)
	}
	for view, more := range map[string]string{"current_keys": "", "findings": " AND run=2", "changes": " AND run=2"} {
		for _, host := range hosts {
			var n int
			require.NoError(t, s.reader.QueryRow("SELECT count(*) FROM "+view+" WHERE host=?"+more, host).Scan(&n), view)
			assert.Positive(t, n, "%s of %s", view, host)
		}
		var other int
		require.NoError(t, s.reader.QueryRow("SELECT count(*) FROM "+view+" WHERE host IS NULL"+more).Scan(&other))
		assert.Zero(t, other, view)
	}
	var names string
	require.NoError(t, s.reader.QueryRow("SELECT names FROM shared_keys LIMIT 1").Scan(&names))
	for name := range strings.SplitSeq(names, ", ") {
		assert.Regexp(t, "^(tokyo|london)/main[0-9]+$", name)
	}
}

// TestNoSecrets: no part of a key is in the files.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := s.Begin(t.Context(), at(0), false)
	require.NoError(t, err)
	results, secrets := samplesAndSecrets(t, 1)
	require.NotEmpty(t, secrets)
	_, err = goOn(t.Context(), s, at(0), slices.Values(results), nothing)
	require.NoError(t, err)
	require.NoError(t, s.Flush(t.Context()))
	var every []byte
	for _, suffix := range []string{"", "-wal", "-shm", lockSuffix} {
		content, err := os.ReadFile(s.path + suffix)
		require.NoError(t, err)
		every = append(every, content...)
	}
	p := newPacker()
	require.NoError(t, each(t.Context(), s.reader, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		body, err := p.unpack(coding, data)
		every = append(every, body...)
		return err
	}, "SELECT data FROM snapshot"))
	for _, secret := range secrets {
		assert.NotContains(t, string(every), secret)
	}
}
