package find

import (
	"slices"
	"strings"
)

// A key and its secret may have no names, and stand beside that of their exchange alone:
// ("bybit", "KEY", "SECRET"), {"bybit": ["KEY", "SECRET"]}, or a line of the three. As two
// texts beside an exchange's name may be anything, they must have the form of its keys.

// listsKey reports whether two arguments are a key and its secret, of the exchange that the
// argument before them names, or what they stand in.
func (s *scanner) listsKey(f *frame, i int) bool {
	if len(f.args) > mostBeside || s.rows[f.line] || wordIn(f.name, keyWords) < 0 && (i == 0 || wordIn(f.args[i-1].text, keyWords) < 0) { // as nearly all lists are told by
		return false
	}
	exchange, by := s.ofList(f), argument{}
	if i > 0 && len(f.args[i-1].text) < shortestPart {
		if named, known := s.names.Exchange(f.args[i-1].text); known {
			exchange, by = named, f.args[i-1]
		}
	}
	if id, secret := f.args[i].text, f.args[i+1].text; !ofForm(exchange, id, secret) && !s.onlyTwo(f, exchange, id, secret) {
		return false
	}
	if by.text != "" {
		s.hint(f, "exchange", by.text, by.line)
	}
	return true
}

// ofList is the exchange that a list is called after, or what it stands in.
func (s *scanner) ofList(f *frame) string {
	is := s.names.function(f.name)
	if is.Foreign || is.Exchange != "" || len(f.args) > fewBeside {
		return is.Exchange
	}
	return s.placed(f)
}

// onlyTwo reports whether two texts of an exchange's form have a list that is called after it
// for themselves, or share it with a passphrase: then they may be alike.
func (s *scanner) onlyTwo(f *frame, exchange, id, secret string) bool {
	return exchange != "" && len(f.args) <= fewBeside && (f.kind == '[' || s.names.function(f.name).Exchange != "") && fits(exchange, clean(id), clean(secret))
}

// fewBeside are a key, its secret and a passphrase.
const fewBeside = 3

// mostBeside is how many texts stand in a list with a key and its secret.
const mostBeside = 6

// ofForm reports whether two texts have the form of an exchange's key and secret, and not
// that of two hashes or ids.
func ofForm(exchange, id, secret string) bool {
	id, secret = clean(id), clean(secret)
	alike := len(id) == len(secret) && hexadecimal.MatchString(id) && hexadecimal.MatchString(secret)
	return exchange != "" && !alike && fits(exchange, id, secret)
}

// tripled reads a line of an exchange's name, a key and a secret, as people write them down:
// bybit:KEY:SECRET, Bybit (grid bot): KEY / SECRET.
func (s *scanner) tripled(trimmed string) bool {
	if len(trimmed) > 3*longestPart {
		return false
	}
	first := firstValue(trimmed)
	head := trimmed[:max(0, first)]
	if first < 0 || strings.ContainsAny(head, "=[]{}") || wordIn(head, keyWords) < 0 && (first > 2 || s.headed(s.line) == "") { // as nearly all lines are told by
		return false
	}
	exchange, by := s.ofLine(head)
	if is := s.names.read(head); exchange != "" && is.Exchange != "" && !is.Foreign {
		exchange, by = is.Exchange, is.Exchange // Kraken Futures
	}
	if !s.labelledSides(head, trimmed[first:], exchange, by) && !s.tripledSides(trimmed[first:], exchange, by) {
		return false
	}
	s.pos = s.start + len(strings.TrimRight(s.rest(), "\r"))
	return true
}

// firstValue is where the first value of a line begins that may be a part; -1 if it has none.
func firstValue(line string) int {
	for from := range stretches(line, &inKey, shortestPart, longestPart) {
		first := strings.LastIndexAny(line[:from], tripleMarks+"：")
		if first >= 0 && line[first] == wide {
			first += len("：") - 1
		}
		return first + 1
	}
	return -1
}

// tripledSides takes a key and a secret without names that an exchange stands before, or above.
func (s *scanner) tripledSides(values, exchange, by string) bool {
	if exchange == "" {
		exchange = s.headed(s.line)
	}
	if exchange == "" {
		return false
	}
	cells := strings.FieldsFunc(values, isTripleMark)
	if len(cells) > 2 && slices.Contains(joiners, cells[1]) {
		cells = slices.Delete(cells, 1, 2)
	}
	id, secret := "", ""
	if len(cells) > 1 {
		id, secret = cells[0], strings.TrimRight(cells[1], ".)")
	}
	if id == "" || !ofForm(exchange, id, secret) {
		if id, secret, _ = sidesOf(exchange, values, false); id == "" || !ofForm(exchange, id, secret) {
			return false
		}
	}
	at := func(cell string) argument {
		return argument{cell, s.line, s.column(s.start + max(0, strings.Index(s.rest(), cell)))}
	}
	f := &frame{kind: '(', parent: s.top, line: s.line}
	if by != "" {
		s.hint(f, "exchange", by, s.line)
	}
	return s.sideBySide(f, at(id), at(secret))
}

// ofLine is the one exchange that the words before a key and its secret name, and the word
// that does; none if they say that the secret comes first, or open a call.
func (s *scanner) ofLine(head string) (exchange, by string) {
	lower := strings.ToLower(head)
	secret := strings.Index(lower, "secret")
	if strings.Count(head, "(") != strings.Count(head, ")") || secret >= 0 && !strings.Contains(lower[:secret], "key") {
		return "", ""
	}
	for _, word := range strings.FieldsFunc(head, func(r rune) bool { return isTripleMark(r) || strings.ContainsRune("()/#*", r) }) {
		named, known := s.names.Exchange(word)
		switch {
		case !known || named == exchange:
		case exchange != "":
			return "", ""
		default:
			exchange, by = named, word
		}
	}
	return exchange, by
}

// tripleMarks stand between what such a line has, and joiners between its key and secret.
const tripleMarks = ",;:|\t \"'`"

var joiners = []string{"/", "-", "–", "—", "and", "&", "+", "->", "→"}

func isTripleMark(r rune) bool { return strings.ContainsRune(tripleMarks, r) }
