package exchanges_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func between(before, after string) func(string) string {
	return func(text string) string { return before + text + after }
}

func instead(of, with string) func(string) string {
	return func(text string) string { return strings.ReplaceAll(text, of, with) }
}

// added are what editors, shells and forms add to any part of a key.
var added = map[string]func(string) string{
	"byte order mark and CRLF": between("\ufeff", "\r\n"),
	"quotes and a comma":       between(`"`, `",`),
	"single quotes":            between("'", "'\n"),
	"curly quotes":             between("“", "”"),
	"no-break spaces":          between("\u00a0", "\u00a0"),
	"zero-width spaces":        between("\u200b", "\u200b"),
	"zero-width, within":       func(text string) string { return text[:4] + "\u200b" + text[4:] },
	"literal line break":       between("", `\n`),
	"doubled escapes":          between(`\\\"`, `\\\"\\n`),
	"JSON's slashes":           instead("/", `\/`),
	"Gson's signs":             instead("=", `\u003d`),
	"a URL's signs":            func(text string) string { return strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(text) },
}

// carried is what happens to a private key's PEM besides.
var carried = map[string]func(string) string{
	"on one line":        instead("\n", " "),
	"literal":            instead("\n", `\n`),
	"literal, doubled":   instead("\n", `\\n`),
	"CRLF":               instead("\n", "\r\n"),
	"indented":           instead("\n", "\n    "),
	"text around":        between("the bot's key:\n", "\nkeep it safe"),
	"base64 of the file": func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
	"without PEM": func(text string) string {
		block, _ := pem.Decode([]byte(text))
		return base64.StdEncoding.EncodeToString(block.Bytes)
	},
	"without PEM, wrapped": func(text string) string {
		block, _ := pem.Decode([]byte(text))
		body := base64.StdEncoding.EncodeToString(block.Bytes)
		return body[:30] + "\n" + body[30:] + "\n"
	},
}

// issuedFor calls try with a key of each kind at each exchange.
func issuedFor(t *testing.T, try func(t *testing.T, e *adapter.Exchange, fake *exchangetest.Fake, kind access.KeyKind)) {
	t.Helper()
	fakes := map[string]*exchangetest.Fake{}
	for _, fake := range exchangetest.All() {
		fakes[fake.Name()] = fake
	}
	for _, e := range exchanges.All() {
		for _, kind := range e.Needs.Kinds {
			t.Run(e.Name+", "+kind.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { // some nonces are whole seconds
					time.Sleep(time.Until(time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)))
					try(t, e, fakes[e.Name], kind)
				})
			})
		}
	}
}

// TestKeysAsPeopleHaveThem: at every exchange a key in any coat is the same key, and of
// the same kind: never a shared secret if it is a private key.
func TestKeysAsPeopleHaveThem(t *testing.T) {
	t.Parallel()
	issuedFor(t, func(t *testing.T, e *adapter.Exchange, fake *exchangetest.Fake, kind access.KeyKind) {
		t.Helper()
		same := func(about string, change func(*adapter.Credentials)) {
			var whole adapter.Credentials
			got, err := exchangetest.TryInspect(t, e, fake, exchangetest.Spec{Kind: kind}, func(k *audit.Key) {
				whole = k.Credentials
				change(&k.Credentials)
			})
			if assert.NoError(t, err, about) {
				assert.Equal(t, access.MaskID(whole.Key), got.KeyID, about)
				assert.Equal(t, kind, got.KeyKind, about)
			}
		}
		pem := false
		for name, add := range added {
			same(name, func(c *adapter.Credentials) {
				pem = strings.Contains(c.Secret.Reveal(), "-----BEGIN")
				c.Key, c.Secret = add(c.Key), adapter.NewSecret(add(c.Secret.Reveal()))
			})
		}
		if !pem {
			return
		}
		for name, carry := range carried {
			same(name, func(c *adapter.Credentials) { c.Secret = adapter.NewSecret(carry(c.Secret.Reveal())) })
		}
		file := func(c *adapter.Credentials) string {
			text, err := json.Marshal(map[string]string{"name": c.Key, "privateKey": c.Secret.Reveal()})
			require.NoError(t, err)
			return string(text)
		}
		same("key file as the secret", func(c *adapter.Credentials) { c.Secret = adapter.NewSecret(file(c)) })
		same("key file as both", func(c *adapter.Credentials) { c.Key = file(c); c.Secret = adapter.NewSecret(c.Key) })
		same("key file alone", func(c *adapter.Credentials) { c.Key, c.Secret = file(c), adapter.Secret{} })
	})
}

// TestWhatIsNoKeyIsNotSent: at every exchange what stands in a key's place is refused
// with its reason, before anything is sent, and nothing of it is shown.
func TestWhatIsNoKeyIsNotSent(t *testing.T) {
	t.Parallel()
	issuedFor(t, func(t *testing.T, e *adapter.Exchange, fake *exchangetest.Fake, kind access.KeyKind) {
		t.Helper()
		spec := exchangetest.Spec{Kind: kind}
		held := fake.Issue(spec)
		whole := held
		fake.Forget()
		refused := func(about, why string) {
			s, err := exchangetest.TryInspect(t, e, fake, spec, func(k *audit.Key) { k.Credentials = held })
			require.ErrorIs(t, err, access.KindInput, about)
			assert.Contains(t, err.Error(), why, about)
			assert.NotContains(t, err.Error(), "Zq7", about)
			assert.NotContains(t, s.KeyID, "Zq7", about)
			assert.Empty(t, fake.Requests(), about)
			held = whole
		}
		for text, why := range map[string]string{
			"${Zq7_KEY}": "reference to a variable", "$Zq7_KEY": "reference to a variable", "{{ Zq7 }}": "template", "op://Zq7/okx/key": "secret store", "<Zq7 key>": "placeholder",
			"your_Zq7_key": "placeholder", "changeme": "placeholder", "xxxxxxxxxxxxxxxx": "placeholder", "Zq7a****************wxyz": "masked", "/run/secrets/Zq7": "path of a file", "pkcs11:object=Zq7": "signer", "alias/Zq7-key": "signer", "unix:/run/Zq7.sock": "socket", "secrets/Zq7": "secret store",
			"https://example.com/Zq7": "URL", "ZQ7_API_KEY=Zq7abcdefgh": "whole line", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5Zq7 bot@host": "public key", "PuTTY-User-Key-File-3: Zq7": "PuTTY",
			"-----BEGIN CERTIFICATE-----\nZq7A\n-----END CERTIFICATE-----": "certificate", "-----BEGIN OPENSSH PRIVATE KEY-----\nZq7A\n-----END OPENSSH PRIVATE KEY-----": "OpenSSH",
		} {
			held.Key = text
			refused("key "+text, why)
			held.Secret = adapter.NewSecret(text)
			refused("secret "+text, why)
		}
		if e.Needs.Wallet == nil && e.Needs.OwnerForm == nil {
			held.Secret = adapter.NewSecret("0x" + strings.Repeat("1f", 32))
			refused("a wallet's private key", "wallet's private key")
		}
		if e.Needs.Passphrase {
			held.Passphrase = adapter.NewSecret("${Zq7_PASS}")
			refused("passphrase", "the passphrase is a reference to a variable")
			held.Passphrase = adapter.NewSecret("Zq7\u200bword")
			refused("passphrase", "invisible")
		}
		if e.Needs.Passphrase && e.Needs.SecretForm != nil && kind == access.SharedSecret {
			held.Secret, held.Passphrase = whole.Passphrase, whole.Secret
			refused("secret and passphrase", "swapped")
		}
	})
}
