package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Skipped is a key in a bot's file that cannot be audited.
type Skipped struct {
	Name string // as its audit.Key would have been called
	File string // empty for the environment
	Line int    // from 1; 0 if unknown
	Why  string // a clause
	// Partial: the file lacks a part of the key, or does not name its exchange.
	// Another file may have what is missing.
	Partial bool
	// Beside: the file was not named, and lies in a folder that was.
	Beside bool
}

// Formats are the formats of this package, sorted by name:
//
//	bbgo            .env.local, or the environment
//	ccxt            keys.json: {"binance": {"apiKey": …, "secret": …}}, or a list
//	ccxt-mcp        the accounts of ccxt's own MCP server
//	env             the environment, or .env: BYBIT_API_KEY, as in audit.FromEnv
//	freqtrade       config.json, the files it adds, and the variables FREQTRADE__…;
//	                "a.json,b.json" is its own -c a.json -c b.json
//	gocryptotrader  config.json, unencrypted
//	hyperliquid-sdk config.json of the exchange's Python client
//	jesse           api-keys.csv, which its dashboard exports
//	lean            config.json or lean.json
//	mcp             .mcp.json and the like: the MCP servers of Claude, Cursor, VS
//	                Code and Codex (its config.toml with Options.Decoders)
//	nautilus        the environment, or .env
//	octobot         user/config.json
//	okx-agent-kit   ~/.okx/config.toml, with Options.Decoders
//	openclaw        ~/.openclaw: .env and openclaw.json
//	passivbot       api-keys.json
//	vnpy            .vntrader/connect_….json
//
// Each takes the path of the file or of its folder.
func Formats() []Format {
	return []Format{
		bbgo, ccxt, ccxtMCP, environment, freqtrade, gocryptotrader, hyperliquidSDK, jesse, lean, mcp, nautilus, octobot, okxAgentKit, openclaw, passivbot, vnpy,
	}
}

// Lookup finds a format by its name. Those of the options override those of this
// package.
func Lookup(name string, o Options) (Format, bool) {
	for _, f := range slices.Concat(o.Formats, Formats()) {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// From reads the keys that a bot keeps in its own files, in place. The format
// is the name of one of Formats or Options.Formats. The path is that of a file
// or of its folder, and empty for the environment. A name after a # selects one
// key.
//
// Each key is named by format and name ("freqtrade/binance"), and its policy is
// to trade what the bot's file says; that of a key in an AI agent's file is
// "agent", and only to read if the file promises that. Its secrets are read from the file again
// when its turn comes. Keys that cannot be audited are in Inventory.Skipped.
// The placeholders of a bot's own sample files are not keys. The error is a
// Problems.
func From(format, path string, o Options) (*Inventory, error) {
	b, err := newBot(format, path, o)
	if err != nil {
		return nil, err
	}
	keys, files, err := b.read()
	if err != nil {
		return nil, err
	}
	keys = append(keys, files.unread(keys)...)
	in := &Inventory{}
	for _, k := range keys {
		switch key, why := b.key(&k); {
		case b.only != "" && b.only != k.name && b.only != k.found.Name:
		case why != "":
			in.Skipped = append(in.Skipped, Skipped{
				Name: key.Name, File: k.found.File, Line: k.found.Line, Why: why,
				Beside:  k.found.beside,
				Partial: slices.ContainsFunc([]string{noExchange, noKey, onlyKey, noPrivate}, func(part string) bool { return strings.HasPrefix(why, strings.TrimSuffix(part, addIt)) }),
			})
		default:
			in.Keys = append(in.Keys, key)
		}
	}
	if b.only != "" && len(in.Keys)+len(in.Skipped) == 0 {
		return nil, Problems{{File: b.path, Text: unknown("key", b.only, names(keys))}}
	}
	return in, nil
}

// bot is the files of one bot.
type bot struct {
	format  Format
	path    string
	later   []string // further files of the same configuration
	only    string   // the name of the one key to return; empty for all
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
	if _, err := os.Stat(path); err != nil { // a # may also be part of a file name
		if at := strings.LastIndexByte(path, '#'); at >= 0 {
			b.path, b.only = path[:at], path[at+1:]
		}
	}
	paths := format.split(b.path)
	b.path, b.later = paths[0], paths[1:]
	if b.path == "" && !format.Environ {
		text := fmt.Sprintf("the format %s reads a file: give the path of %s", format.Name, format.Title)
		return nil, Problems{{Text: text}}
	}
	return b, nil
}

// split is the files of one configuration. A comma may also be part of a file's
// name.
func (f *Format) split(path string) []string {
	if _, err := os.Stat(path); err == nil || !f.Several {
		return []string{path}
	}
	return strings.Split(path, ",")
}

// foundKey is a key with the name it has in this package.
type foundKey struct {
	name  string // without the format; unique
	found Found
}

func names(keys []foundKey) []string {
	out := make([]string, len(keys))
	for i := range keys {
		out[i] = keys[i].name
	}
	return out
}

// read finds the keys. The same files give the same names each time.
func (b *bot) read() ([]foundKey, *Files, error) {
	files := newFiles(b.path, &b.options)
	files.Later = b.later
	found, err := b.format.Read(files)
	if problems := Problems(nil); err != nil && !errors.As(err, &problems) {
		// The error itself may contain a secret.
		err = Problems{{File: b.path, Text: "the file cannot be read as " + b.format.Title}}
	}
	if err != nil {
		return nil, nil, err
	}
	files.found = found
	var keys []foundKey
	taken := takenKeys{}
	var settled []Found
	used := map[string]bool{}
	for i := range found {
		f := &found[i]
		if f.Exchange == "" && b.options.stated != "" { // and the name stays as it is
			f.Name, f.Exchange = cmp.Or(f.Name, unnamed), b.options.stated
		}
		f.follow(b.options.Exchanges)
		settled = append(settled, f.settled(b.options.Exchanges)...)
	}
	for _, f := range settled {
		f.use(used)
	}
	for _, f := range found {
		settled = append(settled, f.unused(used, b.options.Exchanges)...)
	}
	for _, f := range settled {
		f.withoutPlaceholders()
		if f.Key.isZero() && f.Secret.isZero() && f.Account.isZero() && f.Skip+f.Key.none+f.Secret.none == "" { // nothing
			continue
		}
		keys = append(keys, foundKey{taken.name(cmp.Or(f.Name, f.Exchange)), f})
	}
	return keys, files, nil
}

// takenKeys has by the name of a key the last number that was appended to it.
type takenKeys map[string]int

// name is a name for a key that no other has.
func (t takenKeys) name(bots string) string {
	base := cleanName(bots)
	name := base
	for t[name] > 0 {
		t[base]++
		name = fmt.Sprintf("%s-%d", base, t[base])
	}
	t[name] = 1
	return name
}

// cleanName is a bot's name for a key in a form that can be shown.
func cleanName(name string) string {
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), "-")
	if name == "" || len(name) > longestShown || looksSecret(name) {
		return unnamed
	}
	return name
}

const unnamed = "key" // what a key is called that has no name, or none to show

// withExchange ends the reason for which a key is skipped that is read once an entry of an
// inventory names its exchange.
const withExchange = "list the key in an inventory, with its exchange"

// entry is what to write there. The exchange is the reader's to fill in.
func (b *bot) entry(name string) string {
	from := b.format.Name + "=" + b.path + "#" + name
	if showPath(b.path) != strconv.Quote(b.path) || len(b.later) > 0 || strings.Contains(name, "#") {
		return ""
	}
	return ", as {name: NAME, exchange: EXCHANGE, from: " + strconv.Quote(from) + "}"
}

// key returns the key to audit, or why it cannot be audited. Its name and source
// are set in both cases.
func (b *bot) key(k *foundKey) (key audit.Key, why string) {
	f := &k.found
	key = audit.Key{
		Name: b.format.Name + "/" + k.name,
		Record: audit.Record{
			Stage:  f.Stage,
			Source: audit.Source{Format: b.format.Name, File: f.File, Line: f.Line, Column: f.Column, Switch: f.by},
		},
	}
	named, known := resolveExchange(f.Exchange, b.options.Exchanges)
	exchange := exchangeNamed(named.name, b.options.Exchanges)
	switch {
	case strings.HasSuffix(f.Skip, withExchange):
		return key, f.Skip + b.entry(k.name)
	case f.Skip != "":
		return key, f.Skip
	case f.noValue() != "":
		return key, f.noValue()
	case strings.TrimSpace(f.Exchange) == "":
		return key, noExchange
	case known && named.wallet:
		return key, skipWallet
	case exchange == nil:
		return key, fmt.Sprintf("the exchange %s is not supported: look at the key on its own site", show(f.Exchange))
	}
	if why = f.half(exchange); why != "" {
		return key, f.misnamed(why)
	}
	if f.Market != "" {
		named.market = f.Market
	}
	exchange, env, why := named.place(exchange, f, b.options.Exchanges)
	if why = cmp.Or(why, f.lacks(exchange)); why != "" {
		return key, why
	}
	if env.Test {
		key.Record.Stage = audit.StageTest
	}
	key.Exchange, key.Environment, key.Policy = exchange, env.Name, named.market.policy()
	if f.Policy != nil {
		key.Policy = *f.Policy
	}
	name, expected := k.name, key
	key.Load = func(ctx context.Context) (adapter.Credentials, error) {
		if err := ctx.Err(); err != nil {
			return adapter.Credentials{}, err
		}
		return b.load(name, &expected)
	}
	return key, ""
}

// load reads the files again for one key, and drops the others. A key that is
// for another exchange by then is refused: it would be sent to the wrong one.
func (b *bot) load(name string, expected *audit.Key) (adapter.Credentials, error) {
	var none adapter.Credentials
	keys, files, err := b.read()
	if err != nil {
		return none, inputError("the key can no longer be read: " + strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	i := slices.Index(names(keys), name)
	if i < 0 {
		return none, inputError("the key is no longer in " + b.format.Title + ", which changed after the run began")
	}
	f := &keys[i].found
	now, why := b.key(&keys[i])
	switch {
	case why != "":
		return none, inputError(why)
	case now.Exchange != expected.Exchange || now.Environment != expected.Environment:
		return none, inputError("the key is for another exchange or environment now: " + b.format.Title +
			" changed after the run began")
	}
	if !now.Exchange.Needs.Passphrase {
		f.Passphrase = Part{} // the bot keeps something else there, such as a customer number
	}
	if !hasWallets(now.Exchange) {
		f.Account = Part{}
	}
	return b.credentials(f, files)
}

// credentials returns the parts of a key and how they are kept.
func (b *bot) credentials(f *Found, files *Files) (adapter.Credentials, error) {
	var c adapter.Credentials
	for _, p := range []struct {
		name string
		part Part
	}{{"key", f.Key}, {"account", f.Account}, {"secret", f.Secret}, {"passphrase", f.Passphrase}, {"key_passphrase", f.KeyPassphrase}} {
		if p.part.isZero() {
			continue
		}
		value, err := p.part.value()
		if err != nil {
			return adapter.Credentials{}, inputError(p.name + ": " + err.Error())
		}
		setPart(&c, p.name, value)
		c.Storage = append(c.Storage, files.partStorage(p.name, p.part, f, b.format.Title))
	}
	return c, nil
}

// value is the value of the part, without the spaces and line breaks around it.
func (p Part) value() (string, error) {
	secret := p.Value
	if p.Open != nil {
		var err error
		if secret, err = p.Open(); err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(secret.Reveal()), nil
}
