package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// short abbreviates test cases: A and B are two keys, a and b their secrets.
var short = strings.NewReplacer("$A", keyA, "$a", secretA, "$B", keyB, "$b", secretB)

// TestBotsFiles has one variant of a format per line. Expected are the keys, or
// the text of the one problem.
func TestBotsFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format, text string
		keys         []string
		problem      string
	}{
		// freqtrade
		{format: "freqtrade", text: `{"exchange": {"name": "kraken", "api_key": "$A", "secret": "$a"}}`, keys: []string{"freqtrade/kraken"}},
		{format: "freqtrade", text: `{"exchange": {"name": "kraken", "apiKey": "$A", "secret": "$a"}}`, keys: []string{"freqtrade/kraken"}},
		{format: "freqtrade", text: `{"exchange": {"name": "kraken", "ccxt_config": {"apiKey": "$A", "secret": "$a"}}}`, keys: []string{"freqtrade/kraken"}},
		{format: "freqtrade", text: `{"exchange": {"name": "kraken", "key": "$A", "secret": "$a", "ccxt_sync_config": {"apiKey": "$A"}}}`, keys: []string{"freqtrade/kraken"}},
		{
			format: "freqtrade", text: `{"exchange": {"name": "kraken", "key": "$A", "secret": "$a", "ccxt_sync_config": {"apiKey": "$B"}}}`,
			keys: []string{`freqtrade/kraken: "key" and "apiKey" are the same part of a key and have different values: delete one of them`},
		},
		{
			format: "freqtrade", text: `{"exchange": {"name": "kraken", "key": "$A", "secret": "$a", "secret": "$b"}}`,
			keys: []string{`freqtrade/kraken: duplicate field "secret" (first on line 1) with a different value: delete one of them`},
		},
		{format: "freqtrade", text: `{"exchange": {"name": "binance", "key": "your_exchange_key", "secret": "your_exchange_secret"}}`, keys: []string{"freqtrade/binance: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{format: "freqtrade", text: `{"exchange": {"name": "binance", "key": "", "secret": ""}, "dry_run": true}`},
		{format: "freqtrade", text: `{"exchange": {"name": "okx", "key": "$A"}}`, keys: []string{"freqtrade/okx: its API key is there, but its secret is missing: add it, or list the key in an inventory"}},
		{format: "freqtrade", text: `{"exchange": {"name": "okx", "secret": "$a"}}`, keys: []string{"freqtrade/okx: its secret is there, but its API key is missing: add it, or list the key in an inventory"}},
		{format: "freqtrade", text: `{"exchange": {"key": "$A", "secret": "$a"}}`, keys: []string{"freqtrade/key: the file does not say which exchange it is for: list the key in an inventory, with its exchange"}},
		{format: "freqtrade", text: `{"keys": []}`, problem: `config: this is not freqtrade's configuration: it has no "exchange" with a "name"`},
		{format: "freqtrade", text: `{"exchange": "okx"}`, problem: `config:1:14: "exchange" must be an object, not text`},
		{format: "freqtrade", text: `[]`, problem: `config:1:1: the file must be an object, not a list`},
		{format: "freqtrade", text: `{"exchange": {"name": "okx", "key": {"a": "$A"}}}`, keys: []string{`freqtrade/okx: "key" must be text, not an object`}},
		{format: "freqtrade", text: `{"exchange": {"name": "okx"}, "exchange": {"name": "kraken"}}`, problem: `config:1:31: duplicate field "exchange" (first on line 1): delete one of them`},
		{format: "freqtrade", text: `{"exchange": {"name": "okx"}, "add_config_files": "private.json"}`, problem: `"add_config_files" must be a list, not text`},
		{format: "freqtrade", text: `{"exchange": {"name": "okx"}, "add_config_files": [1]}`, problem: `"add_config_files" must be a list of file names`},
		{format: "freqtrade", text: `{"exchange": {"name": "okx"}, "add_config_files": ["no-such.json"]}`, problem: `no-such.json" does not exist`},
		// passivbot
		{format: "passivbot", text: `{"u": {"exchange": "bybit", "apiKey": "$A", "secret": "$a"}}`, keys: []string{"passivbot/u"}},
		{format: "passivbot", text: `{"u": {"exchange": "bybit", "key": "key", "secret": "secret"}, "v": {"exchange": "okx", "key": "YOUR_KEY", "secret": "YOUR_SECRET"}}`, keys: []string{"passivbot/v: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{format: "passivbot", text: `{"_comment": "one", "referrals": {}, "tradfi": {"api_key": "$A", "api_secret": "$a"}}`},
		{format: "passivbot", text: `{"u": {"key": "$A", "secret": "$a"}}`, keys: []string{"passivbot/u: the file does not say which exchange it is for: list the key in an inventory, with its exchange"}},
		{
			format: "passivbot", text: `{"u": {"exchange": "apex", "account_index": 123, "api_key_index": 4, "private_key": "$a"}}`,
			keys: []string{"passivbot/u: " + skipWallet},
		},
		{format: "passivbot", text: `{"u": "$a"}`, keys: []string{`passivbot/u: "u" must be an object, not text`}},
		{format: "passivbot", text: `{"u": {}, "u": {}}`, keys: []string{`passivbot/u: duplicate field "u" (first on line 1): delete one of them`}},
		// OctoBot
		{format: "octobot", text: `{"exchanges": {"binance": {"api-key": "$A", "api-secret": "$a"}}}`, keys: []string{"octobot/binance"}},
		{format: "octobot", text: `{"exchanges": {"binance": {"api-key": "NOKEY", "api-secret": "Empty"}, "okx": {"api-key": "your-api-key-here"}}}`, keys: []string{"octobot/okx: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{format: "octobot", text: `{"exchanges": {}}`},
		{format: "octobot", text: `{"services": {}}`, problem: `config:1:1: this is not OctoBot's configuration: it has no "exchanges"`},
		{format: "octobot", text: `{"exchanges": []}`, problem: `"exchanges" must be an object, not a list`},
		// GoCryptoTrader
		{format: "gocryptotrader", text: `{"exchanges": [{"name": "GateIO", "apiKey": "$A", "apiSecret": "$a"}]}`, keys: []string{"gocryptotrader/GateIO"}},
		{
			format: "gocryptotrader", text: `{"exchanges": [{"name": "Coinbase", "api": {"credentials": {"key": "$A", "pemKey": "$a"}}}]}`,
			keys: []string{"gocryptotrader/Coinbase"},
		},
		{format: "gocryptotrader", text: `{"exchanges": [{"name": "Binance", "api": {"credentials": {"key": "Key", "secret": "Secret", "clientID": "ClientID"}}}]}`},
		{format: "gocryptotrader", text: "THORS-HAMMER~GCT~SO~SALTY~", problem: "the file is encrypted: decrypt a copy with the bot's own config tool"},
		{format: "gocryptotrader", text: `{}`, problem: `this is not GoCryptoTrader's configuration: it has no "exchanges"`},
		{format: "gocryptotrader", text: `{"exchanges": ["Binance"]}`, keys: []string{`gocryptotrader/key: "exchanges" must be an object, not text`}},
		// LEAN
		{format: "lean", text: `{"environment": "backtesting", "bybit-api-key": "", "bybit-api-secret": ""}`},
		{format: "lean", text: `{"gdax-api-key": "$A", "gdax-api-secret": "$a", "gdax-passphrase": "p", "gdax-use-sandbox": "paper"}`, keys: []string{"lean/gdax"}},
		{format: "lean", text: `{"ftx-api-key": "$A", "ftx-api-secret": "$a"}`, keys: []string{`lean/ftx: the exchange "ftx" is not supported: look at the key on its own site`}},
		{format: "lean", text: `{"polygon-api-key": "$A"}`, problem: `this is not LEAN's configuration`},
		{
			format: "lean", text: `{"bybit-api-key": "$A", "bybit-api-key": "$B", "bybit-api-secret": "$a"}`,
			keys: []string{`lean/bybit: duplicate field "api-key" (first on line 1) with a different value: delete one of them`},
		},
		// ccxt
		{format: "ccxt", text: `{"okx": {"apiKey": "$A", "secret": "$a", "password": "p"}, "timeout": 20}`, keys: []string{"ccxt/okx"}},
		{format: "ccxt", text: `[{"id": "okx", "apiKey": "$A", "secret": "$a", "password": "p"}, {"id": "kraken", "apiKey": "$B", "secret": "$b"}]`, keys: []string{"ccxt/okx", "ccxt/kraken"}},
		{format: "ccxt", text: `{"okx": {"apiKey": "YOUR_API_KEY", "secret": "YOUR_SECRET"}}`, keys: []string{"ccxt/okx: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{format: "ccxt", text: `{"exchanges": {"okx": {"apiKey": "$A", "secret": "$a", "password": "p"}}}`, keys: []string{"ccxt/okx"}},
		{format: "ccxt", text: `{"exchanges": {"okx": {"apiKy": "$A"}}}`, problem: `no ccxt keys found`},
		{format: "ccxt", text: `"$a"`, problem: `no ccxt keys found`},
		{format: "ccxt", text: `{"okx": {"apiKey": true, "secret": "$a"}}`, keys: []string{`ccxt/okx: "apiKey" must be text, not true or false`}},
		// vn.py
		{format: "vnpy", text: `{"key": "$A", "secret": "$a", "server": "TESTNET"}`, keys: []string{`vnpy/config: the exchange "config" is not supported: look at the key on its own site`}},
		{format: "vnpy", text: `[1]`, problem: `the file must be an object, not a list`},
		// jesse
		{format: "jesse", text: "name,EXCHANGE,Api Key,api secret\nmain,Gate Spot,$A,$a\n", keys: []string{"jesse/main"}},
		{format: "jesse", text: "API Secret,API Key,Exchange,Name\n$a,$A,Gate Spot,main\n\n", keys: []string{"jesse/main"}},
		{format: "jesse", text: "Name,Exchange,API Key,API Secret\nmain,Gate Spot,your-key,your-secret\n", keys: []string{"jesse/main: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{format: "jesse", text: "Name,Exchange,API Key\nmain,Gate Spot,$A\n", problem: `its first row has no "api secret"`},
		{format: "jesse", text: "Name,Exchange,API Key,API Secret\nmain,Gate Spot,$A\n", keys: []string{`jesse/main: the row ends before its "api secret": add it, or list the key in an inventory`}},
		{format: "jesse", text: "Name,Exchange,API Key,API Key,API Secret\nmain,Gate Spot,$A,$B,$a\n", problem: `duplicate column "api key": delete one of them`},
		{format: "jesse", text: "Name,Exchange,API Key,API Secret\nmain,\"Gate Spot,$A,$a\n", problem: "the CSV is malformed here"},
		{format: "jesse", text: "\n\n", problem: "it is empty"},
		// variables
		{format: "env", text: "BYBIT_APIKEY=$A\nBYBIT_SECRET_KEY=$a", keys: []string{"env/bybit"}},
		{format: "env", text: "BYBIT_API_KEY=$A\nBYBIT_KEY=$B\nBYBIT_API_SECRET=$a", keys: []string{`env/bybit: "BYBIT_API_KEY" and "BYBIT_KEY" are both set and differ: unset one of them`}},
		{format: "env", text: "BYBIT_API_KEY=$A\nBYBIT_API_KEY=$B", keys: []string{`env/bybit: duplicate variable "BYBIT_API_KEY" (first on line 1) with a different value (line 2): delete one of them`}},
		{format: "env", text: "GEMINI_API_KEY=$A", keys: []string{"env/gemini: its API key is there, but its secret is missing: add it, or list the key in an inventory"}},
		{format: "env", text: "OPENAI_API_KEY=$A\nGITHUB_TOKEN=$a\nJWT_KEY=$A\nJWT_SECRET=$a\nSSH_PRIVATE_KEY=$a"},
		{format: "bbgo", text: "BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\nBINANCE_API_PRIVATE_KEY=$b", keys: []string{`bbgo/binance: "BINANCE_API_SECRET" and "BINANCE_API_PRIVATE_KEY" are both set and differ: unset one of them`}},
		{format: "bbgo", text: "BINANCE_API_KEY=your-key\nBINANCE_API_SECRET=\"\"", keys: []string{"bbgo/binance: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{format: "nautilus", text: "APEX_PRIVATE_KEY=$a\nAPEX_WALLET_ADDRESS=0x1", keys: []string{"nautilus/apex: " + skipWallet}},
		{format: "nautilus", text: "BYBIT_API_KEY='$A\n", keys: []string{`nautilus/bybit: "BYBIT_API_KEY" cannot be read: its value begins with a quote that is never closed; write it as NAME=value`}},
	} {
		file := writeBot(t, "config", short.Replace(test.text))
		in, err := From(test.format, file, withVariables())
		if test.problem != "" {
			var problems Problems
			require.ErrorAs(t, err, &problems, test.text)
			assert.Len(t, problems, 1, test.text)
			assert.Contains(t, strings.ReplaceAll(err.Error(), file, "config"), test.problem, test.text)
			continue
		}
		require.NoError(t, err, test.text)
		assert.Equal(t, test.keys, keyNames(in), test.text)
		for _, k := range in.Keys {
			c := loadKey(t, k)
			assert.Contains(t, []string{keyA + secretA, keyB + secretB}, c.Key+c.Secret.Reveal(), test.text)
		}
	}
}

// TestFreqtradeLayers: a file overrides those it adds, of those a later one
// overrides an earlier one, and the environment overrides all of them.
func TestFreqtradeLayers(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	file("user_data/config.json", `{"add_config_files": ["private/a.json", "private/b.json"], "trading_mode": "spot", "exchange": {"key": ""}}`)
	file("user_data/private/a.json", `{"add_config_files": ["../config.json", "a.json"], "dry_run": true,
		"exchange": {"name": "okx", "key": "key-of-a", "secret": "secret-of-a", "password": "password-of-a"}, "trading_mode": "futures"}`)
	file("user_data/private/b.json", `{"exchange": {"key": "key-of-b", "secret": "secret-of-b"}}`)
	from := func(variables ...string) (audit.Key, adapter.Credentials) {
		in, err := From("freqtrade", folder, withVariables(variables...))
		require.NoError(t, err)
		require.Len(t, in.Keys, 1)
		return in.Keys[0], loadKey(t, in.Keys[0])
	}
	k, c := from()
	assert.Equal(t, "key-of-b secret-of-b password-of-a", c.Key+" "+c.Secret.Reveal()+" "+c.Passphrase.Reveal())
	assert.Equal(t, "spot-trading", k.Policy.Name)
	assert.Equal(t, audit.StageTest, k.Record.Stage)
	b := filepath.Join(folder, "user_data", "private", "b.json")
	assert.Equal(t, audit.Source{Format: "freqtrade", File: b, Line: 1, Column: 15}, k.Record.Source)
	assert.Equal(t, b, c.Storage[1].File)
	assert.Equal(t, filepath.Join(filepath.Dir(b), "a.json"), c.Storage[2].File)

	k, c = from("FREQTRADE__EXCHANGE__SECRET=secret-of-env", "FREQTRADE__DRY_RUN=false", "FREQTRADE__TRADING_MODE=futures", "FREQTRADE__EXCHANGE__NAME=kucoin")
	assert.Equal(t, "key-of-b secret-of-env", c.Key+" "+c.Secret.Reveal())
	assert.Equal(t, "freqtrade/kucoin", k.Name)
	assert.Equal(t, "futures-trading", k.Policy.Name)
	assert.Equal(t, audit.StageLive, k.Record.Stage)
	assert.Equal(t, access.Storage{Part: "secret", In: "environment"}, c.Storage[1])

	_, err := From("freqtrade", folder, withVariables("FREQTRADE__EXCHANGE__KEY="+keyA, "FREQTRADE__EXCHANGE__API_KEY="+keyB))
	assert.EqualError(t, err, "FREQTRADE__EXCHANGE__KEY and FREQTRADE__EXCHANGE__API_KEY are both set and differ: unset one of them")
}

// TestStagesAndEnvironments: what the bots' switches imply.
func TestStagesAndEnvironments(t *testing.T) {
	t.Parallel()
	const pair = `"key": "$A", "secret": "$a"`
	for _, test := range []struct {
		format, text, environment string
		stage                     audit.Stage
	}{
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `}}`, "live", ""},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `}, "dry_run": true}`, "live", audit.StageTest},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `, "sandbox": true}, "dry_run": false}`, "testnet", audit.StageTest},
		{"octobot", `{"exchanges": {"bybit": {"api-key": "$A", "api-secret": "$a"}}, "trader": {"enabled": false}, "trader-simulator": {"enabled": true}}`, "live", audit.StageTest},
		{"octobot", `{"exchanges": {"bybit": {"api-key": "$A", "api-secret": "$a"}}, "trader": {"enabled": true}, "trader-simulator": {"enabled": false}}`, "live", audit.StageLive},
		{"lean", `{"bybit-api-key": "$A", "bybit-api-secret": "$a", "bybit-use-testnet": "live", "environment": "e", "environments": {"e": {"live-mode": "true"}}}`, "live", audit.StageLive},
		{"lean", `{"bybit-api-key": "$A", "bybit-api-secret": "$a", "bybit-use-testnet": "paper"}`, "testnet", audit.StageTest},
		{"lean", `{"bybit-api-key": "$A", "bybit-api-secret": "$a", "environment": "e", "environments": {"e": {"live-mode": true, "live-mode-brokerage": "PaperBrokerage"}}}`, "live", audit.StageTest},
		{"lean", `{"bybit-api-key": "$A", "bybit-api-secret": "$a", "environment": "e", "environments": {"e": {"live-mode": false}}}`, "live", audit.StageTest},
		{"lean", `{"bybit-api-key": "$A", "bybit-api-secret": "$a", "environment": "e"}`, "live", ""},
	} {
		in, err := From(test.format, writeBot(t, "config", short.Replace(test.text)), withVariables())
		require.NoError(t, err, test.text)
		require.Len(t, in.Keys, 1, test.text)
		assert.Equal(t, test.environment, in.Keys[0].Environment, test.text)
		assert.Equal(t, test.stage, in.Keys[0].Record.Stage, test.text)
	}
}
