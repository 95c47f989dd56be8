package copies

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
)

// Texts are what to look for to find a secret: the secret itself, and if it stands for
// bytes, those bytes too, which other files may have in another form.
func Texts(secret string) (out [][]byte) {
	if secret = strings.TrimSpace(secret); secret == "" {
		return nil
	}
	if block, _ := pem.Decode([]byte(secret)); block != nil {
		if out := private(block.Bytes); out != nil {
			return out
		}
		return append(pieces(block.Bytes), lines(block.Bytes)...) // encrypted, or of a curve that is not known
	}
	if digits := strings.TrimPrefix(strings.TrimPrefix(secret, "0x"), "0X"); len(digits) >= 32 {
		even := strings.Repeat("0", len(digits)%2) + digits // Stark keys lose zeros in front
		if raw, err := hex.DecodeString(even); err == nil {
			return append(append(cases(digits), cases(strings.TrimLeft(digits, "0"))...), raw)
		}
	}
	if _, seed, named := strings.Cut(secret, ":"); named && strings.HasPrefix(secret, "ed25519:") { // as NEAR and Orderly write it
		return Texts(seed)
	}
	out = append(out, bytes.TrimRight([]byte(secret), "=")) // which people lose
	if raw := fromBase64(secret); raw != nil {
		if der := private(raw); der != nil { // a private key without its PEM lines
			return der
		}
		if strings.ContainsAny(secret, "+/-_=") {
			out = append(out, raw)
		}
	}
	return out
}

// cases are the ways to write hexadecimal digits.
func cases(digits string) [][]byte {
	return [][]byte{[]byte(digits), []byte(strings.ToLower(digits)), []byte(strings.ToUpper(digits))}
}

// fromBase64 are the bytes that a text stands for, if it may be of base64.
func fromBase64(text string) []byte {
	text = strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.DecodeString(text); err == nil && len(raw) >= whole {
			return raw
		}
	}
	return nil
}

// lineSize is how many bytes a line of PEM stands for.
const lineSize = 48

// private are bytes of a private key that its public half does not have; nothing if it is
// none that is known.
func private(der []byte) [][]byte {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if ec, err := x509.ParseECPrivateKey(der); err == nil {
			key = ec
		} else if rsa, err := x509.ParsePKCS1PrivateKey(der); err == nil {
			key = rsa
		}
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return append(lines(der), key.Seed())
	case *rsa.PrivateKey:
		exponent, prime := key.D.Bytes(), key.Primes[0].Bytes()
		return append(lines(der), exponent[:min(len(exponent), lineSize)], prime[:min(len(prime), lineSize)])
	case *ecdsa.PrivateKey:
		if raw, err := key.Bytes(); err == nil {
			return append(lines(der), raw)
		}
	}
	return nil
}

// lines are lines of a private key's PEM that no public key has: the first, and of long ones
// one near the end. In a text that is in base64 they are not put together.
func lines(der []byte) (out [][]byte) {
	for _, piece := range pieces(der) {
		out = append(out, []byte(base64.RawStdEncoding.EncodeToString(piece)))
	}
	return out
}

// pieces are what two lines stand for: the first, and of many the one after three quarters.
func pieces(der []byte) [][]byte {
	out := [][]byte{der[:min(len(der), lineSize)]}
	if n := len(der) / lineSize; n >= 8 {
		at := n * 3 / 4 * lineSize
		out = append(out, der[at:at+lineSize])
	}
	return out
}
