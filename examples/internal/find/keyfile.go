package find

import (
	"regexp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Coinbase's key files call the key's id "id" or "name", as many things are called, and
// since Ed25519 it is a UUID, as many things are. Beside a private key of Coinbase's form
// it is a key: {"id": "…", "privateKey": "…"}. Source: docs.cdp.coinbase.com, API keys.

var (
	keyFileNames = []string{"id", "name"}
	keyFileForm  = regexp.MustCompile(`^` + b64 + `{86}==$`)
)

// labelled notes what may be the id of a key file.
func (s *scanner) labelled(folded, text string, at argument) {
	if slices.Contains(keyFileNames, folded) && isUUID.MatchString(text) {
		at.text = strings.Clone(text)
		s.top.label = at
	}
}

// keyFiles takes the ids of key files, which are none elsewhere.
func (f *file) keyFiles() {
	var ids []*half
	for _, h := range f.halves {
		label := h.frame.label
		if label.text == "" || h.positional || f.names.fold(h.name) != "privatekey" || !keyFileForm.MatchString(h.value.Reveal()) {
			continue
		}
		ids = append(ids, &half{
			part: adapter.KeyPart, name: "id", value: adapter.NewSecret(label.text), size: len(label.text), frame: h.frame, line: h.line, column: label.column, keyFile: true,
		})
	}
	f.halves = append(f.halves, ids...)
}
