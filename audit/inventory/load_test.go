package inventory

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestLazy: nothing is fetched before the key's turn, then it is fetched each
// time, and what has disappeared meanwhile is reported with its place.
func TestLazy(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := put(t, filepath.Join(folder, "secret.key"), 0o600, canary)
	vars := map[string]string{"ID": "the-id"}
	in, err := Read(put(t, filepath.Join(folder, "keys.json"), 0o600, goodKey("key", `"env:ID"`, "secret", `"file:secret.key"`)), Options{Exchanges: toys, Env: environ(vars)})
	require.NoError(t, err)
	k := in.Keys[0]
	assert.Empty(t, k.Credentials.Key)
	assert.True(t, k.Credentials.Secret.IsZero())
	for _, id := range []string{"the-id", "another"} {
		vars["ID"] = id
		c, err := k.Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{id, canary}, []string{c.Key, c.Secret.Reveal()})
	}
	require.NoError(t, os.Remove(path))
	delete(vars, "ID")
	_, err = k.Load(t.Context())
	var typed *access.Error
	require.ErrorAs(t, err, &typed)
	assert.Equal(t, access.KindInput, typed.Kind)
	assert.Equal(t, `key: the environment variable "ID" is not set; secret: the file "`+path+`" does not exist`, typed.Message)
}

// TestTrimmed: spaces around a secret are removed, but PEM stays as it is.
func TestTrimmed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pem := "-----BEGIN PRIVATE KEY-----\n" + canary + "\n-----END PRIVATE KEY-----\n"
	for text, want := range map[string]string{
		"  s3cret \r\n": "s3cret", "s3\n": "s3", "two words\n": "two words", pem: pem, " \n" + pem: " \n" + pem,
	} {
		c, err := loadSecret(t, `"file:`+put(t, filepath.Join(folder, "s"), 0o600, text)+`"`, Options{})
		require.NoError(t, err)
		assert.Equal(t, want, c.Secret.Reveal())
	}
}

// TestPlaintext: a secret in the inventory is accepted if that is allowed, and
// its storage says so. The public key may always be there.
func TestPlaintext(t *testing.T) {
	t.Parallel()
	text := goodKey("secret", `"`+canary+`"`, "passphrase", `"env:S"`)
	k := one(t, text, Options{AllowPlain: true})
	c, err := k.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, canary, c.Secret.Reveal())
	file := k.Record.Source.File
	assert.Equal(t, []access.Storage{
		{Part: "key", In: "inventory", File: file, Mode: 0o600},
		{Part: "secret", In: "inventory", File: file, Mode: 0o600, Plaintext: "it is in the inventory itself"},
		{Part: "passphrase", In: "environment"},
	}, c.Storage)
}

// TestFetchedOnce: the parts of a key that come from one source fetch it once,
// and fail together.
func TestFetchedOnce(t *testing.T) {
	t.Parallel()
	asked, answer := 0, error(nil)
	o := Options{Schemes: map[string]Scheme{"safe": {Title: "the safe", Resolve: func(_ context.Context, rest string) (string, error) {
		asked++
		return "value of " + rest, answer
	}}}}
	k := one(t, goodKey("key", `"safe:x"`, "secret", `"safe:x"`, "otp", `"safe:y"`), o)
	assert.Zero(t, asked)
	c, err := k.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, asked)
	assert.Equal(t, []string{"value of x", "value of x", "value of y"}, []string{c.Key, c.Secret.Reveal(), c.OTP.Reveal()})
	assert.Equal(t, "the safe", stored(c).In)

	answer = errors.New("the safe is locked")
	c, err = k.Load(t.Context())
	require.ErrorContains(t, err, "key and secret and otp: the safe is locked")
	assert.Empty(t, c.Key)
	assert.True(t, c.Secret.IsZero() && c.OTP.IsZero())
}

func TestSchemes(t *testing.T) {
	t.Parallel()
	// One without a resolver, one that finds nothing, and one with the name of
	// a type of this package.
	o := Options{Schemes: map[string]Scheme{
		"none": {Title: "nobody"},
		"void": {Title: "the void", Resolve: func(context.Context, string) (string, error) { return " ", nil }},
		"env":  {Title: "not the environment", Resolve: func(context.Context, string) (string, error) { return "stolen", nil }},
	}}
	_, err := loadSecret(t, `"none:x"`, o)
	require.ErrorContains(t, err, "secret: references to nobody cannot be resolved")
	_, err = loadSecret(t, `"void:x"`, o)
	require.ErrorContains(t, err, "secret: the value is empty (source: the void)")
	c, err := loadSecret(t, `"env:S"`, o)
	require.NoError(t, err)
	assert.Equal(t, "s3cret", c.Secret.Reveal())
}

// TestFrom takes keys from a bot's file. The inventory overrides what the file
// says.
func TestFrom(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put(t, filepath.Join(folder, "bot", "config"), 0o600, "x")
	path := put(t, filepath.Join(folder, "keys.json"), 0o600, `{"keys": [
		{"name": "a", "from": "toybot=bot/config#main"},
		{"name": "b", "from": "toybot=bot/config#main", "environment": "live", "policy": "agent", "stage": "live", "owner": "ann", "egress": {"proxy": "socks5://127.0.0.1:1"}}
	]}`)
	in, err := Read(path, Options{Exchanges: toys, Formats: []Format{toybot}})
	require.NoError(t, err)
	defer in.Close()
	a, b := in.Keys[0], in.Keys[1]
	assert.Equal(t, []string{"a", "binance", "testnet", "test"}, []string{a.Name, a.Exchange.Name, a.Environment, string(a.Record.Stage)})
	assert.Equal(t, []string{"b", "binance", "live", "live", "agent", "ann"}, []string{b.Name, b.Exchange.Name, b.Environment, string(b.Record.Stage), b.Policy.Name, b.Record.Owner})
	assert.Equal(t, audit.Source{Format: audit.FormatInventory, File: path, Line: 2, Column: 3}, a.Record.Source)
	assert.Equal(t, "proxy of b", b.Egress)
	for _, k := range in.Keys {
		c, err := k.Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, canary, c.Secret.Reveal())
		assert.Equal(t, filepath.Join(folder, "bot", "config"), stored(c).File)
	}
}

// TestCanaries: no error of loading contains a secret, an argument or the text
// of a JSON pointer.
func TestCanaries(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	doc := put(t, filepath.Join(folder, "doc.json"), 0o600, `{"a": 1}`)
	k := one(t, goodKey(
		"key", `"file:`+doc+`#/a"`,
		"secret", `{"exec": ["sh", "-c", "echo `+canary+`; echo `+canary+` >&2; exit 3", "`+canary+`"], "pointer": "/`+canary+`"}`,
		"passphrase", `{"exec": ["sh", "-c", "echo {\\\"`+canary+`\\\": `+canary+`"], "pointer": "/`+canary+`"}`,
		"otp", `"stdin#/`+canary+`"`,
	), Options{Stdin: strings.NewReader(`{"` + canary + `": {}}`)})
	put(t, doc, 0o600, `{"a": [`+canary)
	_, err := k.Load(t.Context())
	require.ErrorIs(t, err, access.KindInput)
	for _, want := range []string{
		"key: the JSON is malformed at line 1, column 8 (source: file)",
		`secret: the command "sh" failed with exit code 3: run it by hand to see why`,
		"passphrase: the JSON is malformed at line 1, column 30 (source: command)",
		"otp: the JSON pointer (not shown: it may be a secret) must lead to text or a number, not an object (source: standard input)",
	} {
		require.ErrorContains(t, err, want)
	}
	assert.Empty(t, exchangetest.FindCanaries(err.Error(), []string{canary}))
}

// TestWallets: a wallet's key needs no key beside its private key; its account is no
// secret, and other exchanges' keys have none.
func TestWallets(t *testing.T) {
	t.Parallel()
	o := Options{Exchanges: exchanges.All(), Env: environ(map[string]string{"PK": "0x" + strings.Repeat("ab", 32)})}
	const account = "0x00000000000000000000000000000000000000aa"
	read, err := inFile(t, `{"keys": [
		{"name": "a", "exchange": "hyperliquid", "account": "`+account+`", "secret": "env:PK"},
		{"name": "b", "exchange": "hyperliquid", "secret": "env:PK"}]}`, o)
	require.NoError(t, err)
	c, err := read.Keys[0].Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, account, c.Account)
	assert.Empty(t, c.Key)
	for _, storage := range c.Storage {
		assert.Empty(t, storage.Plaintext, storage.Part)
	}
	_, err = inFile(t, `{"keys": [{"name": "a", "exchange": "bybit", "key": "env:PK", "account": "`+account+`", "secret": "env:PK"}]}`, o)
	require.ErrorContains(t, err, `"account" is for keys that are wallets, which those of Bybit are not`)
	_, err = inFile(t, `{"keys": [{"name": "a", "exchange": "bybit", "secret": "env:PK"}]}`, o)
	require.ErrorContains(t, err, `the key has no "key"`)
	_, err = inFile(t, `{"keys": [{"name": "a", "exchange": "hyperliquid", "account": "${ACCOUNT}", "secret": "env:PK"}]}`, o)
	require.ErrorContains(t, err, "variable")
}
