package exchangetest

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// checkUnknownState puts made-up states wherever an answer has the state of a key.
func checkUnknownState(c *trial) {
	for _, p := range c.statePlaces() {
		for _, value := range unrecognisedStates(p.known) {
			s := c.served(p.answer, p.with(value))
			if s == nil {
				continue
			}
			wrong := greener(p.whole, s)
			if stateOf(s, p.key) == access.KeyActive {
				wrong = append(wrong, p.whose()+" is reported as active")
			}
			for _, text := range wrong {
				c.Errorf("%s, member %s, with the unknown state %s: %s", p.answer.name, p.path, value.bytes(), text)
			}
		}
	}
}

// statePlace is a member of an answer that holds the state of a key.
type statePlace struct {
	answer answer
	whole  *access.Snapshot // what the adapter makes of the answer
	path   string
	with   func(*node) []byte // the answer with another value there
	key    string             // the identifier of a sibling; empty for the key that asks
	known  []*node            // what the member has held, in any answer
}

func (p *statePlace) whose() string {
	if p.key == "" {
		return "the key"
	}
	return "the other key " + p.key
}

// statePlaces finds the members that say of a key that it is active. One is a
// member in which the fake writes something else when the key is disabled,
// whatever the adapter makes of it. Another is a member for which the adapter
// reports another state when it holds what it holds in another answer, the other
// position of a switch, or a made-up word.
func (c *trial) statePlaces() []statePlace {
	answers := c.answers()
	known, off := c.knownStates(answers)
	var out []statePlace
	for i, a := range answers {
		whole, err := a.bench(c, a.body).inspect()
		root := parseNode(a.body)
		if err != nil || root == nil {
			continue // other properties say so
		}
		root.each("", func(path string, parent *node, at int) {
			was, seen := parent.members[at].value, known[anywhere(path)]
			if len(seen) == 0 {
				return
			}
			with := func(value *node) []byte {
				parent.members[at].value = value
				defer func() { parent.members[at].value = was }()
				return root.bytes()
			}
			place := statePlace{answer: a, whole: whole, path: path, with: with, known: seen}
			changes := c.changedStates(place, append([]*node{text(teleport(seen[0].bare())), was.contrary()}, seen...))
			for _, key := range active(whole) {
				if changes[key] || key == "" && off[i][path] {
					place.key = key
					out = append(out, place)
				}
			}
		})
	}
	return out
}

// knownStates are the words that members of any answer hold, and for each answer
// the members that differ when the key is disabled.
func (c *trial) knownStates(answers []answer) (known map[string][]*node, off []map[string]bool) {
	known, off = map[string][]*node{}, make([]map[string]bool, len(answers))
	for i, a := range answers {
		on, switched := words(a.body), words(c.switchedOff(a))
		off[i] = map[string]bool{}
		for _, path := range slices.Sorted(maps.Keys(on)) {
			learn(known, path, on[path])
			if other := switched[path]; other != nil && other.raw != on[path].raw {
				learn(known, path, other)
				off[i][path] = true
			}
		}
	}
	return known, off
}

// changedStates says for which keys that were active the adapter reports another
// state, with any of these values at the place.
func (c *trial) changedStates(place statePlace, values []*node) map[string]bool {
	out := map[string]bool{}
	for _, value := range values {
		s, err := place.answer.bench(c, place.with(value)).inspect()
		if err != nil {
			continue
		}
		for _, key := range active(place.whole) {
			if state := stateOf(s, key); state != access.KeyActive && state != access.KeyStateUnknown {
				out[key] = true
			}
		}
	}
	return out
}

// switchedOff is the fake's answer for a disabled key, if the exchange answered it.
func (c *trial) switchedOff(a answer) []byte {
	b := c.bench(a.spec)
	handle := b.fake.def.Routes[a.route]
	if handle == nil { // a documented answer, or one that is the same for all keys
		return nil
	}
	b.fake.def.Routes = maps.Clone(b.fake.def.Routes)
	b.fake.def.Routes[a.route] = func(c *Call) Reply {
		c.Key.Disabled = true
		defer func() { c.Key.Disabled = false }()
		return handle(c)
	}
	var body []byte
	for _, r := range b.sends() {
		if r.route() == a.route {
			body = r.answer
		}
	}
	return body
}

// isWord matches a word, a switch or a small number, as states are. It must not
// match identifiers of keys, or another key would look like another state.
var isWord = regexp.MustCompile(`^([A-Za-z][A-Za-z _-]{0,30}|[0-9]{1,2})$`)

// words are the members of an answer that hold a word, by their paths.
func words(body []byte) map[string]*node {
	out := map[string]*node{}
	if root := parseNode(body); root != nil {
		root.each("", func(path string, parent *node, i int) {
			if n := parent.members[i].value; n.kind != '0' && isWord.MatchString(n.bare()) {
				out[path] = n
			}
		})
	}
	return out
}

// bare is a word without the quotes of a string.
func (n *node) bare() string { return strings.Trim(n.raw, `"`) }

// learn records what a member has held.
func learn(known map[string][]*node, path string, word *node) {
	path = anywhere(path)
	if !slices.ContainsFunc(known[path], func(n *node) bool { return n.raw == word.raw }) {
		known[path] = append(known[path], word)
	}
}

var places = regexp.MustCompile(`\[[0-9]+\]`)

// anywhere is a path without the indexes of lists.
func anywhere(path string) string { return places.ReplaceAllString(path, "[]") }

// unrecognisedStates are states that no adapter can know where these are known:
// other words, words in another case or with something around them, wrong types,
// nothing. A switch stays known in each form that exchanges use: number, text or
// boolean.
func unrecognisedStates(known []*node) []*node {
	spelled := []string{"true", "false", "1", "0"}
	out := []*node{{kind: '0', raw: "null"}, {kind: 'n', raw: "7777"}, {kind: 'n', raw: "-1"}, {kind: '{'}, {kind: '['}, text(""), text("teleport")}
	if slices.ContainsFunc(known, func(n *node) bool { return !slices.Contains(spelled, n.bare()) }) { // no switch
		spelled = nil
		out = append(out, &node{kind: 'b', raw: "true"}, &node{kind: 'b', raw: "false"})
	}
	for _, n := range known {
		word := n.bare()
		spelled = append(spelled, word)
		if n.kind == 's' {
			for _, other := range []string{teleport(word), strings.ToUpper(word), strings.ToLower(word), "un" + word, word + "-2"} {
				out = append(out, text(other))
			}
		}
	}
	return slices.DeleteFunc(out, func(n *node) bool { return n.kind != '{' && n.kind != '[' && slices.Contains(spelled, n.bare()) })
}

// active lists the keys that a snapshot reports as active; the key that asks is
// the empty text.
func active(s *access.Snapshot) []string {
	keys := []string{""}
	for _, sibling := range s.Siblings {
		if sibling.KeyID != "" { // one without is nobody's
			keys = append(keys, sibling.KeyID)
		}
	}
	return slices.DeleteFunc(keys, func(key string) bool { return stateOf(s, key) != access.KeyActive })
}

// stateOf is the state of one of these keys; unknown unless it is listed once.
func stateOf(s *access.Snapshot, key string) access.KeyState {
	state, listed := s.KeyState, 0
	for _, sibling := range s.Siblings {
		if sibling.KeyID == key && key != "" {
			state, listed = sibling.KeyState, listed+1
		}
	}
	if key != "" && listed != 1 {
		return access.KeyStateUnknown
	}
	return state
}
