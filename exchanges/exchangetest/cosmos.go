package exchangetest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// What chains of the Cosmos SDK do with wallets, written from BIP-173 (bech32) and from
// the paper on RIPEMD-160, for clarity and not for speed.

// compressed is the public key of 33 bytes of a private key in hexadecimal; nil if the text is none.
func compressed(private string) []byte {
	key, ok := walletKeyOf(private)
	if !ok {
		return nil
	}
	x, y := produce(key.Int).affine()
	return append([]byte{2 + byte(y.Bit(0))}, x.FillBytes(make([]byte, 32))...)
}

// cosmosAddress is the address of a public key on a chain whose addresses begin so.
func cosmosAddress(prefix string, public []byte) string {
	sum := sha256.Sum256(public)
	return bech32(prefix, ripemd160(sum[:]))
}

// DYDXAddress derives dYdX's wallet address of a private key in hexadecimal; it is empty
// if the text is none. It is code of its own, to compare others with.
func DYDXAddress(private string) string {
	if public := compressed(private); public != nil {
		return cosmosAddress("dydx", public)
	}
	return ""
}

// InjectiveAddress derives Injective's wallet address likewise: it is Ethereum's, in bech32.
func InjectiveAddress(private string) string {
	raw, err := hex.DecodeString(strings.TrimPrefix(WalletAddress(private), "0x"))
	if err != nil || len(raw) == 0 {
		return ""
	}
	return bech32("inj", raw)
}

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 writes bytes in groups of five bits, and six more that check them.
func bech32(prefix string, raw []byte) string {
	var groups []byte
	acc, held := uint32(0), 0
	for _, b := range raw {
		acc, held = acc<<8|uint32(b), held+8
		for ; held >= 5; held -= 5 {
			groups = append(groups, byte(acc>>(held-5))&31)
		}
	}
	if held > 0 {
		groups = append(groups, byte(acc<<(5-held))&31)
	}
	check := bech32Sum(prefix, append(append([]byte{}, groups...), 0, 0, 0, 0, 0, 0)) ^ 1
	for i := range 6 {
		groups = append(groups, byte(check>>(5*(5-i)))&31)
	}
	out := []byte(prefix + "1")
	for _, g := range groups {
		out = append(out, bech32Letters[g])
	}
	return string(out)
}

func bech32Sum(prefix string, groups []byte) uint32 {
	var all []byte
	for _, c := range []byte(prefix) {
		all = append(all, c>>5)
	}
	all = append(all, 0)
	for _, c := range []byte(prefix) {
		all = append(all, c&31)
	}
	sum := uint32(1)
	for _, g := range append(all, groups...) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(g)
		for i, generator := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= generator
			}
		}
	}
	return sum
}

// ripemd160 is the hash: two lines of five rounds of 16 steps each. Which word a step of
// the first line takes is a permutation of the one before, and likewise in the second.
func ripemd160(data []byte) []byte {
	padded := append(append([]byte{}, data...), 0x80)
	padded = append(padded, make([]byte, (64+56-len(padded)%64)%64)...)
	padded = binary.LittleEndian.AppendUint64(padded, 8*uint64(len(data)))
	h := [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}
	for ; len(padded) > 0; padded = padded[64:] {
		var x [16]uint32
		for i := range x {
			x[i] = binary.LittleEndian.Uint32(padded[4*i:])
		}
		var left, right [16]byte
		for i := range left {
			left[i], right[i] = byte(i), byte((9*i+5)%16)
		}
		a := ripemdLine(h, &x, left, [5]uint32{0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e}, false)
		b := ripemdLine(h, &x, right, [5]uint32{0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0}, true)
		h = [5]uint32{h[1] + a[2] + b[3], h[2] + a[3] + b[4], h[3] + a[4] + b[0], h[4] + a[0] + b[1], h[0] + a[1] + b[2]}
	}
	var out []byte
	for _, word := range h {
		out = binary.LittleEndian.AppendUint32(out, word)
	}
	return out
}

// ripemdNext is the permutation from one round to the next, and ripemdShifts by how much
// a word is rotated, by round and word.
var (
	ripemdNext   = [16]byte{7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8}
	ripemdShifts = [5][16]int{
		{11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8},
		{12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7},
		{13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9},
		{14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6},
		{15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5},
	}
)

func ripemdLine(h [5]uint32, x *[16]uint32, order [16]byte, constants [5]uint32, second bool) [5]uint32 {
	mixes := [5]func(b, c, d uint32) uint32{
		func(b, c, d uint32) uint32 { return b ^ c ^ d },
		func(b, c, d uint32) uint32 { return b&c | ^b&d },
		func(b, c, d uint32) uint32 { return (b | ^c) ^ d },
		func(b, c, d uint32) uint32 { return b&d | c&^d },
		func(b, c, d uint32) uint32 { return b ^ (c | ^d) },
	}
	for round := range 5 {
		mix := mixes[round]
		if second {
			mix = mixes[4-round]
		}
		for _, word := range order {
			t := bits.RotateLeft32(h[0]+mix(h[1], h[2], h[3])+x[word]+constants[round], ripemdShifts[round][word]) + h[4]
			h = [5]uint32{h[4], t, h[1], bits.RotateLeft32(h[2], 10), h[3]}
		}
		for i, word := range order {
			order[i] = ripemdNext[word]
		}
	}
	return h
}

// cosmosFailures are those of a chain's node: with an empty answer, it knows nothing of the key.
func cosmosFailures(empty string) []Failure {
	return []Failure{
		{Name: FailUnknownKey, Reply: Reply{Body: empty}, Kind: access.KindBadKey},
		{Name: "bad address", Reply: Reply{Status: 400, Body: `{"code":3,"message":"decoding bech32 failed","details":[]}`}, Kind: access.KindNotUnderstood},
		{Name: "a node without the call", Reply: Reply{Status: 501, Body: `{"code":12,"message":"Not Implemented","details":[]}`}, Kind: access.KindUnavailable},
		{Name: "rate limited", Reply: Reply{Status: 429, Body: "Too Many Requests"}, Kind: access.KindRateLimited},
		{Name: "maintenance", Reply: *HTML(502), Kind: access.KindUnavailable},
		{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
	}
}
