// Package stark is how exchanges know keys that are wallets of Starknet's form: a private key
// of the Stark curve in hexadecimal, whose public key is its identifier. Only adapters of such
// exchanges import it, so that no other links its library.
package stark

import (
	"crypto/hmac"
	"crypto/sha512"
	"errors"
	"math/big"
	"strings"

	stark "github.com/consensys/gnark-crypto/ecc/stark-curve"
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fr"
	"golang.org/x/crypto/sha3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Form is that of private keys, public keys and accounts, of which clients leave out zeros
// in front.
var Form = wire.Form("0[xX]" + wire.Hex + "{1,64}")

// Wallet returns how such keys are read.
func Wallet() *adapter.Wallet {
	return &adapter.Wallet{Kind: access.StarkWallet, Read: read, Derive: public, Canonical: Canonical}
}

var errForm = errors.New("the private key is not 0x and up to 63 hexadecimal digits: copy it again")

// read reads a private key; many clients leave out "0x".
func read(text string) ([]byte, error) {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X")
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok || len(digits) > 64 || strings.ContainsAny(digits, "+-_") || n.Cmp(fr.Modulus()) >= 0 {
		return nil, errForm
	}
	return n.FillBytes(make([]byte, 32)), nil
}

// public is the first coordinate of the public key.
func public(private []byte) string {
	d := new(big.Int).SetBytes(private)
	if d.Sign() == 0 || d.Cmp(fr.Modulus()) >= 0 {
		return ""
	}
	x := times(d).X
	return "0x" + x.Text(16)
}

func times(n *big.Int) *stark.G1Affine {
	_, g := stark.Generators()
	return new(stark.G1Affine).ScalarMultiplication(&g, n)
}

// Canonical is a number of the field in small letters, without zeros in front; empty if the
// text is none.
func Canonical(text string) string {
	if !Form.MatchString(text) {
		return ""
	}
	n, _ := new(big.Int).SetString(text[2:], 16)
	if n.Sign() == 0 || n.Cmp(fp.Modulus()) >= 0 {
		return ""
	}
	return "0x" + n.Text(16)
}

// Value is a value of typed data: a number, or a text of at most 31 bytes as one.
type Value = *big.Int

// Short is a short text as a number.
func Short(text string) Value { return new(big.Int).SetBytes([]byte(text)) }

// Felt is a number in hexadecimal, with 0x in front.
func Felt(text string) Value {
	n, _ := new(big.Int).SetString(strings.TrimPrefix(text, "0x"), 16)
	return n
}

// Type is the hash of the description of a type.
func Type(description string) Value {
	h := sha3.NewLegacyKeccak256()
	_, _ = h.Write([]byte(description)) // documented never to fail
	n := new(big.Int).SetBytes(h.Sum(nil))
	return n.And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 250), big.NewInt(1))) // its last 250 bits
}

// points are those of Pedersen's hash: the one that it begins with, and two for each of two
// values, for their last 248 bits and those in front.
// Source: https://docs.starkware.co/starkex/crypto/pedersen-hash-function.html.
var points = [5][2]string{
	{"2089986280348253421170679821480865132823066470938446095505822317253594081284", "1713931329540660377023406109199410414810705867260802078187082345529207694986"},
	{"996781205833008774514500082376783249102396023663454813447423147977397232763", "1668503676786377725805489344771023921079126552019160156920634619255970485781"},
	{"2251563274489750535117886426533222435294046428347329203627021249169616184184", "1798716007562728905295480679789526322175868328062420237419143593021674992973"},
	{"2138414695194151160943305727036575959195309218611738193261179310511854807447", "113410276730064486255102093846540133784865286929052426931474106396135072156"},
	{"2379962749567351885752724891227938183011949129833673362440656643086021394946", "776496453633298175483985398648758586525933812536653089401905292063708816422"},
}

// Hash is Pedersen's hash of a list of values.
func Hash(values ...Value) Value {
	sum := new(big.Int)
	for _, v := range append(values, big.NewInt(int64(len(values)))) {
		sum = pedersen(sum, v)
	}
	return sum
}

func pedersen(a, b Value) Value {
	const low = 248
	last := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), low), big.NewInt(1))
	var out stark.G1Jac
	out.FromAffine(at(0))
	for i, part := range []*big.Int{
		new(big.Int).And(a, last), new(big.Int).Rsh(a, low), new(big.Int).And(b, last), new(big.Int).Rsh(b, low),
	} {
		var p stark.G1Jac
		p.FromAffine(at(i + 1))
		out.AddAssign(p.ScalarMultiplication(&p, part))
	}
	x := new(stark.G1Affine).FromJacobian(&out).X
	return x.BigInt(new(big.Int))
}

func at(i int) *stark.G1Affine {
	number := func(text string) (out fp.Element) {
		n, _ := new(big.Int).SetString(text, 10)
		out.SetBigInt(n)
		return out
	}
	return &stark.G1Affine{X: number(points[i][0]), Y: number(points[i][1])}
}

// Sign signs a hash: r and s, 32 bytes each. The nonce depends on the key and on the hash
// alone, so that it is never used for two hashes.
func Sign(private, hash []byte) []byte {
	order, z, d := fr.Modulus(), new(big.Int).SetBytes(hash), new(big.Int).SetBytes(private)
	limit := new(big.Int).Lsh(big.NewInt(1), 251)
	for try := byte(0); ; try++ {
		mac := hmac.New(sha512.New, private)
		_, _ = mac.Write(append([]byte{try}, hash...)) // documented never to fail
		k := new(big.Int).SetBytes(mac.Sum(nil))       // of twice the length, so that no remainder is likelier than another
		if k.Mod(k, order).Sign() == 0 {
			continue
		}
		x := times(k).X
		r := x.BigInt(new(big.Int))
		s := new(big.Int).Mul(r, d)
		s.Mul(s.Add(s, z), k.ModInverse(k, order)).Mod(s, order)
		if s.Sign() == 0 || r.Sign() == 0 || r.Cmp(limit) >= 0 || new(big.Int).ModInverse(s, order).Cmp(limit) >= 0 {
			continue
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
}

// Numbers are r and s of a signature, as decimal text.
func Numbers(signature []byte) (r, s string) {
	half := len(signature) / 2
	return new(big.Int).SetBytes(signature[:half]).String(), new(big.Int).SetBytes(signature[half:]).String()
}

// Bytes are the 32 of a value.
func Bytes(v Value) []byte { return v.FillBytes(make([]byte, 32)) }
