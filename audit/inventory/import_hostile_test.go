package inventory

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reading returns options under which the format's one file has the given text.
func reading(format Format, text []byte) Options {
	o := withVariables()
	format.Environ = false
	inner := format.Read
	format.Read = func(f *Files) ([]Found, error) { return inner(f.With(f.Path, text)) }
	o.Formats = []Format{format}
	return o
}

// printed is everything that could be printed when the text is read.
func printed(tb testing.TB, format Format, text []byte) string {
	tb.Helper()
	in, err := From(format.Name, "connect_bybit.json", reading(format, text))
	var b strings.Builder
	fmt.Fprintf(&b, "%v %+v %#v", err, in, err)
	if in == nil {
		return b.String()
	}
	for i, k := range in.Keys {
		if i == 20 { // the file is read again for each
			break
		}
		c, err := k.Load(tb.Context())
		fmt.Fprintf(&b, "%v %+v %v %+v %q", k.Name, k.Record, err, c, k.Policy.Name)
		if err == nil && (c.Key == "" && !hasWallets(k.Exchange) || c.Secret.IsZero()) {
			require.Fail(tb, "a key is returned with a part missing")
		}
	}
	return b.String()
}

// TestHostileFiles: no mistake anywhere in a file makes the reader hang, panic or
// show what the file contains.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			names := map[string]string{}
			var text []byte
			for _, path := range []string{"config.json", "api-keys.json", "user/config.json", "api-keys.csv", "Launcher/config.json", ".env.local", ".env", "keys.json", ".vntrader/connect_okx.json", ".mcp.json", "config.toml"} {
				raw, err := os.ReadFile(filepath.Join("testdata", "bots", format.Name, filepath.FromSlash(path)))
				if err == nil {
					text = fill(t, path, raw, names)
				}
			}
			require.NotEmpty(t, text)
			var cases [][]byte
			for at := 0; at < len(text); at += 1 + len(text)/150 {
				damaged := bytes.Clone(text)
				damaged[at] = "\x00\"{}[],:=\n'\\"[at%12]
				cases = append(cases, text[:at], damaged, bytes.Replace(text, text[at:min(at+40, len(text))], nil, 1))
			}
			for _, junk := range []string{
				"", " ", "null", "0", `"`, "{", "[]", `{"a": 1}`, "\xff\xfe{\x00}\x00", "\x00\x01\x02", strings.Repeat("[", 20000), strings.Repeat(`{"exchanges":`, 20000),
				`{"` + canary + `": {"key": "` + canary + `", "secret": {"` + canary + `": 1}, "exchange": "` + canary + `"}}`,
				`{"exchange": {"name": "` + canary + `", "key": ["` + canary + `"], "secret": 1}, "exchanges": ["` + canary + `"], "` + canary + `": "` + canary + `"}`,
				canary + "_API_KEY=" + canary + "\n" + canary + "_API_SECRET=" + canary + "\n" + canary,
				"Name,Exchange,API Key,API Secret\n" + canary + "," + canary + "," + canary + "," + canary + "\n" + canary,
			} {
				cases = append(cases, []byte(junk))
			}
			names[canary] = "canary"
			for _, c := range cases {
				seen := printed(t, format, c)
				for value, name := range names {
					if strings.Contains(seen, value) {
						require.Fail(t, "a secret is shown", "%s in %q", name, seen)
					}
				}
			}
		})
	}
}

// TestManyKeys: files with a hundred thousand settings are read in one pass. One
// pass per key would take hours.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	const many = 60000
	var env, lines, list strings.Builder
	for i := range many {
		fmt.Fprintf(&env, "V%d_API_KEY=k\nV%d_API_SECRET=s\n", i, i)
		fmt.Fprintf(&lines, `"v%d-api-key": "k", "v%d-api-secret": "s",`, i, i)
		list.WriteString(`{"id": "bybit", "apiKey": "k", "secret": "s"},`)
	}
	for format, text := range map[string]string{"env": env.String(), "lean": "{" + lines.String() + "}", "ccxt": "[" + list.String() + "]"} {
		f, _ := Lookup(format, Options{})
		in, err := From(format, "x", reading(f, []byte(text)))
		require.NoError(t, err, format)
		assert.Equal(t, many, len(in.Keys)+len(in.Skipped), format)
	}
}

func FuzzBotsFiles(f *testing.F) {
	for i, format := range Formats() {
		for _, seed := range []string{
			`{"exchange": {"name": "okx", "key": "$", "secret": "$"}, "dry_run": true, "add_config_files": ["x"]} // c`,
			`{"u": {"exchange": "bybit", "key": "$", "secret": "$", "private_key": "$"},}`,
			`{"exchanges": {"okx": {"api-key": "$", "api-secret": "gAAAAABl$", "sandboxed": true}}}`,
			`{"exchanges": [{"name": "Kraken", "api": {"credentials": {"key": "$", "secret": "$", "clientID": "$"}}}]}`,
			`{"mcpServers": {"s": {"command": "x", "args": ["--a-key=$", "-e", "BYBIT_API_KEY=$"], "env": {"BYBIT_API_SECRET": "$"}}}, "env": {"A": "$"}}`,
			`{"accounts": {"a": {"exchange": "okx", "apiKey": "$", "secret": "$", "hostname": "$", "urls": {"api": "https://$@$"}, "trading": "live"}}}`,
			`{"skills": {"entries": {"okx": {"apiKey": "$", "env": {"OKX_API_KEY": "$"}}}}, "profiles": {"a": {"api_key": "$", "base_url": "$"}}}`,
			`{"bybit-api-key": "$", "bybit-api-url": "$", "bybit-api-secret": "$", "environment": "a", "environments": {"a": {"live-mode": true}}}`,
			"export BYBIT_API_KEY='$'\nBYBIT_API_SECRET=\"$\\n\" # c\nA_PK=$",
			"Name,Exchange,API Key,API Secret\n\"$\",Bybit Spot,$,$\n",
			"{\"API Key\": \"$\", \"Secret Key\": \"$\", \"Server\": \"TESTNET\"}",
		} {
			f.Add(uint8(i), []byte(seed))
		}
		assert.NotEmpty(f, format.Name)
	}
	f.Fuzz(func(t *testing.T, n uint8, text []byte) {
		formats := Formats()
		text = bytes.ReplaceAll(text, []byte("$"), []byte(canary))
		if seen := printed(t, formats[int(n)%len(formats)], text); strings.Contains(seen, canary) {
			t.Fatalf("a secret is shown: %q", seen)
		}
	})
}
