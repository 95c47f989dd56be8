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

// The markets. The zero value is unknown, or all of them.
const (
	Spot    Market = "spot"
	Futures Market = "futures"
	options Market = "options" // for its test networks; its policy is that of all markets
)

// derivatives reports whether the market is no spot market.
func (m Market) derivatives() bool { return m == Futures || m == options }

// policy is the policy of a key that trades on the market.
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

// botExchange is what a bot's name for an exchange says.
type botExchange struct {
	name   string // this library's name of the exchange, or the bot's own if it has none
	region string // its environment for customers of one country
	test   string // the bot's word for a test network
	market Market
	wallet bool // its keys are wallets
}

// exchangeAliases are bots' names of exchanges, letters and digits only, where
// they differ from this library's. The ids are those of ccxt, which freqtrade,
// OctoBot and passivbot use; the other names are those of hummingbot,
// GoCryptoTrader, LEAN, bbgo and vn.py.
var exchangeAliases = map[string]botExchange{
	"binancecoinm":          {name: "binance", market: Futures},
	"binanceusdm":           {name: "binance", market: Futures},
	"binanceusdt":           {name: "binance", market: Futures}, // vn.py's
	"apca":                  {name: "alpaca"},                   // the variables of its client
	"bfx":                   {name: "bitfinex"},                 // likewise
	"bitfinex2":             {name: "bitfinex"},
	"bitmax":                {name: "ascendex"},
	"bybiteu":               {name: "bybit", region: "eu"},
	"bybitid":               {name: "bybit", region: "id"},
	"cbpro":                 {name: "coinbaseexchange"},
	"coinbaseadvanced":      {name: "coinbase"},
	"coinbaseadvancedtrade": {name: "coinbase"},
	"coinbasepro":           {name: "coinbaseexchange"},
	"dydxv4":                {name: "dydx"},
	"gateeu":                {name: "gate", region: "eu"},
	"gateio":                {name: "gate"},
	"gateus":                {name: "gate", region: "us"},
	"gdax":                  {name: "coinbaseexchange"},
	"hl":                    {name: "hyperliquid"},
	"huobi":                 {name: "htx"},
	"huobijp":               {name: "bittrade"},
	"huobipro":              {name: "htx"},
	"injectivev2":           {name: "injective"},
	"kucoinfutures":         {name: "kucoin", market: Futures},
	"mexc3":                 {name: "mexc"},
	"myokx":                 {name: "okx", region: "eea"},
	"okex":                  {name: "okx"},
	"okex5":                 {name: "okx"},
	"okxus":                 {name: "okx", region: "us"},
	"trbinance":             {name: "binancetr"},
	"modetrade":             {name: "orderly"},
	"woo":                   {name: "woox"},
	"woofipro":              {name: "orderly"},
	"xtcom":                 {name: "xt"},
}

// walletExchanges are those whose keys are wallets and that have no adapter, written
// likewise.
var walletExchanges = []string{
	"apex", "apexomni", "defx", "extended", "vertex",
}

// marketWords are parts of an exchange's name that say what is traded there, or
// through which of its APIs.
var marketWords = map[string]Market{
	"spot": Spot, "hft": Spot,
	"perpetual": Futures, "perp": Futures, "futures": Futures, "swap": Futures, "linear": Futures, "inverse": Futures,
	"usdm": Futures, "coinm": Futures, "usdt": "", "usdc": "", "margin": "", "portfolio": "",
}

// testWords name test networks.
var testWords = []string{"testnet", "demo", "sandbox", "paper", "simulated", "staging", "test", "uat"}

// liveWords name the exchange's first environment.
var liveWords = []string{"", "live", "real", "main", "mainnet", "prod", "production"}

// resolveExchange reads a bot's name of an exchange: "okx", "Binance US Spot",
// "bybit_perpetual_testnet". The second result is false if no exchange is known
// by that name.
func resolveExchange(name string, exchanges []*adapter.Exchange) (botExchange, bool) {
	var b botExchange
	var words, bare []string // without the environment; and without the market
	for word := range strings.FieldsFuncSeq(strings.ToLower(name), notInWord) {
		market, isMarket := marketWords[word]
		switch {
		case slices.Contains(testWords, word):
			b.test = word
			continue
		case !isMarket:
			bare = append(bare, word)
		case market != "":
			b.market = market
		}
		words = append(words, word)
	}
	// The longer name first: Kraken Futures is an exchange of its own.
	for _, id := range []string{strings.Join(words, ""), strings.Join(bare, "")} {
		alias, known := exchangeAliases[id]
		switch {
		case known:
			b.name, b.region, b.market = alias.name, alias.region, cmp.Or(alias.market, b.market)
		case slices.Contains(walletExchanges, id):
			b.name, b.wallet = id, true
		case exchangeNamed(id, exchanges) != nil:
			b.name = id
		default:
			continue
		}
		if b.name == "kraken" && b.market == Futures {
			b.name = "krakenfutures"
		}
		return b, true
	}
	return botExchange{name: name}, exchangeNamed(name, exchanges) != nil
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func exchangeNamed(name string, exchanges []*adapter.Exchange) *adapter.Exchange {
	if i := slices.IndexFunc(exchanges, func(e *adapter.Exchange) bool { return e.Name == name }); i >= 0 {
		return exchanges[i]
	}
	return nil
}

// environment is the environment of the exchange that the bot uses. The word is
// the one in the bot's file, if there is any. It returns nil if the exchange has
// no such environment. Bots use many words for a test network, and most
// exchanges have one.
func (b botExchange) environment(e *adapter.Exchange, word string) *adapter.Environment {
	test := b.test
	switch {
	case slices.Contains(testWords, word):
		test = word
	case !slices.Contains(liveWords, word):
		return environmentNamed(e, word)
	}
	if test == "" {
		return environmentNamed(e, b.region)
	}
	env := testEnvironment(e, b.region, test)
	if env == nil || b.separate(e, env) {
		return nil
	}
	return env
}

// environmentNamed is the environment of that name, or without a name the
// first.
func environmentNamed(e *adapter.Exchange, name string) *adapter.Environment {
	for i := range e.Environments {
		if name == "" || e.Environments[i].Name == name {
			return &e.Environments[i]
		}
	}
	return nil
}

// testEnvironment is the test network in a region: the one that the bot's word
// names, or else the first. What "paper" means where there are several is not
// known.
func testEnvironment(e *adapter.Exchange, region, test string) *adapter.Environment {
	if region != "" {
		region += "-"
	}
	var first *adapter.Environment
	several := false
	for i := range e.Environments {
		env := &e.Environments[i]
		name, here := strings.CutPrefix(env.Name, region)
		switch {
		case !here || strings.Contains(name, "-"): // another region's
		case !env.Test && !slices.Contains(testWords, name): // live
		case name == test:
			return env
		case first == nil:
			first = env
		default:
			several = true
		}
	}
	if several && (test == "paper" || test == "simulated") {
		return nil
	}
	return first
}

// passphraseNames are the names under which ccxt, and bots that pass their
// fields to it, keep the third part of a key.
func passphraseNames(exchange string) []string {
	if strings.HasPrefix(strings.ToLower(exchange), "bitmart") {
		return []string{"uid", "memo"} // BitMart calls it the memo
	}
	return []string{"password", "passphrase"}
}
