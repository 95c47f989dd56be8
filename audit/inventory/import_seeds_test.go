package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSeedsBesideKeys: the seed or the private key of a wallet beside an exchange's key is named
// as what is not audited, whatever its variable's name says besides.
func TestSeedsBesideKeys(t *testing.T) {
	t.Parallel()
	const (
		hex     = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
		seed    = ` holds a wallet's seed, which opens everything in the wallet and is not audited here: give it to no program`
		private = ` holds a wallet's private key: list it in an inventory, if its exchange is supported`
	)
	words := strings.Join(strings.Fields("legal winner thank year wave sausage worth useful legal winner thank yellow"), " ")
	xprv := "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
	bytes := "[" + strings.Repeat("12, 203, ", 31) + "7, 19]"
	base58 := strings.Repeat("4wBqpZM9xaSh", 7) + "UNe8"
	for _, name := range []string{
		"BYBIT_MNEMONIC", "KRAKEN_MNEMONIC", "BYBIT_SEED", "KRAKEN_SEED_PHRASE", "BYBIT_RECOVERY_PHRASE", "MNEMONIC", "WALLET_SEED", "METAMASK_SEED_PHRASE", "ETH_MNEMONIC", "SEED", "bybitMnemonic",
		"HYPERLIQUID_SEED", "BYBIT_HD_SEED", "SEED_PHRASE", "TREZOR_MNEMONIC_WORDS",
	} {
		for _, value := range []string{words, `"` + words + `"`, "'" + strings.ToUpper(words) + "'", strings.ReplaceAll(words, " ", "-"), words + " " + words, xprv} {
			check(t, name, value, seed)
		}
	}
	for _, name := range []string{"BYBIT_SEED", "WALLET_SEED", "ETH_SEED", "BYBIT_MNEMONIC_ENTROPY"} {
		for _, value := range []string{hex, "0x" + hex, hex[:32]} {
			check(t, name, value, seed)
		}
	}
	for _, name := range []string{"NOTE", "BYBIT_WALLET", "SECRET_WORDS"} {
		check(t, name, words, seed)
		check(t, name, xprv, seed)
	}
	for _, name := range []string{"ETH_PRIVATE_KEY", "DEPLOYER_PRIVATE_KEY", "BYBIT_WALLET_PRIVATE_KEY", "METAMASK_PRIVATE_KEY", "KRAKEN_WALLET_PRIVATE_KEY", "EVM_PK", "SOLANA_PRIVATE_KEY"} {
		for _, value := range []string{hex, "0x" + hex, `"0x` + hex + `"`, bytes, base58} {
			check(t, name, value, private)
		}
	}
	for _, line := range []string{
		"RANDOM_SEED=42", "BYBIT_SEED=12345", "SEED_NODES=aaf7e99012ffcc00aaf7e99012ffcc00aaf7e990@10.0.0.1:26656", "SEED=true", "MNEMONIC=your twelve words here", "MNEMONIC=", "SEED_URL=https://seed.example/" + hex,
		"SEED_FILE=/run/secrets/seed", "MNEMONIC=${MNEMONIC}", "JWT_PRIVATE_KEY=" + hex, "SSH_PRIVATE_KEY=" + hex, "TX_HASH=0x" + hex, "PASSPHRASE=" + words[:17], "SEEDED=1", "ETH_PRIVATE_KEY=your_private_key",
	} {
		in, err := From("env", writeBot(t, ".env", short.Replace("KRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n")+line+"\n"), withVariables())
		require.NoError(t, err, line)
		assert.Equal(t, []string{"env/kraken"}, keyNames(in), line)
	}
}

// TestSeedsInEntries: likewise in bots' files.
func TestSeedsInEntries(t *testing.T) {
	t.Parallel()
	words := strings.Join(strings.Fields("legal winner thank year wave sausage worth useful legal winner thank yellow"), " ")
	for _, test := range []struct{ format, name, text string }{
		{"ccxt", "keys.json", `{"bybit": {"apiKey": "$A", "secret": "$a", "FIELD": "VALUE"}}`},
		{"ccxt", "keys.json", `{"bybit": {"apiKey": "$A", "secret": "$a", "more": {"FIELD": "VALUE"}}}`},
		{"ccxt-mcp", "config.json", `{"accounts": {"x": {"exchange": "bybit", "apiKey": "$A", "secret": "$a", "FIELD": "VALUE"}}}`},
		{"passivbot", "api-keys.json", `{"u": {"exchange": "bybit", "key": "$A", "secret": "$a", "FIELD": "VALUE"}}`},
		{"freqtrade", "config.json", `{"exchange": {"name": "bybit", "key": "$A", "secret": "$a", "FIELD": "VALUE"}}`},
		{"octobot", "config.json", `{"exchanges": {"bybit": {"api-key": "$A", "api-secret": "$a", "FIELD": "VALUE"}}}`},
		{"gocryptotrader", "config.json", `{"exchanges": [{"name": "bybit", "api": {"credentials": {"key": "$A", "secret": "$a", "FIELD": "VALUE"}}}]}`},
		{"lean", "config.json", `{"bybit-api-key": "$A", "bybit-api-secret": "$a", "bybit-FIELD": "VALUE"}`},
		{"vnpy", "connect_bybit.json", `{"API Key": "$A", "API Secret": "$a", "FIELD": "VALUE"}`},
		{"jesse", "api-keys.csv", "Name,Exchange,API Key,API Secret,FIELD\nx,Bybit Spot,$A,$a,VALUE\n"},
		{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "x", "wallet": {"FIELD": "VALUE"}, "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}}}}`},
		{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "x", "env": {"wallet": {"FIELD": "VALUE"}, "BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}}}}`},
		{"mcp", "mcp.json", `{"mcpServers": {"x": {"command": "x", "args": ["--FIELD", "VALUE"], "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}}}}`},
		{"openclaw", "openclaw.json", `{"wallet": {"FIELD": "VALUE"}, "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}}`},
	} {
		for _, field := range []string{"seed", "seed_phrase", "seedPhrase", "walletSeed", "words"} {
			text := strings.NewReplacer("FIELD", field, "VALUE", words).Replace(short.Replace(test.text))
			in, err := From(test.format, writeBot(t, test.name, text), withVariables())
			require.NoError(t, err, text)
			require.Len(t, in.Keys, 1, "%s: %q", text, keyNames(in))
			if assert.Len(t, in.Skipped, 1, "%s: %q", text, keyNames(in)) {
				assert.Contains(t, in.Skipped[0].Why, holdsSeed, text)
			}
		}
	}
}

func check(t *testing.T, name, value, want string) {
	t.Helper()
	for format, text := range map[string]string{"env": "NAME=VALUE\nKRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n", "mcp": `{"env": {"NAME": "VALUE", "KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`} {
		if format == "mcp" {
			value = strings.Trim(value, `"'`)
		}
		path := writeBot(t, "file", strings.NewReplacer("NAME", name, "VALUE", value).Replace(short.Replace(text)))
		in, err := From(format, path, withVariables())
		require.NoError(t, err)
		require.Len(t, in.Keys, 1, "%s=%s: %q", name, value, keyNames(in))
		assert.Equal(t, "kraken", in.Keys[0].Exchange.Name)
		if assert.Len(t, in.Skipped, 1, "%s=%s: %q", name, value, keyNames(in)) {
			assert.Equal(t, `"`+name+`"`+want, in.Skipped[0].Why, value)
			assert.Equal(t, 1, in.Skipped[0].Line)
		}
	}
}
