package inventory

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// advised is the entry that a reason advises.
var advised = regexp.MustCompile(`, as {name: NAME, (exchange: EXCHANGE, from: "[^"]*")}$`)

// asJSON is the entry as a whole inventory, which this package reads as JSON.
func asJSON(entry string) []byte {
	entry = regexp.MustCompile(`(\w+): (\w+|"[^"]*")`).ReplaceAllStringFunc(entry, func(field string) string {
		name, value, _ := strings.Cut(field, ": ")
		return strconv.Quote(name) + ": " + strconv.Quote(strings.Trim(value, `"`))
	})
	return []byte(`{"keys": [{"name": "a", ` + entry + `}]}`)
}

// TestAdvisedEntry: where a key is skipped because nothing says its exchange, the entry that
// the reason advises, word for word, is audited once the exchange is filled in.
func TestAdvisedEntry(t *testing.T) {
	t.Parallel()
	const wallet, at = "0x1111111111111111111111111111111111111111111111111111111111111111", "0x5fbdb2315678afecb367f032d93f642f64180aa3"
	pair := func(prefix string) string {
		return prefix + "API_KEY=" + keyA + "\n" + prefix + "API_SECRET=" + secretA + "\n"
	}
	type test struct{ text, exchange, key, account, secret string }
	tests := []test{
		{"PRIVATE_KEY=" + wallet + "\nACCOUNT_ADDRESS=" + at, "hyperliquid", "", at, wallet},
		{"PRIVATE_KEY=" + wallet, "hyperliquid", "", "", wallet},
		{"PK=" + wallet[2:], "hyperliquid", "", "", wallet[2:]},
		{"SECRET_KEY=" + wallet + "\nWALLET_ADDRESS=" + at, "hyperliquid", "", at, wallet},
		{"WALLET_PRIVATE_KEY=" + wallet + "\nWALLET_ADDRESS=" + at, "hyperliquid", "", at, wallet},
		{"AGENT_PRIVATE_KEY=" + wallet, "hyperliquid", "", "", wallet},
		{"FREQTRADE__EXCHANGE__KEY=" + keyA + "\nFREQTRADE__EXCHANGE__SECRET=" + secretA, "kraken", keyA, "", secretA},
		{pair("BYBIT_TO_BINANCE_"), "binance", keyA, "", secretA}, // which match two exchanges
		{pair("COINBASE_") + "COINBASE_PASSPHRASE=Moon1", "coinbaseexchange", keyA, "", secretA},
		{pair("KRAKEN_") + "KRAKEN_MARKET=futures", "krakenfutures", keyA, "", secretA},
		{pair("KRAKEN_") + "KRAKEN_MARKET=futures", "kraken", keyA, "", secretA},
	}
	for _, prefix := range []string{"", "MYBOT_", "FT_", "HUMMINGBOT_", "GRID_", "ALPHA_", "DESK_2_", "STRATEGY1_", "PROD_", "MY_WALLET_"} {
		for _, exchange := range []string{"binance", "gate", "gemini"} {
			tests = append(tests, test{pair(prefix), exchange, keyA, "", secretA})
		}
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), ".env")
		require.NoError(t, os.WriteFile(path, []byte(test.text+"\n"), 0o600))
		in, err := From("env", path, withVariables())
		require.NoError(t, err)
		require.Len(t, in.Skipped, 1, test.text)
		require.Empty(t, in.Keys, "no exchange is guessed: %s", test.text)
		why := in.Skipped[0].Why
		found := advised.FindStringSubmatch(why)
		require.NotNil(t, found, why)

		entry := strings.Replace(found[1], "EXCHANGE", test.exchange, 1)
		in, err = Parse(asJSON(entry), "keys.json", withVariables())
		require.NoError(t, err, "%s\n%s", test.text, entry)
		require.Len(t, in.Keys, 1)
		c := loadKey(t, in.Keys[0])
		assert.Equal(t, test.exchange, in.Keys[0].Exchange.Name)
		assert.Equal(t, []string{test.key, test.account, test.secret}, []string{c.Key, c.Account, c.Secret.Reveal()}, test.text)

		_, without, _ := strings.Cut(entry, ", ")
		_, err = Parse(asJSON(without), "keys.json", withVariables())
		assert.ErrorContains(t, err, `add "exchange" to the entry of the key`, "no exchange is guessed")
	}
}

// TestAdvisedEntryKeepsItsPlace: the exchange that an entry names does not overrule what the
// variables say of where the key belongs.
func TestAdvisedEntryKeepsItsPlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, exchange, want string }{
		{"KRAKEN_MARKET=futures\nKRAKEN_TESTNET=true", "krakenfutures", "is not supported"},
		{"KRAKEN_MARKET=futures\nKRAKEN_BASE_URL=https://api.kraken.com", "krakenfutures", "KRAKEN_BASE_URL"},
		{"KRAKEN_MARKET=futures", "bybit", "list the key in an inventory, with its exchange"},
	} {
		path := writeBot(t, ".env", "KRAKEN_API_KEY="+keyA+"\nKRAKEN_API_SECRET="+secretA+"\n"+test.text+"\n")
		in, err := Parse(asJSON(`exchange: `+test.exchange+`, from: "env=`+path+`#kraken"`), "keys.json", withVariables())
		assert.Nil(t, in)
		assert.ErrorContains(t, err, test.want, test.text)
	}
}
