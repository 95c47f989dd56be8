package exchangetest

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestCosmosAddresses: hashes that the paper on RIPEMD-160 prints, and addresses that another
// library derived.
func TestCosmosAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":    "9c1185a5c5e9fc54612808977ee8f548b2258d31",
		"abc": "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": "b0e20b6e3116640286ed3a87a5713079b21f5189",
	} {
		assert.Equal(t, want, hex.EncodeToString(ripemd160([]byte(text))), text)
	}
	ones := strings.Repeat("11", 32)
	assert.Equal(t, "034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa", hex.EncodeToString(compressed(ones)))
	assert.Equal(t, "dydx1l3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw", DYDXAddress(ones))
	assert.Equal(t, "inj1r8n7xah8cgfm0el8u3kvwzja6zrd4le2krtp7d", InjectiveAddress("0x"+ones))
	assert.Empty(t, DYDXAddress("11"))
	assert.Empty(t, InjectiveAddress("11"))
}
