package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// Credentials are what the owner holds of one API key. Key is the public half
// and is shown masked; the rest cannot be printed.
type Credentials struct {
	Key        string
	Secret     Secret // HMAC secret, or a private key as PEM text
	Passphrase Secret // where the venue has one
	OTP        Secret // code or static password of the key's own second factor
	// Signer signs in place of Secret, for keys that live in an HSM or KMS.
	Signer Signer
	// Storage is how the parts are kept, for the report; nil if not known.
	Storage []Storage
}

// Algorithm is a way to sign.
type Algorithm uint8

// The algorithms. The MAC ones use a shared secret, the others a private key.
const (
	HMACSHA256 Algorithm = iota + 1
	HMACSHA384
	HMACSHA512
	Ed25519
	RSASHA256 // RSASSA-PKCS1-v1_5 with SHA-256
	ES256     // ECDSA P-256 with SHA-256, signature as r and s, 32 bytes each
)

var algorithmWords = []string{"none", "hmac-sha256", "hmac-sha384", "hmac-sha512", "ed25519", "rsa-sha256", "es256"}

// String returns the algorithm as a word, for instance "hmac-sha256".
func (a Algorithm) String() string { return enumString(algorithmWords, a) }

// Signer signs with a key that this process does not hold. It must be safe
// for concurrent use, honour its context and return the raw signature.
type Signer interface {
	// KeyKind says what the signer holds.
	KeyKind() KeyKind
	// Sign signs message. It is given messages only; what they mean is public
	// in the venue's documentation.
	Sign(ctx context.Context, alg Algorithm, message []byte) ([]byte, error)
}

// KeyKind is what sort of key signs.
type KeyKind uint8

// The kinds of keys. The zero value is not known.
const (
	KindOfKeyUnknown KeyKind = iota
	SharedSecret
	Ed25519Key
	RSAKey
	ECDSAKey
)

var keyKindWords = []string{"unknown", "shared-secret", "ed25519", "rsa", "ecdsa"}

// String returns the kind as a word, for instance "shared-secret".
func (k KeyKind) String() string { return enumString(keyKindWords, k) }

// MarshalText writes the kind as a word.
func (k KeyKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *KeyKind) UnmarshalText(text []byte) error {
	return enumParse("key kind", keyKindWords, text, k)
}

// kind is the kind of key the credentials sign with.
func (c Credentials) kind(private privateKey) KeyKind {
	if c.Signer != nil {
		return c.Signer.KeyKind()
	}
	if kind := private.kind(); kind != KindOfKeyUnknown {
		return kind
	}
	return SharedSecret
}

// MaskID shortens an identifier so that its owner recognises it and nobody
// else can use it: the first and last four characters of long ones, the last
// two of short ones.
func MaskID(id string) string {
	switch r := []rune(id); {
	case id == "":
		return ""
	case len(r) >= 16:
		return string(r[:4]) + "…" + string(r[len(r)-4:])
	case len(r) >= 6:
		return "…" + string(r[len(r)-2:])
	default:
		return "…"
	}
}

// fingerprint is the beginning of a hash of the venue and the key's public half,
// 64 bits. A long identifier made at random can't be found from it; a short one
// can, by whoever tries them all, and then it is no more than public.
func fingerprint(exchange, id string) string {
	if id == "" || strings.ContainsAny(id, "*…") { // masked
		return ""
	}
	sum := sha256.Sum256([]byte("exchangekeyaudit key\x00" + exchange + "\x00" + id))
	return hex.EncodeToString(sum[:8])
}

// String shows the masked key and nothing else.
func (c Credentials) String() string { return "key " + MaskID(c.Key) }

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// Format writes String for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// LogValue is String.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText writes String.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

var (
	envKeys        = []string{"_API_KEY", "_APIKEY", "_KEY"}
	envSecrets     = []string{"_API_SECRET", "_SECRET", "_SECRET_KEY", "_API_PRIVATE_KEY"}
	envPassphrases = []string{"_API_PASSPHRASE", "_PASSPHRASE", "_API_PASSWORD"}
	envOTPs        = []string{"_API_OTP"}
)

// FromEnv reads credentials from environment variables named after prefix, in
// the spellings bots use:
//
//	key         PREFIX_API_KEY, PREFIX_APIKEY, PREFIX_KEY
//	secret      PREFIX_API_SECRET, PREFIX_SECRET, PREFIX_SECRET_KEY, PREFIX_API_PRIVATE_KEY
//	passphrase  PREFIX_API_PASSPHRASE, PREFIX_PASSPHRASE, PREFIX_API_PASSWORD (optional)
//	otp         PREFIX_API_OTP (optional)
//
// Two spellings with different values are an error, for nobody could tell
// which key was audited. The error names variables and never a value.
func FromEnv(prefix string) (Credentials, error) {
	var problems []string
	lookup := func(what string, suffixes []string, needed bool) string {
		value, from := "", ""
		for _, suffix := range suffixes {
			v := strings.TrimSpace(os.Getenv(prefix + suffix))
			switch {
			case v == "":
			case value == "":
				value, from = v, prefix+suffix
			case v != value:
				problems = append(problems, fmt.Sprintf("%s and %s are both set and differ: unset one", from, prefix+suffix))
			}
		}
		if value == "" && needed {
			problems = append(problems, fmt.Sprintf("no %s: set %s", what, prefix+suffixes[0]))
		}
		return value
	}
	c := Credentials{
		Key:        lookup("API key", envKeys, true),
		Secret:     NewSecret(lookup("secret", envSecrets, true)),
		Passphrase: NewSecret(lookup("passphrase", envPassphrases, false)),
		OTP:        NewSecret(lookup("second factor", envOTPs, false)),
	}
	if len(problems) > 0 {
		return Credentials{}, &Error{Kind: KindInput, Message: strings.Join(problems, "; ")}
	}
	return c, nil
}

// privateKey is the parsed secret of an asymmetric key.
type privateKey struct {
	ed25519 ed25519.PrivateKey
	rsa     *rsa.PrivateKey
	ecdsa   *ecdsa.PrivateKey
}

func (p privateKey) kind() KeyKind {
	switch {
	case p.ed25519 != nil:
		return Ed25519Key
	case p.rsa != nil:
		return RSAKey
	case p.ecdsa != nil:
		return ECDSAKey
	default:
		return KindOfKeyUnknown
	}
}

// bits is the length of an RSA key, and 0 for any other.
func (p privateKey) bits() int {
	if p.rsa == nil {
		return 0
	}
	return p.rsa.N.BitLen()
}

var errPrivateKey = errors.New("the private key is not readable PEM: it must be an unencrypted PKCS#8, PKCS#1 or SEC 1 block, as the file was saved")

// looksLikePEM tells a private key from an HMAC secret. Secrets pasted from
// JSON often hold a literal backslash-n, which parsePEM mends.
func looksLikePEM(secret string) bool { return strings.Contains(secret, "PRIVATE KEY") }

// parsePEM reads an unencrypted private key. Its error says nothing of the
// input.
func parsePEM(text string) (privateKey, error) {
	rest := []byte(strings.ReplaceAll(strings.TrimSpace(text), `\n`, "\n"))
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return privateKey{}, errPrivateKey
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") { // the parameters of a curve may stand before it
			return parseDER(block.Bytes)
		}
	}
}

func parseDER(der []byte) (privateKey, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		switch key := key.(type) {
		case ed25519.PrivateKey:
			return privateKey{ed25519: key}, nil
		case *rsa.PrivateKey:
			return privateKey{rsa: key}, nil
		case *ecdsa.PrivateKey:
			return privateKey{ecdsa: key}, nil
		}
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return privateKey{ecdsa: key}, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return privateKey{rsa: key}, nil
	}
	return privateKey{}, errPrivateKey
}
