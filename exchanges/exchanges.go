// Package exchanges lists every adapter of this module.
//
// It is for programs that audit keys of many exchanges. A bot imports the one
// adapter it uses, and links nothing of the others.
package exchanges

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/alpaca"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/ascendex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/aster"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binance"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binanceth"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binancetr"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/binanceus"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bingx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitbank"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitfinex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitflyer"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitget"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bithumb"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitkub"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitmart"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitmex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitrue"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitstamp"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bittrade"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bitvavo"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/blofin"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/btcmarkets"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/bybit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbase"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbaseexchange"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinbaseprime"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coindcx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinsph"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/coinspot"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/cryptocom"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/deribit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/derive"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/dydx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gate"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gemini"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gmocoin"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/gopax"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/hashkey"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/hitbtc"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/htx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/hyperliquid"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/indodax"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/injective"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kalshi"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/korbit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kraken"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/krakenfutures"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/kucoin"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/lbank"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/lighter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/maicoin"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/mexc"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/nado"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/okx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/orderly"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/pacifica"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/paradex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/phemex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/pionex"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/polymarket"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/robinhood"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/swyftx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/tokocrypto"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/toobit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/upbit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/valr"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/wazirx"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/whitebit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/woox"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/xt"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/yobit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/zaif"
)

// Checked is the day, YYYY-MM-DD, since which nothing that this package says of an
// exchange's API was left unchecked: the oldest of the adapters' own.
func Checked() string {
	oldest := All()[0].Checked
	for _, e := range All() {
		oldest = min(oldest, e.Checked)
	}
	return oldest
}

// All lists the exchanges, sorted by name. The slice is the caller's to change.
func All() []*adapter.Exchange { //nolint:funlen // a list
	return []*adapter.Exchange{
		alpaca.Exchange,
		ascendex.Exchange,
		aster.Exchange,
		binance.Exchange,
		binanceth.Exchange,
		binancetr.Exchange,
		binanceus.Exchange,
		bingx.Exchange,
		bitbank.Exchange,
		bitfinex.Exchange,
		bitflyer.Exchange,
		bitget.Exchange,
		bithumb.Exchange,
		bitkub.Exchange,
		bitmart.Exchange,
		bitmex.Exchange,
		bitrue.Exchange,
		bitstamp.Exchange,
		bittrade.Exchange,
		bitvavo.Exchange,
		blofin.Exchange,
		btcmarkets.Exchange,
		bybit.Exchange,
		coinbase.Exchange,
		coinbaseexchange.Exchange,
		coinbaseprime.Exchange,
		coindcx.Exchange,
		coinex.Exchange,
		coinsph.Exchange,
		coinspot.Exchange,
		cryptocom.Exchange,
		deribit.Exchange,
		derive.Exchange,
		dydx.Exchange,
		gate.Exchange,
		gemini.Exchange,
		gmocoin.Exchange,
		gopax.Exchange,
		hashkey.Exchange,
		hitbtc.Exchange,
		htx.Exchange,
		hyperliquid.Exchange,
		indodax.Exchange,
		injective.Exchange,
		kalshi.Exchange,
		korbit.Exchange,
		kraken.Exchange,
		krakenfutures.Exchange,
		kucoin.Exchange,
		lbank.Exchange,
		lighter.Exchange,
		maicoin.Exchange,
		mexc.Exchange,
		nado.Exchange,
		okx.Exchange,
		orderly.Exchange,
		pacifica.Exchange,
		paradex.Exchange,
		phemex.Exchange,
		pionex.Exchange,
		polymarket.Exchange,
		robinhood.Exchange,
		swyftx.Exchange,
		tokocrypto.Exchange,
		toobit.Exchange,
		upbit.Exchange,
		valr.Exchange,
		wazirx.Exchange,
		whitebit.Exchange,
		woox.Exchange,
		xt.Exchange,
		yobit.Exchange,
		zaif.Exchange,
	}
}

// Lookup finds an exchange by its name, for instance "bybit".
func Lookup(name string) (*adapter.Exchange, bool) {
	for _, e := range All() {
		if e.Name == name {
			return e, true
		}
	}
	return nil, false
}
