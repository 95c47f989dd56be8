package exchanges_test

import (
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// brand is the other exchanges of a brand, which have keys of their own.
var brand = map[string][]string{
	"binance": {"binanceth", "binancetr", "binanceus", "tokocrypto"}, "binanceth": {"binance", "binancetr", "binanceus", "tokocrypto"},
	"binancetr": {"binance", "binanceth", "binanceus", "tokocrypto"}, "binanceus": {"binance", "binanceth", "binancetr", "tokocrypto"},
	"tokocrypto": {"binance", "binanceth", "binancetr", "binanceus"},
	"coinbase":   {"coinbaseexchange", "coinbaseprime"}, "coinbaseexchange": {"coinbase", "coinbaseprime"}, "coinbaseprime": {"coinbase", "coinbaseexchange"},
	"kraken": {"krakenfutures"}, "krakenfutures": {"kraken"},
	"htx": {"bittrade"}, "bittrade": {"htx"},
}

// TestForeignKeysAreSentOn: about a key that an exchange does not know, the advice names
// every other site of the exchange and every other exchange of the brand, and none that
// does not exist; nothing is sent to any of them.
func TestForeignKeysAreSentOn(t *testing.T) {
	t.Parallel()
	var known []string
	for _, e := range exchanges.All() {
		known = append(known, e.Name)
	}
	checked := 0
	for _, fake := range exchangetest.All() {
		exchange, _ := exchanges.Lookup(fake.Name())
		require.NotNil(t, exchange, fake.Name())
		var elsewhere []string
		for _, env := range exchange.Environments[1:] {
			elsewhere = append(elsewhere, env.Name)
		}
		names := slices.Concat(elsewhere, brand[exchange.Name])
		if len(names) == 0 {
			continue
		}
		checked++
		require.Contains(t, fake.Failures(), exchangetest.FailUnknownKey, exchange.Name)
		unknown := exchangetest.Spec{Faults: []exchangetest.Fault{{Failure: exchangetest.FailUnknownKey, Times: -1}}}
		key := audit.Key{Exchange: exchange, Credentials: fake.Issue(unknown), Policy: audit.ReadOnly()}
		result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: fake})
		require.Error(t, err, exchange.Name)
		advice := result.Finding(audit.RuleNotInspected).Remedy
		for _, name := range names {
			assert.Contains(t, advice, strconv.Quote(name), exchange.Name)
		}
		for _, name := range quotedWord.FindAllStringSubmatch(advice, -1) {
			assert.Contains(t, slices.Concat(elsewhere, known, []string{exchange.Environments[0].Name}), name[1], exchange.Name)
		}
		for _, seen := range fake.Requests() {
			assert.Contains(t, exchange.Environments[0].URLs, "https://"+seen.Host, exchange.Name)
		}
	}
	assert.Greater(t, checked, 25, "where are the exchanges with several sites?")
}

var quotedWord = regexp.MustCompile(`"([^"]*)"`)
