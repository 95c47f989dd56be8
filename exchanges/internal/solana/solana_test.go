package solana_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/solana"
)

// The keys of the first two tests of RFC 8032, in base58 by a program in Python.
const (
	seed, whole = "BbMQkQYZspmkytduTWvXEtc4mMURjsekJDvty2WtKeSb", "49W385L4rePHy6PAaQUovbD2aacgN4HsKXSMeUzRg4fmwXszN91JuMFrQRj3vMDpZuRF3ZknQBuRBoWQJEfXstMw"
	address     = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"
	file        = "[157, 97, 177, 157, 239, 253, 90, 96, 186, 132, 74, 244, 146, 236, 44, 196, 68, 73, 197, 105, 123, 50, 105, 25, 112, 59, 172, 3, 28, 174, 127, 96, " +
		"215, 90, 152, 1, 130, 177, 10, 183, 213, 75, 254, 211, 201, 100, 7, 58, 14, 225, 114, 243, 218, 166, 35, 37, 175, 2, 26, 104, 247, 7, 81, 26]"
	other, otherAddress = "2Y4QjyJVZf9tTmTPP1SY9ACpFYTo7brW9iCQ8SunQht5yQ2r1U9KsVv5aMsCGnzj3NR8KG9P3NY7FKBiYbbTJ2no", "586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5"
)

func TestForms(t *testing.T) {
	t.Parallel()
	wallet := solana.Wallet()
	for text, want := range map[string]string{seed: address, whole: address, file: address, "ed25519:" + whole: address, other: otherAddress} {
		private, err := wallet.Read(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, wallet.Derive(private), text)
		assert.Equal(t, want, wallet.Canonical(want))
	}
	assert.Equal(t, strings.Repeat("1", 32), wallet.Canonical(strings.Repeat("1", 32)), "zeros in front")
}

// TestRefused: what is no wallet's key is refused without its text.
func TestRefused(t *testing.T) {
	t.Parallel()
	wallet := solana.Wallet()
	for text, says := range map[string]string{
		"": "is not base58", "0OIl": "is not base58", whole[:60]: "is not base58", strings.Repeat("z", 1000): "is not base58", "[1,2,3]": "is not base58",
		"[256]": "is not base58", "[": "is not base58", "[\"a\"]": "is not base58", strings.Replace(file, "26]", "27]", 1): "damaged", address + address: "is not base58",
	} {
		_, err := wallet.Read(text)
		require.ErrorContains(t, err, says, text)
		if len(text) > 8 {
			assert.NotContains(t, err.Error(), text[:8])
		}
	}
	for _, text := range []string{"", "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", whole, "0OIl"} {
		assert.Empty(t, wallet.Canonical(text), text)
	}
	assert.Empty(t, wallet.Derive([]byte("short")))
}

// TestDistinct: 1,000 wallets have 1,000 addresses, each read as what it was.
func TestDistinct(t *testing.T) {
	t.Parallel()
	wallet := solana.Wallet()
	seen := map[string]bool{}
	for i := range 1000 {
		sum := sha256.Sum256(fmt.Append(nil, "solana", i))
		derived := wallet.Derive(sum[:])
		assert.Equal(t, derived, wallet.Canonical(derived))
		seen[derived] = true
	}
	assert.Len(t, seen, 1000)
}

// TestOnCurve: public keys are points of the curve, and other numbers are about as often as not:
// those of RFC 8032 and 1,000 derived ones are, and y = 2 and the prime itself are not.
func TestOnCurve(t *testing.T) {
	t.Parallel()
	prime := append(append([]byte{0xed}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f)
	for _, raw := range [][]byte{append([]byte{2}, make([]byte, 31)...), prime} {
		assert.Empty(t, solana.Canonical(solana.Encode(raw)))
	}
	points := 0
	for i := range 1000 {
		sum := sha256.Sum256(fmt.Append(nil, "no key", i))
		if solana.Canonical(solana.Encode(sum[:])) != "" {
			points++
		}
	}
	assert.InDelta(t, 500, points, 80)
}
