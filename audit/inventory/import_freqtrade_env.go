package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// freqtradeEnv are the variables, which override every file. Two underscores
// separate the levels of the configuration, and the bot puts their names into
// lower case: any case will do.
type freqtradeEnv struct {
	f        *Files
	values   map[string][]string // by what follows the prefix, in upper case
	problems Problems
}

const freqtradePrefix = "FREQTRADE__"

func newFreqtradeEnv(f *Files) *freqtradeEnv {
	e := &freqtradeEnv{f: f, values: map[string][]string{}}
	for _, pair := range f.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		name = strings.ToUpper(name)
		if setting, ok := strings.CutPrefix(name, freqtradePrefix); ok && hasValue(&Node{Kind: Text, Text: value}) {
			e.values[setting] = append(e.values[setting], strings.TrimSpace(value))
		}
	}
	return e
}

func (e *freqtradeEnv) settings(key *Found) {
	if name := e.value("EXCHANGE__NAME"); name != "" {
		key.Exchange = name
	}
	if mode := e.value("TRADING_MODE"); mode != "" {
		key.Market = Market(strings.ToLower(mode))
	}
	if value := e.value("EXCHANGE__SANDBOX"); value != "" {
		key.Environment = sandboxIf(on(value))
	}
	switch strings.ToLower(e.value("DRY_RUN")) { // every spelling that the bot accepts
	case "t", "true", "1":
		key.Stage = audit.StageTest
	case "f", "false", "0":
		key.Stage = audit.StageLive
	}
}

// ccxt reads the variables that are passed to ccxt. It returns what
// freqtradeLayer.parts does.
func (e *freqtradeEnv) ccxt(key *Found) (skip string) {
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		setting, ok := strings.CutPrefix(name, "EXCHANGE__CCXT_")
		if !ok {
			continue
		}
		words := strings.Split(setting, "__")
		has := func(name string) bool { return slices.Contains(words, strings.ToUpper(name)) }
		for _, value := range e.values[name] {
			for _, s := range ccxtSwitches {
				on, set := switchWord(value)
				switch {
				case !strings.EqualFold(words[len(words)-1], s.name):
				case !set:
					skip = cmp.Or(skip, skipSwitch)
				case on:
					key.Environment = s.environment
				}
			}
			if slices.ContainsFunc(ccxtProxies, has) {
				skip = cmp.Or(skip, skipProxy)
			}
		}
	}
	return skip
}

// on reports whether the bot takes the value of a variable for true.
func on(value string) bool {
	return slices.Contains([]string{"t", "true", "1"}, strings.ToLower(value))
}

func (e *freqtradeEnv) parts(key *Found) {
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		for _, value := range e.values[name] {
			words := strings.Split(name, "__")
			if len(words) == 1 {
				key.Note(value, strings.ToLower(name))
			} else if words[0] == "EXCHANGE" {
				p := NewPart(value)
				p.Environ = true
				key.Note(value, strings.Split(strings.ToLower(name), "__")[1:]...)
				key.besides = append(key.besides, beside{words[len(words)-1], p})
			}
		}
	}
	key.override(Found{
		Key:        e.part("KEY", "API_KEY", "APIKEY"),
		Secret:     e.part("SECRET", "API_SECRET", "APISECRET"),
		Passphrase: e.part(passphraseNames(key.Exchange)...),
		Account:    e.part(walletAccounts...),
		private:    e.part(walletSecrets...),
	})
}

// freqtradeLevels are the levels on which the parts of a key are: those below the first
// are passed to ccxt.
var freqtradeLevels = []string{"EXCHANGE__", "EXCHANGE__CCXT_CONFIG__", "EXCHANGE__CCXT_ASYNC_CONFIG__", "EXCHANGE__CCXT_SYNC_CONFIG__"}

// part is the one value of the names. Two that differ are a mistake: which of them
// the bot takes depends on their order in the environment.
func (e *freqtradeEnv) part(fields ...string) Part {
	var names []string
	for _, level := range freqtradeLevels {
		for _, field := range fields {
			names = append(names, level+strings.ToUpper(field))
		}
	}
	names = slices.Compact(names) // one name in two cases
	value, first := "", ""
	for _, name := range names {
		for _, v := range e.all(name) {
			switch {
			case isPlaceholder(v, nil) || v == value:
			case value == "":
				value, first = v, name
			case name == first:
				e.report(freqtradePrefix + name + " is set in two spellings with different values: unset one of them")
			default:
				e.report(freqtradePrefix + first + " and " + freqtradePrefix + name + " are both set and differ: unset one of them")
			}
		}
	}
	p := NewPart(value)
	p.Environ = true
	return p
}

func (e *freqtradeEnv) report(text string) { e.problems = append(e.problems, Problem{Text: text}) }

// all are the values of a variable, one for each spelling of its name.
func (e *freqtradeEnv) all(name string) []string {
	if values := e.values[name]; len(values) > 0 {
		return values
	}
	return []string{strings.TrimSpace(e.f.Env(freqtradePrefix + name))} // a caller may have no list of them
}

// value is the value of a variable; empty if it is a placeholder.
func (e *freqtradeEnv) value(name string) string {
	for _, value := range e.all(name) {
		if !isPlaceholder(value, nil) {
			return value
		}
	}
	return ""
}
