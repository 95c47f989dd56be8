package inventory

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Files of variables have lines of other forms, too: a table's, a note's, a program's. Those
// that hold a key of an exchange are named by what they call it.

// A word of a line; names may have colons. What lineSetting matches is a name and a value.
var (
	lineSetting = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.-]*)["']?\s*[:=]\s*["']?([A-Za-z0-9+/_-]+=*)`)
	lineName    = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_.:-]*`)
	lineWord    = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_.-]*`)
	lineURL     = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>|,;]+`)
	lineSecret  = regexp.MustCompile(`[A-Za-z0-9+/_-]+=*`)
)

// settleLine decides what a name with blanks is: one if each of its words is known, and else part of
// a line that cannot be read. Such a line is about the first of its words that names a part of
// an exchange's key, or else an exchange.
func (r *nameReader) settleLine(v *Variable) {
	if v.loose {
		n := r.read(v.Name)
		if r.isKnown(&n) { // also a switch
			return
		}
		v.Value, v.Unread = adapter.Secret{}, unreadLine
		v.Name, v.assigns = r.assignedTo(strings.Fields(v.Name))
		v.assigns = v.assigns && strings.Contains(v.row.Reveal(), "=")
	}
	if v.Unread != unreadLine {
		return
	}
	r.callSwitch(v)
	secrets := 0
	for _, word := range lineSecret.FindAllString(v.row.Reveal(), -1) {
		if isKeyLike(word) {
			secrets++
		}
	}
	if n := r.read(v.Name); secrets > 0 && (n.exchange == "" || n.part == adapter.NoPart) {
		r.callLine(v, secrets)
	}
}

// callSwitch gives a line the name of the variable for where keys belong that stands in it.
func (r *nameReader) callSwitch(v *Variable) {
	row, n := v.row.Reveal(), r.read(v.Name)
	if v.assigns || n.part != adapter.NoPart || n.exchange != "" && readSwitchName(&n).says() || strings.HasPrefix(row, "unset ") {
		return
	}
	v.Name = cmp.Or(firstWord(lineName, row, r.isSwitch), v.Name)
}

// callLine gives a line with so many secrets the name of what it is about.
func (r *nameReader) callLine(v *Variable, secrets int) {
	row := v.row.Reveal()
	part := func(word string) bool {
		n := r.read(word)
		return n.exchange != "" && !n.foreign && (n.part == adapter.KeyPart || n.part == adapter.SecretPart)
	}
	exchange := func(word string) bool {
		_, known := resolveExchange(word, r.exchanges)
		return known && (secrets > 1 || !slices.Contains(ordinaryWords, strings.ToLower(word)))
	}
	if name := firstWord(lineName, row, part); name != "" {
		v.Name = name
	} else if name := firstWord(lineWord, row, exchange); name != "" {
		v.Name, v.about = name, true
	} else if u, err := url.Parse(lineURL.FindString(row)); err == nil {
		at := Names{r}
		if name := at.At(u.Hostname()); name != "" {
			v.Name, v.about = name, true
		}
	}
}

// assignedTo is the name that the last words before a sign of equality are, where they say where
// keys belong: const BYBIT_TESTNET = true. Else it is the first of all.
func (r *nameReader) assignedTo(words []string) (name string, sure bool) {
	for i := range words {
		name := strings.Join(words[i:], " ")
		if n := r.read(name); n.part == adapter.NoPart && r.isKnown(&n) && readSwitchName(&n).says() {
			return name, true
		}
	}
	return words[0], false
}

// isSwitch reports whether a word of a line is the name of a variable that says where an
// exchange's keys belong.
func (r *nameReader) isSwitch(word string) bool {
	if !strings.ContainsAny(word, "_:") {
		return false
	}
	n := r.read(word)
	return n.exchange != "" && n.part == adapter.NoPart && r.isKnown(&n) && readSwitchName(&n).says()
}

// firstWord is the first word of a line that may be shown and fits.
func firstWord(form *regexp.Regexp, row string, fits func(string) bool) string {
	for _, word := range form.FindAllString(row, -1) {
		if word = strings.Trim(word, ".:-"); !looksSecret(word) && fits(word) {
			return word
		}
	}
	return ""
}

// isKeyLike reports whether a word of a line looks like a key or a secret.
func isKeyLike(word string) bool {
	return len(word) >= shortestKey && looksSecret(word) && placeholder("key", word) == ""
}

// isKnown reports whether all words of a name are those that people put together in names
// of keys, and of variables that say where keys belong.
func (r *nameReader) isKnown(n *variableName) bool {
	for i, word := range n.words {
		known := n.named[i] || n.inExchange(i) || harmless(word) || isMarket(word) || testWord(word) != "" || word == n.region
		if !known && !slices.ContainsFunc([][]string{realWords, switchWords, whereWords}, func(words []string) bool { return slices.Contains(words, word) }) {
			return false
		}
	}
	return true
}

// inSettings reports whether a text has settings of its own, of which one is part of an exchange's
// key: CREDENTIALS="BYBIT_API_KEY=KEY BYBIT_API_SECRET=SECRET".
func (r *nameReader) inSettings(v Variable) bool {
	return slices.ContainsFunc(lineSetting.FindAllStringSubmatch(v.Value.Reveal(), -1), func(setting []string) bool {
		n := r.read(setting[1])
		return n.exchange != "" && !n.foreign && (n.part == adapter.KeyPart || n.part == adapter.SecretPart) && isKeyLike(setting[2])
	})
}

// inURL reports whether a URL of an exchange has a key or a secret in it: before its host, or
// in its query.
func (r *nameReader) inURL(v Variable, n *variableName) bool {
	value := strings.Trim(strings.TrimSpace(v.Value.Reveal()), `"'`)
	if !strings.Contains(value, "://") || slices.ContainsFunc(n.words, ofOther) {
		return false
	}
	u, err := url.Parse(value)
	if err != nil || !r.ofExchange(u, n) {
		return false
	}
	password, _ := u.User.Password()
	parts := []string{u.User.Username(), password}
	for name, values := range u.Query() {
		if p := r.read(name).part; p == adapter.KeyPart || p == adapter.SecretPart {
			parts = append(parts, values...)
		}
	}
	return slices.ContainsFunc(parts, isKeyLike)
}

// ofExchange reports whether a URL is that of an exchange, by the name of its variable, its
// scheme or its host.
func (r *nameReader) ofExchange(u *url.URL, n *variableName) bool {
	isExchange := func(word string) bool {
		_, known := resolveExchange(word, r.exchanges)
		return known
	}
	switch {
	case slices.ContainsFunc(strings.FieldsFunc(u.Scheme, notInWord), isExchange):
		return true
	case !slices.Contains([]string{"http", "https", "ws", "wss"}, strings.ToLower(u.Scheme)):
		return false
	case n.exchange != "" || slices.ContainsFunc(n.words, func(word string) bool { return slices.Contains(exchangeWords, word) }):
		return true
	default:
		names := Names{r}
		return names.At(u.Hostname()) != ""
	}
}
