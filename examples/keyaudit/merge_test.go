package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// fleetOfHosts is a firm whose keys lie on three hosts.
type fleetOfHosts struct {
	*firm
	hosts map[string][]string // entries by host
}

func newFleetOfHosts(t *testing.T) *fleetOfHosts {
	t.Helper()
	f := newFirm(t)
	f.entries["again"] = map[string]any{}
	for k, v := range f.entries["grid"] { // one key on two hosts
		f.entries["again"][k] = v
	}
	f.entries["again"]["name"] = "again"
	return &fleetOfHosts{f, map[string][]string{"tokyo": {"grid", "tax"}, "london": {"maker", "again"}, "paris": {"old"}}}
}

// audited lets every host write its report, at the same time.
func (f *fleetOfHosts) audited(t *testing.T, hosts ...string) (reports []string) {
	t.Helper()
	for _, host := range hosts {
		var entries []map[string]any
		for _, name := range f.hosts[host] {
			entries = append(entries, f.entries[name])
		}
		reports = append(reports, host+"="+f.write(t, host, entries))
	}
	return reports
}

// write audits some entries, without a day that passes, and keeps the report.
func (f *fleetOfHosts) write(t *testing.T, name string, entries []map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": entries})
	require.NoError(t, err)
	keys := writeFile(t, filepath.Join(f.folder, name+".json"), 0o600, string(text))
	path := filepath.Join(f.folder, name+".jsonl")
	got := f.command(t, "--keys", keys, "--format", "jsonl", "--output", path)
	require.NotEqual(t, audit.ExitUsage, got.code, got.stderr)
	return path
}

// command runs the program as it is run on a host, at the firm's time.
func (f *fleetOfHosts) command(t *testing.T, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := app{
		stdout: &stdout, stderr: &stderr, env: func(name string) string { return f.network.env[name] }, now: func() time.Time { return f.now },
		stage: f.stage(),
	}
	code := a.run(t.Context(), args)
	return ran{code, stdout.String(), stderr.String()}
}

// otherwise is what differs from host to host: the inventory's name, and how often an
// exchange has to be asked again because of a nonce.
var otherwise = regexp.MustCompile(`(all|tokyo|london|paris)\.json|with [0-9] requests?|\b(tokyo|london|paris)/`)

// findingsOf are the findings of a report by key and rule, as they are said.
func findingsOf(t *testing.T, r *audit.Report) []string {
	t.Helper()
	var out []string
	for _, result := range r.Results {
		for _, f := range result.Findings {
			out = append(out, strings.Join([]string{result.Name, f.Rule, f.Outcome.String(), f.Severity.String(), f.Message, f.Waived}, "|"))
		}
	}
	for _, f := range r.Findings {
		out = append(out, strings.Join([]string{f.Rule, f.Outcome.String(), f.Severity.String(), f.Message}, "|"))
	}
	for i := range out {
		out[i] = otherwise.ReplaceAllString(out[i], "")
	}
	slices.Sort(out)
	return out
}

// TestMergeIsOneRun: the merged reports of three hosts say what one run over all keys
// says, in the first night and in the second.
func TestMergeIsOneRun(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	one, many := filepath.Join(f.folder, "one.db"), filepath.Join(f.folder, "many.db")
	hosts := []string{"tokyo", "london", "paris"}
	for night := range 3 {
		var all []map[string]any
		for _, host := range hosts {
			for _, name := range f.hosts[host] {
				all = append(all, f.entries[name])
			}
		}
		text, err := json.Marshal(map[string]any{"keys": all})
		require.NoError(t, err)
		keys := writeFile(t, filepath.Join(f.folder, "all.json"), 0o600, string(text))
		whole := f.command(t, "--keys", keys, "--state", one, "--format", "json")
		got := f.command(t, append([]string{"merge", "--state", many, "--format", "json"}, f.audited(t, hosts...)...)...)
		require.Equal(t, whole.code, got.code, got.stderr)
		want, is := parsed(t, whole), parsed(t, got)
		assert.Equal(t, findingsOf(t, want), findingsOf(t, is), "night %d", night)
		want.Summary.Requests, is.Summary.Requests = 0, 0
		assert.Equal(t, want.Summary, is.Summary)
		assert.Equal(t, want.Baseline, is.Baseline)
		assert.Contains(t, strings.Join(findingsOf(t, is), "\n"), "shared-key|failed", "a rule that no host can judge alone")
		assert.Equal(t, "tokyo", resultOf(t, is, "grid").Record.Host)
		assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, f.canaries()))
		f.now = f.now.AddDate(0, 0, 1)
		f.change("tax", func(s *exchangetest.Spec) { s.IPs = nil })
		if night == 1 {
			hosts = hosts[:2]
			f.hosts["london"] = append(f.hosts["london"], "old") // moved
		}
	}
}

// TestMergeWithoutAHost: the keys of a host whose report is missing, damaged or old are
// named, with the reason, and are not as good as the last time.
func TestMergeWithoutAHost(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, path string){
		"cannot be read": func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.Remove(path)) },
		"follow from the line": func(t *testing.T, path string) {
			t.Helper()
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			writeFile(t, path, 0o600, strings.Replace(string(text), "granted", "denied0", 1))
		},
		"is old: its run ended 2026-11-2": nil,
	} {
		f := newFleetOfHosts(t)
		state := filepath.Join(f.folder, "many.db")
		first := f.command(t, append([]string{"merge", "--state", state, "--format", "json"}, f.audited(t, "tokyo", "london", "paris")...)...)
		require.Empty(t, notInspected(parsed(t, first)), first.stderr)
		f.now = f.now.AddDate(0, 0, 2)
		reports := f.audited(t, "london", "paris")
		if spoil != nil {
			spoil(t, filepath.Join(f.folder, "tokyo.jsonl"))
		}
		args := append([]string{"merge", "--state", state, "--format", "json", "tokyo=" + filepath.Join(f.folder, "tokyo.jsonl")}, reports...)
		got := f.command(t, args...)
		is := parsed(t, got)
		assert.Equal(t, []string{"grid", "tax"}, notInspected(is), name)
		assert.Contains(t, resultOf(t, is, "grid").Snapshot.Failure.Message, name)
		assert.NotNil(t, resultOf(t, is, "grid").Last, "what was last known")
		assert.NotContains(t, got.stdout, `"key-vanished",`+"\n"+`          "outcome": "failed"`)
		assert.NotEqual(t, audit.ExitClean, got.code)
		require.Error(t, resultOf(t, is, "tax").Err(audit.High))

		// The host is back.
		f.now = f.now.AddDate(0, 0, 1)
		is = parsed(t, f.command(t, append([]string{"merge", "--state", state, "--format", "json"}, f.audited(t, "tokyo", "london", "paris")...)...))
		assert.Empty(t, notInspected(is))
		assert.Empty(t, is.Findings)
	}
}

func notInspected(r *audit.Report) (names []string) {
	for _, result := range r.Results {
		if !result.Inspected() {
			names = append(names, result.Name)
		}
	}
	slices.Sort(names)
	return names
}

// TestMergeInTheFuture: a report of tomorrow would be current for a day longer than it is.
func TestMergeInTheFuture(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	f.now = f.now.AddDate(0, 0, 2)
	ahead := f.audited(t, "tokyo")
	f.now = f.now.AddDate(0, 0, -2)
	is := parsed(t, f.command(t, append([]string{"merge", "--format", "json"}, append(ahead, f.audited(t, "london", "paris")...)...)...))
	assert.Equal(t, []string{"grid", "tax"}, notInspected(is))
	assert.Contains(t, resultOf(t, is, "grid").Snapshot.Failure.Message, "dated in the future")
	assert.Equal(t, f.now.UTC(), is.Finished)
}

// TestMergeTwice: the same reports again are no sign of a clock that was set back, and one
// that misses a night is noticed the first time.
func TestMergeTwice(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	reports := f.audited(t, "tokyo", "london", "paris")
	args := append([]string{"merge", "--state", filepath.Join(f.folder, "many.db"), "--format", "json"}, reports...)
	for hours, missing := range map[int]bool{1: false, 2: false} {
		f.now = f.now.Add(time.Duration(hours) * time.Hour)
		is := parsed(t, f.command(t, args...))
		assert.Empty(t, is.Findings)
		assert.Equal(t, missing, len(notInspected(is)) > 0)
	}
	f.now = f.now.Add(22 * time.Hour)
	assert.Len(t, notInspected(parsed(t, f.command(t, args...))), 5)
}

// TestMergeTellsOfHosts: what a host's own state knows is not lost.
func TestMergeTellsOfHosts(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	own, path := filepath.Join(f.folder, "own.db"), filepath.Join(f.folder, "tokyo.jsonl")
	for range 2 {
		var entries []map[string]any
		for _, name := range f.hosts["tokyo"] {
			entries = append(entries, f.entries[name])
		}
		text, err := json.Marshal(map[string]any{"keys": entries})
		require.NoError(t, err)
		keys := writeFile(t, filepath.Join(f.folder, "tokyo.json"), 0o600, string(text))
		got := f.command(t, "--keys", keys, "--state", own, "--format", "jsonl", "--output", path)
		require.NotEqual(t, audit.ExitUsage, got.code, got.stderr)
		f.hosts["tokyo"] = []string{"grid"}
		f.now = f.now.Add(time.Hour)
	}
	is := parsed(t, f.command(t, "merge", "--format", "json", "tokyo="+path))
	require.Len(t, is.Findings, 1)
	assert.Contains(t, is.Findings[0].Message, `On "tokyo": The key "tax"`)
	assert.Equal(t, 1, is.Summary.Failed[audit.Medium])
}

// TestMergeUnknownHost: a host of which nothing was ever known is named itself, and is
// no key that is gone once it reports.
func TestMergeUnknownHost(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	state := filepath.Join(f.folder, "many.db")
	args := append([]string{"merge", "--state", state, "--format", "json", "paris=" + filepath.Join(f.folder, "paris.jsonl")}, f.audited(t, "tokyo", "london")...)
	is := parsed(t, f.command(t, args...))
	assert.Empty(t, notInspected(is), "a host is no key")
	assert.Len(t, is.Results, 4)
	assert.Equal(t, 4, is.Summary.Keys)
	require.Len(t, is.Findings, 1)
	assert.Contains(t, is.Findings[0].Message, `Of the host "paris" no key is known: the report of its host cannot be read`)
	for _, level := range []audit.Severity{audit.Info, audit.High, audit.Critical} {
		assert.NotEqual(t, audit.ExitClean, (&audit.Summary{Keys: 4, Undetermined: is.Summary.Undetermined}).ExitCode(level), "any key may be there")
	}
	for _, format := range []string{"text", "html"} {
		args[4] = format
		assert.Contains(t, f.command(t, args...).stdout, "; there may be further keys.", format)
	}
	args[4] = "json"
	f.now = f.now.AddDate(0, 0, 1)
	is = parsed(t, f.command(t, append([]string{"merge", "--state", state, "--format", "json"}, f.audited(t, "tokyo", "london", "paris")...)...))
	assert.Empty(t, notInspected(is))
	assert.Empty(t, is.Findings, "nothing has vanished")
}

// TestMergeRefuses: mistakes on the command line, all at once.
func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	reports := f.audited(t, "tokyo", "london")
	tokyo := strings.TrimPrefix(reports[0], "tokyo=")
	demo := writeFile(t, filepath.Join(f.folder, "demo.json"), 0o600, demoJSON().stdout)
	got := f.command(t, "merge", reports[0], "tokyo="+demo, "osaka="+tokyo)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, `"tokyo" is named twice`)
	assert.Contains(t, got.stderr, `"tokyo" and "osaka" have one report`)
	got = f.command(t, "merge", tokyo, "--max-age", "720h", demo)
	assert.Contains(t, got.stderr, `of the reports of "tokyo" and "demo" one is of a demonstration`)
	got = f.command(t, "merge", tokyo+"x", reports[1])
	assert.Equal(t, audit.ExitUsage, got.code, "a mistyped path is no host")
	assert.Contains(t, got.stderr, "write HOST=REPORT")
	got = f.command(t, "merge")
	assert.Contains(t, got.stderr, "name the reports of your hosts")
	got = f.command(t, "merge", reports[0], "--output", tokyo)
	assert.Equal(t, audit.ExitUsage, got.code, "a report is not overwritten by what it is merged into")
	assert.Contains(t, got.stderr, "--output")
}

// TestMergeOfOneRunTwice: two files of one run are one host's, whatever they are stored as,
// and its keys are not counted twice.
func TestMergeOfOneRunTwice(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	reports := f.audited(t, "tokyo", "london")
	tokyo := strings.TrimPrefix(reports[0], "tokyo=")
	keys, state := filepath.Join(f.folder, "tokyo.json"), filepath.Join(f.folder, "own.db")
	stored := f.command(t, "--keys", keys, "--state", state, "--report", "jsonl="+tokyo, "--report", "json="+filepath.Join(f.folder, "whole.json"))
	require.NotEqual(t, audit.ExitUsage, stored.code, stored.stderr)
	again := writeFile(t, filepath.Join(f.folder, "again.json"), 0o600, f.command(t, "judge", tokyo, "--format", "json").stdout)
	for _, other := range []string{filepath.Join(f.folder, "whole.json"), again, state} {
		got := f.command(t, "merge", "tokyo="+tokyo, reports[1], "osaka="+other)
		assert.Equal(t, audit.ExitUsage, got.code, other)
		assert.Contains(t, got.stderr, `merge: "tokyo" and "osaka" have the report of one run, `)
		assert.Contains(t, got.stderr, ": name the report of each host")
		assert.NotContains(t, got.stderr, "london")
	}
	got := f.command(t, append([]string{"merge", "--format", "json"}, reports...)...)
	assert.Len(t, parsed(t, got).Results, 4, "two hosts may have begun at one time")
}
