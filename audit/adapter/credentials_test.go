package adapter

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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// handedOut is a private key as its owner gets it.
type handedOut struct {
	der  []byte
	typ  string
	kind access.KeyKind
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
		"Ed25519, PKCS#8": {pkcs8(ed), "PRIVATE KEY", access.Ed25519Key},
		"RSA, PKCS#8":     {pkcs8(big), "PRIVATE KEY", access.RSAKey},
		"RSA, PKCS#1":     {x509.MarshalPKCS1PrivateKey(big), "RSA PRIVATE KEY", access.RSAKey},
		"ECDSA, PKCS#8":   {pkcs8(curve), "PRIVATE KEY", access.ECDSAKey},
		"ECDSA, SEC 1":    {sec1, "EC PRIVATE KEY", access.ECDSAKey},
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
		key, kind, err := readSecret(whole, Needs{Kinds: []access.KeyKind{form.kind}})
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
			assert.Equal(t, access.KindOfKeyUnknown, key.kind())
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
		kind access.KeyKind
		err  string
	}{
		"seed":                 {encode(private.Seed()), access.Ed25519Key, ""},
		"seed with spaces":     {" " + encode(private.Seed()) + "\n", access.Ed25519Key, ""},
		"seed and public half": {encode(private), access.Ed25519Key, ""},
		"wrong public half":    {encode(append(bytes.Clone(private[:32]), make([]byte, 32)...)), access.KindOfKeyUnknown, "its public half does not belong"},
		"DER":                  {encode(der), access.ECDSAKey, ""},
		"public half alone":    {encode(append(public, 0)), access.KindOfKeyUnknown, "not readable"},
		"no base64":            {"cAnArY!", access.KindOfKeyUnknown, "not readable"},
		"empty":                {"", access.KindOfKeyUnknown, "not readable"},
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
