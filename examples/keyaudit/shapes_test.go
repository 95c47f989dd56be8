package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// shape is a configuration as people publish theirs: its files, and what a dry run
// must say of each key in them: the host it would be sent to, or why it is not.
type shape struct {
	name   string
	from   string            // BOT=path, within the folder of the files
	files  map[string]string // by path
	env    map[string]string
	expect []string // "key -> host", or "key: a part of the reason", in the order of the plan
}

const (
	pairOfKeys  = `"key": "aK7x0Qm3Zr9LpT2wVb8N", "secret": "sA5d1Gh6Jk4Yt0Xc7Mn2"`
	ccxtPair    = `"apiKey": "aK7x0Qm3Zr9LpT2wVb8N", "secret": "sA5d1Gh6Jk4Yt0Xc7Mn2"`
	leanBybit   = `"bybit-api-key": "aK7x0Qm3Zr9LpT2wVb8N", "bybit-api-secret": "sA5d1Gh6Jk4Yt0Xc7Mn2"`
	okxVars     = `"OKX_API_KEY": "aK7x0Qm3Zr9LpT2wVb8N", "OKX_SECRET_KEY": "sA5d1Gh6Jk4Yt0Xc7Mn2", "OKX_PASSPHRASE": "p"`
	bybitVars   = `"BYBIT_API_KEY": "aK7x0Qm3Zr9LpT2wVb8N", "BYBIT_API_SECRET": "sA5d1Gh6Jk4Yt0Xc7Mn2"`
	bybitLines  = "BYBIT_API_KEY=aK7x0Qm3Zr9LpT2wVb8N\nBYBIT_API_SECRET=sA5d1Gh6Jk4Yt0Xc7Mn2\n"
	gctKey      = `"credentials": {"key": "aK7x0Qm3Zr9LpT2wVb8N", "secret": "sA5d1Gh6Jk4Yt0Xc7Mn2", "clientID": "p"}`
	tomlProfile = "api_key = \"aK7x0Qm3Zr9LpT2wVb8N\"\nsecret_key = \"sA5d1Gh6Jk4Yt0Xc7Mn2\"\npassphrase = \"p\"\n"
)

func hummingbotFile(connector, more string) string {
	return "connector: " + connector + "\n" + connector + "_api_key: 7b7d\n" + connector + "_secret_key: 7b7d\n" + connector + "_passphrase: 7b7d\n" + more
}

var shapes = []shape{
	{"freqtrade", "freqtrade=user_data", map[string]string{"user_data/config.json": `{"dry_run": true, "exchange": {"name": "kraken", ` + pairOfKeys + `}}`}, nil, []string{"freqtrade/kraken -> api.kraken.com"}},
	{"freqtrade, two files", "freqtrade=base.json,keys.json", map[string]string{"base.json": `{"exchange": {"name": "gate"}}`, "keys.json": `{"exchange": {` + pairOfKeys + `}}`}, nil, []string{"freqtrade/gate -> api.gateio.ws"}},
	{"freqtrade, added file", "freqtrade=config.json", map[string]string{"config.json": `{"add_config_files": ["k.json"], "exchange": {"name": "bybit"}}`, "k.json": `{"exchange": {` + pairOfKeys + `}}`}, nil, []string{"freqtrade/bybit -> api.bybit.com"}},
	{"freqtrade, overridden", "freqtrade=a.json,b.json", map[string]string{"a.json": `{"exchange": {"name": "bybit", "key": "oldoldoldoldoldold", "secret": "s"}}`, "b.json": `{"exchange": {` + pairOfKeys + `}}`}, nil, []string{"freqtrade/bybit -> api.bybit.com", "freqtrade/bybit-2: b.json\" overrides the key in \"/"}},
	{"freqtrade, variables", "freqtrade=config.json", map[string]string{"config.json": `{"exchange": {"name": "binance"}}`}, map[string]string{"FREQTRADE__EXCHANGE__key": "aK7x0Qm3Zr9LpT2wVb8N", "FREQTRADE__exchange__SECRET": "sA5d1Gh6Jk4Yt0Xc7Mn2"}, []string{"freqtrade/binance -> api.binance.com"}},
	{"freqtrade, its variables as another's", "env=.env", map[string]string{".env": "FREQTRADE__EXCHANGE__KEY=aK7x0Qm3Zr9LpT2wVb8N\n"}, nil, []string{"env/freqtrade-exchange: --from freqtrade=config.json reads only once they are exported"}},
	{"freqtrade, other files of a folder", "freqtrade=.", map[string]string{
		"user_data/config.json":        `{"add_config_files": ["added.json"], "exchange": {"name": "bybit", ` + pairOfKeys + `}}`,
		"user_data/added.json":         `{"exchange": {"key": "oK7x0Qm3Zr9LpT2wVb8N"}}`,
		"user_data/config-kraken.json": `{"exchange": {"name": "kraken", "key": "bK7x0Qm3Zr9LpT2wVb8N", "secret": "tA5d1Gh6Jk4Yt0Xc7Mn2"}}`,
		"user_data/config.backup.json": `{"exchange": {"name": "bybit", ` + pairOfKeys + `}}`,
		"user_data/config.sample.json": `{"exchange": {"name": "bybit", "key": "your_exchange_key", "secret": "your_exchange_secret"}}`,
		"user_data/config_old.json":    `{"exchange": {"key": `,
		"user_data/pairs.json":         `["BTC/USDT"]`,
		"private.json":                 `{"exchange": {"key": "cK7x0Qm3Zr9LpT2wVb8N", "secret": "uA5d1Gh6Jk4Yt0Xc7Mn2"}}`,
	}, nil, []string{
		"freqtrade/bybit -> api.bybit.com", "freqtrade/bybit-2: overrides the key in", `freqtrade/private: private.json", which is not read with its folder: name that file`,
		`freqtrade/kraken: config-kraken.json", which is not read with its folder`, `freqtrade/config_old: config_old.json", which cannot be read`,
	}},
	{"freqtrade, Europe", "freqtrade=config.json", map[string]string{"config.json": `{"exchange": {"name": "myokx", ` + pairOfKeys + `, "password": "p"}}`}, nil, []string{"freqtrade/myokx -> eea.okx.com"}},
	{"freqtrade, hostname", "freqtrade=config.json", map[string]string{"config.json": `{"exchange": {"name": "okx", ` + pairOfKeys + `, "password": "p", "ccxt_config": {"hostname": "eea.okx.com"}}}`}, nil, []string{"freqtrade/okx -> eea.okx.com"}},
	{"freqtrade, proxy", "freqtrade=config.json", map[string]string{"config.json": `{"exchange": {"name": "bybit", ` + pairOfKeys + `, "ccxt_config": {"httpsProxy": "http://10.0.0.1:1"}}}`}, nil, []string{"freqtrade/bybit: through a proxy"}},
	{"freqtrade, wallet", "freqtrade=config.json", map[string]string{"config.json": `{"exchange": {"name": "hyperliquid", "walletAddress": "0x1", "privateKey": "0x2"}}`}, nil, []string{"freqtrade/hyperliquid -> api.hyperliquid.xyz"}},
	{"freqtrade, futures testnet", "freqtrade=config.json", map[string]string{"config.json": `{"trading_mode": "futures", "exchange": {"name": "binance", ` + pairOfKeys + `, "ccxt_config": {"sandbox": true}}}`}, nil, []string{"freqtrade/binance: an environment of Binance that is not supported"}},

	{"ccxt", "ccxt=keys.json", map[string]string{"keys.json": `{"kucoin": {` + ccxtPair + `, "password": "p"}, "bitget": {` + ccxtPair + `, "password": "p"}}`}, nil, []string{"ccxt/kucoin -> api.kucoin.com", "ccxt/bitget -> api.bitget.com"}},
	{"ccxt, sandbox", "ccxt=keys.json", map[string]string{"keys.json": `{"binance": {` + ccxtPair + `, "sandbox": true}}`}, nil, []string{"ccxt/binance -> testnet.binance.vision"}},
	{"ccxt, futures sandbox", "ccxt=keys.json", map[string]string{"keys.json": `{"binance": {` + ccxtPair + `, "sandbox": true, "options": {"defaultType": "future"}}}`}, nil, []string{"ccxt/binance: not supported"}},
	{"ccxt, demo trading", "ccxt=keys.json", map[string]string{"keys.json": `{"bybit": {` + ccxtPair + `, "options": {"enableDemoTrading": true}}}`}, nil, []string{"ccxt/bybit -> api-demo.bybit.com"}},
	{"ccxt, hostname", "ccxt=keys.json", map[string]string{"keys.json": `{"bybit": {` + ccxtPair + `, "hostname": "bybit.nl"}}`}, nil, []string{"ccxt/bybit -> api.bybit.nl"}},
	{"ccxt, own server", "ccxt=keys.json", map[string]string{"keys.json": `{"bybit": {` + ccxtPair + `, "urls": {"api": "https://relay.example.org"}}}`}, nil, []string{`ccxt/bybit: the host "relay.example.org", which is unknown`}},

	{"LEAN", "lean=config.json", map[string]string{"config.json": `{"environment": "live", ` + leanBybit + `}`}, nil, []string{"lean/bybit -> api.bybit.com"}},
	{"LEAN, Coinbase", "lean=config.json", map[string]string{"config.json": `{"environment": "live", "coinbase-api-name": "organizations/a/apiKeys/b", "coinbase-api-private-key": "made up", "coinbase-rest-api": "https://api.coinbase.com"}`}, nil, []string{"lean/coinbase -> api.coinbase.com"}},
	{"LEAN, the Netherlands", "lean=config.json", map[string]string{"config.json": `{"environment": "live", ` + leanBybit + `, "bybit-api-url": "https://api.bybit.nl"}`}, nil, []string{"lean/bybit -> api.bybit.nl"}},
	{"LEAN, Binance.US", "lean=config.json", map[string]string{"config.json": `{"environment": "live", "binance-api-key": "aK7x0Qm3Zr9LpT2wVb8N", "binance-api-secret": "sA5d1Gh6Jk4Yt0Xc7Mn2", "binance-api-url": "https://api.binance.us"}`}, nil, []string{"lean/binance -> api.binance.us"}},
	{"LEAN, another environment", "lean=config.json", map[string]string{"config.json": `{"environment": "a", "environments": {"a": {}, "b": {` + leanBybit + `}}}`}, nil, []string{"lean/bybit: not the one selected"}},

	{"GoCryptoTrader", "gocryptotrader=config.json", map[string]string{"config.json": `{"exchanges": [{"name": "Bybit", "api": {` + gctKey + `}}]}`}, nil, []string{"gocryptotrader/Bybit -> api.bybit.com"}},
	{"GoCryptoTrader, URLs", "gocryptotrader=config.json", map[string]string{"config.json": `{"exchanges": [{"name": "Okx", "api": {` + gctKey + `, "urlEndpoints": {"RestURL": "https://eea.okx.com/"}}}]}`}, nil, []string{"gocryptotrader/Okx -> eea.okx.com"}},
	{"GoCryptoTrader, own server", "gocryptotrader=config.json", map[string]string{"config.json": `{"exchanges": [{"name": "Okx", "api": {` + gctKey + `, "urlEndpoints": {"RestURL": "http://localhost:9000"}}}]}`}, nil, []string{`gocryptotrader/Okx: the host "localhost:9000"`}},

	{"hummingbot", "hummingbot=.", map[string]string{"conf/connectors/okx.yml": hummingbotFile("okx", "")}, nil, []string{"hummingbot/okx -> www.okx.com"}},
	{"hummingbot, Europe", "hummingbot=.", map[string]string{"conf/connectors/okx.yml": hummingbotFile("okx", "okx_registration_sub_domain: my\n")}, nil, []string{"hummingbot/okx -> eea.okx.com"}},
	{"hummingbot, wallet", "hummingbot=.", map[string]string{"conf/connectors/hyperliquid_perpetual_testnet.yml": "connector: hyperliquid_perpetual_testnet\nhyperliquid_perpetual_testnet_mode: api_wallet\nuse_vault: no\nhyperliquid_perpetual_testnet_address: 7b7d\nhyperliquid_perpetual_testnet_secret_key: 7b7d\n"}, nil, []string{"hummingbot/hyperliquid_perpetual_testnet -> api.hyperliquid-testnet.xyz"}},
	{"hummingbot, unknown site", "hummingbot=.", map[string]string{"conf/connectors/okx.yml": hummingbotFile("okx", "okx_registration_sub_domain: jp\n")}, nil, []string{`hummingbot/okx: the host "jp.okx.com"`}},

	{"passivbot", "passivbot=api-keys.json", map[string]string{"api-keys.json": `{"a": {"exchange": "bybit", ` + pairOfKeys + `}, "b": {"exchange": "hyperliquid", "wallet_address": "0x1", "private_key": "0x2"}}`}, nil, []string{"passivbot/a -> api.bybit.com", "passivbot/b -> api.hyperliquid.xyz"}},
	{"Hyperliquid's SDK", "hyperliquid-sdk=.", map[string]string{"config.json": `{"secret_key": "", "keystore_path": "agent.json", "multi_sig": {"authorized_users": [{"secret_key": "0x2"}]}}`}, nil, []string{"hyperliquid-sdk/multi-sig-1 -> api.hyperliquid.xyz", "hyperliquid-sdk/hyperliquid: in an encrypted key store"}},
	{"OctoBot", "octobot=config.json", map[string]string{"config.json": `{"exchanges": {"kucoin": {"api-key": "aK7x0Qm3Zr9LpT2wVb8N", "api-secret": "s", "api-password": "p"}, "binance": {"api-key": "aK7x0Qm3Zr9LpT2wVb8N", "api-secret": "s", "sandboxed": true, "exchange-type": "future"}}}`}, nil, []string{"octobot/kucoin -> api.kucoin.com", "octobot/binance: not supported"}},
	{"vn.py", "vnpy=.vntrader", map[string]string{".vntrader/connect_bybit.json": `{"API Key": "aK7x0Qm3Zr9LpT2wVb8N", "Secret Key": "s", "Server": "TESTNET"}`}, nil, []string{"vnpy/bybit -> api-testnet.bybit.com"}},
	{"jesse", "jesse=keys.csv", map[string]string{"keys.csv": "Name,Exchange,API Key,API Secret\nmain,Bybit USDT Perpetual,aK7x0Qm3Zr9LpT2wVb8N,s\n"}, nil, []string{"jesse/main -> api.bybit.com"}},
	{"bbgo", "bbgo=.env.local", map[string]string{".env.local": bybitLines}, nil, []string{"bbgo/bybit -> api.bybit.com"}},
	{"a .env", "env=.env", map[string]string{".env": bybitLines + "KRAKEN_API_KEY=aK7x0Qm3Zr9LpT2wVb8N\n"}, nil, []string{"env/bybit -> api.bybit.com", "env/kraken: its secret is missing"}},

	{"Claude", "mcp=.mcp.json", map[string]string{".mcp.json": `{"mcpServers": {"desk": {"command": "npx", "args": ["desk"], "env": {` + bybitVars + `}}, "other": {"command": "x"}}}`}, nil, []string{"mcp/desk -> api.bybit.com", "mcp/other: unknown"}},
	{"Claude, a project", "mcp=.claude.json", map[string]string{".claude.json": `{"projects": {"/p": {"mcpServers": {"desk": {"command": "x", "env": {` + bybitVars + `}}}}}}`}, nil, []string{"mcp/desk -> api.bybit.com"}},
	{"Claude, settings", "mcp=settings.json", map[string]string{"settings.json": `{"env": {` + bybitVars + `}}`}, nil, []string{"mcp/bybit -> api.bybit.com"}},
	{"Cursor, OKX's kit", "mcp=.", map[string]string{".cursor/mcp.json": `{"mcpServers": {"okx": {"command": "npx", "args": ["@okx_ai/okx-trade-mcp", "--site", "eea"], "env": {` + okxVars + `}}}}`}, nil, []string{"mcp/okx -> eea.okx.com"}},
	{"VS Code", "mcp=.", map[string]string{".vscode/mcp.json": `{"inputs": [], "servers": {"ccxt": {"command": "npx", "args": ["ccxt-mcp"], "env": {"BYBIT_APIKEY": "${input:k}", "BYBIT_SECRET": "${input:s}"}}}}`}, nil, []string{"mcp/ccxt: a reference"}},
	{"Codex", "mcp=config.toml", map[string]string{"config.toml": "[mcp_servers.desk]\ncommand = \"x\"\nenv = { BYBIT_API_KEY = \"aK7x0Qm3Zr9LpT2wVb8N\", BYBIT_API_SECRET = 's' }\n"}, nil, []string{"mcp/desk -> api.bybit.com"}},
	{"ccxt-mcp", "ccxt-mcp=config.json", map[string]string{"config.json": `{"accounts": {"main": {"exchange": "bybit", ` + ccxtPair + `}, "poly": {"exchange": "apex", "walletAddress": "0x1", "privateKey": "0x2"}}}`}, nil, []string{"ccxt-mcp/main -> api.bybit.com", "ccxt-mcp/poly: a wallet's private key"}},
	{"OKX's kit", "okx-agent-kit=config.toml", map[string]string{"config.toml": "default_profile = 'a'\n[profiles.a]\n" + tomlProfile + "[profiles.b]\nsite = 'us'\n" + tomlProfile}, nil, []string{"okx-agent-kit/a -> www.okx.com", "okx-agent-kit/b -> us.okx.com"}},
	{"OpenClaw", "openclaw=.", map[string]string{".env": bybitLines, "openclaw.json": `{"mcp": {"servers": {"desk": {"command": "x"}}}}`}, nil, []string{"openclaw/bybit -> api.bybit.com", "openclaw/desk: unknown"}},
}

// TestShapes: of each configuration, every key is planned for the right host, or
// named with why it is not.
func TestShapes(t *testing.T) {
	t.Parallel()
	keys := 0
	for _, s := range shapes {
		folder := t.TempDir()
		for path, text := range s.files {
			path = filepath.Join(folder, filepath.FromSlash(path))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		}
		bot, paths, _ := strings.Cut(s.from, "=")
		var inside []string
		for path := range strings.SplitSeq(paths, ",") {
			inside = append(inside, filepath.Join(folder, filepath.FromSlash(path)))
		}
		got := runWith(t.Context(), s.env, "--from", bot+"="+strings.Join(inside, ","), "--dry-run", "--format", "json")
		var plans []planned
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &plans), "%s: %s", s.name, got.stderr)
		if !assert.Len(t, plans, len(s.expect), "%s: %s", s.name, got.stdout) {
			continue
		}
		for i, want := range s.expect {
			keys++
			name, host, sent := strings.Cut(want, " -> ")
			if !sent {
				var why string
				name, why, _ = strings.Cut(want, ": ")
				assert.Contains(t, plans[i].Skipped, why, s.name)
				assert.Empty(t, plans[i].Calls, s.name)
			} else {
				require.NotEmpty(t, plans[i].Calls, "%s: %s", s.name, plans[i].Skipped)
				for _, c := range plans[i].Calls {
					at, err := url.Parse(c.URL)
					require.NoError(t, err)
					assert.Equal(t, host, at.Host, s.name)
				}
			}
			assert.Equal(t, name, plans[i].Name, s.name)
		}
	}
	assert.GreaterOrEqual(t, len(shapes), 40)
	assert.GreaterOrEqual(t, keys, 50, "every key of every configuration is counted")
}

// TestFilesOfAFolder: a file beside the one that a folder means is named, unless it is
// named on the command line as well.
func TestFilesOfAFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
		return "freqtrade=" + filepath.Join(folder, name)
	}
	file("config.json", `{"exchange": {"name": "bybit"}}`)
	private := file("private.json", `{"exchange": {`+pairOfKeys+`}}`)
	kraken := file("config-kraken.json", `{"exchange": {"name": "kraken", "key": "another key", "secret": "s"}}`)
	file("wallet.json", `{"exchange": {"name": "hyperliquid", "walletAddress": "0x1111111111111111111111111111111111111111", "privateKey": "0xsome private key"}}`)
	file("secrets.json", `{"exchange": {"key": "half of`)
	for _, test := range []struct{ from, want []string }{
		{[]string{"freqtrade=" + folder}, []string{"freqtrade/kraken ", "freqtrade/private ", "freqtrade/secrets ", "freqtrade/hyperliquid "}},
		{[]string{"freqtrade=" + folder, private}, []string{"freqtrade/bybit bybit", "freqtrade/kraken ", "freqtrade/secrets ", "freqtrade/hyperliquid "}},
		{[]string{"freqtrade=" + folder, private, kraken}, []string{"freqtrade/bybit bybit", "freqtrade/kraken kraken", "freqtrade/secrets ", "freqtrade/hyperliquid "}},
	} {
		args := []string{"--dry-run", "--format", "json"}
		for _, from := range test.from {
			args = append(args, "--from", from)
		}
		got := runWith(t.Context(), nil, args...)
		var plans []planned
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &plans), "%v: %s", test.from, got.stderr)
		var keys []string
		for _, p := range plans {
			keys = append(keys, p.Name+" "+p.Exchange)
		}
		assert.Equal(t, test.want, keys, "%v", test.from)
	}
}

// TestFilesOfOneBot: files that are only whole together are one configuration, and
// whole ones stay apart: neither's key is lost.
func TestFilesOfOneBot(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return "freqtrade=" + path
	}
	base, other := file("base.json", `{"exchange": {"name": "bybit"}}`), file("other.json", `{"trading_mode": "futures"}`)
	keys := file("keys.json", `{"exchange": {`+pairOfKeys+`}}`)
	whole, second := file("whole.json", `{"exchange": {"name": "kraken", "key": "another key", "secret": "s"}}`), file("second.json", `{"exchange": {"name": "gate", `+pairOfKeys+`}}`)
	for _, test := range []struct {
		from []string
		want []string
	}{
		{[]string{base, keys}, []string{"bybit"}},
		{[]string{keys, base}, []string{"bybit"}},
		{[]string{base, other, keys}, []string{"bybit"}},
		{[]string{whole, second}, []string{"kraken", "gate"}},
		{[]string{whole, other}, []string{"kraken"}},
		{[]string{base, keys, second}, []string{"bybit", "gate"}},
		{[]string{whole, base, keys}, []string{"bybit", ""}},
		{[]string{whole, whole}, []string{"kraken", "kraken"}},
	} {
		args := []string{"--dry-run", "--format", "json"}
		for _, from := range test.from {
			args = append(args, "--from", from)
		}
		got := runWith(t.Context(), nil, args...)
		var plans []planned
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &plans), "%v: %s", test.from, got.stderr)
		var exchanges []string
		for _, p := range plans {
			exchanges = append(exchanges, p.Exchange)
		}
		assert.Equal(t, test.want, exchanges, "%v", test.from)
	}
}

// TestInitOfAgents: the inventory of an agent's file keeps what the file promises,
// and can be read.
func TestInitOfAgents(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	list := filepath.Join(folder, "keys.yaml")
	base, keys := filepath.Join(folder, "base.json"), filepath.Join(folder, "keys.json")
	require.NoError(t, os.WriteFile(base, []byte(`{"exchange": {"name": "bybit"}}`), 0o600))
	require.NoError(t, os.WriteFile(keys, []byte(`{"exchange": {`+pairOfKeys+`}}`), 0o600))
	got := runWith(t.Context(), nil, "init", "--from", "mcp=samples/mcp", "--from", "freqtrade="+base, "--from", "freqtrade="+keys, "--output", list)
	require.Zero(t, got.code, got.stderr)
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	assert.Contains(t, string(text), "policy: {preset: read-only, autonomous: true, max_age_days: 30}")
	assert.Contains(t, string(text), "policy: agent\n")
	assert.Contains(t, string(text), "from: \"freqtrade="+base+","+keys+"#bybit\"")
	got = runWith(t.Context(), nil, "--keys", list, "--dry-run")
	assert.Contains(t, got.stdout, "https://eea.okx.com/", got.stderr)
}

// TestPassphrasesThatAreMissing: a key without the passphrase that its exchange's keys
// have is named with that reason, in every kind of file, and not planned.
func TestPassphrasesThatAreMissing(t *testing.T) {
	t.Parallel()
	asked := 0
	for _, e := range exchanges.All() {
		if !e.Needs.Passphrase {
			continue
		}
		asked++
		folder, name := t.TempDir(), strings.ToUpper(e.Name)
		for format, text := range map[string]string{
			"env":       name + "_API_KEY=aB3dE5fG7hJ9kL1m\n" + name + "_API_SECRET=aB3dE5fG7hJ9kL1maB3dE5fG7hJ9kL1m\n",
			"ccxt":      `{"` + e.Name + `": {"apiKey": "aB3dE5fG7hJ9kL1m", "secret": "aB3dE5fG7hJ9kL1maB3dE5fG7hJ9kL1m"}}`,
			"passivbot": `{"u": {"exchange": "` + e.Name + `", "key": "aB3dE5fG7hJ9kL1m", "secret": "aB3dE5fG7hJ9kL1maB3dE5fG7hJ9kL1m"}}`,
			"freqtrade": `{"exchange": {"name": "` + e.Name + `", "key": "aB3dE5fG7hJ9kL1m", "secret": "aB3dE5fG7hJ9kL1maB3dE5fG7hJ9kL1m"}}`,
		} {
			path := writeFile(t, filepath.Join(folder, format), 0o600, text)
			got := runWith(t.Context(), nil, "--from", format+"="+path, "--dry-run")
			assert.Equal(t, audit.ExitNotAssessed, got.code, "%s, %s: %s", format, e.Name, got.stderr)
			assert.Regexp(t, `not audited: .*passphrase`, got.stdout, "%s, %s", format, e.Name)
		}
	}
	assert.GreaterOrEqual(t, asked, 5)
}
