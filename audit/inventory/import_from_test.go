package inventory

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

const (
	keyA, secretA = "aK7x0Qm3Zr9LpT2wVb8N", "sA5d1Gh6Jk4Yt0Xc7Mn2"
	keyB, secretB = "bK7x0Qm3Zr9LpT2wVb8N", "sB5d1Gh6Jk4Yt0Xc7Mn2"
)

var twoBots = `{
	"grid": {"exchange": "bybit", "key": "` + keyA + `", "secret": "` + secretA + `"},
	"arb": {"exchange": "kraken", "key": "` + keyB + `", "secret": "` + secretB + `"},
	"lost": {"exchange": "poloniex", "key": "` + keyB + `", "secret": "` + secretB + `"}
}`

// keyNames are the names of the keys, and of the skipped ones with why.
func keyNames(in *Inventory) (out []string) {
	for _, k := range in.Keys {
		out = append(out, k.Name)
	}
	for _, s := range in.Skipped {
		out = append(out, s.Name+": "+s.Why)
	}
	return out
}

func TestFromRefuses(t *testing.T) {
	t.Parallel()
	file := writeBot(t, "api-keys.json", twoBots)
	for _, test := range []struct{ format, path, want string }{
		{"freqtrad", file, `unknown format "freqtrad": did you mean "freqtrade"?`},
		{"", file, `unknown format "": use one of bbgo, ccxt, ccxt-mcp, env, freqtrade, gocryptotrader, hyperliquid-sdk, jesse, lean, mcp, nautilus, octobot, okx-agent-kit, openclaw, passivbot, vnpy`},
		{keyA, file, `unknown format (not shown: it may be a secret)`},
		{"passivbot", "", "the format passivbot reads a file: give the path of passivbot's api-keys.json"},
		{"passivbot", "no/such/api-keys.json", "does not exist"},
		{"passivbot", t.TempDir(), `api-keys.json" does not exist`},
		{"passivbot", file + "#grit", `unknown key "grit": did you mean "grid"?`},
		{"vnpy", t.TempDir(), "the folder contains no connect_….json"},
		{"env", file, "the file is JSON, not a list of variables (NAME=value)"},
		{"env", writeBot(t, "notes", "one line of words\n"), "write NAME=value"},
	} {
		in, err := From(test.format, test.path, withVariables())
		assert.Nil(t, in)
		require.ErrorAs(t, err, &Problems{}, "%s %s", test.format, test.path)
		assert.ErrorContains(t, err, test.want)
	}
}

func TestFromChoosesOneKey(t *testing.T) {
	t.Parallel()
	file := writeBot(t, "api-keys.json", twoBots)
	all, err := From("passivbot", file, withVariables())
	require.NoError(t, err)
	assert.Equal(t, []string{"passivbot/grid", "passivbot/arb", `passivbot/lost: the exchange "poloniex" is not supported: look at the key on its own site`}, keyNames(all))

	one, err := From("passivbot", file+"#arb", withVariables())
	require.NoError(t, err)
	assert.Equal(t, []string{"passivbot/arb"}, keyNames(one))
	assert.Equal(t, keyB, loadKey(t, one.Keys[0]).Key)

	skipped, err := From("passivbot", filepath.Dir(file)+"#lost", withVariables())
	require.NoError(t, err)
	assert.Len(t, skipped.Skipped, 1)

	odd := filepath.Join(filepath.Dir(file), "keys #2.json") // a # of its own
	require.NoError(t, os.Rename(file, odd))
	again, err := From("passivbot", odd, withVariables())
	require.NoError(t, err)
	assert.Len(t, again.Keys, 2)
}

func TestFromReadsTheEnvironment(t *testing.T) {
	t.Parallel()
	o := withVariables("BYBIT_API_KEY="+keyA, "BYBIT_API_SECRET="+secretA, "KRAKEN_API_KEY="+keyB, "KRAKEN_API_SECRET="+secretB)
	for _, format := range []string{"env", "bbgo", "nautilus"} {
		in, err := From(format, "", o)
		require.NoError(t, err)
		assert.Equal(t, []string{format + "/bybit", format + "/kraken"}, keyNames(in))
		c := loadKey(t, in.Keys[0])
		assert.Equal(t, secretA, c.Secret.Reveal())
		assert.Equal(t, audit.Source{Format: format}, in.Keys[0].Record.Source)
		assert.Equal(t, []access.Storage{{Part: "key", In: "environment"}, {Part: "secret", In: "environment"}}, c.Storage)
		one, err := From(format, "#kraken", o)
		require.NoError(t, err)
		assert.Equal(t, []string{format + "/kraken"}, keyNames(one))
	}
	none, err := From("env", "", Options{Exchanges: o.Exchanges})
	require.NoError(t, err)
	assert.Empty(t, keyNames(none))
	twice, err := From("env", "", withVariables("BYBIT_API_KEY="+keyA, "BYBIT_api_KEY="+keyB, "KRAKEN_API_KEY="+keyB, "KRAKEN_API_SECRET="+secretB))
	require.NoError(t, err)
	assert.Equal(t, []string{"env/kraken", `env/bybit: "BYBIT_API_KEY" and "BYBIT_api_KEY" are both set and differ: unset one of them`}, keyNames(twice))
}

// TestNamesAreUnique: a key with a duplicate name is not lost, and a name that
// may be a secret is not shown.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	file := writeBot(t, "keys.json", `[
		{"exchange": "bybit", "apiKey": "`+keyA+`", "secret": "`+secretA+`"},
		{"id": "bybit-2", "exchange": "okx", "password": "p", "apiKey": "`+keyA+`", "secret": "`+secretA+`"},
		{"exchange": "bybit", "apiKey": "`+keyB+`", "secret": "`+secretB+`"},
		{"exchange": "bybit", "apiKey": "`+keyA+`", "secret": "`+secretA+`"}]`)
	in, err := From("ccxt", file, withVariables())
	require.NoError(t, err)
	assert.Equal(t, []string{"ccxt/bybit", "ccxt/okx", "ccxt/bybit-2", "ccxt/bybit-3"}, keyNames(in))
	assert.Equal(t, secretB, loadKey(t, in.Keys[2]).Secret.Reveal())

	file = writeBot(t, "keys.json", `{"`+secretA+`": {"exchange": "bybit", "apiKey": "`+keyA+`", "secret": "`+secretA+`"},
		"a\u001b[2J b": {"exchange": "`+secretB+`", "apiKey": "`+keyA+`", "secret": "`+secretA+`"}}`)
	in, err = From("ccxt", file, withVariables())
	require.NoError(t, err)
	assert.Equal(t, []string{"ccxt/key", "ccxt/a-[2J-b: the exchange (not shown: it may be a secret) is not supported: look at the key on its own site"}, keyNames(in))
}

func TestLoadReadsAgain(t *testing.T) {
	t.Parallel()
	file := writeBot(t, "api-keys.json", twoBots)
	in, err := From("passivbot", file, withVariables())
	require.NoError(t, err)
	grid := in.Keys[0]
	loadError := func(why string) {
		t.Helper()
		c, err := grid.Load(context.Background())
		require.ErrorIs(t, err, access.KindInput)
		require.ErrorContains(t, err, why)
		assert.NotContains(t, err.Error(), secretA)
		assert.Empty(t, c.Key)
		assert.True(t, c.Secret.IsZero())
	}
	change := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }

	change(`{"grid": {"exchange": "bybit", "key": "` + keyB + `", "secret": "` + secretB + `"}}`)
	assert.Equal(t, keyB, loadKey(t, grid).Key, "a rotated key")
	change(`{"other": {"exchange": "bybit", "key": "` + keyA + `", "secret": "` + secretA + `"}}`)
	loadError("the key is no longer in passivbot's api-keys.json, which changed after the run began")
	change(`{"grid": {"exchange": "okx", "passphrase": "p", "key": "` + keyA + `", "secret": "` + secretA + `"}}`)
	loadError("the key is for another exchange or environment now")
	change(`{"grid": {"exchange": "bybit", "key": "` + keyA + `"}}`)
	loadError("its API key is there, but its secret is missing: add it, or list the key in an inventory")
	change(`{"grid": {"exchange": "bybit", "key": "` + secretA + `"`)
	loadError("the JSON ends too early")
	require.NoError(t, os.Remove(file))
	loadError("does not exist")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = grid.Load(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestStorageHasTheMode(t *testing.T) {
	t.Parallel()
	file := writeBot(t, "api-keys.json", twoBots)
	in, err := From("passivbot", file, withVariables())
	require.NoError(t, err)
	require.NoError(t, os.Chmod(file, 0o644)) // as it is when the key is loaded
	assert.Equal(t, []access.Storage{
		{Part: "key", In: "passivbot's api-keys.json", File: file, Mode: 0o644},
		{Part: "secret", In: "passivbot's api-keys.json", File: file, Mode: 0o644},
	}, loadKey(t, in.Keys[0]).Storage)
}

// TestOwnFormats: a caller's format overrides the one of the same name, passes
// decrypted text to it, and decrypts a slow part only when it is needed.
func TestOwnFormats(t *testing.T) {
	t.Parallel()
	file := writeBot(t, "config.dat", "encrypted")
	opened := 0
	plain := `{"exchanges": [{"name": "Kraken", "api": {"credentials": {"key": "` + keyA + `", "secret": "sealed"}}}]}`
	o := withVariables()
	o.Formats = []Format{{Name: "gocryptotrader", Title: "an encrypted config.dat", Read: func(f *Files) ([]Found, error) {
		inner, ok := Lookup("gocryptotrader", Options{})
		require.True(t, ok)
		if _, err := f.Read(f.Path); err != nil {
			return nil, err
		}
		found, err := inner.Read(f.With(f.Path, []byte(plain)))
		for i := range found {
			found[i].Key.Plaintext, found[i].Secret.Plaintext = "", ""
			found[i].Secret.Open = func() (adapter.Secret, error) {
				opened++
				if opened > 1 {
					return adapter.Secret{}, errors.New("the password is wrong")
				}
				return adapter.NewSecret(secretA + "\n"), nil
			}
		}
		return found, err
	}}, {Name: "mine", Title: "my file", Read: func(*Files) ([]Found, error) {
		return nil, errors.New("at line 3: " + secretA)
	}}}
	in, err := From("gocryptotrader", file, o)
	require.NoError(t, err)
	assert.Zero(t, opened, "nothing is decrypted to list the keys")
	c := loadKey(t, in.Keys[0])
	assert.Equal(t, secretA, c.Secret.Reveal())
	assert.Equal(t, access.Storage{Part: "secret", In: "an encrypted config.dat", File: file, Mode: 0o600}, c.Storage[1])
	_, err = in.Keys[0].Load(context.Background())
	require.ErrorIs(t, err, access.KindInput)
	require.ErrorContains(t, err, "secret: the password is wrong")

	_, err = From("mine", file, o)
	require.ErrorContains(t, err, "the file cannot be read as my file")
	assert.NotContains(t, err.Error(), secretA)
	_, err = From("min3", file, o)
	assert.ErrorContains(t, err, `did you mean "mine"?`)
}
