// Package solana is how exchanges know keys that are wallets of Solana's form: an Ed25519
// key in base58, whose public half is the wallet address.
package solana

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Wallet returns how such keys are read.
func Wallet() *adapter.Wallet {
	return &adapter.Wallet{Kind: access.Ed25519Wallet, Read: read, Derive: derive, Canonical: Canonical}
}

var (
	errForm    = errors.New("the private key is not base58 of 32 or 64 bytes, nor the list of numbers in a wallet's file: copy it again")
	errDamaged = errors.New("the private key is damaged: its public half does not belong to its private half")
)

// read reads a seed, or seed and public half: in base58, with the "ed25519:" that NEAR has,
// or as the list of numbers that Solana's programs keep in files.
func read(text string) ([]byte, error) {
	raw := decode(strings.TrimPrefix(text, "ed25519:"))
	if strings.HasPrefix(text, "[") {
		var numbers []uint8
		if json.Unmarshal([]byte(text), (*list)(&numbers)) != nil {
			return nil, errForm
		}
		raw = numbers
	}
	switch len(raw) {
	case ed25519.SeedSize:
	case ed25519.PrivateKeySize:
		if !slices.Equal(ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize]), raw) {
			return nil, errDamaged
		}
	default:
		return nil, errForm
	}
	return raw[:ed25519.SeedSize], nil
}

// list is a list of bytes as numbers: encoding/json takes base64 for bytes.
type list []uint8

// UnmarshalJSON reads numbers.
func (l *list) UnmarshalJSON(text []byte) error {
	var numbers []uint16
	if err := json.Unmarshal(text, &numbers); err != nil {
		return errForm
	}
	for _, n := range numbers {
		if n > 255 {
			return errForm
		}
		*l = append(*l, uint8(n))
	}
	return nil
}

func derive(seed []byte) string {
	if len(seed) != ed25519.SeedSize {
		return ""
	}
	return Encode(ed25519.NewKeyFromSeed(seed)[ed25519.SeedSize:])
}

// Sign signs what is encoded.
func Sign(seed, encoded []byte) []byte { return ed25519.Sign(ed25519.NewKeyFromSeed(seed), encoded) }

// Canonical is a wallet address as it is; empty if the text is none. Of the private keys, which
// are as long, half are none.
func Canonical(text string) string {
	if raw := decode(text); len(raw) != ed25519.PublicKeySize || !onCurve(raw) {
		return ""
	}
	return text
}

// onCurve reports whether bytes are a public key: y of a point of edwards25519, and the sign of
// its x. By RFC 8032, x² is (y² - 1) / (dy² + 1), and every other number is a square.
func onCurve(raw []byte) bool {
	one := big.NewInt(1)
	p := new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))
	d := new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), p))
	low := slices.Clone(raw)
	low[len(low)-1] &= 0x7f
	slices.Reverse(low)
	y := new(big.Int).SetBytes(low)
	square := new(big.Int).Mul(y, y)
	below := new(big.Int).Add(new(big.Int).Mul(d, square), one)
	x := new(big.Int).Mul(square.Sub(square, one), below.ModInverse(below.Mod(below, p), p))
	return y.Cmp(p) < 0 && big.Jacobi(x.Mod(x, p), p) >= 0
}

// alphabet is that of base58: no 0, O, I and l.
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// Encode writes bytes in base58.
func Encode(raw []byte) string {
	var out []byte
	n, rest, base := new(big.Int).SetBytes(raw), new(big.Int), big.NewInt(int64(len(alphabet)))
	for n.Sign() > 0 {
		n.DivMod(n, base, rest)
		out = append(out, alphabet[rest.Int64()])
	}
	for i := 0; i < len(raw) && raw[i] == 0; i++ { // zeros in front are ones
		out = append(out, alphabet[0])
	}
	slices.Reverse(out)
	return string(out)
}

// decode returns nothing if the text is not base58, or too long for a key.
func decode(text string) []byte {
	if len(text) > 100 {
		return nil
	}
	n, base := new(big.Int), big.NewInt(int64(len(alphabet)))
	for _, c := range text {
		at := strings.IndexRune(alphabet, c)
		if at < 0 {
			return nil
		}
		n.Add(n.Mul(n, base), big.NewInt(int64(at)))
	}
	zeros := len(text) - len(strings.TrimLeft(text, alphabet[:1]))
	return append(make([]byte, zeros), n.Bytes()...)
}
