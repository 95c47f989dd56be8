package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestFindWritesInventory: it refers to the very keys that were found, in files of any kind,
// holds no secret, and names what it does not list.
func TestFindWritesInventory(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	l.plant()
	l.write("k8s.yaml", "kind: Secret\nstringData:\n  bitmex_api_key: "+value("x1", letters, 24)+"\n  bitmex_api_secret: "+l.secret(value("x1s", letters, 48))+"\n")
	l.write("pem/gate.pem", "-----BEGIN PRIVATE KEY-----\n"+l.secret(value("p1", letters, 64))+"\n-----END PRIVATE KEY-----\n")
	l.write("pem/.env", "BINANCE_API_KEY="+value("n2", letters, 64)+"\nBINANCE_PRIVATE_KEY_PATH=gate.pem\n")
	file := filepath.Join(t.TempDir(), "keys.yaml")
	got := l.run("--history", "--write-inventory", file)
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	assert.Contains(t, got.stderr, "4 keys in ")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	text := string(data)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.Empty(t, exchangetest.FindCanaries(text+got.stdout+got.stderr, l.secrets))
	_, skipped, _ := strings.Cut(text, "# Not listed:")
	assert.NotContains(t, skipped, `\"`, "a comment needs no escapes of quotes")
	assert.Contains(t, skipped, `"`)
	for _, want := range []string{"old.py@", "it is in no file that can be referred to", "near.py:2", "lone.env:1", "swapped.env:2", "url.json:1"} {
		assert.Contains(t, skipped, want)
	}

	o := app{env: func(string) string { return "" }, read: &inputs{}}.options()
	in, err := sources.Read(file, o)
	require.NoError(t, err)
	require.Len(t, in.Keys, 4)
	secrets := map[string]string{}
	for _, k := range in.Keys {
		c, err := k.Load(t.Context())
		require.NoError(t, err, k.Name)
		secrets[k.Name] = c.Key
		assert.Contains(t, strings.Join(l.secrets, " "), strings.TrimSpace(strings.Trim(strings.ReplaceAll(strings.ReplaceAll(c.Secret.Reveal(), "-----BEGIN PRIVATE KEY-----", ""), "-----END PRIVATE KEY-----", ""), "\n")))
		for _, s := range c.Storage {
			assert.NotEmpty(t, s.Mode, "%s: how %s is kept", k.Name, s.Part)
		}
	}
	assert.Equal(t, map[string]string{
		"zconf/.env:2": value("b1", letters, 18), "local.json:1": value("n1", letters, 64), "k8s.yaml:4": value("x1", letters, 24), "pem/.env:2": value("n2", letters, 64),
	}, secrets)
	assert.Empty(t, l.asked)

	again := l.run("--write-inventory", file)
	assert.Equal(t, audit.ExitUsage, again.code)
	assert.Contains(t, again.stderr, "exists: name a new file")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, text, string(after))
}

// TestFindInventoryProblems: nothing is searched where the inventory could not be written.
func TestFindInventoryProblems(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	free := filepath.Join(t.TempDir(), "keys.yaml")
	link := filepath.Join(t.TempDir(), "link.yaml")
	require.NoError(t, os.Symlink(free, link))
	for want, args := range map[string][]string{
		"ends in .yaml":                         {"--write-inventory", "keys.json"},
		"exists: name a new file":               {"--write-inventory", link},
		"does not exist":                        {"--write-inventory", filepath.Join(l.folder, "none", "keys.yaml")},
		"duplicate file":                        {"--output", filepath.Dir(free) + "/./" + filepath.Base(free), "--write-inventory", free},
		"is in the folder that git":             {"--write-inventory", filepath.Join(l.folder, ".git", "keys.yaml")},
		"one of --staged and --write-inventory": {"--staged", "--write-inventory", free},
	} {
		got := l.run(args...)
		assert.Equal(t, audit.ExitUsage, got.code, args)
		assert.Contains(t, got.stderr, want)
		assert.Empty(t, got.stdout)
	}
	assert.NoFileExists(t, free)

	got := l.run("--write-inventory", free)
	assert.Equal(t, exitUnwritten, got.code)
	assert.Contains(t, got.stderr, "no key was found that an inventory can refer to; nothing was written")
	assert.NoFileExists(t, free)
}

// TestFoundReferenceGoesStale: a file that changed gives no key of another exchange.
func TestFoundReferenceGoesStale(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pair := "BYBIT_API_KEY=" + value("b1", letters, 18) + "\nBYBIT_API_SECRET=" + value("b1s", letters, 36) + "\n"
	file := writeFile(t, filepath.Join(folder, "bot.env"), 0o600, pair)
	o := app{env: func(string) string { return "" }, read: &inputs{}}.options()
	in, err := inventory.From("find", file+"#bybit", o)
	require.NoError(t, err)
	require.Len(t, in.Keys, 1)
	for _, text := range []string{strings.ReplaceAll(pair, "BYBIT", "COINEX"), pair + "BYBIT_TESTNET=true\n", "# testnet\n" + pair, "nothing\n"} {
		writeFile(t, file, 0o600, text)
		_, err = in.Keys[0].Load(t.Context())
		require.Error(t, err, text)
	}
	_, err = inventory.From("find", folder, o)
	require.ErrorContains(t, err, "is a folder: name a file")
}
