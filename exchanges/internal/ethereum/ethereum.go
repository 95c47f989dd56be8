// Package ethereum is how exchanges know keys that are wallets of Ethereum's form: a
// secp256k1 private key of 32 bytes in hexadecimal, and the address that derives from it.
// Only adapters of such exchanges import it, so that no other links its libraries.
package ethereum

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"golang.org/x/crypto/sha3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// The forms of an address and of a private key, of which many clients leave out "0x".
var (
	AddressForm = wire.Form("0[xX]" + wire.Hex + "{40}")
	PrivateForm = wire.Form("(?:0[xX])?" + wire.Hex + "{64}")
)

// Kinds are the kinds of key of such an exchange.
func Kinds() []access.KeyKind { return []access.KeyKind{access.Secp256k1Wallet} }

// Wallet returns how such keys are read and used.
func Wallet() *adapter.Wallet {
	return &adapter.Wallet{Kind: access.Secp256k1Wallet, Read: read, Derive: address, Canonical: Canonical}
}

func read(text string) ([]byte, error) {
	if !PrivateForm.MatchString(text) {
		return nil, errors.New("the private key is not 64 hexadecimal digits: copy it again")
	}
	return hex.DecodeString(text[len(text)-64:])
}

// address is the last 20 bytes of the Keccak-256 hash of the public key, without the
// byte that says that it isn't compressed.
func address(private []byte) string {
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(private); overflow || scalar.IsZero() {
		return ""
	}
	public := secp256k1.NewPrivateKey(&scalar).PubKey().SerializeUncompressed()
	return "0x" + hex.EncodeToString(keccak(public[1:])[12:])
}

func keccak(parts ...[]byte) []byte {
	h := sha3.NewLegacyKeccak256()
	for _, part := range parts {
		_, _ = h.Write(part) // documented never to fail
	}
	return h.Sum(nil)
}

// Canonical is an address in small letters, for the capitals of some are a checksum; empty
// if the text is none.
func Canonical(text string) string {
	if !AddressForm.MatchString(text) {
		return ""
	}
	return strings.ToLower(text)
}
