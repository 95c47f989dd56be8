package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

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

// whereabouts decides the environment of one key.
type whereabouts struct {
	exchange  *adapter.Exchange
	bot       botExchange
	named     bool     // the key's own name says whether it is for a test network
	regioned  bool     // something says which site
	from      string   // the variable that said test or live
	notLive   string   // the variable that said no real money
	addresses []place  // URLs
	used      []place  // that say which exchange is used
	hosts     []string // of the environments that all URLs have
}

// listIt is what the owner of a key can do whose place is not clear.
const listIt = ": list the key in an inventory, with its environment"

// settle applies the variables to a key of the exchange. It returns the exchange,
// which may be another of the same house, and the environment, if anything says
// so, with the variable that does, or why the key is skipped.
func (r *nameReader) settle(n *variableName, b botExchange, places []place) (exchange, environment, from, skip string) {
	if b.test != "" && n.live || len(n.tests) > 1 {
		return b.name, "", "", "its name says both that it is for a test network and that it is not" + listIt
	}
	if n.dev != "" && b.test == "" && !n.live {
		return b.name, "", "", fmt.Sprintf("%s in its name may mean a test network or not%s", show(n.dev), listIt)
	}
	w := whereabouts{exchange: exchangeNamed(b.name, r.exchanges), bot: b, named: b.test != "" || n.live, regioned: b.region != ""}
	for _, p := range about(n, b.name, places) {
		if skip := w.apply(r, p); skip != "" {
			return b.name, "", "", skip
		}
	}
	if skip := cmp.Or(w.applyUsed(r), w.applyURLs(r)); skip != "" {
		return b.name, "", "", skip
	}
	environment, skip = w.conclusion()
	return w.exchange.Name, environment, w.from, skip
}

// conclusion is the environment that all variables together say, if they say any, or
// why the key is skipped.
func (w *whereabouts) conclusion() (environment, skip string) {
	env := w.bot.environment(w.exchange, "")
	switch {
	case env == nil && w.from != "":
		return "", fmt.Sprintf("%s says that it is for an environment of %s that is not supported: list the key in an inventory",
			show(w.from), w.exchange.Title)
	case env == nil:
		return "", fmt.Sprintf("it belongs to an environment of %s that is not supported", w.exchange.Title)
	case w.notLive != "" && !isTest(env):
		return "", fmt.Sprintf("%s is off, and no variable says which test network it is for%s", show(w.notLive), listIt)
	case len(w.hosts) > 0 && !w.named && !slices.Contains(w.hosts, env.Name):
		return "", fmt.Sprintf("%s and the URL in %s do not agree on where it belongs%s", show(w.from), show(w.addresses[0].name), listIt)
	case !w.named && !w.regioned && w.from == "" && len(w.hosts) == 0: // nothing says anything
		return "", ""
	default:
		return env.Name, ""
	}
}

// about are the variables that are about a key of that name and exchange.
func about(n *variableName, exchange string, places []place) (out []place) {
	words := slices.Clone(n.stem())
	if len(n.tests) > 0 {
		words = append(words, testScope)
	}
	if n.live {
		words = append(words, liveScope)
	}
	for _, p := range places {
		scope := words
		if p.host != "" { // the key may turn out to be for a test network
			scope = append(slices.Clip(words), testScope)
		}
		if (p.exchange == "" || p.exchange == exchange) && subset(p.scope, scope) {
			out = append(out, p)
		}
	}
	return out
}

// unclear skips keys of an exchange that a variable may be meant for: it switches keys
// to a test network, and fits the name of none.
func unclear(found []Found, names []*variableName, places []place) {
	for _, p := range places {
		if p.exchange == "" || p.live || (p.test == "" && !p.notLive) {
			continue
		}
		fits := slices.ContainsFunc(names, func(n *variableName) bool { return len(about(n, p.exchange, []place{p})) > 0 })
		for i := range found {
			f, n := &found[i], names[i]
			if !fits && f.Exchange == p.exchange && f.Environment == "" && len(n.tests) == 0 && !n.live {
				f.skip(fmt.Sprintf("%s says where a key of this exchange belongs, and not whether it is this one%s", show(p.name), listIt))
			}
		}
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(word string) bool { return !slices.Contains(all, word) })
}

// apply applies one variable.
func (w *whereabouts) apply(r *nameReader, p place) (skip string) {
	switch {
	case p.unknown:
		return fmt.Sprintf("%s has a value that names no environment of %s%s", show(p.name), w.exchange.Title, listIt)
	case p.host != "":
		w.addresses = append(w.addresses, p)
		return ""
	case p.uses.name != "":
		w.used = append(w.used, p)
		return ""
	case p.region == "com":
		return ""
	case p.region != "":
		return w.applySite(r, p)
	case w.named: // the key's own name counts more
		return ""
	default:
		return w.applySwitch(p)
	}
}

// applyUsed applies the variables that say which exchange is used: it may be a sister of the
// one that the key's name says, a site, or a test network.
func (w *whereabouts) applyUsed(r *nameReader) (skip string) {
	for _, p := range w.used {
		sister := exchangeNamed(p.uses.name, r.exchanges)
		switch {
		case skip != "":
			return skip
		case sister == nil:
			continue
		case sister != w.exchange && strings.HasPrefix(sister.Name, w.exchange.Name) && !p.listed:
			return fmt.Sprintf("%s names %s, and the key's own variables %s%s", show(p.name), sister.Title, w.exchange.Title, listIt)
		case sister != w.exchange: // it is about other keys
			continue
		}
		if p.region = p.uses.region; p.region != "" {
			skip = w.applySite(r, p)
		}
		if p.exchange, p.test = sister.Name, p.uses.test; p.test != "" && skip == "" && !w.named {
			skip = w.applySwitch(p)
		}
	}
	return skip
}

// applySite applies a variable that names a site.
func (w *whereabouts) applySite(r *nameReader, p place) (skip string) {
	site := r.site(w.exchange.Name, p.region)
	if site.name == "" || w.regioned && site.region != w.bot.region {
		return fmt.Sprintf("%s names a site of %s that is not supported%s", show(p.name), w.exchange.Title, listIt)
	}
	w.bot.name, w.bot.region, w.regioned = site.name, site.region, true
	w.exchange = exchangeNamed(site.name, r.exchanges)
	return ""
}

// applySwitch applies a variable that says test network or real money.
func (w *whereabouts) applySwitch(p place) (skip string) {
	switch {
	case p.notLive:
		w.notLive = p.name
		return ""
	case w.from != "" && w.bot.test != p.test:
		return fmt.Sprintf("%s and %s do not agree on where it belongs%s", show(w.from), show(p.name), listIt)
	case p.test != "" && p.exchange == "" && !w.plain(p.test):
		return fmt.Sprintf("%s does not say which test network of %s it is for%s", show(p.name), w.exchange.Title, listIt)
	}
	w.bot.test, w.from = p.test, p.name
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
func (w *whereabouts) applyURLs(r *nameReader) (skip string) {
	forTest := func(p place) bool { return slices.Contains(p.scope, testScope) }
	if w.bot.test == "" {
		w.addresses = slices.DeleteFunc(w.addresses, forTest)
	} else if slices.ContainsFunc(w.addresses, forTest) {
		w.addresses = slices.DeleteFunc(w.addresses, func(p place) bool { return !forTest(p) })
	}
	w.addresses = slices.DeleteFunc(w.addresses, func(p place) bool { return p.exchange == "" && !w.concerns(r, p.host) })
	if len(w.addresses) == 0 {
		return ""
	}
	var fit []*adapter.Environment
	for i := range w.exchange.Environments {
		env := &w.exchange.Environments[i]
		if !slices.ContainsFunc(w.addresses, func(p place) bool { return !slices.Contains(environmentsAt(w.exchange, p.host, r.exchanges), env) }) {
			fit = append(fit, env)
			w.hosts = append(w.hosts, env.Name)
		}
	}
	first := w.addresses[0]
	if len(fit) == 0 {
		return fmt.Sprintf("the URL in %s is none of %s that is known here%s",
			show(first.name), w.exchange.Title, listIt)
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
func (w *whereabouts) concerns(r *nameReader, host string) bool {
	return len(environmentsAt(w.exchange, host, r.exchanges)) > 0 || !slices.Contains(ordinaryWords, w.exchange.Name) && strings.Contains(host, w.exchange.Name)
}
