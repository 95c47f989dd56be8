package inventory

import (
	"bytes"
	"slices"
	"strings"
)

// gocryptotrader keeps its keys in its configuration, which it can encrypt. Only
// an unencrypted one is read here.
var gocryptotrader = Format{Name: "gocryptotrader", Title: "GoCryptoTrader's config.json", Read: readGoCryptoTrader}

// goCryptoTraderPlaceholders are the values in its samples.
var goCryptoTraderPlaceholders = []string{"key", "secret", "clientid", "otpsecret", "subaccount", "pemkey"}

// goCryptoTraderMark is how an encrypted configuration begins.
const goCryptoTraderMark = "THORS-HAMMER"

func readGoCryptoTrader(f *Files) ([]Found, error) {
	path := f.Find("config.json", "config.dat")
	if data, err := f.Read(path); err == nil && bytes.HasPrefix(data, []byte(goCryptoTraderMark)) {
		text := "the file is encrypted: decrypt a copy with the bot's own config tool and give the path of that"
		return nil, Problems{{File: path, Text: text}}
	}
	r, err := f.entries(path, goCryptoTraderPlaceholders...)
	if err != nil {
		return nil, err
	}
	list := r.expect(List, r.get(r.expect(Object, r.root, ""), "exchanges"), "exchanges")
	if list == nil && len(r.problems) == 0 {
		r.report(1, 1, `this is not GoCryptoTrader's configuration: it has no "exchanges"`)
	}
	out := r.eachKey(list, func(m Member) []Found {
		exchange := r.expect(Object, m.Value, "exchanges")
		if exchange == nil {
			return nil
		}
		return []Found{r.goCryptoTrader(exchange)}
	})
	return out, r.problems.err()
}

// goCryptoTrader is the key of one exchange. Old versions have its parts one
// level further up.
func (r *botFile) goCryptoTrader(exchange *Node) Found {
	credentials := r.object(r.object(exchange, "api"), "credentials")
	name := r.word(exchange, "name")
	found := r.found(name, name, exchange.Line, exchange.Column)
	found.Key = r.part([]string{"key", "apiKey"}, credentials, exchange)
	found.Secret = r.part([]string{"secret", "apiSecret"}, credentials, exchange)
	if pem := r.part([]string{"pemKey", "apiAuthPemKey"}, credentials, exchange); found.Secret.isZero() {
		found.Secret = pem
	}
	// The bot's name for the passphrase of OKX and KuCoin, and for Bitstamp's
	// customer number.
	found.Passphrase = r.passphrase(&found, []string{"clientID", "clientId"}, credentials, exchange)
	if proxy := r.get(exchange, "proxyAddress"); proxy != nil && hasValue(proxy) {
		found.skip(skipProxy)
	}
	if on, _ := r.flag(exchange, "useSandbox"); on {
		found.Environment = sandbox
	}
	r.goCryptoTraderPlace(&found, exchange, r.root)
	for _, part := range []*Part{&found.Key, &found.Secret, &found.Passphrase} {
		part.Plaintext = "GoCryptoTrader can encrypt this file, but it is not encrypted"
	}
	if found.Key.Line > 0 {
		found.Line, found.Column = found.Key.Line, found.Key.Column
	}
	return found
}

// goCryptoTraderOthers are objects of an exchange that say nothing of its key.
var goCryptoTraderOthers = []string{"bankAccounts", "currencyPairs", "features", "orderbook"}

// goCryptoTraderPlace notes where the key belongs: today's "urlEndpoints", what versions
// before them had, and fields that the bot does not know. The bot writes a phrase where
// nobody has set an address, and has further addresses: for what needs no key, and of a
// test network that another switch turns on.
func (r *botFile) goCryptoTraderPlace(found *Found, exchange, root *Node) {
	r.beside(found, exchange.without(goCryptoTraderOthers...))
	r.around(found, root)
	found.where = slices.DeleteFunc(found.where, func(w whereField) bool {
		return strings.HasPrefix(w.value, "NON_DEFAULT_HTTP_LINK_TO_") || w.name == "ChainAnalysisURL"
	})
	for i := range found.where {
		if w := &found.where[i]; w.kind == testAddress {
			w.kind = spareAddress
		} else if strings.Contains(strings.ToLower(w.name), "supplementary") {
			w.kind = furtherAddress
		}
	}
}
