package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// document is the content of a source: one value, or JSON with several.
type document struct {
	text    string
	storage access.Storage

	once sync.Once
	root *Node
	err  error
}

// value returns what a reference points to. Line breaks and spaces around a
// value belong to the file and are removed; PEM is left as it is.
func (d *document) value(r reference) (string, error) {
	text, err := d.find(r.pointer)
	trimmed := strings.TrimSpace(text)
	if err == nil && keytext.Trim(text) == "" {
		err = errors.New("the value is empty")
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("%w (source: %s)", err, r.scheme.title)
	case strings.HasPrefix(trimmed, "-----BEGIN "):
		return text, nil
	default:
		return trimmed, nil
	}
}

// find follows a JSON pointer. An empty one means the whole text.
func (d *document) find(pointer string) (string, error) {
	if pointer == "" {
		return d.text, nil
	}
	d.once.Do(d.parse)
	if d.err != nil {
		return "", d.err
	}
	return find(d.root, pointer)
}

func (d *document) parse() {
	data := stripJSONC([]byte(d.text))
	root, at := parseJSON(data)
	if d.root = root; root == nil {
		line, column := position(data, at)
		d.err = fmt.Errorf("the JSON is malformed at line %d, column %d", line, column)
	}
}

var errPointer = errors.New("malformed JSON pointer: write /name/name, with ~1 for / and ~0 for ~ in a name")

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

// find follows a JSON pointer (RFC 6901) to a text or a number.
func find(n *Node, pointer string) (string, error) {
	for _, name := range strings.Split(pointer, "/")[1:] {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		next, again := step(n, name)
		switch {
		case again:
			return "", fmt.Errorf("duplicate field %s on the path of the JSON pointer", show(name))
		case next == nil:
			return "", fmt.Errorf("the JSON pointer %s matches nothing", show(pointer))
		}
		n = next
	}
	if n.Kind != Text && n.Kind != Number {
		return "", fmt.Errorf("the JSON pointer %s must lead to text or a number, not %s", show(pointer), n.Kind)
	}
	return n.Text, nil
}

// step goes to a member or an item; nil if there is none. Again means that
// there are several members of that name.
func step(n *Node, name string) (next *Node, again bool) {
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
	default: // a value without members
	}
	return nil, false
}
