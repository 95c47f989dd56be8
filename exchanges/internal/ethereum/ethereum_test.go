package ethereum_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/ethereum"
)

// TestAddresses: on 1,000 keys, and at the ends of the range, the address is that of
// exchangetest, which shares no code and no library with this package.
func TestAddresses(t *testing.T) {
	t.Parallel()
	wallet := ethereum.Wallet()
	texts := []string{
		"0000000000000000000000000000000000000000000000000000000000000001",
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
	}
	for i := range 1000 {
		texts = append(texts, exchangetest.Hex(64, "addresses", i))
	}
	for _, text := range texts {
		private, err := wallet.Read(text)
		require.NoError(t, err)
		assert.Equal(t, exchangetest.WalletAddress(text), wallet.Derive(private), text)
	}
}

// TestVectors: addresses that are in documents.
func TestVectors(t *testing.T) {
	t.Parallel()
	wallet := ethereum.Wallet()
	for text, want := range map[string]string{
		"0000000000000000000000000000000000000000000000000000000000000001":   "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
		"0x4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1": "0x21cf8ae13bb72632562c6fff438652ba1a151bb0",
		"0X4FD0A42218F3EAE43A6CE26D22544E986139A01E5B34A62DB53757FFCA81BAE1": "0x21cf8ae13bb72632562c6fff438652ba1a151bb0",
	} {
		private, err := wallet.Read(text)
		require.NoError(t, err)
		assert.Equal(t, want, wallet.Derive(private))
	}
}

// TestRefused: what is no wallet's key has no address, and no error shows it.
func TestRefused(t *testing.T) {
	t.Parallel()
	wallet := ethereum.Wallet()
	for _, text := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", // the order of the curve
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	} {
		private, err := wallet.Read(text)
		require.NoError(t, err)
		assert.Empty(t, wallet.Derive(private), text)
	}
	for _, text := range []string{"", "0x", "0xabc", "1111", "0x" + exchangetest.Hex(63, "short"), exchangetest.Hex(66, "long"), "zz" + exchangetest.Hex(62, "no digit")} {
		_, err := wallet.Read(text)
		assert.EqualError(t, err, "the private key is not 64 hexadecimal digits: copy it again")
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	wallet := ethereum.Wallet()
	assert.Equal(t, "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", wallet.Canonical("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"))
	for _, text := range []string{"", "0x", "19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", "0x" + hex.EncodeToString(make([]byte, 32))} {
		assert.Empty(t, wallet.Canonical(text), text)
	}
}
