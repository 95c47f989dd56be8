package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUnreadEntries: a key in an exchange's entry is named, whatever the entry calls its parts
// and however deep they stand, also where the file has a key that is audited.
func TestUnreadEntries(t *testing.T) {
	t.Parallel()
	files := map[string]string{ // by format
		"ccxt":           `{"exchanges": {"bybit": $E, "kraken": {"apiKey": "$A", "secret": "$a"}}}`,
		"passivbot":      `{"bybit": {"exchange": "bybit", "more": $E}, "w": {"exchange": "kraken", "key": "$A", "secret": "$a"}}`,
		"octobot":        `{"exchanges": {"bybit": {"more": $E}, "kraken": {"api-key": "$A", "api-secret": "$a"}}}`,
		"gocryptotrader": `{"exchanges": [{"name": "Bybit", "api": {"credentials": {"more": $E}}}, {"name": "Kraken", "api": {"credentials": {"key": "$A", "secret": "$a"}}}]}`,
		"lean":           `{"environment": "a", "bybit": $E, "kraken-api-key": "$A", "kraken-api-secret": "$a"}`,
	}
	for _, entry := range []string{
		`{"credentials": {"apiKey": "$B", "secret": "$b"}}`, `{"main": {"spot": {"API-KEY": "$B", "API-SECRET": "$b"}}}`, `{"accessKey": "$B", "secretKey": "$b"}`,
		`{"clientId": "$B", "clientSecret": "$b"}`, `["$B", "$b"]`, `"$B:$b"`,
	} {
		for format, text := range files {
			path := writeBot(t, "config.json", short.Replace(strings.Replace(text, "$E", entry, 1)))
			in, err := From(format, path, withVariables())
			require.NoError(t, err, format+entry)
			require.Len(t, in.Keys, 1, format+entry)
			assert.Equal(t, "kraken", in.Keys[0].Exchange.Name)
			require.Len(t, in.Skipped, 1, format+entry)
			assert.Equal(t, format+"/bybit", strings.ToLower(in.Skipped[0].Name), entry)
			assert.Contains(t, in.Skipped[0].Why, "looks like part of a key, but stands where the bot reads none: list the key in an inventory")
			assert.NotContains(t, in.Skipped[0].Why, secretB)
		}
	}
}

// TestReadEntries: nothing else in an exchange's entry is taken for a key.
func TestReadEntries(t *testing.T) {
	t.Parallel()
	for format, text := range map[string]string{
		"ccxt":           `{"bybit": {"apiKey": "$A", "secret": "$a", "options": {"brokerId": "x", "referral": "$B"}, "note": "${OLD_KEY}"}}`,
		"octobot":        `{"exchanges": {"bybit": {"api-key": "$A", "api-secret": "$a", "uuid": "1f2e3d4c-1111-2222-3333-444455556666"}}, "services": {"telegram": {"token": "$B"}}}`,
		"gocryptotrader": `{"exchanges": [{"name": "Bybit", "api": {"credentials": {"key": "$A", "secret": "$a"}}, "bankAccounts": [{"iban": "DE89370400440532013000"}]}]}`,
		"freqtrade":      `{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}, "api_server": {"jwt_secret_key": "$B"}, "telegram": {"token": "$b"}}`,
		"passivbot":      `{"u": {"exchange": "bybit", "key": "$A", "secret": "$a"}, "v": {"exchange": "bybit", "key": "", "secret": ""}, "referrals": {"bybit": "code"}}`,
	} {
		in, err := From(format, writeBot(t, "config.json", short.Replace(text)), withVariables())
		require.NoError(t, err, format)
		assert.Len(t, in.Keys, 1, format)
		assert.Empty(t, in.Skipped, format)
	}
}

// TestNestedKeys: each further key within the entry of a key is named, in every format, and
// that one is audited all the same.
func TestNestedKeys(t *testing.T) {
	t.Parallel()
	const two = `"sub1": {"apiKey": "$B", "secret": "$b"}, "others": [{"key": "$C", "secret": "$c"}]`
	for _, test := range []struct{ format, name, text string }{
		{"ccxt", "keys.json", `{"binance": {"apiKey": "$A", "secret": "$a", TWO}}`},
		{"ccxt", "keys.json", `[{"exchange": "binance", "apiKey": "$A", "secret": "$a", "options": {TWO}}]`},
		{"ccxt-mcp", "config.json", `{"accounts": {"main": {"exchange": "binance", "apiKey": "$A", "secret": "$a", TWO}}}`},
		{"passivbot", "api-keys.json", `{"u": {"exchange": "binance", "key": "$A", "secret": "$a", TWO}}`},
		{"freqtrade", "config.json", `{"exchange": {"name": "binance", "key": "$A", "secret": "$a", "ccxt_config": {TWO}}}`},
		{"octobot", "config.json", `{"exchanges": {"binance": {"api-key": "$A", "api-secret": "$a", TWO}}}`},
		{"gocryptotrader", "config.json", `{"exchanges": [{"name": "binance", "api": {"credentials": {"key": "$A", "secret": "$a"}, TWO}}]}`},
		{"lean", "config.json", `{"environment": "e", "binance-api-key": "$A", "binance-api-secret": "$a", "binance": {TWO}}`},
		{"vnpy", "connect_binance.json", `{"key": "$A", "secret": "$a", TWO}`},
		{"okx-agent-kit", "config.json", `{"profiles": {"a": {"api_key": "$A", "secret_key": "$a", "passphrase": "p", TWO}}}`},
		{"mcp", ".mcp.json", `{"mcpServers": {"a": {"command": "x", "env": {"BINANCE_API_KEY": "$A", "BINANCE_API_SECRET": "$a"}, "binance": {TWO}}}}`},
		{"mcp", ".mcp.json", `{"mcpServers": {"binance": {"command": "x", "env": {"BINANCE_API_KEY": "$A", "BINANCE_API_SECRET": "$a"}, TWO}}}`},
		{"openclaw", "openclaw.json", `{"skills": {"entries": {"binance": {"env": {"BINANCE_API_KEY": "$A", "BINANCE_API_SECRET": "$a"}, "config": {TWO}}}}}`},
	} {
		text := strings.NewReplacer("$C", "k3"+keyB[2:], "$c", "s3"+secretB[2:]).Replace(short.Replace(strings.Replace(test.text, "TWO", two, 1)))
		in, err := From(test.format, writeBot(t, test.name, text), withVariables())
		require.NoError(t, err, test.text)
		assert.Len(t, in.Keys, 1, test.text)
		if assert.Len(t, in.Skipped, 2, test.format+": "+test.text) {
			assert.Contains(t, in.Skipped[0].Why, `"apiKey" looks like part of a key`)
			assert.Contains(t, in.Skipped[1].Why, `"key" looks like part of a key`)
		}
	}
}
