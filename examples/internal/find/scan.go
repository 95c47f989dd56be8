package find

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// The scanner reduces a text of any kind to names and values: it knows no grammar,
// only what most of them have in common, which is brackets, indentation, sections,
// quotes and operators.

// frame is what names and values stand in together: an object, a call, a section, an
// item of a list, an element.
type frame struct {
	parent *frame
	kind   byte   // { [ ( of brackets, y of indentation, - of items, s of sections, < of elements, r of rows
	name   string // of the member, the function or the section
	indent int
	line   int
	hints  []hint
	other  string // what a field names as its exchange, if that is none known here
	args   []argument
	before []string // the words that it indexes
	side   argument // the name in {"name": …, "value": …}
	given  argument // the value in it, if that comes first
	label  argument // what may be the id of a key file
	wallet bool     // a wallet's address stands in it
}

// hint is a field of a frame that names an exchange.
type hint struct {
	exchange, field string
	line            int
	scope           []string // the words that the key's own names must have
}

// argument is a text and where it stands.
type argument struct {
	text         string
	line, column int
}

// half is one part of a key, before it is known what it is a part of.
type half struct {
	part         adapter.Part
	name         string
	value        adapter.Secret
	size         int
	frame        *frame
	line, column int
	positional   bool // an argument without a name
	prose        bool // in a sentence
	quoted       bool
	keyFile      bool // it is a key's id beside its private key only
	variable     bool // it is assigned with =
	private      bool // its name says that it is a wallet's private key, and no part of another
	words        int  // of a seed phrase
	joined       bool // its name says no part
	taken        bool
	path         string // of the file that it leads to, in place of a value
	verdict      *verdict
}

type scanner struct {
	names *names
	text  string
	kind  kind
	pos   int
	line  int  // from 1
	start int  // of the line
	base  int  // the line that a nested text begins on
	flat  bool // its lines are none of the file's: they are all on that one
	depth int  // of nesting in strings
	top   *frame
	open  int // brackets

	words    []string     // on this line since the last separator
	name     string       // what an operator follows
	operator byte         // the one that was read last, 0 for none
	typed    string       // the name of the value before, which may be a type: name: type = value
	pending  string       // a name of a part that stands at the end of the line before
	last     int          // index of the half that a string may continue; -1 for none
	cell     string       // a name in the cell before
	rows     map[int]bool // lines of tables that were read
	private  argument     // the name of a list of wallets' private keys, and its line
	halves   []*half
	refs     []*half
	settings []setting
	cut      bool // there are more halves, or may be

	single     argument // that was alone on its line
	singleIn   *frame   // what it stands in
	weak       argument // whose label may mean a key id
	weakIn     *frame
	pendingAt  int  // the line of pending
	translates bool // there may be names in other languages
}

// mostHalves bounds the work for a file made of keys.
const mostHalves = 4000

func newScanner(n *names, text string, k kind) *scanner {
	return &scanner{
		names: n, text: text, kind: k, line: 1, top: &frame{kind: 'f'}, last: -1, rows: map[int]bool{}, translates: wordIn(text, inLanguage) >= 0,
	}
}

// scan reads the whole text.
func (s *scanner) scan() {
	s.beginLine()
	for s.pos < len(s.text) && len(s.halves) < mostHalves {
		if c := s.text[s.pos]; !s.structure(c) && !s.content(c) {
			s.pos++
		}
	}
	s.cut = s.cut || s.pos < len(s.text)
}

// structure reads what names and values stand in, and between.
func (s *scanner) structure(c byte) bool {
	switch c {
	case '\n':
		s.endLine()
	case ' ', '\t', '\r':
		s.pos++
	case '{', '[', '(':
		if c != '(' || !s.remark() {
			s.push(c)
		}
	case '}', ']', ')':
		s.pop(c)
	case ',', ';', '&':
		if c != '&' || s.operator == 0 { // Rust's &str
			s.separate()
		}
		s.pos++
	default:
		return false
	}
	return true
}

// content reads a name, an operator or a value.
func (s *scanner) content(c byte) bool {
	switch {
	case c == '"' || c == '\'' || c == '`':
		s.quoted(c)
	case s.isOperator():
	case c == '-' && strings.HasPrefix(s.text[s.pos:], "-----BEGIN "):
		s.value(s.pem(), true)
	case c == '<' && s.markup():
	case isRun(c) && c != '=':
		s.bare()
	case s.translates && c >= utf8.RuneSelf && letterAt(s.text[s.pos:]) > 0:
		s.bare()
	default:
		return false
	}
	return true
}

// separate ends what belongs to one name.
func (s *scanner) separate() { s.words, s.name, s.typed, s.operator = s.words[:0], "", "", 0 }

// fileLine is the line of the file that a line of the text is.
func (s *scanner) fileLine(line int) int {
	if s.flat {
		return s.base
	}
	return s.base + line
}

// column is that of a position in the line, from 1.
func (s *scanner) column(pos int) int { return max(1, pos-s.start+1) }

// endLine ends a line. An operator at its end may have its value on the next.
func (s *scanner) endLine() {
	s.forget()
	switch {
	case s.operator == ':' && s.open == 0 && s.name != "":
		s.enter(&frame{kind: 'y', name: s.name, indent: s.indent()})
		if s.names.hasRole(s.name) {
			s.pending, s.pendingAt = s.name, s.line
		}
		s.separate()
	case s.operator != 0 && s.operator != ':' || s.operator == ':' && s.open > 0:
		s.words = s.words[:0] // the value follows
	default:
		if s.operator == 0 && len(s.words) > 0 && len(s.words) < 4 {
			if name := s.phrase(s.words); s.names.hasRole(name) {
				s.pending, s.pendingAt = name, s.line
			}
		}
		s.separate()
	}
	s.pos++
	s.line++
	s.start = s.pos
	s.beginLine()
}

// indent is the indentation of the current line; that of an item's content begins after
// the hyphen.
func (s *scanner) indent() int {
	n := s.start
	for n < len(s.text) && (s.text[n] == ' ' || s.text[n] == '\t') {
		n++
	}
	for strings.HasPrefix(s.text[n:], "- ") {
		n += 2
		for n < len(s.text) && s.text[n] == ' ' {
			n++
		}
	}
	return n - s.start
}

// beginLine finds out in what the line stands.
func (s *scanner) beginLine() {
	line := s.rest()
	trimmed := strings.TrimSpace(line)
	if trimmed == "" {
		for s.top.kind == '(' { // one that nothing closes
			s.leave()
		}
		return
	}
	if s.open > 0 || s.operator != 0 {
		return
	}
	if isRule(trimmed) {
		s.pos = s.start + len(strings.TrimRight(line, "\r"))
		return
	}
	if s.section(trimmed) || s.table(trimmed) || s.tripled(trimmed) {
		return
	}
	if !isComment(trimmed) {
		s.items(line)
	}
}

// isComment reports whether a line is a comment, whose indentation means nothing. Keys
// in it count.
func isComment(line string) bool {
	return line[0] == '#' || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "--") && !strings.HasPrefix(line, "-----BEGIN")
}

// section begins a section of TOML or INI.
func (s *scanner) section(trimmed string) bool {
	if trimmed[0] != '[' {
		return false
	}
	name := strings.Trim(trimmed, "[ ")
	end := strings.IndexByte(name, ']')
	if end <= 0 || strings.Trim(name[end:], "] \t\r") != "" || strings.ContainsAny(name[:end], ",{}") || strings.ContainsAny(name[:end], "=:\"'") && !strings.HasPrefix(name, `"`) {
		return false
	}
	for s.top.parent != nil {
		s.leave()
	}
	s.enter(&frame{kind: 's', name: strings.Trim(name[:end], `"' `)})
	s.pos = s.start + len(strings.TrimRight(s.rest(), "\r"))
	return true
}

// rest is the current line from its start.
func (s *scanner) rest() string {
	line, _, _ := strings.Cut(s.text[s.start:], "\n")
	return line
}

func (s *scanner) enter(f *frame) {
	f.parent, f.line = s.top, s.line
	s.top = f
}

func (s *scanner) leave() {
	if s.top.parent == nil {
		return
	}
	if strings.IndexByte("{[(", s.top.kind) >= 0 {
		s.open--
	}
	s.top = s.top.parent
}

// push begins what brackets enclose.
func (s *scanner) push(c byte) {
	name := s.name
	switch {
	case c == '(' && len(s.words) > 0:
		name = s.words[len(s.words)-1]
	case s.operator == 0:
		name = s.phrase(s.words)
	case c == '{' && len(s.words) > 0: // name := Type{
		name += " " + s.words[len(s.words)-1]
	}
	f := &frame{kind: c, name: name}
	if c == '[' && s.operator == 0 && s.pos > 0 && (isRun(s.text[s.pos-1]) || s.text[s.pos-1] == ']') {
		f.before = slices.Clone(s.words)
	}
	s.enter(f)
	s.open++
	s.pos++
	s.separate()
}

var closes = [256]byte{'}': '{', ']': '[', ')': '('}

// pop ends what brackets enclose. One that nothing opened is ignored.
func (s *scanner) pop(c byte) {
	s.pos++
	found := false
	for f := s.top; f != nil; f = f.parent {
		if f.kind == closes[c] {
			found = true
			break
		}
	}
	if found {
		for s.top.kind != closes[c] {
			s.leave()
		}
		closed := s.top
		s.leave()
		s.arguments(closed)
		if c == ']' && len(closed.args) == 1 && len(closed.before) > 0 { // config['okx']['key']
			s.separate()
			s.words = append(append(s.words, closed.before...), closed.args[0].text)
			return
		}
	}
	s.separate()
}

// isOperator reads an operator, if one stands here.
func (s *scanner) isOperator() bool {
	op := operatorAt(s.text[s.pos:])
	if op == 0 {
		return false
	}
	switch name := s.phrase(s.words); {
	case len(s.words) == 0 && s.operator != 0:
	case s.typed != "" && (op > 1 || s.text[s.pos] != ':') && !s.names.hasRole(name) && !s.sets(name):
		s.name = s.typed
	default:
		s.name = name
	}
	if s.operator = s.text[s.pos]; s.operator >= utf8.RuneSelf {
		s.operator = ':'
	}
	s.pos += op
	s.words = s.words[:0]
	if s.phrased() {
		return true
	}
	if op == 1 && s.operator == ':' {
		s.block()
	}
	return true
}

// sets reports whether an operator sets a variable of an environment: A_KEY=x EXCHANGE=y.
func (s *scanner) sets(name string) bool {
	return s.text[s.pos] == '=' && s.pos > 0 && isRun(s.text[s.pos-1]) && strings.ToUpper(name) == name
}
