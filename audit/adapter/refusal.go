package adapter

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var addressLike = regexp.MustCompile(`[0-9A-Za-z:.]*[.:][0-9A-Za-z:.]+`)

// takeAddress moves addresses out of the exchange's words: the one it refused is
// a fact, and the others are nobody's business.
func takeAddress(e *access.Error) {
	e.Message = addressLike.ReplaceAllStringFunc(e.Message, func(word string) string {
		text, addr := findAddress(word)
		if text == "" {
			return word
		}
		if !e.Address.IsValid() && (e.Kind == access.KindIPNotAllowed || e.Kind == access.KindAmbiguous) {
			e.Address = addr
		}
		return strings.Replace(word, text, "[address]", 1)
	})
}

// findAddress finds the address in a word, which may also hold a label, a port
// and the full stop of a sentence: "ip:203.0.113.7:443.".
func findAddress(word string) (text string, addr netip.Addr) {
	word = strings.Trim(word, ".")
	_, unlabelled, _ := strings.Cut(word, ":")
	candidates := append(
		[]string{word, strings.TrimSuffix(word, ":"), unlabelled, strings.TrimSuffix(unlabelled, ":")},
		strings.Split(word, ":")...,
	)
	for _, text := range candidates {
		text = strings.Trim(text, ".")
		addr, err := netip.ParseAddr(text)
		if err == nil && !addr.IsUnspecified() && strings.ContainsAny(text, "0123456789") { // Abc::Def is a name
			return text, addr.Unmap()
		}
	}
	return "", netip.Addr{}
}
