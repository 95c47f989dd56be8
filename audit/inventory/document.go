package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// document is what a source holds: one value, or JSON with several.
type document struct {
	text    string
	storage access.Storage

	once sync.Once
	root *Node
	err  error
}

// value finds what a reference points to. Line breaks and spaces around it are
// the file's and not the value's; PEM is left as it is.
func (d *document) value(r reference) (string, error) {
	text := d.text
	if r.pointer != "" {
		d.once.Do(d.parse)
		err := d.err
		if err == nil {
			text, err = find(d.root, r.pointer)
		}
		if err != nil {
			place := strings.TrimPrefix(strings.TrimPrefix(r.scheme.in, "a "), "the ")
			return "", fmt.Errorf("in the JSON of the %s, %w", place, err)
		}
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return "", fmt.Errorf("it is empty (%s)", r.scheme.in)
	case strings.HasPrefix(trimmed, "-----BEGIN "):
		return text, nil
	default:
		return trimmed, nil
	}
}

func (d *document) parse() {
	data := stripJSONC([]byte(d.text))
	root, at := parseJSON(data)
	if d.root = root; root == nil {
		line, column := position(data, at)
		d.err = fmt.Errorf("line %d, column %d is malformed", line, column)
	}
}

var errPointer = errors.New("a JSON pointer is written /name/name, with ~1 for / and ~0 for ~ in a name")

func checkPointer(pointer string) error {
	if pointer != "" && pointer[0] != '/' {
		return errPointer
	}
	for i := range len(pointer) {
		if pointer[i] == '~' && (i+1 == len(pointer) || (pointer[i+1] != '0' && pointer[i+1] != '1')) {
			return errPointer
		}
	}
	return nil
}

// find follows a pointer, as RFC 6901 says, to a text or a number.
func find(n *Node, pointer string) (string, error) {
	for _, name := range strings.Split(pointer, "/")[1:] {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		next, twice := step(n, name)
		switch {
		case twice:
			return "", fmt.Errorf("%s stands twice on the way of the pointer", show(name))
		case next == nil:
			return "", fmt.Errorf("the pointer %s leads nowhere", show(pointer))
		}
		n = next
	}
	if n.Kind != Text && n.Kind != Number {
		return "", fmt.Errorf("the pointer %s leads to %s, and must lead to text or a number", show(pointer), n.Kind)
	}
	return n.Text, nil
}

// step goes to a member or an item; nil if there is none.
func step(n *Node, name string) (next *Node, twice bool) {
	switch n.Kind {
	case Object:
		is := func(m Member) bool { return m.Name == name }
		at := slices.IndexFunc(n.Members, is)
		if at < 0 {
			return nil, false
		}
		return n.Members[at].Value, slices.ContainsFunc(n.Members[at+1:], is)
	case List:
		i, err := strconv.Atoi(name)
		if err == nil && i >= 0 && i < len(n.Items) && strconv.Itoa(i) == name {
			return n.Items[i], false
		}
	default: // nothing is in it
	}
	return nil, false
}
