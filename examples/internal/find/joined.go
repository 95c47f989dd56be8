package find

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// joined takes what a variable holds whose name says an exchange and no part: a key and its
// secret in one value, BINANCE=KEY,SECRET, or one that is misspelt. A reader of an environment
// names it too, and sends it nowhere.
func (s *scanner) joined(name string, at argument, quoted bool) bool {
	if len(at.text) < shortestID || len(name) > longestName || strings.ToUpper(name) != name || !s.names.mayMention(name) {
		return false
	}
	n := s.names.read(name)
	if n.Exchange == "" || n.Part != adapter.NoPart {
		return false
	}
	whole := s.wholeValue(at, quoted)
	if !s.names.Unclear(name, whole) {
		return false
	}
	pieces := strings.FieldsFunc(whole, func(r rune) bool { return strings.ContainsRune(",:;| ", r) })
	if slices.ContainsFunc(pieces, func(text string) bool { return !plausible(text, shortestPart) || !random(text) }) {
		return false
	}
	each := []adapter.Part{adapter.KeyPart, adapter.SecretPart}
	switch several := len(n.Words) > 1 && n.Lone; { // HASH_KEY
	case len(pieces) == 1 && !several:
		each = each[1:]
	case len(pieces) != 2:
		return false
	}
	for i, part := range each {
		s.add(&half{part: part, name: strings.Clone(name), value: adapter.NewSecret(strings.Clone(pieces[i])), size: len(pieces[i]), frame: s.top, line: s.fileLine(at.line), column: at.column, joined: true})
	}
	return true
}

// wholeValue is a value to the end of its line, where it is not in quotes.
func (s *scanner) wholeValue(at argument, quoted bool) string {
	whole, begin := at.text, s.start+at.column-1
	if !quoted && begin >= 0 && begin < len(s.text) && strings.HasPrefix(s.text[begin:], at.text) {
		whole, _, _ = strings.Cut(s.text[begin:min(len(s.text), begin+4*longestPart)], "\n")
		whole, _, _ = strings.Cut(whole, " #")
	}
	return clean(whole)
}
