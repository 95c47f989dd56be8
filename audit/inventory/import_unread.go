package inventory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// People put keys into bots' files under names that the bot does not read, or a level too
// deep. The format passes such an entry over, and nobody would hear of the key.

// entries is json for a bot's file in which all that an exchange's entry has is the
// exchange's.
func (f *Files) entries(path string, placeholders ...string) (*botFile, error) {
	r, err := f.json(path, placeholders...)
	if err == nil {
		*f.trees = append(*f.trees, r)
	}
	return r, err
}

// settings is entries for a file whose keys are variables, or in sections of any name.
func (f *Files) settings(path string) (*botFile, error) {
	r, err := f.entries(path)
	if err == nil {
		r.variables = true
	}
	return r, err
}

// unread looks for what a format did not read in the entries of exchanges.
type unread struct {
	*botFile
	exchanges []*adapter.Exchange
	names     *nameReader     // nil until it is needed
	values    map[string]bool // of the parts that were read
	places    map[[2]int]bool // where they are
	skipped   map[[2]int]bool // where what the format leaves out as a whole begins
	out       []Found
	variables bool            // values outside of all entries may be parts of keys, by their names
	named     map[string]bool // which of those were named
}

// unread are the keys of exchanges that look like ones in the files that were read, and
// are none of those found: one per entry.
func (f *Files) unread(keys []foundKey) (out []foundKey) {
	taken := takenKeys{}
	for _, k := range keys {
		taken[k.name] = 1
	}
	for _, r := range *f.trees {
		u := unread{botFile: r, exchanges: f.options.Exchanges, variables: r.variables, values: map[string]bool{}, places: map[[2]int]bool{}, skipped: map[[2]int]bool{}}
		for _, found := range f.found {
			u.know(&found)
		}
		for _, k := range keys { // whose parts may come from elsewhere
			u.know(&k.found)
		}
		var in *unreadEntry
		if root := (Member{Value: r.root, Line: 1, Column: 1}); r.of != "" {
			in = &unreadEntry{Member: root, exchange: r.of, holds: u.holds(root)}
		}
		u.node(Member{Value: r.root}, in, "", new(bool))
		for _, lost := range u.out {
			out = append(out, foundKey{taken.name(lost.Name), lost})
		}
	}
	return out
}

// know notes what the format read.
func (u *unread) know(found *Found) {
	none := true
	for _, p := range []Part{found.Key, found.Secret, found.private} {
		if p.isZero() {
			continue
		}
		none = false
		u.values[p.Value.Reveal()] = true
		if p.File == u.path && p.Line > 0 {
			u.places[[2]int{p.Line, p.Column}] = true
		}
	}
	if !found.named.IsZero() {
		u.values[strings.TrimSpace(found.named.Reveal())] = true
	}
	if none && found.Skip != "" && found.File == u.path && found.Line > 0 {
		u.skipped[[2]int{found.Line, found.Column}] = true
	}
	if found.begins[0] > 0 && found.File == u.path {
		u.skipped[found.begins] = true
	}
}

// unreadEntry is what a value belongs to.
type unreadEntry struct {
	Member          // where it begins
	exchange string // the bot's name of it
	holds    bool   // a key in it was read
}

// node looks through a value of an entry, which is nil outside of all. The path is the
// names from the entry to the value, and reported is whether what the value stands in was
// reported.
func (u *unread) node(m Member, in *unreadEntry, path string, reported *bool) {
	if exchange := u.exchange(m); exchange != "" && (in == nil || exchange != in.exchange) {
		in, path = &unreadEntry{Member: m, exchange: exchange, holds: u.holds(m)}, ""
	}
	if in != nil && u.skipped[[2]int{in.Line, in.Column}] || u.skipped[[2]int{m.Line, m.Column}] && m.Line > 0 {
		return
	}
	m = u.unfold(m)
	u.inside(m, in, path)
	switch {
	case m.Value.Kind != Text:
	case in != nil && *reported:
	case in != nil && u.isPart(m, in, path):
		*reported = true
		u.report(m, in)
	case u.variables:
		u.variable(m, strings.TrimSuffix(path, m.Name))
	}
}

// unfold is what a text has that is JSON, and the variable of a name and a value.
func (u *unread) unfold(m Member) Member {
	if inner := nested(m.Value.Text); inner != nil && m.Value.Kind == Text && !u.isRead(m) {
		m.Value = inner
	}
	if pair, is := pairOf(m); is && u.variables {
		return pair
	}
	return m
}

// inside looks through what is within a value.
func (u *unread) inside(m Member, in *unreadEntry, path string) {
	own := new(bool)
	here := in != nil && slices.ContainsFunc(m.Value.Members, u.isRead)
	for _, inner := range m.Value.Members {
		switch {
		case !here || inner.Value.Kind != Text: // what is beside a key's parts is the format's
			u.node(inner, in, path+"_"+inner.Name, own)
		case u.variables:
			u.variable(inner, path)
		}
	}
	for _, item := range m.Value.Items {
		inner := Member{Line: item.Line, Column: item.Column, Value: item}
		if u.variables {
			inner.Name = m.Name
		}
		u.node(inner, in, path, own)
	}
}

// unreadPart is what a value is that the bot does not read.
const unreadPart = " looks like part of a key, but stands where the bot reads none: list the key in an inventory"

// report names an entry by a value in it that the bot does not read.
func (u *unread) report(m Member, in *unreadEntry) {
	lost := u.found(cmp.Or(in.Name, in.exchange), in.exchange, m.Line, m.Column)
	what := "a value in its entry"
	if m.Name != "" && m.Name != in.Name {
		what = show(m.Name)
	}
	lost.Skip = what + unreadPart
	u.out = append(u.out, lost)
}

// holds reports whether a part of a key that was found is within.
func (u *unread) holds(m Member) bool {
	within := func(n *Node) bool { return u.holds(Member{Value: n}) }
	return u.isRead(m) || slices.ContainsFunc(m.Value.Members, u.holds) || slices.ContainsFunc(m.Value.Items, within)
}

// exchange is the one that a value is the entry of, by its name or a field of its own.
func (u *unread) exchange(m Member) string {
	is := func(name string) bool {
		_, known := resolveExchange(name, u.exchanges)
		return known
	}
	if m.Value.Kind == Object {
		for _, field := range []string{"exchange", "exchangeId", "name", "id"} {
			if n := m.Value.member(field); n != nil && n.Kind == Text && is(n.Text) {
				return n.Text
			}
		}
	}
	if is(m.Name) {
		return m.Name
	}
	return ""
}

// isRead reports whether a value is part of a key that was found.
func (u *unread) isRead(m Member) bool {
	at := [2]int{m.Line, m.Column}
	return m.Value.Kind == Text && (u.places[at] || u.skipped[at] || u.values[strings.TrimSpace(m.Value.Text)])
}

// isPart reports whether a text looks like part of a key that nobody read.
func (u *unread) isPart(m Member, in *unreadEntry, path string) bool {
	n := u.reader().read(in.exchange + path)
	says := u.saysPart(&n)
	ordinary := u.variables && slices.Contains(ordinaryWords, n.exchange)
	return !u.isRead(m) && (says || !in.holds && !ordinary) && u.looksPart(&n, m.Value.Text)
}

func (u *unread) reader() *nameReader {
	if u.names == nil {
		u.names = newNameReader(u.exchanges, "")
	}
	return u.names
}
