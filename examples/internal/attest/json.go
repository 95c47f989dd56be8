package attest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// mark is the byte order mark, which some editors write.
const mark = "\ufeff"

func decodeJSON(text []byte) (any, error) {
	plain, err := hujson.Standardize(bytes.Clone(bytes.TrimPrefix(text, []byte(mark))))
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one value")
	}
	return root, nil
}

func jsonItem(a audit.Attestation) string { return fields(a, quote, quote) }

// placesJSON is the end of the key's attestations, or of its entry if it has none.
func placesJSON(text []byte, key, item string) ([][]edit, error) {
	start := 0
	if bytes.HasPrefix(text, []byte(mark)) {
		start = len(mark)
	}
	root, err := hujson.Parse(text[start:])
	if err != nil {
		return nil, err
	}
	entry := jsonEntry(root, key)
	if entry == nil {
		return nil, errKey
	}
	place := jsonEditor{text, start}
	for _, m := range entry.Members {
		if list, ok := m.Value.Value.(*hujson.Array); ok && isName(m.Name, memberAttestations) {
			if len(list.Elements) == 0 {
				return [][]edit{{{start + m.Value.StartOffset + 1, item}}}, nil
			}
			last := list.Elements[len(list.Elements)-1]
			return place.after(last, last, item), nil
		}
	}
	last := entry.Members[len(entry.Members)-1] // it has a name at least
	return place.after(last.Name, last.Value, quote(memberAttestations)+": ["+item+"]"), nil
}

// jsonEntry is the entry of a key; nil if there is none.
func jsonEntry(root hujson.Value, key string) *hujson.Object {
	inventory, _ := root.Value.(*hujson.Object)
	if inventory == nil {
		return nil
	}
	for _, m := range inventory.Members {
		keys, _ := m.Value.Value.(*hujson.Array)
		if keys == nil || !isName(m.Name, memberKeys) {
			continue
		}
		for _, k := range keys.Elements {
			entry, _ := k.Value.(*hujson.Object)
			if entry == nil {
				continue
			}
			for _, field := range entry.Members {
				if name, ok := field.Value.Value.(hujson.Literal); ok && isName(field.Name, memberName) && strings.TrimSpace(name.String()) == key {
					return entry
				}
			}
		}
	}
	return nil
}

func isName(v hujson.Value, name string) bool {
	text, ok := v.Value.(hujson.Literal)
	return ok && text.String() == name
}

type jsonEditor struct {
	text  []byte
	start int // of the offsets that hujson gives
}

// after is where to insert one more member or item after the last one, which begins
// with first and ends with last: on a line of its own if that is, below the comment at
// that line's end.
func (e jsonEditor) after(first, last hujson.Value, added string) [][]edit {
	begin, end := e.start+first.StartOffset, e.start+last.EndOffset
	plain := [][]edit{{{end, ", " + added}}}
	line := bytes.LastIndexByte(e.text[:begin], '\n') + 1
	indent := string(e.text[line:begin])
	if line == 0 || strings.TrimSpace(indent) != "" {
		return plain
	}
	next := lineBreak(e.text) + indent
	rest := e.text[end:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = bytes.TrimSuffix(rest[:i], []byte("\r"))
	}
	comment, comma := bytes.CutPrefix(bytes.TrimSpace(rest), []byte(","))
	if !bytes.HasPrefix(bytes.TrimSpace(comment), []byte("//")) {
		return append([][]edit{{{end, "," + next + added}}}, plain...)
	}
	below := []edit{{end, ","}, {end + len(rest), next + added}}
	if comma {
		below = below[1:]
	}
	return append([][]edit{below}, plain...)
}
