package ethereum_test

import (
	"encoding/hex"
	"strings"
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

// TestChecksummed: the samples of EIP-55.
func TestChecksummed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
		"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
	} {
		assert.Equal(t, text, ethereum.Checksummed(strings.ToLower(text)))
		assert.Equal(t, text, ethereum.Checksummed("0x"+strings.ToUpper(text[2:])))
	}
}

// TestSign: the signatures of ccxt 4.5.84 and of ethers 6, of a text in the domain of a
// documented exchange.
func TestSign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ private, text, signature string }{
		{
			"4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1",
			"user=0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e&signer=0x21cF8Ae13Bb72632562c6Fff438652Ba1a151bb0&nonce=1767225600000000",
			"72f2d3ca6292dc077f31e9ec5e6282c66d5fb10477ba4d616b44ed586c5231eb793aeca08d87149cc8b338371173425dd6b58e6a4608a6343699f78f380bddae1b",
		},
		{
			"1111111111111111111111111111111111111111111111111111111111111111",
			"nonce=1700000000000000&user=0x63dd5acc6b1aa0f563956c0e534dd30b6dcf7c4e&signer=0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
			"8e5eb0bcfead2cf7b951dc7f7e0bcb238553aa8b862c32ef33f712fd66fa4d731b15bd636de90d404d70414c6e464108ebdc96b260dbd66f080290ba5ac5dc121b",
		},
	} {
		private, err := hex.DecodeString(c.private)
		require.NoError(t, err)
		assert.Equal(t, c.signature, hex.EncodeToString(ethereum.Sign(private, ethereum.Message("AsterSignTransaction", 1666, c.text))))
	}
}
