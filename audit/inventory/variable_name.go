package inventory

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// A variable's name says, in any order and any case, which exchange it is about,
// which part of the key it holds, and where the key belongs: LIVE_BINANCE_API_KEY,
// okx_eea_secret, myBybitApiKey. What else it says distinguishes several keys.

// variableName is what the name of a variable says.
type variableName struct {
	words       []string // in lower case
	named       []bool   // which of them name the part
	exchange    string   // a bot's name of the exchange; empty if none is named, or more than one
	first, last int      // where it stands
	several     bool     // two exchanges are named
	foreign     bool     // so is another service, or the exchange's name is an ordinary word

	region string   // the word for one of the exchange's sites
	unsure bool     // the word for a site stands apart from the exchange
	tests  []string // words for a test network, as bots' names of exchanges have them
	market []string // words for what is traded
	live   bool     // it has a word for real money
	dev    string   // one of devWords

	part   adapter.Part
	weak   bool           // the part counts where no other variable has it
	vague  bool           // the name may mean two parts
	after  string         // the word after the part
	wallet bool           // the exchange's keys are wallets
	owner  *regexp.Regexp // what the key of an account's own wallet looks like there
	long   bool           // it is called a private key, which may be that of a wallet
	own    string         // what the key is called where nobody states its exchange, which this name does not say
}

// nameReader reads names of variables.
type nameReader struct {
	exchanges []*adapter.Exchange
	ids       map[string]string             // exchanges' names by their letters and digits
	parts     map[string][]adapter.PartName // by their letters and digits
	known     map[string]bool               // words of which names without separators may consist
	longest   int                           // the length of the longest known word
	stated    string                        // the exchange of names that match none; empty if nobody says it
	sites     map[string]string             // exchanges by the domains of their APIs; empty for one of several
}

func newNameReader(all []*adapter.Exchange, stated string) *nameReader {
	r := &nameReader{exchanges: all, stated: stated, ids: map[string]string{}, parts: map[string][]adapter.PartName{}, known: map[string]bool{}, sites: sitesOf(all)}
	for id := range exchangeAliases {
		r.ids[id] = id
	}
	for _, id := range walletExchanges {
		r.ids[id] = id
	}
	for _, e := range all {
		r.ids[adapter.Fold(e.Name)] = e.Name
	}
	for _, p := range adapter.PartNames() {
		name := adapter.Fold(p.Name)
		r.parts[name] = append(r.parts[name], p)
		r.know(strings.FieldsFunc(strings.ToLower(p.Name), notInWord)...)
	}
	for id := range r.ids {
		if !slices.Contains(ordinaryWords, id) {
			r.know(id)
		}
	}
	for word := range marketWords {
		r.know(word)
	}
	for word := range variableTestWords {
		r.know(word)
	}
	r.know(whereWords...)
	r.know(testWords...)
	r.know(realWords...)
	r.know(devWords[:4]...)
	r.know("my", "bot", "main", "sub", "account", "trading", "trade", "use", "is", "mode", "enabled", "index", "version", "path", "file")
	return r
}

func (r *nameReader) know(words ...string) {
	for _, word := range words {
		if len(word) > 1 {
			r.known[word] = true
			r.longest = max(r.longest, len(word))
		}
	}
}

// words are the words of a name. Those written without separators are split
// if all of them are known, or else by their case.
func (r *nameReader) words(name string) (out []string) {
	fields := strings.FieldsFunc(name, notInWord)
	for _, field := range fields {
		lower := strings.ToLower(field)
		pieces := r.split(lower)
		if camel := camelWords(field); pieces == nil && len(fields) == 1 && slices.ContainsFunc(camel, func(w string) bool { return r.known[w] }) {
			for _, word := range camel {
				pieces = append(pieces, cmp.Or(strings.Join(r.split(word), " "), word))
			}
			pieces = strings.Fields(strings.Join(pieces, " "))
		}
		if pieces == nil {
			pieces = []string{lower}
		}
		out = append(out, pieces...)
	}
	return out
}

// split splits a word into the fewest known words and numbers; nil if it does not
// consist of them.
func (r *nameReader) split(word string) []string {
	if r.ids[word] != "" || r.known[word] || len(word) > longestShown {
		return []string{word}
	}
	best := make([][]string, len(word)+1)
	best[0] = []string{}
	for end := 1; end <= len(word); end++ {
		for begin := max(0, end-r.longest); begin < end; begin++ {
			if best[begin] == nil || best[end] != nil && len(best[begin]) >= len(best[end])-1 {
				continue
			}
			piece := word[begin:end]
			number := strings.Trim(piece, "0123456789") == "" && (end == len(word) || !isDigit(word[end]))
			if number || r.known[piece] {
				best[end] = append(slices.Clone(best[begin]), piece)
			}
		}
	}
	return best[len(word)]
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// camelWords splits a name where its case changes: myBybitAPIKey.
func camelWords(name string) (out []string) {
	runes := []rune(name)
	begin := 0
	for i := 1; i < len(runes); i++ {
		next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || next) {
			out = append(out, strings.ToLower(string(runes[begin:i])))
			begin = i
		}
	}
	return append(out, strings.ToLower(string(runes[begin:])))
}

// read reads a name.
func (r *nameReader) read(name string) variableName { //nolint:gocyclo // one case a kind of word
	v := variableName{words: r.words(name)}
	v.named = make([]bool, len(v.words))
	r.findExchange(&v)
	stated := v.exchange == "" && r.stated != ""
	if stated {
		own := v
		own.named = slices.Clone(v.named)
		r.findPart(&own)
		v.own = cmp.Or(strings.Join(own.stem(), "-"), unnamed)
		v.exchange, v.several, v.first, v.last = r.stated, false, 0, -1
	}
	r.findPart(&v)
	v.wallet, v.owner = walletsOf(exchangeNamed(r.canonical(v.exchange), r.exchanges))
	for i, word := range v.words {
		switch {
		case v.named[i] || v.inExchange(i):
		case slices.Contains(realWords, word):
			v.live = true
		case testWord(word) != "":
			v.tests = append(v.tests, testWord(word))
		case slices.Contains(devWords, word):
			v.dev = word
		case isMarket(word):
			v.market = append(v.market, word)
		case v.exchange == "":
		case r.isRegion(v.exchange, word):
			v.unsure = v.unsure || v.region != "" || !v.beside(i)
			v.region = word
		case v.wallet && word == "wallet", stated:
		case slices.Contains(otherProducts, word), slices.Contains(otherServices, word),
			slices.Contains(ordinaryWords, v.exchange) && !harmless(word):
			v.foreign = true
		}
	}
	return v
}

// inExchange reports whether a word is part of the exchange's name.
func (v *variableName) inExchange(i int) bool { return v.exchange != "" && i >= v.first && i <= v.last }

func isMarket(word string) bool {
	_, is := marketWords[word]
	return is
}

// harmless reports whether people put the word around any exchange's name.
func harmless(word string) bool {
	word = strings.TrimRight(word, "0123456789")
	return word == "" || slices.Contains(plainWords, word)
}

// beside reports whether nothing but the environment and the market stands
// between a word and the exchange.
func (v *variableName) beside(i int) bool {
	for at := min(i, v.last) + 1; at < max(i, v.first); at++ {
		word := v.words[at]
		if !isMarket(word) && testWord(word) == "" && !slices.Contains(realWords, word) && word != "api" {
			return false
		}
	}
	return true
}

// findExchange finds the exchange: the longest run of words that is the name of
// one.
func (r *nameReader) findExchange(v *variableName) {
	used := make([]bool, len(v.words))
	id := ""
	for size := min(4, len(v.words)); size > 0; size-- {
		for i := 0; i+size <= len(v.words); i++ {
			found := r.ids[strings.Join(v.words[i:i+size], "")]
			if found == "" || slices.Contains(used[i:i+size], true) {
				continue
			}
			if id == "" {
				id, v.first, v.last = found, i, i+size-1
			}
			v.several = v.several || r.canonical(id) != r.canonical(found)
			for at := i; at < i+size; at++ {
				used[at] = true
			}
		}
	}
	if !v.several {
		v.exchange = id
	}
}

// canonical is this library's name of the exchange.
func (r *nameReader) canonical(id string) string {
	b, _ := resolveExchange(id, r.exchanges)
	return b.name
}

// findPart finds the part of the key: the longest run of words that names one.
func (r *nameReader) findPart(v *variableName) {
	for size := min(4, len(v.words)); size > 0; size-- {
		for i := 0; i+size <= len(v.words); i++ {
			name := strings.Join(v.words[i:i+size], "")
			inExchange := v.exchange != "" && i <= v.last && i+size > v.first
			if inExchange || slices.Contains(v.named[i:i+size], true) {
				continue
			}
			part, weak := r.partNamed(name, v.exchange)
			if part == adapter.NoPart {
				continue
			}
			if v.vague = v.part != adapter.NoPart; !v.vague {
				v.part, v.weak = part, weak
				v.long = strings.HasSuffix(name, "privatekey") || name == "pk"
				if i+size < len(v.words) {
					v.after = v.words[i+size]
					v.named[i+size] = elsewhere[v.after] != ""
				}
			}
			for at := i; at < i+size; at++ {
				v.named[at] = true
			}
		}
	}
}

// partNamed is the part that has the name at the exchange.
func (r *nameReader) partNamed(name, exchange string) (part adapter.Part, weak bool) {
	if name == "pk" { // NautilusTrader's wallets
		return adapter.SecretPart, true
	}
	for _, p := range r.parts[name] {
		if len(p.Of) == 0 || slices.Contains(p.Of, r.canonical(exchange)) {
			return p.Part, p.Weak
		}
	}
	return adapter.NoPart, false
}

// isRegion reports whether the word means one of the exchange's sites, or a site
// that it may have.
func (r *nameReader) isRegion(exchange, word string) bool {
	_, is := regionWords[word]
	return is || r.site(exchange, word).name != ""
}

// site is the exchange whose site the word means, and its region there. It is
// zero if this library knows none.
func (r *nameReader) site(exchange, word string) botExchange {
	b, _ := resolveExchange(exchange, r.exchanges)
	for _, region := range append(regionWords[word], word) {
		if id := r.ids[b.name+region]; id != "" && region != "" { // binanceus
			alias, _ := resolveExchange(id, r.exchanges)
			return alias
		}
		e := exchangeNamed(b.name, r.exchanges)
		if e == nil {
			continue
		}
		for i := range e.Environments {
			if here, _ := regionOf(&e.Environments[i]); here == region && (region != "" || len(regionWords[word]) > 0) {
				return botExchange{name: b.name, region: region}
			}
		}
	}
	return botExchange{}
}

// stem is what the parts of one key have in common: the words of the name, in any
// order, without those that name the part.
func (v *variableName) stem() []string {
	var out []string
	for i, word := range v.words {
		if !v.named[i] && word != "api" {
			out = append(out, word)
		}
	}
	return out
}
