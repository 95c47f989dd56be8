package exchangetest

import (
	"crypto/sha256"
	"math/big"
	"regexp"
	"strings"
	"sync"
)

// What Starknet does with keys, written from StarkWare's documents on its curve and on
// Pedersen's hash, for clarity and not for speed or safety: no secret is at stake.

// The curve y² = x³ + x + b over the integers modulo starkP, with points of order starkN.
var (
	starkP = fromHex("800000000000011000000000000000000000000000000000000000000000001")
	starkN = fromHex("800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2f")
)

// starkPoint is a point; nil is the one at infinity.
type starkPoint struct{ x, y *big.Int }

func (p *starkPoint) plus(q *starkPoint) *starkPoint {
	if p == nil || q == nil {
		if p == nil {
			return q
		}
		return p
	}
	above, below := new(big.Int).Sub(q.y, p.y), new(big.Int).Sub(q.x, p.x)
	if below.Sign() == 0 {
		if above.Sign() != 0 || p.y.Sign() == 0 {
			return nil
		}
		above.Mul(p.x, p.x).Mul(above, big.NewInt(3)).Add(above, big.NewInt(1))
		below.Lsh(p.y, 1)
	}
	slope := above.Mul(above, new(big.Int).ModInverse(below.Mod(below, starkP), starkP))
	slope.Mod(slope, starkP)
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x.Sub(x, p.x), q.x).Mod(x, starkP)
	y := new(big.Int).Sub(p.x, x)
	return &starkPoint{x, y.Mul(y, slope).Sub(y, p.y).Mod(y, starkP)}
}

func (p *starkPoint) times(n *big.Int) (out *starkPoint) {
	for i := n.BitLen() - 1; i >= 0; i-- {
		if out = out.plus(out); n.Bit(i) == 1 {
			out = out.plus(p)
		}
	}
	return out
}

// starkDoubles are the generator and the points of Pedersen's hash, each doubled again and
// again: with them their products, of which a fake needs many, take no doubling.
var starkDoubles = sync.OnceValue(func() *[6][252]*starkPoint {
	var out [6][252]*starkPoint
	for i, p := range [6][2]string{
		{"1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca", "5668060aa49730b7be4801df46ec62de53ecd11abe43a32873000c36e8dc1f"},
		{"49ee3eba8c1600700ee1b87eb599f16716b0b1022947733551fde4050ca6804", "3ca0cfe4b3bc6ddf346d49d06ea0ed34e621062c0e056c1d0405d266e10268a"},
		{"234287dcbaffe7f969c748655fca9e58fa8120b6d56eb0c1080d17957ebe47b", "3b056f100f96fb21e889527d41f4e39940135dd7a6c94cc6ed0268ee89e5615"},
		{"4fa56f376c83db33f9dab2656558f3399099ec1de5e3018b7a6932dba8aa378", "3fa0984c931c9e38113e0c0e47e4401562761f92a7a23b45168f4e80ff5b54d"},
		{"4ba4cc166be8dec764910f75b45f74b40c690c74709e90f3aa372f0bd2d6997", "40301cf5c1751f4b971e46c4ede85fcac5c59a5ce5ae7c48151f27b24b219c"},
		{"54302dcb0e6cc1c6e44cca8f61a63bb2ca65048d53fb325d36ff12c49a58202", "1b77b3e37d13504b348046268d8ae25ce98ad783c25561a879dcc77e99c2426"},
	} {
		at := &starkPoint{fromHex(p[0]), fromHex(p[1])}
		for bit := range out[i] {
			out[i][bit], at = at, at.plus(at)
		}
	}
	return &out
})

// starkProduct adds a point of the table, n times, to another.
func starkProduct(of int, n *big.Int, to *starkPoint) *starkPoint {
	table := &starkDoubles()[of]
	for i := range n.BitLen() {
		if n.Bit(i) == 1 {
			to = to.plus(table[i])
		}
	}
	return to
}

// pedersen is the hash of two numbers: 248 bits of each go with one point, the rest with another.
func pedersen(a, b *big.Int) *big.Int {
	out := starkDoubles()[1][0]
	for i, n := range []*big.Int{a, b} {
		high := new(big.Int).Rsh(n, 248)
		low := new(big.Int).Sub(n, new(big.Int).Lsh(high, 248))
		out = starkProduct(3+2*i, high, starkProduct(2+2*i, low, out))
	}
	return out.x
}

// pedersenOf is that of a list, which begins with those already in the sum.
func pedersenOf(sum *big.Int, before int, values ...*big.Int) *big.Int {
	for _, v := range append(values, big.NewInt(int64(before+len(values)))) {
		sum = pedersen(sum, v)
	}
	return sum
}

// starkKey is a private key, and starkPublic the first coordinate of its public one.
type starkKey struct{ *big.Int }

type starkPublic string

var starkText = regexp.MustCompile(`^(?:0[xX])?0*([0-9A-Fa-f]{1,63})$`)

// starkKeyOf reads a private key in hexadecimal.
func starkKeyOf(text string) (starkKey, bool) {
	m := starkText.FindStringSubmatch(text)
	if m == nil {
		return starkKey{}, false
	}
	d := fromHex(m[1])
	return starkKey{d}, d.Sign() > 0 && d.Cmp(starkN) < 0
}

func (k starkKey) public() starkPublic {
	return starkPublic("0x" + starkProduct(0, k.Int, nil).x.Text(16))
}

// sign signs a hash: r and s.
func (k starkKey) sign(hash []byte) []byte {
	for try := byte(0); ; try++ {
		sum := sha256.Sum256(append(append([]byte{try}, k.FillBytes(make([]byte, 32))...), hash...))
		nonce := new(big.Int).Mod(new(big.Int).SetBytes(sum[:]), starkN)
		r := starkProduct(0, nonce, nil).x
		s := new(big.Int).Mul(r, k.Int)
		s.Add(s, new(big.Int).SetBytes(hash)).Mul(s, new(big.Int).ModInverse(nonce, starkN)).Mod(s, starkN)
		if r.BitLen() <= 251 && new(big.Int).ModInverse(s, starkN).BitLen() <= 251 {
			return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	}
}

// signed reports whether the key signed a hash.
func (p starkPublic) signed(hash, r, s *big.Int) bool {
	if r.Sign() <= 0 || s.Sign() <= 0 || s.Cmp(starkN) >= 0 || r.BitLen() > 251 {
		return false
	}
	x := fromHex(strings.TrimPrefix(string(p), "0x"))
	b := fromHex("6f21413efbe40de150e596d72f7a8c5609ad26c15c915c1f4cdfcb99cee9e89")
	square := new(big.Int).Mul(x, x)
	square.Add(square.Mul(square.Add(square, big.NewInt(1)), x), b).Mod(square, starkP)
	y := new(big.Int).ModSqrt(square, starkP)
	w := new(big.Int).ModInverse(s, starkN)
	if y == nil || w.BitLen() > 251 {
		return false
	}
	part := func(n *big.Int) *big.Int { n = new(big.Int).Mul(n, w); return n.Mod(n, starkN) }
	a, q := starkProduct(0, part(hash), nil), (&starkPoint{x, y}).times(part(r))
	for _, either := range []*starkPoint{q, {q.x, new(big.Int).Sub(starkP, q.y)}} { // the second coordinate is not in the key
		if sum := a.plus(either); sum != nil && sum.x.Cmp(r) == 0 {
			return true
		}
	}
	return false
}

// StarkPublicKey derives the public key of a private key in hexadecimal; it is empty if the
// text is none. It is code of its own, to compare others with.
func StarkPublicKey(private string) string {
	key, ok := starkKeyOf(private)
	if !ok {
		return ""
	}
	return string(key.public())
}
