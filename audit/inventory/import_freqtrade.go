package inventory

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// freqtrade keeps its one key in its configuration, which may span several
// files. Environment variables override them all. Its exchanges are ccxt's.
var freqtrade = Format{Name: "freqtrade", Title: "freqtrade's config.json", Several: true, Read: readFreqtrade}

func readFreqtrade(f *Files) ([]Found, error) {
	paths := f.FindAll("config.json", "user_data/config.json")
	var layers []freqtradeLayer // highest precedence first
	seen := map[string]bool{}
	for _, path := range slices.Backward(paths) { // like -c a -c b: a later one counts more
		more, err := freqtradeLayers(f, path, seen)
		if err != nil {
			return nil, err
		}
		layers = append(layers, more...)
	}
	env := newFreqtradeEnv(f)
	var problems Problems
	for _, l := range layers {
		problems, l.problems = append(problems, l.problems...), nil
	}
	key := Found{File: paths[len(paths)-1], Market: Spot} // the bot's default
	for _, l := range slices.Backward(layers) {
		l.settings(&key)
	}
	env.settings(&key)
	var inFiles []Found
	skip, wrong := env.ccxt(&key), []Found(nil)
	for _, l := range slices.Backward(layers) {
		here, why := l.parts(&key)
		inFiles = append(inFiles, here)
		skip = cmp.Or(why, skip)
		if len(l.problems) > 0 {
			wrong = append(wrong, l.mistaken(&key))
		}
	}
	if len(wrong) > 0 {
		return append(wrong[:1], inFolder(f, seen, inFiles)...), append(problems, env.problems...).err()
	}
	env.parts(&key)
	problems = append(problems, env.problems...)
	key.skip(skip)
	if key.Exchange == "" && key.Key.isZero() && key.private.isZero() && len(problems) == 0 {
		problems = Problems{{File: key.File, Text: `this is not freqtrade's configuration: it has no "exchange" with a "name"`}}
	}
	key.Name = key.Exchange
	out := append([]Found{key}, env.unused(&key, inFiles)...)
	return append(out, inFolder(f, seen, append(inFiles, key))...), problems.err()
}

// unused are the keys in files that another file or a variable overrides. The bot
// does not use them, but they are keys.
func (e *freqtradeEnv) unused(key *Found, inFiles []Found) (out []Found) {
	seen := []Part{key.Key, key.private}
	for _, here := range inFiles {
		wallet := Found{private: here.private}
		here.private = Part{}
		for _, lost := range []Found{here, wallet} {
			part := lost.identity()
			same := func(p Part) bool { return p.Value.Equal(part.Value) }
			if part.isZero() || slices.ContainsFunc(seen, same) {
				continue
			}
			seen = append(seen, part)
			lost.Name, lost.Exchange = key.Exchange, key.Exchange
			lost.File, lost.Line, lost.Column = part.File, part.Line, part.Column
			lost.Skip = fmt.Sprintf("the bot does not use it: %s overrides the key in %s; delete it there, or list it in an inventory", e.place(key.identity()), showPath(part.File))
			out = append(out, lost)
		}
	}
	return out
}

// place is where a part is kept.
func (e *freqtradeEnv) place(p Part) string {
	if !p.Environ {
		return showPath(p.File)
	}
	names := slices.Sorted(maps.Keys(e.values))
	at := slices.IndexFunc(names, func(name string) bool {
		return slices.ContainsFunc(e.values[name], func(value string) bool { return p.Value.Equal(NewPart(value).Value) })
	})
	if at < 0 {
		return "a variable"
	}
	return "the variable " + freqtradePrefix + names[at]
}

// identity is the part that tells a key from others.
func (f *Found) identity() Part {
	if f.Key.isZero() {
		return f.private
	}
	return f.Key
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
	r, err := f.entries(path)
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

// mistaken is the key with a mistake in its fields.
func (l freqtradeLayer) mistaken(key *Found) Found {
	out := Found{Name: key.Exchange, Exchange: key.Exchange}
	for _, m := range l.root.Members {
		if m.Name == "exchange" {
			out.begins = [2]int{m.Line, m.Column}
		}
	}
	out.mistaken(l.problems[0])
	return out
}

// parts overrides the known parts of the key with those in the file, which it
// returns. Two different values in one file are a mistake. It also returns why
// the key must be skipped.
func (l freqtradeLayer) parts(key *Found) (here Found, skip string) {
	nodes := []*Node{l.exchange}
	for _, name := range []string{"ccxt_config", "ccxt_async_config", "ccxt_sync_config"} { // passed to ccxt
		nodes = append(nodes, l.object(l.exchange, name))
	}
	here = Found{Exchange: key.Exchange}
	l.ccxt(&here, nodes...)
	l.around(&here, l.root)
	if here.Environment != "" {
		key.Environment = here.Environment
	}
	if here.Market != "" && (key.Market == "" || here.Market.derivatives()) { // options of ccxt's
		key.Market = here.Market
	}
	key.URLs = append(key.URLs, here.URLs...)
	key.override(here)
	if part := here.identity(); !part.isZero() {
		key.File, key.Line, key.Column = part.File, part.Line, part.Column
	}
	skip = here.Skip
	for _, n := range nodes[1:] {
		skip = cmp.Or(skip, l.ccxtProxy(n, l.get(n, "options")))
	}
	return here, skip
}

// override replaces the parts that the other has.
func (f *Found) override(other Found) {
	put := func(to *Part, from Part) {
		if !from.isZero() && (to.isZero() || keytext.Placeholder(from.Value.Reveal()) == "") {
			*to = from
		}
	}
	put(&f.Key, other.Key)
	put(&f.Secret, other.Secret)
	put(&f.Passphrase, other.Passphrase)
	put(&f.Account, other.Account)
	put(&f.private, other.private)
	f.besides = append(f.besides, other.besides...)
	f.where = append(f.where, other.where...)
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
