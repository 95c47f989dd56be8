package inventory

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// freqtrade keeps its one key in its configuration, which may be spread over
// several files, and the environment overrides them all. Its exchanges are
// ccxt's.
var freqtrade = Format{Name: "freqtrade", Title: "freqtrade's config.json", Read: readFreqtrade}

func readFreqtrade(f *Files) ([]Found, error) {
	path := f.Find("config.json", "user_data/config.json")
	layers, err := freqtradeLayers(f, path, map[string]bool{})
	if err != nil {
		return nil, err
	}
	env := freqtradeEnv{f: f}
	key := Found{File: path, Market: Spot} // which the bot has if nothing is said
	for _, l := range slices.Backward(layers) {
		l.settings(&key)
	}
	env.settings(&key)
	var problems Problems
	way := env.way(&key)
	for _, l := range slices.Backward(layers) {
		way = cmp.Or(l.parts(&key), way)
		problems = append(problems, l.problems...)
	}
	env.parts(&key)
	problems = append(problems, env.problems...)
	if !key.Key.isZero() { // so it is no wallet's
		key.Skip = way
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

// freqtradeLayers are a file and those that it adds, from the one that counts
// most to the one that counts least: a file overrides what it adds, and of
// what it adds the later overrides the earlier.
func freqtradeLayers(f *Files, path string, seen map[string]bool) ([]freqtradeLayer, error) {
	const most = 64
	if path = filepath.Clean(path); seen[path] {
		return nil, nil
	}
	if len(seen) == most {
		return nil, Problems{{File: path, Text: fmt.Sprintf("the configuration adds more than %d files: name the one with the keys", most)}}
	}
	seen[path] = true
	r, err := f.json(path)
	if err != nil {
		return nil, err
	}
	layers := []freqtradeLayer{{r, r.object(r.of(Object, r.root, ""), "exchange")}}
	added := r.of(List, r.get(r.root, "add_config_files"), "add_config_files")
	if added == nil {
		return layers, nil
	}
	for _, item := range slices.Backward(added.Items) {
		if item.Kind != Text {
			r.complain(item.Line, item.Column, `"add_config_files" must be a list of file names`)
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

// settings puts what the file says, besides the parts of the key, over what
// is known.
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
	if sandbox, ok := l.flag(l.exchange, "sandbox"); ok {
		key.Environment = playMoney(sandbox)
	}
}

// parts puts the parts of the key that stand in the file over those that are
// known. Two different ones in one file are a mistake. What it gives back is
// why the key cannot be sent as the bot does, if the file says so.
func (l freqtradeLayer) parts(key *Found) (way string) {
	nodes := []*Node{l.exchange}
	for _, name := range []string{"ccxt_config", "ccxt_async_config", "ccxt_sync_config"} { // handed on to ccxt
		nodes = append(nodes, l.object(l.exchange, name))
	}
	here := Found{Exchange: key.Exchange}
	l.ccxt(&here, nodes...)
	if here.Environment != "" {
		key.Environment = here.Environment
	}
	key.over(here)
	if !here.Key.isZero() {
		key.File, key.Line, key.Column = here.Key.File, here.Key.Line, here.Key.Column
	}
	if here.Skip != "" {
		key.Skip = here.Skip
	}
	for _, n := range nodes[1:] {
		way = cmp.Or(way, l.ccxtWay(n, l.get(n, "options")))
	}
	return way
}

// over puts the parts that another place has over those that are known.
func (f *Found) over(other Found) {
	put := func(to *Part, from Part) {
		if !from.isZero() {
			*to = from
		}
	}
	put(&f.Key, other.Key)
	put(&f.Secret, other.Secret)
	put(&f.Passphrase, other.Passphrase)
}

// freqtradeEnv are the variables, which count more than any file. Two
// underscores go one level down.
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
	if sandbox := e.value("EXCHANGE__SANDBOX"); sandbox != "" {
		key.Environment = playMoney(isOn(sandbox))
	}
	switch strings.ToLower(e.value("DRY_RUN")) { // in every way the bot reads it
	case "t", "true", "1":
		key.Stage = audit.StageTest
	case "f", "false", "0":
		key.Stage = audit.StageLive
	}
}

// way reads the variables for what is handed on to ccxt, and gives what
// freqtradeLayer.parts does.
func (e *freqtradeEnv) way(key *Found) (why string) {
	for _, pair := range e.f.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		setting, ok := strings.CutPrefix(strings.ToLower(name), "freqtrade__exchange__ccxt_")
		if !ok || !isGiven(&Node{Kind: Text, Text: value}) {
			continue
		}
		words := strings.Split(setting, "__")
		if last := words[len(words)-1]; (last == "sandbox" || last == "testnet") && isOn(value) {
			key.Environment = playMoney(true)
		}
		for name, way := range ccxtWays {
			if slices.Contains(words, strings.ToLower(name)) {
				why = cmp.Or(why, way)
			}
		}
	}
	return why
}

// isOn: the bot reads the variable's value as true.
func isOn(value string) bool {
	return slices.Contains([]string{"t", "true", "1"}, strings.ToLower(value))
}

func (e *freqtradeEnv) parts(key *Found) {
	var passphrase []string
	for _, name := range passphraseNames(key.Exchange) {
		passphrase = append(passphrase, "EXCHANGE__"+strings.ToUpper(name))
	}
	key.over(Found{
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
			e.problems = append(e.problems, Problem{Text: "FREQTRADE__" + names[0] + " and FREQTRADE__" + name + " are both set and differ: unset one"})
		}
	}
	p := NewPart(value)
	p.Environ = true
	return p
}

// value is a variable, or nothing if it is a placeholder.
func (e *freqtradeEnv) value(name string) string {
	value := strings.TrimSpace(e.f.Env("FREQTRADE__" + name))
	if isUnset(value, nil) {
		return ""
	}
	return value
}

// stage is what a switch for trying out says.
func stage(test bool) audit.Stage {
	if test {
		return audit.StageTest
	}
	return audit.StageLive
}

// playMoney is the environment that a switch says.
func playMoney(on bool) string {
	if on {
		return "sandbox"
	}
	return ""
}
