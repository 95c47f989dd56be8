package wire

import (
	"encoding/json"
	"errors"
)

var errStrings = errors.New("the answer is not the list of texts it should be")

// ParseStrings reads data as a JSON list of strings.
func ParseStrings(data []byte) ([]string, error) {
	var items []*string
	if err := json.Unmarshal(data, &items); err != nil || items == nil {
		return nil, errStrings
	}
	out := make([]string, len(items))
	for i, item := range items {
		if item == nil {
			return nil, errStrings
		}
		out[i] = *item
	}
	return out, nil
}
