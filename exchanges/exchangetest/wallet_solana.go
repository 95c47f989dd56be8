package exchangetest

import (
	"bytes"
	"crypto/ed25519"
	"math/big"
	"strings"
)

// What exchanges do with wallets of Solana's form: Ed25519 keys in base58.

// solanaKey is the seed of such a wallet's key.
type solanaKey []byte

// solanaAddress is the public half, in base58.
type solanaAddress string

// solanaKeyOf reads a seed, or seed and public half, which are 43 to 88 digits.
func solanaKeyOf(text string) (solanaKey, bool) {
	raw, ok := fromBase58(strings.TrimPrefix(text, "ed25519:"))
	switch {
	case !ok || len(text) < 32:
		return nil, false
	case len(raw) == ed25519.PrivateKeySize:
		return raw[:ed25519.SeedSize], bytes.Equal(ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize]), raw)
	default:
		return raw, len(raw) == ed25519.SeedSize
	}
}

// text is the key as clients write it: the seed, or with the public half behind it.
func (k solanaKey) text(whole bool) string {
	if whole {
		return toBase58(ed25519.NewKeyFromSeed(k))
	}
	return toBase58(k)
}

func (k solanaKey) address() solanaAddress {
	return solanaAddress(toBase58(ed25519.NewKeyFromSeed(k)[ed25519.SeedSize:]))
}

// signed reports whether the wallet signed a message; the signature is in base58.
func (a solanaAddress) signed(message string, signature []byte) bool {
	public, _ := fromBase58(string(a))
	return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, []byte(message), signature)
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// toBase58 divides the number that the bytes are, again and again; each byte of zero in
// front is a digit of its own.
func toBase58(raw []byte) string {
	out, n := "", new(big.Int).SetBytes(raw)
	for n.Sign() > 0 {
		digit := new(big.Int)
		n.DivMod(n, big.NewInt(58), digit)
		out = base58[digit.Int64():][:1] + out
	}
	return strings.Repeat("1", len(raw)-len(bytes.TrimLeft(raw, "\x00"))) + out
}

func fromBase58(text string) ([]byte, bool) {
	n, digits := new(big.Int), strings.TrimLeft(text, "1")
	for _, c := range []byte(digits) {
		digit := strings.IndexByte(base58, c)
		if digit < 0 {
			return nil, false
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(digit)))
	}
	return append(make([]byte, len(text)-len(digits)), n.Bytes()...), true
}
