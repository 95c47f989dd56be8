package find

import (
	"context"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
)

// unlike are exchanges whose names are words of other things, by a name of theirs that
// is not.
var unlike = map[string]string{"gate": "gateio", "xt": "xtcom"}

// settle is the key of a place as it is to be audited, or why it is not: as the importer of
// its bot reads it, or else by the variables that it would be.
func (f *Found) settle(all []*adapter.Exchange) (key audit.Key, why string) {
	if f.unfit != "" {
		return key, f.unfit
	}
	if f.where.bots == nil {
		if key, why = f.asVariables(all); why == "" {
			why = f.doubt
		}
		return key, why
	}
	if key, why = f.asBot(all); why != "" {
		return key, why
	}
	if tests(&key) {
		return key, ""
	}
	if other, unread := f.asVariables(all); unread == "" && !f.where.bots.Own && tests(&other) {
		return key, "what stands around it speaks of a test network, and its own entry does not" + listPlace
	}
	return key, f.doubt
}

// tests reports whether a key is for a test network.
func tests(key *audit.Key) bool {
	return slices.ContainsFunc(key.Exchange.Environments, func(e adapter.Environment) bool { return e.Name == key.Environment && e.Test })
}

// asVariables is a key by the rules for variables of an environment: its parts and the
// settings beside it become such variables, in memory.
func (f *Found) asVariables(all []*adapter.Exchange) (key audit.Key, why string) {
	if !slices.ContainsFunc(all, func(e *adapter.Exchange) bool { return e.Name == f.Exchange }) {
		return key, "the exchange " + f.Exchange + " is not supported: look at the key on its own site"
	}
	found, err := inventory.From("env", "", inventory.Options{Exchanges: all, Environ: f.variables()})
	switch {
	case err != nil, len(found.Keys) > 1:
		return key, notFollowed
	case len(found.Keys) == 0 && len(found.Skipped) > 0:
		return key, f.said(found.Skipped[0].Why)
	case len(found.Keys) == 0:
		return key, "its exchange is not supported: look at the key on its own site"
	}
	key = found.Keys[0]
	if key.Exchange.Name != f.Exchange {
		return key, "its name says one exchange, and a setting beside it another" + listExchange
	}
	key.Load = f.load(&key)
	return key, ""
}

// said is a sentence about the settings by the names that the file has for them.
func (f *Found) said(why string) string {
	for _, s := range f.where.settings {
		why = strings.ReplaceAll(why, inventory.Show(variable(s.name)), inventory.Show(s.said))
	}
	return why
}

// variables are the key and its settings as an environment has them.
func (f *Found) variables() (out []string) {
	exchange := f.Exchange
	if other := unlike[exchange]; other != "" {
		exchange = other
	}
	stem := variable(strings.Join(append([]string{exchange}, f.where.words...), "_"))
	set := func(name string, value adapter.Secret) { out = append(out, name+"="+value.Reveal()) }
	set(stem+"_API_KEY", f.ID)
	set(stem+"_API_SECRET", f.Secret)
	if f.where.passphrase != nil {
		set(stem+"_API_PASSPHRASE", f.where.passphrase.value)
	}
	for _, s := range f.where.settings {
		set(variable(s.name), s.value)
	}
	return out
}

// variable is a name in the form of a variable's.
func variable(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}

// load gives the key's parts when its turn comes, and how they are kept then.
func (f *Found) load(key *audit.Key) func(context.Context) (adapter.Credentials, error) {
	exchange, environment := key.Exchange, key.Environment
	read := func(files *inventory.Files) ([]inventory.Found, error) {
		out := f.inventoried(files)
		out.Exchange, out.Environment = exchange.Name, environment
		if !exchange.Needs.Passphrase {
			out.Passphrase = inventory.Part{}
		}
		return []inventory.Found{out}, nil
	}
	return func(ctx context.Context) (adapter.Credentials, error) {
		o := inventory.Options{Exchanges: []*adapter.Exchange{exchange}}
		o.Formats = []inventory.Format{{Name: FormatName, Title: "file", Environ: true, Read: read}}
		found, err := inventory.From(FormatName, "", o)
		if err != nil || len(found.Keys) != 1 || found.Keys[0].Environment != environment {
			return adapter.Credentials{}, &access.Error{Kind: access.KindInput, Message: "the key can no longer be read"}
		}
		c, err := found.Keys[0].Load(ctx)
		f.describe(c.Storage)
		return c, err
	}
}

// describe says how a key is kept that is in git only, and takes secrets out of paths.
func (f *Found) describe(storage []access.Storage) {
	for i := range storage {
		s := &storage[i]
		if f.file == "" {
			s.In = "git's history"
		}
		if f.hide != nil {
			s.File, s.Folder = f.hide.Replace(s.File), f.hide.Replace(s.Folder)
		}
	}
}

// File is where the key is read; empty for what is in git only, or has a secret in its
// path, which nothing can refer to without it.
func (f *Found) File() string {
	if f.hide != nil {
		return ""
	}
	return f.file
}
