package inventory

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Market is what a bot trades with a key, as far as its file says.
type Market string

// The markets. The zero value is not known, or every one.
const (
	Spot    Market = "spot"
	Futures Market = "futures"
)

// policy is what a key is for that trades there.
func (m Market) policy() audit.Policy {
	switch m {
	case Spot:
		return audit.SpotTrading()
	case Futures:
		return audit.FuturesTrading()
	default:
		return audit.Trading()
	}
}

// place is what a bot's name for an exchange says.
type place struct {
	exchange string // this library's name of the exchange, or the bot's own if it has none
	region   string // its environment there, for customers of one country
	test     string // its environment there, for play money
	market   Market
	wallet   bool // its keys are wallets
}

// sites are bots' names of exchanges where they differ from this library's,
// without anything but letters and digits. The ids are those of ccxt, which
// freqtrade, OctoBot and passivbot share, and the names those of hummingbot,
// GoCryptoTrader, LEAN, bbgo and vn.py.
var sites = map[string]place{
	"binancecoinm":          {exchange: "binance", market: Futures},
	"binanceusdm":           {exchange: "binance", market: Futures},
	"binanceusdt":           {exchange: "binance", market: Futures}, // vn.py's
	"bitfinex2":             {exchange: "bitfinex"},
	"bitmax":                {exchange: "ascendex"},
	"bybiteu":               {exchange: "bybit", region: "eu"},
	"bybitid":               {exchange: "bybit", region: "id"},
	"coinbaseadvanced":      {exchange: "coinbase"},
	"coinbaseadvancedtrade": {exchange: "coinbase"},
	"coinbasepro":           {exchange: "coinbaseexchange"},
	"gateeu":                {exchange: "gate", region: "eu"},
	"gateio":                {exchange: "gate"},
	"gdax":                  {exchange: "coinbaseexchange"},
	"huobi":                 {exchange: "htx"},
	"huobijp":               {exchange: "bittrade"},
	"huobipro":              {exchange: "htx"},
	"kucoinfutures":         {exchange: "kucoin", market: Futures},
	"mexc3":                 {exchange: "mexc"},
	"myokx":                 {exchange: "okx", region: "eea"},
	"okex":                  {exchange: "okx"},
	"okex5":                 {exchange: "okx"},
	"okxus":                 {exchange: "okx", region: "us"},
	"woo":                   {exchange: "woox"},
	"xtcom":                 {exchange: "xt"},
}

// walletExchanges are those whose keys are wallets, written likewise.
var walletExchanges = []string{
	"apex", "apexomni", "defx", "derive", "dydx", "dydxv4", "extended", "hyperliquid", "lighter", "pacifica", "paradex", "polymarket",
	"vertex", "woofipro",
}

// marketWords are parts of an exchange's name that say what is traded there, or
// by which of its interfaces.
var marketWords = map[string]Market{
	"spot": Spot, "hft": Spot,
	"perpetual": Futures, "perp": Futures, "futures": Futures, "swap": Futures, "linear": Futures, "inverse": Futures,
	"usdm": Futures, "coinm": Futures, "usdt": "", "usdc": "", "margin": "", "portfolio": "",
}

// testWords name environments for play money.
var testWords = []string{"testnet", "demo", "sandbox", "paper", "simulated", "staging", "test", "uat"}

// placeOf reads a bot's name of an exchange: "okx", "Binance US Spot",
// "bybit_perpetual_testnet". The second result is false if the name is none of
// an exchange that is known by name.
func placeOf(name string, exchanges []*adapter.Exchange) (place, bool) {
	var p place
	var words, bare []string // all but the environment, and all but the market too
	for word := range strings.FieldsFuncSeq(strings.ToLower(name), notInWord) {
		market, isMarket := marketWords[word]
		switch {
		case slices.Contains(testWords, word):
			p.test = word
			continue
		case !isMarket:
			bare = append(bare, word)
		case market != "":
			p.market = market
		}
		words = append(words, word)
	}
	for _, id := range []string{strings.Join(words, ""), strings.Join(bare, "")} { // Kraken Futures is an exchange of its own
		found, known := sites[id]
		switch {
		case known:
			p.exchange, p.region, p.market = found.exchange, found.region, cmp.Or(found.market, p.market)
		case slices.Contains(walletExchanges, id):
			p.exchange, p.wallet = id, true
		case exchangeNamed(id, exchanges) != nil:
			p.exchange = id
		default:
			continue
		}
		if p.exchange == "kraken" && p.market == Futures {
			p.exchange = "krakenfutures"
		}
		return p, true
	}
	return place{exchange: name}, exchangeNamed(name, exchanges) != nil
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func exchangeNamed(name string, exchanges []*adapter.Exchange) *adapter.Exchange {
	if i := slices.IndexFunc(exchanges, func(e *adapter.Exchange) bool { return e.Name == name }); i >= 0 {
		return exchanges[i]
	}
	return nil
}

// environment is that of the exchange which p means, or the bot's word for one;
// nil if the exchange has none such. Bots call play money by many words, and most
// exchanges have one environment for it.
func (p place) environment(e *adapter.Exchange, word string) *adapter.Environment {
	named := func(name string) *adapter.Environment {
		i := slices.IndexFunc(e.Environments, func(env adapter.Environment) bool { return env.Name == name || name == "" })
		if i < 0 {
			return nil
		}
		return &e.Environments[i]
	}
	test := p.test
	switch {
	case slices.Contains(testWords, word):
		test = word
	case word != "":
		return named(word)
	}
	if test == "" {
		return named(p.region)
	}
	if e.Name == "binance" && p.market == Futures && test != "demo" {
		return nil // the test network for futures has keys of its own
	}
	var first *adapter.Environment
	prefix := ""
	if p.region != "" {
		prefix = p.region + "-"
	}
	for i := range e.Environments {
		env := &e.Environments[i]
		rest, ok := strings.CutPrefix(env.Name, prefix)
		switch {
		case !ok || !env.Test && !slices.Contains(testWords, rest) || strings.Contains(rest, "-"): // live, or another region's
		case rest == test:
			return env
		case first == nil:
			first = env
		}
	}
	return first
}

// passphraseNames are the names under which ccxt, and bots that hand their
// fields on to it, keep an exchange's third part.
func passphraseNames(exchange string) []string {
	if strings.HasPrefix(strings.ToLower(exchange), "bitmart") {
		return []string{"uid", "memo"} // which BitMart calls the memo
	}
	return []string{"password", "passphrase"}
}
