package render

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func text(t *testing.T, o TextOptions, results ...*audit.Result) string {
	t.Helper()
	r := &audit.Report{Results: results}
	for _, result := range results {
		r.Summary.Add(result)
	}
	var buf bytes.Buffer
	require.NoError(t, Text(&buf, r, o))
	return buf.String()
}

// judged is a clean key with other findings.
func judged(name string, findings ...audit.Finding) *audit.Result {
	r := cleanKey(name)
	r.Findings = findings
	return r
}

func TestWorstComesFirst(t *testing.T) {
	of := func(o audit.Outcome, s audit.Severity) audit.Finding {
		return finding("r", o, s, access.Reported, "m", "")
	}
	accepted := of(audit.Failed, audit.Critical)
	accepted.Waived = "accepted"
	refused := judged("n", of(audit.Undetermined, audit.Critical))
	refused.Snapshot.Failure = &access.Error{Kind: access.KindUnavailable}
	inOrder := []*audit.Result{
		judged("a", of(audit.Failed, audit.Critical)),
		judged("b", of(audit.Failed, audit.High)),
		judged("m", of(audit.Failed, 0)), // without a severity, it counts as high
		refused,
		judged("b", of(audit.Undetermined, audit.Critical), of(audit.Failed, audit.Medium)),
		judged("a", of(audit.Undetermined, audit.High)),
		judged("z"),
		judged("a", of(audit.Failed, audit.Medium), of(audit.Undetermined, audit.Medium)),
		judged("a", of(audit.Failed, audit.Low)),
		judged("a", of(audit.Undetermined, audit.Medium)),
		judged("a", of(audit.Undetermined, audit.Info)),
		judged("a", accepted),
		cleanKey("a"),
		cleanKey("b"),
	}
	var shuffled []*audit.Result
	for i := range inOrder {
		shuffled = append(shuffled, inOrder[i*5%len(inOrder)])
	}
	report, err := checked(&audit.Report{Results: shuffled})
	require.NoError(t, err)
	for i, e := range digested(report).worst.all() {
		assert.Same(t, inOrder[i].Snapshot, e.Snapshot, "place %d", i)
	}
}

// TestOnlyCleanLooksClean: the word and the mark belong to keys of which every
// rule passed or doesn't apply.
func TestOnlyCleanLooksClean(t *testing.T) {
	refused := cleanKey("x")
	refused.Snapshot.Failure = &access.Error{Kind: access.KindUnavailable}
	unknown := judged("x", audit.Finding{})
	unknownWord := judged("x", finding("r", audit.Outcome(9), 0, 0, "m", ""))
	accepted := judged("x", audit.Finding{Outcome: audit.Undetermined, Severity: audit.Critical, Waived: "accepted"})
	for name, result := range map[string]*audit.Result{
		"refused": refused, "undetermined": unknown, "not judged": judged("x"), "waived": accepted, "unknown outcome": unknownWord,
	} {
		t.Run(name, func(t *testing.T) {
			out := text(t, TextOptions{Color: true}, result)
			assert.NotContains(t, out, "clean")
			assert.NotContains(t, out, "✓")
			assert.NotContains(t, out, "\x1b[32m1 key,")
			var page bytes.Buffer
			require.NoError(t, Markdown(&page, &audit.Report{Results: []*audit.Result{result}}, MarkdownOptions{}))
			assert.NotContains(t, page.String(), "clean")
		})
	}
	assert.Contains(t, text(t, TextOptions{Color: true}, cleanKey("x")), "\x1b[32m1 key,")
}

func TestTextFolds(t *testing.T) {
	var findings []audit.Finding
	for i := range 20 {
		findings = append(findings, finding(fmt.Sprintf("rule-%d", i), audit.Failed, audit.Low, access.Reported, "message", fmt.Sprintf("remedy %d", i)))
	}
	out := text(t, TextOptions{Width: 400}, judged("x", findings...))
	assert.Equal(t, mostFindings, strings.Count(out, "remedy"))
	assert.Contains(t, out, "and 17 more: low: rule-3, rule-4")
	assert.Contains(t, out, "and 5 more\n")
	assert.Equal(t, 1, strings.Count(out, keyPage))

	all := text(t, TextOptions{All: true}, judged("x", findings...))
	assert.Equal(t, 20, strings.Count(all, "remedy"))
	assert.NotContains(t, all, "more")
}

func TestTextKeepsToWidth(t *testing.T) {
	for _, width := range []int{-1, 10, 40, 77, 200} {
		for _, all := range []bool{false, true} {
			var buf bytes.Buffer
			require.NoError(t, Text(&buf, richReport(), TextOptions{Width: width, All: all}))
			most := map[int]int{-1: 100, 10: 40}[width]
			if most == 0 {
				most = width
			}
			for line := range strings.SplitSeq(buf.String(), "\n") {
				if !strings.Contains(line, "https://") {
					assert.LessOrEqual(t, columns(line), most, line)
				}
				assert.Equal(t, strings.TrimRight(line, " "), line)
			}
		}
	}
}

func TestTextOfNothing(t *testing.T) {
	assert.Equal(t, "no key was audited\nunknown: none; waived: 0; 0 requests sent\nexit code 3: there was no key to audit\n", text(t, TextOptions{Color: false}))
}

func TestTextWithoutAllKeepsPowersToItself(t *testing.T) {
	const power = "can create sub-accounts"
	assert.NotContains(t, text(t, TextOptions{Width: 300}, worstKey()), power)
	assert.Contains(t, text(t, TextOptions{Width: 300, All: true}, worstKey()), power)
}

func TestColorFor(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "report.txt"))
	require.NoError(t, err)
	defer file.Close()
	closed, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	require.NoError(t, err)
	require.NoError(t, closed.Close())

	for name, c := range map[string]struct {
		file *os.File
		env  map[string]string
		want bool
	}{
		"device":         {device, nil, true},
		"terminal":       {device, map[string]string{"TERM": "xterm-256color"}, true},
		"NO_COLOR":       {device, map[string]string{"NO_COLOR": "1"}, false},
		"NO_COLOR empty": {device, map[string]string{"NO_COLOR": ""}, true},
		"dumb":           {device, map[string]string{"TERM": "dumb"}, false},
		"file":           {file, nil, false},
		"closed":         {closed, nil, false},
		"none":           {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, ColorFor(c.file, func(name string) string { return c.env[name] }))
		})
	}
}

func TestPlace(t *testing.T) {
	for want, environment := range map[string]string{
		"Bybit testnet": "testnet", "Bybit demo (test network)": "demo", "Bybit (no environment) (test network)": "",
	} {
		r := cleanKey("x")
		r.Snapshot.Environment = environment
		e := newEntry(r)
		assert.Equal(t, want, e.place())
		r.Snapshot.Test = false
		assert.NotContains(t, e.place(), "(test network)")
	}
}
