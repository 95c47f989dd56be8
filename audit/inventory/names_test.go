package inventory_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestNames: the names of variables say the same to other programs as to From.
func TestNames(t *testing.T) {
	t.Parallel()
	n := inventory.NewNames(exchanges.All())
	key := n.Read("OKEX_API_KEY_MAIN")
	assert.Equal(t, "okx", key.Exchange)
	assert.Equal(t, adapter.KeyPart, key.Part)
	assert.False(t, key.Lone)
	assert.Equal(t, key.Stem, n.Read("OKEX_SECRET_MAIN").Stem)
	assert.True(t, n.Read("bybitApiSecret").Lone)
	assert.True(t, n.Read("COINBASE_COMMERCE_API_KEY").Foreign)
	assert.True(t, n.Read("TELEGRAM_API_KEY").Foreign)
	assert.True(t, n.Read("BYBIT_API_KEY_VERSION").NoPart)
	assert.NotEmpty(t, n.Read("KRAKEN_PRIVATE_KEY_FILE").Leads)
	assert.True(t, n.Read("HYPERLIQUID_PRIVATE_KEY").Wallet)
	assert.Equal(t, "krakenfutures", n.Read("KRAKEN_FUTURES_KEY").Exchange)

	for name, want := range map[string]string{"Binance Spot": "binance", "gate_io": "gate", "huobi": "htx"} {
		exchange, known := n.Exchange(name)
		assert.True(t, known, name)
		assert.Equal(t, want, exchange)
	}
	_, known := n.Exchange("gateway")
	assert.False(t, known)
	assert.True(t, n.Ordinary("gate"))
	assert.False(t, n.Ordinary("bybit"))
	for host, want := range map[string]string{"https://api.bybit.com/v5": "bybit", "fapi.binance.com": "binance", "api.kraken.io": "", "example.com": ""} {
		assert.Equal(t, want, n.At(host), host)
	}
	assert.True(t, n.Plain("bot") && n.Plain("testnet") && n.Plain("live") && !n.Plain("twilio"))
	assert.NotEmpty(t, inventory.Placeholder("your_api_key"))
	_, ok := inventory.OctoBotPlain("aB3dE5fG7hJ9kL1mQ")
	assert.False(t, ok)
}

// TestNamesOfPlaces: words and hosts that say where a key belongs.
func TestNamesOfPlaces(t *testing.T) {
	t.Parallel()
	n := inventory.NewNames(exchanges.All())
	for word, want := range map[string]bool{"testnet": true, "paper": true, "live": true, "futures": true, "eu": true, "grid": false, "tr": true} {
		assert.Equal(t, want, n.Locates("okx", word) || n.Locates("bybit", word), word)
	}
	assert.False(t, n.Locates("kraken", "desk"))
	assert.True(t, n.Tests("demo"))
	assert.False(t, n.Tests("live"))

	for url, want := range map[string][2]bool{
		"https://api.bybit.com/v5": {true, true}, "api-testnet.bybit.com": {true, false}, "https://api.bybit.eu": {true, false},
		"https://api.kraken.com": {false, false}, "http://127.0.0.1": {false, false},
	} {
		known, first := n.Default("bybit", url)
		assert.Equal(t, want, [2]bool{known, first}, url)
	}
	known, _ := n.Default("poloniex", "https://api.bybit.com")
	assert.False(t, known)
}
