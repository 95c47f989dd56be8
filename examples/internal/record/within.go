package record

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// A text of an answer may hold JSON in base64, or a list of texts with commas, and that may
// hold the like again. What is within is learned and replaced as if it stood there by itself.

// within is what a text holds, as JSON, and how it is written there; nil if the text holds
// nothing.
func within(text string) (body []byte, wrap func(body []byte) string) {
	raw, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil || len(raw) == 0 || bytes.ContainsFunc(raw, func(c rune) bool { return c < ' ' || c > '~' }):
		return nil, nil
	case (raw[0] == '[' || raw[0] == '{') && json.Valid(raw):
		return raw, base64.StdEncoding.EncodeToString
	}
	body, _ = json.Marshal(strings.Split(string(raw), ","))
	return body, func(body []byte) string {
		var list []string
		_ = json.Unmarshal(body, &list) // what was a list of texts still is
		return base64.StdEncoding.EncodeToString([]byte(strings.Join(list, ",")))
	}
}

// opened puts what texts hold in their place. What is within that, at any depth, stands
// beside it: trees have no end.
func opened(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = opened(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = opened(v[i])
		}
		return out
	case string:
		if list := held(v); list != nil {
			return list
		}
	}
	return v
}

// held are the parts of what a text holds, and of all that is within them.
func held(text string) []any {
	body, _ := within(text)
	if body == nil {
		return nil
	}
	v, _ := decode(body)
	list, is := v.([]any)
	if !is {
		list = []any{v}
	}
	for _, part := range list {
		for _, members := range membersOf([]any{part}) {
			for _, member := range members {
				if text, is := member.(string); is {
					list = append(list, held(text)...)
				}
			}
		}
	}
	return list
}

// string replaces a text, or what it holds.
func (w *rewriter) string(text string, at *schema) string {
	body, wrap := within(text)
	if body == nil || slices.ContainsFunc(w.pins, func(p pin) bool { return p.from == text }) { // some keys are named in base64
		return w.replacer.value(text, at)
	}
	inner := &rewriter{replacer: w.replacer, in: json.NewDecoder(bytes.NewReader(body)), out: &bytes.Buffer{}, tree: at}
	if w.tree != nil {
		inner.tree = w.tree
	}
	inner.in.UseNumber()
	if at = inner.tree; body[0] != '[' {
		at = at.item()
	}
	inner.value(at)
	return w.note(text, wrap(inner.out.Bytes()))
}
