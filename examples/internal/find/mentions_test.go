package find

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestMayMention: no word that names an exchange is ruled out before it is read.
func TestMayMention(t *testing.T) {
	t.Parallel()
	n := newNames(exchanges.All())
	words := slices.Concat(unsupported, slices.Sorted(maps.Keys(packages)))
	for _, e := range exchanges.All() {
		words = append(words, e.Name, e.Title)
		for _, env := range e.Environments {
			for _, address := range env.URLs {
				if u, err := url.Parse(address); assert.NoError(t, err) {
					words = append(words, u.Hostname())
				}
			}
		}
	}
	for _, h := range headers {
		words = append(words, h.prefix+"api-key")
	}
	words = append(words, "gate_io", "huobi", "HUOBI_PRO", "coinbase_advanced", "crypto-com", "bitfinex2", "apca", "bfx", "binanceusdm", "ws.okx.com", "api.hbdm.com", "kraken_futures", "BinanceUS", "woo_x", "ascend_ex")
	named := 0
	for _, word := range words {
		for _, form := range []string{word, strings.ToUpper(word), strings.ReplaceAll(word, " ", ""), strings.ReplaceAll(word, " ", "_"), "my_" + word + "_client", "ccxt." + word, word + "Client", strings.ReplaceAll(word, "_", "-") + "-api"} {
			if len(form) > longestWord {
				continue
			}
			want := n.exchangeOf(form)
			assert.Equal(t, want, n.exchangeIn(form), form)
			if want != "" {
				named++
			}
		}
	}
	assert.Greater(t, named, 1000)
}

// TestWordsIn: words are those that an expression for them finds.
func TestWordsIn(t *testing.T) {
	t.Parallel()
	wordLike := regexp.MustCompile(`[A-Za-z][A-Za-z0-9_.-]{1,60}[A-Za-z0-9]`)
	long := strings.Repeat("aB3-", 40)
	texts := []string{"", "a", "ab", "abc", "a..", "a--b", "-a.b_c- d", "x.y z", "1ab2", long, "." + long + "..", strings.Repeat("a", 61) + "-" + "b", "clés api.okx.com, \"gate_io\""}
	for _, table := range [][]sample{keyFiles, secondKeys, thirdKeys, cleanFiles, secondClean} {
		for _, s := range table {
			texts = append(texts, strings.Split(s.text, "\n")...)
		}
	}
	for _, text := range texts {
		assert.Equal(t, append([]string{}, wordLike.FindAllString(text, -1)...), append([]string{}, slices.Collect(wordsIn(text))...), text)
	}
}
