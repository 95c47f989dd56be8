package exchangetest

import (
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// checkIncomplete makes answers that no key can have: a switch in its other
// position, a list emptied or without one of its items. An answer that takes away
// the right by which the exchange answers at all, or that lists nothing although no
// key of this sort has nothing, is not the whole truth, and may deny nothing.
func checkIncomplete(c *trial) {
	issued, everyKeyReads := c.issuedAnswers()
	for i, spec := range c.riches() {
		for _, r := range c.bench(spec).sends() {
			a := answer{"many rights", spec, r.route(), r.answer}
			if issued[a.route] == nil || i > 3 {
				continue
			}
			whole := c.served(a, a.body)
			if whole == nil {
				continue // other properties say so
			}
			for what, change := range curtailed(a.body) {
				s := c.served(a, change.body)
				switch {
				case s == nil:
				case everyKeyReads && reportsReading(whole) && !reportsReading(s):
					c.denials(a, what, "which no key has that the exchange answers: it cannot read", s)
				case change.emptied && !sameRights(whole, s) && !issued.possible(a.route, change.paths, change.body):
					c.denials(a, what, "which no key has: it lists nothing", s)
				}
			}
		}
	}
}

// denials records what a snapshot denies on the word of an answer.
func (c *trial) denials(a answer, what, why string, s *access.Snapshot) {
	for _, g := range s.Grants {
		if g.State == access.Denied && g.Evidence == access.Reported {
			c.Errorf("%s, with %s changed: an answer %s, and %s is denied", a.route, what, why, g.Capability)
		}
	}
}

// reportsReading reports whether the exchange said that a key may read.
func reportsReading(s *access.Snapshot) bool {
	return slices.ContainsFunc(s.Grants, func(g access.Grant) bool {
		return g.Capability == access.Read && g.State == access.Granted && g.Evidence == access.Reported
	})
}

// sameRights reports whether two snapshots list the same rights: then what differs
// is about something else.
func sameRights(a, b *access.Snapshot) bool {
	return slices.EqualFunc(a.Grants, b.Grants, func(x, y access.Grant) bool { return x.Capability == y.Capability && x.State == y.State })
}

// issued are the answers for keys that can exist, by route: of each, what it says
// besides its lists, and which of its lists are empty.
type issued map[string][]profile

type profile struct {
	said  map[string]string // words and switches, by path
	empty map[string]bool
}

// issuedAnswers collects them, and says whether every such key may read.
func (c *trial) issuedAnswers() (out issued, everyKeyReads bool) {
	out, everyKeyReads = issued{}, true
	def := c.fresh().def
	for _, spec := range c.specs() {
		everyKeyReads = everyKeyReads && slices.Contains(def.expected(&spec), access.Read)
		if spec.Label != "" || !spec.Created.IsZero() { // dates and names make no difference here
			continue
		}
		b := c.bench(spec)
		for _, r := range b.sends() {
			if def.Routes[r.route()] != nil {
				out[r.route()] = append(out[r.route()], profileOf(r.answer))
			}
		}
	}
	return out, everyKeyReads
}

func profileOf(body []byte) profile {
	p := profile{said: map[string]string{}, empty: map[string]bool{}}
	for path, n := range words(body) {
		p.said[path] = n.bare()
	}
	if root := parseNode(body); root != nil {
		root.each("", func(path string, parent *node, i int) {
			p.empty[path] = parent.members[i].value.empty()
		})
	}
	return p
}

// possible reports whether some key's answer has these lists empty and says the same
// besides.
func (is issued) possible(route string, paths []string, body []byte) bool {
	want := profileOf(body)
	return slices.ContainsFunc(is[route], func(p profile) bool {
		return maps.Equal(p.said, want.said) && !slices.ContainsFunc(paths, func(path string) bool { return !p.empty[path] })
	})
}

// empty reports whether a value lists nothing.
func (n *node) empty() bool {
	return (n.kind == '[' && len(n.items) == 0) || (n.kind == 's' && n.bare() == "")
}

// curtailment is an answer of which something was taken away.
type curtailment struct {
	paths   []string
	body    []byte
	emptied bool
}

// curtailed takes each list's items and each switch out of an answer in turn, and
// at once all lists of an object that has nothing else. A list may be written as text with commas.
func curtailed(body []byte) map[string]curtailment {
	out := map[string]curtailment{}
	root := parseNode(body)
	if root == nil {
		return out
	}
	root.each("", func(path string, parent *node, i int) {
		was := parent.members[i].value
		try := func(name string, n *node) {
			parent.members[i].value = n
			out[name] = curtailment{[]string{path}, root.bytes(), n.empty()}
			parent.members[i].value = was
		}
		switch {
		case was.kind == 'b', was.raw == "1", was.raw == "0":
			try(path, was.contrary())
		case was.lists():
			try(path, &node{kind: '['})
			for j, item := range was.items {
				try(path+" without "+item.bare(), &node{kind: '[', items: slices.Concat(was.items[:j], was.items[j+1:])})
			}
		case was.kind == 's' && strings.Contains(was.bare(), ","):
			try(path, text(""))
			parts := strings.Split(was.bare(), ",")
			for j := range parts {
				try(path+" without "+parts[j], text(strings.Join(slices.Concat(parts[:j], parts[j+1:]), ",")))
			}
		case was.kind == '{':
			var paths []string
			whole := slices.Clone(was.members)
			for j, m := range was.members {
				if m.value.lists() {
					paths = append(paths, path+"."+m.name)
					was.members[j].value = &node{kind: '['}
				}
			}
			if len(paths) > 1 && !slices.ContainsFunc(whole, func(m member) bool { return m.value.kind != '[' }) {
				out[path+", all lists"] = curtailment{paths, root.bytes(), true}
			}
			was.members = whole
		}
	})
	return out
}

// lists reports whether a value is a list of texts or numbers that is not empty.
func (n *node) lists() bool { return n.kind == '[' && len(n.items) > 0 && n.items[0].kind != '{' }

// checkAllowlistParts finds the members that can open the allowlist of a restricted
// key to everybody, and takes each away: what it would have said is then unknown.
func checkAllowlistParts(c *trial) {
	restricts := func(s *access.Snapshot) bool { return s != nil && s.IPAllowlist.Restricts() }
	for _, a := range c.answers() {
		if !restricts(c.served(a, a.body)) {
			continue
		}
		without := map[string][]byte{}
		for path, body := range variants(a.body, func(member) [][]member { return [][]member{nil} }) {
			without[path] = body
		}
		for path, body := range variants(a.body, opened) {
			if s := c.served(a, body); s == nil || s.IPAllowlist.UsableFromAnywhere() != access.Granted {
				continue
			}
			if restricts(c.served(a, without[path])) {
				c.Errorf("%s, member %s can allow every IP address, and where it is missing the key is reported as restricted", a.name, path)
			}
		}
	}
}

// opened makes a list or a text allow every IP address.
func opened(m member) [][]member {
	const everybody = "0.0.0.0/0"
	switch m.value.kind {
	case 's', '0':
		return [][]member{{{m.name, text(everybody)}}}
	case '[':
		return [][]member{{{m.name, &node{kind: '[', items: []*node{text(everybody)}}}}}
	default:
		return nil
	}
}

// checkSpelling writes each number of a list with a decimal.
func checkSpelling(c *trial) {
	c.spoil(func(m member) [][]member {
		var out [][]member
		for i, item := range m.value.items {
			if item.kind == 'n' && !strings.Contains(item.raw, ".") {
				items := slices.Clone(m.value.items)
				items[i] = &node{kind: 'n', raw: item.raw + ".0"}
				out = append(out, []member{{m.name, &node{kind: '[', items: items}}})
			}
		}
		return out
	}, greener)
}
