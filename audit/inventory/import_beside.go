package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/internal/keytext"
)

// beside is a field of a key's entry. At exchanges whose keys are wallets it may be the
// secret of another key, which can be worth as much, or the name of the account where that is
// no wallet address.
type beside struct {
	name string
	Part
}

// beside notes all fields in the entry of a key, and in what is within it.
func (r *botFile) beside(found *Found, nodes ...*Node) {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for _, m := range n.Members {
			if m.Name == "urls" { // ccxt's, which is read whole
				continue
			}
			if m.Value.Kind != Object && m.Value.Kind != List && m.Value.Kind != Null {
				found.note(m.Name, m.Value.Text)
			}
			if r.beside(found, m.Value); m.Value.Kind == Text || m.Value.Kind == Number {
				found.besides = append(found.besides, beside{m.Name, r.partAt(strings.TrimSpace(m.Value.Text), m)})
			}
		}
		r.beside(found, n.Items...)
	}
}

// accountNamed is the field for the name of an account where the exchange has one that is no
// wallet address, such as Lighter's accountIndex.
func (f *Found) accountNamed(e *adapter.Exchange) Part {
	for _, n := range adapter.PartNames() {
		if n.Part != adapter.AccountPart || len(n.Of) != 1 || n.Of[0] != e.Name {
			continue
		}
		for _, b := range f.besides {
			if adapter.Fold(b.name) == adapter.Fold(n.Name) {
				return b.Part
			}
		}
	}
	return Part{}
}

// secretEnds are the ends of names of secrets, as [adapter.Fold] writes them.
var secretEnds = []string{"privatekey", "secretkey", "secret", "mnemonic", "seedphrase", "secretphrase", "privatekeyhex", "keypair"}

// isSecret reports whether the field holds a secret, by its name, or by its form where the
// name says nothing else.
func (b *beside) isSecret() bool {
	name, value := adapter.Fold(b.name), b.Value.Reveal()
	isName := func(end string) bool { return strings.HasSuffix(name, end) }
	switch {
	case value == "" || isPlaceholder(value, nil) || keytext.Sample(value):
		return false
	case slices.ContainsFunc(secretEnds, isName):
		return true
	default:
		return walletKey.MatchString(value) && !slices.ContainsFunc([]string{"id", "hash", "account", "address", "wallet"}, isName)
	}
}

// unused are the secrets in the entry of a key that are no part of any key of the file.
func (f *Found) unused(used map[string]bool, exchanges []*adapter.Exchange) (out []Found) {
	if b, _ := resolveExchange(f.Exchange, exchanges); !b.wallet && !hasWallets(exchangeNamed(b.name, exchanges)) {
		return nil
	}
	for _, b := range f.besides {
		value := b.Value.Reveal()
		if used[value] || !b.isSecret() {
			continue
		}
		used[value] = true
		lost := Found{Name: f.Name, Exchange: f.Exchange, File: f.File, Line: b.Line, Column: b.Column}
		if b.File != "" || b.Environ {
			lost.File = b.File
		}
		lost.Skip = show(b.name) + " holds another secret: list its key in an inventory"
		if why := keytext.Placeholder(value); why != "" {
			lost.Skip = show(b.name) + " " + why
		}
		out = append(out, lost)
	}
	return out
}

// use notes the values that are parts of a key.
func (f *Found) use(used map[string]bool) {
	for _, p := range []Part{f.Key, f.Account, f.Secret, f.Passphrase, f.KeyPassphrase} {
		used[strings.TrimSpace(p.Value.Reveal())] = true
	}
}
