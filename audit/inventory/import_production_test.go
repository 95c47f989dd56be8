package inventory

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// TestMarketsOfTestNetworks: where a test network of futures is another place than that of
// spot, variables that say what is traded count.
func TestMarketsOfTestNetworks(t *testing.T) {
	t.Parallel()
	const pair = "BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\n"
	futures := []string{
		"BINANCE_FUTURES=true", "BINANCE_USE_FUTURES=1", "BINANCE_MARKET_TYPE=future", "BINANCE_TYPE=futures", "BINANCE_DEFAULT_TYPE=swap", "BINANCE_ACCOUNT_TYPE=USDT_FUTURE",
		"BINANCE_MARKET=perpetual", "BINANCE_PRODUCT=usd-m", "BINANCE_CONTRACT_TYPE=delivery", "BINANCE_TRADING_MODE=futures", "MARKET_TYPE=linear", "TRADING_MODE=futures", "USE_FUTURES=yes",
		"BINANCE_CATEGORY=option", "BINANCE_FUTURES_ENABLED=on", "BINANCE_PERP=1",
	}
	for _, line := range futures {
		for _, test := range []string{"BINANCE_TESTNET=true", "BINANCE_ENV=testnet", "TESTNET=1", "BINANCE_URL=https://testnet.binance.vision"} {
			for _, text := range []string{pair + line + "\n" + test, test + "\n" + line + "\n" + pair} {
				got := variablePlan(t, "env", text)
				require.Len(t, got, 1, text)
				name, _, _ := strings.Cut(line, "=")
				assert.Contains(t, got[0], "skipped: ", text)
				assert.Contains(t, got[0], `and "`+name+`" say that it is for a test network of Binance that is not supported`, text)
			}
		}
		assert.Equal(t, []string{"binance live"}, variablePlan(t, "env", pair+line), line)
		assert.Equal(t, []string{"binance demo"}, variablePlan(t, "env", pair+line+"\nBINANCE_DEMO=true"), "which has one for both")
		assert.NotContains(t, variablePlan(t, "bbgo", pair+line+"\nPAPER_TRADE=1")[0], "binance testnet", line)
		bybit := strings.ReplaceAll(pair+line, "BINANCE", "BYBIT")
		assert.Equal(t, []string{"bybit testnet"}, variablePlan(t, "env", bybit+"\nBYBIT_TESTNET=true"), line)
	}
	for _, line := range []string{"BINANCE_FUTURES=false", "BINANCE_MARKET_TYPE=spot", "BINANCE_TYPE=", "BINANCE_SPOT=true", "BYBIT_TYPE=futures", "BINANCE_GRID_TYPE=futures"} {
		assert.Equal(t, []string{"binance testnet"}, variablePlan(t, "env", pair+line+"\nBINANCE_TESTNET=true"), line)
	}
	spot := "BINANCE_SPOT_API_KEY=$A\nBINANCE_SPOT_API_SECRET=$a\nBINANCE_TESTNET=true\nBINANCE_FUTURES=true"
	assert.Equal(t, []string{"binance testnet"}, variablePlan(t, "env", spot), "the key's own name counts more")

	kraken := "KRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n"
	for _, line := range []string{"KRAKEN_FUTURES=true", "KRAKEN_MARKET_TYPE=futures", "KRAKEN_USE_FUTURES=1"} {
		assert.Contains(t, variablePlan(t, "env", kraken+line)[0], "may mean that it is for Kraken Futures and not for Kraken", line)
		both := kraken + "KRAKEN_FUTURES_API_KEY=$B\nKRAKEN_FUTURES_API_SECRET=$b\n" + line
		assert.Equal(t, []string{"kraken live", "krakenfutures live"}, variablePlan(t, "env", both), line)
	}
}

// advisedLines are the lines that a reason advises to add.
var advisedLines = regexp.MustCompile(`[A-Z0-9_]+_ENV=([a-z]+)`)

// TestNoRealMoney: where a variable says of the whole program that it is not for real
// money, no key goes to a live host, but where its exchange has no other place or its own
// variables say so. The reason says which line to add, and each of these works.
func TestNoRealMoney(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, e := range exchanges.All() {
		prefix := strings.ToUpper(e.Name)
		pair := prefix + "_API_KEY=$A\n" + prefix + "_API_SECRET=$a\n"
		if e.Needs.Passphrase {
			pair += prefix + "_PASSPHRASE=p\n"
		}
		at := func(more string) string {
			in, err := From("env", writeBot(t, ".env", short.Replace(pair+more+"\n")), withVariables())
			require.NoError(t, err)
			switch {
			case len(in.Keys) == 1 && isTest(environmentNamed(in.Keys[0].Exchange, in.Keys[0].Environment)):
				return "test"
			case len(in.Keys) == 1:
				return "live"
			case len(in.Skipped) == 1:
				return in.Skipped[0].Why
			default:
				return ""
			}
		}
		if at("") != "live" { // a wallet's
			continue
		}
		tried++
		const off = "PRODUCTION=false\n"
		why := at(off)
		lines := advisedLines.FindAllStringSubmatch(why, -1)
		if slices.Contains(realMoneyOnly, e.Name) {
			assert.Equal(t, "live", why, e.Name)
			assert.False(t, slices.ContainsFunc(e.Environments, func(env adapter.Environment) bool { return isTest(&env) }), e.Name)
			continue
		}
		require.Contains(t, why, `"PRODUCTION" is off, and no variable says where keys of `+e.Title+` belong: add the line `)
		require.NotEmpty(t, lines, why)
		for _, line := range lines {
			want := "test"
			if line[1] == "live" {
				want = "live"
			}
			assert.Equal(t, want, at(off+line[0]), "%s: %s", e.Name, line[0])
		}
		assert.Equal(t, "live", at(off+prefix+"_TESTNET=false"), e.Name)
		assert.Equal(t, "live", at(off+prefix+"_LIVE=true"), e.Name)
		assert.NotEqual(t, "live", at(off+prefix+"_LIVE=false\n"+prefix+"_TESTNET=false"), e.Name)
		assert.NotEqual(t, "live", at(off+"TESTNET=false"), "%s: which says nothing of this exchange", e.Name)
		assert.NotEqual(t, "live", at(off+"OTHER_TESTNET=false"), e.Name)
	}
	assert.Greater(t, tried, 50)
	for _, c := range []variableCase{
		plan("PRODUCTION=false\nBYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nBYBIT_URL=https://api.bybit.com", "bybit live"),
		plan("PRODUCTION=false\nBYBIT_LIVE_API_KEY=$A\nBYBIT_LIVE_API_SECRET=$a\nUPBIT_API_KEY=$B\nUPBIT_API_SECRET=$b", "bybit live", "upbit"),
		plan("PRODUCTION=false\nBINANCEUS_API_KEY=$A\nBINANCEUS_API_SECRET=$a", `skipped: "PRODUCTION" is off, and no variable says where keys of Binance.US belong: add the line BINANCEUS_ENV=live if`),
		plan("PRODUCTION=false\nOKX_API_KEY=$A\nOKX_API_SECRET=$a\nOKX_PASSPHRASE=p\nOKX_URL=https://www.okx.com", `skipped: "PRODUCTION" is off`),
		plan("BYBIT_PROD=off\nBYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a", `skipped: "BYBIT_PROD" is off, and no variable says where keys of Bybit belong: add the line BYBIT_ENV=testnet or BYBIT_ENV=demo, or write BYBIT_ENV=live in place of "BYBIT_PROD" if`),
	} {
		c.check(t)
	}
}

// TestNoRealMoneyAroundEntries: likewise of a field around the entries of several keys.
func TestNoRealMoneyAroundEntries(t *testing.T) {
	t.Parallel()
	const parts = `"apiKey": "$A", "api-key": "$A", "secret": "$a", "api-secret": "$a", "password": "p", "api-password": "p"`
	for _, test := range []struct{ format, text string }{
		{"ccxt", `{OUTER, "bybit": {PARTS, "sandbox": false}, "okx": {ADD PARTS}, "upbit": {PARTS}}`},
		{"ccxt", `{OUTER, "exchanges": {"bybit": {PARTS, "live": true}, "okx": {ADD PARTS}, "upbit": {PARTS}}}`},
		{"ccxt", `{"exchanges": {OUTER, "bybit": {PARTS, "env": "live"}, "okx": {ADD PARTS}, "upbit": {PARTS}}}`},
		{"ccxt-mcp", `{"settings": {OUTER}, "accounts": {"a": {"exchange": "bybit", PARTS, "sandbox": false}, "b": {"exchange": "okx", ADD PARTS}, "c": {"exchange": "upbit", PARTS}}}`},
		{"octobot", `{OUTER, "exchanges": {"bybit": {PARTS, "sandboxed": false}, "okx": {ADD PARTS}, "upbit": {PARTS}}}`},
	} {
		for _, outer := range []string{`"production": false`, `"isLive": "off"`} {
			with := func(add string) string {
				return strings.NewReplacer("PARTS", parts, "OUTER", outer, "ADD", add).Replace(test.text)
			}
			text := with("")
			got := decided(t, test.format, "keys.json", text)
			require.Len(t, got, 3, text)
			assert.Contains(t, got, "bybit live", text)
			assert.Contains(t, got[2], `is off, and the key's own entry does not say where it belongs: add "sandbox": false to the entry`, text)
			assert.True(t, slices.ContainsFunc(got, func(place string) bool { return strings.HasPrefix(place, "upbit ") }), text)
			assert.Contains(t, decided(t, test.format, "keys.json", with(`"sandbox": false, `)), "okx live", "as advised: %s", text)
		}
	}
}
