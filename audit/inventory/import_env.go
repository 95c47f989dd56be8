package inventory

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// The formats whose keys are environment variables named after the exchange.
// They also read a .env file.
var (
	environment = Format{Name: "env", Title: "environment variables", Environ: true, Read: variablesIn(".env")}
	nautilus    = Format{Name: "nautilus", Title: "NautilusTrader's environment", Environ: true, Read: variablesIn(".env")}
)

// keyPart is the part of a key that a variable holds.
type keyPart uint8

const (
	noPart keyPart = iota
	apiKeyPart
	secretPart
	passphrasePart
	walletPart // a wallet's private key
)

// variableSuffixes are the endings of variables' names, in the spellings of
// audit.FromEnv. The longest match counts.
var variableSuffixes = map[string]keyPart{
	"_API_KEY": apiKeyPart, "_APIKEY": apiKeyPart, "_KEY": apiKeyPart,
	"_API_SECRET": secretPart, "_SECRET": secretPart, "_SECRET_KEY": secretPart, "_API_PRIVATE_KEY": secretPart,
	"_API_PASSPHRASE": passphrasePart, "_PASSPHRASE": passphrasePart, "_API_PASSWORD": passphrasePart,
	"_PK": walletPart, "_PRIVATE_KEY": walletPart, "_SESSION_PRIVATE_KEY": walletPart,
}

// splitVariable splits a name into what it is named after and the part it holds.
// A number may follow either.
func splitVariable(name string) (prefix string, part keyPart) {
	number := trailingNumber.FindString(name)
	name = strings.TrimSuffix(name, number)
	longest := ""
	for suffix, p := range variableSuffixes {
		if len(suffix) > len(longest) && len(name) > len(suffix) && strings.HasSuffix(name, suffix) {
			longest, part = suffix, p
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
		var out []Found
		var problems Problems
		for _, k := range groupVariables(variables, path) {
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

// groupVariables puts together the variables that hold the parts of one key, in
// the order of the first of them.
func groupVariables(variables []Variable, path string) []*variableKey {
	type id struct {
		prefix string
		vague  bool
	}
	var keys []*variableKey
	byID := map[id]*variableKey{}
	for _, v := range variables {
		prefix, part := splitVariable(v.Name)
		vague := part == noPart
		value := strings.TrimSpace(v.Value.Reveal())
		if vague && len(value) >= shortestKey {
			prefix, part = splitVagueVariable(v.Name)
		}
		if part == noPart || value == "" || part != passphrasePart && isPlaceholder(value, nil) { // people choose passphrases
			continue
		}
		k := byID[id{prefix, vague}]
		if k == nil {
			k = &variableKey{prefix: prefix, path: path, vague: vague}
			keys = append(keys, k)
			byID[id{prefix, vague}] = k
		}
		k.add(part, v)
	}
	return keys
}

// vagueWord says which part of a key a variable holds if its name has no known
// suffix: BYBIT_KEY_MAIN.
var vagueWord = regexp.MustCompile(`^(?:API)?(?:KEY|SECRET)[0-9]*$`)

// shortestKey is the least number of bytes in a key. Shorter values of such
// variables are versions or numbers.
const shortestKey = 12

// splitVagueVariable is splitVariable for a name without a known suffix.
func splitVagueVariable(name string) (prefix string, part keyPart) {
	var rest []string
	for word := range strings.SplitSeq(name, "_") {
		switch {
		case !vagueWord.MatchString(word):
			rest = append(rest, word)
		case part == noPart && strings.Contains(word, "KEY"):
			part = apiKeyPart
		default:
			part = secretPart
		}
	}
	return strings.Join(rest, "_"), part
}

// startsWithExchange reports whether the name starts with that of an exchange
// whose keys are not wallets, as BYBIT_MAIN does.
func startsWithExchange(name string, exchanges []*adapter.Exchange) bool {
	for end := min(len(name), longestShown); end > 0; end = strings.LastIndexByte(name[:end], '_') {
		if exchange, known := resolveExchange(name[:end], exchanges); known {
			return !exchange.wallet
		}
	}
	return false
}

// variableKey is the variables that hold the parts of one key.
type variableKey struct {
	prefix, path string
	vague        bool // the names do not say for sure which part each variable holds
	parts        [walletPart + 1]Part
	names        [walletPart + 1]string // of the variables that hold them
	problems     Problems
}

// add adds a variable. Two spellings with different values are a mistake, as in
// audit.FromEnv.
func (k *variableKey) add(part keyPart, v Variable) {
	switch p := &k.parts[part]; {
	case p.isZero():
		*p = Part{Value: v.Value, File: k.path, Line: v.Line, Column: min(1, v.Line), Environ: k.path == ""}
		k.names[part] = v.Name
	case !p.Value.Equal(v.Value):
		text := fmt.Sprintf("%s and %s are both set and differ: unset one of them", show(k.names[part]), show(v.Name))
		k.problems = append(k.problems, Problem{File: k.path, Line: v.Line, Column: min(1, v.Line), Text: text})
	}
}

var trailingNumber = regexp.MustCompile(`_[0-9]+$`) // tells several keys of one exchange apart

// found returns the key, and whether it is one. Variables that are not named
// after an exchange are a key only if they hold both an API key and a secret.
// Such a key is skipped: to guess its exchange could send it to the wrong one.
func (k *variableKey) found(exchanges []*adapter.Exchange) (Found, bool) {
	key, secret := k.parts[apiKeyPart], k.parts[secretPart]
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
	exchange, known := resolveExchange(found.Exchange, exchanges)
	switch {
	case k.vague:
		found.Skip = "the names of its variables do not say which part of the key each holds: list the key in an inventory"
		return found, startsWithExchange(found.Exchange, exchanges)
	case known && exchange.wallet:
		found.Skip = skipWallet
		return found, true
	case known:
		return found, !key.isZero() || !secret.isZero()
	default:
		found.Skip = "the names of its variables match no exchange: list the key in an inventory, with its exchange"
		whole := strings.Contains(k.names[apiKeyPart], "_API") && !secret.isZero()
		return found, whole || startsWithExchange(found.Exchange, exchanges) && (!key.isZero() || !secret.isZero())
	}
}
