package adapter

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
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

func TestRawKeys(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	encode := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct {
		text string
		is   bool
		err  string
	}{
		"seed":                 {encode(private.Seed()), true, ""},
		"seed, wrapped":        {encode(private.Seed())[:20] + "\n" + encode(private.Seed())[20:], true, ""},
		"seed and public half": {encode(private), true, ""},
		"wrong public half":    {encode(append(bytes.Clone(private[:32]), make([]byte, 32)...)), false, "its public half does not belong"},
		"public half and more": {encode(append(public, 0)), false, ""},
		"no base64":            {"cAnArY!", false, ""},
		"empty":                {"", false, ""},
	} {
		key, err := parseSeed(c.text)
		assert.Equal(t, c.is, key.kind() == access.Ed25519Key, name)
		if c.err == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.err, name)
	}
	key, err := parseSeed(encode(private))
	require.NoError(t, err)
	assert.True(t, private.Equal(key.ed25519))
}
