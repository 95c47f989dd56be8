package main

import (
	"bytes"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// openSQL opens a state as any other program would.
func openSQL(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
}

// TestVerifyCommand: what is wrong is said in one sentence, with the exit code of its kind.
func TestVerifyCommand(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	ctx := t.Context()
	folder := t.TempDir()
	runs := decoded[[]toldRun](t, p.asked(t, "runs", "--format", "json").stdout)
	last, earlier := runs[6].Digest, runs[5].Digest
	changed := copied(t, p.db, folder, "changed.db")
	edit(t, changed, "UPDATE result SET taken=taken+1 WHERE run=3 AND key=1")
	body := copied(t, p.db, folder, "body.db")
	edit(t, body, "UPDATE snapshot SET data=CAST(data||x'00' AS BLOB) WHERE id=1")
	damaged := copied(t, p.db, folder, "damaged.db")
	content, err := os.ReadFile(damaged)
	require.NoError(t, err)
	writeFile(t, damaged, 0o600, string(content[:len(content)/2]))
	older := filepath.Join(folder, "older.db")
	keepRun(t, older, p.report(t))
	newer := copied(t, p.db, folder, "newer.db")
	edit(t, newer, "PRAGMA user_version=99")
	beside := copied(t, p.db, folder, "beside.db")
	writeFile(t, beside+".last", 0o600, last+" 2026-11-29T02:30:00Z\n")
	behind := copied(t, p.db, folder, "behind.db")
	writeFile(t, behind+".last", 0o600, earlier+" 2026-11-28T02:30:00Z\n")
	rolledBack := copied(t, older, folder, "rolled.db")
	writeFile(t, rolledBack+".last", 0o600, last+" 2026-11-29T02:30:00Z\n")
	unreadable := copied(t, p.db, folder, "unreadable.db")
	writeFile(t, unreadable+".last", 0o600, "nothing\n")
	gone := filepath.Join(folder, "gone.db")
	writeFile(t, gone+".last", 0o600, last+" 2026-11-29T02:30:00Z\n")
	empty := filepath.Join(folder, "no-run.db")
	s, err := store.Open(ctx, empty, time.Now)
	require.NoError(t, err)
	require.NoError(t, s.Close())

	alone := copied(t, p.db, folder, "state.db")
	lines := inLines(t, folder, "report.jsonl", p.report(t))
	text, err := os.ReadFile(lines)
	require.NoError(t, err)
	chain, err := render.ReadChain(bytes.NewReader(text))
	require.NoError(t, err)
	edited := writeFile(t, filepath.Join(folder, "edited.jsonl"), 0o600, strings.Replace(string(text), `"owner":"desk"`, `"owner":"mine"`, 1))
	cut := writeFile(t, filepath.Join(folder, "cut.jsonl"), 0o600, string(text[:len(text)/2]))
	var buf bytes.Buffer
	require.NoError(t, render.JSON(&buf, p.report(t)))
	whole := writeFile(t, filepath.Join(folder, "report.json"), 0o600, buf.String())
	other := writeFile(t, filepath.Join(folder, "x.txt"), 0o600, "hello")
	const wrong = "0000000000000000000000000000000000000000000000000000000000000000"

	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{alone}, 0, "state.db is what it was: 7 runs, 25 results.\nDigest: " + last + "\nAnyone who can write the file can also make a new chain"},
		{[]string{alone, "--expect", last}, 0, "This is the digest that --expect names"},
		{[]string{alone, "--expect", strings.ToUpper(last)}, 0, "This is the digest that --expect names"},
		{[]string{alone, "--expect", earlier}, 0, "It has the digest that --expect names, and 1 run since"},
		{[]string{beside}, 0, "This is the digest that beside.db.last names.\nAnyone who can write that file as well"},
		{[]string{behind}, 0, "and 1 run since"},
		{[]string{lines}, 0, "report.jsonl is what it was: 3 results, 0 findings about no single key.\nDigest: " + chain},
		{[]string{lines, "--expect", chain}, 0, "This is the digest that --expect names"},
		{[]string{alone, "--expect", wrong}, 1, "state.db has no run with the digest expected: an older copy was put back, or it is another state"},
		{[]string{older, "--expect", last}, 1, "an older copy was put back"},
		{[]string{rolledBack}, 1, "an older copy was put back"},
		{[]string{gone}, 1, "gone.db is gone"},
		{[]string{changed}, 1, "was changed: the run that began 2026-11-25 02:30 UTC is not what it was when it ended"},
		{[]string{body}, 1, "was changed: a stored body is not what it was"},
		{[]string{damaged}, 1, "is damaged"},
		{[]string{edited}, 1, "edited.jsonl is not what it was: line "},
		{[]string{cut}, 1, "cut.jsonl is not what it was: "},
		{[]string{lines, "--expect", wrong}, 1, "is not what --expect says: its digest is " + chain},
		{[]string{other, "--expect", last}, 1, "it is neither a state nor a report"},
		{[]string{alone, "--expect", last[:16]}, 2, "is not a digest of 64 hex digits"},
		{nil, 2, "name one state"},
		{[]string{filepath.Join(folder, "none.db")}, 2, "does not exist"},
		{[]string{folder}, 2, "is not a regular file"},
		{[]string{other}, 2, "is neither a state nor a report as JSON Lines"},
		{[]string{whole}, 3, "is a JSON report, which has no chain"},
		{[]string{newer}, 3, "was written by a newer version"},
		{[]string{empty}, 3, "has no complete run"},
		{[]string{unreadable}, 3, "unreadable.db.last cannot be read"},
	} {
		got := runWith(ctx, nil, append([]string{"verify"}, tc.args...)...)
		assert.Equal(t, tc.code, got.code, "%v: %v", tc.args, got)
		said := strings.NewReplacer(`"`, "", folder+"/", "", p.folder+"/", "").Replace(got.stdout + got.stderr)
		assert.Contains(t, said, tc.want)
		if tc.code != 0 {
			assert.Empty(t, got.stdout)
			assert.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
		}
	}
}
