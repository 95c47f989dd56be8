package stark_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/stark"
)

// TestVector: the message that Paradex's documentation describes, with the constants of its
// client's tests; the hash was computed with starknet.js.
func TestVector(t *testing.T) {
	t.Parallel()
	w := stark.Wallet()
	private, err := w.Read("0x543b6cf6c91817a87174aaea4fb370ac1c694e864d7740d728f8344d53e815")
	require.NoError(t, err)
	assert.Equal(t, "0x2c144d2f2d4fc61b6f8967f3ba0012a87d90140bcfe5a3e92e8df83258c960f", w.Derive(private))
	domain := stark.Hash(stark.Type("StarkNetDomain(name:felt,chainId:felt,version:felt)"), stark.Short("Paradex"), stark.Short("PRIVATE_SN_PARACLEAR_MAINNET"), big.NewInt(1))
	message := stark.Hash(stark.Type("Request(method:felt,path:felt,body:felt,timestamp:felt,expiration:felt)"),
		stark.Short("POST"), stark.Short("/v1/auth"), stark.Short(""), big.NewInt(1706868900), big.NewInt(1706955300))
	hash := stark.Hash(stark.Short("StarkNet Message"), domain, stark.Felt("0x129c135ed63df9353885e292be4426b8ed6122b13c6c0e1bb787288a1f5adfa"), message)
	assert.Equal(t, "b8d8e018a275691ac6064ea78bb2f2175e70cbf2b92b69ccab7bafa35f7bea", hash.Text(16))
}

// TestKeys: on 1,000 keys, and at the ends of the range, the public key is that of
// exchangetest, which shares no code and no library with this package.
func TestKeys(t *testing.T) {
	t.Parallel()
	w := stark.Wallet()
	texts := []string{"0x1", "0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2e"}
	for i := range 1000 {
		texts = append(texts, "0x"+exchangetest.Hex(62, "stark", i))
	}
	for _, text := range texts {
		private, err := w.Read(text)
		require.NoError(t, err)
		public := w.Derive(private)
		assert.Equal(t, exchangetest.StarkPublicKey(text), public)
		assert.Equal(t, public, w.Canonical("0X000"[:2]+strings.ToUpper(public[2:])))
	}
	for _, text := range []string{
		"", "0x", "0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2f", "0x" + strings.Repeat("f", 64), "0x-1", "0x+1", "0x_1", "words",
	} {
		_, err := w.Read(text)
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "ffff")
	}
	assert.Empty(t, w.Derive(make([]byte, 32)))
	for _, text := range []string{"0x0", "0x00", "7", "0x800000000000011000000000000000000000000000000000000000000000001"} {
		assert.Empty(t, w.Canonical(text), text)
	}
	assert.Equal(t, "0xab", w.Canonical("0x00AB"))
}
