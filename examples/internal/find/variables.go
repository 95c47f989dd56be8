package find

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Variables stand in files of many kinds, each in its own way, and one of them may name the
// exchange of the key in others.

// longestHint is how long the name of an exchange is at most, in bytes.
const longestHint = 39

// upperName is the form of a variable's name, also of one word.
var upperName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,}$`)

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

// variableExchange are words of variables whose value is the name of the exchange in use, and
// besideExchange those that stand around them: FREQTRADE__EXCHANGE__NAME, CCXT_MCP_EXCHANGE2.
var (
	variableExchange = []string{"exchange", "venue", "broker", "connector"}
	besideExchange   = []string{"id", "name", "class", "code", "api"}
)

// saysExchange reports whether the value of a variable is the name of the exchange in use.
func (n *names) saysExchange(name string) bool {
	if !slices.ContainsFunc(variableExchange, func(w string) bool { return strings.Contains(n.fold(name), w) }) {
		return false
	}
	is := n.read(name)
	if is.Exchange != "" || is.Foreign || is.Part != adapter.NoPart || len(is.Words) > 5 {
		return false
	}
	for _, w := range slices.Backward(is.Words) {
		if w = strings.TrimRight(w, "0123456789"); slices.Contains(variableExchange, w) {
			return true
		} else if w != "" && !slices.Contains(besideExchange, w) {
			return false
		}
	}
	return false
}

// scopeOf are the other words of such a name, which tell one key from others.
func (n *names) scopeOf(name string) (scope []string) {
	if !n.saysExchange(name) {
		return nil
	}
	for _, w := range n.read(name).Words {
		bare := strings.TrimRight(w, "0123456789")
		if number := strings.TrimPrefix(w, bare); number != "" {
			scope = append(scope, number)
		}
		if bare != "" && !slices.Contains(variableExchange, bare) && !slices.Contains(besideExchange, bare) {
			scope = append(scope, bare)
		}
	}
	return scope
}
