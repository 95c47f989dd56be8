package find

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Tables name their fields once: CSV, Markdown, the columns of an SQL insert.

// table reads a table whose header is the current line.
func (s *scanner) table(line string) bool {
	separator, header := s.header(line)
	if header == nil {
		return false
	}
	for {
		row, _, more := strings.Cut(s.text[s.pos:], "\n")
		if s.pos > s.start { // not the header
			cells := split(strings.TrimSpace(row), separator)
			if len(cells) != len(header) {
				break
			}
			s.row(header, cells, s.line)
		}
		s.pos += len(row)
		if !more {
			return true
		}
		s.pos++
		s.line++
		if s.start = s.pos; s.pos < len(s.text) {
			s.start--
		}
	}
	s.start = s.pos
	return true
}

const separators = "|\t,;"

// header are the names of a table's columns, if the line is one that has those of a
// key and its secret.
func (s *scanner) header(line string) (separator byte, names []string) {
	if len(line) > 500 || !strings.ContainsAny(line, separators) || strings.ContainsAny(line, "=(){}") {
		return 0, nil
	}
	if lower := strings.ToLower(line); !s.translates && !strings.Contains(lower, "secret") && !strings.Contains(lower, "priv") && !strings.Contains(lower, "pk") {
		return 0, nil
	}
	for _, separator := range []byte(separators) {
		cells := split(line, separator)
		if len(cells) < 2 || slices.ContainsFunc(cells, func(c string) bool { return len(c) > 40 || strings.Contains(c, ":") }) {
			continue
		}
		if s.names.ofKeys(cells, strings.Contains(line, "wallet") || strings.Contains(line, "address")) {
			return separator, cells
		}
	}
	return 0, nil
}

// ofKeys reports whether columns are those of keys and their secrets, or of the private keys
// of wallets, whose addresses are no part.
func (n *names) ofKeys(columns []string, wallets bool) bool {
	key, secret := false, false
	for _, c := range columns {
		if n.saysPrivate(c, "") || wallets && strings.EqualFold(c, "pk") {
			return true
		}
		part := n.read(c).Part
		key, secret = key || part == adapter.KeyPart, secret || part == adapter.SecretPart
	}
	return key && secret
}

// split is a row's cells, without their quotes and Markdown's bars at its ends.
func split(row string, separator byte) (cells []string) {
	if separator == '|' {
		row = strings.TrimSuffix(strings.TrimPrefix(row, "|"), "|")
	}
	var cell strings.Builder
	quote := byte(0)
	for i := range len(row) {
		switch c := row[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			cell.WriteByte(c)
		case (c == '"' || c == '\'') && strings.TrimSpace(cell.String()) == "":
			quote = c
		case c == separator:
			cells = append(cells, strings.Trim(cell.String(), " \t`*"))
			cell.Reset()
		default:
			cell.WriteByte(c)
		}
	}
	return append(cells, strings.Trim(cell.String(), " \t`*"))
}

// row takes one row.
func (s *scanner) row(header, cells []string, line int) {
	f := &frame{kind: 'r', parent: s.top, line: line}
	s.rows[line] = true
	for i, c := range cells {
		f.wallet = f.wallet || isAddress(c)
		folded := adapter.Fold(header[i])
		if slices.Contains(exchangeFields, folded) || slices.Contains(labelFields, folded) {
			s.hint(f, header[i], c, line)
		}
	}
	for i, c := range cells {
		if s.names.hasRole(header[i]) || s.names.saysPrivate(header[i], c) {
			s.take(header[i], argument{c, line, 1}, f, false)
		}
	}
}

var insertWord = newWordSet("insert")

var insert = regexp.MustCompile(`(?is)^insert\s+(?:or\s+\w+\s+)?into\s+[^\s(]+\s*\(([^()]+)\)\s*values\s*`)

// longestHeader is the most that stands before the rows of an insert, in bytes.
const longestHeader = 4 << 10

// inserts reads SQL that inserts rows.
func (s *scanner) inserts() {
	for at := 0; at+6 < len(s.text); at++ {
		skip := wordIn(s.text[at:], insertWord)
		if skip < 0 {
			return
		}
		at += skip
		m := insert.FindStringSubmatchIndex(s.text[at:min(len(s.text), at+longestHeader)])
		if m == nil {
			continue
		}
		header := split(s.text[at+m[2]:at+m[3]], ',')
		for at += m[1]; at < len(s.text) && s.text[at] == '('; {
			end := s.tuple(at + 1)
			if end < 0 {
				break
			}
			if cells := split(s.text[at+1:end], ','); len(cells) == len(header) {
				s.row(header, cells, 1+strings.Count(s.text[:at], "\n"))
			}
			at = end + 1
			at += len(s.text[at:]) - len(strings.TrimLeft(s.text[at:], ", \t\r\n"))
		}
		at--
	}
}

// tuple finds the end of a tuple.
func (s *scanner) tuple(from int) int {
	quote := false
	for at := from; at < len(s.text) && at < from+longestIn; at++ {
		switch c := s.text[at]; {
		case c == '\\':
			at++
		case c == '\'':
			quote = !quote
		case c == ')' && !quote:
			return at
		}
	}
	return -1
}

var (
	element   = regexp.MustCompile(`^<(/?)([A-Za-z][\w.:-]{0,60})((?:\s+[\w.:-]{1,60}\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>`)
	attribute = regexp.MustCompile(`([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

const mostNested = 200 // elements

// markup reads an element that begins here, and the text in it.
func (s *scanner) markup() bool {
	if !s.kind.markup {
		return false
	}
	m := element.FindStringSubmatch(s.text[s.pos:min(len(s.text), s.pos+20_000)])
	if m == nil {
		return false
	}
	at := argument{line: s.line, column: s.column(s.pos)}
	s.skip(len(m[0]))
	if m[1] != "" {
		for f := s.top; f != nil; f = f.parent {
			if f.kind == '<' && f.name == m[2] {
				for s.top != f {
					s.leave()
				}
				s.leave()
				break
			}
		}
		return true
	}
	depth := 0
	for f := s.top; f != nil; f = f.parent {
		depth++
	}
	if depth > mostNested {
		return true
	}
	s.separate()
	s.enter(&frame{kind: '<', name: m[2]})
	for _, a := range attribute.FindAllStringSubmatch(m[3], -1) {
		at.text = a[2] + a[3]
		s.assign(a[1], at, true)
	}
	if m[4] != "" {
		s.leave()
		return true
	}
	s.inner(m[2])
	return true
}

// inner takes the text of an element: the element's value, or that of the element
// before, whose text is a name.
func (s *scanner) inner(tag string) {
	text, _, ok := strings.Cut(s.text[s.pos:], "<")
	if !ok || strings.TrimSpace(text) == "" || strings.Contains(strings.TrimSpace(text), "\n") && !isPEM(text) {
		return
	}
	at := argument{strings.TrimSpace(text), s.line, s.column(s.pos)}
	cell := s.cell
	s.cell = ""
	outer := s.top
	if s.top.parent != nil {
		outer = s.top.parent
	}
	switch {
	case s.names.hasRole(at.text):
		s.cell = at.text
	case cell != "":
		s.take(cell, at, outer, true)
	default:
		s.top = outer // the element is a field of what it is in
		s.assign(tag, at, true)
		s.enter(&frame{kind: '<', name: tag})
	}
	s.skip(len(text))
}
