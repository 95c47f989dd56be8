// Package cosmos is how exchanges know keys that are wallets of chains of the Cosmos SDK: a
// secp256k1 private key of 32 bytes in hexadecimal, and an address in bech32 that derives
// from it. Only adapters of such exchanges import it.
package cosmos

import (
	"crypto/sha256"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	//lint:ignore SA1019 addresses are of this hash
	"golang.org/x/crypto/ripemd160" //nolint:gosec,staticcheck // addresses are of this hash
)

// Public is the compressed public key of 33 bytes of a private key; nil if no wallet has it.
func Public(private []byte) []byte {
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(private); overflow || scalar.IsZero() {
		return nil
	}
	return secp256k1.NewPrivateKey(&scalar).PubKey().SerializeCompressed()
}

// Address is the address of a public key on a chain whose addresses begin with the prefix.
func Address(prefix string, public []byte) string {
	sum := sha256.Sum256(public)
	h := ripemd160.New() //nolint:gosec // see above
	_, _ = h.Write(sum[:])
	return Encode(prefix, h.Sum(nil))
}

const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// Encode writes 20 bytes in bech32, of BIP-173.
func Encode(prefix string, raw []byte) string {
	groups := make([]byte, 0, 38)
	bits, held := 0, 0
	for _, b := range raw {
		for bits, held = bits<<8|int(b), held+8; held >= 5; held -= 5 {
			groups = append(groups, byte(bits>>(held-5)&31))
		}
		bits &= 31
	}
	check := checksum(prefix, append(groups, 0, 0, 0, 0, 0, 0)) ^ 1
	for shift := 25; shift >= 0; shift -= 5 {
		groups = append(groups, byte(check>>shift&31))
	}
	var out strings.Builder
	out.WriteString(prefix + "1")
	for _, g := range groups {
		out.WriteByte(letters[g])
	}
	return out.String()
}

// Canonical is an address of 20 bytes in small letters; empty if the text is none of that
// prefix, or is damaged.
func Canonical(prefix, text string) string {
	if upper := strings.ToUpper(text); text == upper { // capitals are allowed, but not some
		text = strings.ToLower(text)
	}
	data, found := strings.CutPrefix(text, prefix+"1")
	if !found || len(data) != 38 {
		return ""
	}
	groups := make([]byte, 0, 38)
	for _, c := range data {
		at := strings.IndexRune(letters, c)
		if at < 0 {
			return ""
		}
		groups = append(groups, byte(at))
	}
	if checksum(prefix, groups) != 1 {
		return ""
	}
	return text
}

// checksum is 1 for the groups of five bits of an address, its last six included.
func checksum(prefix string, groups []byte) uint32 {
	expanded := make([]byte, 0, 2*len(prefix)+1+len(groups))
	for i := range len(prefix) {
		expanded = append(expanded, prefix[i]>>5)
	}
	expanded = append(expanded, 0)
	for i := range len(prefix) {
		expanded = append(expanded, prefix[i]&31)
	}
	sum := uint32(1)
	for _, g := range append(expanded, groups...) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(g)
		for i, generator := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= generator
			}
		}
	}
	return sum
}
