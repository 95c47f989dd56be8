package inventory

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNestedCredentials: a key that stands in an agent's file where its program looks for none
// is named, and the key beside it audited.
func TestNestedCredentials(t *testing.T) {
	t.Parallel()
	files := []struct{ format, name, text string }{ // $E is an object with the key, $M are members
		{"openclaw", "openclaw.json", `{"env": {"credentials": $E, "KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`},
		{"openclaw", "openclaw.json", `{"env": {"vars": {"credentials": $E, "KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}`},
		{"openclaw", "openclaw.json", `{"credentials": $E, "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`},
		{"openclaw", "openclaw.json", `{"auth": {"profiles": [$E]}, "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`},
		{"openclaw", "openclaw.json", `{"skills": {"entries": {"desk": {"config": {"accounts": $E}, "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}}`},
		{"openclaw", "openclaw.json", `{"skills": {"desk": $E}, "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`},
		{"openclaw", "openclaw.json", `{"mcp": {"servers": {"desk": {"command": "x", "settings": $E, "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}}`},
		{"mcp", ".mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"credentials": $E, "KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}`},
		{"mcp", ".mcp.json", `{"mcpServers": {"x": {"command": "x", "credentials": $E, "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}`},
		{"mcp", ".mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}, "inputs": [{"default": $E}]}`},
		{"mcp", ".mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"CREDENTIALS": $Q, "KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}}}`},
		{"ccxt-mcp", "config.json", `{"accounts": {"x": {"exchange": "kraken", "apiKey": "$A", "secret": "$a", "more": $E}}}`},
		{"ccxt-mcp", "config.json", `{"accounts": {"x": {"exchange": "kraken", "apiKey": "$A", "secret": "$a"}}, "env": $E}`},
		{"env", ".env", "CREDENTIALS='$E'\nKRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n"},
	}
	for _, entry := range []string{
		`{"BYBIT_API_KEY": "$B", "BYBIT_API_SECRET": "$b"}`, `{"bybit": {"apiKey": "$B", "secret": "$b"}}`, `{"bybit": {"API-KEY": "$B", "API-SECRET": "$b"}}`,
		`{"exchange": "bybit", "apiKey": "$B", "secret": "$b"}`, `{"main": {"bybit": {"key": "$B", "secret": "$b"}}}`, `{"bybitApiKey": "$B", "bybitApiSecret": "$b"}`,
		`["BYBIT_API_KEY=$B", "BYBIT_API_SECRET=$b"]`, `[{"name": "BYBIT_API_KEY", "value": "$B"}, {"name": "BYBIT_API_SECRET", "value": "$b"}]`,
	} {
		for _, file := range files {
			text := strings.NewReplacer("$E", entry, "$Q", `"`+strings.ReplaceAll(entry, `"`, `\"`)+`"`).Replace(file.text)
			in, err := From(file.format, writeBot(t, file.name, short.Replace(text)), withVariables())
			require.NoError(t, err, text)
			require.Len(t, in.Keys, 1, "%s %s: %q", file.format, text, keyNames(in))
			assert.Equal(t, "kraken", in.Keys[0].Exchange.Name)
			c := loadKey(t, in.Keys[0])
			assert.Equal(t, keyA+secretA, c.Key+c.Secret.Reveal())
			assert.Len(t, in.Skipped, 1, "%s %s: %q", file.format, text, keyNames(in))
			for _, name := range keyNames(in) {
				assert.NotContains(t, name, keyB)
				assert.NotContains(t, name, secretB)
			}
		}
	}
}

// TestNestedOthers: what else agents' files hold is no key of an exchange.
func TestNestedOthers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"env": {"shellEnv": {"enabled": true, "timeoutMs": 15000}, "OPENAI_API_KEY": "$B", "TELEGRAM_BOT_TOKEN": "$b"}}`,
		`{"models": {"providers": {"openai": {"apiKey": "$B"}, "gemini": {"apiKey": "AIzaSyB1x9Qm3Zr9LpT2wVb8NaK7x0Qm3Zr9LpT2"}}}}`,
		`{"channels": {"telegram": {"botToken": "$B"}, "discord": {"token": "$b"}}, "gateway": {"auth": {"token": "$b"}}}`,
		`{"skills": {"entries": {"weather": {"apiKey": "$B"}, "gemini": {"apiKey": "AIzaMadeUp"}}}}`,
		`{"env": {"credentials": {"BYBIT_API_KEY": "your_api_key", "BYBIT_API_SECRET": ""}}}`,
	} {
		folder := t.TempDir()
		put(t, filepath.Join(folder, "openclaw.json"), 0o600, short.Replace(text))
		in, err := From("openclaw", folder, withVariables())
		require.NoError(t, err, text)
		assert.Empty(t, keyNames(in), text)
	}
}

// TestMisnamedFields: a key under a name that its program does not read is named by that name.
func TestMisnamedFields(t *testing.T) {
	t.Parallel()
	const good = `, "kraken": {"apiKey": "$A", "secret": "$a"}`
	for _, test := range []struct{ format, text, want string }{
		{"ccxt", `{"bybit": {"API-KEY": "$B"}}`, `ccxt/bybit: "API-KEY" looks like part of a key, but stands where the bot reads none: list the key in an inventory`},
		{"ccxt", `{"bybit": {"API-KEY": "$B"}` + good + `}`, `ccxt/bybit: "API-KEY" looks like part of a key, but stands where the bot reads none: list the key in an inventory`},
		{"ccxt", `{"API-KEY": "$B"}`, `ccxt/key: "API-KEY" looks like part of a key, and nothing says of which exchange: list the key in an inventory`},
		{"ccxt", `{"API-KEY": "$B", "API-SECRET": "$b"` + good + `}`, `ccxt/key: "API-KEY" looks like part of a key, and nothing says of which exchange: list the key in an inventory`},
		{"ccxt", `{"apiKey": "$B", "secret": "$b"}`, `ccxt/key: the file does not say which exchange it is for: list the key in an inventory, with its exchange`},
		{"ccxt", `{"bybit": {"API-KEY": "$B", "secret": "$b"}}`, `ccxt/bybit: its secret is there, but its API key is missing: the bot does not read "API-KEY": rename it, or list the key in an inventory`},
		{"passivbot", `{"u": {"exchange": "bybit", "key": "$B", "API-SECRET": "$b"}}`, `passivbot/u: its API key is there, but its secret is missing: the bot does not read "API-SECRET": rename it, or list the key in an inventory`},
		{"octobot", `{"exchanges": {"bybit": {"apiKey": "$B", "api-secret": "$b"}}}`, `octobot/bybit: its secret is there, but its API key is missing: the bot does not read "apiKey": rename it, or list the key in an inventory`},
	} {
		in, err := From(test.format, writeBot(t, "config.json", short.Replace(test.text)), withVariables())
		require.NoError(t, err, test.text)
		names := keyNames(in)
		assert.Equal(t, test.want, names[len(names)-1], "%q", names)
		assert.Len(t, in.Skipped, 1, "%q", names)
	}
	in, err := From("ccxt", writeBot(t, "keys.json", short.Replace(`{"exchange": "bybit", "apiKey": "$A", "secret": "$a"}`)), withVariables())
	require.NoError(t, err)
	assert.Equal(t, []string{"ccxt/bybit"}, keyNames(in))
}
