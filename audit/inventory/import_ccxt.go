package inventory

import (
	"slices"

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
	out := r.eachKey(r.root, func(m Member) []Found {
		if m.Name == "" {
			return r.ccxtEntry(m.Value, "", m.Line, m.Column)
		}
		return r.ccxtMember(m, f.options.Exchanges)
	})
	if len(out) == 0 && len(r.problems) == 0 {
		r.report(1, 1, `no ccxt keys found: they are written {"binance": {"apiKey": "…", "secret": "…"}}`)
	}
	return out, r.problems.err()
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
			return r.ccxtEntry(inner.Value, inner.Name, inner.Line, inner.Column, r.root, accounts)
		})
	}
	if known && len(out) == 0 && (m.Value.Kind == Object || len(m.Value.Items) > 0) {
		lost := r.found(m.Name, m.Name, m.Line, m.Column)
		lost.Skip = "its entry has neither apiKey nor secret"
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
