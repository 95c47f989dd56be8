package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Agents' files have keys as variables, whose names say the exchange. People also put them
// where the program looks for none: into an object within the variables, into a section of
// their own, into a text with JSON.

// variable notes a value outside of all entries that is part of a key by its name alone, or
// with those that lead to it: {"credentials": {"BYBIT_API_KEY": …}}.
func (u *unread) variable(m Member, path string) {
	name, value := m.Name, strings.TrimSpace(m.Value.Text)
	if setting := settingWord.FindStringSubmatch(value); setting != nil && !strings.ContainsAny(setting[2], " \t\n") { // in a list of them
		name, value = setting[1], setting[2]
	}
	if name == "" || u.values[value] || u.isRead(m) {
		return
	}
	n := u.reader().read(name)
	why := unreadPart
	switch {
	case isSeed(Variable{Value: adapter.NewSecret(value)}, &n):
		why = holdsSeed
	case !u.saysPart(&n) || !u.looksPart(&n, value):
		return
	}
	id := strings.Join(append(n.stem(), path), "_")
	if u.named == nil {
		u.named = map[string]bool{}
	}
	if u.named[id] {
		return
	}
	u.named[id] = true
	lost := u.found(strings.Join(n.stem(), "-"), n.exchange, m.Line, m.Column)
	lost.Skip = show(name) + why
	u.out = append(u.out, lost)
}

// nested is what a text with JSON holds; nil for any other value.
func nested(text string) *Node {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil
	}
	root, _ := parseJSON(stripJSONC([]byte(text)))
	if root != nil {
		root.withoutPlaces()
	}
	return root
}

// pairOf is an object with the name and the value of a variable, as that variable.
func pairOf(m Member) (Member, bool) {
	name, value := m.Value.member("name"), m.Value.member("value")
	if name == nil || value == nil || name.Kind != Text || value.Kind != Text {
		return m, false
	}
	return Member{Name: name.Text, Line: m.Line, Column: m.Column, Value: value}, true
}

// saysPart reports whether a name says that its value is a key or a secret.
func (u *unread) saysPart(n *variableName) bool {
	return (n.part == adapter.KeyPart || n.part == adapter.SecretPart) && !slices.Contains(notPart, n.after) && elsewhere[n.after] == ""
}

// looksPart reports whether a value of that name looks like part of a key.
func (u *unread) looksPart(n *variableName, value string) bool {
	v := *n
	if u.saysPart(n) {
		v.part, v.words = adapter.NoPart, []string{"key"} // unclear is about names that say none
	}
	return !strings.HasPrefix(value, googles) && u.names.unclear(Variable{Value: adapter.NewSecret(value)}, &v)
}

// within reports whether the value of a variable is JSON with a key of an exchange.
func (r *nameReader) within(v Variable) bool {
	root := nested(v.Value.Reveal())
	if root == nil {
		return false
	}
	u := unread{botFile: &botFile{root: root}, exchanges: r.exchanges, names: r, variables: true}
	u.node(Member{Value: root}, nil, "", new(bool))
	return len(u.out) > 0
}
