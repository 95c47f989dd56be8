package exchangetest

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestKeccak: the hashes of nothing and of "abc", as the Keccak team published them, and
// one of more than a block (computed with ethers 6).
func TestKeccak(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", hex.EncodeToString(keccak(nil)))
	assert.Equal(t, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45", hex.EncodeToString(keccak([]byte("abc"))))
}

// TestWalletAddress: those of the keys 1 and 2, which are in many documents; of 32 bytes
// of 0x11 (ethers 6); and of the sample in Aster's documentation.
func TestWalletAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0000000000000000000000000000000000000000000000000000000000000001":   "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
		"0000000000000000000000000000000000000000000000000000000000000002":   "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf",
		"0x1111111111111111111111111111111111111111111111111111111111111111": "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a",
		"0x4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1": "0x21cf8ae13bb72632562c6fff438652ba1a151bb0",
	} {
		key, ok := walletKeyOf(text)
		assert.True(t, ok)
		assert.Equal(t, want, string(key.address()), text)
	}
	for _, text := range []string{
		"", "0x11", "0000000000000000000000000000000000000000000000000000000000000000",
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
	} {
		_, ok := walletKeyOf(text)
		assert.False(t, ok, text)
	}
}

func BenchmarkAddress(b *testing.B) {
	key, _ := walletKeyOf("4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1")
	for b.Loop() {
		key.address()
	}
}
