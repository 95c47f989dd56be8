package inventory

import (
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// placeholder says why the value of a part is none; it is empty if it may be one. The
// name is the inventory's.
func placeholder(part, value string) string {
	switch part {
	case "key", "secret", "private":
		return keytext.Placeholder(value)
	case "account":
		return keytext.Account(value)
	case "proxy":
		return ""
	default: // people choose these
		return keytext.Template(value)
	}
}

// withoutPlaceholders empties the parts that hold references of other tools or
// words of samples, which must not be sent, and notes why.
func (f *Found) withoutPlaceholders() {
	for part, p := range map[string]*Part{"key": &f.Key, "secret": &f.Secret, "passphrase": &f.Passphrase, "account": &f.Account, "private": &f.private} {
		if p.none = placeholder(part, p.Value.Reveal()); p.none != "" {
			p.Value = adapter.Secret{}
		}
	}
}

// noValue says, as a clause, which part has something else in its place.
func (f *Found) noValue() string {
	for _, p := range []struct {
		name string
		Part
	}{{"API key", f.Key}, {"secret", f.Secret}, {"passphrase", f.Passphrase}} {
		if p.none != "" {
			return "its " + p.name + " " + filled(p.none)
		}
	}
	return ""
}

// filled is why a value is none, with what to do, which some say themselves.
func filled(none string) string {
	if none == "" || strings.Contains(none, ": ") {
		return none
	}
	return none + ": put the value itself there, or list the key in an inventory"
}
