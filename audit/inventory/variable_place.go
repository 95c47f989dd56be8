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
	real      bool     // a variable of this exchange said real money
	notLive   string   // the variable that said no real money; one of this exchange before others
	own       bool     // that is one of this exchange
	unclear   *place   // a switch that may say so
	notTest   bool     // a variable said no test network
	market    string   // the variable that said what is traded
	addresses []place  // URLs
	used      []place  // that say which exchange is used
	hosts     []string // of the environments that all URLs have
}

// listIt is what the owner of a key can do whose place is not clear.
const (
	listIt    = ": list the key in an inventory, with its environment"
	listOther = ": list the key in an inventory, with its environment, if it is for another"
)

// settle applies the variables to a key of the exchange. It returns the exchange,
// which may be another of the same house, and the environment, if anything says
// so, with the variable that does, or why the key is skipped.
func (r *nameReader) settle(n *variableName, b botExchange, e *adapter.Exchange, places []place) (exchange, environment, from, skip string) {
	if b.test != "" && n.live || len(n.tests) > 1 {
		return b.name, "", "", "its name says both that it is for a test network and that it is not" + listIt
	}
	if n.dev != "" && b.test == "" && !n.live {
		return b.name, "", "", fmt.Sprintf("%s in its name may mean a test network or not%s", show(n.dev), listIt)
	}
	w := whereabouts{exchange: e, bot: b, named: b.test != "" || n.live, regioned: b.region != ""}
	for _, p := range about(n, b.name, places) {
		if skip := w.apply(r, p); skip != "" {
			return b.name, "", "", skip
		}
	}
	if skip := cmp.Or(w.applyUsed(r), w.applyURLs(r)); skip != "" {
		return b.name, "", "", skip
	}
	environment, skip = w.conclusion(r.spelled(n))
	return w.exchange.Name, environment, w.from, skip
}

// conclusion is the environment that all variables together say, if they say any, or
// why the key is skipped.
func (w *whereabouts) conclusion(name string) (environment, skip string) {
	env := w.bot.environment(w.exchange, "")
	switch {
	case env == nil:
		return "", w.unsupported()
	case w.unclear != nil && !w.settled(env):
		return "", fmt.Sprintf("%s %s, and no variable says where keys of %s belong: %s", show(w.unclear.name), w.unclear.unclear, w.exchange.Title, w.advice(name))
	case w.notLive != "" && !isTest(env) && !w.mayBeLive():
		return "", fmt.Sprintf("%s is off, and no variable says where keys of %s belong: %s", show(w.notLive), w.exchange.Title, w.advice(name))
	case len(w.hosts) > 0 && !w.named && !slices.Contains(w.hosts, env.Name):
		return "", fmt.Sprintf("%s and the URL in %s do not agree on where it belongs%s", show(w.from), show(w.addresses[0].name), listIt)
	case !w.named && !w.regioned && !w.real && w.from == "" && len(w.hosts) == 0: // nothing says anything
		return "", ""
	default:
		return env.Name, ""
	}
}

// unsupported says that the exchange's environment has no adapter.
func (w *whereabouts) unsupported() string {
	switch {
	case w.from == "":
		return fmt.Sprintf("it belongs to an environment of %s that is not supported"+listOther, w.exchange.Title)
	case w.market == "":
		return fmt.Sprintf("%s says that it is for an environment of %s that is not supported"+listOther, show(w.from), w.exchange.Title)
	default:
		return fmt.Sprintf("%s and %s say that it is for a test network of %s that is not supported"+listOther, show(w.from), show(w.market), w.exchange.Title)
	}
}

// mayBeLive reports whether the key may go to a live host although a variable says no real
// money: the exchange has no other, or one of its own variables says so.
func (w *whereabouts) mayBeLive() bool {
	return !w.own && (w.real || slices.Contains(realMoneyOnly, w.exchange.Name))
}

// settled reports whether a switch that is neither on nor off does not matter: the exchange
// has one place, or another variable or the key's own name says which it is.
func (w *whereabouts) settled(env *adapter.Environment) bool {
	return w.named || w.from != "" || isTest(env) || w.real || w.notTest || slices.Contains(realMoneyOnly, w.exchange.Name)
}

// advice is which variable says where the keys belong.
func (w *whereabouts) advice(name string) string {
	var out []string
	for i := range w.exchange.Environments {
		_, test := regionOf(&w.exchange.Environments[i])
		if line := name + "_ENV=" + test; test != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	advice := "add the line " + name + "_ENV=live"
	if w.own {
		advice = "write " + name + "_ENV=live in place of " + show(w.notLive)
	}
	if advice += " if they are for real money"; len(out) > 0 {
		advice = "add the line " + strings.Join(out, " or ") + ", or " + strings.TrimPrefix(advice, "add the line ")
	}
	return advice
}

// spelled is the exchange of a variable as its name has it.
func (r *nameReader) spelled(n *variableName) string {
	words := n.words[n.first : n.last+1]
	if len(words) == 0 { // it was stated
		words = []string{n.exchange}
	}
	return strings.ToUpper(strings.Join(words, "_"))
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

// unclearPlaces skips keys of an exchange that a variable may be meant for: it fits the
// name of none, and switches keys to a test network, or has a URL of another host than theirs.
func (r *nameReader) unclearPlaces(found []Found, names []*variableName, places []place) {
	for _, p := range places {
		if e := exchangeNamed(p.exchange, r.exchanges); e == nil || p.live || !r.leadsAway(p, e) {
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

// leadsAway reports whether a variable says something else than the exchange's first
// environment.
func (r *nameReader) leadsAway(p place, e *adapter.Exchange) bool {
	ofTest := slices.Contains(p.scope, testScope)
	return p.test != "" || p.notLive || p.host != "" && !ofTest && !slices.Contains(environmentsAt(e, p.host, r.exchanges), &e.Environments[0])
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
	case p.market != "":
		return w.applyMarket(r, p)
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
	w.real = w.real || p.exchange != "" && (p.live || p.notTest)
	switch {
	case p.unclear != "":
		w.unclear = &p
		return ""
	case p.notTest:
		w.notTest = true
		return ""
	case p.notLive:
		if !w.own {
			w.notLive, w.own = p.name, p.exchange != ""
		}
		return ""
	case w.from != "" && w.bot.test != p.test:
		return fmt.Sprintf("%s and %s do not agree on where it belongs%s", show(w.from), show(p.name), listIt)
	case p.test != "" && p.exchange == "" && !w.plain(p.test):
		return fmt.Sprintf("%s does not say which test network of %s it is for%s", show(p.name), w.exchange.Title, listIt)
	}
	w.bot.test, w.from = p.test, p.name
	return ""
}

// applyMarket applies a variable that says what is traded. The key's own name counts more.
func (w *whereabouts) applyMarket(r *nameReader, p place) (skip string) {
	if !p.market.derivatives() || w.market == "" && w.bot.market != "" {
		return ""
	}
	if sister := exchangeNamed(w.exchange.Name+"futures", r.exchanges); sister != nil && p.exchange != "" && r.stated != w.exchange.Name {
		return fmt.Sprintf("%s may mean that it is for %s and not for %s: list the key in an inventory, with its exchange", show(p.name), sister.Title, w.exchange.Title)
	}
	w.bot.market, w.market = p.market, p.name
	return ""
}

// ofSisters leaves out what is said of an exchange's futures where they are an exchange of
// their own, and the variables hold keys of that.
func (r *nameReader) ofSisters(places []place, keys []*variableKey) []place {
	return slices.DeleteFunc(places, func(p place) bool {
		return p.market.derivatives() && slices.ContainsFunc(keys, func(k *variableKey) bool {
			return p.exchange != "" && r.canonical(k.name().exchange) == p.exchange+"futures"
		})
	})
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
	w.addresses = slices.DeleteFunc(w.addresses, func(p place) bool { return p.exchange == "" && !w.concerns(r, p) })
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
	w.real = w.real || first.saysReal(fit)
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

// saysReal reports whether a URL of the exchange is one of live environments alone.
func (p place) saysReal(at []*adapter.Environment) bool {
	return p.exchange != "" && !slices.ContainsFunc(at, isTest)
}

// concerns reports whether a URL in a variable that names no exchange is about
// this one: it is one of the exchange's, or looks like one; or the variable speaks of an
// exchange, and it is none of another.
func (w *whereabouts) concerns(r *nameReader, p place) bool {
	name := w.exchange.Name
	switch {
	case p.ofAny:
		return !ofAnother(name, p.host, r.exchanges)
	case len(environmentsAt(w.exchange, p.host, r.exchanges)) > 0:
		return true
	default:
		return !slices.Contains(ordinaryWords, name) && strings.Contains(p.host, name)
	}
}
