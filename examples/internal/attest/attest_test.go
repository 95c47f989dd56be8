package attest_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/attest"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

var seen = audit.Attestation{
	Rule: "withdrawal", Statement: `off: "no" <right> # to, {withdraw}`, By: "maria", At: day("2026-11-30"), Until: day("2027-02-28"),
}

const (
	inJSON = `{"rule": "withdrawal", "statement": "off: \"no\" <right> # to, {withdraw}", "by": "maria", "at": "2026-11-30", "until": "2027-02-28"}`
	inYAML = `{rule: withdrawal, statement: "off: \"no\" <right> # to, {withdraw}", by: "maria", at: 2026-11-30, until: 2027-02-28}`
)

// TestAdd: where an attestation is written, in each way to write an entry.
func TestAdd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, text, want string }{
		"one line": {"k.json", `{"keys":[{"name":"a","key":"1"},{"name":"b"}]}`, `{"keys":[{"name":"a","key":"1", "attestations": [ITEM]},{"name":"b"}]}`},
		"lines":    {"k.json", "{\"keys\": [{\n  \"name\": \"a\", // the first\n  \"key\": \"1\"\n}]}", "{\"keys\": [{\n  \"name\": \"a\", // the first\n  \"key\": \"1\",\n  \"attestations\": [ITEM]\n}]}"},
		"a comment at the end": {
			"k.jsonc", "{\"keys\": [{\r\n\t\"name\": \"a\",\r\n\t\"key\": \"1\" // one\r\n\t// two\r\n}]}",
			"{\"keys\": [{\r\n\t\"name\": \"a\",\r\n\t\"key\": \"1\", // one\r\n\t\"attestations\": [ITEM]\r\n\t// two\r\n}]}",
		},
		"a comma and a comment":       {"k.json", "{\"keys\": [{\n  \"name\": \"a\", /* x */ // y\n},]}", "{\"keys\": [{\n  \"name\": \"a\",\n  \"attestations\": [ITEM], /* x */ // y\n},]}"},
		"a final comma and a comment": {"k.json", "{\"keys\": [{\n  \"name\": \"a\", // y\n},]}", "{\"keys\": [{\n  \"name\": \"a\", // y\n  \"attestations\": [ITEM]\n},]}"},
		"an empty list":               {"k.json", `{"keys":[{"attestations": [ ], "name":"a"}]}`, `{"keys":[{"attestations": [ITEM ], "name":"a"}]}`},
		"a list": {
			"k.json", "{\"keys\":[{\"attestations\": [\n    {\"rule\": 1}\n  ], \"name\":\"a\"}]}", "{\"keys\":[{\"attestations\": [\n    {\"rule\": 1},\n    ITEM\n  ], \"name\":\"a\"}]}",
		},
		"a mark": {"k.json", "\ufeff" + `{"keys":[{"name":" a "}]}`, "\ufeff" + `{"keys":[{"name":" a ", "attestations": [ITEM]}]}`},

		"block": {
			"k.yaml", "# all\nkeys:\n  - name: a # first\n    key: \"1\"\n    #owner: me\n\n  - name: b\n",
			"# all\nkeys:\n  - name: a # first\n    key: \"1\"\n    attestations:\n      - ITEM\n    #owner: me\n\n  - name: b\n",
		},
		"the last, without a line's end": {"k.yml", "keys:\n- name: a\n  key: x", "keys:\n- name: a\n  key: x\n  attestations:\n    - ITEM"},
		"a folded text": {
			"k.yaml", "keys:\r\n- name: a\r\n  purpose: >\r\n    long\r\n    # no comment\r\n- name: b\r\n",
			"keys:\r\n- name: a\r\n  purpose: >\r\n    long\r\n    # no comment\r\n  attestations:\r\n    - ITEM\r\n- name: b\r\n",
		},
		"a block list": {
			"k.yaml", "keys:\n  - attestations:\n      # why\n      - rule: key-age\n        by: x\n    name: a\n", "keys:\n  - attestations:\n      # why\n      - rule: key-age\n        by: x\n      - ITEM\n    name: a\n",
		},
		"a list without indentation": {"k.yaml", "keys:\n- name: a\n  attestations:\n  - {rule: x}\n  key: k\n", "keys:\n- name: a\n  attestations:\n  - {rule: x}\n  - ITEM\n  key: k\n"},
		"a flow list":                {"k.yaml", "keys:\n  - name: a\n    attestations: [{rule: x}]\n", "keys:\n  - name: a\n    attestations: [ITEM, {rule: x}]\n"},
		"an empty flow list":         {"k.yaml", "keys:\n  - name: a\n    attestations: []\n", "keys:\n  - name: a\n    attestations: [ITEM]\n"},
		"flow":                       {"k.yaml", "keys: [{name: é, key: x}, {name: a, key: y}]\n", "keys: [{name: é, key: x}, {name: a, attestations: [ITEM], key: y}]\n"},
		"JSON in YAML":               {"k.yaml", `{"keys":[{"name":"a","key":"1"}]}`, `{"keys":[{"name":"a",attestations: [ITEM], "key":"1"}]}`},
	} {
		item := inJSON
		if strings.HasPrefix(filepath.Ext(c.path), ".y") {
			item = inYAML
		}
		out, err := attest.Add([]byte(c.text), c.path, "a", seen)
		require.NoError(t, err, name)
		assert.Equal(t, strings.ReplaceAll(c.want, "ITEM", item), string(out), name)
	}
}

// TestAddRefuses what it cannot do safely, and says what to do by hand.
func TestAddRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, text, want string }{
		"no entry":   {"k.json", `{"keys":[{"name":"b"}]}`, "no entry of that name"},
		"no keys":    {"k.yaml", "policies: {}\n", "no entry of that name"},
		"malformed":  {"k.json", `{"keys":[`, "by hand: " + inJSON},
		"null":       {"k.yaml", "keys:\n- name: a\n  attestations:\n", "by hand: " + inYAML},
		"one field":  {"k.yaml", "keys: [{name: a}]\n", "by hand: "},
		"duplicates": {"k.yaml", "keys:\n- name: a\n  name: a\n", "by hand: "},
	} {
		out, err := attest.Add([]byte(c.text), c.path, "a", seen)
		assert.Nil(t, out, name)
		require.ErrorContains(t, err, c.want, name)
	}
}

// entries are ways to write an entry; NAME and RULE become those of one.
var entries = map[string][]string{
	"k.json": {
		`{"name": "NAME", "exchange": "bybit", "key": "k", "secret": "env:S"}`,
		"{\n      \"name\": \"NAME\", \"exchange\": \"bybit\",\n      // key\n      \"key\": \"k\",\n      \"secret\": \"env:S\", // kept // there\n    }",
		"{\n\t\"attestations\": [\n\t\t{\"rule\": \"RULE\", \"statement\": \"] // }\", \"by\": \"x\", \"at\": \"2026-01-01\", \"until\": \"2026-12-01\"}, // a\n\t],\n\t\"name\": \"NAME\", \"exchange\": \"okx\", \"key\": \"k\", \"secret\": \"env:S\", \"passphrase\": \"env:P\"\n    }",
		`{"attestations": [], "name": "NAME", "exchange": "bybit", "key": "k", "secret": {"exec": ["op", "x"], "pointer": "/a"} /* end */ }`,
	},
	"k.yaml": {
		"  - name: NAME\n    exchange: bybit\n    key: k\n    secret: env:S # kept\n    #owner: x\n\n",
		"  - {name: NAME, exchange: bybit, key: k,\n     secret: 'env:S'} # one\n",
		"  -\n    exchange: okx\n    attestations:\n    # first\n    - rule: RULE\n      statement: >\n        it's [off\n        # text\n      by: x\n      at: 2026-01-01\n      until: \"2026-12-01\"\n    name: \"NAME\"\n    key: k\n    secret: env:S\n    passphrase: env:P\n",
		"  # before\n  - secret: env:S\n    exchange: bybit\n    key: >-\n      k\n\n    name: NAME\n    purpose: it\n      goes\n      on\n  # after\n",
		"  - name: NAME\n    exchange: bybit\n    attestations: [ ] # none\n    key: k\n    secret: env:S\n    labels: {a: 'b',\n      c: d}\n",
	},
}

// TestAddChangesNothingElse: with any mix of ways to write entries, each key is attested
// in turn; what an inventory's reader finds differs in that only, and so does the text.
func TestAddChangesNothingElse(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for path, ways := range entries {
		for round := range 40 {
			n := 1 + random.IntN(5)
			parts := make([]string, n)
			for i := range parts {
				parts[i] = strings.NewReplacer("NAME", fmt.Sprintf("key é %d", i), "RULE", "key-age").Replace(ways[random.IntN(len(ways))])
			}
			text := "{\n  // keys\n  \"keys\": [\n    " + strings.Join(parts, ",\n    ") + "\n  ]\n}\n"
			if path == "k.yaml" {
				text = "# keys\nkeys:\n" + strings.Join(parts, "")
			}
			if round%3 == 1 {
				text = strings.TrimRight(text, "\n")
			}
			if round%2 == 1 {
				text = strings.ReplaceAll(text, "\n", "\r\n")
			}
			for _, i := range random.Perm(n) {
				text = addTo(t, path, text, i)
			}
		}
	}
}

// addTo attests a rule of one key, and checks what has changed.
func addTo(t *testing.T, path, text string, i int) string {
	t.Helper()
	before := keysOf(t, path, text)
	out, err := attest.Add([]byte(text), path, before[i].Name, seen)
	require.NoError(t, err, text)
	after := keysOf(t, path, string(out))
	require.Len(t, after, len(before))
	for j := range after {
		was, is := before[j].Policy.Attestations, after[j].Policy.Attestations
		if j == i {
			require.Len(t, is, len(was)+1, string(out))
			require.Contains(t, is, seen)
			require.Subset(t, is, was)
		} else {
			require.Equal(t, was, is)
		}
		for _, k := range []*audit.Key{&before[j], &after[j]} {
			k.Policy.Attestations, k.Record.Source, k.Load = nil, audit.Source{}, nil
		}
	}
	require.Equal(t, before, after)
	requireInserted(t, []byte(text), out)
	return string(out)
}

// requireInserted: the old text is what is left of the new one without what was
// inserted, in two places at most.
func requireInserted(t *testing.T, before, after []byte) {
	t.Helper()
	start, end := 0, 0
	for start < len(before) && before[start] == after[start] {
		start++
	}
	for end < len(before)-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	between := before[start : len(before)-end]
	require.True(t, bytes.Contains(after[start:len(after)-end], between), "%q", between)
	require.Less(t, len(after)-len(before), 250)
}

func keysOf(t *testing.T, path, text string) []audit.Key {
	t.Helper()
	read, err := sources.Parse([]byte(text), path, inventory.Options{Exchanges: exchanges.All(), Offline: true})
	require.NoError(t, err, text)
	return read.Keys
}
