package inventory

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// The formats whose keys are environment variables, named after the venue.
// They read a .env file too, if they are given one.
var (
	environment = Format{Name: "env", Title: "environment variables", Environ: true, Read: variablesIn(".env")}
	bbgo        = Format{Name: "bbgo", Title: "bbgo's .env.local", Environ: true, Read: variablesIn(".env.local")}
	nautilus    = Format{Name: "nautilus", Title: "NautilusTrader's environment", Environ: true, Read: variablesIn(".env")}
)

// keyPart is which part of a key a variable holds.
type keyPart uint8

const (
	noPart keyPart = iota
	keyItself
	secretPart
	passphrasePart
	walletPart // a private key that is no API key
)

// variableEnds are how the names of variables end, in the spellings that
// audit.FromEnv takes. The longest that fits counts.
var variableEnds = map[string]keyPart{
	"_API_KEY": keyItself, "_APIKEY": keyItself, "_KEY": keyItself,
	"_API_SECRET": secretPart, "_SECRET": secretPart, "_SECRET_KEY": secretPart, "_API_PRIVATE_KEY": secretPart,
	"_API_PASSPHRASE": passphrasePart, "_PASSPHRASE": passphrasePart, "_API_PASSWORD": passphrasePart,
	"_PK": walletPart, "_PRIVATE_KEY": walletPart, "_SESSION_PRIVATE_KEY": walletPart,
}

// variableEnd splits a name into what it is named after and what it holds.
func variableEnd(name string) (prefix string, part keyPart) {
	longest := ""
	for end, p := range variableEnds {
		if len(end) > len(longest) && len(name) > len(end) && strings.HasSuffix(name, end) {
			longest, part = end, p
		}
	}
	return strings.TrimSuffix(name, longest), part
}

// variablesIn reads a file of that name, or the environment.
func variablesIn(file string) func(*Files) ([]Found, error) {
	return func(f *Files) ([]Found, error) {
		path := f.Find(file)
		variables, err := f.Variables(path)
		if err != nil {
			return nil, err
		}
		var keys []*variableKey // by their first variable
		byPrefix := map[string]*variableKey{}
		for _, v := range variables {
			prefix, part := variableEnd(v.Name)
			if part == noPart || isUnset(strings.TrimSpace(v.Value.Reveal()), nil) {
				continue
			}
			k := byPrefix[prefix]
			if k == nil {
				k = &variableKey{prefix: prefix, path: path}
				keys = append(keys, k)
				byPrefix[prefix] = k
			}
			k.add(part, v)
		}
		var out []Found
		var problems Problems
		for _, k := range keys {
			if found, ok := k.found(f.options.Exchanges); ok {
				out = append(out, found)
				problems = append(problems, k.problems...)
			}
		}
		return out, problems.err()
	}
}

// variableKey is the variables that are named after one thing.
type variableKey struct {
	prefix, path string
	parts        [walletPart + 1]Part
	names        [walletPart + 1]string // of the variables that hold them
	problems     Problems
}

// add takes a variable. Two spellings with different values are a mistake, as
// in audit.FromEnv.
func (k *variableKey) add(part keyPart, v Variable) {
	switch p := &k.parts[part]; {
	case p.isZero():
		*p, k.names[part] = Part{Value: v.Value, File: k.path, Line: v.Line, Column: min(1, v.Line), Environ: k.path == ""}, v.Name
	case !p.Value.Equal(v.Value):
		text := fmt.Sprintf("%s and %s are both set and differ: unset one", show(k.names[part]), show(v.Name))
		k.problems = append(k.problems, Problem{File: k.path, Line: v.Line, Column: min(1, v.Line), Text: text})
	}
}

var trailingNumber = regexp.MustCompile(`_[0-9]+$`) // several keys of one venue

// found is the key, and whether it is one. What is not named after a venue is
// one only if it has both an API key and a secret; then its owner is told that
// nobody can say whose it is, for a guess would show the key to a stranger.
func (k *variableKey) found(exchanges []*audit.Exchange) (Found, bool) {
	key, secret := k.parts[keyItself], k.parts[secretPart]
	var first Part
	for _, part := range []Part{key, secret, k.parts[walletPart]} {
		if first.isZero() {
			first = part
		}
	}
	found := Found{
		Name:     strings.ToLower(strings.ReplaceAll(k.prefix, "_", "-")),
		Exchange: trailingNumber.ReplaceAllString(k.prefix, ""),
		Key:      key, Secret: secret, Passphrase: k.parts[passphrasePart],
		File: k.path, Line: first.Line, Column: first.Column,
	}
	place, known := placeOf(found.Exchange, exchanges)
	switch {
	case known && place.wallet:
		found.Skip = byWallet
		return found, true
	case known:
		return found, !key.isZero() || !secret.isZero()
	default:
		found.Skip = "no venue is called like its variables: put it into an inventory, which says whose it is"
		return found, strings.Contains(k.names[keyItself], "_API") && !secret.isZero()
	}
}
