package exchangetest

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestStark: the points are on the curve, and so is what a client of Paradex computes with
// the constants of its own tests.
func TestStark(t *testing.T) {
	t.Parallel()
	b := fromHex("6f21413efbe40de150e596d72f7a8c5609ad26c15c915c1f4cdfcb99cee9e89")
	for i, table := range starkDoubles() {
		p := table[0]
		left, right := new(big.Int).Mul(p.y, p.y), new(big.Int).Mul(p.x, p.x)
		right.Mul(right.Add(right, big.NewInt(1)), p.x).Add(right, b)
		assert.Zero(t, left.Sub(left, right).Mod(left, starkP).Sign(), i)
	}
	const private = "0x543b6cf6c91817a87174aaea4fb370ac1c694e864d7740d728f8344d53e815"
	assert.Equal(t, "0x2c144d2f2d4fc61b6f8967f3ba0012a87d90140bcfe5a3e92e8df83258c960f", StarkPublicKey(private))
	assert.Empty(t, StarkPublicKey("0x"+starkN.Text(16)))
	key, _ := starkKeyOf(private)
	hash := big.NewInt(77)
	signature := key.sign(hash.FillBytes(make([]byte, 32)))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	assert.True(t, key.public().signed(hash, r, s))
	assert.False(t, key.public().signed(big.NewInt(78), r, s))
	assert.False(t, key.public().signed(hash, s, r))
}
