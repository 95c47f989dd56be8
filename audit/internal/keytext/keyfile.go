package keytext

import (
	"encoding/json"
	"strings"
)

// File is a key file as exchanges offer it for download: Coinbase's
// {"name": …, "privateKey": …}, or {"id": …, "privateKey": …}. Other programs write
// the parts under other names.
type File struct{ Key, Secret string }

// The names of the parts, letters only and small.
var (
	fileKeys    = map[string]bool{"name": true, "id": true, "apikey": true, "key": true, "accesskey": true, "apikeyid": true, "apikeyname": true, "keyname": true}
	fileSecrets = map[string]bool{"privatekey": true, "secret": true, "apisecret": true, "secretkey": true, "apikeysecret": true, "apiprivatekey": true}
)

// ReadFile reads a key file that was pasted whole. It must name both parts, each
// once.
func ReadFile(text string) (f File, ok bool) {
	text = strings.Trim(Trim(text), "'`")
	if !strings.HasPrefix(text, "{") {
		return f, false
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return f, false
	}
	for name, value := range members {
		part := (*string)(nil)
		switch name = strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name)); {
		case fileKeys[name]:
			part = &f.Key
		case fileSecrets[name]:
			part = &f.Secret
		default:
			continue
		}
		text, is := value.(string)
		if !is || text == "" || *part != "" && *part != text { // it would be unclear which is meant
			return File{}, false
		}
		*part = text
	}
	return f, f.Key != "" && f.Secret != ""
}
