package keytext

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
)

// openDER reads the bytes of a private key. Is reports whether they are one, or
// something else that is no shared secret.
func openDER(raw []byte, phrase string) (key crypto.PrivateKey, is bool, err error) {
	if bytes.HasPrefix(raw, []byte("openssh-key-v1\x00")) {
		if bytes.Contains(raw, []byte("ssh-ed25519")) {
			return nil, true, errSSHEd
		}
		return nil, true, errOpenSSH
	}
	if !bytes.HasPrefix(raw, []byte{derSequence}) { // as all that follow are; nearly every shared secret is not
		return nil, false, nil
	}
	if key, is, err = parsePrivate(raw); is {
		return key, true, err
	}
	if sealed, ok := parseSealed(raw); ok {
		key, err = sealed.open(phrase)
		return key, true, err
	}
	err = isOther(raw)
	return nil, err != nil, err
}

const derSequence = 0x30 // the first byte of every structure that holds a key

// parsePrivate reads PKCS#8, SEC 1 and PKCS#1.
func parsePrivate(raw []byte) (key crypto.PrivateKey, is bool, err error) {
	if key, err := x509.ParsePKCS8PrivateKey(raw); err == nil {
		switch key.(type) {
		case ed25519.PrivateKey, *rsa.PrivateKey, *ecdsa.PrivateKey:
			return key, true, nil
		default:
			return nil, true, errCannotSign
		}
	}
	if key, err := x509.ParseECPrivateKey(raw); err == nil {
		return key, true, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(raw); err == nil {
		return key, true, nil
	}
	return nil, false, nil
}

// isOther is what the bytes are, if they have the structure of keys. Nil means
// that they may be anything.
func isOther(raw []byte) error {
	if _, err := x509.ParsePKIXPublicKey(raw); err == nil {
		return errPublic
	}
	if _, err := x509.ParsePKCS1PublicKey(raw); err == nil {
		return errPublic
	}
	if _, err := x509.ParseCertificate(raw); err == nil {
		return errCertificate
	}
	if _, err := x509.ParseCertificateRequest(raw); err == nil {
		return errCertificate
	}
	if err := otherKind(raw); err != nil {
		return err
	}
	var version int
	switch rest, version, ok := sequence(raw, &version); {
	case !ok:
		return nil
	case version == 3 && bytes.HasPrefix(rest, []byte{0x30}):
		return errPKCS12
	case version <= 1 && len(rest) > 0 && (rest[0] == 0x30 || rest[0] == 0x04 || rest[0] == 0x02):
		return errDamaged
	default:
		return nil
	}
}

// sequence reads how a private key begins: a sequence, which may be cut short, and
// in it a small number and one more value.
func sequence(raw []byte, version *int) (rest []byte, number int, ok bool) {
	if len(raw) < shortestDER || raw[0] != derSequence {
		return nil, 0, false
	}
	head := 2
	if raw[1] > 0x80 {
		head += int(raw[1] & 0x7f)
	}
	if head > 5 || head > len(raw) {
		return nil, 0, false
	}
	rest, err := asn1.Unmarshal(raw[head:], version)
	return rest, *version, err == nil && *version >= 0
}

// The algorithms and curves of keys that are read. What has another is whole, and what has
// one of these and was not read is damaged.
var (
	ecdsaOID = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1} // RFC 5480
	read     = []asn1.ObjectIdentifier{
		{1, 2, 840, 113549, 1, 1, 1},                               // RSA: RFC 8017
		{1, 3, 101, 112},                                           // Ed25519: RFC 8410
		{1, 2, 840, 10045, 3, 1, 7},                                // P-256: RFC 5480, as the next
		{1, 3, 132, 0, 33}, {1, 3, 132, 0, 34}, {1, 3, 132, 0, 35}, // P-224, P-384, P-521
	}
)

// otherKind says of what kind a whole private key is that no exchange takes. It is nil of
// other bytes.
func otherKind(raw []byte) error {
	var pkcs8 struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
		Rest      []asn1.RawValue `asn1:"optional,set,tag:0"`
		Public    asn1.BitString  `asn1:"optional,tag:1"`
	}
	var sec1 struct {
		Version int
		Key     []byte
		Curve   asn1.RawValue  // its parameters, within the tag 0
		Public  asn1.BitString `asn1:"optional,explicit,tag:1"`
	}
	var dsa struct{ Version, P, Q, G, Public, Private *big.Int }
	whole := func(into any) bool {
		rest, err := asn1.Unmarshal(raw, into)
		return err == nil && len(rest) == 0
	}
	switch {
	case whole(&pkcs8) && pkcs8.Algorithm.Algorithm.Equal(ecdsaOID):
		return otherCurve(pkcs8.Algorithm.Parameters.FullBytes)
	case pkcs8.Key != nil && !isRead(pkcs8.Algorithm.Algorithm), whole(&dsa):
		return errCannotSign
	case pkcs8.Key == nil && whole(&sec1):
		return otherCurve(sec1.Curve.Bytes)
	default:
		return nil
	}
}

func otherCurve(parameters []byte) error {
	var curve asn1.ObjectIdentifier
	switch _, err := asn1.Unmarshal(parameters, &curve); {
	case err == nil && !isRead(curve):
		return errCannotSign
	case bytes.HasPrefix(parameters, []byte{derSequence}):
		return errExplicit
	default:
		return nil
	}
}

func isRead(id asn1.ObjectIdentifier) bool { return slices.ContainsFunc(read, id.Equal) }

// isBinary reports whether the text is the bytes of a file that is neither text nor PEM,
// but begins as those with keys do.
func isBinary(text string) bool {
	return len(text) >= shortestDER && text[0] == derSequence && strings.ContainsFunc(text[:shortestDER], func(r rune) bool { return r < '\t' })
}
