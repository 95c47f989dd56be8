package inventory

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Beside a key's variables stand others that say where it is sent: switches
// (BYBIT_TESTNET=true), words (OKX_ENV=demo) and URLs (ALPACA_BASE_URL=https://…).
// One is about every key that has all the words of its own name.

// whereWords are the words of such a variable's name.
var whereWords = []string{
	"url", "uri", "host", "hostname", "endpoint", "base", "server", "domain", "env", "environment", "network", "net", "mode", "site", "region", "tld",
	"stage", "type", "rest", "ws", "wss", "websocket", "stream",
}

// looseWords are those of whereWords that also say other things: BYBIT_MODE=hedge.
var looseWords = []string{"base", "server", "mode", "stage", "type", "net", "rest", "region"}

// streamWords mean connections that no key's audit uses.
var streamWords = []string{"ws", "wss", "websocket", "stream"}

// switchWords say nothing about what a switch is about.
var switchWords = []string{
	"use", "is", "enable", "enabled", "on", "flag", "trading", "trade", "account", "api", "exchange", "the", "default", "active", "set", "run", "in", "http", "https",
	"ccxt", "bot", "crypto", "trader", "money", "only", "using", "go", "freqtrade", "mcp", "config", "options", "async", "sync",
}

// exchangeWords are words for the exchange that a program uses, and besideExchange what stands
// around them: EXCHANGE=bybit_testnet, CCXT_EXCHANGE_ID=binanceus.
var (
	exchangeWords  = []string{"exchange", "venue", "broker", "connector"}
	besideExchange = []string{"id", "name", "class", "type", "code"}
)

// Values of switches.
var (
	onWords  = []string{"true", "1", "yes", "on", "y", "t", "enabled", "enable"}
	offWords = []string{"false", "0", "no", "off", "n", "f", "disabled", "disable", "none", "null", "nil"}
)

// place is what one variable says about where keys are sent.
type place struct {
	name     string // of the variable
	exchange string // this library's name; empty if the variable names none
	scope    []string
	test     string // a word for a test network
	live     bool
	notLive  bool   // real money is switched off
	notTest  bool   // a test network is switched off
	ofAny    bool   // it names no exchange, and says that it is about any
	market   Market // what is traded, where test networks, or exchanges, differ in that
	region   string // a word for a site
	host     string
	unknown  bool        // the value cannot be understood
	unclear  string      // likewise, and other variables may say it: what is wrong with the value, as a clause
	uses     botExchange // the value is a bot's name of an exchange
	listed   bool        // of which there is a key
}

// switchName is what the name of such a variable says.
type switchName struct {
	scope  []string // what it is about
	own    []string // words that are either the switch or, in the name of a URL, what it is about
	where  bool     // it has one of whereWords
	strict bool     // that has no other meaning
	stream bool
}

// How the words for test networks and for real money count among the words of a
// name.
const (
	testScope = "~test"
	liveScope = "~live"
)

// says reports whether only a variable that says where keys belong has that name.
func (s switchName) says() bool { return s.strict || len(s.own) > 0 }

func readSwitchName(n *variableName) (s switchName) {
	for i, word := range n.words {
		switch {
		case n.named[i] || n.inExchange(i) || slices.Contains(switchWords, word):
		case slices.Contains(whereWords, word):
			s.where = true
			s.strict = s.strict || !slices.Contains(looseWords, word)
			s.stream = s.stream || slices.Contains(streamWords, word)
		case testWord(word) != "":
			s.own = append(s.own, testScope)
		case slices.Contains(realWords, word):
			s.own = append(s.own, liveScope)
		case n.region == word, slices.Contains(devWords, word):
			s.own = append(s.own, word)
		default:
			s.scope = append(s.scope, word)
		}
	}
	return s
}

// place reads a variable that holds no part of a key. The result is false if it
// says nothing about where keys are sent.
func (r *nameReader) place(v Variable, n *variableName) (place, bool) {
	s := readSwitchName(n)
	p := place{name: v.Name, scope: s.scope}
	switch {
	case n.exchange != "":
		p.exchange = r.canonical(n.exchange)
	case okxDemo(n.words):
		p.exchange, p.scope = "okx", nil
	default:
		p.ofAny = slices.ContainsFunc(n.words, func(word string) bool { return word == "exchange" || word == "ccxt" })
	}
	value := switchValue(v.Value.Reveal())
	if v.Unread != "" {
		value = unreadLine
	}
	if v.Unread != "" && p.exchange == "" && !v.assigns { // the line may be about anything
		return p, false
	}
	if p.uses = r.usesOf(n, value); p.uses.name != "" {
		p.scope = slices.DeleteFunc(p.scope, func(word string) bool {
			return slices.Contains(exchangeWords, word) || slices.Contains(besideExchange, word)
		})
		return p, true
	}
	if exchange := r.siteSwitch(n); exchange != "" && slices.Contains(onWords, value) {
		return place{name: v.Name, exchange: exchange, region: n.words[n.last]}, true
	}
	if p.host = hostOf(value); p.host != "" {
		return p.ofURL(s, value)
	}
	if market, ok := r.ofMarket(p, n, s, value); ok {
		return market, true
	}
	return r.ofValue(p, n, s, value)
}

// usesOf is the exchange that a variable says is used; zero if it says none.
func (r *nameReader) usesOf(n *variableName, value string) botExchange {
	says := false
	for i, word := range n.words {
		says = says || !n.named[i] && !n.inExchange(i) && slices.Contains(exchangeWords, word)
	}
	if !says || len(value) > longestShown {
		return botExchange{}
	}
	b, known := resolveExchange(strings.Trim(value, `"'`), r.exchanges)
	if !known || b.wallet {
		return botExchange{}
	}
	return b
}

// marketNames are words of variables whose value is what is traded: BINANCE_MARKET_TYPE.
var marketNames = []string{"market", "markets", "type", "mode", "product", "category", "instrument", "contract", "segment", "subtype", "asset", "class", "kind", "futures"}

// ofMarket reads what is traded with the keys: a word, or the switch BINANCE_FUTURES.
func (r *nameReader) ofMarket(p place, n *variableName, s switchName, value string) (place, bool) {
	rest := func(is func(string) bool) []string { return slices.DeleteFunc(slices.Clone(p.scope), is) }
	switch {
	case s.strict || s.stream || len(s.own) > 0:
		return p, false
	case slices.Contains(onWords, value):
		words := slices.Concat(n.words[n.first:min(n.last+1, len(n.words))], n.market)
		if n.exchange == "" {
			words = n.market
		}
		p.market = marketOf(strings.Join(words, " "))
		p.scope = rest(isMarket)
	case slices.ContainsFunc(n.words, func(word string) bool { return slices.Contains(marketNames, word) }):
		p.market = marketOf(value)
		p.scope = rest(func(word string) bool { return slices.Contains(marketNames, word) || isMarket(word) })
	}
	if p.exchange == "krakenfutures" && p.market != "" { // KRAKEN_FUTURES=true, which may mean the keys named KRAKEN
		p.exchange = "kraken"
	}
	return p, p.market != ""
}

// marketOf is the market that a word means, in any spelling: "USDT_FUTURE".
func marketOf(word string) Market {
	word = adapter.Fold(word)
	for _, m := range []struct {
		part   string
		market Market
	}{
		{"future", Futures},
		{"perp", Futures},
		{"swap", Futures},
		{"delivery", Futures},
		{"linear", Futures},
		{"inverse", Futures},
		{"usdm", Futures},
		{"coinm", Futures},
		{"contract", Futures},
		{"option", options},
		{"spot", Spot},
	} {
		if strings.Contains(word, m.part) {
			return m.market
		}
	}
	return ""
}

// okxDemo reports whether a name is that of OKX's own switch for its demo trading: the
// "flag" of its client, and the header that this becomes.
func okxDemo(words []string) bool {
	return slices.Equal(words, []string{"flag"}) || slices.Equal(words, []string{"x", "simulated", "trading"})
}

// siteSwitch is the exchange of a name that consists of that and the word for one
// of its sites: BINANCE_US.
func (r *nameReader) siteSwitch(n *variableName) string {
	if n.first == n.last || len(n.words) != n.last-n.first+1 {
		return ""
	}
	id := r.ids[strings.Join(n.words[:n.last], "")]
	if id == "" || isMarket(n.words[n.last]) || !r.isRegion(id, n.words[n.last]) {
		return ""
	}
	return r.canonical(id)
}

// ofURL reads a URL. Of a stream only that of a test network says anything.
func (p place) ofURL(s switchName, value string) (place, bool) {
	other := slices.ContainsFunc(p.scope, func(word string) bool { return ofOther(word) || slices.Contains(otherProducts, word) })
	if s.where {
		p.scope = append(p.scope, s.own...)
	}
	if !s.stream {
		return p, !other && (s.where || len(s.own) > 0 || p.exchange != "" && isWebURL(strings.Trim(value, `"'`)))
	}
	for word := range strings.FieldsFuncSeq(p.host, notInWord) {
		if test := testWord(word); test != "" || word == "wspap" { // OKX's
			p.test, p.host = cmp.Or(test, "demo"), ""
			return p, true
		}
	}
	return p, false
}

// ofValue reads a switch or a word.
func (r *nameReader) ofValue(p place, n *variableName, s switchName, value string) (place, bool) {
	switch {
	case okxDemo(n.words):
		return p.ofTest("demo", value)
	case len(n.tests) > 0:
		return p.ofTest(n.tests[0], value)
	case p.exchange == "okx" && len(s.own) == 0 && slices.Contains(n.words, "flag"): // "0" or "1" in OKX's client
		return p.ofTest("demo", value)
	case n.live:
		return p.ofLive(n, value)
	case n.dev != "" && slices.Contains(onWords, value):
		p.unknown = true
		return p, p.exchange != ""
	case n.region != "" && slices.Contains(onWords, value):
		p.region = n.region
		return p, true
	case s.stream, !s.where && (p.exchange == "" || len(p.scope) > 0): // BYBIT_ACCOUNT=demo
		return p, false
	default:
		return r.ofWord(p, value, s.strict)
	}
}

// switchValue is a value in lower case, without the quotes that some programs keep.
func switchValue(value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	return strings.TrimSpace(strings.Trim(value, `"'`))
}

// What is wrong with the value of a switch.
const (
	isEmpty = "is empty"
	neither = "is neither on nor off"
)

// ofTest reads a switch for a test network.
func (p place) ofTest(test, value string) (place, bool) {
	word := valueWord(value)
	switch {
	case slices.Contains(onWords, value):
		p.test = test
	case testWord(word) != "":
		p.test = testWord(word)
	case slices.Contains(offWords, value), slices.Contains(realWords, word):
		p.notTest = true
	case value == "":
		p.unclear = isEmpty
	case p.exchange != "" || test == "testnet" || test == sandbox:
		p.unknown = true
	default: // which other variables may say better
		p.unclear = neither
	}
	return p, true
}

// ofLive reads a switch for real money.
func (p place) ofLive(n *variableName, value string) (place, bool) {
	switch {
	case testWord(valueWord(value)) != "": // LIVE_MODE=paper
		p.test = testWord(valueWord(value))
	case slices.Contains(onWords, value):
		p.live = true
	case slices.Contains(offWords, value):
		p.notLive = true
	case value == "":
		p.unclear = isEmpty
	case p.exchange != "": // BYBIT_LIVE=perhaps
		p.unknown = true
	default:
		p.unclear = neither
	}
	return p, true
}

// ofWord reads a word for where keys are sent.
func (r *nameReader) ofWord(p place, value string, strict bool) (place, bool) {
	word := valueWord(value)
	switch {
	case value == "":
		return p, false
	case testWord(word) != "":
		p.test = testWord(word)
	case slices.Contains(realWords, word) || word == "main":
		p.live = true
	case p.exchange != "" && (word == "com" || r.site(p.exchange, word).name != ""):
		p.region = word
	case p.exchange == "" && slices.Contains([]string{"us", "eu"}, word) && strings.EqualFold(p.name, "tld"):
		p.region = word
	default:
		p.unknown = true
		return p, p.exchange != "" && (strict || slices.Contains(devWords, word))
	}
	return p, true
}

// valueWord is a value as one word: "Demo Trading" is "demo".
func valueWord(value string) string {
	word := adapter.Fold(strings.Trim(value, `"'`))
	for _, end := range []string{"trading", "mode", "account", "environment", "network"} {
		word = strings.TrimSuffix(word, end)
	}
	if word == "main" { // "main network"
		return "mainnet"
	}
	return word
}

// hostOf is the host of a URL, with or without a scheme, and with a port as urlHost has it;
// empty if the value is none.
func hostOf(value string) string {
	value = strings.Trim(value, `"'`)
	if !strings.Contains(value, "://") {
		if !strings.Contains(value, ".") && !strings.HasPrefix(value, "localhost") || strings.ContainsAny(value, " @") {
			return ""
		}
		value = "https://" + value
	}
	u, err := url.Parse(value)
	if err != nil {
		return "?" // which is no exchange's
	}
	if u.Hostname() == "" {
		return ""
	}
	return urlHost(u.Scheme + "://" + u.Host)
}
