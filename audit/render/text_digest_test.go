package render

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

func textOf(t *testing.T, r *audit.Report, o TextOptions) string {
	t.Helper()
	r.Recount()
	var buf bytes.Buffer
	require.NoError(t, Text(&buf, r, o))
	return buf.String()
}

func keysOf(n int, key func(name string) *audit.Result) (out []*audit.Result) {
	for i := range n {
		out = append(out, key(fmt.Sprintf("key-%03d", i)))
	}
	return out
}

func broken(name string) *audit.Result {
	return judged(name, finding("label", audit.Failed, audit.Low, access.Reported, "the key has no name", "Give it one."))
}

func TestTextShowsTheWorstFirst(t *testing.T) {
	low, high := broken("a"), judged("b", finding("width", audit.Failed, audit.High, access.Reported, "too wide", "Narrow it."))
	both := judged("c", low.Findings[0], high.Findings[0])
	refused := judged("d")
	refused.Snapshot.Failure = &access.Error{Kind: access.KindExpired}
	r := &audit.Report{Results: []*audit.Result{low, high, both, refused}, Findings: []audit.Finding{
		finding("key-vanished", audit.Failed, audit.Critical, access.Reported, "one is missing", "Look."),
	}}
	top, _, _ := strings.Cut(textOf(t, r, TextOptions{}), "\n\n")
	assert.Equal(t, "Worst first\n"+
		"  ✗ critical  key-vanished: one is missing\n"+
		"  ✗ high      width, 2 keys (b, c): too wide\n"+
		"  ✗ high      not-inspected (expired), d: the key has expired", top)

	r.Results = []*audit.Result{low}
	r.Findings = nil
	assert.NotContains(t, textOf(t, r, TextOptions{}), "Worst", "its own section says so")
}

func TestTextSaysHowToFindOut(t *testing.T) {
	refused := judged("refused", finding("width", audit.Undetermined, audit.High, 0, "unknown", "Look."))
	refused.Snapshot.Failure = &access.Error{Kind: access.KindExpired}
	open := finding("width", audit.Undetermined, audit.High, 0, "how wide it is is unknown", "Look at the key's page.")
	out := textOf(t, &audit.Report{Results: []*audit.Result{judged("a", open), judged("b", open), judged("later"), refused}}, TextOptions{})
	_, section, _ := strings.Cut(out, "\n\nUnknown, and how to find out\n")
	section, _, _ = strings.Cut(section, "\n\n")
	assert.Equal(t, "  ? high      width, 2 keys (a, b): how wide it is is unknown\n"+
		"              → Look at the key's page.\n"+
		"  ! everything about refused: not inspected, for the reason above\n"+
		"  ? everything about later: no rule was applied", section)
	assert.NotContains(t, textOf(t, &audit.Report{Results: []*audit.Result{cleanKey("a"), broken("b")}}, TextOptions{}), "Unknown, and")

	var many []audit.Finding
	for i := range mostUnknown + 2 {
		many = append(many, finding(fmt.Sprintf("rule-%d", i), audit.Undetermined, audit.Low, 0, "message", "Look."))
	}
	out = textOf(t, &audit.Report{Results: []*audit.Result{judged("a", many...)}}, TextOptions{})
	assert.Contains(t, out, "  and 2 more: low: rule-8, rule-9\n")
}

func TestTextOfChanges(t *testing.T) {
	same := func() *audit.Report {
		refused := refusedKey()
		refused.Findings[3].New = false
		return &audit.Report{Results: []*audit.Result{broken("a"), refused, openKey(), cleanKey("z")}, Baseline: &audit.Baseline{Started: now, Keys: 3}}
	}
	assert.Empty(t, textOf(t, same(), TextOptions{Changes: true}))
	assert.Contains(t, textOf(t, same(), TextOptions{}), "Changed since 2026-11-22 09:30 UTC (3 keys then)\n  Nothing.\n")

	for name, change := range map[string]func(*audit.Report){
		"new":      func(r *audit.Report) { r.Results[2].Findings[1].New = true },
		"resolved": func(r *audit.Report) { r.Results[2].Resolved = []string{"key-age"} },
	} {
		t.Run(name, func(t *testing.T) {
			r := same()
			change(r)
			out := textOf(t, r, TextOptions{Changes: true})
			assert.Contains(t, out, "tax-report")
			assert.NotContains(t, out, "rebalancer")
			assert.NotContains(t, out, "the key has no name")
			assert.Contains(t, out, "exit code 1: something failed at high or above\n", "that of the whole report")
		})
	}
	r := same()
	r.Findings = richReport().Findings[:1]
	assert.Contains(t, textOf(t, r, TextOptions{Changes: true}), "key-vanished (new): the key old-hedger")

	r = same()
	r.Baseline = nil
	assert.Equal(t, textOf(t, r, TextOptions{}), textOf(t, r, TextOptions{Changes: true}), "everything is new")
	assert.NotContains(t, textOf(t, r, TextOptions{}), "Changed")

	r = same()
	r.Results = keysOf(mostChanges+5, func(name string) *audit.Result {
		key := cleanKey(name)
		key.Resolved = []string{"key-age"}
		return key
	})
	assert.Contains(t, textOf(t, r, TextOptions{}), "  and 5 more keys\n")
	assert.Equal(t, mostChanges+5, strings.Count(textOf(t, r, TextOptions{Changes: true}), "✓ resolved  key-age"))
}

func TestTextSaysWhatTheExitCodeMeans(t *testing.T) {
	for want, c := range map[string]struct {
		result    *audit.Result
		threshold audit.Severity
	}{
		"exit code 0: nothing failed or stayed unknown at high or above":            {broken("a"), 0},
		"exit code 1: something failed at low or above":                             {broken("a"), audit.Low},
		"exit code 3: a key, or a fact at high or above, could not be assessed":     {openKey(), 0},
		"exit code 0: nothing failed or stayed unknown at critical or above":        {openKey(), audit.Critical},
		"exit code 3: a key, or a fact at critical or above, could not be assessed": {unjudgedKey(), audit.Critical},
	} {
		out := textOf(t, &audit.Report{Results: []*audit.Result{c.result}}, TextOptions{Threshold: c.threshold})
		assert.True(t, strings.HasSuffix(out, "\n"+want+"\n"), out)
	}
}

func TestTextCountsCleanKeys(t *testing.T) {
	few := textOf(t, &audit.Report{Results: keysOf(mostClean, cleanKey)}, TextOptions{})
	assert.Equal(t, mostClean, strings.Count(few, "✓ clean "))

	results := keysOf(mostClean, cleanKey)
	results = append(results, attestedKey())
	many := textOf(t, &audit.Report{Results: results}, TextOptions{})
	assert.Contains(t, many, "✓ 21 clean (Bybit testnet 20, Kraken live 1); 1 of them by the owner's\n  attestation\n")
	assert.NotContains(t, many, "key-000")
	assert.Contains(t, textOf(t, &audit.Report{Results: results}, TextOptions{All: true}), "key-000")
}

// TestTextOfManyKeys: a large fleet fits on a few pages, and what is omitted is
// counted.
func TestTextOfManyKeys(t *testing.T) {
	report := bigFleet(600)
	out := textOf(t, report, TextOptions{})
	assert.Less(t, strings.Count(out, "\n"), 800)
	_, out, _ = strings.Cut(out, "\nKeys, worst first\n")
	out, _, _ = strings.Cut(out, "\nUnknown")
	shown := len(regexp.MustCompile(`(?m)^[✗!?~] `).FindAllString(out, -1))
	assert.Equal(t, mostDetailed+mostListed, shown)
	total := shown
	flat := strings.Join(strings.Fields(out), " ")
	for _, m := range regexp.MustCompile(`(\d+) (?:CRITICAL|NOT INSPECTED|UNDETERMINED|clean) \(`).FindAllStringSubmatch(flat, -1) {
		n, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		total += n
	}
	assert.Equal(t, len(report.Results), total)
	assert.Contains(t, flat, "the JSON report has them all")

	all := textOf(t, report, TextOptions{All: true})
	for _, r := range report.Results {
		require.Contains(t, all, r.Name)
	}
}

// TestFleetFindingsKeepFromGreen: clean keys alone make no clean report.
func TestFleetFindingsKeepFromGreen(t *testing.T) {
	r := &audit.Report{Results: []*audit.Result{cleanKey("a")}}
	assert.Contains(t, textOf(t, r, TextOptions{Color: true}), "\x1b[32m1 key,")
	for _, o := range []audit.Outcome{audit.Failed, audit.Undetermined, audit.Outcome(9)} {
		r.Findings = []audit.Finding{finding("fleet", o, audit.Low, 0, "m", "")}
		out := textOf(t, r, TextOptions{Color: true})
		assert.NotContains(t, out, "\x1b[32m1 key,")
		assert.Contains(t, out, "Fleet-wide findings")
	}
}

// TestTextGivesAVerdict: what several findings mean together comes first, and
// alone where a key has one line only.
func TestTextGivesAVerdict(t *testing.T) {
	verdict := worstKey().Headlines()[0].Text
	assert.Contains(t, textOf(t, &audit.Report{Results: []*audit.Result{worstKey()}}, TextOptions{}), "for spot-trading\n                 "+verdict+"\n  ✗ critical")
	assert.NotContains(t, textOf(t, &audit.Report{Results: []*audit.Result{broken("a")}}, TextOptions{}), broken("a").Headlines()[0].Text,
		"one finding speaks for itself")

	results := append(keysOf(mostDetailed, func(string) *audit.Result { return worstKey() }), broken("last"))
	assert.Contains(t, textOf(t, &audit.Report{Results: results}, TextOptions{}), "\n                 "+broken("a").Headlines()[0].Text+"\n")
}
