package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// keyFiles are each bot's file with a place for key, secret and passphrase.
var keyFiles = map[string]string{
	"bbgo":           "OKX_API_KEY='%s'\nOKX_API_SECRET='%s'\nOKX_API_PASSPHRASE='%s'\n",
	"ccxt":           `{"okx": {"apiKey": "%s", "secret": "%s", "password": "%s"}}`,
	"env":            "OKX_API_KEY='%s'\nOKX_API_SECRET='%s'\nOKX_API_PASSPHRASE='%s'\n",
	"freqtrade":      `{"exchange": {"name": "okx", "key": "%s", "secret": "%s", "password": "%s"}}`,
	"gocryptotrader": `{"exchanges": [{"name": "Okx", "api": {"credentials": {"key": "%s", "secret": "%s", "clientID": "%s"}}}]}`,
	"jesse":          "Name,Exchange,API Key,API Secret,api_passphrase\nmain,OKX Spot,%s,%s,%s\n",
	"lean":           `{"environment": "live", "okx-api-key": "%s", "okx-api-secret": "%s", "okx-passphrase": "%s"}`,
	"nautilus":       "OKX_API_KEY='%s'\nOKX_API_SECRET='%s'\nOKX_API_PASSPHRASE='%s'\n",
	"octobot":        `{"exchanges": {"okx": {"api-key": "%s", "api-secret": "%s", "api-password": "%s"}}}`,
	"passivbot":      `{"main": {"exchange": "okx", "key": "%s", "secret": "%s", "passphrase": "%s"}}`,
	"vnpy":           `{"API Key": "%s", "Secret Key": "%s", "Passphrase": "%s"}`,
}

// TestPlaceholdersInBotsFiles: what stands in the place of a part is named with the
// reason, whichever part it is and whichever bot's file; the key is not planned.
func TestPlaceholdersInBotsFiles(t *testing.T) {
	t.Parallel()
	for format, text := range keyFiles {
		read := func(parts ...any) *Inventory {
			in, err := From(format, writeBot(t, "connect_okx.json", fmt.Sprintf(text, parts...)), withVariables())
			require.NoError(t, err, format)
			return in
		}
		require.Len(t, read(keyA, secretA, "dog").Keys, 1, format)
		for value, why := range map[string]string{
			"${OKX_X}": "reference to a variable", "$OKX_X": "reference to a variable", "%OKX_X%": "reference to a variable", "${{ secrets.OKX }}": "reference to a variable", "{{ okx }}": "template",
			"op://vault/okx/x": "secret store", "vault:secret/okx#x": "secret store", "arn:aws:secretsmanager:eu-west-1:1:secret:okx": "secret store", "projects/p/secrets/okx/versions/1": "secret store",
			"!vault okx": "secret store", "ENC[AES256_GCM/data:x]": "secret store", "/run/secrets/okx": "path of a file", "https://okx.com/account": "URL", "changeme": "placeholder", "xxxxxxxxxxxx": "placeholder",
			"REPLACE_ME": "placeholder", "abcd****wxyz": "masked",
		} {
			for i, part := range []string{"API key", "secret", "passphrase"} {
				parts := []any{keyA, secretA, "dog"}
				parts[i] = value
				in := read(parts...)
				if part == "passphrase" && len(in.Skipped) == 0 { // somebody's own
					require.Len(t, in.Keys, 1, format)
					assert.Equal(t, value, loadKey(t, in.Keys[0]).Passphrase.Reveal())
					continue
				}
				require.Empty(t, in.Keys, "%s, %s %s", format, part, value)
				require.Len(t, in.Skipped, 1, "%s, %s %s", format, part, value)
				assert.Contains(t, in.Skipped[0].Why, "its "+part+" is", format)
				assert.Contains(t, in.Skipped[0].Why, why, format)
				assert.NotContains(t, in.Skipped[0].Why, value)
			}
			in := read(value, value, "")
			require.Empty(t, in.Keys, format)
			require.Len(t, in.Skipped, 1, "%s, both %s", format, value)
		}
	}
}

// TestPlaceholderBesideAKey: a sample's words beside the key itself change nothing,
// and the key is no longer audited once they take its place.
func TestPlaceholderBesideAKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ format, text string }{
		{"freqtrade", `{"exchange": {"name": "okx", "key": "${OKX_KEY}", "secret": "your_secret", "password": "p", "ccxt_config": {"apiKey": "$A", "secret": "$a"}}}`},
		{"passivbot", `{"u": {"exchange": "bybit", "key": "$A", "apiKey": "changeme", "secret": "$a", "api_secret": "<secret>"}}`},
		{"gocryptotrader", `{"exchanges": [{"name": "Bybit", "apiKey": "{{ key }}", "api": {"credentials": {"key": "$A", "secret": "$a"}}}]}`},
	} {
		path := writeBot(t, "config", short.Replace(test.text))
		in, err := From(test.format, path, withVariables())
		require.NoError(t, err, test.text)
		require.Len(t, in.Keys, 1, test.text)
		assert.Equal(t, keyA, loadKey(t, in.Keys[0]).Key)
		put(t, path, 0o600, strings.ReplaceAll(short.Replace(test.text), keyA, "${GONE}"))
		_, err = in.Keys[0].Load(t.Context())
		require.ErrorContains(t, err, "its API key is")
	}
}

// TestPlaceholdersInInventories: they are mistakes, each at its place.
func TestPlaceholdersInInventories(t *testing.T) {
	t.Parallel()
	for value, why := range map[string]string{
		"op://vault/okx/key": "is a reference to a secret store", "vault:secret/okx": "is a reference to a secret store", "arn:aws:secretsmanager:x": "is a reference to a secret store",
		"projects/p/secrets/okx": "is a reference to a secret store", "$ANSIBLE_VAULT;1.1;AES256": "is a reference to a secret store", "ENC[AES256_GCM,data:x]": "is a reference to a secret store",
		"{{ okx_key }}": "is a template", "<your key>": "is a placeholder", "changeme": "is a placeholder", "XXXXXXXX": "is a placeholder", "%OKX_KEY%": "is a reference to a variable",
		"${OKX_KEY}": "write an environment variable as env:NAME", "$OKX_KEY": "write an environment variable as env:NAME", "/run/secrets/okx": "is the path of a file", "key.pem": "is the path of a file",
	} {
		for _, field := range []string{"key", "secret"} {
			_, err := inFile(t, goodKey(field, fmt.Sprintf("%q", value)), Options{Env: environ(map[string]string{"S": "s3cret"}), AllowPlain: true})
			require.ErrorContains(t, err, fmt.Sprintf("%q: ", field), value)
			require.ErrorContains(t, err, why, "%s: %s", field, value)
			assert.NotContains(t, err.Error(), value)
		}
	}
	// A scheme of the caller's comes first.
	in, err := inFile(t, goodKey("secret", `"vault:secret/okx"`), Options{Schemes: map[string]Scheme{"vault": {Title: "Vault"}}})
	require.NoError(t, err)
	require.Len(t, in.Keys, 1)
}

// TestKeyPassphrase: the pass phrase of an encrypted private key comes from where a
// secret may come from, and is never the exchange's third part.
func TestKeyPassphrase(t *testing.T) {
	t.Parallel()
	for reference, want := range map[string]string{`"env:P"`: "my dog", `"file:phrase"`: "my dog", `"file:phrases#/a"`: "my dog"} {
		o := Options{Exchanges: toys, Env: environ(map[string]string{"S": "s3cret", "P": " my dog\n"})}
		folder := t.TempDir()
		put(t, folder+"/phrase", 0o600, "\ufeffmy dog\r\n")
		put(t, folder+"/phrases", 0o600, `{"a": "my dog"}`)
		in, err := Read(put(t, folder+"/keys.json", 0o600, goodKey("key_passphrase", reference)), o)
		require.NoError(t, err)
		c := loadKey(t, in.Keys[0])
		assert.Equal(t, want, c.KeyPassphrase.Reveal())
		assert.True(t, c.Passphrase.IsZero())
		assert.Equal(t, []string{"key", "secret", "key_passphrase"}, storedParts(c.Storage))
	}
	_, err := inFile(t, goodKey("key_passphrase", `"my dog"`), Options{Env: environ(map[string]string{"S": "s3cret"})})
	require.ErrorContains(t, err, `"key_passphrase" must be a reference`)
	_, err = inFile(t, goodKey("key_passphrase", `"env:NONE"`), Options{Env: environ(map[string]string{"S": "s3cret"})})
	require.NoError(t, err) // it costs its key
}

func storedParts(stored []access.Storage) (out []string) {
	for _, s := range stored {
		out = append(out, s.Part)
	}
	return out
}

// TestFilesWithNothingVisible: a file with nothing but a byte order mark is empty, and
// what editors add is no part of a key.
func TestFilesWithNothingVisible(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	load := func(text string) (audit.Key, error) {
		put(t, folder+"/secret", 0o600, text)
		in, err := Read(put(t, folder+"/keys.json", 0o600, goodKey("secret", `"file:secret"`)), Options{Exchanges: toys})
		require.NoError(t, err)
		_, err = in.Keys[0].Load(t.Context())
		return in.Keys[0], err
	}
	for _, text := range []string{"\ufeff", "\ufeff\r\n", "\u200b\n", "\xff\xfe", "\xff\xfe\r\x00\n\x00", "\u00a0 \u2060"} {
		_, err := load(text)
		require.ErrorContains(t, err, "the value is empty", "%q", text)
	}
	for _, text := range []string{"\ufeffs3cret\r\n", "\xff\xfes\x003\x00c\x00r\x00e\x00t\x00", "s3cret\u200b"} {
		_, err := load(text)
		require.NoError(t, err, "%q", text)
	}
}

// TestPlaceholdersInVariables: a sample's words are named where they are all there is,
// and do not count beside the key.
func TestPlaceholdersInVariables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"BYBIT_API_KEY=your_key\nBYBIT_API_SECRET=your_secret":                    "env/bybit: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory",
		"BYBIT_API_KEY=<key>\nBYBIT_API_SECRET=$a":                                "env/bybit: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory",
		"BYBIT_API_KEY=your_key\nBYBIT_KEY=$A\nBYBIT_API_SECRET=$a":               "env/bybit",
		"BYBIT_KEY=$A\nBYBIT_API_KEY=${KEY}\nBYBIT_API_SECRET=$a":                 "env/bybit",
		"BYBIT_API_KEY=\nBYBIT_API_SECRET=":                                       "",
		"FOO_API_KEY=your_key\nFOO_API_SECRET=your_secret":                        "",
		"BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nBYBIT_PRIVATE_KEY_PASSPHRASE=dog": "env/bybit",
	} {
		in, err := From("env", writeBot(t, ".env", short.Replace(text)), withVariables())
		require.NoError(t, err, text)
		assert.Equal(t, want, strings.Join(keyNames(in), " "), text)
		for _, k := range in.Keys {
			c := loadKey(t, k)
			assert.Equal(t, keyA, c.Key, text)
			assert.Equal(t, strings.Contains(text, "PASSPHRASE"), !c.KeyPassphrase.IsZero())
		}
	}
}
