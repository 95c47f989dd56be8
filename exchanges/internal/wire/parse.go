// Package wire reads exchanges' answers: members by their exact names, duplicate
// members refused, numbers and booleans in the spellings that exchanges use, and
// nothing guessed. It also holds the small parts that requests have in common.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
// whatever their case and let the last of two duplicates win, so an answer could
// hide a permission. Neither happens here.
func Parse(data []byte) (Object, error) {
	members, err := parseMembers(data)
	if err != nil {
		return Object{}, err
	}
	return Object{members: members, err: new(error)}, nil
}

// ParseList reads data as a JSON list of objects, which share one Err.
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

// ParseStrings reads data as a JSON list of strings.
func ParseStrings(data []byte) ([]string, error) {
	var items []*string
	if err := json.Unmarshal(data, &items); err != nil || items == nil || slices.Contains(items, nil) {
		return nil, errStrings
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = *item
	}
	return out, nil
}

var (
	errSyntax  = errors.New("the answer is not the expected JSON object")
	errStrings = errors.New("the answer is not the expected list of strings")
)

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
		if _, duplicate := members[name]; duplicate {
			return nil, fmt.Errorf("the answer has a duplicate member %q", name)
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

// value returns the value that begins here, and moves behind it.
func (s *scanner) value() []byte {
	begin, depth := s.at, 0
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case '"':
			s.quoted()
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 { // behind a number or a word
				return s.data[begin:s.at]
			}
			depth--
		default:
			if depth == 0 && (c == ',' || c <= ' ') { // behind a number or a word
				return s.data[begin:s.at]
			}
			continue
		}
		if depth == 0 { // at the end of a string, an object or a list
			s.at++
			return s.data[begin:s.at]
		}
	}
	return s.data[begin:]
}

// quoted moves to the closing quote of the string that begins here.
func (s *scanner) quoted() {
	for s.at++; s.data[s.at] != '"'; s.at++ {
		if s.data[s.at] == '\\' {
			s.at++
		}
	}
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
