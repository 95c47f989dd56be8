package sources

import (
	"cmp"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// bbgoSession is one connection to an exchange. If it lacks its key or secret,
// the bot takes both from environment variables.
type bbgoSession struct {
	Exchange     string `yaml:"exchange"`
	EnvVarPrefix string `yaml:"envVarPrefix"`
	Key          string `yaml:"key"`
	Secret       string `yaml:"secret"`
	Passphrase   string `yaml:"passphrase"`
	PublicOnly   bool   `yaml:"publicOnly"`
	Margin       bool   `yaml:"margin"`
	Futures      bool   `yaml:"futures"`
}

// readBBGO reads the sessions in bbgo.yaml, and the variables that they name from
// the environment and from .env.local next to the file.
func readBBGO(f *inventory.Files) ([]inventory.Found, error) {
	path := f.Find("bbgo.yaml")
	var file struct {
		Sessions map[string]yaml.Node `yaml:"sessions"`
	}
	if err := readBotYAML(f, path, &file); err != nil {
		return nil, err
	}
	if len(file.Sessions) == 0 {
		text := `it has no "sessions", so bbgo takes its keys from environment variables only: read them with the format bbgo`
		return nil, inventory.Problems{{File: path, Text: text}}
	}
	b := bbgoVariables{f: f}
	out := b.readDotenv(filepath.Join(filepath.Dir(path), ".env.local"))
	us, paper := b.flag("BINANCE_US"), b.flag("PAPER_TRADE")
	for _, name := range slices.Sorted(maps.Keys(file.Sessions)) {
		node := file.Sessions[name]
		var s bbgoSession
		var all any // with fields that the bot does not know
		if err := errors.Join(node.Decode(&s), node.Decode(&all)); err != nil || s.Exchange == "" {
			text := `the session is malformed: it must have an "exchange", and its "key", "secret" and "passphrase" must be text`
			if len(file.Sessions) == 1 {
				return nil, inventory.Problems{{File: path, Line: node.Line, Column: node.Column, Text: text}}
			}
			out = append(out, inventory.Found{Name: name, File: path, Line: node.Line, Column: node.Column, Skip: text})
			continue
		}
		if s.PublicOnly {
			continue
		}
		found := b.key(&s)
		note(&found, all)
		found.Name, found.File, found.Line, found.Column = name, path, node.Line, node.Column
		inventory.BBGOSwitches(&found, us, paper)
		if strings.HasPrefix(strings.ToLower(s.Exchange), "binance") {
			found.Skip = cmp.Or(found.Skip, b.lost(func(name string) bool { return name == "BINANCE_US" || name == "PAPER_TRADE" }))
		}
		out = append(out, found)
	}
	return append(out, b.others(out)...), nil
}

// key is the key of a session.
func (b *bbgoVariables) key(s *bbgoSession) inventory.Found {
	found := inventory.Found{
		Exchange: s.Exchange, Market: s.market(),
		Key: inlinePart(s.Key), Secret: inlinePart(s.Secret), Passphrase: inlinePart(s.Passphrase),
	}
	if s.Key != "" && s.Secret != "" { // otherwise the bot uses neither
		return found
	}
	prefix := strings.ToUpper(cmp.Or(s.EnvVarPrefix, s.Exchange))
	found.Key = b.part(prefix, "_API_KEY")
	found.Secret = b.part(prefix, "_API_SECRET", "_API_PRIVATE_KEY")
	found.Passphrase = b.part(prefix, "_API_PASSPHRASE")
	b.note(&found, prefix)
	found.Skip = b.lost(func(name string) bool { return strings.HasPrefix(name, prefix+"_") })
	if found.Skip == "" && found.Key.Value.IsZero() && found.Secret.Value.IsZero() {
		found.Skip = prefix + "_API_KEY and " + prefix +
			"_API_SECRET are set neither in the environment nor in .env.local next to bbgo.yaml: set them, or list the key in an inventory"
	}
	return found
}

func (s *bbgoSession) market() inventory.Market {
	switch {
	case s.Futures:
		return inventory.Futures
	case s.Margin:
		return "" // margin trading needs more rights than spot trading
	default:
		return inventory.Spot
	}
}

// inlinePart is a part in bbgo.yaml itself. A sample's placeholder is one too, for
// like the bot, we then look nowhere else: the key is skipped.
func inlinePart(value string) inventory.Part {
	part := inventory.NewPart(strings.TrimSpace(value))
	part.Plaintext = "it is in bbgo.yaml instead of .env.local"
	return part
}

// bbgoVariables are the variables that the bot sees: those of the environment,
// and below them those of a file.
type bbgoVariables struct {
	f      *inventory.Files
	path   string
	dotenv map[string]inventory.Variable
	bad    map[string]inventory.Variable // those of the file that cannot be read
}

// readDotenv reads the file, if there is one. What is returned is that it cannot be read.
func (b *bbgoVariables) readDotenv(path string) []inventory.Found {
	if b.f.Missing(path) {
		return nil
	}
	variables, err := b.f.Variables(path)
	if problems := inventory.Problems(nil); errors.As(err, &problems) {
		return []inventory.Found{{Name: filepath.Base(path), File: path, Line: problems[0].Line, Column: problems[0].Column, Skip: problems[0].Text}}
	}
	b.path, b.dotenv, b.bad = path, map[string]inventory.Variable{}, map[string]inventory.Variable{}
	for _, v := range variables {
		if v.Unread == "" {
			b.dotenv[v.Name] = v
		} else if v.Name != "" {
			b.bad[v.Name] = v
		}
	}
	return nil
}

// lost says why a variable of the file cannot be read that a session needs; empty if all can.
func (b *bbgoVariables) lost(needs func(name string) bool) string {
	for _, name := range slices.Sorted(maps.Keys(b.bad)) {
		if needs(name) && b.f.Env(name) == "" {
			return b.bad[name].Why()
		}
	}
	return ""
}

// others are the keys in the file that no session uses, and what cannot be read in it.
func (b *bbgoVariables) others(sessions []inventory.Found) (out []inventory.Found) {
	if b.path == "" {
		return nil
	}
	format, _ := inventory.Lookup("bbgo", inventory.Options{})
	file := *b.f
	file.Path = b.path
	found, err := format.Read(&file)
	if err != nil {
		return nil
	}
	named := func(why string) bool {
		return slices.ContainsFunc(slices.Concat(sessions, out), func(f inventory.Found) bool { return f.Skip == why })
	}
	for _, f := range found {
		uses := func(s inventory.Found) bool { return same(s.Key, f.Key) || same(s.Secret, f.Secret) }
		if slices.ContainsFunc(sessions, uses) || f.Skip != "" && named(f.Skip) {
			continue
		}
		f.Skip = cmp.Or(f.Skip, "no session of bbgo.yaml uses it: read it with the format bbgo")
		out = append(out, f)
	}
	for _, name := range slices.Sorted(maps.Keys(b.bad)) {
		if v := b.bad[name]; !named(v.Why()) && strings.Contains(v.Unread, "quote") {
			out = append(out, inventory.Found{Name: strings.ToLower(name), File: b.path, Line: v.Line, Column: 1, Skip: v.Why()})
		}
	}
	return out
}

func same(a, b inventory.Part) bool { return !a.Value.IsZero() && a.Value.Equal(b.Value) }

// part is the first of the variables that is set and no placeholder, or else the first that is
// set.
func (b *bbgoVariables) part(prefix string, suffixes ...string) (out inventory.Part) {
	for _, suffix := range suffixes {
		part := b.variable(prefix + suffix)
		value := strings.TrimSpace(part.Value.Reveal())
		if value != "" && inventory.Placeholder(value) == "" {
			return part
		}
		if value != "" && out.Value.IsZero() {
			out = part
		}
	}
	return out
}

// note keeps the variables of a session that the bot does not know.
func (b *bbgoVariables) note(found *inventory.Found, prefix string) {
	for name, v := range b.dotenv {
		if setting, is := strings.CutPrefix(name, prefix+"_"); is {
			found.Note(v.Value.Reveal(), setting)
		}
	}
	for _, pair := range b.f.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if setting, is := strings.CutPrefix(name, prefix+"_"); is {
			found.Note(value, setting)
		}
	}
}

// flag is a switch, which is off if the bot cannot parse it.
func (b *bbgoVariables) flag(name string) bool {
	on, err := strconv.ParseBool(b.variable(name).Value.Reveal())
	return err == nil && on
}

// variable is the value that the bot sees for a name.
func (b *bbgoVariables) variable(name string) inventory.Part {
	if value := strings.TrimSpace(b.f.Env(name)); value != "" {
		part := inventory.NewPart(value)
		part.Environ = true
		return part
	}
	v := b.dotenv[name]
	return inventory.Part{Value: v.Value, File: b.path, Line: v.Line, Column: 1}
}
