package inventory

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// view is what of a key can be written down.
type view struct {
	Name, Exchange, Environment, BaseURL, Egress string
	Policy                                       audit.Policy
	Record                                       audit.Record
	Unit                                         time.Duration
	Floor                                        uint64
	Key, Secret, Passphrase, OTP                 string
	Storage                                      []access.Storage
}

// TestGolden reads an inventory with every field, loads each key, and compares
// all of it with a file.
func TestGolden(t *testing.T) {
	folder := t.TempDir()
	data, err := os.ReadFile("testdata/full.json")
	require.NoError(t, err)
	path := put(t, filepath.Join(folder, "keys.json"), 0o640, string(data))
	put(t, filepath.Join(folder, "grid.secret"), 0o600, "grid-secret\n")
	put(t, filepath.Join(folder, "secrets.json"), 0o644, "{ // ours\n\"a/b\": {\"m~n\": [\"id-0\", \"id-1\"]}, \"maker\": {\"secret\": \"maker-secret\", \"otp\": 123456,},\n}")
	put(t, filepath.Join(folder, "creds", "okx-passphrase"), 0o400, "okx-pass")
	put(t, filepath.Join(folder, "printer"), 0o700, "#!/bin/sh\nprintf '{\"id\": \"op-id\", \"secret\": \"%s\"}' \"$1\"\n")
	in, err := Read(path, Options{
		Exchanges: toys,
		Env: environ(map[string]string{
			"GRID_KEY": "grid-key", "TOKYO_PROXY": "socks5h://u:p@127.0.0.1:1", "CREDENTIALS_DIRECTORY": filepath.Join(folder, "creds"),
		}),
		Environ: append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH")),
		Stdin:   strings.NewReader(`{"spare": {"key": "stdin-key", "secret": "stdin-secret"}}`),
		Schemes: map[string]Scheme{"keyring": {
			Title: "the system's key store", Resolve: func(_ context.Context, rest string) (string, error) { return "from " + rest, nil },
		}},
	})
	require.NoError(t, err)
	defer in.Close()
	var views []view
	for i := range in.Keys {
		k := &in.Keys[i]
		c, err := k.Load(t.Context())
		require.NoError(t, err, k.Name)
		views = append(views, view{
			k.Name, k.Exchange.Name, k.Environment, k.BaseURL, k.Egress, k.Policy, k.Record, k.Nonce.Unit, k.Nonce.Floor,
			c.Key, c.Secret.Reveal(), c.Passphrase.Reveal(), c.OTP.Reveal(), c.Storage,
		})
		assert.Equal(t, k.Egress != "", k.Transport != nil, k.Name)
	}
	got, err := json.MarshalIndent(views, "", "  ")
	require.NoError(t, err)
	text := strings.ReplaceAll(string(got), folder, "FOLDER") + "\n"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile("testdata/full.golden.json", []byte(text), 0o644))
	}
	want, err := os.ReadFile("testdata/full.golden.json")
	require.NoError(t, err)
	assert.Equal(t, string(want), text, "UPDATE_GOLDEN=1 rewrites it")
}

// TestShared: keys of one policy share its lists, and what one key adds affects
// no other.
func TestShared(t *testing.T) {
	t.Parallel()
	in, err := inFile(t, `{"policies": {
		"base": {"preset": "read-only", "expected_ips": ["192.0.2.1"], "waivers": [{"rule": "key-age", "reason": "r", "until": "2027-01-01"}]},
		"wide": {"like": "base", "needs": ["trade.spot"], "expected_ips": ["192.0.2.2"]},
		"other": {"like": "base", "needs": ["trade.futures"], "expected_ips": ["192.0.2.3"]}
	}, "keys": [
		{"name": "a", "exchange": "bybit", "key": "k", "secret": "env:S", "policy": "base", "owner": "desk"},
		{"name": "b", "exchange": "bybit", "key": "k", "secret": "env:S", "policy": "base", "expected_ips": ["192.0.2.4"], "owner": "desk"},
		{"name": "c", "exchange": "bybit", "key": "k", "secret": "env:S", "policy": "base", "expected_ips": ["192.0.2.5"]},
		{"name": "d", "exchange": "bybit", "key": "k", "secret": "env:S", "policy": "wide"},
		{"name": "e", "exchange": "bybit", "key": "k", "secret": "env:S", "policy": "other"},
		{"name": "f", "exchange": "bybit", "key": "k", "secret": "env:S", "policy": {"like": "wide", "allows": ["withdraw"]}}
	]}`, Options{Env: environ(map[string]string{"S": "s"})})
	require.NoError(t, err)
	ips := func(i int) string {
		var out []string
		for _, p := range in.Keys[i].Policy.ExpectedIPs {
			out = append(out, p.String())
		}
		return strings.ReplaceAll(strings.Join(out, " "), "192.0.2.", "")
	}
	for i, want := range []string{"1/32", "1/32 4/32", "1/32 5/32", "1/32 2/32", "1/32 3/32", "1/32 2/32"} {
		assert.Equal(t, want, ips(i), "key %d", i)
	}
	assert.Same(t, &in.Keys[0].Policy.Waivers[0], &in.Keys[3].Policy.Waivers[0])
	assert.Equal(t, []access.Capability{"read", "trade.spot"}, in.Keys[3].Policy.Needs)
	assert.Equal(t, []access.Capability{"read", "trade.futures"}, in.Keys[4].Policy.Needs)
	assert.Equal(t, []string{"base", "base", "base", "wide", "other", "wide, extended"}, []string{
		in.Keys[0].Policy.Name, in.Keys[1].Policy.Name, in.Keys[2].Policy.Name, in.Keys[3].Policy.Name, in.Keys[4].Policy.Name, in.Keys[5].Policy.Name,
	})
}

// TestPolicies reads presets unchanged, and a key without a policy.
func TestPolicies(t *testing.T) {
	t.Parallel()
	for name, preset := range audit.Presets() {
		assert.Equal(t, preset, one(t, goodKey("policy", `"`+name+`"`), Options{}).Policy)
		assert.Equal(t, preset, one(t, goodKey("policy", `{"preset": "`+name+`"}`), Options{}).Policy)
	}
	assert.Equal(t, audit.Policy{Name: "custom"}, one(t, goodKey("policy", `{}`), Options{}).Policy)
	assert.Equal(t, audit.ReadOnly(), one(t, goodKey(), Options{}).Policy)
	agent := one(t, goodKey("policy", `{"preset": "agent", "autonomous": false}`), Options{}).Policy
	assert.False(t, agent.Autonomous)
}

// TestDecode reads a tree that was built from another format, with holes in it.
func TestDecode(t *testing.T) {
	t.Parallel()
	text := func(s string) *Node { return &Node{Kind: Text, Text: s, Line: 4, Column: 2} }
	tree := func(items ...*Node) *Node {
		return &Node{Kind: Object, Line: 1, Column: 1, Members: []Member{{Name: "keys", Line: 1, Column: 1, Value: &Node{Kind: List, Line: 2, Column: 1, Items: items}}}}
	}
	o := Options{Exchanges: toys, Env: environ(map[string]string{"S": "s"})}
	key := &Node{Kind: Object, Line: 3, Column: 5, Members: []Member{
		{"name", 3, 5, text("a")}, {"exchange", 3, 5, text("bybit")}, {"key", 3, 5, text("k")}, {"secret", 3, 5, text("env:S")},
	}}
	in, err := Decode(tree(key), "keys.yaml", o)
	require.NoError(t, err)
	assert.Equal(t, audit.Source{Format: audit.FormatInventory, File: "keys.yaml", Line: 3, Column: 5}, in.Keys[0].Record.Source)

	_, err = Decode(tree(nil, &Node{Kind: Object, Members: []Member{{Name: "name"}}}), "keys.yaml", o)
	require.ErrorContains(t, err, `keys.yaml:2:1: each item of "keys" must be an object, not null`)
	require.ErrorContains(t, err, `keys.yaml: "name" must be text, not null`)
	_, err = Decode(nil, "keys.yaml", o)
	require.EqualError(t, err, "keys.yaml:1:1: the inventory must be an object, not null")
	_, err = Decode(&Node{Kind: 99}, "keys.yaml", Options{})
	require.Error(t, err)
	_, err = Decode(tree(key), "keys.yaml", Options{})
	require.ErrorContains(t, err, `unknown exchange "bybit": there are none`)
	require.ErrorContains(t, err, `the environment variable "S" is not set`)
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	_, err := Read("/nowhere/keys.json", Options{})
	require.EqualError(t, err, `the inventory: the file "/nowhere/keys.json" does not exist`)
	_, err = Read(".", Options{})
	require.EqualError(t, err, `the inventory: "." is not a file`)
	var problems Problems
	require.ErrorAs(t, err, &problems)
	assert.Equal(t, Problem{Text: `the inventory: "." is not a file`}, problems[0])
	assert.Equal(t, "f: t", Problem{File: "f", Text: "t"}.String())
}
