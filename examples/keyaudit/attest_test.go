package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
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
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// quiet is a key at an exchange that reports nothing about keys, with the inventory
// that names it.
type quietKey struct {
	fake     *exchangetest.Fake
	server   *exchangetest.Server
	file, id string
	env      map[string]string
}

func newQuietKey(t *testing.T) *quietKey {
	t.Helper()
	q := &quietKey{fake: exchangetest.Pionex(), env: map[string]string{"USER": "maria"}}
	q.server = exchangetest.Serve(q.fake)
	t.Cleanup(q.server.Close)
	c := q.fake.Issue(exchangetest.Spec{})
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "secret"), 0o600, c.Secret.Reveal())
	q.id = c.Key
	review := time.Now().AddDate(0, 2, 0).Format(time.DateOnly)
	q.file = writeFile(t, filepath.Join(folder, "my keys.yaml"), 0o640, fmt.Sprintf(`# all keys
keys:
  - name: grid's 1   # the first
    exchange: pionex
    key: %q
    secret: file:secret
    policy: spot-trading
    owner: maria
    purpose: grid
    review: %s
    #labels: {}
`, c.Key, review))
	return q
}

// run runs the program on the fake exchange.
func (q *quietKey) run(ctx context.Context, args ...string) ran {
	var stdout, stderr bytes.Buffer
	a := app{
		stdout: &stdout, stderr: &stderr, env: func(name string) string { return q.env[name] }, now: time.Now,
		stage: func(_ context.Context, f *fleet) error { f.options.Transport = q.server.Transport(); return nil },
	}
	return ran{a.run(ctx, args), stdout.String(), stderr.String()}
}

// shellWords are a command's words, as a shell finds them.
func shellWords(t *testing.T, line string) (words []string) {
	t.Helper()
	var word strings.Builder
	quoted, open := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\'':
			quoted, open = !quoted, true
		case !quoted && c == '\\':
			i++
			word.WriteByte(line[i])
		case !quoted && c == ' ' && open:
			words = append(words, word.String())
			word.Reset()
			open = false
		case !quoted && c == ' ':
		case !quoted && c == '#' && !open:
			return words
		default:
			open = true
			word.WriteByte(c)
		}
	}
	require.False(t, quoted, line)
	return append(words, word.String())
}

// attestCommands are the commands that a report prints.
func attestCommands(report string) []string {
	var out []string
	for line := range strings.SplitSeq(report, "\n") {
		line = strings.TrimSpace(line)
		line = line[max(0, strings.Index(line, "keyaudit attest")):]
		line, _, _ = strings.Cut(line, "</pre>")
		if strings.HasPrefix(line, "keyaudit attest ") && strings.Contains(line, statementToFill) {
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestFromRedToGreenByAttesting: at an exchange that reports little, a person who runs
// every command that the report prints, with what they saw, answers for the key.
func TestFromRedToGreenByAttesting(t *testing.T) {
	t.Parallel()
	q := newQuietKey(t)
	text := q.run(t.Context(), "--keys", q.file, "--all")
	require.Equal(t, audit.ExitNotAssessed, text.code, text.stdout+text.stderr)
	commands := attestCommands(text.stdout)
	require.Greater(t, len(commands), 10)
	for _, format := range []string{"markdown", "html"} {
		got := q.run(t.Context(), "--keys", q.file, "--format", format)
		assert.Equal(t, commands, attestCommands(html.UnescapeString(got.stdout)), format)
	}
	before, err := os.ReadFile(q.file)
	require.NoError(t, err)

	for round := 0; len(commands) > 0; round++ { // an answer may lead to another question
		require.Less(t, round, 3, commands)
		q.attestAll(t, commands)
		text = q.run(t.Context(), "--keys", q.file, "--all")
		commands = attestCommands(text.stdout)
	}
	assert.Equal(t, audit.ExitClean, text.code, text.stdout)
	assert.Contains(t, text.stdout, "Attested by maria on ")

	info, err := os.Stat(q.file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	after, err := os.ReadFile(q.file)
	require.NoError(t, err)
	added := regexp.MustCompile(`(?m)^ +(attestations:|- \{rule: .*\})\n`)
	assert.Equal(t, string(before), added.ReplaceAllString(string(after), ""), "nothing else has changed")
	left, err := filepath.Glob(filepath.Join(filepath.Dir(q.file), ".*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// attestAll runs the commands, as somebody does who has looked.
func (q *quietKey) attestAll(t *testing.T, commands []string) {
	t.Helper()
	for _, command := range commands {
		words := shellWords(t, command)
		assert.Equal(t, []string{"keyaudit", "attest", "grid's 1"}, words[:3])
		as := q.run(t.Context(), words[1:]...)
		assert.Equal(t, audit.ExitUsage, as.code, "as it is printed, nobody has looked")
		words[slices.Index(words, statementToFill)] = "seen on the key's page"
		got := q.run(t.Context(), words[1:]...)
		require.Equal(t, audit.ExitClean, got.code, "%s: %s", command, got.stderr)
		assert.Contains(t, got.stderr, words[3]+" attested by maria until ")
		assert.Equal(t, audit.ExitUsage, q.run(t.Context(), words[1:]...).code, "twice is once too often")
	}
}

// TestAttestRefuses what nobody could answer for, at once and without touching the file.
func TestAttestRefuses(t *testing.T) {
	t.Parallel()
	q := newQuietKey(t)
	soon, late := time.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly), time.Now().UTC().AddDate(1, 0, 1).Format(time.DateOnly)
	today := time.Now().UTC().Format(time.DateOnly)
	good := func(change ...string) []string {
		args := []string{"attest", "grid's 1", "withdrawal", "--keys", q.file, "--statement", "off", "--until", soon}
		for i := 0; i+1 < len(change); i += 2 {
			if at := slices.Index(args, change[i]); at < 0 {
				args = append(args, change[i], change[i+1])
			} else if strings.HasPrefix(change[i], "--") {
				args[at+1] = change[i+1]
			} else {
				args[at] = change[i+1]
			}
		}
		return args
	}
	before, err := os.ReadFile(q.file)
	require.NoError(t, err)
	for _, c := range []struct {
		args []string
		says string
	}{
		{good("grid's 1", "grid-1"), `unknown key "grid-1"`},
		{good("grid's 1", "freqtrade/binance"), "has no entry in the inventory: write one with keyaudit init --from freqtrade=PATH"},
		{good("withdrawal", "withdraw"), `unknown rule "withdraw"`},
		{good("withdrawal", "not-inspected"), "not-inspected cannot be attested"},
		{good("withdrawal", "ownership"), "ownership cannot be attested"},
		{good("--covers", "x"), "--covers: only unknown-permission"},
		{good("--until", today), "has passed"},
		{good("--until", "2020-01-01"), "has passed"},
		{good("--until", late), "more than a year away"},
		{good("--until", "soon"), "is not a date"},
		{good("--until", ""), "--until: name the day"},
		{good("--statement", "  "), "--statement: say what"},
		{good("--statement", statementToFill), "--statement: write what you saw in place of"},
		{good("--statement", "what you saw."), "--statement: write what you saw in place of"},
		{good("--statement", "\u200b\u2060"), "--statement: say what you looked at, and what you saw"},
		{good("--statement", "two\nlines"), "line breaks"},
		{good("--by", " "), "--by: name who looked"},
		{good("--keys", "-"), "must be a file"},
		{good("--keys", ""), "keyaudit init"},
		{good("--keys", filepath.Dir(q.file)), "is not a file"},
		{good("--keys", q.file+"x"), "does not exist"},
		{[]string{"attest", "a", "--keys", q.file}, "name one key and one rule"},
		{[]string{"attest", "--list", "a", "--keys", q.file}, `unexpected argument "a"`},
		{[]string{"attest", "--list", "--statement", "a", "--keys", q.file}, "--list: leave out"},
	} {
		got := q.run(t.Context(), c.args...)
		assert.Equal(t, audit.ExitUsage, got.code, c.says)
		assert.Contains(t, got.stderr, c.says)
		after, err := os.ReadFile(q.file)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), c.says)
	}
	delete(q.env, "USER")
	assert.Contains(t, q.run(t.Context(), good()...).stderr, "--by: name who looked")
}

// TestAttestThroughALink: the link remains, and what it leads to is replaced.
func TestAttestThroughALink(t *testing.T) {
	t.Parallel()
	q := newQuietKey(t)
	link := filepath.Join(t.TempDir(), "link.yaml")
	if err := os.Symlink(q.file, link); err != nil {
		link = q.file // where links need rights
	}
	until := time.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly)
	got := q.run(t.Context(), "attest", "grid's 1", "withdrawal", "--keys", link, "--statement", "off", "--until", until, "--by", "Ada")
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.Equal(t, link != q.file, info.Mode()&os.ModeSymlink != 0)
	text, err := os.ReadFile(q.file)
	require.NoError(t, err)
	assert.Contains(t, string(text), `by: "Ada"`)
}

// TestAttestList lists what has expired or expires soon, and not what was renewed.
func TestAttestList(t *testing.T) {
	t.Parallel()
	day := func(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }
	attested := func(rule, by string, until int) string {
		return fmt.Sprintf(`{"rule":%q,"statement":"s","by":%q,"at":"2026-01-01","until":%q}`, rule, by, day(until))
	}
	entry := func(name string, attestations ...string) string {
		return fmt.Sprintf(`{"name":%q,"exchange":"pionex","key":"k","secret":"env:NONE","attestations":[%s]}`, name, strings.Join(attestations, ","))
	}
	file := writeFile(t, filepath.Join(t.TempDir(), "keys.json"), 0o600, `{"keys":[`+strings.Join([]string{
		entry("a", attested("withdrawal", "x", 20), attested("key-age", "x", -3), attested("ip-allowlist", "x", 60)),
		entry("b", attested("withdrawal", "x", -3), attested("withdrawal", "y", 90)),
		entry("c", attested("withdrawal", "y", -3), attested("withdrawal", "x", -9)),
	}, ",")+`]}`)
	got := runWith(t.Context(), nil, "attest", "--list", "--keys", file)
	assert.Equal(t, audit.ExitClean, got.code, got.stderr)
	var rows []string
	for line := range strings.SplitSeq(got.stdout, "\n") {
		rows = append(rows, strings.Join(strings.Fields(line), " "))
	}
	assert.Equal(t, []string{
		"KEY RULE BY UNTIL", "a key-age x " + day(-3) + " (expired)", "c withdrawal y " + day(-3) + " (expired)", "a withdrawal x " + day(20), "",
	}, rows[:5])

	none := writeFile(t, filepath.Join(t.TempDir(), "keys.json"), 0o600, `{"keys":[`+entry("a", attested("withdrawal", "x", 60))+`]}`)
	assert.Contains(t, runWith(t.Context(), nil, "attest", "--list", "--keys", none).stdout, "No attestation in ")
}

// TestBotsKeysNeedAnEntry: the report names the command that writes one.
func TestBotsKeysNeedAnEntry(t *testing.T) {
	t.Parallel()
	f := &audit.Finding{Rule: "withdrawal", Outcome: audit.Undetermined}
	line := func(source audit.Source, from ...botFile) string {
		return attestLine(&audit.Result{Name: "x", Record: audit.Record{Source: source}}, f, from, time.Now())
	}
	const then = " --output keys.yaml  # then attest in keys.yaml"
	assert.Equal(t, "keyaudit init --from 'freqtrade=my bot/c.json'"+then, line(audit.Source{Format: "freqtrade", File: "my bot/c.json"}))
	assert.Equal(t, "keyaudit init --from hummingbot=conf"+then, line(audit.Source{Format: "hummingbot", File: "conf/a.yml"}, botFile{"hummingbot", "conf"}))
	assert.Equal(t, "keyaudit init"+then, line(audit.Source{Format: "env"}, botFile{"env", ""}))
	assert.Empty(t, line(audit.Source{}), "of no file")
	assert.Empty(t, line(audit.Source{Format: audit.FormatInventory, File: "-"}), "a stream cannot be written")
	f.Outcome = audit.Failed
	assert.Empty(t, line(audit.Source{Format: audit.FormatInventory, File: "keys.json"}), "nobody attests a failure away")
}
