package sources

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// readText reads an inventory whose path ends as given.
func readText(t *testing.T, name, text string, o inventory.Options) (*inventory.Inventory, error) {
	t.Helper()
	path := write(t, filepath.Join(t.TempDir(), name), 0o600, text)
	if filepath.Ext(name) == ".json" {
		return inventory.Read(path, o)
	}
	return readYAML(path, o)
}

// withoutPlace is everything about the keys but their file and line.
func withoutPlace(t *testing.T, in *inventory.Inventory) []any {
	t.Helper()
	var out []any
	for _, k := range in.Keys {
		c, err := k.Load(t.Context())
		require.NoError(t, err)
		k.Record.Source.File, k.Record.Source.Line, k.Record.Source.Column = "", 0, 0
		out = append(out, []any{
			k.Name, k.Exchange.Name, k.Environment, k.BaseURL, k.Policy, k.Record, k.Nonce, k.Egress, k.Transport == nil,
			c.Key, c.Secret.Reveal(), c.Passphrase.Reveal(), c.OTP.Reveal(),
		})
	}
	return out
}

var secrets = map[string]string{"A": "the-key", "B": canary, "C": canary + "3"}

const fullYAML = `# the desk's keys
version: 1
policies:
  grid:
    preset: spot-trading
    max_age_days: 60
    autonomous: True
    expected_ips:
    - 203.0.113.7
    - "2001:db8::/64"
    attestations:
    - {rule: ip-allowlist, statement: looked at it, by: ann, at: 2026-11-01, until: 2027-01-01T12:00:00Z}
keys:
- name: grid-1
  exchange: bybit
  environment: testnet
  key: env:A
  secret: 'env:B'
  policy: grid
  owner: desk-3
  purpose: >-
    the grid
    in Europe
  review: 2026-12-24
  labels: {fund: a, "tier": "1"}
  nonce_floor: 12
- {name: "maker \u00e9", exchange: okx, key: "env:A", secret: env:B, passphrase: env:C}
`

const fullJSON = `{
	"version": 1,
	"policies": {"grid": {"preset": "spot-trading", "max_age_days": 60, "autonomous": true, "expected_ips": ["203.0.113.7", "2001:db8::/64"],
		"attestations": [{"rule": "ip-allowlist", "statement": "looked at it", "by": "ann", "at": "2026-11-01", "until": "2027-01-01T12:00:00Z"}]}},
	"keys": [
		{"name": "grid-1", "exchange": "bybit", "environment": "testnet", "key": "env:A", "secret": "env:B", "policy": "grid", "owner": "desk-3",
			"purpose": "the grid in Europe", "review": "2026-12-24", "labels": {"fund": "a", "tier": "1"}, "nonce_floor": 12},
		{"name": "maker é", "exchange": "okx", "key": "env:A", "secret": "env:B", "passphrase": "env:C"}
	]
}`

func TestYAMLIsJSON(t *testing.T) {
	t.Parallel()
	fromJSON, err := readText(t, "keys.json", fullJSON, options(secrets))
	require.NoError(t, err)
	want := withoutPlace(t, fromJSON)
	require.Len(t, want, 2)
	for _, text := range []string{fullYAML, fullJSON, "--- \n" + fullYAML + "...\n"} {
		fromYAML, err := readText(t, "keys.yaml", text, options(secrets))
		require.NoError(t, err)
		assert.Equal(t, want, withoutPlace(t, fromYAML))
	}
	in, err := readText(t, "keys.yaml", fullYAML, options(secrets))
	require.NoError(t, err)
	assert.Equal(t, 14, in.Keys[0].Record.Source.Line)
	assert.Equal(t, audit.FormatInventory, in.Keys[0].Record.Source.Format)
}

// TestYAMLSaysTheSame: a mistake in YAML is reported in the words of JSON and,
// where both are written the same way, at the same place.
func TestYAMLSaysTheSame(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"keys": []}`, `{}`, `[]`, `3`, `null`, `""`, `{"keys": null}`, `{"keys": [null]}`, `{"keys": [3, "x", {}]}`,
		`{"keys": [{"name": "a", "exchange": "bybit", "key": "env:A", "secret": "env:B", "name": "b", "nam": "c"}]}`,
		`{"keys": [{"name": "a", "exchange": "binanse", "key": "env:NONE", "secret": "` + canary + `", "policy": "spot"}]}`,
		`{"keys": [{"name": 7, "exchange": true, "key": 1.5, "secret": null, "labels": [], "review": "soon", "nonce_floor": -1}]}`,
		`{"keys": [{"name": "a", "exchange": "okx", "key": "env:A", "secret": "env:B", "policy": {"needs": ["fly"], "expected_ips": ["x", "10.0.0.0/8"]}}]}`,
		"{\n \"keys\": [\n  {\"name\": \"é\", \"exchange\": \"bybit\",\n \"key\": \"env:A\", \"secret\": \"env:B\", \"x\": 1},\n {\"name\": \"é\"}]}",
	} {
		_, want := readText(t, "keys.json", text, options(secrets))
		require.Error(t, want, text)
		_, got := readText(t, "keys.yaml", text, options(secrets))
		require.Error(t, got, text)
		assert.Equal(t, places(want), places(got), text)
		assert.NotContains(t, got.Error(), canary)
	}
}

// places are problems without the folder of their file.
func places(err error) []string {
	var out []string
	for line := range strings.Lines(err.Error()) {
		_, rest, _ := strings.Cut(line, "keys.")
		out = append(out, strings.TrimPrefix(strings.TrimPrefix(rest, "json"), "yaml"))
	}
	return out
}

// TestYAMLRefusals: what JSON cannot express is refused, with its place and
// without showing it.
func TestYAMLRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"", "keys.yaml: the file is empty"},
		{"# " + canary + "\n", "keys.yaml: the file is empty"},
		{"keys: &k [" + canary + "]\nmore: *k\n", "keys.yaml:2:7: aliases are not supported: write the value out, or give a policy a name under \"policies\""},
		{"keys:\n- <<: {name: a}\n", "keys.yaml:2:3: merge keys are not supported: write the fields out"},
		{"keys: !!str " + canary, "keys.yaml:1:7: tags are not supported: remove the word that begins with !, and put text in quotes"},
		{"keys: !exec [" + canary + "]", "keys.yaml:1:7: tags are not supported"},
		{"keys: !!binary aGVsbG8=", "keys.yaml:1:7: tags are not supported"},
		{"!!set {" + canary + "}", "keys.yaml:1:1: tags are not supported"},
		{"? [" + canary + "]\n: 1\n", "keys.yaml:1:3: the name of a field must be plain text"},
		{"? !!str " + canary + "\n: 1\n", "keys.yaml:1:3: the name of a field must be plain text"},
		{"a: &a x\n*a : 1\n", "keys.yaml:2:1: the name of a field must be plain text"},
		{"keys: []\n---\n" + canary + "\n", "keys.yaml:2:1: a second document begins here"},
		{"keys: []\n--- [" + canary, "keys.yaml:1:1: the YAML is malformed near here"},
		{"keys: 0x1f", "keys.yaml:1:7: the number is ambiguous: write it in decimal"},
		{"keys: 010", "keys.yaml:1:7: the number is ambiguous"},
		{"keys: 1_000", "keys.yaml:1:7: the number is ambiguous"},
		{"keys: .inf", "keys.yaml:1:7: the number is ambiguous"},
		{"keys: <<", "keys.yaml:1:7: the value is not text, a number"},
		{"keys: [", "keys.yaml:1:1: the YAML is malformed near here"},
		{"keys: '" + canary, "keys.yaml: the YAML is malformed"},
		{"a: b\n  " + canary + ": c\n", "keys.yaml:2:1: the YAML is malformed"},
		{"keys:\n\t- " + canary, "keys.yaml:2:1: the YAML is malformed"},
		{"keys: *" + canary, "keys.yaml: the YAML is malformed"},
		{"keys: \x01" + canary, "keys.yaml: the YAML is malformed"},
		{"keys: \xff" + canary, "keys.yaml: the YAML is malformed"},
		{"a: 0x1\nb: *x\n", "keys.yaml: the YAML is malformed"},
		{strings.Repeat("[", 20_000), "keys.yaml"},
		{strings.Repeat("- ", 20_000), "keys.yaml"},
	} {
		_, err := readText(t, "keys.yaml", tc.text, options(secrets))
		problems := inventory.Problems(nil)
		require.ErrorAs(t, err, &problems, tc.text)
		require.Contains(t, err.Error(), tc.want, tc.text)
		assert.NotContains(t, err.Error(), canary, tc.text)
	}

	// All of them at once.
	_, err := readText(t, "keys.yaml", "a: !!str x\nb: 010\nc: {<<: 1}\n", options(secrets))
	assert.Len(t, places(err), 3)

	folder := t.TempDir()
	for path, want := range map[string]string{folder: "is not a file", filepath.Join(folder, "none"): "does not exist"} {
		_, err := readYAML(path, options(secrets))
		require.ErrorContains(t, err, want)
	}
}

// TestYAMLReadsWhatJSONReads: random inventories mean the same in both, whatever
// the style of the YAML.
func TestYAMLReadsWhatJSONReads(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		document := randomInventory(r)
		yaml := writeYAML(r, document, 0, false)
		fromJSON, err := readText(t, "keys.json", string(toJSON(t, document)), options(secrets))
		require.NoError(t, err)
		fromYAML, err := readText(t, "keys.yaml", yaml, options(secrets))
		require.NoError(t, err, yaml)
		require.Equal(t, withoutPlace(t, fromJSON), withoutPlace(t, fromYAML), yaml)
	}
}

func randomInventory(r *rand.Rand) any {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var keys []any
	for i := range 1 + r.IntN(4) {
		key := map[string]any{
			"name": fmt.Sprint(pick("yes", "no #1", "null: ", "[a", "- é", "'", `"`, `\`, "007 ", "0x1f ", "1e3 ", "~", "x"), " ", i),
			"key":  "env:A", "secret": "env:B", "exchange": pick("bybit", "kraken", "binance"),
		}
		if r.IntN(2) == 0 {
			key["policy"] = map[string]any{
				"preset": pick("spot-trading", "read-only"), "max_age_days": float64(1 + r.IntN(99)), "autonomous": r.IntN(2) == 0,
				"expected_ips": []any{"203.0.113.7", "2001:db8::1"},
			}
		}
		if r.IntN(2) == 0 {
			key["labels"] = map[string]any{pick("fund", "on", "1", "true", "null", "a b"): pick("off", "12", "2026-11-22", "~ ", ": ", "# x", "&a", "*b", "!c", "|", ">", "%d", "@e")}
		}
		if r.IntN(2) == 0 {
			key["review"] = "2026-12-24"
		}
		keys = append(keys, key)
	}
	return map[string]any{"keys": keys, "version": 1.0}
}

// writeYAML writes a value in a random style of YAML.
func writeYAML(r *rand.Rand, value any, depth int, flow bool) string {
	indent := "\n" + strings.Repeat(" ", depth)
	flow = flow || r.IntN(4) == 0
	switch value := value.(type) {
	case string:
		switch {
		case r.IntN(3) == 0 && !strings.Contains(value, `\`):
			return "'" + strings.ReplaceAll(value, "'", "''") + "'"
		case r.IntN(3) == 0 && plainWord(value):
			return value
		default:
			quoted, _ := json.Marshal(value)
			return string(quoted)
		}
	case []any:
		var items []string
		for _, item := range value {
			items = append(items, writeYAML(r, item, depth+2, flow))
		}
		if flow {
			return "[" + strings.Join(items, ", ") + "]"
		}
		return indent + "- " + strings.Join(items, indent+"- ")
	case map[string]any:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(value)) {
			members = append(members, writeYAML(r, name, 0, true)+": "+writeYAML(r, value[name], depth+2, flow))
		}
		if flow {
			return "{" + strings.Join(members, ", ") + "}"
		}
		return indent + strings.Join(members, indent)
	default:
		text, _ := json.Marshal(value)
		return string(text)
	}
}

// plainWord reports whether the text means the same without quotes.
func plainWord(text string) bool {
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyz-") == "" && !slices.Contains([]string{"null", "true", "on", "off", "yes", "no", "-"}, text)
}

// FuzzYAML: reading any file ends in an inventory or in problems, each of which
// has a place in the file and none of which shows a secret.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		fullYAML, fullJSON, "", "---\n---\n", "a: &a [*a]", "? a\n: b", "keys: !!binary " + canary, "<<: *a", "a: |\n  b\n c", "%YAML 1.1\n---\n", "\ufeffa: b", "a: 'b\n\n c'", "- - - -",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, problems := parseYAML([]byte(text))
		assert.True(t, root != nil || len(problems) > 0)
		for _, p := range problems {
			assert.LessOrEqual(t, p.Line, strings.Count(text, "\n")+strings.Count(text, "\r")+2)
			assert.NotEmpty(t, p.Text)
		}
		if len(problems) > 0 {
			return
		}
		_, err := inventory.Decode(root, "keys.yaml", options(secrets))
		if typed := inventory.Problems(nil); err != nil {
			assert.ErrorAs(t, err, &typed)
			assert.NotContains(t, err.Error(), canary)
		}
	})
}
