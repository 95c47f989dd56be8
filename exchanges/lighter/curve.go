package lighter

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"sync"
)

// Keys are scalars of the curve ECgFp5 (T. Pornin, https://eprint.iacr.org/2022/274), and a
// public key is the encoding of the generator times that scalar. It is computed here with
// plain formulas: the time that it takes depends on the key, which never leaves this
// machine.

// gf is an element of GF(p^5), p = 2^64 - 2^32 + 1: a polynomial in z, with z^5 = 3.
type gf [5]uint64

const prime = 1<<64 - 1<<32 + 1

func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry == 1 || sum >= prime {
		sum -= prime
	}
	return sum
}

func mul(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	less, borrow := bits.Sub64(low, high>>32, 0) // 2^96 is -1, and 2^64 is 2^32 - 1
	return add(less-borrow*(1<<32-1), high&(1<<32-1)*(1<<32-1))
}

func (a gf) plus(b gf) gf {
	for i := range a {
		a[i] = add(a[i], b[i])
	}
	return a
}

func (a gf) minus(b gf) gf {
	for i := range a {
		a[i] = add(a[i], prime-b[i])
	}
	return a
}

func (a gf) times(b gf) (out gf) {
	var long [9]uint64
	for i := range a {
		for j := range b {
			long[i+j] = add(long[i+j], mul(a[i], b[j]))
		}
	}
	copy(out[:], long[:5])
	for i, limb := range long[5:] {
		out[i] = add(out[i], mul(limb, 3))
	}
	return out
}

// frobenius is a to the power of p: z becomes z times a fifth root of 1.
func (a gf) frobenius() gf {
	const root = 1041288259238279555 // 3 to the power of (p-1)/5
	for i, power := 1, uint64(root); i < len(a); i, power = i+1, mul(power, root) {
		a[i] = mul(a[i], power)
	}
	return a
}

// inverse: a times its four conjugates is a number, whose inverse is that of Fermat.
func (a gf) inverse() gf {
	two := a.frobenius().times(a.frobenius().frobenius())
	four := two.times(two.frobenius().frobenius())
	norm, inverse := a.times(four)[0], uint64(1)
	for exponent := uint64(prime - 2); exponent > 0; exponent >>= 1 {
		if exponent&1 == 1 {
			inverse = mul(inverse, norm)
		}
		norm = mul(norm, norm)
	}
	return four.times(gf{inverse})
}

// point is one of the curve y² = x(x² + 2x + 263z).
type point struct {
	x, y   gf
	finite bool
}

var b = gf{0, 263}

func (p point) plus(q point) point {
	var slope gf
	switch {
	case !p.finite:
		return q
	case !q.finite:
		return p
	case p.x != q.x:
		slope = q.y.minus(p.y).times(q.x.minus(p.x).inverse())
	case p.y == q.y && p.y != gf{}:
		square := p.x.times(p.x)
		slope = square.plus(square).plus(square).plus(p.x.times(gf{4})).plus(b).times(p.y.plus(p.y).inverse())
	default:
		return point{}
	}
	x := slope.times(slope).minus(gf{2}).minus(p.x).minus(q.x)
	return point{x, slope.times(p.x.minus(x)).minus(p.y), true}
}

// multiples are 1 to 15 times each power of 16 of the generator.
var multiples = sync.OnceValue(func() (out [80][15]point) {
	// The group consists of the points that are the sum of one of odd order and of (0, 0).
	// Here that is added at the end. The generator is given by its x, and y = 4x.
	x := b.times(gf{12883135586176881569, 4356519642755055268, 5248930565894896907, 2165973894480315022, 2448410071095648785}.inverse())
	base := point{x, gf{}.minus(x.times(gf{4})), true}
	for i := range out {
		sum := point{}
		for j := range out[i] {
			sum = sum.plus(base)
			out[i][j] = sum
		}
		base = sum.plus(base)
	}
	return out
})

// public is the public key in hexadecimal; empty if no key has the scalar. An element of the
// group is encoded as y/x, whose sign changes with (0, 0).
func public(private []byte) string {
	if len(private) != size {
		return ""
	}
	sum, table := point{}, multiples()
	for i, pair := range private {
		for j, digit := range []byte{pair & 15, pair >> 4} {
			if digit > 0 {
				sum = sum.plus(table[2*i+j][digit-1])
			}
		}
	}
	if !sum.finite {
		return ""
	}
	var out []byte
	for _, limb := range (gf{}).minus(sum.y).times(sum.x.inverse()) {
		out = binary.LittleEndian.AppendUint64(out, limb)
	}
	return hex.EncodeToString(out)
}

const size = 40 // bytes of a key, either half
