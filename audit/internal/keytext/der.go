package keytext

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
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
