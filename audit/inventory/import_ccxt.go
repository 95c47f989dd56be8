package inventory

import "slices"

// ccxt is the map from exchange ids to credentials that programs built on ccxt
// keep, or a list of such credentials.
var ccxt = Format{Name: "ccxt", Title: "a ccxt keys.json", Read: readCCXT}

func readCCXT(f *Files) ([]Found, error) {
	r, err := f.entries(f.Find("keys.local.json", "keys.json"))
	if err != nil {
		return nil, err
	}
	var out []Found
	for _, m := range r.members(r.root) {
		entries := r.ccxtEntry(m.Value, m.Name, m.Line, m.Column, r.root)
		for _, item := range m.Value.Items { // several accounts
			entries = append(entries, r.ccxtEntry(item, m.Name, item.Line, item.Column, r.root)...)
		}
		_, known := resolveExchange(m.Name, f.options.Exchanges)
		if len(entries) == 0 && !known && m.Value.Kind == Object { // {"exchanges": {"binance": {…}}}
			for _, inner := range r.members(m.Value) {
				entries = append(entries, r.ccxtEntry(inner.Value, inner.Name, inner.Line, inner.Column, r.root, m.Value)...)
			}
		}
		if known && len(entries) == 0 && (m.Value.Kind == Object || len(m.Value.Items) > 0) {
			lost := r.found(m.Name, m.Name, m.Line, m.Column)
			lost.Skip = "its entry has neither apiKey nor secret"
			entries = append(entries, lost)
		}
		out = append(out, entries...)
	}
	for _, item := range r.root.Items {
		out = append(out, r.ccxtEntry(item, "", item.Line, item.Column)...)
	}
	if len(out) == 0 && len(r.problems) == 0 {
		r.report(1, 1, `no ccxt keys found: they are written {"binance": {"apiKey": "…", "secret": "…"}}`)
	}
	return out, r.problems.err()
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
