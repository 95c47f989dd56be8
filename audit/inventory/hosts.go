package inventory

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Where a bot sends a key. A file that says so is believed; one that cannot be
// followed costs its key, because the exchange's first environment may be
// another site, where the key does not exist or belongs to somebody else.

// otherHosts are hosts that no audit asks, and the environment whose keys they
// take, by exchange. Sources: the exchanges' documentation of their other APIs
// and streams, and hummingbot's and ccxt's names of sites.
var otherHosts = map[string]struct{ exchange, environment string }{
	"api.hbdm.com":               {"htx", "live"},              // futures
	"api.pro.coinbase.com":       {"coinbaseexchange", "live"}, // its name until 2023
	"ws-feed.pro.coinbase.com":   {"coinbaseexchange", "live"},
	"ws.okx.com":                 {"okx", "live"},
	"wsaws.okx.com":              {"okx", "live"},
	"wspap.okx.com":              {"okx", "demo"},
	"wseea.okx.com":              {"okx", "eea"},
	"wseeapap.okx.com":           {"okx", "eea-demo"},
	"wsus.okx.com":               {"okx", "us"},
	"wsuspap.okx.com":            {"okx", "us-demo"},
	"data.binance.vision":        {"binance", "live"}, // market data
	"data-api.binance.vision":    {"binance", "live"},
	"data.alpaca.markets":        {"alpaca", "live"},
	"stream.data.alpaca.markets": {"alpaca", "live"},
}

// hostWord is a word in the name of a host that does not say which site of the
// exchange it is: api3, fapi, stream, ws. A word that may be a site's or a
// country's makes the host unknown.
var hostWord = regexp.MustCompile(`^(?:[a-z]?api[0-9]*|openapi|[a-z]?streams?|wss?|push|www|futures?|contract|spot|swap|feed|advanced|trade|exchange|public|private|auth|data|gcp|aws|cloud|open|fx|v[0-9])$`)

// urlHost is the host in a URL, in lower case; or the whole text if it is a host. A port
// is part of it, unless it is that of the scheme: what listens at another one, such as a
// proxy, is not the exchange. Exchanges have their streams at any.
func urlHost(address string) string {
	host, port := hostAndPort(address)
	scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "://")
	if isStream(address) || port == "" || port == "443" && scheme != "http" || port == "80" && scheme == "http" {
		return host
	}
	return host + ":" + port
}

// hostName is the host without any port.
func hostName(address string) string {
	host, _ := hostAndPort(address)
	return host
}

func hostAndPort(address string) (host, port string) {
	host = strings.ToLower(strings.TrimSpace(address))
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host = rest
	}
	host, _, _ = strings.Cut(host, "/")
	host, _, _ = strings.Cut(host, "?")
	if at := strings.LastIndexByte(host, '@'); at >= 0 { // a password before it, which no exchange's address has
		host = host[at:]
	}
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		host, port = host[:at], host[at+1:]
	}
	return strings.TrimSuffix(host, "."), port
}

// isStream reports whether an address is that of a stream, which says nothing
// that the address of the API does not say better.
func isStream(address string) bool {
	lower := strings.ToLower(strings.TrimSpace(address))
	return strings.HasPrefix(lower, "ws://") || strings.HasPrefix(lower, "wss://")
}

// isURL reports whether a text is a URL.
func isURL(text string) bool { return strings.Contains(text, "://") }

// apiHosts are the hosts that decide: those of the API, or if a file names only
// streams, those.
func apiHosts(addresses []string) (hosts []string) {
	var streams []string
	for _, a := range addresses {
		switch host := urlHost(a); {
		case isStream(a):
			streams = append(streams, host)
		default:
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		hosts = streams
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// domainOf is the part of a host that is registered: bybit.com, bittrade.co.jp.
func domainOf(host string) string {
	labels := strings.Split(host, ".")
	n := 2
	if len(labels) > 2 && slices.Contains([]string{"co", "com", "or", "ne", "net"}, labels[len(labels)-2]) && len(labels[len(labels)-1]) == 2 {
		n = 3
	}
	return strings.Join(labels[max(0, len(labels)-n):], ".")
}

// sitesOf are exchanges by the domains of their APIs; empty for one of several.
func sitesOf(exchanges []*adapter.Exchange) map[string]string {
	sites := map[string]string{}
	for _, e := range exchanges {
		for i := range e.Environments {
			for _, url := range e.Environments[i].URLs {
				site := domainOf(urlHost(url))
				if of, taken := sites[site]; taken && of != e.Name {
					sites[site] = ""
				} else {
					sites[site] = e.Name
				}
			}
		}
	}
	return sites
}

// exactlyAt lists the environments that have a host. A file may also name the domain
// alone, as ccxt's "hostname" does.
func exactlyAt(e *adapter.Exchange, host string) []*adapter.Environment {
	other := otherHosts[host]
	return environmentsWhere(e, func(env *adapter.Environment, own string) bool {
		return own == host || own == "api."+host || own == "www."+host || other.exchange == e.Name && other.environment == env.Name
	})
}

// environmentsAt lists an exchange's environments whose keys a host takes: those that
// have it, or else those under its domain, unless it is another exchange's.
func environmentsAt(e *adapter.Exchange, host string, all []*adapter.Exchange) []*adapter.Environment {
	if exact := exactlyAt(e, host); len(exact) > 0 {
		return exact
	}
	others := slices.ContainsFunc(all, func(other *adapter.Exchange) bool { return len(exactlyAt(other, host)) > 0 })
	if others || strings.ContainsAny(host, "@{ ") { // or a password or a placeholder
		return nil
	}
	words := strings.FieldsFunc(strings.TrimSuffix(host, domainOf(host)), notInWord)
	test := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !slices.Contains(testWords, word) })
	for _, word := range words {
		if !hostWord.MatchString(word) && !slices.Contains(testWords, word) {
			return nil
		}
	}
	same := environmentsWhere(e, func(env *adapter.Environment, own string) bool {
		return domainOf(own) == domainOf(host) && isTest(env) == (len(test) > 0) && (len(test) == 0 || slices.Contains(test, env.Name))
	})
	for _, env := range same { // sites under one domain: the host could be any of them
		if !slices.Equal(env.URLs, same[0].URLs) {
			return nil
		}
	}
	return same
}

func environmentsWhere(e *adapter.Exchange, is func(env *adapter.Environment, host string) bool) (out []*adapter.Environment) {
	for i := range e.Environments {
		env := &e.Environments[i]
		if slices.ContainsFunc(env.URLs, func(url string) bool { return is(env, urlHost(url)) }) {
			out = append(out, env)
		}
	}
	return out
}

// related are the exchanges that a file may mean with a name of this one, itself
// first: Binance.US under the name of Binance.
func related(e *adapter.Exchange, all []*adapter.Exchange) []*adapter.Exchange {
	out := []*adapter.Exchange{e}
	for _, other := range all {
		if other != e && (strings.HasPrefix(other.Name, e.Name) || strings.HasPrefix(e.Name, other.Name)) {
			out = append(out, other)
		}
	}
	return out
}

// place is where the bot uses the key: which exchange, and which of its
// environments. If the file leaves that open, it returns why the key is skipped.
func (b botExchange) place(e *adapter.Exchange, f *Found, all []*adapter.Exchange) (*adapter.Exchange, *adapter.Environment, string) {
	word, hosts := strings.ToLower(strings.TrimSpace(f.Environment)), apiHosts(f.URLs)
	if len(hosts) == 0 {
		env := b.environment(e, word)
		if env == nil {
			return nil, nil, fmt.Sprintf("it belongs to an environment of %s that is not supported"+listOther, e.Title)
		}
		return e, env, ""
	}
	if own := slices.DeleteFunc(slices.Clone(hosts), func(host string) bool {
		sister := exchangeNamed(e.Name+"futures", all) // what else the bot asks with a key of the spot exchange
		return sister != nil && len(exactlyAt(sister, host)) > 0
	}); len(own) > 0 {
		hosts = own
	}
	for _, candidate := range related(e, all) {
		envs := environmentsAt(candidate, hosts[0], all)
		for _, host := range hosts[1:] {
			here := environmentsAt(candidate, host, all)
			envs = slices.DeleteFunc(envs, func(env *adapter.Environment) bool { return !slices.Contains(here, env) })
		}
		if len(envs) == 0 {
			continue
		}
		if env := b.choose(candidate, envs, word); env != nil {
			return candidate, env, ""
		}
		return nil, nil, fmt.Sprintf("its file names the host %s and an environment that has another: list the key in an inventory, with its environment", show(hosts[0]))
	}
	for _, other := range all {
		if len(environmentsAt(other, hosts[0], all)) > 0 && !slices.Contains(related(e, all), other) {
			return nil, nil, fmt.Sprintf("its file names the host %s, which belongs to %s and not to %s: list the key in an inventory, with its exchange", show(hosts[0]), other.Title, e.Title)
		}
	}
	return nil, nil, fmt.Sprintf("its file names the host %s, which is unknown: list the key in an inventory, with its environment", show(strings.Join(hosts, ", ")))
}

// choose picks the one of the environments at a host that the file's word for
// the environment, and the bot's name of the exchange, allow; nil if none.
func (b botExchange) choose(e *adapter.Exchange, envs []*adapter.Environment, word string) *adapter.Environment {
	test := b.test
	switch {
	case slices.Contains(testWords, word):
		test = word
	case slices.Contains(liveWords, word):
	default:
		envs = keep(envs, func(env *adapter.Environment) bool { return env.Name == word })
	}
	if b.region != "" {
		envs = keep(envs, func(env *adapter.Environment) bool {
			return env.Name == b.region || strings.HasPrefix(env.Name, b.region+"-")
		})
	}
	if test != "" {
		envs = keep(envs, isTest)
		if named := keep(envs, func(env *adapter.Environment) bool { return strings.HasSuffix(env.Name, test) }); len(named) > 0 {
			envs = named
		}
	} else if live := keep(envs, func(env *adapter.Environment) bool { return !isTest(env) }); len(live) > 0 {
		envs = live
	}
	envs = keep(envs, func(env *adapter.Environment) bool { return !b.separate(e, env) })
	if len(envs) == 0 {
		return nil
	}
	return envs[0]
}

func keep(envs []*adapter.Environment, is func(*adapter.Environment) bool) []*adapter.Environment {
	return slices.DeleteFunc(slices.Clone(envs), func(env *adapter.Environment) bool { return !is(env) })
}

// realMoneyOnly are exchanges that are known to have no test network, by their own API
// documentation: a switch of the whole program that is off, such as PRODUCTION, can mean none of
// theirs. One of which nobody knows a test network may have one all the same.
var realMoneyOnly = []string{"bitflyer", "bithumb", "coinspot", "korbit", "upbit"}

// isTest reports whether an environment is no real money's, also where the
// exchange's own name for it is the only sign.
func isTest(env *adapter.Environment) bool { return env.Test || slices.Contains(testWords, env.Name) }

// separate reports whether the bot trades what another test network is for:
// Binance's for futures has keys of its own, and no adapter.
func (b botExchange) separate(e *adapter.Exchange, env *adapter.Environment) bool {
	return e.Name == "binance" && b.market.derivatives() && env.Test && env.Name != "demo"
}
