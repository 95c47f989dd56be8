package inventory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShow(t *testing.T) {
	t.Parallel()
	for _, word := range []string{
		"binanse", "GRID_EU_1_BYBIT_SECRET", "grid-eu-1-trading-bot-2", "withdrawalwithdrawalwithdrawal", "", "Desk3GridBot", "BybitGridBotEurope",
		"user/config.json#binance", "C:\\keys\\grid-1.secret", "2026-11-22T10:00:00Z", "spot-trading, extended", "2001:db8::/64",
	} {
		assert.Equal(t, fmt.Sprintf("%q", word), show(word))
	}
	for _, word := range []string{
		canary, "xx " + canary, strings.ToLower(canary), "b8dd0b4c-7a3f-4e32-9a3c-8d2f1c0b7e61", strings.Repeat("ab ", 40), "kQH5HW/8p1uGOVjb",
		"-----BEGIN PRIVATE KEY-----", "9f86d081884c7d659a2feaa0c55ad015",
	} {
		assert.NotContains(t, show(word), word)
	}
	assert.Equal(t, `"/run/keys/grid.secret"`, showPath("/run/keys/grid.secret"))
	assert.NotContains(t, showPath("/run/keys/"+canary), canary)
}

// TestShowRandom: of secrets as exchanges create them, at most one in a hundred
// looks like a name.
func TestShowRandom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for alphabet, length := range map[string]int{
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789":   32,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/": 64,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_": 43,
		"0123456789abcdef": 32,
	} {
		shown := 0
		for range 10000 {
			var b strings.Builder
			for range length {
				b.WriteByte(alphabet[random.IntN(len(alphabet))])
			}
			if !looksSecret(b.String()) {
				shown++
			}
		}
		assert.LessOrEqual(t, shown, 100, "of 10000: %s", alphabet)
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `unknown format "jsom": did you mean "json"?`, unknown("format", "jsom", []string{"text", "json"}))
	assert.Equal(t, `unknown format "x": use one of text, json`, unknown("format", "x", []string{"text", "json"}))
	assert.Equal(t, `unknown format "x": there are none`, unknown("format", "x", nil))
	known := []string{canary}
	assert.NotContains(t, unknown("key", canary[1:], known), canary[1:])
	assert.Equal(t, []string{canary}, known)
	for range 1000 {
		known = append(known, "name")
	}
	assert.Less(t, len(unknown("key", "x", known)), 1000)
	assert.Contains(t, unknown("key", "x", known), "name and 920 more")
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"binanse", "binance", 1}, {"flaw", "lawn", 2}} {
		assert.Equal(t, tc.want, editDistance(tc.a, tc.b), "%s %s", tc.a, tc.b)
	}
}
