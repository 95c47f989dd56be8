package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// node is one value of a JSON text and where it begins, so that every mistake
// in a key file can be named by line and column, and all of them at once.
// encoding/json alone stops at the first.
type node struct {
	kind    kind
	at      int    // offset in the text
	text    string // of a string or a number
	members []member
	items   []*node
}

type member struct {
	name  string
	at    int
	value *node
}

type kind string

const (
	object  kind = "an object"
	list    kind = "a list"
	text    kind = "text"
	number  kind = "a number"
	boolean kind = "true or false"
	null    kind = "null"
)

// member finds a member by its exact name.
func (n *node) member(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// parseJSON reads a whole text. If it is malformed, the node is nil and the
// offset says where, which is the end if the text ends too early. The parser's
// own error would show what stands there.
func parseJSON(data []byte) (root *node, at int) {
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		syntax := (*json.SyntaxError)(nil)
		if !errors.As(err, &syntax) || strings.HasPrefix(syntax.Error(), "unexpected end") {
			return nil, len(data)
		}
		return nil, int(syntax.Offset) - 1
	}
	p := treeParser{data: data, tokens: json.NewDecoder(bytes.NewReader(data))}
	p.tokens.UseNumber()
	return p.value(), 0
}

// treeParser walks a text that is known to be well formed.
type treeParser struct {
	data   []byte
	tokens *json.Decoder
}

func (p *treeParser) next() int {
	at := int(p.tokens.InputOffset())
	for at < len(p.data) && bytes.IndexByte([]byte(" \t\r\n,:"), p.data[at]) >= 0 {
		at++
	}
	return at
}

func (p *treeParser) value() *node {
	n := &node{at: p.next()}
	token, err := p.tokens.Token()
	if err != nil { // cannot be: the text is well formed
		return n
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			n.kind = list
			for p.tokens.More() {
				n.items = append(n.items, p.value())
			}
		} else {
			n.kind = object
			for p.tokens.More() {
				name := p.value()
				n.members = append(n.members, member{name.text, name.at, p.value()})
			}
		}
		_, _ = p.tokens.Token() // the closing bracket
	case string:
		n.kind, n.text = text, token
	case json.Number:
		n.kind, n.text = number, token.String()
	case bool:
		n.kind = boolean
	default:
		n.kind = null
	}
	return n
}

// position turns an offset into line and column, counted from one; a column is
// a character.
func position(data []byte, at int) (line, column int) {
	before := data[:min(at, len(data))]
	line = 1 + bytes.Count(before, []byte("\n"))
	column = 1 + len(bytes.Runes(before[bytes.LastIndexByte(before, '\n')+1:]))
	return line, column
}
