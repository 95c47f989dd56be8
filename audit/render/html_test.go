package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func htmlOf(tb testing.TB, r *audit.Report, o HTMLOptions) string {
	tb.Helper()
	var buf bytes.Buffer
	require.NoError(tb, HTML(&buf, r, o))
	return buf.String()
}

var (
	htmlStylePart  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	htmlScriptPart = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
	htmlIndexPart  = regexp.MustCompile(`(?s)<script type="application/json" id="index">(.*?)</script>`)
	htmlHashes     = regexp.MustCompile(`sha256-.*?=&#39;`)
)

// TestHTMLGolden omits style and script, which have files of their own.
func TestHTMLGolden(t *testing.T) {
	out := htmlOf(t, richReport(), HTMLOptions{})
	out = htmlStylePart.ReplaceAllString(out, "<style></style>")
	out = htmlScriptPart.ReplaceAllString(out, "<script></script>")
	out = htmlHashes.ReplaceAllString(out, "sha256-…&#39;")
	golden(t, "report.html", []byte(out))
}

// TestHTMLPolicy: nothing runs but what the policy names, and it names only
// our own script and style.
func TestHTMLPolicy(t *testing.T) {
	out := htmlOf(t, richReport(), HTMLOptions{})
	style, script := htmlStylePart.FindAllStringSubmatch(out, -1), htmlScriptPart.FindAllStringSubmatch(out, -1)
	require.Len(t, style, 1)
	require.Len(t, script, 1)
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	meta := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="(.*?)">`).FindStringSubmatch(out)
	require.NotNil(t, meta)
	assert.Equal(t, "default-src 'none'; script-src "+hash(script[0][1])+"; style-src "+hash(style[0][1])+
		"; img-src data:; base-uri 'none'; form-action 'none'", html.UnescapeString(meta[1]))
	assert.Less(t, strings.Index(out, meta[0]), strings.Index(out, "<style>"), "the policy comes before what it governs")
	assert.Equal(t, 2, strings.Count(out, "<script"))

	body := htmlScriptPart.ReplaceAllString(htmlStylePart.ReplaceAllString(out, ""), "")
	assert.NotRegexp(t, `(?i)<[^>]* (on[a-z]+|style|src|srcset|action)=`, body)
	for _, href := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		assert.Regexp(t, `^(#|https://|data:,$)`, href[1])
	}
	assert.NotRegexp(t, `(?i)@import|url\(`, style[0][1])
}

// TestHTMLHostile: any text in any place stays a text, is shown as it is, and is
// cut.
func TestHTMLHostile(t *testing.T) {
	const act = `<zz onzz=1> "zz 'zz --><!--zz </script></noscript></style> &lt;zz {{.}} \u003czz javascript:zz() `
	texts := slices.Concat(slices.Collect(maps.Values(hostile)), []string{act + nasty, strings.Repeat("W", 1<<20), strings.Repeat("\u202e<", 4000)})
	for _, text := range texts {
		rich := richReport()
		poison(reflect.ValueOf(&rich.Results).Elem(), text)
		poison(reflect.ValueOf(&rich.Findings).Elem(), text)
		own := &audit.Rule{ID: text, Title: text, Why: text, Remedy: text, References: []string{text}}
		for _, r := range []*audit.Report{rich, poisoned(t, text)} {
			out := htmlOf(t, r, HTMLOptions{Rules: append(audit.Rules(), own)})
			odd := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
			require.Negative(t, odd, "a character that isn't shown")
			markup := htmlIndexPart.ReplaceAllString(out, "") // in JSON a quote is no danger
			for _, raw := range []string{`"zz`, "'zz"} {
				require.Negative(t, strings.Index(markup, raw), raw)
			}
			for _, raw := range []string{"<zz", "<!--zz", "<script>alert", "<img"} {
				require.Negative(t, strings.Index(out, raw), raw)
			}
			require.Equal(t, 2, strings.Count(out, "<script"))
			require.Equal(t, strings.Count(out, "<noscript"), strings.Count(out, "</noscript"))
			require.NotContains(t, out, strings.Repeat("W", 1200))
			require.Less(t, len(out), 4<<20)
			index(t, out)
		}
	}
}

// index reads what the script reads.
func index(tb testing.TB, page string) (out htmlIndex) {
	tb.Helper()
	raw := htmlIndexPart.FindStringSubmatch(page)
	require.NotNil(tb, raw)
	require.NoError(tb, json.Unmarshal([]byte(raw[1]), &out))
	for _, key := range out.Keys {
		require.Len(tb, key.Cells, len(out.Rules), "one letter per rule")
	}
	return out
}

func TestHTMLIndex(t *testing.T) {
	r := richReport()
	found := index(t, htmlOf(t, r, HTMLOptions{}))
	require.Len(t, found.Keys, len(r.Results))
	rows := map[string]htmlRow{}
	for _, key := range found.Keys {
		rows[key.Name] = key
	}
	cell := func(name, rule string) string {
		for i, id := range found.Rules {
			if id == rule {
				return rows[name].Cells[i : i+1]
			}
		}
		return ""
	}
	for _, want := range []struct{ name, rule, cell string }{
		{"grid-bot-eth", "withdrawal", "C"},
		{"grid-bot-eth", "external-transfer", "p"},
		{"grid-bot-eth", "withdrawal-addresses", "c"},
		{"grid-bot-eth", "ip-allowlist-width", "n"},
		{"grid-bot-eth", "clock", "m"},
		{"grid-bot-eth", "label", "I"},
		{"sweeper", "internal-transfer", "w"},
		{"price-watch", "ip-allowlist", "a"},
		{"later", "withdrawal", " "},
	} {
		assert.Equal(t, want.cell, cell(want.name, want.rule), "%s of %s", want.rule, want.name)
	}
	worst := rows["grid-bot-eth"]
	assert.Equal(t, "Ada Lovelace", worst.Owner)
	assert.Equal(t, 426, worst.Age)
	assert.Equal(t, "exposed", worst.Exposure)
	assert.True(t, worst.Changed)
	assert.Equal(t, -1, rows["rebalancer"].Age, "not reported")
	assert.Equal(t, "missed", rows["rebalancer"].Exposure)
	assert.Equal(t, "unknown", rows["later"].Exposure)
	assert.Equal(t, "none", rows["arbitrage-1"].Exposure)
}

// TestHTMLDuplicateAnswer: of two answers of a rule, the map shows the worse.
func TestHTMLDuplicateAnswer(t *testing.T) {
	for want, outcomes := range map[string][2]audit.Outcome{
		"C": {audit.Failed, audit.Passed}, "c": {audit.Passed, audit.Undetermined}, "p": {audit.NotApplicable, audit.Passed},
	} {
		key := &audit.Result{Name: "x", Snapshot: &access.Snapshot{}}
		for _, o := range outcomes {
			key.Findings = append(key.Findings, finding("withdrawal", o, audit.Critical, access.Reported, "m", ""))
		}
		found := index(t, htmlOf(t, &audit.Report{Results: []*audit.Result{key}}, HTMLOptions{}))
		assert.Equal(t, want, found.Keys[0].Cells)
	}
}

// TestHTMLSaysInOneLineThatNothingChanged, and leaves the room to what was found.
func TestHTMLSaysInOneLineThatNothingChanged(t *testing.T) {
	r := &audit.Report{Results: []*audit.Result{worstKey()}}
	for i := range r.Results[0].Findings {
		r.Results[0].Findings[i].New = false
	}
	for said, baseline := range map[string]*audit.Baseline{
		"<b>Changed</b> <span>no previous report to compare with</span>":               nil,
		"<b>Changed</b> <span>nothing since 2026-11-22 09:30 UTC (3 keys then)</span>": {Started: now, Keys: 3},
	} {
		r.Baseline = baseline
		page := htmlOf(t, r, HTMLOptions{})
		assert.Contains(t, page, said)
		assert.NotContains(t, page, `id="changed"`)
		assert.Contains(t, page, `<div class="pair alone">`)
	}
	assert.Contains(t, htmlOf(t, richReport(), HTMLOptions{}), "4 new or worse, 3 resolved, 2 fleet-wide")
}

// TestHTMLHeadings: a column has its rule's title, for those who point at it and for
// those who hear it.
func TestHTMLHeadings(t *testing.T) {
	page := htmlOf(t, richReport(), HTMLOptions{})
	title := ruleBook(nil)["ip-allowlist"].Title
	assert.Contains(t, page, `<th scope="col" title="`+title+`"><span aria-hidden="true">ip-allowlist</span><b>`+title+`</b></th>`)
	found := index(t, page)
	require.Len(t, found.Titles, len(found.Rules))
	assert.Equal(t, title, found.Titles[slices.Index(found.Rules, "ip-allowlist")])
	assert.NotContains(t, htmlStyle, "max-height: 11rem", "no heading is cut")
}

// TestHTMLShowsAll: no answer is omitted, and no fleet-wide finding.
func TestHTMLShowsAll(t *testing.T) {
	r := richReport()
	out := htmlOf(t, r, HTMLOptions{})
	says := func(text string) {
		t.Helper()
		assert.NotEqual(t, -1, strings.Index(out, html.EscapeString(plain(shorten(text, 1000)))), text) // the whole page is too long to print
	}
	for _, f := range r.Findings {
		says(f.Message)
		says(f.Remedy)
	}
	for _, result := range r.Results {
		says(shorten(result.Name, 60))
		for _, f := range result.Findings {
			if f.Rule != ruleNotInspected {
				says(f.Message)
			}
			says(f.Waived)
			if f.Outcome == audit.Failed || f.Outcome == audit.Undetermined {
				says(f.Remedy)
			}
		}
		if f := result.Snapshot.Failure; f != nil {
			says(f.Error())
		}
		for _, g := range result.Snapshot.Grants {
			says(string(g.Capability))
		}
		for _, e := range result.Snapshot.IPAllowlist.Entries {
			says(e.Text)
		}
	}
	for _, text := range []string{
		"not inspected", "critical", "undetermined", "waived", "clean", "not judged", "unrecognised by this release", "usable from any IP address",
		"unknown whether the key is restricted to IP addresses", "2025-09-22, 426 days ago", "not reported by the exchange", "Last successful inspection, 2026-11-21 09:30 UTC",
		"fleet/keys.json, line 12", "mode 0644, belongs to another user, in plaintext: every user of this machine can read it",
		"on a main account: can create sub-accounts", "in 29 days", "Zz11…0099 “old bot”", "desk: markets",
		"Since 2026-11-21 09:30 UTC (11 keys then)", "exit code 1: something failed at high or above", "Report schema 2",
	} {
		says(text)
	}
	assert.Contains(t, htmlOf(t, r, HTMLOptions{Threshold: audit.Low}), "at low or above")
	assert.NotContains(t, out, `href="javascript:`)
	assert.Contains(t, out, `href="`+keyPage+`"`)
}

// TestHTMLFamilies: the families list the rules of the catalogue, each once and
// in its order, and a custom rule gets a column too.
func TestHTMLFamilies(t *testing.T) {
	var catalogue, families []string
	for _, rule := range audit.Rules() {
		catalogue = append(catalogue, rule.ID)
	}
	for _, family := range htmlFamilies {
		families = append(families, strings.Fields(family.rules)...)
	}
	assert.Equal(t, catalogue, families)

	a, b := judged("a", passed("key-age", ""), passed("zz", ""), passed("ip-allowlist", "")), judged("b", passed("aa", ""))
	v := newHTMLView(one(), HTMLOptions{Rules: []*audit.Rule{nil, {ID: "zz", Title: "Own"}}})
	answers := map[string]*htmlRule{}
	for _, f := range slices.Concat(a.Findings, b.Findings) {
		answers[f.Rule] = &htmlRule{}
	}
	v.columns(answers)
	var got []string
	for _, family := range v.families {
		got = append(got, family.Title)
		for _, rule := range family.Rules {
			got = append(got, rule.ID+" "+rule.Title)
		}
	}
	assert.Equal(t, []string{
		"Network", "ip-allowlist ip-allowlist", "Lifetime", "key-age key-age", "Other", "aa aa", "zz Own",
	}, got)
	assert.Equal(t, []string{"ip-allowlist", "key-age", "aa", "zz"}, v.ids)
}

func TestHTMLCell(t *testing.T) {
	for want, f := range map[string]audit.Finding{
		"H": {Outcome: audit.Failed}, "h": {}, "c": {Outcome: 9, Severity: audit.Critical},
		"I": {Outcome: audit.Failed, Severity: audit.Info}, "l": {Severity: audit.Low}, "w": {Waived: "x"},
		"M": {Outcome: audit.Failed, Severity: audit.Medium, Evidence: access.Reported},
		"a": {Outcome: audit.Passed, Evidence: access.Attested}, "p": {Outcome: audit.Passed},
		"n": {Outcome: audit.NotApplicable},
	} {
		assert.Equal(t, want, string(htmlCell(settled(f))))
	}
}

// TestHTMLShared: in a large report an answer that many keys have is written
// once, and every card points at it.
func TestHTMLShared(t *testing.T) {
	r := bigFleet(6 * htmlShared)
	out := htmlOf(t, r, HTMLOptions{})
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`id="(a[0-9]+)"`).FindAllStringSubmatch(out, -1) {
		assert.False(t, ids[m[1]], "duplicate %s", m[1])
		ids[m[1]] = true
	}
	pointers := regexp.MustCompile(`<li><a href="#(a[0-9]+)">`).FindAllStringSubmatch(out, -1)
	assert.Greater(t, len(pointers), len(r.Results))
	for _, m := range pointers {
		require.True(t, ids[m[1]], "nothing at %s", m[1])
	}
	cards := out[strings.Index(out, `<noscript class="card">`):strings.Index(out, `<noscript class="answer">`)]
	assert.NotContains(t, cards, "the key is usable from any IP address", "is in the shared answers alone")
	assert.NotContains(t, htmlOf(t, richReport(), HTMLOptions{}), `href="#a`, "a small report has whole cards")
}

// TestHTMLStable: the same report gives the same bytes, whatever the order of
// its results.
func TestHTMLStable(t *testing.T) {
	a, b := richReport(), richReport()
	a.Results[0].Snapshot.Notes = []string{"", "one", "", "two"}
	b.Results[0].Snapshot.Notes = []string{"", "one", "", "two"}
	for i, j := 0, len(b.Results)-1; i < j; i, j = i+1, j-1 {
		b.Results[i], b.Results[j] = b.Results[j], b.Results[i]
	}
	assert.Equal(t, htmlOf(t, a, HTMLOptions{}), htmlOf(t, b, HTMLOptions{}))
	assert.Equal(t, []string{"", "one", "", "two"}, a.Results[0].Snapshot.Notes, "the report stays as it is")
}

func TestHTMLEmpty(t *testing.T) {
	out := htmlOf(t, &audit.Report{}, HTMLOptions{})
	assert.Contains(t, out, "No key was audited.")
	assert.Contains(t, out, "there was no key to audit")
	assert.Contains(t, out, `{"rules":[],"titles":[],"keys":[]}`)
}

func TestHTMLErrors(t *testing.T) {
	require.ErrorIs(t, HTML(brokenWriter{}, richReport(), HTMLOptions{}), io.ErrShortWrite)
	require.ErrorIs(t, HTML(brokenWriter{}, bigFleet(200), HTMLOptions{}), io.ErrShortWrite)
	for name, r := range map[string]*audit.Report{
		"no report": nil, "no result": {Results: []*audit.Result{nil}}, "no snapshot": {Results: []*audit.Result{{Name: "x"}}},
	} {
		var buf bytes.Buffer
		require.Error(t, HTML(&buf, r, HTMLOptions{}), name)
		assert.Zero(t, buf.Len(), name)
	}
}

func BenchmarkHTML(b *testing.B) {
	r := bigFleet(10_000)
	b.ReportAllocs()
	for b.Loop() {
		var size counter
		require.NoError(b, HTML(&size, r, HTMLOptions{}))
		b.ReportMetric(float64(size)/1e6, "MB")
	}
}
