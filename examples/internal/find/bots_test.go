package find

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/sources"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// botFiles are files of bots with one key, by format: EXCHANGE, UPPER, which is that in
// capitals, and MORE of the key's entry. {key}, {hidden} and {third} are its parts.
var botFiles = []struct{ format, name, text string }{
	{"ccxt", "keys.json", `{"EXCHANGE": {"apiKey": "{key}", "secret": "{hidden}", "password": "{third}", "uid": "{third}"MORE}}`},
	{"ccxt", "keys.json", `{"desk-1": {"exchange": "EXCHANGE", "apiKey": "{key}", "secret": "{hidden}", "password": "{third}", "uid": "{third}", "options": {"a": 1MORE}}}`},
	{"ccxt", "keys.json", `{"EXCHANGE-testnet": {"exchange": "EXCHANGE", "apiKey": "{key}", "secret": "{hidden}", "password": "{third}"MORE}}`},
	{"ccxt-mcp", "config.json", `{"accounts": {"a": {"exchange": "EXCHANGE", "apiKey": "{key}", "secret": "{hidden}", "password": "{third}"MORE}}}`},
	{"passivbot", "api-keys.json", `{"user_01": {"exchange": "EXCHANGE", "key": "{key}", "secret": "{hidden}", "passphrase": "{third}"MORE}}`},
	{"freqtrade", "config.json", `{"exchange": {"name": "EXCHANGE", "key": "{key}", "secret": "{hidden}", "password": "{third}"MORE}}`},
	{"freqtrade", "config.json", `{"trading_mode": "futures", "dry_run": true, "exchange": {"name": "EXCHANGE", "key": "{key}", "secret": "{hidden}", "password": "{third}", "ccxt_config": {"a": 1MORE}}}`},
	{"octobot", "config.json", `{"exchanges": {"EXCHANGE": {"api-key": "{key}", "api-secret": "{hidden}", "api-password": "{third}"MORE}}}`},
	{"gocryptotrader", "config.json", `{"exchanges": [{"name": "EXCHANGE", "api": {"credentials": {"key": "{key}", "secret": "{hidden}", "clientID": "{third}"}}MORE}]}`},
	{"gocryptotrader", "config.json", `{"exchanges": [{"name": "EXCHANGE", "apiKey": "{key}", "apiSecret": "{hidden}", "clientId": "{third}"MORE}]}`},
	{"vnpy", "connect_EXCHANGE.json", `{"API Key": "{key}", "API Secret": "{hidden}", "Passphrase": "{third}"MORE}`},
	{"lean", "config.json", `{"environment": "e", "EXCHANGE-api-key": "{key}", "EXCHANGE-api-secret": "{hidden}", "EXCHANGE-passphrase": "{third}", "environments": {"e": {"live-mode": true}}MORE}`},
	{"mcp", ".mcp.json", `{"mcpServers": {"bot": {"command": "bot", "env": {"UPPER_API_KEY": "{key}", "UPPER_API_SECRET": "{hidden}", "UPPER_PASSPHRASE": "{third}"MORE}}}}`},
	{"mcp", ".mcp.json", `{"mcpServers": {"EXCHANGE-demo": {"command": "bot", "env": {"UPPER_API_KEY": "{key}", "UPPER_API_SECRET": "{hidden}", "UPPER_PASSPHRASE": "{third}"MORE}}}}`},
	{"mcp", ".mcp.json", `{"mcpServers": {"bot": {"command": "uvx", "args": ["alpaca-mcp-server"], "env": {"UPPER_API_KEY": "{key}", "UPPER_SECRET_KEY": "{hidden}", "UPPER_PASSPHRASE": "{third}"MORE}}}}`},
	{"jesse", "api-keys.csv", "Name,Exchange,API Key,API Secret,api_passphrase\nmain,EXCHANGE Spot,{key},{hidden},{third}\n"},
	{"bbgo-yaml", "bbgo.yaml", "sessions:\n  main:\n    exchange: EXCHANGE\n    key: {key}\n    secret: {hidden}\n    passphrase: {third}\n"},
	{"bbgo-yaml", "bbgo.yaml", "sessions:\n  EXCHANGE_testnet:\n    exchange: EXCHANGE\n    key: {key}\n    secret: {hidden}\n    passphrase: {third}\n"},
	{"okx-agent-kit", "config.toml", "default_profile = \"main\"\n[profiles.main]\napi_key = \"{key}\"\nsecret_key = \"{hidden}\"\npassphrase = \"{third}\"\n"},
	{"okx-agent-kit", "config.toml", "default_profile = \"main\"\n[profiles.demo]\napi_key = \"{key}\"\nsecret_key = \"{hidden}\"\npassphrase = \"{third}\"\n"},
	{"okx-agent-kit", "config.toml", "default_profile = \"main\"\n[profiles.main]\napi_key = \"{key}\"\nsecret_key = \"{hidden}\"\npassphrase = \"{third}\"\nsite = \"eea\"\ndemo = true\n"},
}

// botParts are the parts of keys in the exchanges' forms.
var botParts = map[string][2]string{
	"bybit": {"{id}", "{secret}"}, "okx": {"{uuid}", "{HEX}"}, "binance": {"{hex32}{hex32}", "{hex64}"}, "bitget": {"{bg}", "{hex64}"}, "gate": {"{hex32}", "{hex64}"},
	"bitmart": {"{hex32}ab12cd34", "{hex64}"}, "alpaca": {"PKTQ7BX2WZ9LM4RVN8CJ", "{secret}ab12"}, "coinbaseexchange": {"{hex32}", "{secret}{secret2}kT7bQ2wX9zLm4R=="},
}

// botFields are further fields of an entry, as people write them.
var botFields = []string{
	``, `, "sandbox": true`, `, "sandbox": false`, `, "testnet": "yes"`, `, "demo": true`, `, "production": false`, `, "live": true`, `, "environment": "testnet"`, `, "env": "live"`, `, "region": "eu"`,
	`, "hostname": "bytick.com"`, `, "base_url": "https://api-testnet.bybit.com"`, `, "apiUrl": "https://gateway.firm.example"`, `, "urls": {"api": "https://eea.okx.com"}`, `, "proxy": "http://10.0.0.1:8080"`,
	`, "sandboxed": true`, `, "useSandbox": true`, `, "Server": "DEMO"`, `, "label": "my testnet"`, `, "name": "spare"`, `, "sandbox": "perhaps"`, `, "headers": {"x-simulated-trading": "1"}`, `, "network": "mainnet"`,
}

// TestSameAsTheBots: a search sends a key of a bot's file where the bot's importer sends it,
// with the same passphrase, and sends none that the importer leaves out. Remarks of a test
// network make it more careful than the importer, with a word.
func TestSameAsTheBots(t *testing.T) {
	t.Parallel()
	all := exchanges.All()
	o := inventory.Options{Exchanges: all, Formats: sources.Formats(), Decoders: sources.Decoders()}
	sent, careful := 0, map[string]int{}
	for exchange, halves := range botParts {
		for i, f := range botFiles {
			for n, more := range botFields {
				if n > 0 && (!strings.Contains(f.text, "MORE") || (n+i)%2 == 0) || f.format == "okx-agent-kit" && exchange != "okx" {
					continue
				}
				if f.format == "mcp" && more != "" { // variables
					name, value, _ := strings.Cut(strings.TrimPrefix(more, ", "), ": ")
					if more = `, "UPPER_` + strings.ToUpper(strings.Trim(name, `"`)) + `": ` + value; strings.ContainsAny(value, "{") {
						continue
					}
				}
				text := strings.NewReplacer("MORE", more, "{key}", halves[0], "{hidden}", halves[1], "{third}", "Moon-Pass.1").Replace(f.text)
				text = parts.Replace(strings.NewReplacer("EXCHANGE", exchange, "UPPER", strings.ToUpper(exchange)).Replace(text))
				folder := t.TempDir()
				name := strings.ReplaceAll(f.name, "EXCHANGE", exchange)
				write(t, folder, name, text)
				in, err := inventory.From(f.format, filepath.Join(folder, name), o)
				if err != nil { // it takes no such field
					continue
				}
				want := []string{}
				for _, k := range in.Keys {
					want = append(want, placedAt(t, k.Exchange.Name, k.Environment, k.Load))
				}
				got, why := []string{}, ""
				for _, c := range look(t, Options{Paths: []string{folder}}).Candidates(all) {
					if why = c.Not; why == "" {
						got = append(got, placedAt(t, c.Audit.Exchange.Name, c.Audit.Environment, c.Audit.Load))
					}
				}
				sent += len(got)
				if len(got) == 0 && slices.ContainsFunc(carefulWords, func(w string) bool { return strings.Contains(why, w) }) {
					careful[f.format]++
					continue
				}
				assert.Equal(t, want, got, "%s, %s: %q, %v", f.format, text, why, in.Skipped)
			}
		}
	}
	assert.Greater(t, sent, 200)
	t.Log(sent, careful)
}

// carefulWords are of reasons that a search has and an importer has not.
var carefulWords = []string{"speaks of a test network", "has a URL of another environment", "does not have the form of that exchange's", "its bot uses a proxy"}

func placedAt(t *testing.T, exchange, environment string, load func(context.Context) (adapter.Credentials, error)) string {
	t.Helper()
	c, err := load(t.Context())
	require.NoError(t, err)
	return exchange + " " + environment + ", " + c.Key + " with " + c.Passphrase.Reveal()
}
