package exchangetest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"math/bits"
	"regexp"
	"sync"
)

// What exchanges do with wallets of Ethereum's form, written from SEC 2 (secp256k1) and
// the Keccak reference, for clarity and not for speed or safety: no secret is at stake.

// walletKey is the private key of a wallet.
type walletKey struct{ *big.Int }

// walletAddress is the address of a wallet, in small letters.
type walletAddress string

var walletText = regexp.MustCompile(`^(?:0x)?([0-9A-Fa-f]{64})$`)

// walletKeyOf reads a private key in hexadecimal.
func walletKeyOf(text string) (walletKey, bool) {
	m := walletText.FindStringSubmatch(text)
	if m == nil {
		return walletKey{}, false
	}
	d, _ := new(big.Int).SetString(m[1], 16)
	return walletKey{d}, d.Sign() > 0 && d.Cmp(curveN) < 0
}

func (k walletKey) text() string { return hex.EncodeToString(k.FillBytes(make([]byte, 32))) }

// address is the end of the hash of the public key's two coordinates.
func (k walletKey) address() walletAddress { return produce(k.Int).address() }

// sign signs a hash: r, s and v. The nonce need only differ for each hash.
func (k walletKey) sign(hash []byte) []byte {
	seed := sha256.Sum256(append(k.FillBytes(make([]byte, 32)), hash...))
	nonce := new(big.Int).Mod(new(big.Int).SetBytes(seed[:]), curveN)
	r, y := produce(nonce).affine()
	s := new(big.Int).Mul(r, k.Int)
	s.Add(s, new(big.Int).SetBytes(hash)).Mul(s, new(big.Int).ModInverse(nonce, curveN)).Mod(s, curveN)
	v := 27 + byte(y.Bit(0))
	if other := new(big.Int).Sub(curveN, s); other.Cmp(s) < 0 { // the smaller of the two that are valid
		s, v = other, 27+28-v
	}
	return append(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), v)
}

// signerOf is the wallet that signed a hash; empty if none can have.
func signerOf(hash, signature []byte) walletAddress {
	if len(signature) != 65 || signature[64] != 27 && signature[64] != 28 {
		return ""
	}
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:64])
	square := mod(r, r, r)
	square.Add(square, big.NewInt(7))
	y := new(big.Int).ModSqrt(square.Mod(square, curveP), curveP)
	if y == nil || r.Sign() == 0 || s.Sign() == 0 || s.Cmp(curveN) >= 0 || new(big.Int).Lsh(s, 1).Cmp(curveN) > 0 {
		return ""
	}
	if byte(y.Bit(0)) != signature[64]-27 {
		y.Sub(curveP, y)
	}
	inverse := new(big.Int).ModInverse(r, curveN)
	e := new(big.Int).Sub(curveN, new(big.Int).Mod(new(big.Int).SetBytes(hash), curveN))
	part := func(n *big.Int) *big.Int { return new(big.Int).Mod(new(big.Int).Mul(n, inverse), curveN) }
	return point{r, y, big.NewInt(1)}.times(part(s)).plus(produce(part(e))).address()
}

// The curve y² = x³ + 7 over the integers modulo curveP, with the point of order curveN.
var (
	curveP = fromHex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f")
	curveN = fromHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
)

func generator() point {
	return point{
		fromHex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
		fromHex("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"), big.NewInt(1),
	}
}

// doubles are the generator, doubled again and again: with them its products, of which a
// fake needs many, take no doubling.
var doubles = sync.OnceValue(func() [256]point {
	var out [256]point
	for i, p := 0, generator(); i < len(out); i, p = i+1, p.double() {
		x, y := p.affine()
		p = point{x, y, big.NewInt(1)}
		out[i] = p
	}
	return out
})

// produce is the generator, n times.
func produce(n *big.Int) point {
	out, table := point{big.NewInt(1), big.NewInt(1), new(big.Int)}, doubles()
	for i := range n.BitLen() {
		if n.Bit(i) == 1 {
			out = out.plus(table[i])
		}
	}
	return out
}

func fromHex(text string) *big.Int {
	n, _ := new(big.Int).SetString(text, 16)
	return n
}

// point is x/z², y/z³; a z of zero is the point at infinity.
type point struct{ x, y, z *big.Int }

// mod is the product of all its factors.
func mod(factors ...*big.Int) *big.Int {
	out := new(big.Int).Set(factors[0])
	for _, f := range factors[1:] {
		out.Mod(out.Mul(out, f), curveP)
	}
	return out
}

// minus is a without the others.
func minus(a *big.Int, others ...*big.Int) *big.Int {
	out := new(big.Int).Set(a)
	for _, o := range others {
		out.Sub(out, o)
	}
	return out.Mod(out, curveP)
}

func (p point) double() point {
	if p.z.Sign() == 0 {
		return p
	}
	two, three, yy := big.NewInt(2), big.NewInt(3), mod(p.y, p.y)
	s, m := mod(big.NewInt(4), p.x, yy), mod(three, p.x, p.x)
	x := minus(mod(m, m), s, s)
	return point{x, minus(mod(m, minus(s, x)), mod(big.NewInt(8), yy, yy)), mod(two, p.y, p.z)}
}

func (p point) plus(q point) point {
	switch {
	case p.z.Sign() == 0:
		return q
	case q.z.Sign() == 0:
		return p
	}
	pz, u, s := mod(p.z, p.z), p.x, p.y
	if q.z.Cmp(big.NewInt(1)) != 0 {
		qz := mod(q.z, q.z)
		u, s = mod(p.x, qz), mod(p.y, qz, q.z)
	}
	v, t := mod(q.x, pz), mod(q.y, pz, p.z)
	h, r := minus(v, u), minus(t, s)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return p.double()
		}
		return point{big.NewInt(1), big.NewInt(1), new(big.Int)}
	}
	hh := mod(h, h)
	hhh, uh := mod(hh, h), mod(u, hh)
	x := minus(mod(r, r), hhh, uh, uh)
	return point{x, minus(mod(r, minus(uh, x)), mod(s, hhh)), mod(h, p.z, q.z)}
}

func (p point) times(n *big.Int) point {
	out := point{big.NewInt(1), big.NewInt(1), new(big.Int)}
	for i := n.BitLen() - 1; i >= 0; i-- {
		if out = out.double(); n.Bit(i) == 1 {
			out = out.plus(p)
		}
	}
	return out
}

// affine are the two coordinates.
func (p point) affine() (x, y *big.Int) {
	inverse := new(big.Int).ModInverse(p.z, curveP)
	return mod(p.x, inverse, inverse), mod(p.y, inverse, inverse, inverse)
}

func (p point) address() walletAddress {
	x, y := p.affine()
	both := append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...)
	return walletAddress("0x" + hex.EncodeToString(keccak(both)[12:]))
}

// keccak is Keccak-256 as it was before it became SHA-3, with which it shares all but
// the padding.
func keccak(data []byte) []byte {
	const rate = 136
	padded := append(append([]byte{}, data...), 1)
	padded = append(padded, make([]byte, (rate-len(padded)%rate)%rate)...)
	padded[len(padded)-1] |= 0x80
	var state [25]uint64
	for ; len(padded) > 0; padded = padded[rate:] {
		for i := range rate / 8 {
			state[i] ^= binary.LittleEndian.Uint64(padded[8*i:])
		}
		permute(&state)
	}
	var out []byte
	for _, lane := range state[:4] {
		out = binary.LittleEndian.AppendUint64(out, lane)
	}
	return out
}

// permute is Keccak-f[1600]: theta, rho, pi, chi and iota, 24 times. The constants of
// iota come from a register that shifts, as the reference describes.
func permute(a *[25]uint64) {
	register := byte(1)
	for range 24 {
		var c [5]uint64
		for x := range 5 {
			c[x] = a[x] ^ a[x+5] ^ a[x+10] ^ a[x+15] ^ a[x+20]
		}
		for i := range a {
			a[i] ^= c[(i+4)%5] ^ bits.RotateLeft64(c[(i+1)%5], 1)
		}
		x, y, moved := 1, 0, a[1]
		for t := 1; t <= 24; t++ {
			x, y = y, (2*x+3*y)%5
			a[x+5*y], moved = bits.RotateLeft64(moved, t*(t+1)/2), a[x+5*y]
		}
		for row := 0; row < 25; row += 5 {
			copy(c[:], a[row:row+5])
			for x := range 5 {
				a[row+x] = c[x] ^ ^c[(x+1)%5]&c[(x+2)%5]
			}
		}
		for j := range 7 {
			if register&1 == 1 {
				a[0] ^= 1 << (1<<j - 1)
			}
			if register>>7 == 1 {
				register = register<<1 ^ 0x71
			} else {
				register <<= 1
			}
		}
	}
}

// WalletAddress derives what an exchange knows a wallet by from its private key: a wallet
// address in small letters, or a public key as the exchange writes it. It is empty if the
// text is none. It is code of its own, to compare others with.
func WalletAddress(private string) string { return addressOf(publicOf(privateFrom(private))) }
