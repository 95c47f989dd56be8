package attest

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

func decodeYAML(text []byte) (root any, err error) {
	err = yaml.Unmarshal(text, &root)
	return root, err
}

func yamlItem(a audit.Attestation) string {
	asIs := func(word string) string { return word }
	return fields(a, asIs, asIs)
}

// placesYAML is the end of the key's attestations, or of its entry if it has none.
// YAML does not say where a value ends, so the lines after the last that begins a
// value are tried in turn.
func placesYAML(text []byte, key, item string) ([][]edit, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil || len(document.Content) == 0 {
		return nil, errors.New("the YAML cannot be read")
	}
	entry := yamlEntry(document.Content[0], key)
	if entry == nil {
		return nil, errKey
	}
	e := yamlEditor{text: text}
	list := yamlMember(entry, memberAttestations)
	switch {
	case list != nil && list.Style&yaml.FlowStyle != 0 && len(list.Content) > 0:
		return [][]edit{{{e.offset(list.Content[0]), item + ", "}}}, nil
	case list != nil && list.Style&yaml.FlowStyle != 0:
		return [][]edit{{{e.offset(list) + 1, item}}}, nil
	case list != nil && len(list.Content) > 0:
		return e.below(list, indentOf(list)+"- "+item), nil
	case entry.Style&yaml.FlowStyle != 0 && len(entry.Content) > 2: // after the first field, which mostly is the name
		return [][]edit{{{e.offset(entry.Content[2]), memberAttestations + ": [" + item + "], "}}}, nil
	case entry.Style&yaml.FlowStyle != 0 || len(entry.Content) == 0:
		return nil, errors.New("the entry is incomplete")
	default:
		indent := indentOf(entry.Content[0])
		return e.below(entry, indent+memberAttestations+":"+lineBreak(text)+indent+"  - "+item), nil
	}
}

// yamlEntry is the entry of a key; nil if there is none.
func yamlEntry(root *yaml.Node, key string) *yaml.Node {
	keys := yamlMember(root, memberKeys)
	if keys == nil {
		return nil
	}
	for _, entry := range keys.Content {
		if name := yamlMember(entry, memberName); name != nil && strings.TrimSpace(name.Value) == key {
			return entry
		}
	}
	return nil
}

// yamlMember is the value of a member; nil if there is none.
func yamlMember(n *yaml.Node, name string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func indentOf(n *yaml.Node) string { return strings.Repeat(" ", n.Column-1) }

type yamlEditor struct{ text []byte }

// offset is where a node begins. Columns count characters.
func (e yamlEditor) offset(n *yaml.Node) int {
	at := e.line(n.Line)
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(e.text[at:])
		at += size
	}
	return at
}

// line is the offset of a line, counted from 1; the text's end if it has fewer.
func (e yamlEditor) line(n int) (at int) {
	for range n - 1 {
		i := bytes.IndexByte(e.text[at:], '\n')
		if i < 0 {
			return len(e.text)
		}
		at += i + 1
	}
	return at
}

// mostLines is how many lines a text at the end of an entry may have.
const mostLines = 100

// below are the places for a line below a node.
func (e yamlEditor) below(n *yaml.Node, added string) (places [][]edit) {
	end := lineBreak(e.text)
	for next := lastLine(n) + 1; len(places) < mostLines; next++ {
		at := e.line(next)
		if at == len(e.text) && !bytes.HasSuffix(e.text, []byte("\n")) {
			return append(places, []edit{{at, end + added}})
		}
		places = append(places, []edit{{at, added + end}})
		if at == len(e.text) {
			break
		}
	}
	return places
}

// lastLine is the last line on which a value of the node begins.
func lastLine(n *yaml.Node) int {
	line := n.Line
	for _, child := range n.Content {
		line = max(line, lastLine(child))
	}
	return line
}
