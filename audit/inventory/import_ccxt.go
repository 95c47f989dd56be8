package inventory

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// ccxt is the map from exchange ids to credentials that programs built on ccxt
// keep, or a list of such credentials.
var ccxt = Format{Name: "ccxt", Title: "a ccxt keys.json", Read: readCCXT}

func readCCXT(f *Files) ([]Found, error) {
	r, err := f.entries(f.Find("keys.local.json", "keys.json"))
	if err != nil {
		return nil, err
	}
	out := r.ccxtWhole()
	out = append(out, r.eachKey(r.root, func(m Member) []Found {
		if m.Name == "" {
			return r.ccxtEntry(m.Value, "", m.Line, m.Column)
		}
		return r.ccxtMember(m, f.options.Exchanges)
	})...)
	if len(out) == 0 && len(r.problems) == 0 {
		r.report(1, 1, `no ccxt keys found: they are written {"binance": {"apiKey": "…", "secret": "…"}}`)
	}
	return out, r.problems.err()
}

// ccxtWhole is the key of a file that is one entry, and the key whose parts stand around the
// entries.
func (r *botFile) ccxtWhole() []Found {
	own := &Node{Kind: Object, Line: 1, Column: 1}
	for _, m := range r.root.Members {
		if m.Value.Kind == Text || m.Value.Kind == Number || m.Value.Kind == Boolean {
			own.Members = append(own.Members, m)
		}
	}
	out := r.oneKey(Member{Line: 1, Column: 1}, func() []Found { return r.ccxtEntry(own, "", 1, 1) })
	if name := misnamedIn(own); name != "" && len(out) == 0 {
		lost := r.found("", "", 1, 1)
		lost.Skip = show(name) + " looks like part of a key, and nothing says of which exchange: list the key in an inventory"
		out = append(out, lost)
	}
	return out
}

// misnamedIn is the name of a field that is part of a key, by any name that people have for
// one; empty if there is none.
func misnamedIn(n *Node) string {
	for _, m := range n.Members {
		is := func(p adapter.PartName) bool {
			return (p.Part == adapter.KeyPart || p.Part == adapter.SecretPart) && !p.Weak && adapter.Fold(p.Name) == adapter.Fold(m.Name)
		}
		if value := strings.TrimSpace(m.Value.Text); NewPart(value).isReal() && slices.ContainsFunc(adapter.PartNames(), is) {
			return m.Name
		}
	}
	return ""
}

// ccxtMember are the keys in one member of the file.
func (r *botFile) ccxtMember(m Member, exchanges []*adapter.Exchange) []Found {
	_, known := resolveExchange(m.Name, exchanges)
	out := r.ccxtEntry(m.Value, m.Name, m.Line, m.Column, r.root)
	switch accounts := m.Value; {
	case len(out) > 0:
		return out
	case accounts.Kind == List: // several accounts
		out = r.eachKey(accounts, func(item Member) []Found { return r.ccxtEntry(item.Value, m.Name, item.Line, item.Column, r.root) })
	case !known && accounts.Kind == Object: // {"exchanges": {"binance": {…}}}
		out = r.eachKey(accounts, func(inner Member) []Found {
			found := r.ccxtEntry(inner.Value, inner.Name, inner.Line, inner.Column, r.root, accounts)
			for i := range found {
				found[i].labels = append(found[i].labels, m.Name)
			}
			return found
		})
	}
	if known && len(out) == 0 && (m.Value.Kind == Object || len(m.Value.Items) > 0) {
		lost := r.found(m.Name, m.Name, m.Line, m.Column)
		lost.Skip = "its entry has neither apiKey nor secret: list its keys in an inventory"
		if name := misnamedIn(m.Value); name != "" {
			lost.Skip = show(name) + unreadPart
		}
		out = append(out, lost)
	}
	return out
}

// ccxtMarks are the names by which an entry is recognised.
var ccxtMarks = append([]string{"apiKey", "api_key", "key", "secret", "api_secret", "apiSecret"}, walletSecrets...)

// ccxtEntry returns the key of one account, or none if the node is no entry. The others
// are what stands around it.
func (r *botFile) ccxtEntry(n *Node, name string, line, column int, around ...*Node) []Found {
	if n.Kind != Object || !slices.ContainsFunc(ccxtMarks, func(name string) bool { return n.member(name) != nil }) {
		return nil
	}
	found := r.found(name, name, line, column)
	for _, field := range []string{"exchange", "exchangeId", "id"} {
		if id := r.word(n, field); id != "" {
			found.Exchange = id
			break
		}
	}
	if found.Name == "" {
		found.Name = found.Exchange
	}
	r.ccxt(&found, n)
	r.around(&found, around...)
	found.skip(r.ccxtProxy(n, r.get(n, "options")))
	return []Found{found}
}
