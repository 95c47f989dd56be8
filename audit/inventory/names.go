package inventory

import (
	"maps"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// Names reads what people call the parts of keys, for programs that look for keys in
// files of any kind: the names that From accepts in the environment.
type Names struct{ r *nameReader }

// NewNames reads names that mention these exchanges.
func NewNames(exchanges []*adapter.Exchange) *Names { return &Names{newNameReader(exchanges, "")} }

// Marks are texts in small letters without separators. A name or a host that names an
// exchange has one of them, once it is written like that.
func (n *Names) Marks() []string {
	all := slices.Collect(maps.Keys(n.r.ids))
	for site := range n.r.sites {
		all = append(all, adapter.Fold(site))
	}
	for host := range otherHosts {
		all = append(all, adapter.Fold(host))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Name is what the name of a variable or a field says.
type Name struct {
	Words    []string // in lower case
	Exchange string   // this library's name, or that of a wallet's exchange; empty if none is named, or several
	Wallet   bool     // the exchange's keys are wallets
	Several  bool     // two exchanges are named
	// Foreign: another service or product is named, or the exchange's name is an
	// ordinary word that means something else here.
	Foreign bool
	Part    adapter.Part
	Weak    bool   // the name means that part only where nothing else does
	Vague   bool   // it may mean two parts
	Lone    bool   // it consists of words for the part and the exchange
	Leads   string // if the value only leads to the part: "names a file"
	NoPart  bool   // although it mentions a part: BYBIT_API_KEY_VERSION
	Stem    []string
	// SaysExchange: the value is the name of the exchange in use, as that of EXCHANGE_ID, for
	// the keys whose names have all words of Scope.
	SaysExchange bool
	Scope        []string
}

// Read reads a name.
func (n *Names) Read(name string) Name {
	v := n.r.read(name)
	out := Name{
		Words: v.words, Several: v.several, Foreign: v.foreign, Part: v.part, Weak: v.weak, Vague: v.vague, Lone: true,
		Leads: elsewhere[v.after], NoPart: slices.Contains(notPart, v.after), Stem: v.stem(),
	}
	out.Scope, out.SaysExchange = v.saysExchange()
	if v.exchange != "" {
		b, _ := resolveExchange(v.exchange, n.r.exchanges)
		out.Exchange, out.Wallet = b.name, b.wallet || v.wallet
		if b.name == "kraken" && slices.Contains(v.market, "futures") {
			out.Exchange = "krakenfutures"
		}
	}
	for i, word := range v.words {
		out.Lone = out.Lone && (v.named[i] || v.inExchange(i))
		out.Foreign = out.Foreign || !v.named[i] && !v.inExchange(i) && slices.Contains(otherServices, word)
	}
	return out
}

// Exchange is this library's name of the exchange that a bot calls so: "gate_io",
// "Binance Spot".
func (n *Names) Exchange(name string) (exchange string, known bool) {
	b, known := resolveExchange(name, n.r.exchanges)
	return b.name, known && len(name) <= longestShown
}

// Unclear reports whether a variable looks like part of an exchange's key, or like all of
// it, although its name says no part.
func (n *Names) Unclear(name, value string) bool {
	v := n.r.read(name)
	return n.r.unclear(Variable{Name: name, Value: adapter.NewSecret(value)}, &v)
}

// Ordinary reports whether an exchange's name is a word of other things, too.
func (n *Names) Ordinary(exchange string) bool { return slices.Contains(ordinaryWords, exchange) }

// At is the exchange whose API, or whose site, has the host; empty if none or several
// have.
func (n *Names) At(host string) (exchange string) {
	host = hostName(host)
	if at := otherHosts[host]; at.exchange != "" {
		return at.exchange
	}
	return n.r.sites[domainOf(host)]
}

// Plain reports whether people put the word around any exchange's name: "my", "bot".
func (n *Names) Plain(word string) bool {
	return harmless(word) || isMarket(word) || testWord(word) != "" || slices.Contains(realWords, word)
}

// Locates reports whether a word in the name of an exchange's key says where the key
// belongs: to a test network, to a site, or to a market.
func (n *Names) Locates(exchange, word string) bool {
	return testWord(word) != "" || slices.Contains(realWords, word) || isMarket(word) || exchange != "" && n.r.isRegion(exchange, word)
}

// Default reports whether a host is one of an exchange's API, at whatever port, and whether
// it is one of its first environment, which is what a key is for if nothing says otherwise.
func (n *Names) Default(exchange, host string) (known, first bool) {
	e := exchangeNamed(exchange, n.r.exchanges)
	if e == nil {
		return false, false
	}
	known = len(environmentsAt(e, hostName(host), n.r.exchanges)) > 0
	return known, slices.Contains(environmentsAt(e, urlHost(host), n.r.exchanges), &e.Environments[0])
}

// Tests reports whether a word means a test network.
func (n *Names) Tests(word string) bool { return testWord(word) != "" }

// Placeholder says why a text that stands for a key or a secret is none, as the end
// of a sentence; it is empty if it may be one.
func Placeholder(text string) string { return keytext.Placeholder(text) }
