package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Skipped is a key that stands in a bot's file and cannot be audited.
type Skipped struct {
	Name string // as its audit.Key would have been called
	File string // where it stands; empty for the environment
	Line int    // from 1; 0 if not known
	Why  string // a clause
}

// Formats are the formats of this package, sorted by name:
//
//	bbgo            .env.local, or the environment
//	ccxt            keys.json: {"binance": {"apiKey": …, "secret": …}}, or a list
//	env             the environment, or .env: BYBIT_API_KEY, as audit.FromEnv has it
//	freqtrade       config.json, what it adds, and the variables FREQTRADE__…
//	gocryptotrader  config.json, not encrypted
//	jesse           api-keys.csv, as its dashboard exports it
//	lean            config.json or lean.json
//	nautilus        the environment, or .env
//	octobot         user/config.json
//	passivbot       api-keys.json
//	vnpy            .vntrader/connect_….json
//
// Each takes the file, or the folder that it is in.
func Formats() []Format {
	return []Format{bbgo, ccxt, environment, freqtrade, gocryptotrader, jesse, lean, nautilus, octobot, passivbot, vnpy}
}

// Lookup finds a format by its name. Those of the options come before those
// of this package.
func Lookup(name string, o Options) (Format, bool) {
	for _, f := range slices.Concat(o.Formats, Formats()) {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// From reads the keys that a bot keeps in its own files, in place. The format
// is the name of one of Formats or Options.Formats. The path names a file, or
// the folder it is in; what follows a # chooses one key of it by name. It is
// empty for the environment.
//
// Each key is called after format and name ("freqtrade/binance") and is for
// trading what the bot's file says. Its secrets are fetched from the file
// again when its turn comes. Keys that cannot be audited are in
// Inventory.Skipped, and values that a bot's samples have for a key are no
// keys. An error is of the type Problems.
func From(format, path string, o Options) (*Inventory, error) {
	b, err := newBot(format, path, o)
	if err != nil {
		return nil, err
	}
	keys, _, err := b.read()
	if err != nil {
		return nil, err
	}
	in := &Inventory{}
	for _, k := range keys {
		switch key, why := b.key(&k); {
		case b.only != "" && b.only != k.name && b.only != k.found.Name:
		case why != "":
			in.Skipped = append(in.Skipped, Skipped{Name: key.Name, File: k.found.File, Line: k.found.Line, Why: why})
		default:
			in.Keys = append(in.Keys, key)
		}
	}
	if b.only != "" && len(in.Keys)+len(in.Skipped) == 0 {
		return nil, Problems{{File: b.path, Text: unknown("key", b.only, names(keys))}}
	}
	return in, nil
}

// bot is one bot's files.
type bot struct {
	format  Format
	path    string
	only    string // the name of the one key to take; empty for all
	options Options
}

func newBot(name, path string, o Options) (*bot, error) {
	format, ok := Lookup(name, o)
	if !ok {
		var known []string
		for _, f := range slices.Concat(o.Formats, Formats()) {
			known = append(known, f.Name)
		}
		slices.Sort(known)
		return nil, Problems{{Text: unknown("format", name, slices.Compact(known))}}
	}
	b := &bot{format: format, path: path, options: o}
	if _, err := os.Stat(path); err != nil { // a # may also be part of a name
		if at := strings.LastIndexByte(path, '#'); at >= 0 {
			b.path, b.only = path[:at], path[at+1:]
		}
	}
	if b.path == "" && !format.Environ {
		return nil, Problems{{Text: fmt.Sprintf("the format %s reads a file: name %s", format.Name, format.Title)}}
	}
	return b, nil
}

// foundKey is a key with the name it has in this package.
type foundKey struct {
	name  string // what follows the format; unique
	found Found
}

func names(keys []foundKey) []string {
	out := make([]string, len(keys))
	for i := range keys {
		out[i] = keys[i].name
	}
	return out
}

// read finds the keys. The same files give the same names.
func (b *bot) read() ([]foundKey, *Files, error) {
	files := newFiles(b.path, &b.options)
	found, err := b.format.Read(files)
	if problems := Problems(nil); err != nil && !errors.As(err, &problems) {
		err = Problems{{File: b.path, Text: "the file cannot be read as " + b.format.Title}} // the error's text may hold what stands there
	}
	if err != nil {
		return nil, nil, err
	}
	var keys []foundKey
	taken := map[string]int{} // the last number that was tried for a name
	for _, f := range found {
		if f.Key.isZero() && f.Secret.isZero() && f.Skip == "" { // nothing but placeholders
			continue
		}
		base := cleanName(cmp.Or(f.Name, f.Exchange))
		name := base
		for taken[name] > 0 {
			taken[base]++
			name = fmt.Sprintf("%s-%d", base, taken[base])
		}
		taken[name] = 1
		keys = append(keys, foundKey{name, f})
	}
	return keys, files, nil
}

// cleanName is a bot's name for a key, fit to be shown.
func cleanName(name string) string {
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), "-")
	if name == "" || len(name) > longestShown || looksSecret(name) {
		return "key"
	}
	return name
}

// key is the key to audit, or why it cannot be. Its name and source are there
// in both cases.
func (b *bot) key(k *foundKey) (key audit.Key, why string) {
	f := &k.found
	key = audit.Key{
		Name: b.format.Name + "/" + k.name,
		Record: audit.Record{
			Stage:  f.Stage,
			Source: audit.Source{Format: b.format.Name, File: f.File, Line: f.Line, Column: f.Column},
		},
	}
	place, known := placeOf(f.Exchange, b.options.Exchanges)
	exchange := exchangeNamed(place.exchange, b.options.Exchanges)
	switch {
	case f.Skip != "":
		return key, f.Skip
	case strings.TrimSpace(f.Exchange) == "":
		return key, "the file does not say which exchange it is for"
	case known && place.wallet:
		return key, byWallet
	case exchange == nil:
		return key, fmt.Sprintf("this program cannot audit keys of the exchange %s", show(f.Exchange))
	case f.Key.isZero():
		return key, "its API key is missing where its secret stands"
	case f.Secret.isZero():
		return key, "its secret is missing where its API key stands"
	}
	if f.Market != "" {
		place.market = f.Market
	}
	env := place.environment(exchange, f.Environment)
	if env == nil {
		return key, fmt.Sprintf("it belongs to an environment of %s that has no address here", exchange.Title)
	}
	if env.Test {
		key.Record.Stage = audit.StageTest
	}
	key.Exchange, key.Environment, key.Policy = exchange, env.Name, place.market.policy()
	name, expected := k.name, key
	key.Load = func(ctx context.Context) (adapter.Credentials, error) {
		if err := ctx.Err(); err != nil {
			return adapter.Credentials{}, err
		}
		return b.load(name, &expected)
	}
	return key, ""
}

// load reads the files again for one key, and drops the others. A key that has
// become one of another exchange meanwhile would be shown to the wrong one.
func (b *bot) load(name string, expected *audit.Key) (adapter.Credentials, error) {
	refuse := func(text string) (adapter.Credentials, error) {
		return adapter.Credentials{}, &access.Error{Kind: access.KindInput, Message: text}
	}
	keys, files, err := b.read()
	if err != nil {
		return refuse("what could be read before no longer can: " + strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	i := slices.Index(names(keys), name)
	if i < 0 {
		return refuse("the key is gone from " + b.format.Title + ", which was changed since the run began")
	}
	f := &keys[i].found
	switch now, why := b.key(&keys[i]); {
	case why != "":
		return refuse(why)
	case now.Exchange != expected.Exchange || now.Environment != expected.Environment:
		return refuse("the key has become one of another exchange in " + b.format.Title + ", which was changed since the run began")
	case !now.Exchange.Needs.Passphrase:
		f.Passphrase = Part{} // the bot keeps something else there, such as a customer number
	}
	var c adapter.Credentials
	for _, part := range []struct {
		name string
		from Part
		to   func(adapter.Secret)
	}{
		{"key", f.Key, func(s adapter.Secret) { c.Key = s.Reveal() }},
		{"secret", f.Secret, func(s adapter.Secret) { c.Secret = s }},
		{"passphrase", f.Passphrase, func(s adapter.Secret) { c.Passphrase = s }},
	} {
		if part.from.isZero() {
			continue
		}
		value, err := part.from.value()
		if err != nil {
			return refuse("the " + part.name + ": " + err.Error())
		}
		part.to(value)
		c.Storage = append(c.Storage, files.kept(part.name, part.from, f, b.format.Title))
	}
	return c, nil
}

// value is what the part is, without the spaces and line breaks around it.
func (p Part) value() (adapter.Secret, error) {
	secret := p.Value
	if p.Open != nil {
		var err error
		if secret, err = p.Open(); err != nil {
			return adapter.Secret{}, err
		}
	}
	return adapter.NewSecret(strings.TrimSpace(secret.Reveal())), nil
}
