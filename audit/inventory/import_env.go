package inventory

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// The formats whose keys are environment variables, named after the exchange.
// They read a .env file too, if they are given one.
var (
	environment = Format{Name: "env", Title: "environment variables", Environ: true, Read: variablesIn(".env")}
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

// variableEnd splits a name into what it is named after and what it holds. A
// number may stand behind both.
func variableEnd(name string) (prefix string, part keyPart) {
	number := trailingNumber.FindString(name)
	name = strings.TrimSuffix(name, number)
	longest := ""
	for end, p := range variableEnds {
		if len(end) > len(longest) && len(name) > len(end) && strings.HasSuffix(name, end) {
			longest, part = end, p
		}
	}
	return strings.TrimSuffix(name, longest) + number, part
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
		byPrefix := map[variableID]*variableKey{}
		for _, v := range variables {
			prefix, part := variableEnd(v.Name)
			odd := part == noPart
			value := strings.TrimSpace(v.Value.Reveal())
			if odd && len(value) >= shortestKey {
				prefix, part = oddVariable(v.Name)
			}
			if part == noPart || value == "" || part != passphrasePart && isUnset(value, nil) { // people choose passphrases
				continue
			}
			id := variableID{prefix, odd}
			k := byPrefix[id]
			if k == nil {
				k = &variableKey{prefix: prefix, path: path, odd: odd}
				keys = append(keys, k)
				byPrefix[id] = k
			}
			k.add(part, v)
		}
		var out []Found
		var problems Problems
		for _, k := range keys {
			if found, ok := k.found(f.options.Exchanges); ok {
				out = append(out, found)
				if found.Skip == "" {
					problems = append(problems, k.problems...)
				}
			}
		}
		return out, problems.err()
	}
}

// oddWord is a word that says what a variable holds, in a name that ends like
// none that is known: BYBIT_KEY_MAIN.
var oddWord = regexp.MustCompile(`^(?:API)?(?:KEY|SECRET)[0-9]*$`)

// shortestKey tells a key from the other values of such names, a version or a
// number: in bytes, and no exchange's is as short.
const shortestKey = 12

// oddVariable is variableEnd for such a name.
func oddVariable(name string) (prefix string, part keyPart) {
	var rest []string
	for word := range strings.SplitSeq(name, "_") {
		switch {
		case !oddWord.MatchString(word):
			rest = append(rest, word)
		case part == noPart && strings.Contains(word, "KEY"):
			part = keyItself
		default:
			part = secretPart
		}
	}
	return strings.Join(rest, "_"), part
}

// isOfExchange: the first words of the name are those of an exchange whose keys are no
// wallets, as in BYBIT_MAIN.
func isOfExchange(name string, exchanges []*adapter.Exchange) bool {
	for end := min(len(name), longestShown); end > 0; end = strings.LastIndexByte(name[:end], '_') {
		if place, known := placeOf(name[:end], exchanges); known {
			return !place.wallet
		}
	}
	return false
}

type variableID struct {
	prefix string
	odd    bool
}

// variableKey is the variables that are named after one thing.
type variableKey struct {
	prefix, path string
	odd          bool // nobody can say for sure what the variables hold
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

var trailingNumber = regexp.MustCompile(`_[0-9]+$`) // several keys of one exchange

// found is the key, and whether it is one. What is not named after an exchange is
// one only if it has both an API key and a secret; then its owner is told that
// nobody can say whose it is, for a guess would show the key to a stranger.
func (k *variableKey) found(exchanges []*adapter.Exchange) (Found, bool) {
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
	case k.odd:
		found.Skip = "its variables are not called as a key's are: put it into an inventory, which says what each one is"
		return found, isOfExchange(found.Exchange, exchanges)
	case known && place.wallet:
		found.Skip = byWallet
		return found, true
	case known:
		return found, !key.isZero() || !secret.isZero()
	default:
		found.Skip = "no exchange is called like its variables: put it into an inventory, which says whose it is"
		whole := strings.Contains(k.names[keyItself], "_API") && !secret.isZero()
		return found, whole || isOfExchange(found.Exchange, exchanges) && (!key.isZero() || !secret.isZero())
	}
}
