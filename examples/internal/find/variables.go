package find

import (
	"regexp"
	"slices"
	"strings"
)

// Variables stand in files of many kinds, each in its own way, and one of them may name the
// exchange of the key in others.

// longestHint is how long the name of an exchange is at most, in bytes.
const longestHint = 39

var upperName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,}$`)

// isUpperName reports whether a text has the form of a variable's name, also of one word, and
// not that of a key.
func isUpperName(text string) bool {
	return upperName.MatchString(text) && (strings.Contains(text, "_") || !plausible(text, shortestPart))
}

// hints notes a name and its value if that is the name of an exchange.
func (s *scanner) hints(name, folded, text string, line int) {
	switch says := len(text) <= longestHint && s.names.saysExchange(name); {
	case says && s.top.kind == '-' && s.operator == '=': // an item of a list of variables
		s.hint(s.top.parent, name, text, line)
	case says, len(text) <= longestHint && (slices.Contains(exchangeFields, folded) || slices.Contains(labelFields, folded)):
		s.hint(s.top, name, text, line)
	}
}

// unit takes the variable in a systemd unit's Environment="NAME=value", and reports whether it
// is one.
func (s *scanner) unit(name string, at argument, quoted bool) bool {
	variable, value, is := strings.Cut(at.text, "=")
	if name != "Environment" || !quoted || !is || strings.ToUpper(variable) != variable || strings.ContainsAny(variable, " \t") {
		return false
	}
	at.text = value
	at.column += len(variable) + 1
	s.assign(variable, at, quoted)
	return true
}

// variable takes a name and its value that stand in fields of their own, in something beside
// which others do.
func (s *scanner) variable(name string, at argument, quoted bool) {
	if text := clean(at.text); !s.isName(name) && s.top.parent != nil {
		inner := s.top
		s.top = inner.parent
		s.setting(name, text, at.line)
		s.hints(name, s.names.fold(name), text, at.line)
		s.top = inner
	}
	s.take(name, at, s.top.parent, quoted)
}

// saysExchange reports whether the value of a variable is the name of the exchange in use.
func (n *names) saysExchange(name string) bool {
	says := slices.ContainsFunc([]string{"exchange", "venue", "broker", "connector"}, func(w string) bool { return strings.Contains(n.fold(name), w) })
	return says && n.read(name).SaysExchange && !n.read(name).Foreign && n.read(name).Exchange == ""
}

// scopeOf are the other words of such a name, which tell one key from others.
func (n *names) scopeOf(name string) []string {
	if !n.saysExchange(name) {
		return nil
	}
	return n.read(name).Scope
}
