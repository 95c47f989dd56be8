package inventory

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// freqtrade keeps its one key in its configuration, which may span several
// files. Environment variables override them all. Its exchanges are ccxt's.
var freqtrade = Format{Name: "freqtrade", Title: "freqtrade's config.json", Read: readFreqtrade}

func readFreqtrade(f *Files) ([]Found, error) {
	path := f.Find("config.json", "user_data/config.json")
	layers, err := freqtradeLayers(f, path, map[string]bool{})
	if err != nil {
		return nil, err
	}
	env := freqtradeEnv{f: f}
	key := Found{File: path, Market: Spot} // the bot's default
	for _, l := range slices.Backward(layers) {
		l.settings(&key)
	}
	env.settings(&key)
	var problems Problems
	skip := env.ccxt(&key)
	for _, l := range slices.Backward(layers) {
		skip = cmp.Or(l.parts(&key), skip)
		problems = append(problems, l.problems...)
	}
	env.parts(&key)
	problems = append(problems, env.problems...)
	if !key.Key.isZero() { // it is not a wallet
		key.Skip = skip
	}
	if key.Exchange == "" && key.Key.isZero() && len(problems) == 0 {
		problems = Problems{{File: path, Text: `this is not freqtrade's configuration: it has no "exchange" with a "name"`}}
	}
	key.Name = key.Exchange
	return []Found{key}, problems.err()
}

// freqtradeLayer is one of the files.
type freqtradeLayer struct {
	*botFile
	exchange *Node
}

// freqtradeLayers are a file and those that it adds, highest precedence first: a
// file overrides those it adds, and of those a later one overrides an earlier
// one.
func freqtradeLayers(f *Files, path string, seen map[string]bool) ([]freqtradeLayer, error) {
	const most = 64
	if path = filepath.Clean(path); seen[path] {
		return nil, nil
	}
	if len(seen) == most {
		text := fmt.Sprintf("the configuration adds more than %d files: give the path of the one with the key", most)
		return nil, Problems{{File: path, Text: text}}
	}
	seen[path] = true
	r, err := f.json(path)
	if err != nil {
		return nil, err
	}
	layers := []freqtradeLayer{{r, r.object(r.expect(Object, r.root, ""), "exchange")}}
	added := r.expect(List, r.get(r.root, "add_config_files"), "add_config_files")
	if added == nil {
		return layers, nil
	}
	for _, item := range slices.Backward(added.Items) {
		if item.Kind != Text {
			r.report(item.Line, item.Column, `"add_config_files" must be a list of file names`)
			continue
		}
		name := filepath.FromSlash(item.Text)
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		more, err := freqtradeLayers(f, name, seen)
		if err != nil {
			return nil, err
		}
		layers = append(layers, more...)
	}
	return layers, nil
}

// settings overrides what is known of the key, besides its parts, with what the
// file says.
func (l freqtradeLayer) settings(key *Found) {
	if name := l.word(l.exchange, "name"); name != "" {
		key.Exchange = name
		key.File, key.Line, key.Column = l.path, l.exchange.Line, l.exchange.Column
	}
	if mode := l.word(l.root, "trading_mode"); mode != "" {
		key.Market = Market(strings.ToLower(mode))
	}
	if dry, ok := l.flag(l.root, "dry_run"); ok {
		key.Stage = stage(dry)
	}
	if on, ok := l.flag(l.exchange, "sandbox"); ok {
		key.Environment = sandboxIf(on)
	}
}

// parts overrides the known parts of the key with those in the file. Two
// different values in one file are a mistake. It returns why the key must be
// skipped, if the file routes its requests.
func (l freqtradeLayer) parts(key *Found) (skip string) {
	nodes := []*Node{l.exchange}
	for _, name := range []string{"ccxt_config", "ccxt_async_config", "ccxt_sync_config"} { // passed to ccxt
		nodes = append(nodes, l.object(l.exchange, name))
	}
	here := Found{Exchange: key.Exchange}
	l.ccxt(&here, nodes...)
	if here.Environment != "" {
		key.Environment = here.Environment
	}
	key.override(here)
	if !here.Key.isZero() {
		key.File, key.Line, key.Column = here.Key.File, here.Key.Line, here.Key.Column
	}
	if here.Skip != "" {
		key.Skip = here.Skip
	}
	for _, n := range nodes[1:] {
		skip = cmp.Or(skip, l.ccxtRoute(n, l.get(n, "options")))
	}
	return skip
}

// override replaces the parts that the other has.
func (f *Found) override(other Found) {
	put := func(to *Part, from Part) {
		if !from.isZero() {
			*to = from
		}
	}
	put(&f.Key, other.Key)
	put(&f.Secret, other.Secret)
	put(&f.Passphrase, other.Passphrase)
}

// freqtradeEnv are the variables, which override every file. Two underscores
// separate the levels of the configuration.
type freqtradeEnv struct {
	f        *Files
	problems Problems
}

func (e *freqtradeEnv) settings(key *Found) {
	if name := e.value("EXCHANGE__NAME"); name != "" {
		key.Exchange = name
	}
	if mode := e.value("TRADING_MODE"); mode != "" {
		key.Market = Market(strings.ToLower(mode))
	}
	if value := e.value("EXCHANGE__SANDBOX"); value != "" {
		key.Environment = sandboxIf(isOn(value))
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
	for _, pair := range e.f.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		setting, ok := strings.CutPrefix(strings.ToLower(name), "freqtrade__exchange__ccxt_")
		if !ok || !hasValue(&Node{Kind: Text, Text: value}) {
			continue
		}
		words := strings.Split(setting, "__")
		if last := words[len(words)-1]; (last == "sandbox" || last == "testnet") && isOn(value) {
			key.Environment = sandbox
		}
		for name, why := range ccxtRoutes {
			if slices.Contains(words, strings.ToLower(name)) {
				skip = cmp.Or(skip, why)
			}
		}
	}
	return skip
}

// isOn reports whether the bot takes the value of a variable for true.
func isOn(value string) bool {
	return slices.Contains([]string{"t", "true", "1"}, strings.ToLower(value))
}

func (e *freqtradeEnv) parts(key *Found) {
	var passphrase []string
	for _, name := range passphraseNames(key.Exchange) {
		passphrase = append(passphrase, "EXCHANGE__"+strings.ToUpper(name))
	}
	key.override(Found{
		Key:        e.part("EXCHANGE__KEY", "EXCHANGE__API_KEY"),
		Secret:     e.part("EXCHANGE__SECRET"),
		Passphrase: e.part(passphrase...),
	})
}

func (e *freqtradeEnv) part(names ...string) Part {
	value := ""
	for _, name := range names {
		switch v := e.value(name); {
		case v == "" || v == value:
		case value == "":
			value = v
		default:
			text := "FREQTRADE__" + names[0] + " and FREQTRADE__" + name + " are both set and differ: unset one of them"
			e.problems = append(e.problems, Problem{Text: text})
		}
	}
	p := NewPart(value)
	p.Environ = true
	return p
}

// value is the value of a variable; empty if it is a placeholder.
func (e *freqtradeEnv) value(name string) string {
	value := strings.TrimSpace(e.f.Env("FREQTRADE__" + name))
	if isPlaceholder(value, nil) {
		return ""
	}
	return value
}

// stage is the stage that a switch for trial runs implies.
func stage(test bool) audit.Stage {
	if test {
		return audit.StageTest
	}
	return audit.StageLive
}

// sandbox means the exchange's test network, whatever its name there.
const sandbox = "sandbox"

// sandboxIf is the environment that a switch for test networks implies.
func sandboxIf(on bool) string {
	if on {
		return sandbox
	}
	return ""
}
