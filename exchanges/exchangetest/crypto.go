package exchangetest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"time"
)

// Small things that several fakes need.

// hmacHex is the HMAC of a text, keyed with the secret as text, in lower-case
// hexadecimal.
func hmacHex(h func() hash.Hash, secret, text string) string {
	return hex.EncodeToString(hmacRaw(h, []byte(secret), text))
}

// hmacBase64 is the same in standard base64.
func hmacBase64(h func() hash.Hash, secret, text string) string {
	return base64.StdEncoding.EncodeToString(hmacRaw(h, []byte(secret), text))
}

func hmacRaw(h func() hash.Hash, secret []byte, text string) []byte {
	mac := hmac.New(h, secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// rsaSigned reports whether a signature, in standard base64, is RSA PKCS #1 v1.5
// with SHA-256 of a text.
func rsaSigned(public *rsa.PublicKey, text, signature string) bool {
	raw, err := base64.StdEncoding.DecodeString(signature)
	digest := sha256.Sum256([]byte(text))
	return err == nil && rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], raw) == nil
}

// armour wraps base64 DER of a PKCS#8 key, as it is often printed, into PEM.
func armour(base64DER string) string {
	return "-----BEGIN PRIVATE KEY-----\n" + base64DER + "\n-----END PRIVATE KEY-----\n"
}

// listOf is a list that is encoded as [] when it is empty.
func listOf(texts []string) []string { return append([]string{}, texts...) }

// timeOr is a time, or another one if it is zero.
func timeOr(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}
