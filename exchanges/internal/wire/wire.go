// Package wire reads exchanges' answers: members by their exact names, doubled
// members refused, numbers and booleans in the spellings exchanges use, and
// nothing guessed.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Object is a JSON object of an answer. Its getters report false for a member
// that is missing or null, and note a member of the wrong type, which Err
// returns: an answer that isn't as documented is not understood.
type Object struct {
	members map[string]json.RawMessage
	err     *error
}

// Parse reads data as one JSON object. encoding/json would match names
// whatever their case and let the last of two win, by which an answer could
// mask a permission; so does neither here.
func Parse(data []byte) (Object, error) {
	members, err := parseMembers(data)
	if err != nil {
		return Object{}, err
	}
	return Object{members: members, err: new(error)}, nil
}

var errSyntax = errors.New("the answer is not the JSON object it should be")

// parseMembers cuts one JSON object into its members. The values are parts of
// data and not copies.
func parseMembers(data []byte) (map[string]json.RawMessage, error) {
	s := scanner{data: data}
	if !json.Valid(data) || s.space() != '{' {
		return nil, errSyntax
	}
	members := make(map[string]json.RawMessage, min(bytes.Count(data, []byte(`":`)), 32))
	for s.at++; s.space() != '}'; {
		if data[s.at] == ',' {
			s.at++
			s.space()
		}
		name, err := unquote(s.value())
		if err != nil {
			return nil, errSyntax
		}
		s.space()
		s.at++ // the colon
		s.space()
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("the answer has the member %q twice", name)
		}
		members[name] = s.value()
	}
	return members, nil
}

// scanner walks over data that is known to be valid JSON.
type scanner struct {
	data []byte
	at   int
}

// space skips white space and returns what follows.
func (s *scanner) space() byte {
	for s.data[s.at] <= ' ' {
		s.at++
	}
	return s.data[s.at]
}

// value takes the value that begins here.
func (s *scanner) value() []byte {
	begin, depth := s.at, 0
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; {
		case c == '"':
			for s.at++; s.data[s.at] != '"'; s.at++ {
				if s.data[s.at] == '\\' {
					s.at++
				}
			}
			if depth == 0 {
				s.at++
				return s.data[begin:s.at]
			}
		case c == '{' || c == '[':
			depth++
		case (c == '}' || c == ']') && depth > 1:
			depth--
		case (c == '}' || c == ']') && depth == 1:
			s.at++
			return s.data[begin:s.at]
		case depth == 0 && (c == ',' || c == '}' || c <= ' '): // the end of a number or a word
			return s.data[begin:s.at]
		}
	}
	return s.data[begin:]
}

// unquote reads a JSON string; most need no decoding.
func unquote(v []byte) (string, error) {
	if inner := v[1 : len(v)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), nil
	}
	var s string
	err := json.Unmarshal(v, &s)
	return s, err
}

// Err returns the first member that had the wrong type.
func (o Object) Err() error {
	if o.err == nil {
		return nil
	}
	return *o.err
}

func (o Object) wrong(name, want string) {
	if o.err != nil && *o.err == nil {
		*o.err = fmt.Errorf("the member %q of the answer is not %s", name, want)
	}
}

// raw returns a member that is present and not null.
func (o Object) raw(name string) (json.RawMessage, bool) {
	v, ok := o.members[name]
	return v, ok && string(v) != "null"
}

// Has reports whether a member is present, even as null.
func (o Object) Has(name string) bool { _, ok := o.members[name]; return ok }

// IsNull reports whether a member is present as null.
func (o Object) IsNull(name string) bool {
	v, ok := o.members[name]
	return ok && string(v) == "null"
}

// Names lists the members, in no order.
func (o Object) Names() []string {
	names := make([]string, 0, len(o.members))
	for name := range o.members {
		names = append(names, name)
	}
	return names
}

// Object returns a member that is an object.
func (o Object) Object(name string) (Object, bool) {
	v, ok := o.raw(name)
	if !ok {
		return Object{err: o.err}, false
	}
	members, err := parseMembers(v)
	if err != nil {
		o.wrong(name, "a JSON object without doubled members")
		return Object{err: o.err}, false
	}
	return Object{members: members, err: o.err}, true
}

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

// ParseList reads data as a JSON list of objects.
func ParseList(data []byte) ([]Object, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil || items == nil {
		return nil, errSyntax
	}
	shared := new(error)
	out := make([]Object, len(items))
	for i, item := range items {
		members, err := parseMembers(item)
		if err != nil {
			return nil, err
		}
		out[i] = Object{members: members, err: shared}
	}
	return out, nil
}

// Text returns a member that is a string or a number, as text.
func (o Object) Text(name string) (string, bool) {
	v, ok := o.raw(name)
	if !ok {
		return "", false
	}
	s, ok := text(v)
	if !ok {
		o.wrong(name, "text or a number")
	}
	return s, ok
}

func text(v json.RawMessage) (string, bool) {
	if v[0] == '"' {
		s, err := unquote(v)
		return s, err == nil
	}
	if v[0] == '-' || (v[0] >= '0' && v[0] <= '9') {
		return string(v), true
	}
	return "", false
}

// Bool returns a member that is true or false, also written as 1 or 0 and as
// text.
func (o Object) Bool(name string) (value, ok bool) {
	v, ok := o.raw(name)
	if !ok {
		return false, false
	}
	switch v = bytes.Trim(v, `"`); {
	case bytes.EqualFold(v, []byte("true")), string(v) == "1":
		return true, true
	case bytes.EqualFold(v, []byte("false")), string(v) == "0":
		return false, true
	}
	o.wrong(name, "true or false")
	return false, false
}

// Int returns a member that is a whole number, also written as text.
func (o Object) Int(name string) (int64, bool) {
	s, ok := o.Text(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil { // its text would print the value
		o.wrong(name, "a whole number")
		return 0, false
	}
	return n, true
}

// Strings returns a member that is a list of strings.
func (o Object) Strings(name string) ([]string, bool) {
	v, ok := o.raw(name)
	if !ok {
		return nil, false
	}
	var items []*string
	if err := json.Unmarshal(v, &items); err != nil || items == nil {
		o.wrong(name, "a list of texts")
		return nil, false
	}
	out := make([]string, len(items))
	for i, item := range items {
		if item == nil {
			o.wrong(name, "a list of texts")
			return nil, false
		}
		out[i] = *item
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

// Millis returns a member that is Unix milliseconds. Zero and negative values
// mean not told.
func (o Object) Millis(name string) (time.Time, bool) { return o.unix(name, time.UnixMilli) }

// Seconds returns a member that is Unix seconds. Zero and negative values mean
// not told.
func (o Object) Seconds(name string) (time.Time, bool) {
	return o.unix(name, func(n int64) time.Time { return time.Unix(n, 0) })
}

func (o Object) unix(name string, at func(int64) time.Time) (time.Time, bool) {
	n, ok := o.Int(name)
	if !ok || n <= 0 {
		return time.Time{}, false
	}
	t := at(n).UTC()
	if t.Year() < 2000 || t.Year() > 2200 { // another unit than documented
		o.wrong(name, "a time in the documented unit")
		return time.Time{}, false
	}
	return t, true
}

// RFC3339 returns a member that is an RFC 3339 time. The Unix epoch and
// earlier mean not told.
func (o Object) RFC3339(name string) (time.Time, bool) {
	s, ok := o.Text(name)
	if !ok || s == "" {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		o.wrong(name, "an RFC 3339 time")
		return time.Time{}, false
	}
	if t.Unix() <= 0 {
		return time.Time{}, false
	}
	return t.UTC(), true
}
