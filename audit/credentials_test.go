package audit

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFromEnv(t *testing.T) {
	for name, c := range map[string]struct {
		env                          map[string]string
		key, secret, passphrase, otp string
	}{
		"api key":      {env: map[string]string{"BOT_API_KEY": "k", "BOT_API_SECRET": "s"}, key: "k", secret: "s"},
		"apikey":       {env: map[string]string{"BOT_APIKEY": "k", "BOT_SECRET": "s"}, key: "k", secret: "s"},
		"key":          {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET_KEY": "s"}, key: "k", secret: "s"},
		"private key":  {env: map[string]string{"BOT_API_KEY": "k", "BOT_API_PRIVATE_KEY": "s"}, key: "k", secret: "s"},
		"passphrase":   {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_PASSPHRASE": "p"}, key: "k", secret: "s", passphrase: "p"},
		"passphrase 2": {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_API_PASSPHRASE": "p"}, key: "k", secret: "s", passphrase: "p"},
		"password":     {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_API_PASSWORD": "p"}, key: "k", secret: "s", passphrase: "p"},
		"otp":          {env: map[string]string{"BOT_KEY": "k", "BOT_SECRET": "s", "BOT_API_OTP": "o"}, key: "k", secret: "s", otp: "o"},
		"white space":  {env: map[string]string{"BOT_KEY": " k\n", "BOT_SECRET": "\ts \n", "BOT_PASSPHRASE": "  "}, key: "k", secret: "s"},
		"twice alike":  {env: map[string]string{"BOT_KEY": "k", "BOT_API_KEY": "k ", "BOT_SECRET": "s", "BOT_API_SECRET": "s"}, key: "k", secret: "s"},
		"empty spelling": {
			env: map[string]string{"BOT_API_KEY": "", "BOT_KEY": "k", "BOT_SECRET": "s"}, key: "k", secret: "s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			got, err := FromEnv("BOT")
			require.NoError(t, err)
			assert.Equal(t, []string{c.key, c.secret, c.passphrase, c.otp},
				[]string{got.Key, got.Secret.Reveal(), got.Passphrase.Reveal(), got.OTP.Reveal()})
		})
	}
}

func TestFromEnvSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"nothing set":   {nil, []string{"no API key: set BOT_API_KEY", "no secret: set BOT_API_SECRET"}},
		"only spaces":   {map[string]string{"BOT_KEY": " ", "BOT_SECRET": "cAnArY1"}, []string{"no API key: set BOT_API_KEY"}},
		"no secret":     {map[string]string{"BOT_KEY": "cAnArY1"}, []string{"no secret: set BOT_API_SECRET"}},
		"two keys":      {map[string]string{"BOT_API_KEY": "cAnArY1", "BOT_KEY": "cAnArY2", "BOT_SECRET": "cAnArY3"}, []string{"BOT_API_KEY and BOT_KEY are both set and differ: unset one"}},
		"three secrets": {map[string]string{"BOT_KEY": "cAnArY1", "BOT_API_SECRET": "cAnArY2", "BOT_SECRET": "cAnArY3", "BOT_SECRET_KEY": "cAnArY4"}, []string{"BOT_API_SECRET and BOT_SECRET are both set", "BOT_API_SECRET and BOT_SECRET_KEY are both set"}},
		"two passwords": {map[string]string{"BOT_KEY": "cAnArY1", "BOT_SECRET": "cAnArY2", "BOT_PASSPHRASE": "cAnArY3", "BOT_API_PASSWORD": "cAnArY4"}, []string{"BOT_PASSPHRASE and BOT_API_PASSWORD are both set"}},
		"all at once":   {map[string]string{"BOT_API_KEY": "cAnArY1", "BOT_KEY": "cAnArY2"}, []string{"BOT_API_KEY and BOT_KEY", "no secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			got, err := FromEnv("BOT")
			require.ErrorIs(t, err, KindInput)
			for _, part := range c.want {
				require.ErrorContains(t, err, part)
			}
			assert.NotContains(t, err.Error(), "cAnArY")
			assert.Empty(t, got.Key)
			assert.True(t, got.Secret.IsZero())
		})
	}
}

func TestMaskID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"": "", "a": "…", "12345": "…", "123456": "…56", "123456789012345": "…45", "1234567890123456": "1234…3456",
		"0x1234567890abcdef1234567890abcdef12345678": "0x12…5678", "ключ-от-дверей-и-окон": "ключ…окон", "пароль": "…ль", "ключ1": "…",
	} {
		assert.Equal(t, want, MaskID(id), id)
		assert.True(t, utf8.ValidString(MaskID(id)))
	}
}

// handedOut is a private key as its owner gets it.
type handedOut struct {
	der  []byte
	typ  string
	kind KeyKind
}

// testKeys makes one private key of each kind, in every form it is handed out.
func testKeys(t *testing.T) map[string]handedOut {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	pkcs8 := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		return der
	}
	sec1, err := x509.MarshalECPrivateKey(curve)
	require.NoError(t, err)
	return map[string]handedOut{
		"Ed25519, PKCS#8": {pkcs8(ed), "PRIVATE KEY", Ed25519Key},
		"RSA, PKCS#8":     {pkcs8(big), "PRIVATE KEY", RSAKey},
		"RSA, PKCS#1":     {x509.MarshalPKCS1PrivateKey(big), "RSA PRIVATE KEY", RSAKey},
		"ECDSA, PKCS#8":   {pkcs8(curve), "PRIVATE KEY", ECDSAKey},
		"ECDSA, SEC 1":    {sec1, "EC PRIVATE KEY", ECDSAKey},
	}
}

func TestPrivateKeys(t *testing.T) {
	t.Parallel()
	for name, form := range testKeys(t) {
		whole := string(pem.EncodeToMemory(&pem.Block{Type: form.typ, Bytes: form.der}))
		assert.True(t, looksLikePEM(whole))
		for spelling, text := range map[string]string{
			"as saved": whole, "without the last line break": strings.TrimSpace(whole), "with spaces around": "\n  " + whole + "\n",
			"with literal line breaks": strings.ReplaceAll(whole, "\n", `\n`), "from Windows": strings.ReplaceAll(whole, "\n", "\r\n"),
		} {
			key, err := parsePEM(text)
			require.NoError(t, err, "%s, %s", name, spelling)
			assert.Equal(t, form.kind, key.kind(), name)
		}
		key, kind, err := readSecret(whole, Needs{Kinds: []KeyKind{form.kind}})
		require.NoError(t, err)
		assert.Equal(t, form.kind, kind)
		assert.Equal(t, form.kind, (&Credentials{}).kind(key))
		// Cut off, another byte in it, another label.
		damaged := bytes.Clone(form.der)
		damaged[0] ^= 0xff
		for _, text := range []string{
			whole[:len(whole)/2], strings.Replace(whole, "BEGIN", "BEGAN", 1), strings.ReplaceAll(whole, "\n", " "), "PRIVATE KEY",
			string(pem.EncodeToMemory(&pem.Block{Type: form.typ, Bytes: damaged})), string(pem.EncodeToMemory(&pem.Block{Type: form.typ, Bytes: form.der[:20]})),
			string(pem.EncodeToMemory(&pem.Block{Type: form.typ})),
		} {
			key, err := parsePEM(text)
			require.ErrorIs(t, err, errPrivateKey, name)
			assert.Equal(t, KindOfKeyUnknown, key.kind())
		}
	}
}

func TestKeysThatCannotSign(t *testing.T) {
	t.Parallel()
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(exchange)
	require.NoError(t, err)
	for _, block := range []*pem.Block{
		{Type: "PRIVATE KEY", Bytes: der},
		{Type: "ENCRYPTED PRIVATE KEY", Bytes: der},
		{Type: "CERTIFICATE", Bytes: []byte("PRIVATE KEY")},
	} {
		_, err := parsePEM(string(pem.EncodeToMemory(block)))
		require.ErrorIs(t, err, errPrivateKey, block.Type)
	}
}

func TestRawKeys(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der := testKeys(t)["ECDSA, SEC 1"].der
	encode := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct {
		text string
		kind KeyKind
		err  string
	}{
		"seed":                 {encode(private.Seed()), Ed25519Key, ""},
		"seed with spaces":     {" " + encode(private.Seed()) + "\n", Ed25519Key, ""},
		"seed and public half": {encode(private), Ed25519Key, ""},
		"wrong public half":    {encode(append(bytes.Clone(private[:32]), make([]byte, 32)...)), KindOfKeyUnknown, "its public half does not belong"},
		"DER":                  {encode(der), ECDSAKey, ""},
		"public half alone":    {encode(append(public, 0)), KindOfKeyUnknown, "not readable"},
		"no base64":            {"cAnArY!", KindOfKeyUnknown, "not readable"},
		"empty":                {"", KindOfKeyUnknown, "not readable"},
	} {
		key, err := parseKeyText(c.text)
		assert.Equal(t, c.kind, key.kind(), name)
		if c.err == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.err, name)
		assert.NotContains(t, err.Error(), "cAnArY")
	}
	key, err := parseKeyText(encode(private))
	require.NoError(t, err)
	assert.True(t, private.Equal(key.ed25519))
}
