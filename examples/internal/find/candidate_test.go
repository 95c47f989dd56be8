package find

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// parts are made-up halves for the texts of tests.
var parts = strings.NewReplacer(
	"{id}", "kT7bQ2wX9zLm4RvN8c", "{secret}", "Zq3WvT8rKp5XnB7mLc2HdJ9sFg4QyR6tVbN1",
	"{id2}", "pW4nH8sJ2dKx7QzB5v", "{secret2}", "Lm8RtC3vXq6ZpN1bKw9HsJ4dFg7TyV2nQb5X",
	"{uuid}", "4b1f0c3e-9d27-4a58-b6e1-73c2d05f8a94", "{HEX}", "9C4E71B20D8F35A6E7B1C0492F6D8A53",
	"{bg}", "bg_3f9a1c7e5b2d8046f1a9c3e7b5d20846", "{hex64}", strings.Repeat("7c1e94b0d2a85f36", 4), "{hex32}", strings.Repeat("5e90ab17c3d2f648", 2),
	"{gem}", "account-kT7bQ2wX9zLm4RvN8cPd", "{sec28}", "Zq3WvT8rKp5XnB7mLc2HdJ9sFg4Q",
)

// decided is where each key of a tree would be sent, or why it would not.
func decided(t *testing.T, files map[string]string) (out []string) {
	t.Helper()
	folder := t.TempDir()
	for path, text := range files {
		write(t, folder, path, parts.Replace(text))
	}
	for _, c := range look(t, Options{Paths: []string{folder}}).Candidates(exchanges.All()) {
		if c.Not != "" {
			out = append(out, c.Not)
			continue
		}
		key, err := c.Audit.Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, c.Place.ID.Reveal(), key.Key)
		assert.True(t, key.Secret.Equal(c.Place.Secret))
		where := c.Audit.Exchange.Name + " " + c.Audit.Environment
		if !key.Passphrase.IsZero() {
			where += " with " + key.Passphrase.Reveal()
		}
		out = append(out, where)
	}
	return out
}

// TestWhereKeysAreSent: only to the exchange that the context names, and to the
// environment that its file says.
func TestWhereKeysAreSent(t *testing.T) {
	t.Parallel()
	const pair = "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n"
	for _, test := range []struct{ path, text, want string }{
		{".env", pair, "bybit live"},
		{".env", pair + "BYBIT_TESTNET=true\n", "bybit testnet"},
		{".env", pair + "TESTNET=1\n", "bybit testnet"},
		{".env", pair + "BYBIT_TESTNET=false\n", "bybit live"},
		{".env", pair + "BYBIT_BASE_URL=https://api-demo.bybit.com\n", "bybit demo"},
		{".env", pair + "BASE_URL=https://api-testnet.bybit.com\n", "bybit testnet"},
		{".env", pair + "BYBIT_BASE_URL=https://gateway.firm.example\n", "is none of Bybit that is known here"},
		{".env", pair + "DATABASE_URL=postgres://u:p@localhost/x\nBINANCE_TESTNET=true\n", "bybit live"},
		{".env", "# testnet\n" + pair, "line 1 speaks of a test network"},
		{".env.testnet", pair, `its path speaks of a test network ("testnet")`},
		{"sandbox/.env", pair, `its path speaks of a test network ("sandbox")`},
		{".env", "BYBIT_TESTNET_API_KEY={id}\nBYBIT_TESTNET_API_SECRET={secret}\n", "bybit testnet"},
		{"a.json", `{"exchange": "bybit", "key": "{id}", "secret": "{secret}", "testnet": true}`, "bybit testnet"},
		{"a.json", `{"exchange": "bybit", "key": "{id}", "secret": "{secret}", "base_url": "http://127.0.0.1:9"}`, `its file names the host "127.0.0.1:9", which is unknown`},
		{"a.json", `{"exchange": "bybit", "key": "{id}", "secret": "{secret}", "environment": "moon"}`, `its file says by "environment" where it belongs, in an unknown word`},
		{"Launcher/config.json", `{"environment": "live-paper", "bybit-api-key": "{id}", "bybit-api-secret": "{secret}"}`, `"environment" has a value that names no environment of Bybit`},
		{"a.yaml", "bybit:\n  testnet:\n    api_key: {id}\n    api_secret: {secret}\n", "bybit testnet"},
		{"a.py", "import ccxt\nx = ccxt.bybit({'apiKey': '{id}', 'secret': '{secret}'})\nx.set_sandbox_mode(True)\n", "line 3 speaks of a test network"},
		{"a.py", "c = BybitClient(api_key='{id}', api_secret='{secret}', testnet=True)\n", "bybit testnet"},
		{"a.py", "c = BybitClient('{id}', '{secret}', 'https://api.bybit.eu')\n", "line 1 has a URL of another environment"},
		{"a.py", "c = BybitClient('{id}', '{secret}', 'https://api.bybit.com:8443')\n", "line 1 has a URL of another environment of the exchange, or of another port"},
		{"a.py", "c = BybitClient('{id}', '{secret}', 'https://api.bybit.com:443/')\n", "bybit live"},
		{"a.py", "c = BybitClient('{id}', '{secret}', 'http://localhost:8080')\n", "line 1 has a URL beside the key that is none of the exchange's"},
		{"a.py", "# see https://example.org\nc = BybitClient('{id}', '{secret}')\nprint('https://example.org')\n", "bybit live"},
		{".env", pair + "BASE_URL=https://api.bybit.com:8443\n", `the URL in "BASE_URL" is none of Bybit`},
		// The name of the exchange says it.
		{"a.json", `{"exchange": "bybit_testnet", "key": "{id}", "secret": "{secret}"}`, "bybit testnet"},
		{"a.json", `[{"venue": "BYBIT_DEMO", "key": "{id}", "secret": "{secret}"}]`, "bybit demo"},
		{".env", pair + "EXCHANGE=bybit_testnet\n", "bybit testnet"},
		{".env", pair + "EXCHANGE=bybit\n", "bybit live"},
		{".env", pair + "EXCHANGE=bybiteu\n", "bybit eu"},
		{".env", "BINANCE_API_KEY={hex64}\nBINANCE_API_SECRET={hex32}{hex32}\nEXCHANGE=binanceus\n", "names Binance.US"},
		{"keys.csv", "exchange,key,secret\nbybit_testnet,{id},{secret}\n", "line 2 speaks of a test network"},
		{"a.xml", `<exchange name="bybit_testnet"><apiKey>{id}</apiKey><secret>{secret}</secret></exchange>`, "speaks of a test network"},
		// It is all that is said.
		{"a.py", "accounts = [('main', 'bybit', '{id}', '{secret}')]\n", "bybit live"},
		{"a.json", `[["bybit", "{id}", "{secret}"]]`, "bybit live"},
		{"a.json", `{"bybit": ["{id}", "{secret}"]}`, "bybit live"},
		{"a.sql", "INSERT INTO api VALUES ('bybit', '{id}', '{secret}');\n", "bybit live"},
		{"a.csv", "okx,{uuid},{HEX}\nbybit,{id},{secret}\n", "bybit live; its API key and secret are there, but its passphrase is missing"},
		{"dump.txt", "maria\nbybit:{id}:{secret}\n", "bybit live"},
		{"dump.txt", "Bybit {id} {secret}", "bybit live"},
		{"dump.txt", "bybit_testnet {id} {secret}", "line 1 speaks of a test network"},
		{"notes.md", "Bybit (grid bot): {id} / {secret}\n", "bybit live"},
		{"notes.md", "* my Bybit API key/secret: `{id}` / `{secret}`.\n", "bybit live"},
		{"notes.md", "Bybit API key and secret: {id}, {secret}", "bybit live"},
		{"notes.md", "Bybit Testnet (grid): {id} / {secret}\n", "line 1 speaks of a test network"},
		{"a.py", "c = Client('bybit', '{id}', '{secret}', testnet=True)\n", notNamed},
		// Two keys, each with its own switch.
		{"a.json", `{"bybit": {"key": "{id}", "secret": "{secret}"}, "binance": {"key": "x", "sandbox": true}}`, "bybit live"},
		{"a.json", `{"bybit": {"main": {"key": "{id}", "secret": "{secret}"}, "play": {"testnet": true, "creds": {"key": "{id2}", "secret": "{secret2}"}}}}`, "bybit live"},

		{"a.py", "from pybit import HTTP\nc = HTTP(api_key='{id}', api_secret='{secret}')\n", notNamed},
		{"a.py", "api_key = '{id}'\napi_secret = '{secret}'\n", notNamed},
		{"a.py", "api_key = '{gem}'\napi_secret = '{sec28}'\n", notMarked},
		{".env", "BYBIT_API_SECRET={secret}\n", notSecret},
		{".env", "BYBIT_API_KEY={secret}\nBYBIT_API_SECRET={id}\n", notSwapped},
		{".env", "OKX_API_KEY={bg}\nOKX_API_SECRET={hex64}\nOKX_PASSPHRASE=x\n", "its form is that of bitget's keys, and what stands beside it names okx"},
		{"a.yaml", "gate:\n  api_key: {id}{id2}\n  secret: {secret}\n", "the name of its exchange is a word of other things too"},
		{"a.yaml", "gate:\n  api_key: {hex32}\n  secret: {hex64}\n", "gate live"},
		{"a.yaml", "binance-archive:\n  access_key: {id}ABCD\n  secret_key: {secret}\n", `the word "archive" beside its exchange's name may mean something else`},
		{"a.yaml", "woo:\n  api_key: {id}{id2}\n  secret: {secret}\n", `the word "woo" beside its exchange's name may mean something else`},
		{"a.yaml", "bybit-archive:\n  access_key: {id}\n  secret_key: {secret}\n", "bybit live"},
		{".env", "BYBIT_API_KEY={id}\n#BYBIT_API_SECRET={secret2}\n\nBYBIT_API_SECRET={secret}\n", notAmbiguous},
		{".env", "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\nBYBIT_API_KEY={id2}\nBYBIT_API_SECRET={secret2}\n", "bybit live; bybit live"},
		{".env", "BYBIT_KEY_1={id}\nBYBIT_SECRET_2={secret}\n", `the names of its halves differ ("BYBIT_KEY_1", "BYBIT_SECRET_2")`},
		{".env", "BYBIT_API_KEY={id}\nAPI_SECRET={secret}\n", "bybit live"},
		{"a.json", `{"exchange": "bybit", "key": "{id}", "secret": "{secret}", "proxy": "http://10.0.0.1:8080"}`, "its bot uses a proxy"},
		{"keys.csv", "exchange,name,key,secret\nBybit,a testnet,{id2},{secret2}\nBybit,b,{id},{secret}\n", "bybit live"},
		{".env", "POLONIEX_API_KEY={id}\nPOLONIEX_API_SECRET={secret}\n", "not supported"},

		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon-Pass.1\n", "okx live with Moon-Pass.1"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=\"Moon Pass; 1\"\n", "okx live with Moon Pass; 1"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon Pass 1\n", "passphrase is missing"},
		{"start.sh", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon!1\n", "passphrase is missing"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon!1\n", "okx live with Moon!1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon1!\n", "okx live with Moon1!"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Mo#on1\n", "okx live with Mo#on1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon;1x\n", "okx live with Moon;1x"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon,1x\n", "okx live with Moon,1x"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon&1x\n", "okx live with Moon&1x"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon)1\n", "okx live with Moon)1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Mo(on)1\n", "okx live with Mo(on)1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Mo(on1\nBYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n", "okx live with Mo(on1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Mo(on1\nBYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n", "bybit live"},
		{"bot/.env.local", "OKX_PASSPHRASE=Mo[on{1\nOKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\n", "okx live with Mo[on{1"},
		{"bot/.env.local", "OKX_PASSPHRASE=(Moon1\nOKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\n", "okx live with (Moon1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon=1x\n", "okx live with Moon=1x"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=!Moon1\n", "okx live with !Moon1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=x=Moon1\n", "okx live with x=Moon1"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon1&\n", "okx live with Moon1&"},
		{"bot/.env.local", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=^Moon1\n", "okx live with ^Moon1"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=#Moon1\n", "passphrase is missing"},
		{"start.sh", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=!Moon1\n", "passphrase is missing"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=${OKX_PASS}!\n", "passphrase is missing"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon1 # of the bot\n", "okx live with Moon1"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=Moon1! # of the bot\n", "passphrase is missing"},
		{".env", "export OKX_API_KEY={uuid}\nexport OKX_API_SECRET={HEX}\nexport OKX_PASSPHRASE=Moon!1\r\n", "okx live with Moon!1"},
		{".zsh_history", "OKX_API_KEY={uuid} OKX_API_SECRET={HEX} OKX_PASSPHRASE=Moon1 python3 bot.py\n", "okx live with Moon1"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nDB_PASSWORD=hunter2\n", "passphrase is missing"},
		{".env", "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\nOKX_PASSPHRASE=${OKX_PASS}\n", "passphrase is missing"},
		{"a.py", "okx = OkxClient(api_key='{uuid}', secret_key='{HEX}', passphrase=settings.passphrase)\n", "passphrase is missing"},
		{"a.py", "okx = OkxClient(api_key='{uuid}', secret_key='{HEX}', passphrase='Moon')\n", "okx live with Moon"},
		{"a.json", `{"okx": {"apiKey": "{uuid}", "secret": "{HEX}", "password": "Moon"}, "smtp": {"password": "no"}}`, "okx live with Moon"},
		{"a.fish", "set -gx OKX_API_KEY {uuid}\nset -gx OKX_SECRET_KEY {HEX}\nset -gx OKX_PASSPHRASE Moonlight\n", "okx live with Moonlight"},
		{"a.yml", "bitmart:\n  api_key: {hex32}ab12cd34\n  secret: {hex64}\n  memo: trading1\n", "bitmart live with trading1"},
	} {
		got := decided(t, map[string]string{test.path: test.text})
		if assert.NotEmpty(t, got, test.text) {
			assert.Contains(t, strings.Join(got, "; "), test.want, "%s: %s", test.path, test.text)
		}
	}
}

// TestExchangeInVariables: where a bot's variables name its exchange in one of their own, that
// is the one of the key beside it: however they are set, and with the same number.
func TestExchangeInVariables(t *testing.T) {
	t.Parallel()
	bots := []struct{ name, key, secret, third, sandbox string }{
		{"FREQTRADE__EXCHANGE__NAME", "FREQTRADE__EXCHANGE__KEY", "FREQTRADE__EXCHANGE__SECRET", "FREQTRADE__EXCHANGE__PASSWORD", "FREQTRADE__EXCHANGE__SANDBOX"},
		{"FREQTRADE__EXCHANGE__NAME", "FREQTRADE__EXCHANGE__KEY", "FREQTRADE__EXCHANGE__SECRET", "FREQTRADE__EXCHANGE__PASSWORD", "FREQTRADE__EXCHANGE__CCXT_CONFIG__SANDBOX"},
		{"CCXT_MCP_EXCHANGE", "CCXT_MCP_APIKEY", "CCXT_MCP_SECRET", "CCXT_MCP_PASSWORD", "CCXT_MCP_SANDBOX"},
		{"EXCHANGE_NAME", "EXCHANGE_API_KEY", "EXCHANGE_API_SECRET", "EXCHANGE_API_PASSPHRASE", "EXCHANGE_SANDBOX"},
		{"EXCHANGE", "API_KEY", "API_SECRET", "API_PASSPHRASE", "SANDBOX"},
		{"API_EXCHANGE", "API_KEY", "API_SECRET", "API_PASSPHRASE", "SANDBOX"},
		{"BOT_EXCHANGE_ID", "BOT_API_KEY", "BOT_API_SECRET", "BOT_PASSPHRASE", "BOT_SANDBOX"},
	}
	forms := []struct{ path, head, line, tail string }{
		{".env", "", "NAME=VALUE\n", ""},
		{"start.sh", "#!/bin/sh\n", "export NAME=VALUE\n", "freqtrade trade\n"},
		{"compose.yaml", "services:\n  trader:\n    image: x\n    environment:\n", "      NAME: VALUE\n", "    ports: [80]\n"},
		{"compose.yaml", "services:\n  trader:\n    environment:\n", "      - NAME=VALUE\n", ""},
		{"bot.service", "[Service]\n", "Environment=\"NAME=VALUE\"\n", ""},
		{"pod.yaml", "spec:\n  containers:\n    - name: trader\n      env:\n", "        - name: NAME\n          value: VALUE\n", ""},
		{"start.sh", "docker run", " -e NAME=VALUE", " freqtrade\n"},
		{"Dockerfile", "FROM x\n", "ENV NAME=VALUE\n", ""},
	}
	for _, bot := range bots {
		for _, form := range forms {
			set := func(pairs ...string) string {
				text := form.head
				for i := 0; i < len(pairs); i += 2 {
					text += strings.NewReplacer("NAME", pairs[i], "VALUE", pairs[i+1]).Replace(form.line)
				}
				return text + form.tail
			}
			for want, text := range map[string]string{
				"bybit live":          set(bot.name, "bybit", bot.key, "{id}", bot.secret, "{secret}"),
				"bybit testnet":       set(bot.key, "{id}", bot.secret, "{secret}", bot.sandbox, "true", bot.name, "bybit"),
				"bybit demo":          set(bot.key, "{id}", bot.name, "bybit_demo", bot.secret, "{secret}"),
				"okx live with Moon1": set(bot.name, "okx", bot.key, "{uuid}", bot.secret, "{HEX}", bot.third, "Moon1"),
				"okx eea with Moon1":  set(bot.name, "myokx", bot.key, "{uuid}", bot.secret, "{HEX}", bot.third, "Moon1"),
				"names its exchange":  set(bot.key, "{id}", bot.secret, "{secret}"),
				"weex":                set(bot.name, "weex", bot.key, "{id}", bot.secret, "{secret}"),
			} {
				got := strings.Join(decided(t, map[string]string{form.path: text}), "; ")
				if want == "weex" {
					assert.NotContains(t, got, " live", text)
					continue
				}
				assert.Contains(t, got, want, text)
			}
		}
	}
	two := "CCXT_MCP_EXCHANGE=bybit\nCCXT_MCP_APIKEY={id}\nCCXT_MCP_SECRET={secret}\nCCXT_MCP_EXCHANGE2=okx\nCCXT_MCP_APIKEY2={uuid}\nCCXT_MCP_SECRET2={HEX}\nCCXT_MCP_PASSWORD2=Moon1\n"
	assert.ElementsMatch(t, []string{"bybit live", "okx live with Moon1"}, decided(t, map[string]string{".env": two}))
}

// TestOneTryPerHalf: a half that stands in two pairs is sent in none, and places of one
// key that do not agree send it nowhere.
func TestOneTryPerHalf(t *testing.T) {
	t.Parallel()
	const pair = "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n"
	assert.Equal(t, []string{notShared, notShared}, decided(t, map[string]string{
		"a": pair, "b": "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret2}\n",
	}))
	assert.Equal(t, []string{notShared, notShared}, decided(t, map[string]string{
		"a": pair, "b": "BYBIT_API_KEY={id2}\nBYBIT_API_SECRET={secret}\n",
	}))
	assert.Equal(t, []string{"bybit live"}, decided(t, map[string]string{"a": pair, "b": pair}))
	assert.Equal(t, []string{notOne}, decided(t, map[string]string{"a": pair, "b": strings.ReplaceAll(pair, "BYBIT", "COINEX")}))
	got := decided(t, map[string]string{"a": pair, "b": pair + "BYBIT_TESTNET=true\n"})
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "do not agree on where it belongs")
	got = decided(t, map[string]string{"a": pair, "b": "# sandbox\n" + pair})
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "speaks of a test network")
}

// TestManySettings: where there are more settings than are looked at, nothing is sent.
func TestManySettings(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range mostSettings + 2 {
		fmt.Fprintf(&text, "FEED_%d_URL=https://feed.example/%d\n", i, i)
	}
	got := decided(t, map[string]string{".env": "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n" + text.String()})
	assert.Equal(t, []string{notAll}, got)
}

// TestNothingIsSentElsewhere: of all trees, each key that would be sent is one that was
// planted, whole and with the exchange that its file says.
func TestNothingIsSentElsewhere(t *testing.T) {
	t.Parallel()
	for seed, with := range [][]sample{keyFiles, secondKeys, thirdKeys} {
		for _, without := range [][]sample{cleanFiles, secondClean} {
			o := plant(t, 300+uint64(seed), with, without, 1)
			sent := 0
			for _, c := range look(t, Options{Paths: []string{o.root}}).Candidates(exchanges.All()) {
				if c.Not != "" {
					t.Log(c.Audit.Name, c.Exchange, c.Not)
					continue
				}
				sent++
				key, err := c.Audit.Load(t.Context())
				require.NoError(t, err)
				assert.True(t, key.Passphrase.IsZero() || slices.Contains(o.canaries, key.Passphrase.Reveal()), "%s: the passphrase", c.Audit.Name)
				assert.True(t, slices.ContainsFunc(o.pairs, func(p planted) bool {
					return p.path == c.Place.Path && p.exchange == c.Audit.Exchange.Name && p.id == key.Key && clean(p.secret) == key.Secret.Reveal()
				}), "%s would be sent to %s: %s", c.Audit.Name, c.Audit.Exchange.Name, c.Place.Why)
			}
			assert.Greater(t, 3*sent, len(o.pairs), "some are")
			t.Logf("%d of %d", sent, len(o.pairs))
		}
	}
}
