package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Some bots have the exchange's name in one variable and its key in others:
// FREQTRADE__EXCHANGE__NAME, CCXT_MCP_EXCHANGE2, EXCHANGE_ID.

// saysExchange reports whether the value of a variable is the name of the exchange in use, and
// with which other words: those that tell one key from others.
func (v *variableName) saysExchange() (scope []string, says bool) {
	if v.exchange != "" || v.several || v.part != adapter.NoPart || len(v.words) > 5 {
		return nil, false
	}
	ends := true // so far there is nothing but words that may stand after it
	for _, word := range slices.Backward(v.words) {
		bare := strings.TrimRight(word, "0123456789")
		if number := strings.TrimPrefix(word, bare); number != "" {
			scope = append(scope, number)
		}
		switch {
		case slices.Contains(exchangeWords, bare):
			says = says || ends
		case bare == "", bare == "api", slices.Contains(besideExchange, bare):
		default:
			ends, scope = false, append(scope, bare)
		}
	}
	return scope, says
}

// namedExchange is the name of the exchange in use, and the words of its variable.
type namedExchange struct {
	scope []string
	value string
}

// mostNamed is how many variables with an exchange's name are looked at.
const mostNamed = 100

// exchangesIn are the names of the exchanges in use that variables have.
func (r *nameReader) exchangesIn(variables []Variable) (out []namedExchange) {
	for _, v := range variables {
		value := strings.TrimSpace(v.Value.Reveal())
		may := slices.ContainsFunc(exchangeWords, func(word string) bool { return strings.Contains(strings.ToLower(v.Name), word) })
		if r.stated != "" || !may || len(value) > longestShown || len(out) == mostNamed {
			continue
		}
		if b, known := resolveExchange(value, r.exchanges); !known || b.wallet {
			continue
		}
		n := r.read(v.Name)
		if scope, says := n.saysExchange(); says {
			out = append(out, namedExchange{scope, value})
		}
	}
	return out
}

// namedBeside is what a variable beside those of a key names as its exchange; empty if none
// does, or two differ. Words of the key's names that say something else are of another service.
func (k *variableKey) namedBeside(named []namedExchange) (stated string) {
	if n := k.name(); n.exchange != "" || n.several || k.skip != "" {
		return ""
	}
	most := -1
	for _, one := range named {
		if len(one.scope) < most || !subset(one.scope, k.stem) || !k.saysOnly(one.scope) {
			continue
		}
		if len(one.scope) == most && stated != one.value {
			one.value = ""
		}
		stated, most = one.value, len(one.scope)
	}
	return stated
}

// saysOnly reports whether the names of a key say nothing else than some words.
func (k *variableKey) saysOnly(scope []string) bool {
	return !slices.ContainsFunc(k.stem, func(word string) bool {
		return !slices.Contains(scope, word) && !slices.Contains(exchangeWords, word) && (!harmless(word) || strings.Trim(word, "0123456789") == "")
	})
}

// variables are those that hold the parts of a key.
func (k *variableKey) variables() (out []Variable) {
	for _, parts := range k.parts {
		for _, p := range parts {
			out = append(out, Variable{Name: p.variable, Value: p.Value, Line: p.Line})
		}
	}
	return out
}
