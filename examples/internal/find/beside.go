package find

import "strings"

// A key and its secret may have no names, and stand beside that of their exchange alone:
// ("bybit", "KEY", "SECRET"), {"bybit": ["KEY", "SECRET"]}, or a line of the three. As two
// texts beside an exchange's name may be anything, they must have the form of its keys.

// listsKey reports whether two arguments are a key and its secret, of the exchange that the
// argument before them names, or what they stand in.
func (s *scanner) listsKey(f *frame, i int) bool {
	if len(f.args) > mostBeside || s.rows[f.line] || wordIn(f.name, keyWords) < 0 && (i == 0 || wordIn(f.args[i-1].text, keyWords) < 0) { // as nearly all lists are told by
		return false
	}
	is := s.names.function(f.name)
	exchange, by := is.Exchange, argument{}
	if is.Foreign {
		exchange = ""
	}
	if i > 0 && len(f.args[i-1].text) < shortestPart {
		if named, known := s.names.Exchange(f.args[i-1].text); known {
			exchange, by = named, f.args[i-1]
		}
	}
	if !ofForm(exchange, f.args[i].text, f.args[i+1].text) {
		return false
	}
	if by.text != "" {
		s.hint(f, "exchange", by.text, by.line)
	}
	return true
}

// mostBeside is how many texts stand in a list with a key and its secret.
const mostBeside = 6

// ofForm reports whether two texts have the form of an exchange's key and secret, and not
// that of two hashes or ids.
func ofForm(exchange, id, secret string) bool {
	id, secret = clean(id), clean(secret)
	alike := len(id) == len(secret) && hexadecimal.MatchString(id) && hexadecimal.MatchString(secret)
	return exchange != "" && !alike && fits(exchange, id, secret)
}

// tripled reads a line of an exchange's name, a key and a secret.
func (s *scanner) tripled(trimmed string) bool {
	first := strings.IndexAny(trimmed, tripleMarks)
	if first < 2 || first >= shortestPart || len(trimmed) > 3*longestPart {
		return false
	}
	rest := strings.TrimLeft(trimmed[first:], tripleMarks)
	if end := strings.IndexAny(rest, tripleMarks); end < shortestPart || wordIn(trimmed[:first], keyWords) < 0 { // as nearly all lines are told by
		return false
	}
	cells := strings.FieldsFunc(trimmed, func(r rune) bool { return strings.ContainsRune(tripleMarks, r) })
	exchange, known := s.names.Exchange(cells[0])
	if !known || len(cells) < 3 || !ofForm(exchange, cells[1], cells[2]) {
		return false
	}
	at := func(cell string) argument {
		return argument{cell, s.line, s.column(s.start + max(0, strings.Index(s.rest(), cell)))}
	}
	f := &frame{kind: '(', parent: s.top, line: s.line}
	s.hint(f, "exchange", cells[0], s.line)
	if !s.sideBySide(f, at(cells[1]), at(cells[2])) {
		return false
	}
	s.pos = s.start + len(strings.TrimRight(s.rest(), "\r"))
	return true
}

// tripleMarks stand between what such a line has.
const tripleMarks = ",;:|\t \"'"
