package adapter

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// Credentials are what the owner holds of one API key. Key is the public half
// and is shown masked; the rest cannot be printed.
type Credentials struct {
	Key string
	// Account is the account that the key trades for, at exchanges whose keys are wallets, by
	// its wallet address or what else the exchange calls it. There Key is what the exchange
	// knows the key's own wallet by, and may be left empty, for it derives from Secret.
	Account    string
	Secret     Secret // HMAC secret, or a private key: PEM, its base64, a key file, a wallet's
	Passphrase Secret // where the exchange has one
	// KeyPassphrase opens a private key that is encrypted. It is not sent.
	KeyPassphrase Secret
	OTP           Secret // code or static password of the key's own second factor
	// Signer signs in place of Secret, for keys that live in an HSM or KMS.
	Signer Signer
	// Storage is how the parts are kept, for the report; nil if unknown.
	Storage []access.Storage

	derived string // what a wallet's key is known by, once tidy has derived it
}

// Algorithm is a way to sign.
type Algorithm uint8

// The algorithms. The MAC ones use a shared secret, the others a private key.
const (
	HMACSHA256 Algorithm = iota + 1
	HMACSHA384
	HMACSHA512
	Ed25519
	RSASHA256    // RSASSA-PKCS1-v1_5 with SHA-256
	ES256        // ECDSA P-256 with SHA-256, signature as r and s, 32 bytes each
	RSAPSSSHA256 // RSASSA-PSS with SHA-256, also as the mask's hash, and 32 bytes of salt
	// Secp256k1 is ECDSA secp256k1 with Keccak-256, as wallets sign: r and s, 32 bytes each,
	// and v, 27 or 28.
	Secp256k1
	// Stark is ECDSA of the Stark curve over a hash of 32 bytes: r and s, 32 bytes each.
	Stark
)

var algorithmWords = []string{"none", "hmac-sha256", "hmac-sha384", "hmac-sha512", "ed25519", "rsa-sha256", "es256", "rsa-pss-sha256", "secp256k1-keccak256", "stark"}

// String returns the algorithm as a word, for instance "hmac-sha256".
func (a Algorithm) String() string { return access.FormatWord(algorithmWords, a) }

// Signer signs with a key that this process does not hold. It must be safe
// for concurrent use, honour its context and return the raw signature.
type Signer interface {
	// KeyKind says what the signer holds.
	KeyKind() access.KeyKind
	// Sign signs message. It is given messages only; what they mean is public
	// in the exchange's documentation.
	Sign(ctx context.Context, alg Algorithm, message []byte) ([]byte, error)
}

// kind is the kind of key the credentials sign with.
func (c Credentials) kind(private privateKey) access.KeyKind {
	if c.Signer != nil {
		return c.Signer.KeyKind()
	}
	if kind := private.kind(); kind != access.KindOfKeyUnknown {
		return kind
	}
	return access.SharedSecret
}

// fingerprint is the beginning of a hash of the exchange and the key's public half,
// 64 bits. A long random identifier can't be found from it; a short one
// can, by trying them all, and then it is no more than public.
func fingerprint(exchange, id string) string {
	if id == "" || strings.ContainsAny(id, "*…") { // masked
		return ""
	}
	sum := sha256.Sum256([]byte("exchangekeyaudit key\x00" + exchange + "\x00" + id))
	return hex.EncodeToString(sum[:8])
}

// keyProblem says why the text in the key's place is no key's identifier.
func (c Credentials) keyProblem() string {
	if why := keytext.Placeholder(c.Key); why != "" {
		return "the API key " + why
	}
	_, is, err := keytext.Private(c.Key, c.KeyPassphrase.Reveal())
	switch {
	case is && err != nil:
		return "in the place of the API key: " + err.Error()
	case c.Key == "":
		return "the API key is empty"
	case strings.ContainsFunc(c.Key, func(r rune) bool { return r < 0x21 || r > 0x7e }):
		return "the API key holds a space, a line break or another character that no key has: copy it again"
	default:
		return ""
	}
}

// String shows the masked key and nothing else.
func (c Credentials) String() string { return "key " + access.MaskID(c.Key) }

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// Format writes String for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// LogValue is String.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText writes String.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// privateKey is the parsed secret of an asymmetric key.
type privateKey struct {
	ed25519 ed25519.PrivateKey
	rsa     *rsa.PrivateKey
	ecdsa   *ecdsa.PrivateKey
	wallet  []byte
	of      *Wallet // what the wallet's key is read and used with
}

func (p privateKey) kind() access.KeyKind {
	switch {
	case p.ed25519 != nil:
		return access.Ed25519Key
	case p.rsa != nil:
		return access.RSAKey
	case p.ecdsa != nil:
		return access.ECDSAKey
	case p.wallet != nil:
		return p.of.Kind
	default:
		return access.KindOfKeyUnknown
	}
}

// bits is the length of an RSA key, and 0 for any other.
func (p privateKey) bits() int {
	if p.rsa == nil {
		return 0
	}
	return p.rsa.N.BitLen()
}
