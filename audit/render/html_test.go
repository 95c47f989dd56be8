package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
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

func TestHTMLExposure(t *testing.T) {
	answers := func(withdrawal, transfer, allowlist audit.Finding) *audit.Result {
		withdrawal.Rule, transfer.Rule, allowlist.Rule = "withdrawal", "external-transfer", "ip-allowlist"
		return &audit.Result{Snapshot: &access.Snapshot{}, Findings: []audit.Finding{withdrawal, transfer, allowlist}}
	}
	yes := audit.Finding{Outcome: audit.Passed, Evidence: access.Reported}
	no := func(s audit.Severity) audit.Finding { return audit.Finding{Outcome: audit.Failed, Severity: s} }
	unsure := func(s audit.Severity) audit.Finding { return audit.Finding{Outcome: audit.Undetermined, Severity: s} }
	accepted := no(audit.Critical)
	accepted.Waived = "accepted"
	test, missed, silent := answers(no(audit.Critical), yes, yes), answers(unsure(audit.Critical), yes, yes), answers(yes, yes, yes)
	test.Snapshot.Test = true
	missed.Snapshot.Failure = &access.Error{}
	silent.Findings = silent.Findings[:2]
	for name, c := range map[string]struct {
		result *audit.Result
		want   exposure
	}{
		"all passed":               {answers(yes, yes, yes), exposureNone},
		"can withdraw":             {answers(no(audit.Critical), yes, yes), exposureFound},
		"usable from anywhere":     {answers(yes, yes, no(audit.High)), exposureFound},
		"reads from anywhere":      {answers(yes, yes, no(audit.Low)), exposureNone},
		"accepted is no less":      {answers(accepted, yes, yes), exposureFound},
		"unknown":                  {answers(yes, unsure(audit.Critical), yes), exposureUnknown},
		"unknown, severity too":    {answers(yes, unsure(0), yes), exposureUnknown},
		"failed, severity unknown": {answers(yes, yes, no(0)), exposureFound},
		"no outcome that is known": {answers(yes, audit.Finding{Outcome: 9}, yes), exposureUnknown},
		"failure before unknown":   {answers(no(audit.High), unsure(audit.Critical), yes), exposureFound},
		"not asked":                {silent, exposureUnknown},
		"not judged":               {&audit.Result{Snapshot: &access.Snapshot{}}, exposureUnknown},
		"not inspected":            {missed, exposureMissed},
		"test network":             {test, exposureNone},
	} {
		r, err := checkedResult(c.result)
		require.NoError(t, err)
		e := newEntry(r)
		assert.Equal(t, c.want, e.exposure(), name)
	}
}

// TestHTMLExposingRules: a rule that was renamed would no longer count.
func TestHTMLExposingRules(t *testing.T) {
	for rule := range exposingRules {
		assert.Contains(t, ruleBook(nil), rule)
	}
	for _, rule := range requiredAnswers {
		assert.True(t, exposingRules[rule], rule)
	}
}

func TestHTMLVerdict(t *testing.T) {
	for want, n := range map[string][3]int{
		"No key was audited.":                                           {0, 0, 0},
		"Funds are at risk on 2 of 9 keys.":                             {9, 2, 3},
		"Funds are at risk on 1 of 1 key.":                              {1, 1, 0},
		"Could not determine whether funds are at risk on 3 of 9 keys.": {9, 0, 3},
		"No path to lose funds was found for the key.":                  {1, 0, 0},
		"No path to lose funds was found for any of 9 keys.":            {9, 0, 0},
	} {
		assert.Equal(t, want, htmlVerdict(n[0], n[1], n[2]))
	}
}

func TestHTMLTiles(t *testing.T) {
	accepted := judged("accepted", passed("external-transfer", ""), passed("ip-allowlist", ""), audit.Finding{
		Rule: "withdrawal", Outcome: audit.Failed, Severity: audit.Critical, Waived: "accepted",
	})
	accepted.Snapshot.Test = false
	attested := attestedKey()
	attested.Findings = append(attested.Findings, passed("withdrawal", ""), passed("external-transfer", ""))
	tiles, verdict := htmlTiles(entries(one(worstKey(), accepted, refusedKey(), unjudgedKey(), attested, cleanKey("a"), cleanKey("b"))))
	var got []string
	for _, tile := range tiles {
		got = append(got, fmt.Sprintf("%s: %d after %d; %s", tile.Label, tile.N, tile.At, strings.Join(tile.Notes[1:], " ")))
	}
	assert.Equal(t, []string{
		"funds at risk: 2 after 0; Waived: 1.", "unknown: 1 after 2; ", "not inspected: 1 after 3; ",
		"no such path found: 3 after 4; Attested by the owner: 1. On a test network: 2.",
	}, got)
	assert.Equal(t, "Funds are at risk on 2 of 7 keys.", verdict)
}

func TestHTMLFacts(t *testing.T) {
	implied := []string{"a", "b"}
	rights := htmlRights(&access.Snapshot{Answer: access.Answer{Grants: []access.Grant{
		{Capability: access.TradeSpot, State: access.Granted, Evidence: access.Reported, Implies: implied},
		{Capability: access.TradeMargin, State: access.Granted, Evidence: access.Reported, Implies: implied},
		{Capability: access.Withdraw, State: access.Denied, Evidence: access.Reported},
		{Capability: access.TransferExternal, State: access.Denied},
	}}})
	assert.Equal(t, []string{"trade.spot, trade.margin: a; b"}, rights[1].Lines, "rights share what they imply")
	assert.Equal(t, "u", rights[2].Style)
	assert.Contains(t, rights[2].Lines[0], "transfer.external", "what is denied without evidence is unknown")
	assert.Contains(t, rights[2].Lines[0], "apikey.manage", "and so is what isn't listed")
	assert.Equal(t, []string{"withdraw · reported"}, rights[3].Lines)

	long := htmlLines("x", slices.Repeat([]string{"y", ""}, 53)...)
	require.Len(t, long.Lines, 51)
	assert.Equal(t, "and 3 more", long.Lines[50])

	full := access.IPAllowlist{
		State: access.AllowlistRestricted, Evidence: access.Reported, Disclosed: access.EntriesComplete, Vendor: "V", Mandatory: true,
		Entries: []access.AllowlistEntry{{Text: "192.0.2.1"}},
	}
	claimed := full
	claimed.Evidence, claimed.Vendor, claimed.Mandatory = access.NoEvidence, "", false
	for want, list := range map[string]access.IPAllowlist{
		"u unknown whether the key is restricted to IP addresses": {},
		"bad usable from any IP address (reported)":               access.NewIPAllowlist(nil),
		" usable from no IP address (reported)":                   {State: access.AllowlistDenyAll, Evidence: access.Reported},
		" usable from these IP addresses only (refused); the exchange doesn’t show the whole list": {
			State: access.AllowlistRestricted, Evidence: access.Refused,
		},
		" usable from these IP addresses only (reported); shared with V; " +
			"the exchange requires a list for this kind of key; 192.0.2.1": full,
		"u unknown whether the key is restricted to IP addresses; 192.0.2.1": claimed,
		"bad an allowlist exists but is switched off: usable from any IP address (reported)": {
			State: access.AllowlistOff, Evidence: access.Reported,
		},
		"u unknown whether the key is restricted to IP addresses (reported)": {State: 99, Evidence: access.Reported},
	} {
		fact := htmlAllowlist(&list)
		assert.Equal(t, want, fact.Style+" "+strings.Join(fact.Lines, "; "))
	}

	assert.Equal(t, "Zz11…0099: rights unknown", htmlSibling(&access.Snapshot{Inspection: access.Inspection{KeyID: "Zz11…0099"}}))
	assert.Equal(t, "(not read) “old”: granted read; IP allowlist unrestricted", htmlSibling(&access.Snapshot{Answer: access.Answer{
		Label: "old", Grants: []access.Grant{granted(access.Read)}, IPAllowlist: access.NewIPAllowlist(nil),
	}}))
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

	keys := entries(one(judged("a", passed("key-age", ""), passed("zz", ""), passed("ip-allowlist", "")), judged("b", passed("aa", ""))))
	v := newHTMLView(one(), keys, HTMLOptions{Rules: []*audit.Rule{nil, {ID: "zz", Title: "Own"}}})
	var got []string
	for _, family := range v.families {
		got = append(got, family.Title)
		for _, rule := range family.Rules {
			got = append(got, rule.ID+" "+rule.Title)
		}
	}
	assert.Equal(t, []string{"Network", "ip-allowlist ip-allowlist", "Lifetime", "key-age key-age", "Other", "aa aa", "zz Own"}, got)
	assert.Equal(t, []string{"ip-allowlist", "key-age", "aa", "zz"}, v.ids)
}

func TestHTMLCell(t *testing.T) {
	for want, f := range map[string]audit.Finding{
		"H": {Outcome: audit.Failed}, "h": {}, "c": {Outcome: 9, Severity: audit.Critical}, "I": {Outcome: audit.Failed, Severity: audit.Info},
		"l": {Severity: audit.Low}, "M": {Outcome: audit.Failed, Severity: audit.Medium, Evidence: access.Reported}, "w": {Waived: "x"},
		"a": {Outcome: audit.Passed, Evidence: access.Attested}, "p": {Outcome: audit.Passed}, "n": {Outcome: audit.NotApplicable},
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
	assert.Contains(t, out, `{"rules":[],"keys":[]}`)
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
