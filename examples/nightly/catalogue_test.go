package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// inOneLine takes the wrapping out of a text.
func inOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestExplainEveryRule: each rule is told in full, in 80 columns.
func TestExplainEveryRule(t *testing.T) {
	t.Parallel()
	known := regexp.MustCompile(`^(CWE-[0-9]+|NHI[0-9]+:2025|NIST SP 800-53 [A-Z]{2}-[0-9]+|[0-9A-Z][0-9A-Za-z/]+ 20[0-9-]+)$`)
	for _, rule := range audit.Rules() {
		got := runWith(t.Context(), nil, "explain", rule.ID)
		assert.Equal(t, audit.ExitClean, got.code)
		assert.Empty(t, got.stderr)
		text := inOneLine(got.stdout)
		assert.True(t, strings.HasPrefix(got.stdout, rule.ID+": "+rule.Title+"\n\n"), got.stdout)
		require.NotEmpty(t, scopeText[rule.Scope], rule.ID)
		for lead, want := range map[string]string{
			"why": rule.Why, "remedy": rule.Remedy, "at worst": rule.Severity.String(), "looks at": scopeText[rule.Scope], "since": rule.Since,
		} {
			assert.Contains(t, text, lead+" "+inOneLine(want), rule.ID)
		}
		assert.NotEmpty(t, rule.References, rule.ID)
		for _, r := range rule.References {
			assert.Regexp(t, known, r, rule.ID)
			line := regexp.MustCompile(`(?m)^(?:  see {7}| {12})` + regexp.QuoteMeta(r) + `(?: +(https://\S+))?$`).FindStringSubmatch(got.stdout)
			require.NotNil(t, line, "%s in %s", r, got.stdout)
			switch number, isCWE := strings.CutPrefix(r, "CWE-"); {
			case isCWE:
				assert.Equal(t, "https://cwe.mitre.org/data/definitions/"+number+".html", line[1])
			case strings.HasPrefix(r, "NHI"):
				assert.Equal(t, "https://owasp.org/www-project-non-human-identities-top-10", line[1])
			default:
				assert.Empty(t, line[1], "no address is made up")
			}
			_, err := url.Parse(line[1])
			require.NoError(t, err)
		}
		for line := range strings.Lines(got.stdout) {
			assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
			assert.Equal(t, strings.TrimRight(line, " \n")+"\n", line)
		}
	}
}

func TestExplainSeveral(t *testing.T) {
	t.Parallel()
	both := runWith(t.Context(), nil, "explain", "withdrawal", "key-age")
	one, other := runWith(t.Context(), nil, "explain", "withdrawal"), runWith(t.Context(), nil, "explain", "key-age")
	assert.Equal(t, one.stdout+"\n"+other.stdout, both.stdout)
}

func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"nightly: explain: name a rule, for instance: nightly explain ip-allowlist; nightly rules lists them\n":                                      {},
		"nightly: explain: unknown rule \"withdraws\": did you mean \"withdrawal\"?\n":                                                               {"withdraws"},
		"nightly: explain: unknown rule (not shown: it may be a secret): use one of " + strings.Join(ruleIDs(), ", ") + "\n":                         {canary},
		"nightly: explain: unknown rule \"key-agee\": did you mean \"key-age\"?\nnightly: explain: unknown rule \"clok\": did you mean \"clock\"?\n": {"key-agee", "key-age", "clok"},
	} {
		got := runWith(t.Context(), nil, append([]string{"explain"}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Empty(t, got.stdout)
		assert.Equal(t, want, got.stderr)
	}
	for _, command := range []string{"rules", "venues"} {
		got := runWith(t.Context(), nil, command, canary)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Equal(t, "nightly: "+command+": unexpected argument (not shown: it may be a secret)\n", got.stderr)
	}
}

// table takes a listing apart, and holds that its columns are.
func table(t *testing.T, text string) []string {
	t.Helper()
	rows, tail, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(rows, "\n")
	assert.Equal(t, 1, strings.Count(tail, "\n"), "one sentence below")
	for _, at := range regexp.MustCompile(`\S+(?: \S+)*`).FindAllStringIndex(lines[0], -1)[1:] {
		for _, line := range lines {
			require.Greater(t, len(line), at[0], line)
			assert.Equal(t, "  ", line[at[0]-2:at[0]], line)
			assert.NotEqual(t, byte(' '), line[at[0]], line)
		}
	}
	return lines[1:]
}

func TestRulesTable(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "rules")
	assert.Equal(t, audit.ExitClean, got.code)
	lines := table(t, got.stdout)
	require.Len(t, lines, len(audit.Rules()))
	for i, rule := range audit.Rules() {
		assert.Equal(t, inOneLine(fmt.Sprint(rule.ID, " ", rule.Severity, " ", rule.Scope, " ", rule.Title)), inOneLine(lines[i]))
		assert.LessOrEqual(t, len(lines[i]), 100)
	}
}

func TestVenuesTable(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "venues")
	assert.Equal(t, audit.ExitClean, got.code)
	lines := table(t, got.stdout)
	require.Len(t, lines, len(exchanges.All()))
	for i, e := range exchanges.All() {
		name, _, _ := strings.Cut(lines[i], " ")
		found, ok := exchanges.Lookup(name)
		require.True(t, ok, name)
		assert.Same(t, e, found)
		assert.Contains(t, lines[i], "  "+e.Title)
		assert.Equal(t, e.Closing != nil, strings.Contains(lines[i], "(closing)"), name)
		for _, env := range e.Environments {
			assert.Contains(t, lines[i], env.Name)
		}
	}
	for coverage, want := range map[string]audit.Coverage{
		"no": {Absent: []audit.Capability{audit.Withdraw}}, "that it reads": {Tells: []audit.Capability{audit.Read}},
		"3 of 11": {Tells: []audit.Capability{audit.Read, audit.TradeSpot}, Absent: []audit.Capability{audit.Withdraw}}, "all": {Tells: audit.Capabilities()},
	} {
		assert.Equal(t, coverage, rightsTold(&want))
	}
}
