package exchangetest

import (
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Spec describes a key to issue. The zero value is a key of a main account, with
// no permission, usable from any IP address, that never expires.
type Spec struct {
	Label string
	// Permissions are the exchange's own names; unknown ones are served as they
	// are.
	Permissions []string
	// IPs is the IP allowlist: IP addresses and ranges. Empty means any.
	IPs                                 []string
	Created, Changed, Expires, LastUsed time.Time
	SubAccount                          bool
	Kind                                access.KeyKind // zero means the exchange's default
	Disabled                            bool
	OTP                                 string
	// Options are switches that only this exchange has, for instance
	// "readOnly": "1" at Bybit.
	Options map[string]string
	// Answer replaces the body of the successful answer of the introspection
	// call; {key} in it stands for the key. The request is still verified.
	Answer []byte
	// Faults befall requests of this key, in order.
	Faults []Fault
}

// Has reports whether the key holds a permission.
func (s *Spec) Has(permission string) bool { return slices.Contains(s.Permissions, permission) }

// Issued is a key that the exchange knows.
type Issued struct {
	Spec
	// ID is the key's identifier, Secret and Passphrase are what its owner keeps
	// secret. The secret of a key pair is its private half.
	ID, Secret, Passphrase string
	// Account is the wallet address of the account that a wallet's key trades for.
	Account string
	// PrivateKey and PublicKey are the halves of a key pair. The private one is
	// PEM text, unless [Definition.Shape] writes it in another form. The public
	// one is an ed25519.PublicKey, *rsa.PublicKey or *ecdsa.PublicKey, or that of a
	// wallet. A shared secret has neither.
	PrivateKey string
	PublicKey  any
	// Nonce is for Verify to keep the highest nonce that it has accepted.
	Nonce uint64
	// Serial counts the keys that the exchange has issued.
	Serial int
}
