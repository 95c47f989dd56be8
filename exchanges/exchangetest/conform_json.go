package exchangetest

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// node is a JSON value that can be changed and written again. Members keep their
// order, and may be duplicate.
type node struct {
	kind    byte   // '{', '[', 's' for a string, 'n' for a number, 'b' for a boolean, '0' for null
	raw     string // of what is neither object nor list
	members []member
	items   []*node
}

type member struct {
	name  string
	value *node
}

// parseNode reads a JSON value; nil means that it is not one.
func parseNode(body []byte) *node {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	n := nextNode(dec)
	if n == nil || dec.More() {
		return nil
	}
	return n
}

func nextNode(dec *json.Decoder) *node {
	token, err := dec.Token()
	if err != nil {
		return nil
	}
	switch v := token.(type) {
	case json.Delim:
		return nextComposite(dec, byte(v))
	case string:
		return text(v)
	case json.Number:
		return &node{kind: 'n', raw: v.String()}
	case bool:
		return &node{kind: 'b', raw: strconv.FormatBool(v)}
	default:
		return &node{kind: '0', raw: "null"}
	}
}

func nextComposite(dec *json.Decoder, kind byte) *node {
	n := &node{kind: kind}
	for dec.More() {
		name := ""
		if kind == '{' {
			token, err := dec.Token()
			if err != nil {
				return nil
			}
			name, _ = token.(string)
		}
		value := nextNode(dec)
		if value == nil {
			return nil
		}
		if kind == '{' {
			n.members = append(n.members, member{name, value})
		} else {
			n.items = append(n.items, value)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil
	}
	return n
}

// text is a JSON string.
func text(s string) *node {
	raw, _ := json.Marshal(s) // strings always can
	return &node{kind: 's', raw: string(raw)}
}

func (n *node) write(b *strings.Builder) {
	switch n.kind {
	case '{':
		b.WriteByte('{')
		for i, m := range n.members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(text(m.name).raw + ":")
			m.value.write(b)
		}
		b.WriteByte('}')
	case '[':
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.write(b)
		}
		b.WriteByte(']')
	default:
		b.WriteString(n.raw)
	}
}

// bytes writes the value.
func (n *node) bytes() []byte {
	var b strings.Builder
	n.write(&b)
	return []byte(b.String())
}

// variants yields the body with one member changed, for every member of every
// object in turn, and its path. change returns the lists of members that replace
// the member.
func variants(body []byte, change func(member) [][]member) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		root := parseNode(body)
		if root == nil {
			return
		}
		going := true
		root.each("", func(path string, parent *node, i int) {
			all := parent.members
			for _, instead := range change(all[i]) {
				parent.members = append(append(append([]member{}, all[:i]...), instead...), all[i+1:]...)
				going = going && yield(path, root.bytes())
			}
			parent.members = all
		})
	}
}

// each visits every member of every object.
func (n *node) each(path string, visit func(path string, parent *node, i int)) {
	for i, m := range n.members {
		at := strings.TrimPrefix(path+"."+m.name, ".")
		visit(at, n, i)
		m.value.each(at, visit)
	}
	for i, item := range n.items {
		item.each(path+"["+strconv.Itoa(i)+"]", visit)
	}
}

// missing drops a member, or makes it null.
func missing(m member) [][]member {
	return [][]member{nil, {{m.name, &node{kind: '0', raw: "null"}}}}
}

// duplicated adds a member of the same name with another value.
func duplicated(m member) [][]member {
	other := member{m.name, m.value.contrary()}
	return [][]member{{m, other}, {other, m}}
}

// retyped replaces a value by values of other types.
func retyped(m member) [][]member {
	var out [][]member
	for _, value := range []*node{{kind: 'n', raw: "7"}, text("x"), {kind: '{'}, {kind: '['}} {
		if value.kind != m.value.kind {
			out = append(out, []member{{m.name, value}})
		}
	}
	return out
}

// contrary is another value of the same type: the empty one if it differs.
func (n *node) contrary() *node {
	least, instead := map[byte]*node{
		'b': {kind: 'b', raw: "false"}, 'n': {kind: 'n', raw: "0"}, 's': text(""), '[': {kind: '['}, '{': {kind: '{'},
	}, map[byte]*node{
		'b': {kind: 'b', raw: "true"}, 'n': {kind: 'n', raw: "1"}, 's': text("x"), '[': {kind: '[', items: []*node{text("x")}},
		'{': {kind: '{', members: []member{{"x", text("x")}}}, '0': {kind: 'n', raw: "0"},
	}
	if other := least[n.kind]; other != nil && !bytes.Equal(other.bytes(), n.bytes()) {
		return other
	}
	return instead[n.kind]
}
