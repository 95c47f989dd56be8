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
		r.within(found, n)
	}
}

// within notes what is within a value, to which the names lead from the key's entry.
func (r *botFile) within(found *Found, n *Node, path ...string) {
	if n == nil {
		return
	}
	for _, m := range n.Members {
		if m.Value.Kind == Text || m.Value.Kind == Number {
			found.besides = append(found.besides, beside{m.Name, r.partAt(strings.TrimSpace(m.Value.Text), m)})
		}
		r.within(found, m.Value, append(slices.Clip(path), m.Name)...)
	}
	for _, item := range n.Items {
		r.within(found, item, path...)
	}
	if len(n.Members)+len(n.Items) == 0 && n.Kind != Null {
		found.Note(n.Text, path...)
	}
}

// sharedNames are names of objects with settings of all keys of a file.
var sharedNames = []string{"settings", "defaults", "default", "options", "config", "common", "global", "shared", "urls", "headers", "ccxt", "ccxt_config"}

// around notes what stands around the entries of several keys: fields, and objects with
// settings or hosts.
func (r *botFile) around(found *Found, nodes ...*Node) {
	var outer Found
	for _, n := range nodes {
		if n == nil {
			continue
		}
		for _, m := range n.Members {
			kind := nameKind(m.Name)
			switch whole := m.Value.Kind == Object || m.Value.Kind == List; {
			case whole && kind != address && !slices.Contains(sharedNames, m.Name):
			case !whole && kind == nowhere: // a URL there may be about anything: "$schema"
			default:
				r.within(&outer, m.Value, m.Name)
			}
		}
	}
	for _, w := range outer.where {
		w.outer = true
		found.where = append(found.where, w)
	}
}

// without is an object without some of its members.
func (n *Node) without(names ...string) *Node {
	if n == nil {
		return nil
	}
	out := *n
	out.Members = slices.DeleteFunc(slices.Clone(n.Members), func(m Member) bool { return slices.Contains(names, m.Name) })
	return &out
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

// unused are the secrets in the entry of a key that are no part of any key of the file: at
// exchanges whose keys are no wallets, only the seeds of wallets.
func (f *Found) unused(used map[string]bool, exchanges []*adapter.Exchange) (out []Found) {
	e, _ := resolveExchange(f.Exchange, exchanges)
	wallets := e.wallet || hasWallets(exchangeNamed(e.name, exchanges))
	for _, b := range f.besides {
		value := b.Value.Reveal()
		seed := isSeed(Variable{Value: b.Value}, &variableName{words: nameWords(b.name)})
		if used[value] || !seed && (!wallets || !b.isSecret()) {
			continue
		}
		used[value] = true
		lost := Found{Name: f.Name, Exchange: f.Exchange, File: f.File, Line: b.Line, Column: b.Column, named: b.Value}
		if b.File != "" || b.Environ {
			lost.File = b.File
		}
		lost.Skip = show(b.name) + " holds another secret: list its key in an inventory"
		if why := keytext.Placeholder(value); seed && !wallets {
			lost.Skip = show(b.name) + holdsSeed
		} else if why != "" {
			lost.Skip = show(b.name) + " " + filled(why)
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
