// Package attest writes an owner's attestation into the text of an inventory, JSON
// with comments or YAML. Everything else in the text stays as it is, byte for byte:
// comments, order, blank lines and line endings.
package attest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// errKey is that no entry of the text has the key's name.
var errKey = errors.New("the inventory has no entry of that name")

// edit is a text to insert at an offset.
type edit struct {
	at   int
	text string
}

// language is how an inventory is written.
type language struct {
	decode func([]byte) (any, error)
	item   func(audit.Attestation) string // the attestation, on one line
	// places are where an attestation of a key can be inserted, the best first; each is
	// one or more edits in the order of the text.
	places func(text []byte, key, item string) ([][]edit, error)
}

var (
	jsonc = language{decodeJSON, jsonItem, placesJSON}
	yamls = language{decodeYAML, yamlItem, placesYAML}
)

// Add returns the text of the inventory at path with one more attestation of the key.
// Its form is what the path's ending says, as in sources.Read. The text must be one
// that can be read. What is returned reads as before but for the attestation; where no
// place for it is found, the error has the line to insert by hand.
func Add(text []byte, path, key string, a audit.Attestation) ([]byte, error) {
	how := jsonc
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		how = yamls
	}
	item := how.item(a)
	byHand := fmt.Errorf("the entry cannot be edited safely: add this to its attestations by hand: %s", item)
	before, err := how.decode(text)
	if err != nil {
		return nil, byHand
	}
	places, err := how.places(text, key, item)
	if errors.Is(err, errKey) {
		return nil, err
	}
	want, _ := how.decode([]byte(item))
	for _, place := range places {
		out := insert(text, place)
		after, err := how.decode(out)
		if err == nil && addsOnly(before, after, key, want) {
			return out, nil
		}
	}
	return nil, byHand
}

// insert makes the edits, which are in the order of the text.
func insert(text []byte, edits []edit) []byte {
	var out bytes.Buffer
	last := 0
	for _, e := range edits {
		out.Write(text[last:e.at])
		out.WriteString(e.text)
		last = e.at
	}
	out.Write(text[last:])
	return out.Bytes()
}

const (
	memberKeys         = "keys"
	memberName         = "name"
	memberAttestations = "attestations"
)

// addsOnly reports whether two inventories differ in the attestation of the key and
// nothing else. It changes the second.
func addsOnly(before, after any, key string, item any) bool {
	was, is := entryOf(before, key), entryOf(after, key)
	if was == nil || is == nil {
		return false
	}
	old, had := was[memberAttestations].([]any)
	list, _ := is[memberAttestations].([]any)
	at := slices.IndexFunc(list, func(x any) bool { return reflect.DeepEqual(x, item) })
	if len(list) != len(old)+1 || at < 0 {
		return false
	}
	if delete(is, memberAttestations); had {
		is[memberAttestations] = slices.Delete(list, at, at+1)
	}
	return reflect.DeepEqual(before, after)
}

// entryOf is the entry of a key; nil if there is none.
func entryOf(root any, key string) map[string]any {
	inventory, _ := root.(map[string]any)
	keys, _ := inventory[memberKeys].([]any)
	for _, k := range keys {
		if entry, ok := k.(map[string]any); ok {
			if name, _ := entry[memberName].(string); strings.TrimSpace(name) == key {
				return entry
			}
		}
	}
	return nil
}

// fields writes the attestation's fields in the inventory's order, each name as the
// language has it.
func fields(a audit.Attestation, name, date func(string) string) string {
	out := []string{
		name("rule") + ": " + name(a.Rule), name("statement") + ": " + quote(a.Statement), name("by") + ": " + quote(a.By),
		name("at") + ": " + date(a.At.UTC().Format(time.DateOnly)), name("until") + ": " + date(a.Until.UTC().Format(time.DateOnly)),
	}
	if len(a.Covers) > 0 {
		covers := make([]string, len(a.Covers))
		for i := range a.Covers {
			covers[i] = quote(a.Covers[i])
		}
		out = append(out, name("covers")+": ["+strings.Join(covers, ", ")+"]")
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// quote is a text as JSON has it, and YAML too.
func quote(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text always can be
	return strings.TrimSuffix(out.String(), "\n")
}

// lineBreak is how the text's lines end.
func lineBreak(text []byte) string {
	if bytes.Contains(text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}
