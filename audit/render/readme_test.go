package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
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
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const (
	readme   = "README.md"
	pictures = "examples/keyaudit/pictures/" // made by .ci/browser/screenshots
)

// TestReadme checks that the README's section about the formats is current.
// UPDATE_README=1 rewrites it.
func TestReadme(t *testing.T) {
	const begin, end = "<!-- formats: generated -->\n", "<!-- end formats -->"
	raw, err := os.ReadFile(readme)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(raw), begin)
	require.True(t, ok, "README.md has no marker %q", begin)
	_, tail, ok := strings.Cut(rest, end)
	require.True(t, ok, "README.md has no marker %q", end)
	want := head + begin + formatsSection(t) + end + tail
	if os.Getenv("UPDATE_README") != "" {
		require.NoError(t, os.WriteFile(readme, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(raw), "README.md is not current: run UPDATE_README=1 go test ./audit/render -run TestReadme")
}

// TestReadmePictures: the READMEs show all pictures, and they are small enough.
func TestReadmePictures(t *testing.T) {
	var text []byte
	for _, path := range []string{readme, "../../README.md"} {
		more, err := os.ReadFile(path)
		require.NoError(t, err)
		text = append(text, more...)
	}
	var shown []string
	for _, found := range regexp.MustCompile(regexp.QuoteMeta(pictures)+`([\w-]+\.png)`).FindAllSubmatch(text, -1) {
		if name := string(found[1]); !slices.Contains(shown, name) {
			shown = append(shown, name)
		}
	}
	folder := filepath.Join("../..", pictures)
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	var there []string
	for _, f := range files {
		there = append(there, f.Name())
	}
	require.NotEmpty(t, there)
	assert.ElementsMatch(t, there, shown)
	for _, name := range there {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		_, err = png.Decode(bytes.NewReader(raw))
		require.NoError(t, err, name)
		assert.LessOrEqual(t, len(raw), 150_000, name)
	}
}

// oneFinding is a report of one key and one finding: what OKX reports of a key with
// all three of its permissions, which is neither its age nor whether it expires.
func oneFinding() *audit.Report {
	const saved = "only to withdrawal addresses and accounts saved on the website"
	s := snapshot("okx", "live", "6c8e…13b2", granted(access.Read, "read_only"))
	for _, c := range []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal} {
		s.Grants = append(s.Grants, granted(c, "trade"))
	}
	for _, c := range []access.Capability{access.Withdraw, access.TransferExternal} {
		out := granted(c, "withdraw")
		out.Qualifier, out.AddressBook = saved, access.BookAlways
		s.Grants = append(s.Grants, out)
	}
	for _, c := range access.Capabilities() {
		if s.Grant(c).State == access.Unknown {
			s.Grants = append(s.Grants, denied(c))
		}
	}
	s.Account.Kind = access.MainAccount // a sub-account cannot withdraw there
	s.Created, s.NeverExpires = time.Time{}, false
	policy := audit.SpotTrading()
	rule := audit.Rules()[slices.IndexFunc(audit.Rules(), func(r *audit.Rule) bool { return r.ID == "withdrawal" })]
	r := &audit.Report{
		Schema: audit.ReportSchema, Started: now, Finished: now,
		Results: []*audit.Result{{
			Name: "arb-runner-1", Exchange: "okx", Title: "OKX", KeyPage: "https://www.okx.com/account/my-api",
			Policy: policy.Name, JudgedBy: policy, Snapshot: s, Findings: audit.Judge(s, policy, now, []*audit.Rule{rule}),
			Record: audit.Record{Owner: "trading desk", Source: audit.Source{Format: audit.FormatInventory, File: "keys.json", Line: 3, Column: 5}},
		}},
	}
	r.Recount()
	return r
}

// readmeFormats are the formats in the order in which the README shows them.
var readmeFormats = []struct {
	name, reader string // who it is for
	flags        string
	write        func(io.Writer, *audit.Report) error
	cut          func(*testing.T, []byte) string // shows the finding in what was written
}{
	{
		"Text", "a person at a terminal, or the mail that cron sends", "",
		func(w io.Writer, r *audit.Report) error { return Text(w, r, TextOptions{}) },
		func(_ *testing.T, raw []byte) string { return fence("", string(raw)) },
	},
	{
		"Markdown", "reviewers of a pull request or, with <code>summary</code> instead of <code>markdown</code>, readers of a job's page",
		"--report markdown=report.md",
		func(w io.Writer, r *audit.Report) error { return Markdown(w, r, MarkdownOptions{}) }, markdownSection,
	},
	{
		"JSON", "programs, of which <code>keyaudit judge</code> and <code>keyaudit diff</code> are two", "--report json=report.json",
		JSON, jsonFinding,
	},
	{
		"JSON Lines", "logs: one line per key, chained so that a changed or missing line is detected",
		"--report jsonl=report.jsonl",
		func(w io.Writer, r *audit.Report) error { return NewJSONLines(w).Report(r) }, shortLine,
	},
	{
		"CSV", "a spreadsheet, in which no cell becomes a formula", "--report csv=report.csv",
		func(w io.Writer, r *audit.Report) error { return CSV(w, r, CSVOptions{}) }, twoRows,
	},
	{
		"SARIF", "GitHub's code scanning and editors, which mark the key's line in the inventory", "--report sarif=report.sarif",
		func(w io.Writer, r *audit.Report) error { return SARIF(w, r, SARIFOptions{}) }, sarifFinding,
	},
	{
		"JUnit", "the test pages of Jenkins, GitLab and others: one case per key and rule", "--report junit=report.xml",
		JUnit, testCase,
	},
	{
		"OCSF", "a SIEM or a security lake: one event per finding, here with some of its members; <code>ocsf-compliance</code> " +
			"writes Compliance Findings",
		"--report ocsf=report.ocsf.jsonl",
		func(w io.Writer, r *audit.Report) error { return OCSF(w, r, OCSFOptions{}) }, shortEvent,
	},
	{
		"Prometheus", "node_exporter's textfile collector and alerts on its metrics; <code>prometheus</code> omits the series of single keys",
		"--report prometheus-keys=keys.prom",
		func(w io.Writer, r *audit.Report) error { return Prometheus(w, r, PrometheusOptions{PerKey: true}) }, twoGauges,
	},
}

func formatsSection(t *testing.T) string {
	t.Helper()
	r := oneFinding()
	require.Len(t, r.Results[0].Findings, 1)
	require.Equal(t, audit.Failed, r.Results[0].Findings[0].Outcome)
	var b strings.Builder
	for _, f := range readmeFormats {
		var raw bytes.Buffer
		require.NoError(t, f.write(&raw, r), f.name)
		excerpt := f.cut(t, raw.Bytes())
		require.Contains(t, excerpt, "withdraw", f.name)
		command := strings.TrimSpace("keyaudit --keys keys.json " + f.flags)
		fmt.Fprintf(&b, "<details>\n<summary><b>%s</b>, for %s</summary>\n\n`%s`\n\n%s\n\n</details>\n\n", f.name, f.reader, command, excerpt)
	}
	return b.String()
}

// fence makes a block of code that no part of the text can end.
func fence(language, text string) string {
	longest := 2
	for _, run := range regexp.MustCompile("`+").FindAllString(text, -1) {
		longest = max(longest, len(run))
	}
	edge := strings.Repeat("`", longest+1)
	return edge + language + "\n" + strings.Trim(text, "\n") + "\n" + edge
}

func TestFence(t *testing.T) {
	assert.Equal(t, "```json\n{}\n```", fence("json", "{}\n"))
	assert.Equal(t, "````\na\n```\nb\n````", fence("", "a\n```\nb"))
}

func indented(t *testing.T, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, raw, "", "  "))
	return fence("json", b.String())
}

func jsonFinding(t *testing.T, raw []byte) string {
	t.Helper()
	var report struct {
		Results []struct{ Findings []json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(raw, &report))
	return indented(t, report.Results[0].Findings[0])
}

func sarifFinding(t *testing.T, raw []byte) string {
	t.Helper()
	var log struct {
		Runs []struct{ Results []json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(raw, &log))
	return indented(t, log.Runs[0].Results[0])
}

// shortEvent keeps some members of the event, in their order.
func shortEvent(t *testing.T, raw []byte) string {
	t.Helper()
	names := []string{"activity_name", "class_uid", "class_name", "time", "severity", "status", "message", "permission_analysis_results", "remediation"}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_, err := decoder.Token()
	require.NoError(t, err)
	var kept []string
	for decoder.More() {
		name, err := decoder.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, decoder.Decode(&value))
		if text, _ := name.(string); slices.Contains(names, text) {
			kept = append(kept, fmt.Sprintf("%q:%s", text, value))
		}
	}
	require.Len(t, kept, len(names))
	return indented(t, []byte("{"+strings.Join(kept, ",")+"}"))
}

// shortLine shows the beginning of a result's line, its finding, and its end.
func shortLine(t *testing.T, raw []byte) string {
	t.Helper()
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, `{"type":"result"`) {
			continue
		}
		require.True(t, json.Valid([]byte(line)))
		parts := regexp.MustCompile(`^\{.*?"title":"\w+",|,"findings":.*?"severity":"\w+",|,"chain":"\w{8}|"\}$`).FindAllString(strings.TrimSpace(line), -1)
		require.Len(t, parts, 4)
		return fence("", strings.Join(parts, "…"))
	}
	require.Fail(t, "no line has a result")
	return ""
}

// markdownSection is the section of the key, as a quotation.
func markdownSection(t *testing.T, raw []byte) string {
	t.Helper()
	_, section, ok := strings.Cut(string(raw), "\n### CRITICAL: arb-runner-1\n\n")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n### ")
	return regexp.MustCompile(`(?m)^> $`).ReplaceAllString("> "+strings.ReplaceAll(strings.TrimSpace(section), "\n", "\n> "), ">")
}

func testCase(t *testing.T, raw []byte) string {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	for {
		at := decoder.InputOffset()
		token, err := decoder.Token()
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "testcase" {
			require.NoError(t, decoder.Skip())
			return fence("xml", strings.ReplaceAll(string(raw[at:decoder.InputOffset()]), "\n    ", "\n"))
		}
	}
}

func twoRows(t *testing.T, raw []byte) string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, 2, "a header and the finding")
	return fence("csv", string(raw))
}

func twoGauges(t *testing.T, raw []byte) string {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^(# (HELP|TYPE) )?exchangekeyaudit_(rule_findings|key_severity)\b.*$`).FindAllString(string(raw), -1)
	require.Len(t, lines, 6)
	return fence("", strings.Join(lines, "\n"))
}
