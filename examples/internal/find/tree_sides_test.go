package find

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// sides are forms in which a key and its secret stand side by side, or one below the other,
// and have no names of their own. {EX} is the exchange.
var sides = []struct{ path, text string }{
	{"notes.txt", "{EX} API key/secret: {id}/{secret}\n"},
	{"notes.txt", "{EX} API key/secret: {id} / {secret}\n"},
	{"notes.txt", "{EX} key and secret: {id}:{secret}\n"},
	{"notes.txt", "{EX} (key | secret): {id} | {secret}\n"},
	{"notes.txt", "{EX} key, secret: {id},{secret}\n"},
	{"notes.txt", "{EX} secret/key: {secret} / {id}\n"},
	{"notes.txt", "{EX} clé/secret : {id} / {secret}\n"},
	{"notes.txt", "{EX} 密钥/私钥：{id}/{secret}\n"},
	{"notes.md", "- **{EX} key/secret**: `{id}` / `{secret}`\n"},
	{"notes.md", "# {EX}\n\nkey/secret: {id}/{secret}\n"},
	{"notes.md", "# {EX}\n\nAPI Key / Secret: {id} / {secret}\n"},
	{"bot.yaml", "{ex}:\n  - {id}\n  - {secret}\n"},
	{"bot.yaml", "{ex}:\n- \"{id}\"\n- \"{secret}\"\n"},
	{"bot.yaml", "exchanges:\n  {ex}:\n    main:\n      - {id}\n      - {secret}\n    pairs:\n      - BTC/USDT\n"},
	{"bot.yaml", "{ex}: [{id}, {secret}]\n"},
	{"bot.yaml", "{ex}: ['{id}', '{secret}']\n"},
	{"bot.json", "{\"{ex}\": [\"{id}\", \"{secret}\"]}\n"},
	{"bot.json", "{\"{ex}\": [\n  \"{id}\",\n  \"{secret}\"\n]}\n"},
	{"bot.json", "{\"{ex}\": {\"keys\": [\"{id}\", \"{secret}\"]}}\n"},
	{"bot.toml", "[{ex}]\nkeys = [\"{id}\", \"{secret}\"]\n"},
}

// sidesOfForm are such forms in which nothing says that the two are a key and its secret.
var sidesOfForm = []struct{ path, text string }{
	{"notes.txt", "{EX}: {id}/{secret}\n"},
	{"notes.txt", "{EX} {id} / {secret}\n"},
	{"notes.txt", "{EX} main account {id}|{secret}\n"},
	{"notes.md", "# {EX}\n\n{id}\n{secret}\n"},
	{"notes.md", "# {EX}\n\n{id} / {secret}\n"},
	{"notes.txt", "{EX}:\n{id}\n\n{secret}\n"},
	{"bot.json", "{\"{ex}\": \"{id}:{secret}\"}\n"},
	{"bot.json", "{\"{ex}\": {\"credentials\": \"{id}:{secret}\"}}\n"},
	{"bot.yaml", "{ex}: {id}/{secret}\n"},
	{".env", "{EX_}={id}/{secret}\n"},
	{".env", "{EX_}_KEYS={id}:{secret}\n"},
	{"bot.py", "KEYS = {'{ex}': '{id}|{secret}'}\n"},
}

// called are what people call exchanges, where that is not their name with a capital.
var called = map[string]string{"gate": "Gate.io", "xt": "XT.com", "coinbaseexchange": "Coinbase Pro", "krakenfutures": "Kraken Futures", "binanceus": "Binance US", "cryptocom": "Crypto.com", "htx": "HTX", "okx": "OKX"}

// alike are exchanges of which both halves are of one form, as hashes and ids have it.
var alike = []string{"bithumb", "blofin", "whitebit", "zaif", "htx", "yobit"}

// TestSides: a key and its secret side by side are found, of every exchange.
func TestSides(t *testing.T) {
	t.Parallel()
	n, r := newNames(exchanges.All()), rand.New(rand.NewPCG(5, 51))
	long := strings.Repeat("some words about the weather and what else there is to do today.\n", 60)
	found, all := 0, 0
	for _, exchange := range slices.Sorted(maps.Keys(forms)) {
		table := slices.Concat(sides, sidesOfForm)
		if slices.Contains(alike, exchange) {
			table = sides
		}
		for _, form := range table {
			for i := range 4 {
				id, secret := draw(r, forms[exchange][0]), draw(r, forms[exchange][1])
				if strings.Contains(secret, "\n") || len(id) < shortestPart {
					continue
				}
				name := called[exchange]
				if name == "" {
					name = strings.ToUpper(exchange[:1]) + exchange[1:]
				}
				field := strings.NewReplacer(" ", "_", ".", "").Replace(strings.ToLower(name))
				text := strings.NewReplacer("{EX_}", strings.ToUpper(field), "{EX}", name, "{ex}", field, "{id}", id, "{secret}", secret).Replace(form.text)
				if i%2 == 1 {
					text = long + text
				}
				var keys []key
				if mayHold([]byte(text)) {
					keys, _ = n.inspect(form.path, text, nil)
				}
				got := "nothing"
				for _, k := range keys {
					if k.id != nil && k.secret != nil && k.id.value.Reveal() == id && k.secret.value.Reveal() == secret {
						got = k.exchange
					}
				}
				if all++; got == exchange {
					found++
				} else {
					t.Logf("%s, not %s, in %s", got, exchange, strings.TrimPrefix(text, long))
				}
			}
		}
	}
	assert.GreaterOrEqual(t, 1000*found, 995*all, "%d of %d", found, all)
}
