package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// logCommands begin lines, or are within lines, that the log of a build acts on.
var logCommands = []string{
	"::error::x", "::set-output name=x::y", "##[error]x##vso[task.setvariable variable=x]y##teamcity[buildStatus status='SUCCESS']",
	"x\r\n::error::%0A::notice::x", "section_start:1560896352:x\r\x1b[0Kx\x1b]0;x\x07\u009b2J\u202e::warning::x",
}

// taken are lines that such a log would act on; in GitHub's and Azure's source, it looks
// for the first anywhere, and for the second after white space.
var taken = regexp.MustCompile(`(?im)##[a-z]*\[|^[\s\p{Z}\x{feff}]*::(add-mask|debug|error|notice|set-output|stop-commands|warning)( .*)?::`)

// checkInert checks that nothing that was printed is a command to what shows it.
func checkInert(t *testing.T, got ran, args ...string) {
	t.Helper()
	for _, text := range []string{got.stdout, got.stderr} {
		require.NotRegexp(t, taken, text, args)
		odd := strings.IndexFunc(strings.TrimPrefix(text, "\ufeff"), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
		require.Negative(t, odd, "%q: %q", args, text)
	}
}

// hostileReport is a report that some host might bring, valid and with one text in each
// name of its keys and in what is said of them.
func hostileReport(t *testing.T, f *fleetOfHosts, path, text string) {
	t.Helper()
	r := parsed(t, ran{stdout: f.command(t, "judge", path, "--format", "json").stdout})
	for i, result := range r.Results {
		if i > 0 {
			result.Name = text
		}
		result.Title, result.Policy = text, text
		result.Record.Owner, result.Record.Purpose, result.Record.Labels = text, text, map[string]string{text: text}
		result.Record.Source.File = text
		result.Snapshot.Label, result.Snapshot.Notes, result.Snapshot.Unmapped = text, []string{text}, []string{text}
		for j := range result.Findings {
			result.Findings[j].Message, result.Findings[j].Remedy = text, text
		}
	}
	r.Findings = append(r.Findings, audit.Finding{Rule: text, Outcome: audit.Failed, Severity: audit.High, Message: text, Remedy: text})
	r.Recount()
	file, err := os.Create(path)
	require.NoError(t, err)
	defer file.Close()
	require.NoError(t, render.NewJSONLines(file).Report(r))
}

// TestNoLineIsACommandOfALog: whatever another host's report contains, the log of the
// build that merges it acts on no line of any output of any command.
func TestNoLineIsACommandOfALog(t *testing.T) {
	t.Parallel()
	f := newFleetOfHosts(t)
	reports := f.audited(t, "tokyo", "london")
	_, tokyo, _ := strings.Cut(reports[0], "=")
	for i, text := range logCommands {
		hostileReport(t, f, tokyo, text)
		state := filepath.Join(f.folder, "many"+string(rune('a'+i))+".db")
		run := func(args ...string) {
			t.Helper()
			got := f.command(t, args...)
			checkInert(t, got, args...)
		}
		host := strings.ReplaceAll(text, "=", ":")
		hosts := []string{host + "=" + tokyo, reports[1]}
		for _, format := range formatNames() {
			run(append([]string{"merge", "--format", format}, hosts...)...)
		}
		stored := f.command(t, append([]string{"merge", "--state", state, "--all", "--group", "owner"}, hosts...)...)
		require.Equal(t, audit.ExitFindings, stored.code, stored.stderr)
		checkInert(t, stored)
		for _, args := range [][]string{
			{"merge", host + "=nowhere", reports[1], "--state", state},
			{"merge", text},
			{"merge", reports[1], host + "=" + tokyo + text},
			{"history", "--state", state},
			{"history", "--state", state, text},
			{"history", "--state", state, host + "/" + text},
			{"history", "--state", state, "--format", "json"},
			{"runs", "--state", state},
			{"diff", tokyo, state},
			{"diff", state, tokyo},
			{"verify", state},
			{"judge", tokyo, "--all"},
			{"attest", text, text, "--keys", text},
			{"explain", text},
			{text},
			{"--" + text},
			{"check", text},
			{"--keys", text},
			{"--from", text},
			{"--state", text},
			{"forget", "--state", state, text},
			{"forget", "--state", state, text, "--yes"},
		} {
			run(args...)
		}
		folder := filepath.Join(f.folder, "found")
		require.NoError(t, os.MkdirAll(folder, 0o700))
		name := strings.ReplaceAll(text, "/", "_") + ".env"
		writeFile(t, filepath.Join(folder, name), 0o600, "BYBIT_API_KEY="+value(text, letters, 18)+"\nBYBIT_API_SECRET="+value(text+"s", letters, 36)+"\n")
		for _, format := range []string{"text", "json", "sarif", "csv"} {
			run("find", folder, "--format", format)
		}
		run("find", filepath.Join(folder, name))
		run("find", folder, "--audit", "--demo", "--yes-mine", "--write-inventory", filepath.Join(f.folder, "inventory"+string(rune('a'+i))+".json"))
		run("--keys", filepath.Join(f.folder, "inventory"+string(rune('a'+i))+".json"), "--dry-run")
	}
}
