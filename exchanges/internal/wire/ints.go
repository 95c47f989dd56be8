package wire

import "encoding/json"

// Ints returns a member that is a list of whole numbers.
func (o Object) Ints(name string) ([]int64, bool) {
	v, ok := o.raw(name)
	if !ok {
		return nil, false
	}
	var items []*int64
	if err := json.Unmarshal(v, &items); err != nil || items == nil {
		o.wrong(name, "a list of whole numbers")
		return nil, false
	}
	out := make([]int64, len(items))
	for i, item := range items {
		if item == nil {
			o.wrong(name, "a list of whole numbers")
			return nil, false
		}
		out[i] = *item
	}
	return out, true
}
