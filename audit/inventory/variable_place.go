package inventory

import (
	"cmp"
	"fmt"
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
}

// Values of switches.
var (
	onWords  = []string{"true", "1", "yes", "on", "y", "t", "enabled", "enable"}
	offWords = []string{"", "false", "0", "no", "off", "n", "f", "disabled", "disable", "none", "null", "nil"}
)

// place is what one variable says about where keys are sent.
type place struct {
	name     string // of the variable
	exchange string // this library's name; empty if the variable names none
	scope    []string
	test     string // a word for a test network
	live     bool
	notLive  bool   // real money is switched off
	region   string // a word for a site
	host     string
	unknown  bool // the value cannot be understood
}

// place reads a variable that holds no part of a key. The result is false if it
// says nothing about where keys are sent.
func (r *nameReader) place(v Variable, n *variableName) (place, bool) {
	p := place{name: v.Name}
	if n.exchange != "" {
		p.exchange = r.canonical(n.exchange)
	}
	value := strings.ToLower(strings.TrimSpace(v.Value.Reveal()))
	if v.Unread != "" {
		if value = "unread"; p.exchange == "" { // the line may be about anything
			return p, false
		}
	}
	host := hostOf(value)
	if n.first < n.last && slices.Contains(onWords, value) && len(n.words) == n.last-n.first+1 { // BINANCE_US=true
		if id := r.ids[strings.Join(n.words[:n.last], "")]; id != "" && r.isRegion(id, n.words[n.last]) {
			return place{name: v.Name, exchange: r.canonical(id), region: n.words[n.last]}, true
		}
	}
	var where, strict, stream bool
	var own []string // words that are either the switch or, in the name of a URL, what it is about
	for i, word := range n.words {
		switch {
		case n.named[i] || n.exchange != "" && i >= n.first && i <= n.last || slices.Contains(switchWords, word):
		case slices.Contains(whereWords, word):
			where, strict, stream = true, strict || !slices.Contains(looseWords, word), stream || slices.Contains(streamWords, word)
		case testWord(word) != "":
			own = append(own, testScope)
		case slices.Contains(liveWords, word):
			own = append(own, liveScope)
		case n.region == word:
			own = append(own, word)
		default:
			p.scope = append(p.scope, word)
		}
	}
	flag := p.exchange == "okx" && slices.Contains(n.words, "flag") && len(own) == 0 // "0" or "1" in OKX's client
	switch {
	case host != "" && (where || len(own) > 0):
		if where {
			p.scope = append(p.scope, own...)
		}
		if p.host = host; stream {
			return p.ofStream()
		}
		return p, true
	case len(n.tests) > 0:
		return p.ofTest(n.tests[0], value)
	case flag:
		return p.ofTest("demo", value)
	case n.live:
		return p.ofLive(n, value)
	case n.region != "" && slices.Contains(onWords, value):
		p.region = n.region
		return p, true
	case !where || stream:
		return p, false
	}
	ok := r.ofWord(&p, value, strict)
	return p, ok
}

// How the words for test networks and for real money count among the words of a
// name.
const (
	testScope = "~test"
	liveScope = "~live"
)

// ofStream reads the URL of a stream: only a test network's says anything.
func (p place) ofStream() (place, bool) {
	for word := range strings.FieldsFuncSeq(p.host, notInWord) {
		if test := testWord(strings.TrimSuffix(word, "stream")); test != "" || word == "wspap" { // OKX's
			p.test, p.host = cmp.Or(test, "demo"), ""
			return p, true
		}
	}
	return p, false
}

// ofTest reads a switch for a test network.
func (p place) ofTest(test, value string) (place, bool) {
	word := valueWord(value)
	switch {
	case slices.Contains(onWords, value):
		p.test = test
	case testWord(word) != "":
		p.test = testWord(word)
	case slices.Contains(offWords, value), slices.Contains(liveWords, word):
		return p, false
	default:
		p.unknown = true
	}
	// Without an exchange, only some words surely speak of keys.
	return p, !p.unknown || p.exchange != "" || test == "testnet" || test == sandbox
}

// ofLive reads a switch for real money.
func (p place) ofLive(n *variableName, value string) (place, bool) {
	switch {
	case slices.Contains(onWords, value):
		p.live = true
	case slices.Contains(offWords, value) && value != "":
		p.notLive = p.exchange != "" || !slices.Contains(n.words, "production") && !slices.Contains(n.words, "prod")
	default:
		return p, false
	}
	return p, true
}

// ofWord reads a word for where keys are sent.
func (r *nameReader) ofWord(p *place, value string, strict bool) bool {
	word := valueWord(value)
	switch {
	case value == "":
		return false
	case testWord(word) != "":
		p.test = testWord(word)
	case slices.Contains(liveWords, word) || word == "main":
		p.live = true
	case p.exchange != "" && (word == "com" || r.site(p.exchange, word).name != ""):
		p.region = word
	case p.exchange == "" && slices.Contains([]string{"us", "eu"}, word) && strings.EqualFold(p.name, "tld"):
		p.region = word
	default:
		p.unknown = true
		return strict && p.exchange != ""
	}
	return true
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

// hostOf is the host of a URL, with or without a scheme; empty if the value is
// none.
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
	return strings.TrimSuffix(u.Hostname(), ".")
}

// regionOf is what the name of an environment says: the region, and the word for a
// test network.
func regionOf(env *adapter.Environment) (region, test string) {
	for word := range strings.SplitSeq(env.Name, "-") {
		switch {
		case testWord(word) != "":
			test = word
		case word != "live":
			region = word
		}
	}
	return region, test
}

// hosts is whether the environment has that host.
func hosts(env *adapter.Environment, host string) bool {
	return slices.ContainsFunc(env.URLs, func(base string) bool { return hostOf(base) == host })
}

// whereabouts decides the environment of one key.
type whereabouts struct {
	exchange  *adapter.Exchange
	bot       botExchange
	named     bool     // the key's own name says whether it is for a test network
	regioned  bool     // something says which site
	from      string   // the variable that said test or live
	addresses []place  // URLs
	hosts     []string // of the environments that all URLs have
}

// settle applies the variables to a key of the exchange. It returns the exchange,
// which may be another of the same house, and the environment, or why the key is
// skipped.
func (r *nameReader) settle(n *variableName, b botExchange, places []place) (exchange, environment, skip string) {
	w := whereabouts{exchange: exchangeNamed(b.name, r.exchanges), bot: b, named: b.test != "" || n.live, regioned: n.region != ""}
	if b.test != "" && n.live || len(n.tests) > 1 {
		return b.name, "", "its name says both that it is for a test network and that it is not: list the key in an inventory, with its environment"
	}
	words := keyScope(n)
	for _, p := range places {
		scope := words
		if p.host != "" { // it may turn out to be for a test network
			scope = append(slices.Clip(words), testScope)
		}
		if p.exchange != "" && p.exchange != b.name || !subset(p.scope, scope) {
			continue
		}
		if skip := w.apply(r, p); skip != "" {
			return b.name, "", skip
		}
	}
	if skip := w.applyURLs(); skip != "" {
		return b.name, "", skip
	}
	env := w.bot.environment(w.exchange, "")
	switch {
	case env == nil && w.from != "":
		return b.name, "", fmt.Sprintf("%s says that it is for an environment of %s that is not supported: list the key in an inventory",
			show(w.from), w.exchange.Title)
	case env == nil:
		return b.name, "", fmt.Sprintf("it belongs to an environment of %s that is not supported", w.exchange.Title)
	case len(w.hosts) > 0 && !w.named && !slices.Contains(w.hosts, env.Name):
		return b.name, "", fmt.Sprintf("%s and the URL in %s do not agree on where it belongs: list the key in an inventory, with its environment",
			show(w.from), show(w.addresses[0].name))
	}
	return w.exchange.Name, env.Name, ""
}

// keyScope is the words of a key's name that variables about it may have.
func keyScope(n *variableName) []string {
	words := slices.Clone(n.stem())
	if len(n.tests) > 0 {
		words = append(words, testScope)
	}
	if n.live {
		words = append(words, liveScope)
	}
	return words
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(word string) bool { return !slices.Contains(all, word) })
}

// apply applies one variable.
func (w *whereabouts) apply(r *nameReader, p place) (skip string) {
	const list = ": list the key in an inventory, with its environment"
	title := w.exchange.Title
	switch {
	case p.unknown:
		return fmt.Sprintf("%s has a value that names no environment of %s%s", show(p.name), title, list)
	case p.host != "":
		w.addresses = append(w.addresses, p)
	case p.region != "":
		site := r.site(w.exchange.Name, p.region)
		switch {
		case p.region == "com":
		case site.name == "" || w.regioned && site.region != w.bot.region:
			return fmt.Sprintf("%s names a site of %s that is not supported%s", show(p.name), title, list)
		default:
			w.bot.name, w.bot.region, w.regioned = site.name, site.region, true
			w.exchange = exchangeNamed(site.name, r.exchanges)
		}
	case w.named: // the key's own name counts more
	case p.notLive:
		return fmt.Sprintf("%s is off, and no variable says which test network it is for%s", show(p.name), list)
	case p.live && w.bot.test != "", p.test != "" && w.from != "" && w.bot.test != p.test:
		return fmt.Sprintf("%s and %s do not agree on where it belongs%s", show(w.from), show(p.name), list)
	case p.live:
		w.from = p.name
	case p.exchange == "" && !w.plain(p.test):
		return fmt.Sprintf("%s does not say which test network of %s it is for%s", show(p.name), title, list)
	default:
		w.bot.test, w.from = p.test, p.name
	}
	return ""
}

// plain reports whether a word surely means a test network of the exchange, even
// in a variable that does not name the exchange.
func (w *whereabouts) plain(test string) bool {
	return test == "testnet" || test == sandbox ||
		slices.ContainsFunc(w.exchange.Environments, func(e adapter.Environment) bool { return e.Name == test })
}

// applyURLs finds the environments that have the hosts of the URLs. Where a key is
// for a test network, and some of the URLs are for that, the others don't count.
func (w *whereabouts) applyURLs() (skip string) {
	forTest := func(p place) bool { return slices.Contains(p.scope, testScope) }
	if w.bot.test == "" {
		w.addresses = slices.DeleteFunc(w.addresses, forTest)
	} else if slices.ContainsFunc(w.addresses, forTest) {
		w.addresses = slices.DeleteFunc(w.addresses, func(p place) bool { return !forTest(p) })
	}
	w.addresses = slices.DeleteFunc(w.addresses, func(p place) bool { return p.exchange == "" && !w.concerns(p.host) })
	if len(w.addresses) == 0 {
		return ""
	}
	var fit []*adapter.Environment
	for i := range w.exchange.Environments {
		env := &w.exchange.Environments[i]
		if !slices.ContainsFunc(w.addresses, func(p place) bool { return !hosts(env, p.host) }) {
			fit = append(fit, env)
			w.hosts = append(w.hosts, env.Name)
		}
	}
	first := w.addresses[0]
	if len(fit) == 0 {
		return fmt.Sprintf("the URL in %s is none of %s that is known here: list the key in an inventory, with its environment", show(first.name), w.exchange.Title)
	}
	region, test := regionOf(fit[0])
	for _, env := range fit[1:] {
		otherRegion, otherTest := regionOf(env)
		if otherRegion != region {
			region = w.bot.region
		}
		if otherTest != test {
			test = ""
		}
	}
	if !w.regioned {
		w.bot.region = region
	}
	if !w.named && w.from == "" {
		w.bot.test, w.from = test, first.name
	}
	return ""
}

// concerns reports whether a URL in a variable that names no exchange is about
// this one: it is one of the exchange's, or looks like one.
func (w *whereabouts) concerns(host string) bool {
	for i := range w.exchange.Environments {
		if hosts(&w.exchange.Environments[i], host) {
			return true
		}
	}
	return !slices.Contains(ordinaryWords, w.exchange.Name) && strings.Contains(host, w.exchange.Name)
}
