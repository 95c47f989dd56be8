package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// audited runs the program on the fakes, and returns what is known about each key
// that an exchange was asked about, by its name.
func audited(t *testing.T, env map[string]string, args ...string) map[string]string {
	t.Helper()
	got := runWith(t.Context(), env, append([]string{"--demo", "--format", "json"}, args...)...)
	report, err := render.ReadJSON(strings.NewReader(got.stdout))
	require.NoError(t, err, got.stderr)
	keys := map[string]string{}
	for _, r := range report.Results {
		if r.Exchange != "" {
			keys[r.Name] = fmt.Sprint(r.Exchange, " ", r.Snapshot.Environment, " ", r.Snapshot.KeyID, " ", r.Policy, " ", r.Inspected())
		}
	}
	require.NotEmpty(t, keys)
	return keys
}

// TestInitEveryBot: the inventory of a bot's keys, wherever it is written, names
// the same keys, and holds no secret.
func TestInitEveryBot(t *testing.T) {
	t.Parallel()
	for name, sample := range sampleBots {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bot := name
			if name == "gct" {
				bot = "gocryptotrader"
			}
			from := bot + "=" + sample.path
			file := filepath.Join(t.TempDir(), "keys.yaml")
			got := runWith(t.Context(), sample.env, "init", "--from", from, "--output", file)
			require.Equal(t, audit.ExitClean, got.code, got.stderr)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.stderr, "keyaudit --keys "+file)
			info, err := os.Stat(file)
			require.NoError(t, err)
			if runtime.GOOS != "windows" {
				assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			}
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Empty(t, exchangetest.FindCanaries(string(text), append(sampleSecrets(), samplePassword)))

			before := audited(t, sample.env, "--from", from)
			assert.Equal(t, before, audited(t, sample.env, "--keys", file))
			assert.GreaterOrEqual(t, len(before), sample.keys)

			printed := runWith(t.Context(), sample.env, "init", "--from", from)
			assert.Equal(t, string(text), printed.stdout)
			assert.Empty(t, printed.stderr)
		})
	}
}

func TestInitEnvironment(t *testing.T) {
	t.Parallel()
	c := exchangetest.Bybit().Issue(exchangetest.Spec{})
	env := map[string]string{"BYBIT_API_KEY": c.Key, "BYBIT_API_SECRET": c.Secret.Reveal(), "HOME": "/root"}
	file := filepath.Join(t.TempDir(), "keys.yaml")
	got := runWith(t.Context(), env, "init", "--output", file)
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), `from: "env=#bybit"`)
	assert.NotContains(t, string(text), c.Key)
	assert.NotContains(t, string(text), c.Secret.Reveal())
	assert.Equal(t, audited(t, env, "--from", "env="), audited(t, env, "--keys", file))

	got = runWith(t.Context(), map[string]string{"HOME": "/root"}, "init")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Equal(t, "keyaudit: init: found no key: name a bot's own file by --from BOT=PATH\n", got.stderr)
}

// TestInitNamesSkipped: a key that was seen is named with the reason, also where no other
// can be listed, and whatever it is that is wrong with it.
func TestInitNamesSkipped(t *testing.T) {
	t.Parallel()
	const long = "Qm3Zr9LpT2wVb8NsA5d1Gh6Jk4Yt0Xc7Mn2aK7x0"
	for text, why := range map[string]string{
		"PRIVATE_KEY=0x" + strings.Repeat("1f", 32):         `init: env/key is not listed: it is a wallet's private key`,
		"API_KEY=" + long + "\nAPI_SECRET=" + long + "a":    `init: env/key is not listed: the names of its variables match no exchange`,
		"BYBIT_API_KEY=" + long:                             `init: env/bybit is not listed: its API key is there, but its secret is missing`,
		"BYBIT_API_KEY=your_key\nBYBIT_API_SECRET=your_key": `init: env/bybit is not listed: `,
	} {
		file := writeFile(t, filepath.Join(t.TempDir(), ".env"), 0o600, text+"\n")
		env := map[string]string{}
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			env[name] = value
		}
		for _, got := range []ran{runWith(t.Context(), nil, "init", "--from", "env="+file), runWith(t.Context(), env, "init")} {
			assert.Equal(t, audit.ExitUsage, got.code)
			assert.Contains(t, got.stderr, why)
			assert.NotContains(t, got.stderr, long)
			assert.Empty(t, got.stdout)
		}
	}
}

// TestInitSettings: the settings in comments work when the # is removed.
func TestInitSettings(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "init", "--from", "octobot=samples/octobot/user/config.json")
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	setting := regexp.MustCompile(`(?m)^( *)#([a-z_]+: .*)$`)
	assert.Len(t, setting.FindAllString(got.stdout, -1), 2+4*strings.Count(got.stdout, "- name:")+3)
	text := setting.ReplaceAllString(got.stdout, "$1$2")
	text = strings.Replace(text, "policy: trading", "policy: grid", 1)
	o := app{env: func(string) string { return "socks5://127.0.0.1:1080" }}.options()
	in, err := sources.Read(writeFile(t, filepath.Join(t.TempDir(), "keys.yaml"), 0o600, text), o)
	require.NoError(t, err)
	defer in.Close()
	require.GreaterOrEqual(t, len(in.Keys), 2)
	for _, k := range in.Keys {
		assert.Equal(t, "trading desk", k.Record.Owner)
		assert.NotEmpty(t, k.Record.Purpose)
		assert.True(t, k.Record.Review.After(time.Now().AddDate(0, 2, 0)))
		assert.NotEmpty(t, k.Policy.ExpectedIPs)
	}
	first := in.Keys[0]
	assert.Equal(t, "grid", first.Policy.Name)
	assert.Equal(t, 60*24*time.Hour, first.Policy.MaxAge)
	assert.Equal(t, "tokyo", first.Egress)
	require.Len(t, first.Policy.Attestations, 1)
	require.Len(t, first.Policy.Waivers, 1)
	assert.True(t, first.Policy.Attestations[0].At.Before(time.Now()), "it is valid from today")
	assert.True(t, first.Policy.Waivers[0].Until.After(time.Now()))

	// What the comments name exists.
	_, words, _ := strings.Cut(inventoryHead, "what the key is for:")
	words, _, _ = strings.Cut(words, ". Any")
	words = regexp.MustCompile(`\([^)]*\)|\bor\b`).ReplaceAllString(words, "")
	assert.ElementsMatch(t, presetNames(), regexp.MustCompile(`[a-z-]+`).FindAllString(words, -1))
	kinds := map[string]bool{"env": true, "file": true, "credential": true, "exec": true}
	for kind := range sources.Schemes(nil) {
		kinds[kind] = true
	}
	for _, kind := range regexp.MustCompile(`(?m)^#   ([a-z]+):`).FindAllStringSubmatch(inventoryHead, -1) {
		assert.True(t, kinds[kind[1]], kind[1])
		delete(kinds, kind[1])
		kinds["file"] = true // it is shown twice
	}
	assert.Equal(t, map[string]bool{"file": true}, kinds)
}

// TestInitKeepsFiles: no existing file is replaced, and no temporary file is left
// behind.
func TestInitKeepsFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := writeFile(t, filepath.Join(folder, "keys.yaml"), 0o640, "mine")
	link := filepath.Join(folder, "link")
	require.NoError(t, os.Symlink(filepath.Join(folder, "nowhere"), link))
	for path, want := range map[string]string{
		file: "exists: name a new file", link: "exists: name a new file", folder: "exists: name a new file", filepath.Join(folder, "no", "keys.yaml"): "cannot create a file in",
	} {
		got := runWith(t.Context(), nil, "init", "--from", "octobot=samples/octobot/user/config.json", "--output", path)
		assert.Equal(t, audit.ExitUsage, got.code, path)
		assert.Regexp(t, `^keyaudit: --output: [^\n]+\n$`, got.stderr)
		assert.Contains(t, got.stderr, want)
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(text))
	runWith(t.Context(), nil, "init", "--from", "octobot=/nowhere", "--output", filepath.Join(folder, "new"))
	assert.Equal(t, []string{"keys.yaml", "link"}, entriesOf(t, folder))
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	broken := writeFile(t, filepath.Join(t.TempDir(), "api-keys.json"), 0o600, `{"a": {"exchange": "bybit", "key": "`+canary+`"`)
	for want, args := range map[string][]string{
		"--from: write BOT=PATH, where BOT is one of ":                {"--from", canary},
		"--from: unknown bot \"octobott\": did you mean \"octobot\"?": {"--from", "octobott=x"},
		"does not exist":                                            {"--from", "octobot=/nowhere"},
		"the JSON ends too early":                                   {"--from", "passivbot=" + broken},
		"the format lean reads a file: give the path":               {"--from", "lean="},
		"init: unexpected argument (not shown: it may be a secret)": {"--from", "env=", canary},
		`unknown flag "--keys"`:                                     {"--keys", "x"},
		`unknown key "doge": use one of`:                            {"--from", "octobot=samples/octobot/user/config.json#doge"},
	} {
		got := runWith(t.Context(), nil, append([]string{"init"}, args...)...)
		assert.Equal(t, audit.ExitUsage, got.code, want)
		assert.Contains(t, got.stderr, want)
		assert.Empty(t, got.stdout)
		assert.NotContains(t, got.stderr, canary)
	}
}

// TestInitHostileNames: no name or path is taken for anything else.
func TestInitHostileNames(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "we\"ird: #dir - {name: x}\\")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	names := []string{
		`evil", exchange: okx, x: "`, "a: b", "{{.}}", "*alias", "&anchor", "!!binary", "'", "---", "...", "@everyone", "null", "~", "1e3", "büro-東京", "%s", "`", "|", ">", "-", "\\", "\\x41",
	}
	var entries []string
	for i, name := range append([]string{"with#hash"}, names...) {
		entries = append(entries, fmt.Sprintf(`%s: {"exchange": "bybit", "key": "id%016d", "secret": "%s%02d"}`, jsonText(t, name), i, canary, i))
	}
	bot := writeFile(t, filepath.Join(folder, "api-keys.json"), 0o600, "{"+strings.Join(entries, ",\n")+"}")
	got := runWith(t.Context(), nil, "init", "--from", "passivbot="+bot)
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	assert.NotContains(t, got.stdout, canary)
	assert.Contains(t, got.stdout, "\n# Not listed:\n#   passivbot/with#hash: an inventory cannot refer to a name with a #")
	in, err := sources.Read(writeFile(t, filepath.Join(t.TempDir(), "keys.yaml"), 0o600, got.stdout), app{}.options())
	require.NoError(t, err)
	var read []string
	for _, k := range in.Keys {
		read = append(read, strings.TrimPrefix(k.Name, "passivbot/"))
		assert.Equal(t, "bybit", k.Exchange.Name)
		c, err := k.Load(t.Context())
		require.NoError(t, err)
		assert.Contains(t, c.Secret.Reveal(), canary)
	}
	for i := range names {
		names[i] = strings.ReplaceAll(names[i], " ", "-") // as the inventory package does
	}
	assert.ElementsMatch(t, names, read)
}

func jsonText(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String() + `"`
}

// TestInitSeveral: bots can use the same names for their keys, and one key of a
// file can be chosen.
func TestInitSeveral(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var args []string
	for _, name := range []string{"a", "b", "c"} {
		file := writeFile(t, filepath.Join(folder, name+".json"), 0o600, `{"main": {"exchange": "bybit", "key": "the-id-of-`+name+`", "secret": "s"}, "main-2": {"exchange": "okx", "key": "k", "secret": "s", "passphrase": "p"}}`)
		if name == "c" {
			file += "#main"
		}
		args = append(args, "--from", "passivbot="+file)
	}
	got := runWith(t.Context(), nil, append([]string{"init"}, args...)...)
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	in, err := sources.Read(writeFile(t, filepath.Join(folder, "keys.yaml"), 0o600, got.stdout), app{}.options())
	require.NoError(t, err)
	ids := map[string]string{}
	for _, k := range in.Keys {
		c, err := k.Load(t.Context())
		require.NoError(t, err)
		ids[k.Name] = c.Key
	}
	assert.Equal(t, map[string]string{
		"passivbot/main": "the-id-of-a", "passivbot/main-2": "k", "passivbot/main-3": "the-id-of-b", "passivbot/main-2-2": "k", "passivbot/main-4": "the-id-of-c",
	}, ids)
}

// hostile are names that could be taken for markup, mentions, links or commands.
var hostile = []string{
	"@everyone", "<!channel>", "<@U024BE7LH>", "@channel: pay\nSevere: none", "[all clear](https://evil.example)", "<a href=\"https://evil.example\">x</a>",
	"`code`**bold**~~gone~~", "\x1b[2J\x1b]8;;https://evil.example\x07", "https://evil.example/x", "evil.example", "a\u202egnp.exe", "\r\nSubject: all clear", ":skull: !here &lt; {{.}} %s",
	strings.Repeat("long ", 1000), "\xff\xfe", "＠everyone", "line\u2028break", "a\u0085b", "",
}

// FuzzQuoted: YAML reads every text unchanged, and a comment has one line.
func FuzzQuoted(f *testing.F) {
	for _, name := range append(hostile, "\u0085\u00a0\ufeff", "\U0010ffff", "\x7f\x00") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var read yaml.Node
		assert.NotRegexp(t, "[\n\r\u0085\u2028\u2029]", comment(text))
		if !utf8.ValidString(text) {
			return // a bot's names are text
		}
		require.NoError(t, yaml.Unmarshal([]byte(quoted(text)+"  # "+comment(text)), &read))
		assert.Equal(t, text, read.Content[0].Value)
	})
}
