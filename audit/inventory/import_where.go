package inventory

import (
	"fmt"
	"slices"
	"strings"
)

// Each format reads the fields in which its bot says where a key belongs. People also
// write others, of other bots or of older versions. One that says something about the
// place, and that the format did not read, is followed if it is an address. Else it costs
// the key: the exchange's first environment may be another site.

// whereField is a field of a key's entry that says where the key belongs.
type whereField struct {
	name, value string
	kind        whereKind
}

type whereKind int

const (
	nowhere    whereKind = iota
	address              // a URL or a host
	site                 // a site's or a country's word
	testSwitch           // on for a test network
	liveSwitch           // on for real money
	anyWord              // a word for either, or for something else
	placeWord            // a word for either, or for a site
)

// The last words of fields' names, by what the fields say.
var whereKinds = map[string]whereKind{
	"url": address, "uri": address, "host": address, "hostname": address, "endpoint": address,
	"site": site, "region": site, "tld": site, "domain": site, "country": site, "entity": site, "jurisdiction": site,
	"env": placeWord, "environment": placeWord, "network": anyWord, "net": anyWord, "stage": anyWord, "mode": anyWord, "server": anyWord,
}

// otherAddresses are words in the names of addresses that no key is sent to.
var otherAddresses = []string{"webhook", "callback", "redirect", "proxy", "docs", "doc", "logo", "icon", "referral"}

// whereKindOf is what a field says by its name.
func whereKindOf(name string) whereKind {
	var words []string
	for field := range strings.FieldsFuncSeq(name, notInWord) {
		for _, word := range camelWords(field) {
			if !slices.Contains(switchWords, word) {
				words = append(words, word)
			}
		}
	}
	all := strings.Join(words, "")
	long := func(word string) bool { return len(word) > len("test") && strings.Contains(all, word) }
	mainWord := strings.TrimSuffix(strings.TrimSuffix(all, "mode"), "money")
	switch {
	case len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(otherAddresses, w) || slices.Contains(otherServices, w) }):
		return nowhere
	case whereKinds[words[len(words)-1]] == address || strings.HasSuffix(all, "url") || strings.HasSuffix(all, "hostname"):
		return address
	case slices.ContainsFunc(testWords, long), testWord(mainWord) != "", slices.Contains(devWords, mainWord):
		return testSwitch
	case slices.Contains(realWords, mainWord):
		return liveSwitch
	default:
		return whereKinds[words[len(words)-1]]
	}
}

// note keeps a field that says where the key belongs.
func (f *Found) note(name, value string) {
	if kind := whereKindOf(name); kind != nowhere && strings.TrimSpace(value) != "" {
		f.where = append(f.where, whereField{name, strings.TrimSpace(value), kind})
	}
}

// follow applies the fields that the format did not read.
func (f *Found) follow() {
	for _, w := range f.where {
		switch {
		case w.kind == address && !slices.Contains(f.URLs, w.value):
			f.URLs = append(f.URLs, w.value)
		case w.kind == site:
			f.skip(fmt.Sprintf("its file says %s, which names a site%s", show(w.name), listIt))
		default:
			f.switched(&w)
		}
	}
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
		f.skip(fmt.Sprintf("%s is off, and no field says which test network it is for%s", show(w.name), listIt))
	}
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
