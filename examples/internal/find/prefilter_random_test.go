package find

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// shreds are what the texts of all kinds of files are made of.
var shreds = []string{
	"api_key", "apiKey", "secret", "BINANCE_API_KEY", "BINANCE_SECRET", "okx", "Client", "newClient(", "config", "wallet", "private_key", "pk", "key is ", "the secret: ", "name", "value", "INSERT INTO keys (api_key, secret) VALUES ",
	"=", " = ", ": ", ":", " := ", "=>", "::", "(", ")", "[", "]", "{", "}", "\"", "\"", "'", "`", ",", ", ", ".", "/", "$", "@", "%", "~", "-", "--", "#", "// ", "|", "\t", " ", "\n", "\n", "\n  ", "\n- ", "\\n", "=\n", "b\"",
}

// TestPrefilterShreds: the same of texts that nobody would write, with keys in them wherever
// they may stand.
func TestPrefilterShreds(t *testing.T) {
	t.Parallel()
	n := newNames(exchanges.All())
	code := strings.Repeat("func add(one, two int) int { return one + two } // of the sum\n", 6)
	r := rand.New(rand.NewPCG(20, 14))
	found := 0
	for range 20_000 {
		var text strings.Builder
		text.WriteString(code)
		for range 4 + r.IntN(40) {
			switch r.IntN(5) {
			case 0:
				text.WriteString(draw(r, []string{"%a64", "%h32", "%a40", "0x%h64", "%g", "%b88=="}[r.IntN(6)]))
			default:
				text.WriteString(shreds[r.IntN(len(shreds))])
			}
		}
		var with []key
		if mayHold([]byte(text.String())) {
			with, _ = n.inspect("a/b.txt", text.String(), nil)
		}
		all := n.unfiltered("a/b.txt", text.String())
		found += len(all)
		if !assert.Equal(t, places(all), places(with), "%q", text.String()[len(code):]) {
			return
		}
	}
	assert.Greater(t, found, 500)
}
