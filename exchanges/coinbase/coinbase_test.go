package coinbase_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbase"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

func TestConformance(t *testing.T) {
	exchangetest.Conform(t, coinbase.Exchange, exchangetest.Coinbase)
}

func FuzzParse(f *testing.F) { exchangetest.Fuzz(f, coinbase.Exchange, exchangetest.Coinbase) }

// TestSecrets: private keys come in several forms, depending on the page that
// created them and on what they were pasted through.
func TestSecrets(t *testing.T) {
	t.Parallel()
	fake := exchangetest.Coinbase()
	inspect := func(c adapter.Credentials, secret string) error {
		c.Secret = adapter.NewSecret(secret)
		_, err := audit.Inspect(context.Background(), audit.Key{Exchange: coinbase.Exchange, Credentials: c}, &audit.Options{Transport: fake})
		return err
	}
	pkcs8 := func(private any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(private)
		require.NoError(t, err)
		return der
	}
	armour := func(der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	encode := base64.StdEncoding.EncodeToString

	edwards := fake.Issue(exchangetest.Spec{Kind: access.Ed25519Key})
	raw, err := base64.StdEncoding.DecodeString(edwards.Secret.Reveal())
	require.NoError(t, err)
	require.Len(t, raw, ed25519.PrivateKeySize)
	damaged := append([]byte{}, raw...)
	damaged[len(raw)-1] ^= 1
	curve := fake.Issue(exchangetest.Spec{Kind: access.ECDSAKey})
	block, _ := pem.Decode([]byte(curve.Secret.Reveal()))
	require.Equal(t, "EC PRIVATE KEY", block.Type)
	private, err := x509.ParseECPrivateKey(block.Bytes)
	require.NoError(t, err)

	for name, err := range map[string]error{
		"seed and public key":            inspect(edwards, encode(raw)),
		"seed":                           inspect(edwards, encode(raw[:ed25519.SeedSize])),
		"PKCS#8 in base64":               inspect(edwards, encode(pkcs8(ed25519.PrivateKey(raw)))),
		"PKCS#8":                         inspect(edwards, armour(pkcs8(ed25519.PrivateKey(raw)))),
		"SEC 1":                          inspect(curve, curve.Secret.Reveal()),
		"SEC 1 with literal line breaks": inspect(curve, strings.ReplaceAll(curve.Secret.Reveal(), "\n", `\n`)),
		"ECDSA in PKCS#8":                inspect(curve, armour(pkcs8(private))),
	} {
		require.NoError(t, err, name)
	}
	for name, secret := range map[string]string{"damaged": encode(damaged), "an older key": "exampleLegacySecret0123456789abc"} {
		assert.ErrorIs(t, inspect(edwards, secret), access.KindInput, name)
	}
}

// TestUnauthorised: the same answer has many causes, and the audit doesn't try
// again.
func TestUnauthorised(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]exchangetest.Spec{
		"another address": {IPs: []string{"203.0.113.7"}},
		"disabled":        {Disabled: true},
	} {
		fake := exchangetest.Coinbase()
		key := audit.Key{Exchange: coinbase.Exchange, Credentials: fake.Issue(spec)}
		_, err := audit.Inspect(context.Background(), key, &audit.Options{Transport: fake})
		var failure *access.Error
		require.ErrorAs(t, err, &failure, name)
		assert.Equal(t, access.KindAmbiguous, failure.Kind, name)
		assert.Contains(t, failure.Candidates, access.KindIPNotAllowed, name)
		assert.Len(t, fake.Requests(), 1, name)
	}
}
