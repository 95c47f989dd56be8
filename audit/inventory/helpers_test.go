package inventory

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// canary takes the place of a secret, and must not appear in any message.
const canary = "kXv93hQ0bTz81LmPq4RsYw72"

// toy is an exchange that asks one question and understands every answer.
func toy(name, title string, passphrase bool) *adapter.Exchange {
	return &adapter.Exchange{
		Name: name, Title: title, Docs: "https://example.com",
		Environments: []adapter.Environment{
			{Name: "live", URLs: []string{"https://api." + name + ".example"}},
			{Name: "testnet", URLs: []string{"https://test." + name + ".example"}, Test: true},
		},
		Calls: []adapter.Call{{Method: http.MethodGet, Path: "/key", Why: "what the key may do"}},
		Needs: adapter.Needs{Passphrase: passphrase, Kinds: []access.KeyKind{access.SharedSecret}},
		Inspect: func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			signature, err := s.Sign(ctx, adapter.HMACSHA256, "message")
			if err != nil {
				return nil, err
			}
			resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/key", Header: http.Header{"X-Key": {s.Key()}, "X-Sign": {fmt.Sprintf("%x", signature)}}})
			if err != nil {
				return nil, err
			}
			if resp.Status != http.StatusOK {
				return nil, &access.Error{Kind: access.KindBadKey, Status: resp.Status}
			}
			return &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{{Capability: access.Read, State: access.Granted}}}}, nil
		},
	}
}

var toys = []*adapter.Exchange{
	toy("binance", "Binance", false), toy("bybit", "Bybit", false), toy("kraken", "Kraken", false), toy("okx", "OKX", true),
}

// put writes a file of that mode, whatever the umask.
func put(tb testing.TB, path string, mode os.FileMode, text string) string {
	tb.Helper()
	require.NoError(tb, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(tb, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(tb, os.Chmod(path, mode))
	return path
}

// environ looks variables up in a map.
func environ(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// inFile writes an inventory into a folder of its own and reads it.
func inFile(tb testing.TB, text string, o Options) (*Inventory, error) {
	tb.Helper()
	if o.Exchanges == nil {
		o.Exchanges = toys
	}
	in, err := Read(put(tb, filepath.Join(tb.TempDir(), "keys.json"), 0o600, text), o)
	if in != nil {
		tb.Cleanup(in.Close)
	}
	return in, err
}

// goodKey is an inventory of one good key, with changes: an empty value leaves a
// field out. The secret is the variable S.
func goodKey(changes ...string) string {
	fields := map[string]string{"name": `"a"`, "exchange": `"bybit"`, "key": `"k"`, "secret": `"env:S"`}
	order := []string{"name", "exchange", "key", "secret"}
	for i := 0; i+1 < len(changes); i += 2 {
		if _, known := fields[changes[i]]; !known {
			order = append(order, changes[i])
		}
		fields[changes[i]] = changes[i+1]
	}
	var parts []string
	for _, name := range order {
		if fields[name] != "" {
			parts = append(parts, fmt.Sprintf("%q: %s", name, fields[name]))
		}
	}
	return `{"keys": [{` + strings.Join(parts, ", ") + `}]}`
}

// one reads an inventory and returns its first key.
func one(tb testing.TB, text string, o Options) audit.Key {
	tb.Helper()
	if o.Env == nil {
		o.Env = environ(map[string]string{"S": "s3cret"})
	}
	in, err := inFile(tb, text, o)
	require.NoError(tb, err)
	require.NotEmpty(tb, in.Keys)
	return in.Keys[0]
}

// loadSecret loads a key whose secret is that reference.
func loadSecret(tb testing.TB, reference string, o Options) (adapter.Credentials, error) {
	tb.Helper()
	return one(tb, goodKey("secret", reference), o).Load(tb.Context())
}

// stored is how the secret is kept.
func stored(c adapter.Credentials) access.Storage {
	for _, s := range c.Storage {
		if s.Part == "secret" {
			return s
		}
	}
	return access.Storage{}
}
