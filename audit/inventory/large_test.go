package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// shown is all of a key that can be compared.
func shown(tb testing.TB, k audit.Key, loads bool) string {
	tb.Helper()
	load := k.Load
	if !loads {
		load = func(context.Context) (c adapter.Credentials, err error) { return c, err }
	}
	c, err := load(tb.Context())
	transport := fmt.Sprintf("%T", k.Transport)
	k.Load, k.Transport = nil, nil
	return fmt.Sprintf("%+v %s %v %q %q %q %+v %v", k, transport, c.Key, c.Account, c.Secret.Reveal(), c.Passphrase.Reveal(), c.Storage, err)
}

// sameKeys asserts that an inventory read one key at a time, twice, is the one that is
// held. It reports whether it can be read so. Keys are loaded only if no command that
// they name is unknown.
func sameKeys(tb testing.TB, path string, o Options, loads bool) bool {
	tb.Helper()
	each := openLarge(path, o, 0)
	if each == nil {
		return false
	}
	defer each.Close()
	held, err := Read(path, o)
	require.NoError(tb, err, "it has a mistake, and was taken")
	var want []string
	for _, k := range held.Keys {
		want = append(want, shown(tb, k, loads))
	}
	for range 2 {
		var got []string
		for k := range each.Each() {
			got = append(got, shown(tb, k, loads))
		}
		require.NoError(tb, each.Err())
		require.Equal(tb, want, got)
	}
	require.Equal(tb, held.Absent, each.Absent)
	require.Equal(tb, held.Policies, each.Policies)
	require.Equal(tb, held.Fleet, each.Fleet)
	return true
}

// TestLarge: keys that are read one at a time are those that are held, with their places.
func TestLarge(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put(t, filepath.Join(folder, "doc.json"), 0o600, `{"a": "`+canary+`"}`)
	put(t, filepath.Join(folder, "incidents.json"), 0o600, `[{"holder": "ACME", "what": "w", "until": "2026-01-01", "source": "https://example.com"}]`)
	const one = `{"name": "a", "exchange": "bybit", "key": "K1", "secret": "env:S"}`
	const two = `{"name": "ü", "exchange": "okx", "key": "env:K", "secret": "file:doc.json#/a", "passphrase": "env:NONE", "policy": "p", "held_by": ["ACME"],
		"egress": "e", "labels": {"x": "y"}, "waivers": [{"rule": "key-age", "reason": "r", "until": "2027-01-01"}]}`
	const more = `"policies": {"p": {"like": "q"}, "q": {"preset": "trading"}}, "egress": {"e": {"proxy": "env:PROXY"}}, "incidents": "incidents.json"`
	for text, is := range map[string]bool{
		`{"keys": [` + one + `]}`:                                             true,
		`{"keys": [` + one + `, ` + two + `], ` + more + `}`:                  true, // what keys refer to comes after them
		`{` + more + `, "version": 1, "keys":[` + two + `,` + one + ",]\n}\n": true,
		"// ü, }\n{ /* [ ü \n ü */ \"keys\" /**/ : // \n [ /* ü */ " + one + "/* , */, // {\n" + two + "]," + more + ",} //": true,
		"\t{\r\n\"keys\":\r\n[\r\n\t" + one + "\r\n]}": true,

		`{"keys": []}`: false,
		`{"keys": [` + one + `], "keys": [` + two + `]}`:                false,
		`{"policies": {"keys": [` + one + `]}}`:                         false,
		`{"\u006beys": [` + one + `]}`:                                  false,
		`{"keys": [,` + one + `]}`:                                      false,
		`{"keys": [` + one + `,,` + one + `]}`:                          false,
		`{"keys": [` + one + ` ` + two + `], ` + more + `}`:             false,
		`{"keys": [` + one + `, ` + one + `]}`:                          false, // one name
		`{"keys": [` + one + `]} x`:                                     false,
		`{"keys": [` + one + `]}` + "\x00":                              false,
		`{"keys": [` + one + `]`:                                        false,
		`{"keys": [` + one:                                              false,
		`{"keys": [` + one + `, "x"]}`:                                  false,
		`{"keys": [` + strings.Replace(one, "a", "\xff", 1) + `]}`:      false,
		`{"keys": [` + strings.Replace(one, "env:S", "stdin", 1) + `]}`: false,
		`{"keys": [` + strings.Replace(one, "}", `, "egress": {"proxy": "env:PROXY"}}`, 1) + `]}`:                      false,
		`{"keys": [` + strings.Replace(one, "}", `, "probe": {"proxy": "env:PROXY", "ips": ["192.0.2.1"]}}`, 1) + `]}`: false,
		`{"keys": [{"name": "o", "from": "toybot=x#a"}]}`:                                                              false,
		"\ufeff" + `{"keys": [` + one + `]}`:                                                                           false,
	} {
		path := put(t, filepath.Join(folder, "keys.json"), 0o600, text)
		o := Options{Exchanges: toys, Env: environ(map[string]string{"S": canary, "K": "K2", "PROXY": "socks5://127.0.0.1:1"}), Stdin: strings.NewReader(canary), Formats: []Format{toybot}}
		assert.Equal(t, is, sameKeys(t, path, o, true), text)
	}
}

// TestLargeChanges: a file that changes while it is in use gives no other keys.
func TestLargeChanges(t *testing.T) {
	t.Parallel()
	path, o := largeInventory(t, 5000)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	in, err := Open(path, o)
	require.NoError(t, err)
	defer in.Close()
	require.True(t, in.Large(), "of %d bytes", len(text))
	names := func() (names []string, err error) {
		for k := range in.Each() {
			names = append(names, k.Name)
		}
		return names, in.Err()
	}
	all, err := names()
	require.NoError(t, err)
	require.Len(t, all, 5000)
	for name, edit := range map[string]func() error{
		"edited":  func() error { return os.WriteFile(path, slices.Concat(text[:len(text)-4], []byte(` } ]}`)), 0o600) },
		"cut":     func() error { return os.Truncate(path, int64(len(text)/2)) },
		"longer":  func() error { return os.WriteFile(path, slices.Concat(text, make([]byte, 1<<17)), 0o600) },
		"emptied": func() error { return os.Truncate(path, 0) },
	} {
		require.NoError(t, edit())
		some, err := names()
		require.ErrorContains(t, err, "changed while it was in use", name)
		assert.Less(t, len(some), len(all), name)
		assert.True(t, slices.Equal(all[:len(some)], some), name)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
	require.NoError(t, os.Rename(put(t, path+".new", 0o600, goodKeys), path))
	same, err := names()
	require.NoError(t, err)
	assert.Equal(t, all, same, "a file that took its place is another")
}

const goodKeys = `{"keys": [{"name": "other", "exchange": "bybit", "key": "K", "secret": "env:S"}]}`
