package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Each format reads the fields in which its bot says where a key belongs. People also
// write others, of other bots or of older versions. One that says something about the
// place, and that the format did not read, is followed if it is an address. Else it costs
// the key: the exchange's first environment may be another site.

// whereField is a field of a key's entry that says where the key belongs.
type whereField struct {
	name, value string
	kind        whereKind
	outer       bool // it stands around the entries of several keys
}

type whereKind int

const (
	nowhere        whereKind = iota
	address                  // a URL or a host
	testAddress              // one for a test network, by its name
	spareAddress             // likewise, and the bot goes there only if a switch is on
	furtherAddress           // of further requests, which counts where it is not the exchange's
	site                     // a site's or a country's word
	testSwitch               // on for a test network
	liveSwitch               // on for real money
	anyWord                  // a word for either, or for something else
	placeWord                // a word for either, or for a site
)

// The last words of fields' names, by what the fields say.
var whereKinds = map[string]whereKind{
	"url": address, "uri": address, "host": address, "hostname": address, "endpoint": address,
	"site": site, "region": site, "tld": site, "domain": site, "country": site, "entity": site, "jurisdiction": site,
	"env": placeWord, "environment": placeWord, "network": anyWord, "net": anyWord, "stage": anyWord, "mode": anyWord, "server": anyWord,
}

// otherAddresses are words in the names of addresses that no key is sent to.
var otherAddresses = []string{
	"webhook", "callback", "redirect", "proxy", "proxies", "docs", "doc", "logo", "icon", "referral", "www", "fees", "website", "homepage", "comment", "comments", "schema", "note", "notes",
	"description", "management",
}

// ofOther reports whether a word in a name means something that no key is sent to.
func ofOther(word string) bool {
	return slices.Contains(otherAddresses, word) || slices.Contains(otherServices, word)
}

// nameWords are the words of a field's name, without numbers.
func nameWords(name string) (words []string) {
	for field := range strings.FieldsFuncSeq(name, notInWord) {
		for _, word := range camelWords(field) {
			if word = strings.TrimRight(word, "0123456789"); word != "" {
				words = append(words, word)
			}
		}
	}
	return words
}

// nameKind is what a field says by its name alone.
func nameKind(name string) whereKind {
	words := slices.DeleteFunc(nameWords(name), func(word string) bool { return slices.Contains(switchWords, word) })
	if len(words) == 0 {
		return nowhere
	}
	all, last := strings.Join(words, ""), words[len(words)-1]
	long := func(word string) bool { return len(word) > len("test") && strings.Contains(all, word) }
	mainWord := strings.TrimSuffix(strings.TrimSuffix(all, "mode"), "money")
	kind := cmp.Or(whereKinds[last], whereKinds[strings.TrimSuffix(last, "s")])
	switch {
	case kind == address || strings.HasSuffix(all, "url") || strings.HasSuffix(all, "hostname"):
		return address
	case slices.ContainsFunc(testWords, long), testWord(mainWord) != "", slices.Contains(devWords, mainWord):
		return testSwitch
	case slices.Contains(realWords, mainWord):
		return liveSwitch
	default:
		return kind
	}
}

// whereKindOf is what a field says, by its value and by the names that lead to it from the
// key's entry: a URL under any name is an address, and so is a host in an object of hosts.
func whereKindOf(value string, path []string) whereKind {
	var words []string
	for _, name := range path {
		words = append(words, nameWords(name)...)
	}
	if len(path) == 0 || slices.ContainsFunc(words, ofOther) {
		return nowhere
	}
	last := len(path) - 1
	isAddress := func(name string) bool { return nameKind(name) == address }
	switch kind := nameKind(path[last]); {
	case kind == address, isWebURL(value), slices.ContainsFunc(path[:last], isAddress) && mayBeHost(value):
		return addressKind(words, slices.Contains(path[:last], "urls"))
	case kind == nowhere && last > 0 && !isAddress(path[last-1]) && saysNothing(path[last]): // {"testnet": {"enabled": true}}
		return nameKind(path[last-1])
	default:
		return kind
	}
}

// addressKind is the kind of an address under names of these words. ccxt keeps the one of a
// test network at hand.
func addressKind(words []string, ccxt bool) whereKind {
	switch test := slices.ContainsFunc(words, func(word string) bool { return testWord(word) != "" }); {
	case !test:
		return address
	case ccxt:
		return spareAddress
	default:
		return testAddress
	}
}

// emptyNames only repeat what their object is about: {"testnet": {"enabled": true}}.
var emptyNames = []string{"enabled", "enable", "active", "on", "use", "set", "value", "name", "id", "type", "mode", "default", "selected", "current", "flag"}

func saysNothing(name string) bool {
	return slices.Contains(emptyNames, strings.Join(nameWords(name), ""))
}

// isWebURL reports whether a text is a URL of the web and nothing else.
func isWebURL(text string) bool {
	scheme, _, is := strings.Cut(strings.ToLower(text), "://")
	return is && slices.Contains([]string{"http", "https", "ws", "wss"}, scheme) && !strings.ContainsAny(text, " \n\t")
}

// mayBeHost reports whether a text may be a host, and is no number.
func mayBeHost(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err != nil && hostOf(strings.ToLower(text)) != ""
}

// Note keeps a field of a key's entry, if it says where the key belongs and the format
// does not know it: by the names that lead to it from the entry.
func (f *Found) Note(value string, path ...string) {
	value = strings.TrimSpace(value)
	f.noteLabel(value, path)
	if kind := whereKindOf(value, path); kind != nowhere && value != "" {
		f.where = append(f.where, whereField{name: path[len(path)-1], value: value, kind: kind})
	}
}

// follow applies the fields that the format did not read.
func (f *Found) follow(exchanges []*adapter.Exchange) {
	b, _ := resolveExchange(f.Exchange, exchanges)
	f.followAddresses(b, exchanges)
	own := f.Environment != "" || f.placed || slices.ContainsFunc(f.where, func(w whereField) bool {
		return !w.outer && slices.Contains([]whereKind{testSwitch, liveSwitch, placeWord}, w.kind)
	})
	for _, w := range f.where {
		switch {
		case w.kind < site:
		case w.outer && own: // what the entry itself says counts more
		case w.outer && w.kind == liveSwitch && slices.Contains(realMoneyOnly, b.name):
		case w.kind == site:
			f.skip(fmt.Sprintf("its file says %s, which names a site%s", show(w.name), listIt))
		default:
			f.switched(&w)
		}
	}
	if !own {
		f.followLabels(exchanges)
	}
}

// followAddresses adds the addresses: of a key for a test network those for that, if there
// are any, and of others the rest, if there are any.
func (f *Found) followAddresses(b botExchange, exchanges []*adapter.Exchange) {
	hostname := "{hostname}" // ccxt's word for it in its addresses
	for _, w := range f.where {
		if adapter.Fold(w.name) == "hostname" {
			hostname = w.value
		}
	}
	byKind := map[whereKind][]string{}
	for _, w := range f.where {
		value := strings.ReplaceAll(w.value, "{hostname}", hostname)
		switch kind := w.kind; {
		case kind >= site, w.outer && ofAnother(b.name, urlHost(value), exchanges):
		case kind != furtherAddress:
			byKind[kind] = append(byKind[kind], value)
		case !isOf(b.name, urlHost(value), exchanges):
			byKind[address] = append(byKind[address], value)
		}
	}
	test := b.test != "" || slices.ContainsFunc(strings.Split(strings.ToLower(f.Environment), "-"), func(word string) bool { return testWord(word) != "" })
	add, forTest := byKind[address], slices.Concat(byKind[testAddress], byKind[spareAddress])
	switch {
	case test && len(forTest) > 0:
		add = forTest
	case len(add)+len(f.URLs) == 0:
		add = byKind[testAddress]
	}
	for _, value := range add {
		if !slices.Contains(f.URLs, value) {
			f.URLs = append(f.URLs, value)
		}
	}
}

// ofAnother reports whether a host is exactly that of an exchange of another house.
func ofAnother(name, host string, exchanges []*adapter.Exchange) bool {
	e := exchangeNamed(name, exchanges)
	return e != nil && slices.ContainsFunc(exchanges, func(other *adapter.Exchange) bool {
		return len(exactlyAt(other, host)) > 0 && !slices.Contains(related(e, exchanges), other)
	})
}

// isOf reports whether a host is under a domain of an exchange, or of one of its house.
func isOf(name, host string, exchanges []*adapter.Exchange) bool {
	e := exchangeNamed(name, exchanges)
	return e != nil && slices.ContainsFunc(related(e, exchanges), func(e *adapter.Exchange) bool {
		return len(environmentsWhere(e, func(_ *adapter.Environment, own string) bool { return domainOf(own) == domainOf(host) })) > 0
	})
}

// switched applies a switch for real money or a test network, or a word for either.
func (f *Found) switched(w *whereField) {
	on, set := switchWord(w.value)
	word := valueWord(strings.ToLower(w.value))
	test := testWord(word) != "" || slices.Contains(devWords, word)
	unread := f.Environment == ""
	switch {
	case !set && !test && !slices.Contains(liveWords, word):
		f.unclear(w, unread)
	case unread && (test || w.kind == testSwitch && on):
		f.skip(fmt.Sprintf("its file says by %s that it is for a test network, and its bot has another switch for that%s", show(w.name), listIt))
	case unread && w.kind == liveSwitch && set && !on:
		f.skip(w.notLive())
	}
}

// notLive says that a switch for real money is off.
func (w *whereField) notLive() string {
	if !w.outer {
		return show(w.name) + " is off, and no field says which test network it is for" + listIt
	}
	return show(w.name) + ` is off, and the key's own entry does not say where it belongs: add "sandbox": false to the entry if it is for real money, ` +
		"or list the key in an inventory, with its environment"
}

// unclear applies a value that is neither.
func (f *Found) unclear(w *whereField, unread bool) {
	switch {
	case w.kind == testSwitch, w.kind == liveSwitch:
		f.skip(skipSwitch)
	case w.kind == placeWord && unread:
		f.skip(fmt.Sprintf("its file says by %s where it belongs, in an unknown word%s", show(w.name), listIt))
	}
}
