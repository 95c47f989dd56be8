package inventory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// besideFiles are the bots' files with the key of a wallet exchange, by format. FIELD is the name
// of one more field and VALUE what is in it, as JSON or a variable has them.
var besideFiles = []struct{ format, text, field string }{
	{"ccxt", `{"EXCHANGE": {PARTS, "FIELD": "VALUE"}}`, ""},
	{"ccxt", `{"EXCHANGE": {PARTS, "options": {"FIELD": "VALUE"}}}`, ""},
	{"ccxt", `{"EXCHANGE": {PARTS, "options": {"paradexAccount": {"privateKey": "0x7", "address": "0x9", "FIELD": "VALUE"}}}}`, ""},
	{"ccxt", `{"EXCHANGE": {PARTS, "keys": [{"deep": {"FIELD": "VALUE"}}]}}`, ""},
	{"ccxt", `{"EXCHANGE": [{PARTS, "FIELD": "VALUE"}]}`, ""},
	{"ccxt-mcp", `{"accounts": {"main": {"exchange": "EXCHANGE", PARTS, "FIELD": "VALUE"}}}`, ""},
	{"passivbot", `{"user": {"exchange": "EXCHANGE", PARTS, "FIELD": "VALUE"}}`, ""},
	{"freqtrade", `{"exchange": {"name": "EXCHANGE", PARTS, "FIELD": "VALUE"}}`, ""},
	{"freqtrade", `{"exchange": {"name": "EXCHANGE", PARTS, "ccxt_config": {"options": {"FIELD": "VALUE"}}}}`, ""},
	{"freqtrade", `{"exchange": {"name": "EXCHANGE", PARTS}}`, "FREQTRADE__EXCHANGE__"},
	{"freqtrade", `{"exchange": {"name": "EXCHANGE", PARTS}}`, "FREQTRADE__EXCHANGE__CCXT_CONFIG__OPTIONS__"},
	{"gocryptotrader", `{"exchanges": [{"name": "EXCHANGE", "api": {"credentials": {"key": "$K", "secret": "$S", "FIELD": "VALUE"}}}]}`, ""},
	{"octobot", `{"exchanges": {"EXCHANGE": {"api-key": "$K", "api-secret": "$S", "FIELD": "VALUE"}}}`, ""},
	{"vnpy", `{"key": "$K", "secret": "$S", "FIELD": "VALUE"}`, ""},
	{"lean", `{"environment": "live", "EXCHANGE-private-key": "$S", "EXCHANGE-FIELD": "VALUE"}`, ""},
	{"jesse", "Name,Exchange,API Key,API Secret,FIELD\nx,EXCHANGE,$K,$S,VALUE\n", ""},
	{"env", "UPPER_PRIVATE_KEY=$S\nUPPER_FIELD=VALUE\n", "UPPER_"},
	{"nautilus", "UPPER_PK=$S\nUPPER_FIELD=VALUE\n", "UPPER_"},
	{"openclaw", "UPPER_PRIVATE_KEY=$S\nUPPER_FIELD=VALUE\n", "UPPER_"},
	{"bbgo", "UPPER_PRIVATE_KEY=$S\nUPPER_FIELD=VALUE\n", "UPPER_"},
	{"mcp", `{"mcpServers": {"bot": {"command": "bot", "env": {"UPPER_PRIVATE_KEY": "$S", "UPPER_FIELD": "VALUE"}}}}`, "UPPER_"},
	{"hyperliquid-sdk", `{"secret_key": "$S", "account_address": "0x5fbdb2315678afecb367f032d93f642f64180aa3", "FIELD": "VALUE"}`, ""},
}

// TestNoSecondSecretIsSilent: of two secrets in the entry of a wallet exchange, in every bot's file,
// none is lost: each is audited, or named with the reason.
func TestNoSecondSecretIsSilent(t *testing.T) {
	t.Parallel()
	const key, secret = "0x5fbdb2315678afecb367f032d93f642f64180aa3", "0x1111111111111111111111111111111111111111111111111111111111111111"
	names := []string{
		"privateKey", "private_key", "walletPrivateKey", "agent_private_key", "agentWalletPrivateKey", "l1PrivateKey", "stark_private_key", "sessionPrivateKey", "mnemonic",
		"seedPhrase", "api_secret", "secret_key", "secondSecret", "signer",
	}
	values := []string{"0x" + exchangetest.Hex(64, "one"), exchangetest.Hex(64, "two"), exchangetest.Hex(80, "three"), "BbMQkQYZspmkytduTWvXEtc4mMURjsekJDvty2WtKeSb", "${OTHER_PK}"}
	for i, e := range exchanges.All() {
		if !hasWallets(e) {
			continue
		}
		for j, f := range besideFiles {
			for n := range 2 { // over all exchanges, every name is in every file
				name, value := names[(5*i+3*j+n)%len(names)], values[(i+j+n)%len(values)]
				if name == "signer" {
					value = values[0] // by its form alone
				}
				if f.field != "" {
					name = strings.ToUpper(snake(name))
				}
				text := strings.NewReplacer("EXCHANGE", e.Name, "UPPER", strings.ToUpper(e.Name), "PARTS", fmt.Sprintf(`"apiKey": %q, "secret": %q`, key, secret),
					"$K", key, "$S", secret, "FIELD", name, "VALUE", value).Replace(f.text)
				var variables []string
				if strings.HasPrefix(f.field, "FREQ") {
					variables = []string{f.field + name + "=" + value}
				}
				assert.Contains(t, twoSecrets(t, f.format, e, text, variables, name, secret, value), "named", "%s\n%s %s", f.format, text, variables)
			}
		}
	}
}

// snake writes a name in words with underscores between them.
func snake(name string) string {
	var out strings.Builder
	for _, c := range name {
		if c >= 'A' && c <= 'Z' {
			out.WriteByte('_')
		}
		out.WriteRune(c)
	}
	return out.String()
}

// twoSecrets says how the two are told.
func twoSecrets(t *testing.T, format string, e *adapter.Exchange, text string, variables []string, name, first, second string) string {
	t.Helper()
	file := "config"
	if format == "vnpy" {
		file = "connect_" + e.Name + ".json"
	}
	in, err := From(format, writeBot(t, file, text), withVariables(variables...))
	if err != nil { // two values of one part are a mistake, which names both
		assert.NotContains(t, err.Error(), second)
		return "named: " + err.Error()
	}
	told := map[string]bool{}
	for _, k := range in.Keys {
		c := loadKey(t, k)
		told[c.Secret.Reveal()] = true
		told[c.Key] = true
	}
	named := func(s Skipped) bool { return strings.Contains(s.Why, name) }
	if slices.ContainsFunc(in.Skipped, named) || len(in.Skipped)+len(told) >= 3 || len(in.Skipped) >= 1 && told[first] || len(in.Skipped) >= 2 || told[first] && told[second] {
		for _, s := range in.Skipped {
			assert.NotContains(t, s.Why+s.Name, second)
		}
		return "named"
	}
	return fmt.Sprintf("silent: %v, and skipped %v", told, in.Skipped)
}
