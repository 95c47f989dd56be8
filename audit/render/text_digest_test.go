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

// sectionOf is a section of a text.
func sectionOf(text, title string) string {
	_, section, _ := strings.Cut(text, "\n\n"+title+"\n")
	section, _, _ = strings.Cut(section, "\n\n")
	return section
}

func TestTextShowsTheWorstFirst(t *testing.T) {
	low, high := broken("a"), judged("b", finding("width", audit.Failed, audit.High, access.Reported, "too wide", "Narrow it."))
	both := judged("c", low.Findings[0], high.Findings[0])
	refused := judged("d")
	refused.Snapshot.Failure = &access.Error{Kind: access.KindExpired}
	r := &audit.Report{Results: []*audit.Result{low, high, both, refused}, Findings: []audit.Finding{
		finding("key-vanished", audit.Failed, audit.Critical, access.Reported, "one is missing", "Look."),
	}}
	assert.Equal(t, "  ✗ critical  Missing key (key-vanished): one is missing\n"+
		"              → Look.\n"+
		"  ✗ high      width, 2 keys: b, c. too wide\n"+
		"              → Narrow it.\n"+
		"  ✗ high      Key could not be inspected (expired), d: the key has expired", sectionOf(textOf(t, r, TextOptions{}), "Worst first"))

	r.Results = []*audit.Result{low}
	r.Findings = nil
	assert.NotContains(t, textOf(t, r, TextOptions{}), "Worst", "its own section says so")
}

// TestWorstFirstSaysWhatIsTrueOfAll: what differs from key to key is counted or left
// out, and not quoted of all.
func TestWorstFirstSaysWhatIsTrueOfAll(t *testing.T) {
	open := func(name string, s audit.Severity, message, remedy string) *audit.Result {
		return judged(name, finding("ip-allowlist", audit.Failed, s, access.Reported, message, remedy))
	}
	rule := ruleBook(nil)["ip-allowlist"]
	worst := func(results ...*audit.Result) string {
		return strings.Join(strings.Fields(sectionOf(textOf(t, &audit.Report{Results: results}, TextOptions{Width: 200}), "Worst first")), " ")
	}
	assert.Equal(t, "✗ critical "+rule.Title+" (ip-allowlist), 4 keys (2 critical, 2 high): a, b, c and 1 more → "+rule.Remedy, worst(
		open("a", audit.Critical, "no list can be set", "Withdraw the money."), open("b", audit.Critical, "no list is set", "Set one."),
		open("c", audit.High, "no list is set", "Set one."), open("d", audit.High, "no list is set", "Set one."),
	))
	assert.Equal(t, "✗ high "+rule.Title+" (ip-allowlist), 2 keys: a, b. no list is set → Set one.", worst(
		open("a", audit.High, "no list is set", "Set one."), open("b", audit.High, "no list is set", "Set one.")))
}

// TestTextGivesAdviceOnce: not once for every key, unless all is shown.
func TestTextGivesAdviceOnce(t *testing.T) {
	r := &audit.Report{Results: keysOf(5, broken)}
	assert.Equal(t, 1, strings.Count(textOf(t, r, TextOptions{}), "Give it one."))
	assert.Equal(t, 1+5, strings.Count(textOf(t, r, TextOptions{All: true}), "Give it one."))
}

// TestTextBeginsWithTheVerdict, and with the totals.
func TestTextBeginsWithTheVerdict(t *testing.T) {
	r := richReport()
	out := textOf(t, r, TextOptions{Width: 200})
	assert.True(t, strings.HasPrefix(out, "Funds are at risk on 1 of 10 keys.\n"+r.Summary.String()+"\nunknown: 1 critical"), out)
	assert.True(t, strings.HasPrefix(strings.SplitN(out, "\n", 4)[3], "exit code 1: "), out)

	r.Recount()
	r.Results = r.Results[8:] // a scheduler's text has the keys that changed
	var few bytes.Buffer
	require.NoError(t, Text(&few, r, TextOptions{}))
	assert.NotContains(t, few.String(), "No path", "the other keys may be bad")
}

func TestTextEndsWithWhatIsNext(t *testing.T) {
	for _, o := range []TextOptions{{}, {All: true}, {Changes: true}} {
		o.Next = func() string { return "keyaudit explain withdrawal" }
		out := textOf(t, richReport(), o)
		assert.True(t, strings.HasSuffix(out, "\n\nNext: keyaudit explain withdrawal\n"), out)
	}
	assert.NotContains(t, textOf(t, richReport(), TextOptions{}), "Next:")
}

func TestTextByOwner(t *testing.T) {
	of := func(owner string, r *audit.Result) *audit.Result { r.Record.Owner = owner; return r }
	few := textOf(t, &audit.Report{Results: []*audit.Result{
		of("quiet", cleanKey("a")), of("", broken("b")), of("desk", worstKey()), of("desk", cleanKey("d")),
	}}, TextOptions{ByOwner: true})
	_, section, _ := strings.Cut(few, "\nKeys by owner, worst first\n")
	assert.Equal(t, []string{
		"desk: 2 keys, 1 CRITICAL, 1 clean", "(no owner): 1 key, 1 LOW", "quiet: 1 key, 1 clean",
	}, regexp.MustCompile(`(?m)^[^ ✗✓\n].*: \d+ keys?, .*$`).FindAllString(section, -1))
	assert.Less(t, strings.Index(section, "grid-bot-eth"), strings.Index(section, "(no owner)"))

	r := bigFleet(300)
	for i, result := range r.Results {
		result.Record.Owner = fmt.Sprintf("team %02d", i%7)
	}
	many := textOf(t, r, TextOptions{ByOwner: true, Width: 100})
	assert.Len(t, regexp.MustCompile(`(?m)^team \d\d: 4\d keys, `).FindAllString(many, -1), 7)
	assert.LessOrEqual(t, strings.Count(many, "\n"), 100)
}

func TestTextSaysHowToFindOut(t *testing.T) {
	refused := judged("refused", finding("width", audit.Undetermined, audit.High, 0, "unknown", "Look."))
	refused.Snapshot.Failure = &access.Error{Kind: access.KindExpired}
	open := finding("width", audit.Undetermined, audit.High, 0, "how wide it is is unknown", "Look at the key's page.")
	out := textOf(t, &audit.Report{Results: []*audit.Result{judged("a", open), judged("b", open), judged("later"), refused}}, TextOptions{})
	assert.Equal(t, "  ? high      width, 2 keys: a, b. how wide it is is unknown\n"+
		"              → Look at the key's page.\n"+
		"  ! everything about refused: not inspected, for the reason above\n"+
		"  ? everything about later: no rule was applied", strings.TrimSuffix(sectionOf(out, "Unknown, and how to find out"), "\n"))
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
	assert.Contains(t, textOf(t, same(), TextOptions{}), "\n\nNothing has changed since 2026-11-22 09:30 UTC (3 keys then).\n\n")

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
	most := roomFor(mostDetailed+1, TextOptions{}).changes
	r.Results = keysOf(mostDetailed+1, func(name string) *audit.Result {
		key := cleanKey(name)
		key.Resolved = []string{"key-age"}
		return key
	})
	assert.Contains(t, textOf(t, r, TextOptions{}), fmt.Sprintf("  and %d more keys\n", mostDetailed+1-most))
	assert.Equal(t, mostDetailed+1, strings.Count(textOf(t, r, TextOptions{Changes: true}), "✓ resolved  key-age"))
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
		assert.Contains(t, out, "\n"+want+"\n\n")
	}
}

func TestTextCountsCleanKeys(t *testing.T) {
	few := textOf(t, &audit.Report{Results: keysOf(mostClean, cleanKey)}, TextOptions{})
	assert.Equal(t, mostClean, strings.Count(few, "✓ clean "))

	results := keysOf(mostClean, cleanKey)
	results = append(results, attestedKey())
	many := textOf(t, &audit.Report{Results: results}, TextOptions{})
	assert.Contains(t, many, "✓ 21 clean; 1 of them by the owner's attestation\n")
	assert.NotContains(t, many, "key-000")
	assert.Contains(t, textOf(t, &audit.Report{Results: results}, TextOptions{All: true}), "key-000")
}

// wideFleet is as long a report as there can be of so many keys: long texts, and
// everything of every kind.
func wideFleet(n int) *audit.Report {
	r := bigFleet(n)
	long := strings.Repeat("words that fill the line ", 30)
	for i, result := range r.Results {
		result.Name = fmt.Sprintf("%s of the %s", result.Name, long)
		result.Record.Owner = fmt.Sprintf("team %d", i)
		for j := range result.Findings {
			f := &result.Findings[j]
			f.New, f.Message, f.Remedy = true, f.Message+long, f.Remedy+long+f.Rule
		}
	}
	for i := range 50 {
		r.Findings = append(r.Findings, finding(fmt.Sprintf("rule-%d", i), audit.Failed, audit.High, 0, long, long+strconv.Itoa(i)))
	}
	r.Demo = true
	return r
}

// TestTextOfManyKeys: a large fleet fits on 100 lines, and what is omitted is
// counted.
func TestTextOfManyKeys(t *testing.T) {
	for name, report := range map[string]*audit.Report{"usual": bigFleet(300), "wide": wideFleet(300), "just many": wideFleet(mostDetailed + 1)} {
		for _, byOwner := range []bool{false, true} {
			out := textOf(t, report, TextOptions{Width: 100, ByOwner: byOwner, Next: func() string { return "keyaudit explain withdrawal" }})
			assert.LessOrEqual(t, strings.Count(out, "\n"), 100, "%s\n%s", name, out)
			for line := range strings.Lines(out) {
				assert.LessOrEqual(t, columns(strings.TrimSuffix(line, "\n")), 100, line)
			}
			if byOwner {
				continue
			}
			_, section, _ := strings.Cut(out, "\nKeys, worst first\n")
			section, _, _ = strings.Cut(section, "\n\n")
			total := len(regexp.MustCompile(`(?m)^[✗!?~] `).FindAllString(section, -1))
			assert.GreaterOrEqual(t, total, fewestListed-4, name)
			for _, m := range regexp.MustCompile(`(\d+) (?:CRITICAL|LOW|NOT INSPECTED|UNKNOWN|clean)`).FindAllStringSubmatch(section, -1) {
				n, err := strconv.Atoi(m[1])
				require.NoError(t, err)
				total += n
			}
			assert.Equal(t, len(report.Results), total, "%s\n%s", name, section)
		}
	}
	report := bigFleet(300)
	all := textOf(t, report, TextOptions{All: true})
	for _, r := range report.Results {
		require.Contains(t, all, r.Name)
	}
}

// TestTextShowsFindingsWhereThereIsRoom: of many keys with few that are bad, too.
func TestTextShowsFindingsWhereThereIsRoom(t *testing.T) {
	r := &audit.Report{Results: append(keysOf(300, cleanKey), broken("bad"), broken("bad too"))}
	out := textOf(t, r, TextOptions{})
	assert.Contains(t, out, "✗ low       label: the key has no name\n")
	assert.Contains(t, out, "✓ 300 clean\n")
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
}
