package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// headings are those of notes. {EX} is the exchange.
var headings = []string{
	"# {EX}", "## {EX} (main)", "{EX}:", "{EX}", "** {EX}", "=== {EX} ===", "**{EX}**", "{EX}\n=====", "- {EX}", "1. {EX}", "{EX} API", "{EX} keys:", "## {EX} – grid bot", "My {EX} account", "> {EX}", "### `{EX}`", "🔑 {EX}",
}

// noteLabels are what people write before a key and its secret in notes.
var noteLabels = []string{
	"key: {id}\nsecret: {secret}", "- API Key: {id}\n- API Secret: {secret}", "* **API Key:** `{id}`\n* **Secret Key:** `{secret}`", "name: grid\nkey: {id}\nsecret: {secret}\nip: 10.0.0.1", "key = {id}\nsecret = {secret}",
	"key - {id}\nsecret - {secret}", "key – {id}\nsecret – {secret}", "Key\n{id}\nSecret\n{secret}", "Key:\n  {id}\nSecret:\n  {secret}", "key:\n\n{id}\n\nsecret:\n\n{secret}", "- key :: {id}\n- secret :: {secret}",
	"API: {id}\nSecret: {secret}", "id: {id}\nsecret: {secret}", "Public: {id}\nPrivate: {secret}", "pub: {id}\npriv: {secret}", "K: {id}\nS: {secret}", "API Key (read only): {id}\nAPI Secret (read only): {secret}",
	"secret: {secret}\nkey: {id}", "(moved from Upbit in May)\nkey: {id}\nsecret: {secret}", "public key {id}\nsecret key {secret}", "login: {id}\nsecret: {secret}",
}

// TestNotes: the keys in notes are found below their headings, several exchanges one after
// the other, and each is of the exchange that its heading names.
func TestNotes(t *testing.T) {
	t.Parallel()
	n, r := newNames(exchanges.All()), rand.New(rand.NewPCG(6, 61))
	names := map[string]string{"bybit": "Bybit", "kraken": "Kraken", "binanceus": "Binance US", "krakenfutures": "Kraken Futures", "gate": "Gate", "gateio": "Gate.io", "htx": "Huobi", "binance": "Binance", "okx": "OKX", "coinbaseexchange": "Coinbase Pro", "kucoin": "KuCoin"}
	of := map[string]string{"gateio": "gate"}
	order := []string{"bybit", "gate", "kraken", "krakenfutures", "binance", "binanceus", "gateio", "htx", "okx", "coinbaseexchange", "kucoin"}
	for _, heading := range headings {
		for _, labels := range noteLabels {
			for _, several := range []int{1, 3} {
				var text strings.Builder
				var want []planted
				first := r.IntN(len(order))
				for i := range several {
					name := order[(first+i)%len(order)]
					exchange := name
					if of[name] != "" {
						exchange = of[name]
					}
					id, secret := draw(r, forms[exchange][0]), draw(r, forms[exchange][1])
					if i == 1 { // no form is sure
						id, secret = draw(r, "%a64"), draw(r, "%a64")
					}
					text.WriteString(strings.NewReplacer("{EX}", names[name], "{id}", id, "{secret}", secret).Replace(heading + "\n\n" + labels + "\n\n"))
					want = append(want, planted{exchange: exchange, id: id, secret: secret})
				}
				var keys []key
				if mayHold([]byte(text.String())) {
					keys, _ = n.inspect("notes.md", text.String(), nil)
				}
				var got []planted
				for _, w := range want {
					for _, k := range keys {
						if k.id != nil && k.secret != nil && k.id.value.Reveal() == w.id {
							got = append(got, planted{exchange: k.exchange, id: w.id, secret: k.secret.value.Reveal()})
						}
					}
				}
				assert.Equal(t, want, got, text.String())
				assert.Len(t, keys, several, text.String())
			}
		}
	}
}
