package inventory

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// reader reads an inventory. It goes on after a mistake, so that all of them
// are reported at once.
type reader struct {
	file     string
	options  *Options
	sources  *sources
	problems Problems
	absent   Problems // references that lead to nothing now
	subject  subject  // what is being read

	rules           []string
	presets         map[string]audit.Policy
	policies        map[string]*namedPolicy
	incidents       []audit.Incident // the owner's own
	egresses        []*egress
	egressesByName  map[string]*egress // by the name in the file
	egressesByProxy map[proxyID]*egress
	proxies         map[*egress]proxyID
	bots            map[string]*Inventory                               // by format and path
	nameTaken       func(name string, line int) (first int, taken bool) // by a key before
	dependent       bool                                                // on more than the one key: on standard input, on a bot's file, on an egress of another
	interned        map[string]string
	fleet           *Fleet     // nil unless the inventory is a coordinator's
	fetched         fetchCache // a few documents that pointers were followed in
}

// proxyID tells one proxy from another.
type proxyID struct {
	ref       reference
	plaintext string
}

func newReader(file string, o Options) *reader {
	r := &reader{
		file: file, options: &o, sources: newSources(file, &o), presets: audit.Presets(), policies: map[string]*namedPolicy{},
		egressesByName: map[string]*egress{}, egressesByProxy: map[proxyID]*egress{}, proxies: map[*egress]proxyID{}, bots: map[string]*Inventory{},
		nameTaken: takenNames(), interned: map[string]string{}, fetched: fetchCache{},
	}
	if o.Fleet {
		r.fleet = &Fleet{Workers: map[string]string{}, Egresses: map[string]string{}}
	}
	for _, rule := range audit.Rules() {
		r.rules = append(r.rules, rule.ID)
	}
	return r
}

// takenNames keeps the line of each key's name.
func takenNames() func(name string, line int) (first int, taken bool) {
	lines := map[string]int{}
	return func(name string, line int) (int, bool) {
		first, taken := lines[name]
		if !taken {
			lines[name] = line
		}
		return first, taken
	}
}

// inventory reads the whole file. What keys refer to is read before the keys,
// in whatever order the file has it.
func (r *reader) inventory(root *Node, keys func(*Node)) {
	top := map[string]*Node{}
	keep := func(name string) field { return field{name, func(n *Node) { top[name] = n }} }
	r.object(root, "the inventory", []field{
		{"version", r.version}, keep("policies"), keep("egress"), keep("incidents"), keep("workers"), keep("keys"),
	}, "keys")
	if r.options.Fleet {
		r.onlyForWorkers(root, "egress")
	}
	for _, f := range []field{
		{"policies", r.readPolicies},
		{"egress", r.readEgresses},
		{"incidents", r.readIncidents},
		{"workers", r.readWorkers},
		{"keys", keys},
	} {
		if n := top[f.name]; n != nil {
			r.about(f.name, func() { f.read(n) })
		}
	}
}

func (r *reader) version(n *Node) {
	if r.is(n, Number) && n.Text != "1" {
		r.must(n, "be 1")
	}
}

// readEgresses reads the egresses that keys may share.
func (r *reader) readEgresses(n *Node) {
	if !r.is(n, Object) {
		return
	}
	r.members(n, func(m Member) {
		if r.validName(m) {
			r.egressesByName[m.Name] = r.proxy(m.Value, m.Name, true)
		}
	})
}

func (r *reader) keys(n *Node) []audit.Key {
	if n.Kind == List && len(n.Items) == 0 {
		r.report(n, `"keys" is empty: add at least one key`)
	}
	keys := make([]audit.Key, 0, len(n.Items))
	r.each(func(n *Node) { keys = append(keys, r.key(n)) })(n)
	return keys
}

// validName checks a name that the inventory gives to a policy, an egress or a
// label.
func (r *reader) validName(m Member) bool {
	clean, problem := cleanText(m.Name)
	if problem == "" && clean != m.Name {
		problem = "not begin or end with a space"
	}
	if problem != "" {
		r.reportAt(m.Line, m.Column, "the name must "+problem)
	}
	return problem == ""
}
