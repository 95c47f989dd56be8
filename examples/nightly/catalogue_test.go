package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// inOneLine undoes the wrapping of a text.
func inOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestExplainEveryRule: each rule is explained in full, in 80 columns.
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
			"why": rule.Why, "remedy": rule.Remedy, "severity": "up to " + rule.Severity.String(), "scope": scopeText[rule.Scope], "since": rule.Since,
		} {
			assert.Contains(t, text, lead+" "+inOneLine(want), rule.ID)
		}
		assert.Equal(t, rule.FindOut != "", strings.Contains(got.stdout, "\n  find out  "), rule.ID)
		assert.Contains(t, text, inOneLine(rule.FindOut), rule.ID)
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
				assert.Empty(t, line[1], "no URL is invented")
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
	for _, command := range []string{"rules", "exchanges"} {
		got := runWith(t.Context(), nil, command, canary)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Equal(t, "nightly: "+command+": unexpected argument (not shown: it may be a secret)\n", got.stderr)
	}
}

// table returns the lines of a listing, and checks that its columns are aligned.
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

func TestExchangesTable(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "exchanges")
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
	for coverage, want := range map[string]adapter.Coverage{
		"no": {Absent: []access.Capability{access.Withdraw}}, "that it reads": {Reports: []access.Capability{access.Read}},
		"3 of 11": {Reports: []access.Capability{access.Read, access.TradeSpot}, Absent: []access.Capability{access.Withdraw}}, "all": {Reports: access.Capabilities()},
	} {
		assert.Equal(t, coverage, rightsReported(&want))
	}
}

// TestHelpIsComplete: it names every command and every flag, within its width.
func TestHelpIsComplete(t *testing.T) {
	t.Parallel()
	top := runWith(t.Context(), nil, "-help")
	texts, all := []string{usageHead, usageTail}, top.stdout
	for _, c := range commands {
		got := runWith(t.Context(), nil, c.name, "-help")
		assert.Equal(t, audit.ExitClean, got.code)
		assert.Empty(t, got.stderr)
		assert.True(t, strings.HasPrefix(got.stdout, "nightly "+c.name+" "), got.stdout)
		assert.Regexp(t, `(?m)^  `+c.name+` +`+regexp.QuoteMeta(c.about)+`$`, top.stdout)
		all += got.stdout
	}
	for _, text := range append(texts, initHead, diffHead, diffTail, judgeHead, judgeTail, exchangesHead) {
		for line := range strings.Lines(text) {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), helpWidth+1, line)
		}
	}

	// The flags, as the sources define them.
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	defined := regexp.MustCompile(`\b(?:c\.flags\.[A-Z][A-Za-z]+|c\.oneOf|c\.duration|c\.pair|reference)\((?:&[a-zA-Z.]+, )?"([a-z-]+)"`)
	count := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, flag := range defined.FindAllStringSubmatch(string(text), -1) {
			count[file]++
			help := all
			if file == "flags.go" || file == "notify.go" {
				help = top.stdout
			}
			assert.Regexp(t, `(?m)^  -`+flag[1]+`\b`, help, "%s: -%s", file, flag[1])
		}
	}
	assert.GreaterOrEqual(t, count["flags.go"], 15)
	assert.Equal(t, 4, count["notify.go"])
	assert.Equal(t, 2, count["init.go"])
	assert.Equal(t, 2, count["judge.go"])
}

// TestHelpFits: however long the description of a flag.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	c := newCommand("x", "head\n", "tail\n")
	c.reporting(&reporting{})
	c.notify(&notifySettings{})
	c.pair("from", "BOT=PATH", botNames(), func(string, string) {}, "the keys of `BOT=PATH`: "+joined(botNames()))
	var b strings.Builder
	c.help(&b)
	assert.Regexp(t, `(?s)^head\n.*\n  -notify-when WHEN  .*\ntail\n$`, b.String())
	flags := 0
	for line := range strings.Lines(b.String()) {
		assert.LessOrEqual(t, utf8.RuneCountInString(line), helpWidth+1, line)
		if strings.HasPrefix(line, "  -") {
			flags++
			assert.Regexp(t, `^  -[a-z-]+( [A-Z=]+)? {2,}\S`, line)
		}
	}
	defined := 0
	c.flags.VisitAll(func(f *flag.Flag) {
		defined++
		_, text := flag.UnquoteUsage(f)
		assert.Contains(t, inOneLine(b.String()), inOneLine(text))
	})
	assert.Equal(t, defined, flags)
}

// TestFlagsAnywhere: before, between and after the other arguments.
func TestFlagsAnywhere(t *testing.T) {
	t.Parallel()
	c := newCommand("x", "", "")
	c.reporting(&reporting{})
	for _, tc := range [][2][]string{
		{{}, {"--"}},
		{{"a", "b"}, {"--", "a", "b"}},
		{{"a", "-all", "b", "-format", "json", "--color=never"}, {"-all", "-format", "json", "--color=never", "--", "a", "b"}},
		{{"a", "-format"}, {"-format"}},
		{{"-unknown", "a", "-"}, {"-unknown", "--", "a", "-"}},
		{{"a", "--", "-all", "--"}, {"--", "a", "-all", "--"}},
	} {
		assert.Equal(t, tc[1], c.flagsFirst(tc[0]))
		assert.Equal(t, tc[1], c.flagsFirst(tc[1]))
	}
}

// TestNothingOfBadInputIsShown: to whichever command and flag it is given.
func TestNothingOfBadInputIsShown(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	env := map[string]string{"PLACE": canary}
	inventory := writeFile(t, filepath.Join(folder, "keys.yaml"), 0o600, "keys:\n- {name: "+canary+", exchange: "+canary+", "+canary+": 1, key: "+canary+", secret: "+canary+", policy: "+canary+
		", base_url: 'http://x:"+canary+"@h', egress: {proxy: 'socks5://u:"+canary+"@h:99999'}, otp: 'exec:[\"sh\",\"-c\",\"echo "+canary+"\"'}\n")
	broken := writeFile(t, filepath.Join(folder, "broken.json"), 0o600, `{"keys": [{"secret": "`+canary)
	for _, args := range [][]string{
		{canary},
		{"-" + canary},
		{"-" + canary + "=" + canary},
		{"-all=" + canary},
		{"-output", filepath.Join(folder, "no", canary)},
		{"-format", canary},
		{"-fail-on", canary},
		{"-color", canary},
		{"-from", canary},
		{"-from", canary + "=" + canary},
		{"-from", "octobot=" + canary},
		{"-from", "env=" + broken},
		{"-from", "octobot=" + broken},
		{"-keys", canary},
		{"-keys", inventory},
		{"-keys", broken},
		{"-policy", canary},
		{"-state", filepath.Join(folder, "no", canary)},
		{"-since", canary},
		{"-since", broken},
		{"-report", canary},
		{"-report", "html=" + filepath.Join(folder, "no", canary)},
		{"-notify", canary},
		{"-notify", "env:PLACE"},
		{"-ping", "env:PLACE"},
		{"-timeout", canary},
		{"-deadline", canary},
		{"-concurrency", canary},
		{"-notify-when", canary},
		{broken},
		{broken, inventory},
		{inventory, "-policy", canary},
	} {
		for _, command := range append(commandNames(), "", canary) {
			whole := args
			if command != "" {
				whole = append([]string{command}, args...)
			}
			got := runWith(t.Context(), env, whole...)
			assert.Equal(t, audit.ExitUsage, got.code, whole)
			assert.Empty(t, got.stdout)
			assert.NotContains(t, got.stderr, canary)
			assert.Regexp(t, `^(nightly: [^\n]+\n)+$`, got.stderr)
		}
	}
}
