package wire

import "encoding/json"

// Texts returns a member that is a list of strings or numbers, as texts.
func (o Object) Texts(name string) ([]string, bool) {
	v, ok := o.raw(name)
	if !ok {
		return nil, false
	}
	var items []json.RawMessage
	if err := json.Unmarshal(v, &items); err != nil || items == nil {
		o.wrong(name, "a list of texts or numbers")
		return nil, false
	}
	out := make([]string, len(items))
	for i, item := range items {
		if out[i], ok = text(item); !ok {
			o.wrong(name, "a list of texts or numbers")
			return nil, false
		}
	}
	return out, true
}
