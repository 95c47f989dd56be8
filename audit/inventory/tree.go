package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Node is one value of a JSON or YAML text and where it begins, so that all
// mistakes in a file can be reported at once, each with its place. Duplicate
// members are kept, for Decode to refuse them. The zero value is null.
type Node struct {
	Kind    Kind
	Text    string   // a text; a number as it is written; "true" or "false"
	Members []Member // of an object, in the order of the file
	Items   []*Node  // of a list
	Line    int      // from 1
	Column  int      // from 1, in characters
}

// Member is one member of an object, and where its name begins.
type Member struct {
	Name         string
	Line, Column int // from 1
	Value        *Node
}

// Kind is the kind of value that a Node is.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Object
	List
	Text
	Number
	Boolean
)

var kindWords = []string{"null", "an object", "a list", "text", "a number", "true or false"}

// String returns the kind in words, for instance "an object".
func (k Kind) String() string { return kindWords[min(int(k), len(kindWords)-1)] }

// member returns the first member of exactly that name; nil if there is none.
func (n *Node) member(name string) *Node {
	for _, m := range n.Members {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// parseJSON reads a whole text. If it is malformed, the node is nil and the
// offset says where; that is the end if the text ends too early. The parser's
// own error is not used, because it shows what it found there.
func parseJSON(data []byte) (root *Node, at int) {
	if root = parseJSONAt(data, 1, 1); root != nil {
		return root, 0
	}
	var syntax *json.SyntaxError
	err := json.Unmarshal(data, new(json.RawMessage))
	if !errors.As(err, &syntax) || strings.HasPrefix(syntax.Error(), "unexpected end") {
		return nil, len(data)
	}
	return nil, int(syntax.Offset) - 1
}

// parseJSONAt reads a text that begins at a place of its file; nil if it is malformed.
func parseJSONAt(data []byte, line, column int) *Node {
	if !json.Valid(data) {
		return nil
	}
	p := treeParser{data: data, line: line, column: column, names: map[string]string{}}
	return p.value()
}

// treeParser reads a text that is known to be valid JSON.
type treeParser struct {
	data         []byte
	at           int
	line, column int // of at

	names   map[string]string // of members, interned
	members []Member          // of the objects that are still open; items likewise of lists
	items   []*Node
}

// skip goes to the next byte that is neither a space nor one of the others, and
// returns it.
func (p *treeParser) skip(others string) byte {
	for ; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; {
		case c == '\n':
			p.line, p.column = p.line+1, 1
		case c == ' ' || c == '\t' || c == '\r' || strings.IndexByte(others, c) >= 0:
			p.column++
		default:
			return c
		}
	}
	return 0
}

// take consumes n bytes, all on one line.
func (p *treeParser) take(n int) []byte {
	taken := p.data[p.at : p.at+n]
	p.at += n
	p.column += utf8.RuneCount(taken)
	return taken
}

func (p *treeParser) value() *Node {
	first := p.skip("")
	n := &Node{Line: p.line, Column: p.column}
	switch first {
	case '{':
		n.Kind = Object
		start := len(p.members)
		for p.take(1); p.skip(",") != '}'; {
			m := Member{Line: p.line, Column: p.column}
			m.Name = p.name()
			p.skip(":")
			m.Value = p.value()
			p.members = append(p.members, m)
		}
		p.take(1)
		n.Members, p.members = slices.Clone(p.members[start:]), p.members[:start]
	case '[':
		n.Kind = List
		start := len(p.items)
		for p.take(1); p.skip(",") != ']'; {
			p.items = append(p.items, p.value())
		}
		p.take(1)
		n.Items, p.items = slices.Clone(p.items[start:]), p.items[:start]
	case '"':
		n.Kind, n.Text = Text, p.text()
	case 't', 'f':
		n.Kind, n.Text = Boolean, p.word()
	case 'n':
		p.word()
	default:
		n.Kind, n.Text = Number, p.word()
	}
	return n
}

// name consumes the name of a member.
func (p *treeParser) name() string {
	name := p.text()
	if known, ok := p.names[name]; ok {
		return known
	}
	p.names[name] = name
	return name
}

// word consumes a number, true, false or null.
func (p *treeParser) word() string {
	rest := p.data[p.at:]
	end := bytes.IndexAny(rest, " \t\r\n,]}")
	if end < 0 {
		end = len(rest)
	}
	return string(p.take(end))
}

// text consumes a string and returns its value.
func (p *treeParser) text() string {
	rest := p.data[p.at:]
	end, plain := 1, true
	for ; rest[end] != '"'; end++ {
		if rest[end] == '\\' {
			end, plain = end+1, false
		}
	}
	taken := p.take(end + 1)
	if plain && utf8.Valid(taken) {
		return string(taken[1:end])
	}
	var text string
	_ = json.Unmarshal(taken, &text) // it is valid JSON
	return text
}

// position turns an offset into a line and a column, both from 1. Columns count
// characters.
func position(data []byte, at int) (line, column int) {
	before := data[:min(at, len(data))]
	line = 1 + bytes.Count(before, []byte("\n"))
	column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return line, column
}
