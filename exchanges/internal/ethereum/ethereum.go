// Package ethereum is how exchanges know keys that are wallets of Ethereum's form: a
// secp256k1 private key of 32 bytes in hexadecimal, and the address that derives from it.
// Only adapters of such exchanges import it, so that no other links its libraries.
package ethereum

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"golang.org/x/crypto/sha3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// AddressForm is what an address looks like.
var AddressForm = wire.AddressHex

// Kinds are the kinds of key of such an exchange.
func Kinds() []access.KeyKind { return []access.KeyKind{access.Secp256k1Wallet} }

// Wallet returns how such keys are read and used.
func Wallet() *adapter.Wallet {
	return &adapter.Wallet{Kind: access.Secp256k1Wallet, Read: read, Derive: address, Canonical: Canonical}
}

func read(text string) ([]byte, error) {
	if !wire.PrivateHex.MatchString(text) {
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

// Checksummed is an address with the capitals of EIP-55, as documents write it.
func Checksummed(address string) string {
	out := []byte(strings.ToLower(address))
	sum := hex.EncodeToString(keccak(out[2:]))
	for i, c := range out[2:] {
		if c >= 'a' && sum[i] >= '8' {
			out[2+i] = c - 'a' + 'A'
		}
	}
	return string(out)
}

// Message is how EIP-712 encodes a text as Message(string msg), in the domain of a name, of
// version 1, on a chain, without a contract.
func Message(name string, chain uint64, text string) []byte {
	number := binary.BigEndian.AppendUint64(make([]byte, 24), chain)
	domain := keccak(
		keccak([]byte("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")),
		keccak([]byte(name)), keccak([]byte("1")), number, make([]byte, 32))
	message := keccak(keccak([]byte("Message(string msg)")), keccak([]byte(text)))
	return slices.Concat([]byte{0x19, 0x01}, domain, message)
}

// Personal is how EIP-191 encodes a text that a wallet signs.
func Personal(text string) []byte {
	return []byte("\x19Ethereum Signed Message:\n" + strconv.Itoa(len(text)) + text)
}

// Sign signs the Keccak-256 hash of what is encoded: r, s and v, with the nonce of RFC 6979.
func Sign(private, encoded []byte) []byte {
	compact := ecdsa.SignCompact(secp256k1.PrivKeyFromBytes(private), keccak(encoded), false)
	return append(compact[1:], compact[0]) // it begins with v
}
