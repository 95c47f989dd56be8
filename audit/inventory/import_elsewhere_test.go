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
