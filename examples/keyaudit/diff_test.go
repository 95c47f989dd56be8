package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// kept runs the program and keeps its state under a name.
func (f *firm) kept(t *testing.T, name string) string {
	t.Helper()
	f.run(t.Context(), t)
	text, err := os.ReadFile(f.state())
	require.NoError(t, err)
	return writeFile(t, filepath.Join(f.folder, name), 0o600, string(text))
}

// inLines writes a report as JSON Lines.
func inLines(t *testing.T, folder, name string, r *audit.Report) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, render.NewJSONLines(&out).Report(r))
	return writeFile(t, filepath.Join(folder, name), 0o600, out.String())
}

// parsed is the JSON report that a command printed.
func parsed(t *testing.T, got ran) *audit.Report {
	t.Helper()
	report, err := render.ReadJSON(strings.NewReader(got.stdout))
	require.NoError(t, err, got.stderr)
	return report
}

func resultOf(t *testing.T, r *audit.Report, name string) *audit.Result {
	t.Helper()
	for _, result := range r.Results {
		if result.Name == name {
			return result
		}
	}
	require.Fail(t, "no result", name)
	return nil
}

// TestDiff: what changed between two runs is shown, and nothing else; the exit
// code is that of the new findings.
func TestDiff(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	monday := f.kept(t, "monday.db")
	tuesday := f.kept(t, "tuesday.db")
	got := runWith(t.Context(), nil, "diff", monday, tuesday)
	assert.Equal(t, ran{}, got, "whatever was wrong before")
	got = runWith(t.Context(), nil, "diff", monday, tuesday, "--format", "json")
	assert.Equal(t, audit.ExitClean, got.code)
	assert.False(t, parsed(t, got).Changed())

	f.change("maker", func(s *exchangetest.Spec) { s.Permissions = []string{"read_only"} })
	wednesday := f.kept(t, "wednesday.db")
	f.change("grid", func(s *exchangetest.Spec) { s.Permissions = append(s.Permissions, "Wallet.Withdraw") })
	f.change("tax", func(s *exchangetest.Spec) { s.IPs = nil })
	delete(f.entries, "old")
	thursday := f.kept(t, "thursday.db")
	f.change("grid", func(s *exchangetest.Spec) { s.Faults = []exchangetest.Fault{{Drop: true, Times: -1}} })
	friday := f.kept(t, "friday.db")

	for _, tc := range []struct {
		from, to, level string
		code            int
		shown, hidden   string
	}{
		{tuesday, wednesday, "high", audit.ExitFindings, "maker: lost-permission", "grid tax old"},
		{tuesday, wednesday, "critical", audit.ExitClean, "maker: lost-permission", "grid tax old"},
		{wednesday, thursday, "critical", audit.ExitFindings, "grid: gained-permission, tax: allowlist-widened, old: key-vanished", "maker"},
		{monday, thursday, "high", audit.ExitFindings, "maker: lost-permission, grid: gained-permission, tax: allowlist-widened, old: key-vanished", ""},
		{thursday, friday, "high", audit.ExitNotAssessed, "grid: not-inspected", "maker tax old"},
		{wednesday, friday, "info", audit.ExitFindings, "grid: not-inspected, tax: allowlist-widened", "maker"},
	} {
		got := runWith(t.Context(), nil, "diff", "--fail-on", tc.level, tc.from, tc.to)
		assert.Equal(t, tc.code, got.code, "%s %s %s:\n%s", tc.from, tc.to, tc.level, got.stdout)
		assert.Empty(t, got.stderr)
		report := parsed(t, runWith(t.Context(), nil, "diff", tc.from, tc.to, "--format", "json", "--fail-on", tc.level))
		found := strings.Join(newFindings(report), "\n")
		for _, f := range report.Findings {
			found += "\n" + f.Message + ": " + f.Rule
		}
		for line := range strings.SplitSeq(tc.shown, ", ") {
			name, rule, _ := strings.Cut(line, ": ")
			assert.Contains(t, got.stdout, name)
			assert.Contains(t, got.stdout, rule)
			assert.Regexp(t, `(?m)^.*\b`+name+`\b.*: `+rule+`$`, found)
		}
		for _, name := range strings.Fields(tc.hidden) {
			assert.NotRegexp(t, `\b`+name+`\b`, got.stdout)
		}
		assert.Empty(t, exchangetest.FindCanaries(got.stdout, f.canaries()))
	}

	// A new finding that is waived is shown, and does not change the exit code.
	waived := &audit.Report{Results: []*audit.Result{{Findings: []audit.Finding{{Rule: "withdrawal", Outcome: audit.Failed, Severity: audit.Critical, New: true, Waived: "accepted"}}}}}
	assert.Equal(t, audit.ExitClean, changedCode(waived, audit.Info))
}

// TestDiffOfOneRun: reports of one run in different formats are told apart from those of two:
// no clock was set back, and nothing has changed but by judging one of them again.
func TestDiffOfOneRun(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	state := f.kept(t, "state.db")
	report := f.report(t)
	assert.Empty(t, runWith(t.Context(), nil, "diff", state, inLines(t, f.folder, "a.jsonl", report)).stdout)
	report.Finished = report.Finished.Add(3 * time.Second) // as no test's clock has it
	var text bytes.Buffer
	require.NoError(t, render.JSON(&text, report))
	lines, object := inLines(t, f.folder, "lines.jsonl", report), writeFile(t, filepath.Join(f.folder, "object.json"), 0o600, text.String())
	for _, args := range [][]string{{lines, object}, {object, lines}} {
		got := runWith(t.Context(), nil, append([]string{"diff"}, args...)...)
		assert.Equal(t, audit.ExitClean, got.code, got.stdout)
		assert.Empty(t, got.stdout)
		assert.Equal(t, "keyaudit: diff: "+showPath(args[0])+" and "+showPath(args[1])+" are of the same run, which began 2026-11-23 02:30 UTC: nothing has changed\n", got.stderr)
	}
	judged := runWith(t.Context(), nil, "judge", lines, "--policy", "read-only", "--format", "json")
	again := writeFile(t, filepath.Join(f.folder, "judged.json"), 0o600, judged.stdout)
	got := runWith(t.Context(), nil, "diff", lines, again)
	assert.Equal(t, audit.ExitFindings, got.code)
	assert.Contains(t, got.stdout, "excess-permission (new)")
	assert.NotContains(t, got.stdout, "clock")
	assert.Contains(t, got.stderr, "are of the same run, which began 2026-11-23 02:30 UTC: what has changed is how it was judged\n")
}

// badReports are files that are not readable reports, with what is said about
// each.
func badReports(t *testing.T, folder string) map[string]string {
	t.Helper()
	good := demoJSON().stdout
	f := newFirm(t)
	f.run(t.Context(), t)
	text, err := os.ReadFile(inLines(t, f.folder, "good.jsonl", f.report(t)))
	require.NoError(t, err)
	first, _, _ := bytes.Cut(text, []byte("\n"))
	out := map[string]string{filepath.Join(folder, "none.json"): "does not exist", folder: "is not a regular file"}
	for name, bad := range map[string][2]string{
		"empty":   {"", "report"},
		"text":    {canary, "this is no report"},
		"other":   {`{"secret": "` + canary + `"}`, "this is no report"},
		"version": {strings.Replace(good, `"schema": 2`, `"schema": 99`, 1), "schema version 99 and this release reads version 2"},
		"half":    {good[:len(good)/2], "the report is not one JSON object"},
		"no list": {`{"schema": 2, "results": "` + canary + `"}`, "doesn't follow its schema"},
		"result":  {`{"schema": 2, "results": ["` + canary + `"]}`, "result 1 doesn't follow the schema"},
		"cut off": {string(first) + "\n", "ends before its summary"},
		"edited":  {strings.Replace(string(text), "granted", canary[:7], 1), "line "},
	} {
		out[writeFile(t, filepath.Join(folder, name), 0o600, bad[0])] = bad[1]
	}
	return out
}

// TestBadReports: each is refused in one sentence that quotes nothing of it.
func TestBadReports(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good := writeFile(t, filepath.Join(folder, "good.json"), 0o600, demoJSON().stdout)
	for path, want := range badReports(t, filepath.Join(folder)) {
		for _, args := range [][]string{{"diff", path, good}, {"diff", good, path}, {"judge", path}} {
			got := runWith(t.Context(), nil, args...)
			assert.Equal(t, audit.ExitUsage, got.code, path)
			assert.Empty(t, got.stdout)
			assert.Regexp(t, `^keyaudit: `+args[0]+`: "[^\n]+\n$`, got.stderr, path)
			assert.Contains(t, got.stderr, want)
			assert.NotContains(t, got.stderr, canary)
			assert.NotContains(t, got.stderr, canary[:7])
			assert.NotContains(t, got.stderr, "render:")
		}
	}
	both := runWith(t.Context(), nil, "diff", filepath.Join(folder, "x"), filepath.Join(folder, "y"))
	assert.Equal(t, 2, strings.Count(both.stderr, "\n"), "both problems at once")
}

func TestDiffRefuses(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	old, fresh := f.kept(t, "old.db"), f.kept(t, "new.db")
	link := filepath.Join(f.folder, "link")
	require.NoError(t, os.Link(old, link))
	for want, args := range map[string][]string{
		"diff: name two stored reports, the older one first: keyaudit diff OLD NEW":   {},
		"diff: name two stored reports, the older one first: keyaudit diff OLD NEW\n": {old, fresh, "third"},
		"diff: OLD and NEW are the same file: name the reports of two runs":           {old, link},
		`new.jsonl" began 2026-11-24 02:30 UTC, before that of`:                       nil,
		"--fail-on: unknown level \"hihg\": did you mean \"high\"?":                   {old, fresh, "--fail-on", "hihg"},
		"--output: cannot create a file in":                                           {old, fresh, "--output", filepath.Join(f.folder, "no", "file")},
		`unknown flag "--keys"`:                                                       {old, fresh, "--keys", "x"},
	} {
		if args == nil {
			want, args = `old.db" began 2026-11-23 02:30 UTC, before that of `+showPath(fresh)+": name the older one first", []string{fresh, old}
		}
		got := runWith(t.Context(), nil, append([]string{"diff"}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code, want)
		assert.Contains(t, got.stderr, want)
		assert.Empty(t, got.stdout)
		assert.Regexp(t, `^(keyaudit: [^\n]+\n)+$`, got.stderr)
	}
}

// TestJudgePolicy: the same facts are judged by another policy, whatever format the
// report was stored in, with the rules about the fleet, and no exchange is asked.
func TestJudgePolicy(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	f.entries["twin"] = map[string]any{}
	for name, value := range f.entries["grid"] {
		f.entries["twin"][name] = value
	}
	f.entries["twin"]["name"] = "twin"
	stored := f.kept(t, "report.db")
	asked := len(f.fakes["bybit"].Requests())

	same := parsed(t, runWith(t.Context(), nil, "judge", stored, "--format", "json"))
	grid := resultOf(t, same, "grid")
	assert.Equal(t, "spot-trading", grid.Policy)
	assert.Equal(t, audit.Passed, grid.Finding("excess-permission").Outcome)
	require.NotNil(t, grid.Finding("shared-key"), "the fleet is judged as in a run")
	assert.Equal(t, audit.Failed, grid.Finding("shared-key").Outcome)
	assert.Equal(t, f.report(t).Finished, same.Finished, "it is the report of that run")

	got := runWith(t.Context(), nil, "judge", stored, "--policy", "read-only", "--format", "json")
	assert.Equal(t, audit.ExitFindings, got.code)
	assert.Empty(t, got.stderr)
	reader := resultOf(t, parsed(t, got), "grid")
	assert.Equal(t, "read-only", reader.Policy)
	assert.Equal(t, audit.Failed, reader.Finding("excess-permission").Outcome)
	assert.Equal(t, grid.Snapshot.Grants, reader.Snapshot.Grants)

	again := writeFile(t, filepath.Join(f.folder, "judged.json"), 0o600, got.stdout)
	kept := parsed(t, runWith(t.Context(), nil, "judge", again, "--format", "json"))
	assert.Equal(t, "read-only", resultOf(t, kept, "grid").Policy, "a stored report keeps its policies")
	assert.Equal(t, audit.Failed, resultOf(t, kept, "grid").Finding("excess-permission").Outcome)
	assert.Len(t, f.fakes["bybit"].Requests(), asked)
}

// TestJudgeByInventory: policies, waivers, attestations and owners are the
// inventory's, as of now, and nothing that it refers to is fetched or called.
func TestJudgeByInventory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // it has no touch
	}
	f, proxy := newFirm(t), newHook(t, 200)
	stored := f.kept(t, "report.db")
	marker := filepath.Join(f.folder, "marker")
	day := func(n int) string { return f.now.AddDate(0, 0, n).Format(time.DateOnly) }
	keys := writeFile(t, filepath.Join(f.folder, "judge.yaml"), 0o600, fmt.Sprintf(`
egress: {bot: {proxy: %q}}
keys:
  - name: grid
    exchange: bybit
    key: public
    secret: 'exec:["touch",%q]'
    policy: spot-trading
    egress: bot
    owner: the new owner
    waivers: [{rule: weak-key, reason: accepted, until: %[3]s}]
  - name: maker
    exchange: okx
    key: env:NOT_SET_HERE
    secret: %[6]s
    passphrase: 'exec:["touch",%[2]q]'
    policy: read-only
    attestations: [{rule: key-age, statement: checked, by: m, at: %[4]s, until: %[5]s}]
  - {name: tax, from: "octobot=/not/on/this/machine.json#kraken", waivers: [{rule: ownership, reason: not here, until: %[3]s}]}
  - {name: fresh, exchange: bybit, key: 'file:/not/here#/a', secret: 'exec:["touch",%[2]q]'}
`, proxy.URL, marker, day(90), day(5), day(20), canary))
	var stdout, stderr bytes.Buffer
	a := app{
		stdout: &stdout, stderr: &stderr, now: func() time.Time { return f.now.AddDate(0, 0, 10) },
	}
	code := a.run(t.Context(), []string{"judge", stored, "--keys", keys, "--format", "json"})
	require.Equal(t, audit.ExitFindings, code, stderr.String())
	assert.Equal(t, "keyaudit: 1 key in the report only, judged by the policy stored in it: \"old\"\n"+
		"keyaudit: 1 key in "+showPath(keys)+" only, not judged: \"fresh\"\n", stderr.String())
	report := parsed(t, ran{stdout: stdout.String()})
	grid, maker, tax := resultOf(t, report, "grid"), resultOf(t, report, "maker"), resultOf(t, report, "tax")
	assert.Equal(t, "the new owner", grid.Record.Owner)
	assert.NotEmpty(t, grid.Finding("weak-key").Waived)
	assert.Equal(t, "read-only", maker.Policy)
	assert.Equal(t, audit.Failed, maker.Finding("excess-permission").Outcome)
	assert.Equal(t, access.Attested, maker.Finding("key-age").Evidence, "it was attested after the run, and before now")
	assert.Equal(t, "read-only", tax.Policy, "the bot's file is not read, so it is the report's")
	assert.NotEmpty(t, tax.Finding("ownership").Waived)
	assert.NoFileExists(t, marker, "no secret is fetched")
	assert.Empty(t, proxy.received(), "nothing is sent")
	assert.Empty(t, exchangetest.FindCanaries(stdout.String()+stderr.String(), []string{canary}))
}

func TestJudgeRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good := writeFile(t, filepath.Join(folder, "good.json"), 0o600, demoJSON().stdout)
	keys := writeFile(t, filepath.Join(folder, "keys.json"), 0o600, `{"keys": [{"name": "a", "exchange": "binanse", "secret": "`+canary+`"}]}`)
	for want, args := range map[string][]string{
		"judge: name one stored report: keyaudit judge REPORT":                       {good, good},
		"--policy: unknown policy \"read\": did you mean \"read-only\"?":             {good, "--policy", "read"},
		"--policy: unknown policy (not shown: it may be a secret)":                   {good, "--policy", canary},
		`--policy: unknown policy "mine": use one of`:                                {good, "--policy", "mine", "--keys", keys},
		"judge: --quiet has nothing to compare with; keyaudit diff compares reports": {"--quiet", good},
		`unknown exchange "binanse": did you mean "binance"?`:                        {good, "--keys", keys},
		"the inventory: ": {good, "--keys", filepath.Join(folder, "none")},
	} {
		got := runWith(t.Context(), nil, append([]string{"judge"}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code, want)
		assert.Contains(t, got.stderr, want)
		assert.Empty(t, got.stdout)
		assert.NotContains(t, got.stderr, canary)
	}
}
