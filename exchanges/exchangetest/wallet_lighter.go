package exchangetest

import (
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"math/bits"
	"regexp"
	"strings"
	"sync"
)

// What Lighter does with API keys, written from the paper on the curve ECgFp5: scalars, and
// public keys that are the quotient y/x of a point of the curve y² = x³ + 2x² + 263zx over
// the polynomials in z of degree 4, modulo z⁵ - 3 and lighterP.

// lighterKey is a private key: 40 bytes, the last of which counts most.
type lighterKey []byte

// lighterPublic is a public key, in small hexadecimal digits.
type lighterPublic string

var lighterText = regexp.MustCompile(`^(?:0x)?([0-9A-Fa-f]{80})$`)

func lighterKeyOf(text string) (lighterKey, bool) {
	m := lighterText.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	raw, _ := hex.DecodeString(m[1])
	return raw, strings.Trim(m[1], "0") != ""
}

const lighterP = 0xffffffff00000001

// lighterElement is a polynomial.
type lighterElement [5]uint64

func lighterSum(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry == 1 || sum >= lighterP {
		return sum - lighterP
	}
	return sum
}

// product multiplies from the highest power of z down: what it becomes is multiplied by z,
// whose fifth power is 3.
func (a lighterElement) product(b lighterElement) lighterElement {
	var out lighterElement
	for i := len(b) - 1; i >= 0; i-- {
		top := out[4]
		out = lighterElement{lighterSum(lighterSum(top, top), top), out[0], out[1], out[2], out[3]}
		for j := range a {
			high, low := bits.Mul64(a[j], b[i])
			out[j] = lighterSum(out[j], bits.Rem64(high, low, lighterP))
		}
	}
	return out
}

// less is a without b, n times.
func (a lighterElement) less(b lighterElement, n int) lighterElement {
	for range n {
		for i := range a {
			a[i] = lighterSum(a[i], lighterP-b[i])
		}
	}
	return a
}

// inverse is a to the power of the number of elements, less 2.
func (a lighterElement) inverse() lighterElement {
	exponent := new(big.Int).Exp(new(big.Int).SetUint64(lighterP), big.NewInt(5), nil)
	exponent.Sub(exponent, big.NewInt(2))
	out := lighterElement{1}
	for i := exponent.BitLen() - 1; i >= 0; i-- {
		if out = out.product(out); exponent.Bit(i) == 1 {
			out = out.product(a)
		}
	}
	return out
}

// lighterDoubles are the generator, and what (0, 0) makes of it, doubled again and again: x
// and y.
var lighterDoubles = sync.OnceValue(func() (out [320][2]lighterElement) {
	b := lighterElement{0, 263}
	generator := lighterElement{12883135586176881569, 4356519642755055268, 5248930565894896907, 2165973894480315022, 2448410071095648785}
	x := b.product(generator.inverse())
	y := lighterElement{}.less(x, 4)
	for i := range out {
		out[i] = [2]lighterElement{x, y}
		square := x.product(x)
		rise := lighterElement{}.less(square, 3).less(x, 4).less(b, 1) // of the tangent, negated
		run := lighterElement{}.less(y, 2).inverse()
		slope := rise.product(run)
		next := slope.product(slope).less(lighterElement{2}, 1).less(x, 2)
		x, y = next, slope.product(x.less(next, 1)).less(y, 1)
	}
	return out
})

// public sums up the doubles, as x/z and y/z, so that it divides once.
func (k lighterKey) public() lighterPublic {
	var x, y, z lighterElement
	table, begun := lighterDoubles(), false
	for i := range 8 * len(k) {
		if k[i/8]>>(i%8)&1 == 0 {
			continue
		}
		p := table[i]
		if !begun {
			x, y, z, begun = p[0], p[1], lighterElement{1}, true
			continue
		}
		u, v := p[1].product(z).less(y, 1), p[0].product(z).less(x, 1)
		square := v.product(v)
		cube, along := square.product(v), square.product(x)
		a := u.product(u).less(square, 2).product(z).less(cube, 1).less(along, 2)
		x, y, z = v.product(a), u.product(along.less(a, 1)).less(cube.product(y), 1), cube.product(z)
	}
	var out []byte
	for _, limb := range (lighterElement{}).less(y, 1).product(x.inverse()) {
		out = binary.LittleEndian.AppendUint64(out, limb)
	}
	return lighterPublic(hex.EncodeToString(out))
}
