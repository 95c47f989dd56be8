package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const (
	unknownServer = "the MCP server is unknown, and the file has no key of an exchange for it: list the keys that it uses in an inventory"
	remoteServer  = "it is a remote server, which keeps its keys elsewhere: list those in an inventory"
	bareKey       = "it is given a key whose name does not say which exchange it is for: list the key in an inventory"
)

// planned is what From makes of an agent's file: name, exchange, environment and
// policy of each key, or why it is skipped.
func planned(t *testing.T, format, path string, variables ...string) (got []string) {
	t.Helper()
	in, err := From(format, path, withVariables(variables...))
	require.NoError(t, err)
	for _, k := range in.Keys {
		name := strings.TrimPrefix(k.Name, format+"/")
		got = append(got, name+" "+k.Exchange.Name+" "+k.Environment+" "+k.Policy.Name)
		assert.True(t, k.Policy.Autonomous, "an agent decides on its own")
		c := loadKey(t, k)
		assert.Equal(t, keyA+secretA, c.Key+c.Secret.Reveal(), name)
	}
	for _, s := range in.Skipped {
		got = append(got, strings.TrimPrefix(s.Name, format+"/")+": "+s.Why)
	}
	return got
}

// TestMCPServers: which keys the servers in a client's file have, where they are
// sent, and what the file promises of them.
func TestMCPServers(t *testing.T) {
	t.Parallel()
	const (
		bybit = `"env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}`
		okx   = `"OKX_API_KEY": "$A", "OKX_SECRET_KEY": "$a", "OKX_PASSPHRASE": "p"`
		ccxt  = `"CCXT_MCP_EXCHANGE": "bybit", "CCXT_MCP_APIKEY": "$A", "CCXT_MCP_SECRET": "$a"`
		own   = "ccxt-mcp keeps its keys in a file of its own: audit that with the format ccxt-mcp"
	)
	for _, test := range []struct {
		server string // of the name s
		want   []string
	}{
		{`{"command": "bybit-mcp", ` + bybit + `}`, []string{"s bybit live agent"}},
		{`{"command": "bybit-mcp", "disabled": true, ` + bybit + `}`, []string{"s bybit live agent"}},
		{`{"command": "bybit-mcp", "args": ["--read-only"], ` + bybit + `}`, []string{"s bybit live read-only"}},
		{`{"command": "bybit-mcp", "args": ["--readonly"], ` + bybit + `}`, []string{"s bybit live read-only"}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "MCP_READ_ONLY": "1"}}`, []string{"s bybit live read-only"}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "READONLY": false}}`, []string{"s bybit live agent"}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "BYBIT_TRADING_ENABLED": "false"}}`, []string{"s bybit live read-only"}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "KRAKEN_API_KEY": "$A", "KRAKEN_API_SECRET": "$a"}}`, []string{"s-bybit bybit live agent", "s-kraken kraken live agent"}},
		{`{"command": "docker", "args": ["run", "-e", "BYBIT_API_KEY=$A", "--env=BYBIT_API_SECRET=$a", "x"]}`, []string{"s bybit live agent"}},
		{`{"command": "env", "args": ["BYBIT_API_KEY=$A", "BYBIT_API_SECRET=$a", "x"]}`, []string{"s bybit live agent"}},
		{`{"command": "sh", "args": ["-c", "BYBIT_API_KEY=$A BYBIT_API_SECRET='$a' exec x"]}`, []string{"s bybit live agent"}},
		{`{"command": "x", "args": ["--bybit-api-key", "$A", "--bybit-api-secret=$a"]}`, []string{"s bybit live agent"}},
		{`{"url": "https://example.com/mcp", "headers": {"X-BYBIT-API-KEY": "$A", "X-BYBIT-API-SECRET": "$a"}}`, []string{"s bybit live agent"}},
		{`{"command": ["bybit-mcp"], ` + bybit + `}`, []string{"s bybit live agent"}},
		{`{"command": "x", "args": ["--api-key", "$A", "--api-secret", "$a"]}`, []string{"s: " + bareKey}},
		{`{"command": "x", "env": {"API_KEY": "$A", "SECRET_KEY": "$a"}}`, []string{"s: " + bareKey}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "${env:BYBIT_API_KEY}", "BYBIT_API_SECRET": "${BYBIT_SECRET}"}}`, []string{"s: " + skipReference}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "your-api-key", "BYBIT_API_SECRET": "your-secret"}}`, []string{"s: its API key is a placeholder, as samples have it: put the value itself there, or list the key in an inventory"}},
		{`{"command": "x", "env": {"GEMINI_API_KEY": "AIzaSyMadeUpMadeUpMadeUp"}}`, []string{"s: " + unknownServer}},
		{`{"command": "node", "args": ["/opt/server.js"]}`, []string{"s: " + unknownServer}},
		{`{}`, []string{"s: " + unknownServer}},
		{`{"type": "http", "url": "https://mcp.example.com"}`, []string{"s: " + remoteServer}},
		{`{"serverUrl": "https://mcp.example.com/sse"}`, []string{"s: " + remoteServer}},
		{`{"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/srv"]}`, nil},
		{`{"command": "uvx", "args": ["mcp-server-fetch"]}`, nil},
		{`{"command": "uvx", "args": ["mcp-server-fetch"], ` + bybit + `}`, []string{"s bybit live agent"}},

		{`{"command": "npx", "args": ["-y", "@okx_ai/okx-trade-mcp@latest"], "env": {` + okx + `}}`, []string{"s okx live agent"}},
		{`{"command": "npx", "args": ["-y", "@okx_ai/okx-trade-mcp", "--read-only"], "env": {` + okx + `}}`, []string{"s okx live read-only"}},
		{`{"command": "okx-trade-mcp", "args": ["--modules", "market,account"], "env": {` + okx + `}}`, []string{"s okx live read-only"}},
		{`{"command": "okx-trade-mcp", "args": ["--modules=market,spot"], "env": {` + okx + `}}`, []string{"s okx live agent"}},
		{`{"command": "okx-trade-mcp", "args": ["--site", "eea"], "env": {` + okx + `}}`, []string{"s okx eea agent"}},
		{`{"command": "okx-trade-mcp", "args": ["--site", "eea", "--demo"], "env": {` + okx + `, "OKX_SITE": "us"}}`, []string{"s okx eea-demo agent"}},
		{`{"command": "okx-trade-mcp", "env": {` + okx + `, "OKX_DEMO": "1"}}`, []string{"s okx demo agent"}},
		{`{"command": "okx-trade-mcp", "args": ["--live"], "env": {` + okx + `, "OKX_DEMO": "true", "OKX_SITE": "us"}}`, []string{"s okx us agent"}},
		{`{"command": "okx-trade-mcp", "env": {` + okx + `, "OKX_API_BASE_URL": "https://eea.okx.com"}}`, []string{"s okx eea agent"}},
		{`{"command": "okx-trade-mcp", "env": {` + okx + `, "OKX_API_BASE_URL": "https://okx.example.org"}}`, []string{"s: " + unknownHost("okx.example.org")}},
		{`{"command": "okx-trade-mcp", "args": ["--site", "mars"], "env": {` + okx + `}}`, []string{"s: its file names an unknown site: list the key in an inventory, with its environment"}},
		{`{"command": "okx-trade-mcp", "args": ["--profile", "live"]}`, []string{"s: OKX's agent kit keeps its keys in a file of its own: audit that with the format okx-agent-kit"}},
		{`{"command": "uvx", "args": ["mcp-okx"], "env": {"OKX_API_KEY": "$A", "OKX_API_SECRET": "$a", "OKX_PASSPHRASE": "p"}}`, []string{"s okx demo agent"}},
		{`{"command": "uvx", "args": ["mcp-okx"], "env": {"OKX_API_KEY": "$A", "OKX_API_SECRET": "$a", "OKX_PASSPHRASE": "p", "OKX_TRADE_FLAG": "0"}}`, []string{"s okx live agent"}},
		{`{"command": "uvx", "args": ["alpaca-mcp-server", "serve"], "env": {"ALPACA_API_KEY": "$A", "ALPACA_SECRET_KEY": "$a"}}`, []string{"s alpaca paper agent"}},
		{`{"command": "uvx", "args": ["alpaca-mcp-server==1.0"], "env": {"ALPACA_API_KEY": "$A", "ALPACA_SECRET_KEY": "$a", "ALPACA_PAPER_TRADE": "False"}}`, []string{"s alpaca live agent"}},
		{`{"command": "uvx", "args": ["alpaca-mcp-server"]}`, []string{"s: the file has no key for it: its server takes one from elsewhere; list the key in an inventory"}},

		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {` + ccxt + `}}`, []string{"s bybit live read-only"}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {` + ccxt + `, "CCXT_MCP_TRADING": "live", "CCXT_MCP_MAX_ORDER_VALUE": "50"}}`, []string{"s bybit live agent"}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {` + ccxt + `, "CCXT_MCP_TRADING": "true"}}`, []string{"s bybit live read-only"}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {` + ccxt + `, "CCXT_MCP_TRADING": "true", "CCXT_MCP_SANDBOX": "true"}}`, []string{"s bybit testnet agent"}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {` + ccxt + `, "CCXT_MCP_EXCHANGE_2": "kraken", "CCXT_MCP_APIKEY_2": "$A", "CCXT_MCP_SECRET_2": "$a"}}`, []string{"s bybit live read-only", "s_2 kraken live read-only"}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {"BYBIT_APIKEY": "$A", "BYBIT_SECRET": "$a"}}`, []string{"s bybit live read-only"}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"]}`, []string{"s: " + own}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {"CCXT_MCP_CONFIG": "/no/such/config.json"}}`, []string{`s: its keys are in a file of its own, "/no/such/config.json", which cannot be read: list them in an inventory`}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {` + ccxt + `, "CCXT_MCP_APIKEY_2": "$A", "CCXT_MCP_SECRET_2": "$a"}}`, []string{"s bybit live read-only", `s-2: "CCXT_MCP_APIKEY_2" has no exchange: its CCXT_MCP_EXCHANGE_2 is missing or a reference; set it, or list the key in an inventory`}},
		{`{"command": "npx", "args": ["-y", "ccxt-mcp"], "env": {"CCXT_MCP_EXCHANGE": "${EXCHANGE}", "CCXT_MCP_APIKEY": "$A", "CCXT_MCP_SECRET": "$a"}}`, []string{`s: "CCXT_MCP_APIKEY" has no exchange: its CCXT_MCP_EXCHANGE is missing or a reference; set it, or list the key in an inventory`}},
		{`{"command": "npx", "args": ["-y", "@lazydino/ccxt-mcp", "--config", "/no/such.json"], ` + bybit + `}`, []string{"s bybit live agent", `s-2: its keys are in a file of its own, "/no/such.json", which cannot be read: list them in an inventory`}},

		// Keys beside those that the server is known for.
		{`{"command": "okx-trade-mcp", "args": ["--demo"], "env": {` + okx + `, "BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"}}`, []string{"s okx demo agent", "s-2 bybit demo agent"}},
		{`{"command": "okx-trade-mcp", "env": {"okx_api_key": "$A", "okx_secret_key": "$a", "okx_passphrase": "p"}}`, []string{"s okx live agent"}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "API_KEY": "$A", "API_SECRET": "$a"}}`, []string{"s bybit live agent", "s-2: " + bareKey}},
		{`{"command": "x", "env": {"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a", "API_KEY": "$A"}}`, []string{"s bybit live agent"}}, // of another service

		// Flags without a value.
		{`{"command": "x", "args": ["--testnet"], ` + bybit + `}`, []string{"s bybit testnet agent"}},
		{`{"command": "x", "args": ["--use-demo", "--stdio"], ` + bybit + `}`, []string{"s bybit demo agent"}},
		{`{"command": "x", "args": ["--bybit-testnet", "--port", "1"], ` + bybit + `}`, []string{"s bybit testnet agent"}},
		{`{"command": "x", "args": ["--stdio"], ` + bybit + `}`, []string{"s bybit live agent"}},
		{`{"command": "npx", "args": ["-y", "@lazydino/ccxt-mcp"]}`, []string{"s: it keeps its keys in a file of its own: audit that with the format ccxt-mcp"}},
	} {
		for _, around := range []string{`{"mcpServers": {"s": @}}`, `{"servers": {"s": @}}`, `{"mcp": {"servers": {"s": @}}}`, `{"projects": {"/home/a": {"mcpServers": {"s": @}}}}`, `{"mcp_servers": {"s": @}} // Codex`} {
			path := writeBot(t, "mcp.json", short.Replace(strings.ReplaceAll(around, "@", test.server)))
			if strings.Contains(around, "projects") && test.want == nil {
				continue
			}
			assert.Equal(t, test.want, planned(t, "mcp", path), "%s %s", around, test.server)
		}
	}
}

// TestMCPFollows: a server whose keys are in a file of its own is followed there,
// and what it promises holds for them.
func TestMCPFollows(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(home, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(short.Replace(text)), 0o600))
		return path
	}
	put(".okx/config.toml", "default_profile = \"live\"\n[profiles.live]\napi_key = \"$A\"\nsecret_key = \"$a\"\npassphrase = \"p\"\nsite = \"us\"\n"+
		"[profiles.demo]\napi_key = \"$A\"\nsecret_key = \"$a\"\npassphrase = \"p\"\ndemo = true\n")
	config := put("accounts.json", `{"accounts": {"main": {"exchange": "bybit", "apiKey": "$A", "secret": "$a"}}}`)
	list := put("list.json", `{"accounts": [{"name": "main", "exchangeId": "bybit", "apiKey": "$A", "secret": "$a", "defaultType": "spot"}]}`)
	put(".config/ccxt-mcp/config.json", `{"accounts": {"fast": {"exchange": "kraken", "apiKey": "$A", "secret": "$a", "trading": "live", "maxOrderValue": null}}}`)
	for _, test := range []struct {
		server string
		want   []string
	}{
		{`{"command": "okx-trade-mcp"}`, []string{"s-live okx us agent"}},
		{`{"command": "okx-trade-mcp", "args": ["--profile", "demo", "--read-only"]}`, []string{"s-demo okx demo read-only"}},
		{`{"command": "okx-trade-mcp", "args": ["--profile", "demo", "--live"]}`, []string{"s-demo okx live agent"}},
		{`{"command": "okx-trade-mcp", "args": ["--site", "eea", "--profile=live"]}`, []string{"s-live okx eea agent"}},
		{`{"command": "npx", "args": ["ccxt-mcp"], "env": {"CCXT_MCP_CONFIG": "` + filepath.ToSlash(config) + `"}}`, []string{"s-main bybit live read-only"}},
		{`{"command": "npx", "args": ["@lazydino/ccxt-mcp", "--config", "` + filepath.ToSlash(list) + `"]}`, []string{"s-main bybit live read-only"}},
		{`{"command": "npx", "args": ["ccxt-mcp"]}`, []string{"s-fast kraken live agent"}},
	} {
		path := writeBot(t, "mcp.json", `{"mcpServers": {"s": `+test.server+`}}`)
		assert.Equal(t, test.want, planned(t, "mcp", path, "HOME="+home), test.server)
	}
}

// TestCCXTAccounts: the tier that the file gives an account is what its key is for.
func TestCCXTAccounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		account string
		want    string
	}{
		{`"exchange": "bybit"`, "a bybit live read-only"},
		{`"exchange": "bybit", "trading": false`, "a bybit live read-only"},
		{`"exchange": "bybit", "trading": true`, "a bybit live read-only"},
		{`"exchange": "bybit", "trading": "live"`, "a bybit live read-only"},
		{`"exchange": "bybit", "trading": "live", "maxOrderValue": 10`, "a bybit live agent"},
		{`"exchange": "bybit", "trading": "live", "maxOrderValue": null`, "a bybit live agent"},
		{`"exchange": "bybit", "sandbox": true`, "a bybit testnet read-only"},
		{`"exchange": "bybit", "sandbox": true, "trading": true`, "a bybit testnet agent"},
		{`"exchange": "bybit", "demo": true, "trading": true`, "a bybit demo agent"},
		{`"exchange": "okx", "password": "p", "demo": true`, "a okx demo read-only"},
		{`"exchange": "okx", "password": "p", "options": {"hostname": "eea.okx.com"}`, "a okx eea read-only"},
		{`"exchange": "binance", "sandbox": true, "defaultType": "swap"`, "a: " + noTestNetwork},
		{`"exchange": "bybit", "funds": "live", "maxTransferValue": 5, "implicitWrites": true`, "a bybit live read-only"},
		{`"exchange": "nowhere"`, `a: the exchange "nowhere" is not supported: look at the key on its own site`},
		{`"b": 1`, "a: the file does not say which exchange it is for: list the key in an inventory, with its exchange"},
	} {
		path := writeBot(t, "config.json", short.Replace(`{"accounts": {"a": {"apiKey": "$A", "secret": "$a", `+test.account+`}}, "settings": {}}`))
		assert.Equal(t, []string{test.want}, planned(t, "ccxt-mcp", path), test.account)
	}
	old := writeBot(t, "config.json", short.Replace(`{"kraken": {"apiKey": "$A", "secret": "$a"}, "settings": {"loadEnvKeys": true}}`))
	assert.Equal(t, []string{"kraken kraken live read-only"}, planned(t, "ccxt-mcp", old))
	_, err := From("ccxt-mcp", writeBot(t, "config.json", `{"accounts": {}}`), withVariables())
	assert.ErrorContains(t, err, "no accounts found")
}

// TestOKXProfiles: where the profiles of OKX's kit belong.
func TestOKXProfiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ profile, want string }{
		{``, "a okx live agent"},
		{`site = "global"`, "a okx live agent"},
		{`site = "eea"`, "a okx eea agent"},
		{`site = "EEA"`, "a okx eea agent"},
		{`site = "us"`, "a okx us agent"},
		{`site = "moon"`, "a: its file names an unknown site: list the key in an inventory, with its environment"},
		{`demo = true`, "a okx demo agent"},
		{`demo = false`, "a okx live agent"},
		{"demo = true\nsite = \"us\"", "a okx us-demo agent"},
		{`base_url = "https://eea.okx.com"`, "a okx eea agent"},
		{"base_url = \"https://us.okx.com\"\nsite = \"eea\"", "a okx us agent"},
		{"base_url = \"https://www.okx.com\"\ndemo = true", "a okx demo agent"},
		{`base_url = "http://localhost:1"`, "a: " + unknownHost("localhost:1")},
		{`proxy_url = "http://127.0.0.1:7890"`, "a: " + skipProxy},
	} {
		text := "[profiles.a]\napi_key = \"$A\"\nsecret_key = \"$a\"\npassphrase = \"p\"\n" + test.profile + "\n"
		assert.Equal(t, []string{test.want}, planned(t, "okx-agent-kit", writeBot(t, "config.toml", short.Replace(text))), test.profile)
	}
	path := writeBot(t, "config.toml", "[profiles.a]\napi_key = \""+keyA+"\"\n")
	o := withVariables()
	o.Decoders = nil
	_, err := From("okx-agent-kit", path, o)
	require.ErrorContains(t, err, "the file is TOML, which this program does not read")
	_, err = From("okx-agent-kit", writeBot(t, "config.toml", "= "+keyA), withVariables())
	require.ErrorContains(t, err, "the file is malformed")
	assert.NotContains(t, err.Error(), keyA)
}

// TestOpenClaw: its .env, and the variables, skills and servers in its openclaw.json.
func TestOpenClaw(t *testing.T) {
	t.Parallel()
	const (
		pair  = `"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"`
		lines = "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n"
	)
	for _, test := range []struct {
		env, config string
		want        []string
	}{
		{lines, "", []string{"bybit bybit live agent"}},
		{lines, "{}", []string{"bybit bybit live agent"}},
		{lines, `{"env": {` + pair + `}}`, []string{"bybit bybit live agent"}},
		{"", `{"env": {` + pair + `}}`, []string{"bybit bybit live agent"}},
		{"", `{"env": {"vars": {` + pair + `}, "shellEnv": {"enabled": true}}}`, []string{"bybit bybit live agent"}},
		{"", `{"skills": {"entries": {"desk": {"env": {` + pair + `}}}}}`, []string{"desk bybit live agent"}},
		{"", `{"skills": {"entries": {"desk": {"enabled": false, "env": {` + pair + `, "DESK_READ_ONLY": "true"}}}}}`, []string{"desk bybit live read-only"}},
		{"", `{"skills": {"entries": {"bybit-desk": {"apiKey": "$A"}}}}`, []string{"bybit-desk: only the skill says which variable its key is for: list the key in an inventory"}},
		{"", `{"skills": {"entries": {"gemini": {"apiKey": "AIzaMadeUp"}, "weather": {"apiKey": "$A"}}}}`, nil},
		{"", `{"mcp": {"servers": {"desk": {"command": "x", "env": {` + pair + `}}}}}`, []string{"desk bybit live agent"}},
		{"", `{"mcpServers": {"desk": {"command": "x"}}}`, []string{"desk: " + unknownServer}},
		{lines, `{env: {}}`, []string{"bybit bybit live agent", "openclaw.json: the file cannot be read as JSON with comments: list its keys in an inventory"}},
	} {
		folder := t.TempDir()
		for name, text := range map[string]string{".env": test.env, "openclaw.json": test.config} {
			if text != "" {
				require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(short.Replace(text)), 0o600))
			}
		}
		assert.Equal(t, test.want, planned(t, "openclaw", folder), test.env+test.config)
	}
	_, err := From("openclaw", t.TempDir(), withVariables())
	assert.ErrorContains(t, err, "the folder has neither .env nor openclaw.json")
}

// TestAgentsPolicies: a file that promises to read only makes a right to trade a
// finding.
func TestAgentsPolicies(t *testing.T) {
	t.Parallel()
	assert.Contains(t, agentPolicy(false).Needs, access.TradeSpot)
	assert.Equal(t, []access.Capability{access.Read}, agentPolicy(true).Needs)
	assert.Empty(t, agentPolicy(true).Allows)
}
