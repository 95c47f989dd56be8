package sources

import (
	"encoding/json"

	"github.com/pelletier/go-toml/v2"
)

// Decoders read bots' files in TOML, for inventory.Options.Decoders.
func Decoders() map[string]func([]byte) ([]byte, error) {
	return map[string]func([]byte) ([]byte, error){".toml": tomlToJSON}
}

// tomlToJSON is the JSON of a TOML text. Its errors may show what they found.
func tomlToJSON(data []byte) ([]byte, error) {
	var root map[string]any
	if err := toml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	return json.Marshal(root)
}
