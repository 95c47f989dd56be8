package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// keepRun adds a run's results to a state, as the program does.
func keepRun(t *testing.T, path string, report *audit.Report) {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, path, func() time.Time { return report.Finished })
	require.NoError(t, err)
	defer s.Close()
	head := *report
	head.Results, head.Findings, head.Baseline = nil, nil, nil
	_, err = s.Begin(ctx, &head, false)
	require.NoError(t, err)
	for _, r := range report.Results {
		own := *r
		own.Findings = nil
		require.NoError(t, s.Put(ctx, &own))
	}
	runs, err := s.Runs(ctx, &head)
	require.NoError(t, err)
	again, judged := audit.CompareRuns(ctx, runs, nil)
	for r, err := range judged {
		require.NoError(t, err)
		require.NoError(t, s.Judged(ctx, r))
	}
	require.NoError(t, s.Finish(ctx, again))
}

// past is a firm, and the state of its runs.
type past struct {
	*firm
	db string
}

// next runs the program.
func (p *past) next(t *testing.T) *audit.Report {
	t.Helper()
	got := p.run(t.Context(), t)
	require.NotEqual(t, audit.ExitUsage, got.code, got.stderr)
	return p.report(t)
}

// newPast is a firm with a week of runs: a right gained, an allowlist that went, a waiver,
// a rotation, an outage, and a key that is gone.
func newPast(t *testing.T) *past {
	t.Helper()
	f := newFirm(t)
	p := &past{f, filepath.Join(f.folder, "state.db")}
	p.next(t)
	p.next(t)
	f.change("grid", func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
	f.change("tax", func(s *exchangetest.Spec) { s.IPs = nil })
	p.next(t)
	f.entries["grid"]["waivers"] = []map[string]any{{"rule": "withdrawal", "reason": "moves profits", "until": "2026-12-31"}}
	p.next(t)
	f.change("grid", func(s *exchangetest.Spec) { s.Permissions = []string{"Spot.SpotTrade"} })
	delete(f.entries, "old")
	p.next(t)
	f.change("grid", func(s *exchangetest.Spec) { s.Faults = []exchangetest.Fault{{Drop: true, Times: -1}} })
	p.next(t)
	f.change("grid", func(s *exchangetest.Spec) { s.Faults = nil })
	f.issue("tax", "kraken", "read-only", exchangetest.Spec{Permissions: []string{"query-funds"}, IPs: []string{"198.51.100.20"}, Created: f.now, Expires: f.now.AddDate(0, 6, 0)})
	p.next(t)
	return p
}

// asked runs a command over the state.
func (p *past) asked(t *testing.T, args ...string) ran {
	t.Helper()
	got := runWith(t.Context(), nil, append(args, "--state", p.db)...)
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, p.canaries()))
	return got
}

func decoded[T any](t *testing.T, text string) (out T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &out), text)
	return out
}

// TestTimeline: what has become of each key, from the first run to the last.
func TestTimeline(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	got := p.asked(t, "history", "grid", "--format", "json")
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	found := decoded[[]toldHistory](t, got.stdout)
	require.Len(t, found, 1)
	var lines []string
	for _, e := range found[0].Events {
		if e.Run != 1 && (e.Rule == "" || e.Rule == "withdrawal" || e.Rule == "not-inspected" || strings.HasSuffix(e.Rule, "-permission")) {
			lines = append(lines, strings.TrimSpace(e.At.Format("2 ")+e.What+" "+e.Rule))
		}
	}
	assert.Equal(t, []string{
		"12 created", "25 changed gained-permission", "25 opened withdrawal", "26 waived withdrawal",
		"27 changed lost-permission", "27 closed withdrawal", "28 opened not-inspected", "29 closed not-inspected",
	}, lines)
	text := strings.ReplaceAll(p.asked(t, "history", "grid").stdout, "\n"+strings.Repeat(" ", timelineText), " ")
	for _, want := range []string{
		"grid: bybit live, key ", "owner: desk; first seen 2026-11-23 02:30 UTC\n", "2026-11-25 02:30 UTC  gained-permission (critical): Gained since 2026-11-24: withdraw",
		"opened: withdrawal (critical): The key can withdraw funds", "waived: withdrawal (critical): until 2026-12-31 (owner of the key: desk): moves", "closed: ",
	} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "\x1b")

	text = p.asked(t, "history", "tax").stdout
	assert.Contains(t, text, "2026-11-25 02:30 UTC  allowlist-widened")
	assert.Contains(t, text, "rotated (info): ")
	assert.Contains(t, text, "; first seen 2026-11-23 02:30 UTC\n")
	assert.Regexp(t, `(?m)^2026-11-2\d \d\d:\d\d UTC  created, as the exchange reports`, strings.ReplaceAll(text, "\n  2026", "\n2026"))
	assert.Contains(t, p.asked(t, "history", "old").stdout, "gone: the run did not have the key")
}

// TestListOfKeys: one line per key, the one that is gone too.
func TestListOfKeys(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	text := p.asked(t, "history").stdout
	assert.Regexp(t, `(?m)^KEY +EXCHANGE +FIRST SEEN +LAST CHANGE +OPEN FINDINGS$`, text)
	assert.Regexp(t, `(?m)^grid +bybit live +2026-11-23 02:30 +2026-11-29 02:30 +`, text)
	assert.Regexp(t, `(?m)^maker +okx live +2026-11-23 02:30 +2026-11-23 02:30 +`, text)
	assert.Regexp(t, `(?m)^tax +kraken live +2026-11-23 02:30 +2026-11-29 02:30 +`, text)
	assert.Regexp(t, `(?m)^old +bitmex live +2026-11-23 02:30 +2026-11-23 02:30 .*gone since 2026-11-26 02:30 UTC$`, text)
	lines := decoded[[]toldLine](t, p.asked(t, "history", "--format", "json").stdout)
	require.Len(t, lines, 4)
	last := p.report(t)
	for _, l := range lines {
		if l.Gone {
			assert.Equal(t, "old", l.Name)
			continue
		}
		var sum audit.Summary
		sum.Add(resultOf(t, last, l.Name))
		assert.Equal(t, sum.Failed, l.Open.Failed, l.Name)
		assert.Equal(t, sum.Undetermined, l.Open.Undetermined, l.Name)
	}
}

// TestNamesAndFiles: what a stranger names: names with what a terminal would act on, two
// keys of one name, and every file that is no state.
func TestNamesAndFiles(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	folder := t.TempDir()
	p := &past{newEmptyFirm(t), filepath.Join(folder, "state #1%.db")}
	at := time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)
	key := func(name, exchange string) *audit.Result {
		return &audit.Result{Name: name, Exchange: exchange, Snapshot: &access.Snapshot{Inspection: access.Inspection{Exchange: exchange, TakenAt: at, Fingerprint: name + exchange, Requests: 1}}}
	}
	const odd = "gr\x1b[2Jid\u202e\n"
	keepRun(t, p.db, &audit.Report{Started: at, Finished: at, Results: []*audit.Result{key(odd, "okx"), key("both", "okx"), key("both", "bybit"), key("a\tb", "okx"), key("a b", "okx")}})
	for _, name := range []string{odd, access.Printable(odd)} {
		got := p.asked(t, "history", name)
		assert.Equal(t, audit.ExitClean, got.code, got.stderr)
		assert.NotContains(t, got.stdout+p.asked(t, "history").stdout, "\x1b")
		assert.NotContains(t, got.stdout, "\u202e")
	}
	assert.Len(t, decoded[[]toldHistory](t, p.asked(t, "history", "both", "--format", "json").stdout), 2)
	text := p.asked(t, "history", "both").stdout
	assert.Contains(t, text, "both: okx")
	assert.Contains(t, text, "both: bybit")
	assert.Equal(t, audit.ExitClean, p.asked(t, "history", "a b").code, "the exact name counts more")
	got := p.asked(t, "history", "boht")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, `did you mean`)

	newer := copied(t, p.db, folder, "newer.db")
	edit(t, newer, "PRAGMA user_version=99")
	damaged := copied(t, p.db, folder, "damaged.db")
	content, err := os.ReadFile(damaged)
	require.NoError(t, err)
	writeFile(t, damaged, 0o600, string(content[:len(content)/2]))
	for path, want := range map[string]string{
		filepath.Join(folder, "none.db"): "does not exist: the first run with --state makes it",
		folder:                           "is not a regular file",
		writeFile(t, filepath.Join(folder, "x.txt"), 0o600, "hello"): "is not a state of keyaudit",
		writeFile(t, filepath.Join(folder, "empty.db"), 0o600, ""):   "is not a state of keyaudit",
		inLines(t, folder, "old.jsonl", &audit.Report{}):             "is JSON Lines, as earlier versions kept it: the next run with --state takes it over",
		newer:   "was written by a newer version",
		damaged: "is damaged",
	} {
		for _, args := range [][]string{{"history"}, {"runs"}, {"diff", "1", "2"}, {"forget", "both", "--yes"}} {
			before, _ := os.ReadFile(path)
			got := runWith(ctx, nil, append(args, "--state", path)...)
			assert.Equal(t, audit.ExitUsage, got.code, "%s %s", args, path)
			assert.Contains(t, got.stderr, want, "%s %s", args, path)
			assert.Empty(t, got.stdout)
			after, _ := os.ReadFile(path)
			assert.Equal(t, before, after, "nothing is overwritten")
		}
	}
	assert.NoFileExists(t, filepath.Join(folder, "none.db"))
	for _, name := range []string{"history", "runs", "forget"} {
		assert.Contains(t, runWith(ctx, nil, name).stderr, "--state: name the state of your runs")
	}
}

// copied is a copy of a state that nobody uses.
func copied(t *testing.T, from, folder, name string) string {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	return writeFile(t, filepath.Join(folder, name), 0o600, string(content))
}

// TestRunsTable: the runs, with their counts, exit codes and digests; those that did not end
// as well.
func TestRunsTable(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	s, err := store.Open(t.Context(), p.db, time.Now)
	require.NoError(t, err)
	require.NoError(t, s.Keep(t.Context(), 5))
	_, err = s.Begin(t.Context(), &audit.Report{Started: p.now}, false)
	require.NoError(t, err)
	runs := decoded[[]toldRun](t, p.asked(t, "runs", "--format", "json").stdout) // while a run goes on
	require.Len(t, runs, 8)
	last := p.report(t)
	assert.Equal(t, "running", runs[7].State)
	assert.Nil(t, runs[7].Summary)
	assert.Equal(t, last.Summary.Keys, runs[6].Summary.Keys)
	assert.Equal(t, last.Summary.Failed, runs[6].Summary.Failed)
	assert.Equal(t, last.Summary.ExitCode(audit.High), *runs[6].ExitCode)
	assert.Regexp(t, digestForm, runs[6].Digest)
	assert.Equal(t, []bool{true, true, false}, []bool{runs[0].Pruned, runs[1].Pruned, runs[2].Pruned})
	text := p.asked(t, "runs").stdout
	assert.Regexp(t, `(?m)^RUN +BEGAN +TOOK +KEYS +CRITICAL +HIGH +MEDIUM +LOW +INFO +UNKNOWN +NOT INSPECTED +EXIT +DIGEST +STATE$`, text)
	assert.Regexp(t, `(?m)^1 +2026-11-23 02:30 +0s +4 .* complete, pruned$`, text)
	assert.Regexp(t, `(?m)^7 +2026-11-29 02:30 +0s +3 .* `+runs[6].Digest[:16]+` +complete$`, text)
	assert.Regexp(t, `(?m)^8 +2026-11-29 02:30 +- .*running$`, text)
	require.NoError(t, s.Close())
}

// TestDiffOfRuns: two runs of a state give what their reports give, in every format.
func TestDiffOfRuns(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	p := &past{f, filepath.Join(f.folder, "state.db")}
	var files []string
	for i, change := range []func(){
		func() {},
		func() {
			f.change("grid", func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
			delete(f.entries, "old")
		},
		func() {
			f.change("grid", func(s *exchangetest.Spec) { s.Faults = []exchangetest.Fault{{Drop: true, Times: -1}} })
		},
	} {
		change()
		p.next(t)
		text, err := os.ReadFile(p.state())
		require.NoError(t, err)
		files = append(files, writeFile(t, filepath.Join(f.folder, string(rune('a'+i))+".jsonl"), 0o600, string(text)))
	}
	for _, pair := range [][2]int{{1, 2}, {1, 3}, {2, 3}} {
		for _, format := range []string{"text", "json", "jsonl", "csv", "prometheus", "sarif", "junit"} {
			from, to := string(rune('0'+pair[0])), string(rune('0'+pair[1]))
			want := runWith(t.Context(), nil, "diff", files[pair[0]-1], files[pair[1]-1], "--format", format)
			got := p.asked(t, "diff", from, to, "--format", format)
			assert.Equal(t, want.stdout, got.stdout, "%v %s", pair, format)
			assert.Equal(t, want.code, got.code, "%v %s", pair, format)
			assert.Empty(t, got.stderr)
		}
	}
	for _, format := range []string{"html", "markdown", "summary"} {
		assert.Contains(t, p.asked(t, "diff", "1", "3", "--format", format).stdout, "Trend over 3 runs, 2026-11-23 to 2026-11-25", format)
		assert.Contains(t, p.asked(t, "diff", "1", "2", "--format", format).stdout, "Trend over 2 runs", format)
	}
	for args, want := range map[string]string{
		"2 1": "run 2 is not earlier than run 1", "2 2": "is not earlier", "1 9": "there is no run 9: those with results are 1, 2, 3",
		"1 x": `"x" is not the number of a run`, "1": "name two runs", "1 2 3": "name two runs",
	} {
		got := p.asked(t, append([]string{"diff"}, strings.Fields(args)...)...)
		assert.Equal(t, audit.ExitUsage, got.code, args)
		assert.Contains(t, got.stderr, want, args)
	}
	got := p.asked(t, "diff", "1", "2", "--output", p.db)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "would be overwritten")
}

// TestQueriesOfTheManual: the queries for the sqlite3 program work, and find something.
func TestQueriesOfTheManual(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	manual, err := os.ReadFile("README.md")
	require.NoError(t, err)
	db, err := openSQL(p.db)
	require.NoError(t, err)
	defer db.Close()
	queries := regexp.MustCompile(`(?s)sqlite3 -readonly keys.db "(.*?)"`).FindAllStringSubmatch(string(manual), -1)
	require.Len(t, queries, 2)
	for _, q := range queries {
		var n int
		sql := strings.ReplaceAll(q[1], "date('now'", "date('2026-11-29'")
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM ("+sql+")").Scan(&n), sql)
		assert.Positive(t, n, sql)
	}
}

// TestCompletionOfState: the shell is offered the keys and runs of the state, and files without one.
func TestCompletionOfState(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	for args, want := range map[string]string{
		"history --state " + p.db + " ": "grid\nmaker\nold\ntax\n:4\n", "forget --state " + p.db + " ": "grid\nmaker\nold\ntax\n:4\n",
		"diff --state " + p.db + " ": "7\n6\n5\n4\n3\n2\n1\n:4\n", "diff ": ":0\n", "history --state " + inLines(t, p.folder, "old.jsonl", p.report(t)) + " ": ":0\n",
	} {
		assert.Equal(t, want, runWith(t.Context(), nil, append([]string{"__complete"}, strings.Split(args, " ")...)...).stdout, args)
	}
}

// TestForget: a key is removed once somebody says yes, and never else.
func TestForget(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	got := p.asked(t, "forget", "grid")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, `nobody can be asked about "grid", in 7 results: add --yes`)
	assert.Equal(t, audit.ExitClean, p.asked(t, "history", "grid").code)

	busy, err := store.Open(t.Context(), p.db, time.Now)
	require.NoError(t, err)
	_, err = busy.Begin(t.Context(), &audit.Report{Started: p.now}, false)
	require.NoError(t, err)
	got = p.asked(t, "forget", "grid", "--yes")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "is used by another run: wait for it to end")
	require.NoError(t, busy.Close())

	got = p.asked(t, "forget", "grid", "--yes")
	assert.Equal(t, ran{stdout: got.stdout}, got)
	assert.Contains(t, got.stdout, `Forgotten: "grid", in 7 results. What stays is one hash per result`)
	assert.Equal(t, audit.ExitUsage, p.asked(t, "history", "grid").code)
	assert.NotContains(t, p.asked(t, "history").stdout, "grid")
	assert.Contains(t, runWith(t.Context(), nil, "verify", p.db).stdout, "7 results are forgotten")
	for text, want := range map[string]bool{"yes\n": true, " YES \n": true, "yes": true, "y\n": false, "\n": false, "": false, "no\n": false, "yes please\n": false} {
		assert.Equal(t, want, agreed(strings.NewReader(text)), text)
	}
}
