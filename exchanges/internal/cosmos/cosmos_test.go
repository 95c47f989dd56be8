package cosmos_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/cosmos"
)

// TestAddresses: on 1,000 keys, and at the ends of the range, the address is that of
// exchangetest, which shares no code and no library with this package.
func TestAddresses(t *testing.T) {
	t.Parallel()
	texts := []string{
		strings.Repeat("0", 63) + "1", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
	}
	for i := range 1000 {
		texts = append(texts, exchangetest.Hex(64, "cosmos", i))
	}
	for _, text := range texts {
		private, err := hex.DecodeString(text)
		require.NoError(t, err)
		address := cosmos.Address("dydx", cosmos.Public(private))
		assert.Equal(t, exchangetest.DYDXAddress(text), address)
		assert.Equal(t, address, cosmos.Canonical("dydx", strings.ToUpper(address)))
	}
}

// TestCanonical: an address that is damaged, of another chain or in letters of both kinds is
// none. The sums are those of BIP-173 and of addresses that another library derived.
func TestCanonical(t *testing.T) {
	t.Parallel()
	const good = "dydx1l3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw"
	assert.Equal(t, good, cosmos.Canonical("dydx", good))
	for i := range good {
		changed := []byte(good)
		if changed[i]++; changed[i] == '1'+1 {
			continue
		}
		assert.Empty(t, cosmos.Canonical("dydx", string(changed)), "%s", changed)
	}
	for _, bad := range []string{"", "dydx1", good[:42], good + "q", "dydx1L3e9pgs3mmwuwrh95fecme0s0qtn2880qnulfw", strings.Repeat("é", 43)} {
		assert.Empty(t, cosmos.Canonical("dydx", bad), bad)
	}
	assert.Empty(t, cosmos.Canonical("inj", good))
	assert.Nil(t, cosmos.Public(make([]byte, 32)))
}
