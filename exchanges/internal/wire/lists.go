package wire

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Objects returns a member that is a list of objects.
func (o Object) Objects(name string) ([]Object, bool) {
	v, ok := o.raw(name)
	if !ok {
		return nil, false
	}
	out, err := ParseList(v)
	if err != nil {
		o.wrong(name, "a list of JSON objects")
		return nil, false
	}
	for i := range out {
		out[i].err = o.err
	}
	return out, true
}

// Strings returns a member that is a list of strings.
func (o Object) Strings(name string) ([]string, bool) {
	return list(o, name, "a list of strings", func(v json.RawMessage) (string, bool) {
		s, ok := text(v)
		return s, ok && v[0] == '"'
	})
}

// Texts returns a member that is a list of strings or numbers, as text.
func (o Object) Texts(name string) ([]string, bool) {
	return list(o, name, "a list of strings or numbers", text)
}

// TextOrTexts returns a member that is a text, or a list of them.
func (o Object) TextOrTexts(name string) ([]string, bool) {
	if v, ok := o.raw(name); ok && v[0] == '[' {
		return o.Texts(name)
	}
	one, ok := o.Text(name)
	return []string{one}, ok
}

// Ints returns a member that is a list of whole numbers.
func (o Object) Ints(name string) ([]int64, bool) {
	return list(o, name, "a list of whole numbers", func(v json.RawMessage) (int64, bool) {
		n, err := strconv.ParseInt(string(v), 10, 64)
		return n, err == nil
	})
}

// list returns a member that is a list of what read reads.
func list[T any](o Object, name, want string, read func(json.RawMessage) (T, bool)) ([]T, bool) {
	v, ok := o.raw(name)
	if !ok {
		return nil, false
	}
	var items []json.RawMessage
	if err := json.Unmarshal(v, &items); err != nil || items == nil {
		o.wrong(name, want)
		return nil, false
	}
	out := make([]T, len(items))
	for i, item := range items {
		if out[i], ok = read(item); !ok {
			o.wrong(name, want)
			return nil, false
		}
	}
	return out, true
}

// Commas returns a member that is comma-separated text, its parts trimmed and
// the empty ones dropped.
func (o Object) Commas(name string) ([]string, bool) {
	s, ok := o.Text(name)
	if !ok {
		return nil, false
	}
	out := []string{}
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out, true
}

// Flags reads the members that are switches, by their names, as the states of
// permissions; one that is null is unknown.
func (o Object) Flags(isFlag func(name string) bool) map[string]access.State {
	states := map[string]access.State{}
	for _, name := range o.Names() {
		if !isFlag(name) {
			continue
		}
		states[name] = access.Unknown
		if on, ok := o.Bool(name); ok {
			states[name] = access.StateOf(on)
		}
	}
	return states
}

// ErrNoPermission is the reason when an answer reports no permission at all.
var ErrNoPermission = errors.New("the answer reports no permission")
