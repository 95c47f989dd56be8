package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/pflag"
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
		"keyaudit: explain: name a rule, for instance: keyaudit explain ip-allowlist; keyaudit rules lists them\n":                                                             {},
		"keyaudit: explain: unknown rule or exchange \"withdraws\": did you mean \"withdrawal\"?\n":                                                                            {"withdraws"},
		"keyaudit: explain: unknown rule or exchange (not shown: it may be a secret): use one of ":                                                                             {canary},
		"keyaudit: explain: unknown rule or exchange \"key-agee\": did you mean \"key-age\"?\nkeyaudit: explain: unknown rule or exchange \"clok\": did you mean \"clock\"?\n": {"key-agee", "key-age", "clok"},
	} {
		got := runWith(t.Context(), nil, append([]string{"explain"}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Empty(t, got.stdout)
		assert.True(t, strings.HasPrefix(got.stderr, want), got.stderr)
		assert.NotContains(t, got.stderr, canary)
	}
	for command, want := range map[string]string{
		"rules": "unexpected argument (not shown: it may be a secret)\n", "exchanges": "unknown exchange (not shown: it may be a secret): use one of ",
	} {
		got := runWith(t.Context(), nil, command, canary)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Contains(t, got.stderr, "keyaudit: "+command+": "+want)
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
		"no": {Absent: []access.Capability{access.Withdraw}}, "can read": {Reports: []access.Capability{access.Read}},
		"3 of 11": {Reports: []access.Capability{access.Read, access.TradeSpot}, Absent: []access.Capability{access.Withdraw}}, "all": {Reports: access.Capabilities()},
	} {
		assert.Equal(t, coverage, rightsReported(&want))
	}
}

// TestExchangePages: what is known of each exchange, in 80 columns, by two commands.
func TestExchangePages(t *testing.T) {
	t.Parallel()
	for _, e := range exchanges.All() {
		got := runWith(t.Context(), nil, "exchanges", e.Name)
		assert.Equal(t, audit.ExitClean, got.code)
		assert.Equal(t, got, runWith(t.Context(), nil, "explain", e.Name))
		for line := range strings.Lines(got.stdout) {
			long := strings.Contains(line, "http") || strings.Contains(line, "/") // an address is not broken
			assert.True(t, long || utf8.RuneCountInString(line) <= 81, line)
		}
		for _, want := range []string{e.Title, e.Docs, e.KeyPage, e.Checked, e.Coverage.Confirmed} {
			assert.Contains(t, inOneLine(got.stdout), inOneLine(want), e.Name)
		}
	}
}

// TestListsForPrograms: the same in JSON.
func TestListsForPrograms(t *testing.T) {
	t.Parallel()
	var rules []toldRule
	got := runWith(t.Context(), nil, "rules", "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rules))
	require.Len(t, rules, len(audit.Rules()))
	var one []toldRule
	got = runWith(t.Context(), nil, "explain", "key-age", "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &one))
	assert.Equal(t, rules[slices.Index(ruleIDs(), "key-age")], one[0])

	var all, okx []toldExchange
	got = runWith(t.Context(), nil, "exchanges", "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &all))
	require.Len(t, all, len(exchanges.All()))
	got = runWith(t.Context(), nil, "exchanges", "okx", "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &okx))
	assert.Equal(t, all[slices.Index(exchangeNames(), "okx")], okx[0])
	assert.Contains(t, okx[0].Rights, toldRight{access.Withdraw, "reported"})
	assert.Contains(t, okx[0].Requests, "GET /api/v5/account/config")
}

// TestHelpIsComplete: it names every command and every flag, within its width.
func TestHelpIsComplete(t *testing.T) {
	t.Parallel()
	root := app{}.root()
	top := runWith(t.Context(), nil, "--help").stdout
	for _, c := range root.Commands() {
		got := runWith(t.Context(), nil, c.Name(), "--help")
		assert.Equal(t, audit.ExitClean, got.code, c.Name())
		assert.Empty(t, got.stderr, c.Name())
		assert.Equal(t, got, runWith(t.Context(), nil, "help", c.Name()), c.Name())
		if c.IsAvailableCommand() {
			assert.Regexp(t, `(?m)^  `+c.Name()+` +`+regexp.QuoteMeta(c.Short)+`$`, top)
		}
		if c.Name() == "completion" || c.Name() == "help" {
			continue // cobra's own, and the one that shows the others'
		}
		assert.True(t, strings.HasPrefix(got.stdout, "keyaudit "+c.Name()), got.stdout)
		for line := range strings.Lines(got.stdout) {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), helpWidth+1, line)
		}
		flags := 0
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			flags++
			_, text := pflag.UnquoteUsage(f)
			assert.Regexp(t, `(?m)^ .* --`+f.Name+`\b`, got.stdout)
			assert.Contains(t, inOneLine(got.stdout), inOneLine(text), f.Name)
		})
		assert.Positive(t, flags, c.Name()) // --help at least
	}
	assert.Equal(t, top, runWith(t.Context(), nil, "help").stdout)
	run, _, err := root.Find([]string{"run"})
	require.NoError(t, err)
	root.LocalFlags().VisitAll(func(f *pflag.Flag) { assert.NotNil(t, run.Flags().Lookup(f.Name), f.Name) })
}

// TestFlagsAnywhere: before, between and after the other arguments, and with an
// equals sign or without.
func TestFlagsAnywhere(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--color", "never", "key-age", "clock"}, {"key-age", "clock"}, {"key-age", "--", "clock"}, {"--", "key-age", "clock"},
	} {
		got := runWith(t.Context(), nil, append([]string{"explain"}, args...)...)
		if slices.Contains(args, "--color") {
			assert.Equal(t, "keyaudit: unknown flag \"--color\": use one of --format, --help\n", got.stderr)
			continue
		}
		assert.Equal(t, audit.ExitClean, got.code, args)
		assert.Contains(t, got.stdout, "clock: ")
	}
	stored := filepath.Join(t.TempDir(), "report.json")
	runWith(t.Context(), nil, "--demo", "--format=json", "--output="+stored)
	want := runWith(t.Context(), nil, "judge", stored, "--policy", "read-only", "--format", "markdown")
	assert.Contains(t, want.stdout, "read-only")
	for _, args := range [][]string{
		{"--policy", "read-only", stored, "--format", "markdown"}, {"--policy=read-only", "--format=markdown", "--", stored},
	} {
		assert.Equal(t, want.code, runWith(t.Context(), nil, append([]string{"judge"}, args...)...).code)
	}
}

// TestFlagsThatRepeat: three add up, and a second value of any other is refused.
func TestFlagsThatRepeat(t *testing.T) {
	t.Parallel()
	repeat := []string{}
	root := app{}.root()
	root.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		if _, refused := f.Value.(*once); !refused {
			repeat = append(repeat, f.Name)
			return
		}
		word := "--" + f.Name + "=x"
		if f.NoOptDefVal != "" {
			word = "--" + f.Name
		}
		got := runWith(t.Context(), nil, "--demo", word, word)
		assert.Equal(t, audit.ExitUsage, got.code, f.Name)
		assert.Contains(t, got.stderr, "keyaudit: --"+f.Name+": it is given twice, and takes one value: keep one of them\n")
	})
	assert.ElementsMatch(t, []string{"keys", "from", "search", "leaked", "report", "notify", "ping"}, repeat)
}

// TestCompletion: the shells are offered commands, flags and words.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ args, want string }{
		{"ju", "judge\tjudge a stored report again"},
		{"--form", "--format\tFORMAT of the report"},
		{"--format ht", "html\n"},
		{"--from freq", "freqtrade=\n"},
		{"explain ip-allowlist-w", "ip-allowlist-width\n"},
		{"judge --policy tre", "treasury\n"},
	} {
		got := runWith(t.Context(), nil, append([]string{"__complete"}, strings.Fields(tc.args)...)...)
		assert.Contains(t, got.stdout, tc.want, tc.args)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		got := runWith(t.Context(), nil, "completion", shell)
		assert.Equal(t, audit.ExitClean, got.code)
		assert.Contains(t, got.stdout, "keyaudit", shell)
	}
}

// TestManPages: one for each command, each with its flags.
func TestManPages(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.Equal(t, audit.ExitClean, runWith(t.Context(), nil, "man", folder).code)
	for _, c := range append([]string{""}, app{}.root().names()...) {
		page, err := os.ReadFile(filepath.Join(folder, strings.TrimSuffix("keyaudit-"+c, "-")+".1"))
		require.NoError(t, err)
		assert.Contains(t, string(page), `.TH "KEYAUDIT`)
	}
	for _, bad := range [][]string{{}, {filepath.Join(folder, "none")}, {folder, folder}} {
		assert.Equal(t, audit.ExitUsage, runWith(t.Context(), nil, append([]string{"man"}, bad...)...).code)
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
		{"--all=" + canary},
		{"--output", filepath.Join(folder, "no", canary)},
		{"--format", canary},
		{"--fail-on", canary},
		{"--color", canary},
		{"--from", canary},
		{"--from", canary + "=" + canary},
		{"--from", "octobot=" + canary},
		{"--from", "env=" + broken},
		{"--from", "octobot=" + broken},
		{"--keys", canary},
		{"--keys", inventory},
		{"--keys", broken},
		{"--policy", canary},
		{"--state", filepath.Join(folder, "no", canary)},
		{"--since", canary},
		{"--since", broken},
		{"--report", canary},
		{"--report", "html=" + filepath.Join(folder, "no", canary)},
		{"--notify", canary},
		{"--notify", "env:PLACE"},
		{"--ping", "env:PLACE"},
		{"--timeout", canary},
		{"--deadline", canary},
		{"--concurrency", canary},
		{"--notify-when", canary},
		{broken},
		{broken, inventory},
		{inventory, "--policy", canary},
	} {
		for _, command := range append(app{}.root().names(), "help", "man", "", canary) {
			whole := args
			if command != "" {
				whole = append([]string{command}, args...)
			}
			got := runWith(t.Context(), env, whole...)
			assert.NotContains(t, got.stdout+got.stderr, canary, whole)
			if command == "find" && args[0] == broken { // to which no file is bad input
				continue
			}
			assert.Equal(t, audit.ExitUsage, got.code, whole)
			assert.Empty(t, got.stdout)
			assert.Regexp(t, `^(keyaudit: [^\n]+\n)+$`, got.stderr)
		}
	}
}
