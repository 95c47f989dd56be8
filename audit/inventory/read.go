package inventory

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// reader is an inventory while it is read. It goes on after a mistake, so that
// its owner learns of all of them at once.
type reader struct {
	file     string
	options  *Options
	sources  *sources
	problems Problems

	rules    []string
	presets  map[string]audit.Policy
	policies map[string]*namedPolicy
	named    map[string]*egress    // by the name in the file
	proxies  map[proxyPart]*egress // by what they say
	exits    []*egress
	bots     map[string]*Inventory // by format and path
	names    map[string]int        // the line of each key's name
	words    map[string]string     // see shared
	near     fetches               // a few documents that pointers were followed in
}

// proxyPart is all that tells one way out from another.
type proxyPart struct {
	from  reference
	clear string
}

func newReader(file string, o Options) *reader {
	r := &reader{
		file: file, options: &o, sources: newSources(file, &o), presets: audit.Presets(), policies: map[string]*namedPolicy{},
		named: map[string]*egress{}, proxies: map[proxyPart]*egress{}, bots: map[string]*Inventory{},
		names: map[string]int{}, words: map[string]string{}, near: fetches{},
	}
	for _, rule := range audit.Rules() {
		r.rules = append(r.rules, rule.ID)
	}
	return r
}

// inventory reads the whole file: what keys name first, wherever it stands.
func (r *reader) inventory(root *Node) (keys []audit.Key) {
	var policies, exits, list *Node
	keep := func(to **Node) func(*Node) { return func(n *Node) { *to = n } }
	r.object(root, "the inventory", []field{
		{"version", r.version}, {"policies", keep(&policies)}, {"egress", keep(&exits)}, {"keys", keep(&list)},
	}, "keys")
	if policies != nil && r.is(policies, Object) {
		r.readPolicies(policies)
	}
	if exits != nil && r.is(exits, Object) {
		r.members(exits, func(m Member) {
			if r.mayBeNamed(m) {
				r.named[m.Name] = r.proxy(m.Value, m.Name, true)
			}
		})
	}
	if list == nil {
		return nil
	}
	if list.Kind == List && len(list.Items) == 0 {
		r.complain(list, `"keys" is empty: there is nothing to audit`)
	}
	keys = make([]audit.Key, 0, len(list.Items))
	r.each(func(n *Node) { keys = append(keys, r.key(n)) })(list)
	return keys
}

func (r *reader) version(n *Node) {
	if r.is(n, Number) && n.Text != "1" {
		r.complain(n, "must be 1, which is the only version there is")
	}
}

// mayBeNamed checks a name that the owner chose for what keys share.
func (r *reader) mayBeNamed(m Member) bool {
	at := &Node{Kind: Text, Text: m.Name, Line: m.Line, Column: m.Column}
	word := r.word(at)
	if word != "" && word != m.Name {
		r.complain(at, "a name must not begin or end with a space")
	}
	return word != "" && word == m.Name
}
