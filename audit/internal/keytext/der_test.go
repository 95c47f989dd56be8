package keytext

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOtherKinds: a whole key of a kind or on a curve that no exchange takes is not called
// damaged, and a damaged one of a kind that they take is, however either is wrapped.
func TestOtherKinds(t *testing.T) {
	t.Parallel()
	object := func(v any) []byte {
		der, err := asn1.Marshal(v)
		require.NoError(t, err)
		return der
	}
	type pkcs8 struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}
	type sec1 struct {
		Version int
		Key     []byte
		Curve   asn1.RawValue
	}
	of := func(parameters []byte, id ...int) []byte {
		return object(pkcs8{0, pkix.AlgorithmIdentifier{Algorithm: id, Parameters: asn1.RawValue{FullBytes: parameters}}, make([]byte, 60)})
	}
	p256 := object(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
	secp256k1, explicit := object(asn1.ObjectIdentifier{1, 3, 132, 0, 10}), object(struct{ Version int }{1})
	ecdsa := []int{1, 2, 840, 10045, 2, 1}
	for name, c := range map[string]struct {
		der  []byte
		want error
	}{
		"secp256k1":        {of(secp256k1, ecdsa...), errCannotSign},
		"secp256k1, SEC 1": {object(sec1{1, make([]byte, 32), asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: secp256k1}}), errCannotSign},
		"Ed448":            {of(nil, 1, 3, 101, 113), errCannotSign},
		"X448":             {of(nil, 1, 3, 101, 111), errCannotSign},
		"DSA":              {of(nil, 1, 2, 840, 10040, 4, 1), errCannotSign},
		"DSA, as OpenSSL":  {object([]int{0, 1 << 40, 1 << 40, 1 << 40, 1 << 40, 1 << 40}), errCannotSign},
		"RSA-PSS":          {of(nil, 1, 2, 840, 113549, 1, 1, 10), errCannotSign},
		"explicit":         {of(explicit, ecdsa...), errExplicit},
		"explicit, SEC 1":  {object(sec1{1, make([]byte, 32), asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: explicit}}), errExplicit},
		"damaged Ed25519":  {of(nil, 1, 3, 101, 112), errDamaged},
		"damaged P-256":    {of(p256, ecdsa...), errDamaged},
		"cut secp256k1":    {of(secp256k1, ecdsa...)[:40], errDamaged},
	} {
		for _, text := range []string{
			string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: c.der})), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: c.der})),
			base64.StdEncoding.EncodeToString(c.der), hex.EncodeToString(c.der), string(c.der), Clean(string(c.der)),
		} {
			_, found, err := Private(text, "")
			require.ErrorIs(t, err, c.want, "%s: %q", name, text)
			assert.True(t, found)
			quotesNothing(t, text, err)
		}
	}
}

// TestBinaryFile: the file is read as it is, without PEM.
func TestBinaryFile(t *testing.T) {
	t.Parallel()
	for _, form := range forms() {
		sameAs(t, form.key, Clean(string(form.der)), "", form.name)
	}
}
