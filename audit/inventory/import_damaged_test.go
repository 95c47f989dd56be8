package inventory

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// damaged are files with two keys, of which every field of the first is replaced in turn: a
// field is between two marks.
var damaged = []struct{ format, name, text string }{
	{"ccxt", "keys.json", `{"bybit": {"apiKey": <"$B">, "secret": <"$b">, "sandbox": <false>, "options": <{}>, "hostname": <"bybit.com">, "urls": <{}>}, "kraken": {"apiKey": "$A", "secret": "$a"}}`},
	{"ccxt", "keys.json", `{"exchanges": {"bybit": {"apiKey": <"$B">, "secret": <"$b">}, "kraken": {"apiKey": "$A", "secret": "$a"}}}`},
	{"ccxt", "keys.json", `{"bybit": [{"apiKey": <"$B">, "secret": <"$b">}, {"id": "kraken", "apiKey": "$A", "secret": "$a"}]}`},
	{"ccxt", "keys.json", `[{"id": <"bybit">, "apiKey": <"$B">, "secret": <"$b">}, {"id": "kraken", "apiKey": "$A", "secret": "$a"}]`},
	{"ccxt", "keys.json", `{"okx": {"apiKey": <"$B">, "secret": <"$b">, "password": <"pass">}, "kraken": {"apiKey": "$A", "secret": "$a"}}`},
	{"ccxt-mcp", "config.json", `{"accounts": {"x": {"exchange": <"bybit">, "apiKey": <"$B">, "secret": <"$b">, "trading": <"live">, "sandbox": <false>}, "y": {"exchange": "kraken", "apiKey": "$A", "secret": "$a"}}}`},
	{"passivbot", "api-keys.json", `{"x": {"exchange": <"bybit">, "key": <"$B">, "secret": <"$b">, "options": <{}>}, "y": {"exchange": "kraken", "key": "$A", "secret": "$a"}}`},
	{"passivbot", "api-keys.json", `{"x": {"exchange": <"hyperliquid">, "wallet_address": <"0x1">, "private_key": <"$b">}, "y": {"exchange": "kraken", "key": "$A", "secret": "$a"}}`},
	{"octobot", "config.json", `{"exchanges": {"bybit": {"api-key": <"$B">, "api-secret": <"$b">, "sandboxed": <false>}, "kraken": {"api-key": "$A", "api-secret": "$a"}}}`},
	{"gocryptotrader", "config.json", `{"exchanges": [{"name": <"Bybit">, "useSandbox": <false>, "proxyAddress": <"">, "api": <{"credentials": <{"key": <"$B">, "secret": <"$b">}>}>}, {"name": "Kraken", "api": {"credentials": {"key": "$A", "secret": "$a"}}}]}`},
	{"lean", "config.json", `{"environment": "x", "bybit-api-key": <"$B">, "bybit-api-secret": <"$b">, "bybit-use-testnet": <"live">, "bybit-api-url": <"https://api.bybit.com">, "kraken-api-key": "$A", "kraken-api-secret": "$a"}`},
	{"hyperliquid-sdk", "config.json", `{"secret_key": "$a", "multi_sig": {"authorized_users": [{"secret_key": <"$b">, "account_address": <"0x2">}]}}`},
	{"okx-agent-kit", "config.json", `{"profiles": {"x": {"api_key": <"$B">, "secret_key": <"$b">, "passphrase": <"p">, "site": <"global">, "base_url": <"">, "demo": <false>}, "y": {"api_key": "$A", "secret_key": "$a", "passphrase": "p"}}}`},
	{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": <"foo">, "args": <[]>, "headers": <{}>, "env": {"BYBIT_API_KEY": <"$B">, "BYBIT_API_SECRET": <"$b">, "BYBIT_TESTNET": <"false">}}, "y": {"command": "foo", "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}`},
	{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "ccxt-mcp", "env": {"CCXT_MCP_EXCHANGE": <"bybit">, "CCXT_MCP_APIKEY": <"$B">, "CCXT_MCP_SECRET": <"$b">}}, "y": {"command": "foo", "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}`},
	{"openclaw", "openclaw.json", `{"env": {"BYBIT_API_KEY": <"$B">, "BYBIT_API_SECRET": <"$b">, "vars": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}, "skills": <{}>, "mcp": <{}>}`},
	{"openclaw", "openclaw.json", `{"skills": {"entries": {"bybit": {"apiKey": <"">, "env": {"BYBIT_API_KEY": <"$B">, "BYBIT_API_SECRET": <"$b">}, "config": <{}>}}}, "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`},
}

// fields are the places of the fields in such a text, and the text without the marks.
func fields(text string) (plain string, spans [][2]int) {
	var open []int
	var out strings.Builder
	for _, r := range text {
		switch r {
		case '<':
			open = append(open, out.Len())
		case '>':
			spans = append(spans, [2]int{open[len(open)-1], out.Len()})
			open = open[:len(open)-1]
		default:
			out.WriteRune(r)
		}
	}
	return out.String(), spans
}

// TestDamagedEntries: whatever stands in a field of one key, the other key of the file is
// audited, and the one is audited with its own two parts or named.
func TestDamagedEntries(t *testing.T) {
	t.Parallel()
	values := []string{
		"null", "0", "123456", `"1111"`, `"-1"`, "1.5", `["$B"]`, "[]", `[["$b"]]`, `{"value": "$B"}`, "{}", `{"a": {"b": "$b"}}`, "true", "false", `""`, `" "`, `"xxxx"`, `"changeme"`,
	}
	for _, d := range damaged {
		plain, spans := fields(d.text)
		for _, at := range spans {
			for _, value := range values {
				text := plain[:at[0]] + value + plain[at[1]:]
				t.Run(fmt.Sprintf("%s/%s", d.format, text), func(t *testing.T) {
					in, err := From(d.format, writeBot(t, d.name, short.Replace(text)), withVariables())
					require.NoError(t, err)
					good := false
					for _, k := range in.Keys {
						c := loadKey(t, k)
						parts := c.Key + c.Secret.Reveal()
						assert.Contains(t, []string{keyA + secretA, keyB + secretB, secretA, secretB}, parts)
						good = good || strings.HasSuffix(parts, secretA)
					}
					assert.True(t, good, "the other key: %q", keyNames(in))
					if strings.Contains(strings.ToLower(text), "$b") {
						assert.GreaterOrEqual(t, len(in.Keys)+len(in.Skipped), 2, "%q", keyNames(in))
					}
				})
			}
		}
	}
}

// TestAgentsSwitchesNeitherOnNorOff: the switches of servers and files for agents, too.
func TestAgentsSwitchesNeitherOnNorOff(t *testing.T) {
	t.Parallel()
	const okx = `"OKX_API_KEY": "$A", "OKX_SECRET_KEY": "$a", "OKX_PASSPHRASE": "p"`
	for _, value := range []string{`"maybe"`, `"ja"`, `"0x1"`, `[true]`, `{"enabled": "maybe"}`, "2"} {
		for _, test := range []struct{ format, name, text string }{
			{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "okx-trade-mcp", "env": {` + okx + `, "OKX_DEMO": VALUE}}}}`},
			{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "ccxt-mcp", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "CCXT_MCP_SANDBOX": VALUE}}}}`},
			{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "ccxt-mcp", "env": {"CCXT_MCP_EXCHANGE": "bybit", "CCXT_MCP_APIKEY": "$A", "CCXT_MCP_SECRET": "$a", "CCXT_MCP_SANDBOX": VALUE}}}}`},
			{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "ccxt-mcp", "env": {"CCXT_MCP_EXCHANGE": "bybit", "CCXT_MCP_APIKEY": "$A", "CCXT_MCP_SECRET": "$a", "CCXT_MCP_DEMO": VALUE}}}}`},
			{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "foo", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "BYBIT_TESTNET": VALUE}}}}`},
			{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "foo", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}, "testnet": VALUE}}}`},
			{"openclaw", "openclaw.json", `{"env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "BYBIT_TESTNET": VALUE}}`},
			{"openclaw", "openclaw.json", `{"skills": {"entries": {"bybit": {"env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}, "config": {"testnet": VALUE}}}}}`},
			{"okx-agent-kit", "config.json", `{"profiles": {"x": {"api_key": "$A", "secret_key": "$a", "passphrase": "p", "demo": VALUE}}}`},
			{"ccxt", "keys.json", `{"bybit": {"apiKey": "$A", "secret": "$a", "sandbox": VALUE}}`},
			{"ccxt-mcp", "config.json", `{"accounts": {"x": {"exchange": "bybit", "apiKey": "$A", "secret": "$a", "sandbox": VALUE}}}`},
			{"passivbot", "api-keys.json", `{"x": {"exchange": "bybit", "key": "$A", "secret": "$a", "testnet": VALUE}}`},
			{"freqtrade", "config.json", `{"exchange": {"name": "bybit", "key": "$A", "secret": "$a", "sandbox": VALUE}}`},
			{"octobot", "config.json", `{"exchanges": {"bybit": {"api-key": "$A", "api-secret": "$a", "sandboxed": VALUE}}}`},
			{"gocryptotrader", "config.json", `{"exchanges": [{"name": "Bybit", "useSandbox": VALUE, "api": {"credentials": {"key": "$A", "secret": "$a"}}}]}`},
			{"lean", "config.json", `{"environment": "x", "bybit-api-key": "$A", "bybit-api-secret": "$a", "bybit-use-testnet": VALUE}`},
			{"vnpy", "connect_bybit.json", `{"API Key": "$A", "API Secret": "$a", "Server": VALUE}`},
			{"hyperliquid-sdk", "config.json", `{"secret_key": "$a", "testnet": VALUE}`},
		} {
			text := short.Replace(strings.ReplaceAll(test.text, "VALUE", value))
			in, err := From(test.format, writeBot(t, test.name, text), withVariables())
			require.NoError(t, err, text)
			assert.Empty(t, in.Keys, "%s: %s", test.format, text)
			assert.NotEmpty(t, in.Skipped, "%s: %s", test.format, text)
		}
	}
}

// TestDamagedFiles: of several files, rows or lines, too, one that is damaged costs the others
// nothing, and is named.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	const env = "KRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n"
	for _, test := range []struct {
		format string
		files  []string // names and texts
		want   string   // beginning of why the other is left out
	}{
		{"vnpy", []string{"connect_kraken.json", `{"API Key": "$A", "API Secret": "$a"}`, "connect_bybit.json", `{"API Key": "$B", "API Secret": `}, "the file cannot be read as JSON"},
		{"vnpy", []string{"connect_kraken.json", `{"API Key": "$A", "API Secret": "$a"}`, "connect_bybit.json", `["$B"]`}, "the file must be an object, not a list"},
		{"vnpy", []string{"connect_kraken.json", `{"API Key": "$A", "API Secret": "$a"}`, "connect_bybit.json", `{"API Key": ["$B"], "API Secret": "$b"}`}, `"API Key" must be text, not a list`},
		{"mcp", []string{".mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}`, "mcp.json", `{"mcpServers": `}, "the file cannot be read as JSON"},
		{"mcp", []string{".mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}`, "mcp.json", `["$B"]`}, "the file must be an object, not a list"},
		{"mcp", []string{"mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}, "y": ["BYBIT_API_KEY=$B"]}}`}, `"y" must be an object, not a list`},
		{"mcp", []string{"mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}, "x": {"command": "x"}}}`}, `duplicate field "x" (first on line 1): delete one of them`},
		{"openclaw", []string{".env", env + "BYBIT_API_KEY=$A\nBYBIT_API_KEY=$B\nBYBIT_API_SECRET=$b\n"}, `duplicate variable "BYBIT_API_KEY" (first on line 3) with a different value (line 4): delete one of them`},
		{"openclaw", []string{".env", env + "BYBIT_API_KEY='$B\n"}, `"BYBIT_API_KEY" cannot be read: its value begins with a quote that is never closed`},
		{"openclaw", []string{".env", "just words", "openclaw.json", `{"env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`}, "the file cannot be read as a list of variables"},
		{"openclaw", []string{"openclaw.json", `{"env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}, "skills": {"entries": ["$B"]}}`}, `"entries" must be an object, not a list`},
		{"jesse", []string{"api-keys.csv", "Name,Exchange,API Key,API Secret\nx,Bybit Spot,$B\ny,Kraken Spot,$A,$a\n"}, `the row ends before its "api secret": add it, or list the key in an inventory`},
		{"jesse", []string{"api-keys.csv", "Name,Exchange,API Key,API Secret\ny,Kraken Spot,$A,$a\nx,\"Bybit,$B,$b\n"}, "the CSV is malformed here"},
		{"jesse", []string{"api-keys.csv", "Name,Exchange,API Key,API Secret\nx,Bybit Spot,0,$b\ny,Kraken Spot,$A,$a\n"}, "its API key is a placeholder, as samples have it"},
		{"passivbot", []string{"api-keys.json", `{"y": {"exchange": "kraken", "key": "$A", "secret": "$a"}, "x": "$B"}`}, `"x" must be an object, not text`},
		{"passivbot", []string{"api-keys.json", `{"y": {"exchange": "kraken", "key": "$A", "secret": "$a"}, "x": {"exchange": "bybit", "key": "$B", "key": "$b"}}`}, `duplicate field "key" (first on line 1) with a different value`},
		{"ccxt", []string{"keys.json", `{"kraken": {"apiKey": "$A", "secret": "$a"}, "bybit": {"apiKey": "$B", "secret": "$b", "options": {"sandbox": false}, "options": {"sandbox": true}}}`}, `duplicate field "options" (first on line 1): delete one of them`},
	} {
		folder := t.TempDir()
		for i := 0; i < len(test.files); i += 2 {
			put(t, filepath.Join(folder, test.files[i]), 0o600, short.Replace(test.files[i+1]))
		}
		in, err := From(test.format, folder, withVariables())
		require.NoError(t, err, test.files)
		require.Len(t, in.Keys, 1, "%q", keyNames(in))
		c := loadKey(t, in.Keys[0])
		assert.Equal(t, keyA+secretA, c.Key+c.Secret.Reveal(), test.files)
		require.Len(t, in.Skipped, 1, "%q", keyNames(in))
		assert.True(t, strings.HasPrefix(in.Skipped[0].Why, test.want), "%q", keyNames(in))
		assert.NotEmpty(t, in.Skipped[0].File)
	}
}

// TestNumbersAreNoKeys: what people write where they have no key yet is named as that, in
// every format, and never sent.
func TestNumbersAreNoKeys(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "1", "1111", "123456", "1234567890", "12345678901234567890", "000000", "xxxx", "XXXX-XXXX", "changeme", "change-me", "true", "null", "1.5", "-1"} {
		for format, file := range map[string]string{
			"env":            "BYBIT_API_KEY=%s\nBYBIT_API_SECRET=$a\n",
			"bbgo":           "BYBIT_API_KEY=%s\nBYBIT_API_SECRET=$a\n",
			"ccxt":           `{"bybit": {"apiKey": "%s", "secret": "$a"}}`,
			"passivbot":      `{"x": {"exchange": "bybit", "key": "%s", "secret": "$a"}}`,
			"freqtrade":      `{"exchange": {"name": "bybit", "key": "%s", "secret": "$a"}}`,
			"octobot":        `{"exchanges": {"bybit": {"api-key": "%s", "api-secret": "$a"}}}`,
			"gocryptotrader": `{"exchanges": [{"name": "bybit", "api": {"credentials": {"key": "%s", "secret": "$a"}}}]}`,
			"lean":           `{"bybit-api-key": "%s", "bybit-api-secret": "$a"}`,
			"mcp":            `{"mcpServers": {"x": {"command": "x", "env": {"BYBIT_API_KEY": "%s", "BYBIT_API_SECRET": "$a"}}}}`,
			"jesse":          "Name,Exchange,API Key,API Secret\nx,Bybit Spot,%s,$a\n",
		} {
			for _, swapped := range []bool{false, true} {
				filled := short.Replace(fmt.Sprintf(file, text))
				if swapped {
					filled = strings.NewReplacer(text, "$a", "$a", text).Replace(fmt.Sprintf(file, text))
					filled = short.Replace(filled)
				}
				in, err := From(format, writeBot(t, "config", filled), withVariables())
				require.NoError(t, err, filled)
				assert.Empty(t, in.Keys, "%s: %s", format, filled)
				require.Len(t, in.Skipped, 1, "%s: %s", format, filled)
				assert.Contains(t, in.Skipped[0].Why, "is a placeholder, as samples have it", "%s: %s", format, filled)
			}
		}
	}
	for _, text := range []string{"77", "281474976710654"} {
		assert.Empty(t, placeholder("account", text), "an account may be a number")
	}
	assert.Empty(t, placeholder("secret", strings.Repeat("2", 64)))
}

// TestSeveralKeysInADamagedEntry: a mistake in an entry that holds several keys costs them all,
// and each of them is named.
func TestSeveralKeysInADamagedEntry(t *testing.T) {
	t.Parallel()
	const keys = `"env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "KRAKEN_API_KEY": "$B", "KRAKEN_API_SECRET": "$b"}, "env": {}`
	for format, text := range map[string]string{
		"mcp":      `{"mcpServers": {"x": {"command": "x", ` + keys + `}}}`,
		"openclaw": `{"mcp": {"servers": {"x": {"command": "x", ` + keys + `}}}}`,
	} {
		in, err := From(format, writeBot(t, format+".json", short.Replace(text)), withVariables())
		require.NoError(t, err, text)
		assert.Empty(t, in.Keys, text)
		var named []string
		for _, lost := range in.Skipped {
			assert.Contains(t, lost.Why, `duplicate field "env"`, text)
			named = append(named, lost.Name)
		}
		assert.ElementsMatch(t, []string{format + "/x-bybit", format + "/x-kraken"}, named, text)
	}
}
