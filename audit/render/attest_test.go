package render

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// commandFor stands for a program's command, which is longer than a line.
func commandFor(r *audit.Result, f *audit.Finding) string {
	if f.Rule == "local" {
		return ""
	}
	return "attest " + r.Name + " " + f.Rule + " --statement '<b>&`" + strings.Repeat(" long", 20) + "'"
}

// attestable is a report of some keys, each with two facts to look up and one that
// nobody attests.
func attestable(names ...string) *audit.Report {
	r := &audit.Report{}
	for _, name := range names {
		result := judged(name,
			finding("withdrawal", audit.Undetermined, audit.Critical, access.NoEvidence, "unknown", "Look."),
			finding("key-age", audit.Undetermined, audit.High, access.NoEvidence, "unknown", "Look."),
			finding("local", audit.Undetermined, audit.High, access.NoEvidence, "unknown", "Look."),
			finding("width", audit.Failed, audit.High, access.Reported, "wide", "Narrow it."),
		)
		r.Results = append(r.Results, result)
		r.Summary.Add(result)
	}
	return r
}

// TestAttestCommands: the command of each unknown fact is there to be copied, on one
// line; of several keys with the same question the text shows one, unless all is asked.
func TestAttestCommands(t *testing.T) {
	of := func(name, rule string) string {
		return commandFor(&audit.Result{Name: name}, &audit.Finding{Rule: rule})
	}
	textOf := func(r *audit.Report, all bool) string {
		var buf bytes.Buffer
		require.NoError(t, Text(&buf, r, TextOptions{Width: 60, All: all, Attest: commandFor}))
		return buf.String()
	}
	htmlOf := func(r *audit.Report) string {
		var buf bytes.Buffer
		require.NoError(t, HTML(&buf, r, HTMLOptions{Attest: commandFor}))
		return buf.String()
	}
	one, two := attestable("a"), attestable("a", "b")
	assert.Contains(t, textOf(one, false), "\n    "+of("a", "withdrawal")+"\n")
	assert.Contains(t, textOf(one, false), "\n    "+of("a", "key-age")+"\n")
	assert.Contains(t, textOf(two, false), "\n    "+of("a", "key-age")+"  # likewise for 1 other key\n")
	assert.NotContains(t, textOf(two, false), of("b", "key-age"))
	assert.Contains(t, textOf(two, true), "\n    "+of("a", "key-age")+"\n    "+of("b", "key-age")+"\n")

	lines := of("b", "withdrawal") + "\n" + of("b", "key-age")
	assert.Contains(t, markdownOf(t, two, MarkdownOptions{Attest: commandFor}), "\n```sh\n"+lines+"\n```\n")
	fenced := markdownOf(t, attestable("```"), MarkdownOptions{Attest: commandFor})
	assert.Contains(t, fenced, "\n````sh\nattest ``` withdrawal")
	assert.Contains(t, htmlOf(two), "<pre>"+strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", "'", "&#39;").Replace(lines)+"</pre>")

	hostile := attestable("a\x1b[31m\nrm -rf")
	for _, out := range []string{textOf(hostile, true), markdownOf(t, hostile, MarkdownOptions{Attest: commandFor}), htmlOf(hostile)} {
		assert.NotContains(t, out, "\x1b")
		assert.NotContains(t, out, "\nrm")
	}
}

// TestNoCommandsInVain: not without a program that has them, not for a key that was not
// inspected, and not in a demonstration, whose facts are invented.
func TestNoCommandsInVain(t *testing.T) {
	demo, refused := attestable("a"), attestable("a")
	demo.Demo = true
	refused.Results[0].Snapshot.Failure = &access.Error{Kind: access.KindUnavailable}
	for name, c := range map[string]struct {
		report *audit.Report
		attest AttestFunc
	}{"no program": {attestable("a"), nil}, "demo": {demo, commandFor}, "not inspected": {refused, commandFor}} {
		var out bytes.Buffer
		require.NoError(t, Text(&out, c.report, TextOptions{All: true, Attest: c.attest}), name)
		require.NoError(t, Markdown(&out, c.report, MarkdownOptions{Attest: c.attest}), name)
		require.NoError(t, HTML(&out, c.report, HTMLOptions{Attest: c.attest}), name)
		assert.NotContains(t, out.String(), "--statement", name)
	}
}
