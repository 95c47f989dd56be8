package inventory

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// fieldFiles are files with one key and one more field beside it, by format: EXCHANGE,
// UPPER, its name in capitals, FIELD and VALUE. A name of a variable stands in capitals.
var fieldFiles = []struct{ format, name, text string }{
	{"ccxt", "keys.json", `{"EXCHANGE": {"apiKey": "$A", "secret": "$a", "password": "p", "FIELD": VALUE}}`},
	{"ccxt", "keys.json", `{"EXCHANGE": {"apiKey": "$A", "secret": "$a", "password": "p", "options": {"FIELD": VALUE}}}`},
	{"ccxt-mcp", "config.json", `{"accounts": {"a": {"exchange": "EXCHANGE", "apiKey": "$A", "secret": "$a", "password": "p", "FIELD": VALUE}}}`},
	{"passivbot", "api-keys.json", `{"u": {"exchange": "EXCHANGE", "key": "$A", "secret": "$a", "passphrase": "p", "FIELD": VALUE}}`},
	{"freqtrade", "config.json", `{"exchange": {"name": "EXCHANGE", "key": "$A", "secret": "$a", "password": "p", "FIELD": VALUE}}`},
	{"freqtrade", "config.json", `{"exchange": {"name": "EXCHANGE", "key": "$A", "secret": "$a", "password": "p", "ccxt_config": {"FIELD": VALUE}}}`},
	{"octobot", "config.json", `{"exchanges": {"EXCHANGE": {"api-key": "$A", "api-secret": "$a", "api-password": "p", "FIELD": VALUE}}}`},
	{"vnpy", "connect_EXCHANGE.json", `{"API Key": "$A", "API Secret": "$a", "Passphrase": "p", "FIELD": VALUE}`},
	{"gocryptotrader", "config.json", `{"exchanges": [{"name": "EXCHANGE", "api": {"credentials": {"key": "$A", "secret": "$a", "clientID": "p"}, "urlEndpoints": {"FIELD": VALUE}}}]}`},
	{"gocryptotrader", "config.json", `{"exchanges": [{"name": "EXCHANGE", "FIELD": VALUE, "api": {"credentials": {"key": "$A", "secret": "$a", "clientID": "p"}}}]}`},
	{"lean", "config.json", `{"environment": "live", "EXCHANGE-api-key": "$A", "EXCHANGE-api-secret": "$a", "EXCHANGE-passphrase": "p", "EXCHANGE-FIELD": VALUE}`},
	{"env", ".env", "UPPER_API_KEY=$A\nUPPER_API_SECRET=$a\nUPPER_PASSPHRASE=p\nUPPER_FIELD=VALUE\n"},
	{"nautilus", ".env", "UPPER_API_KEY=$A\nUPPER_API_SECRET=$a\nUPPER_PASSPHRASE=p\nUPPER_FIELD=VALUE\n"},
	{"bbgo", ".env.local", "UPPER_API_KEY=$A\nUPPER_API_SECRET=$a\nUPPER_PASSPHRASE=p\nUPPER_FIELD=VALUE\n"},
	{"mcp", ".mcp.json", `{"mcpServers": {"bot": {"command": "bot", "env": {"UPPER_API_KEY": "$A", "UPPER_API_SECRET": "$a", "UPPER_PASSPHRASE": "p", "UPPER_FIELD": "VALUE"}}}}`},
}

// withField is such a file, and its name.
func withField(i int, exchange, field, value string) (format, name, text string) {
	f := fieldFiles[i]
	if quoted := strings.HasPrefix(f.text, "{") && f.format != "mcp"; quoted && value != "true" && value != "false" {
		value = `"` + value + `"`
	}
	if f.format != "lean" && strings.Contains(f.text, "UPPER") {
		field = strings.ToUpper(strings.Join(camelWords(strings.NewReplacer("-", "_", " ", "_").Replace(field)), "_"))
	}
	put := strings.NewReplacer("EXCHANGE", exchange, "UPPER", strings.ToUpper(exchange), "FIELD", field, "VALUE", value)
	return f.format, put.Replace(f.name), put.Replace(f.text)
}

// TestSistersHosts: where a file names an exchange, and the host of another of the same
// house, the key goes to that host or nowhere.
func TestSistersHosts(t *testing.T) {
	t.Parallel()
	own := map[string]string{"lean": "rest-api", "gocryptotrader": "apiUrl", "env": "api_url", "nautilus": "api_url", "mcp": "api_url"}
	for _, e := range exchanges.All() {
		for _, sister := range related(e, exchanges.All())[1:] {
			for _, env := range sister.Environments {
				host := urlHost(env.URLs[0])
				if len(exactlyAt(e, host)) > 0 {
					continue
				}
				for i, f := range fieldFiles {
					if field := cmp.Or(own[f.format], "hostname"); !slices.Contains([]string{"octobot", "vnpy", "bbgo"}, f.format) {
						format, name, text := withField(i, e.Name, field, "https://"+host)
						for _, got := range decided(t, format, name, text) {
							assert.False(t, strings.HasPrefix(got, e.Name+" "), "%s: %s: %s", format, text, got)
						}
					}
				}
			}
		}
	}
}

// TestSwitchesInVariables: a switch that speaks of something else than real money is
// followed, or costs the key. One that is unread must not be called live.
func TestSwitchesInVariables(t *testing.T) {
	t.Parallel()
	pair := func(exchange string) string {
		return exchange + "_API_KEY=$A\n" + exchange + "_API_SECRET=$a\n" + exchange + "_PASSPHRASE=p\n"
	}
	for _, exchange := range []string{"BYBIT", "OKX"} {
		for i, name := range []string{"LIVE", "PRODUCTION", "PROD", "IS_PRODUCTION", "IS_LIVE", "LIVE_TRADING", "USE_MAINNET", "REAL"} {
			for _, prefix := range []string{"", exchange + "_"} {
				text := pair(exchange) + prefix + name + "=" + offWords[i%6+1] + "\n"
				assert.Contains(t, variablePlan(t, "env", text)[0], "is off, and no variable says where keys of", text)
				for _, order := range []string{text + exchange + "_TESTNET=true\n", exchange + "_TESTNET=true\n" + text} {
					got := variablePlan(t, "env", order)[0]
					assert.NotContains(t, got, " live", order)
					assert.NotContains(t, got, "agree", order)
				}
			}
			assert.Contains(t, variablePlan(t, "env", pair(exchange)+exchange+"_"+name+"=perhaps\n")[0], "skipped:", name)
		}
		for _, dev := range []string{"DEVNET=true", "DEV=1", "STAGE=dev", "STAGE=development", "MODE=devnet", "ENV=preprod", "USE_DEVNET=yes"} {
			assert.Contains(t, variablePlan(t, "env", pair(exchange)+exchange+"_"+dev+"\n")[0], "names no environment of", dev)
		}
		for _, dev := range []string{"DEV", "DEVNET", "DEVELOPMENT", "QA"} { // live or not: the name does not say
			got := variablePlan(t, "env", pair(exchange+"_"+dev)+strings.ReplaceAll(strings.ReplaceAll(pair(exchange+"_PROD"), "$A", "$B"), "$a", "$b"))
			assert.Len(t, got, 2)
			assert.NotContains(t, got[0], "skipped", exchange)
			assert.Contains(t, got[1], "in its name may mean a test network or not", exchange)
		}
	}
	for _, demo := range []string{"FLAG=1", "FLAG=true", "x-simulated-trading=1", "X_SIMULATED_TRADING=1"} {
		assert.Equal(t, []string{"okx demo p"}, variablePlan(t, "env", pair("OKX")+demo+"\n"), demo)
		assert.Equal(t, []string{"bybit live"}, variablePlan(t, "env", pair("BYBIT")+demo+"\n"), demo)
	}
	assert.Equal(t, []string{"okx live p"}, variablePlan(t, "env", pair("OKX")+"FLAG=0\n"))
}

// TestPlaceOfEveryFile: over every format and every spelling of a word for a place, the
// place is followed, or the key is left out with a sentence. It never goes to the host
// that it would have gone to without the word.
func TestPlaceOfEveryFile(t *testing.T) {
	t.Parallel()
	elsewhere := map[string][]string{
		"https://api.bybit.eu": {"url", "URL", "api_url", "apiUrl", "apiURL", "base_url", "baseUrl", "BaseURL", "host", "Host", "REST Host", "hostname", "api-host", "endpoint", "apiEndpoint", "rest-url", "server_url", "RestSpotURL", "FuturesURL"},
		"api.bybit.eu":         {"host", "hostname", "api-endpoint", "baseUrl"},
		"eu":                   {"site", "region", "tld", "domain", "country", "entity", "api_region", "environment", "env"},
		"true":                 {"testnet", "sandbox", "use_testnet", "isSandbox", "demo", "demo_trading", "paperTrading", "paper", "devnet", "sandboxed", "is_demo"},
		"false":                {"production", "live", "isLive", "is_production", "live_mode", "mainnet", "use_mainnet"},
		"perhaps":              {"testnet", "sandbox", "production", "is_live", "sandboxed"},
		"testnet":              {"environment", "env", "network", "mode", "Server"},
	}
	for value, names := range elsewhere {
		for _, field := range names {
			for i, f := range fieldFiles {
				if strings.Contains(f.text, "UPPER") { // variables, which are read in their own way
					continue
				}
				format, name, text := withField(i, "bybit", field, value)
				got := decided(t, format, name, text)
				assert.NotEmpty(t, got, text)
				assert.NotContains(t, got, "bybit live", "%s: %s", format, text)
			}
		}
	}
	for i := range fieldFiles { // what says nothing else costs nothing
		for field, value := range map[string]string{"testnet": "false", "live": "true", "note": "eu", "webhook_url": "https://example.org"} {
			format, name, text := withField(i, "bybit", field, value)
			if field != "webhook_url" || !strings.Contains(text, "BYBIT") {
				assert.Equal(t, []string{"bybit live"}, decided(t, format, name, text), "%s: %s", format, text)
			}
		}
	}
}
