package find

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestValuesNameNothing: what is drawn has an exchange's short name now and then (Hl, Woo, Xt),
// which says nothing, in a key as in a hash beside it.
func TestValuesNameNothing(t *testing.T) {
	t.Parallel()
	n, r := newNames(exchanges.All()), rand.New(rand.NewPCG(8, 12))
	for _, word := range []string{"Hl", "Okx", "Htx", "Woo", "Cbpro", "HL", "Bfx"} {
		for _, form := range []string{"Binance\n\nkey: %s\nsecret: %s\n", "Binance\n\nsecret: %[2]s\nkey: %[1]s\n", "# Binance\n\nrelease %[3]s\n\nAPI Key: %[1]s\nAPI Secret: %[2]s\n"} {
			for range 20 {
				around := func(size int) string {
					text := draw(r, fmt.Sprintf("%%a%d", size-len(word)))
					at := 3 + r.IntN(len(text)-5)
					return text[:at] + word + text[at:]
				}
				text := fmt.Sprintf(form, around(64), around(64), around(40))
				text, _, _ = strings.Cut(text, "%!(EXTRA")
				keys, _ := n.inspect("notes.txt", text, nil)
				if assert.Len(t, keys, 1, text) {
					assert.Equal(t, "binance", keys[0].exchange, "%s: %s", text, keys[0].why)
				}
			}
		}
	}
}

// TestBlocks: a block of PEM is only passed over if nothing but base64 is in it.
func TestBlocks(t *testing.T) {
	t.Parallel()
	n := newNames(exchanges.All())
	for _, block := range []string{"-----BEGIN BOT CONFIG-----\n%s-----END BOT CONFIG-----\n", "note = '''\n-----BEGIN NOTE-----\n%s-----END NOTE-----\n'''\n"} {
		for _, text := range []string{"BYBIT_API_KEY=kT7bQ2wX9zLm4RvN8c\nBYBIT_API_SECRET=Zq3WvT8rKp5XnB7mLc2HdJ9sFg4QyR6tVbN1\n", "bybit key: kT7bQ2wX9zLm4RvN8c\nbybit secret: Zq3WvT8rKp5XnB7mLc2HdJ9sFg4QyR6tVbN1\n"} {
			keys, more := n.inspect("notes.txt", fmt.Sprintf(block, text), nil)
			assert.Len(t, keys, 1, text)
			assert.False(t, more && len(keys) == 0, text)
		}
	}
}
