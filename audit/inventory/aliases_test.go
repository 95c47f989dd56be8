package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestExchangeNames checks the table against names that bots really use.
func TestExchangeNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, exchange, environment string
		market                      Market
	}{
		// ccxt
		{"binance", "binance", "live", ""},
		{"binanceusdm", "binance", "live", Futures},
		{"binancecoinm", "binance", "live", Futures},
		{"binanceus", "binanceus", "live", ""},
		{"bybiteu", "bybit", "eu", ""},
		{"gateio", "gate", "live", ""},
		{"gateeu", "gate", "eu", ""},
		{"huobi", "htx", "live", ""},
		{"myokx", "okx", "eea", ""},
		{"okxus", "okx", "us", ""},
		{"kucoinfutures", "kucoin", "live", Futures},
		{"krakenfutures", "krakenfutures", "live", ""},
		{"coinbaseexchange", "coinbaseexchange", "live", ""},
		{"woo", "woox", "live", ""},
		// hummingbot
		{"gate_io_perpetual", "gate", "live", Futures},
		{"bybit_perpetual_testnet", "bybit", "testnet", Futures},
		{"coinbase_advanced_trade", "coinbase", "live", ""},
		{"kucoin_hft", "kucoin", "live", Spot},
		{"ascend_ex", "ascendex", "live", ""},
		{"crypto_com", "cryptocom", "live", ""},
		{"binance_us", "binanceus", "live", ""},
		// jesse
		{"Binance US Spot", "binanceus", "live", Spot},
		{"Bybit USDT Perpetual Testnet", "bybit", "testnet", Futures},
		{"Bitget USDT Perpetual Testnet", "bitget", "demo", Futures},
		{"Gate USDT Perpetual", "gate", "live", Futures},
		{"Coinbase Spot", "coinbase", "live", Spot},
		// GoCryptoTrader, NautilusTrader, vn.py, bbgo
		{"CoinbasePro", "coinbaseexchange", "live", ""},
		{"Okx", "okx", "live", ""},
		{"KRAKEN_SPOT", "kraken", "live", Spot},
		{"KRAKEN_FUTURES", "krakenfutures", "live", Futures},
		{"KRAKEN_PERP", "krakenfutures", "live", Futures},
		{"KRAKEN_PERPETUAL", "krakenfutures", "live", Futures},
		{"KRAKEN_SWAP", "krakenfutures", "live", Futures},
		{"KRAKEN_LINEAR", "krakenfutures", "live", Futures},
		{"binance_usdt", "binance", "live", Futures},
		{"binance_inverse", "binance", "live", Futures},
		{"BINANCE_LINEAR", "binance", "live", Futures},
		{"BINANCE_TESTNET", "binance", "testnet", ""},
		{"BYBIT_DEMO", "bybit", "demo", ""},
		{"OKEX", "okx", "live", ""},
		{"Crypto.com", "cryptocom", "live", ""},
		{"XT.COM", "xt", "live", ""},
		// test networks by the exchange's own word for them
		{"gemini testnet", "gemini", "sandbox", ""},
		{"okx sandbox", "okx", "demo", ""},
		{"alpaca sandbox", "alpaca", "paper", ""},
		{"myokx demo", "okx", "eea-demo", ""},
		{"bingx sandbox", "bingx", "simulated", ""},
	} {
		p, known := resolveExchange(test.name, exchanges.All())
		assert.True(t, known, test.name)
		assert.Equal(t, test.exchange, p.name, test.name)
		assert.Equal(t, test.market, p.market, test.name)
		env := p.environment(exchangeNamed(p.name, exchanges.All()), "")
		require.NotNil(t, env, test.name)
		assert.Equal(t, test.environment, env.Name, test.name)
	}
}

func TestUnknownExchangeNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", " ", "poloniex", "gate keeper", "binance-clone", "kraken bank", "testnet", "spot", "日本"} {
		p, known := resolveExchange(name, exchanges.All())
		assert.False(t, known, name)
		assert.Equal(t, name, p.name)
	}
	for _, name := range []string{"apex", "Apex Perpetual Testnet", "extended_perpetual"} {
		p, known := resolveExchange(name, exchanges.All())
		assert.True(t, known && p.wallet, name)
	}
	for _, name := range []string{"binance_perpetual_testnet", "Binance Perpetual Futures Testnet", "KRAKEN_FUTURES_DEMO", "kucoin sandbox", "gateeu testnet"} {
		p, known := resolveExchange(name, exchanges.All())
		require.True(t, known, name)
		assert.Nil(t, p.environment(exchangeNamed(p.name, exchanges.All()), ""), name)
	}
}

// TestExchangeAliases checks the table against the adapters.
func TestExchangeAliases(t *testing.T) {
	t.Parallel()
	for id, p := range exchangeAliases {
		e := exchangeNamed(p.name, exchanges.All())
		require.NotNil(t, e, "%s leads to %s, which has no adapter", id, p.name)
		assert.NotNil(t, p.environment(e, ""), id)
		assert.Nil(t, exchangeNamed(id, exchanges.All()), "%s needs no row", id)
		assert.NotContains(t, walletExchanges, id)
	}
	for _, e := range exchanges.All() {
		p, known := resolveExchange(e.Name, exchanges.All())
		assert.True(t, known)
		assert.Equal(t, botExchange{name: e.Name}, p)
		for _, env := range e.Environments {
			assert.Equal(t, env.Name, p.environment(e, env.Name).Name, "%s by its own names", e.Name)
		}
	}
}

func TestOwnExchangeByItsExactName(t *testing.T) {
	t.Parallel()
	own := &adapter.Exchange{Name: "my-exchange", Environments: []adapter.Environment{{Name: "live"}}}
	p, known := resolveExchange("my-exchange", []*adapter.Exchange{own})
	assert.True(t, known)
	assert.Equal(t, botExchange{name: "my-exchange"}, p)
}
