package inventory

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Fields that no bot reads, with a host of nobody, and fields that say no real money.
var (
	foreignFields = []string{
		`"hostname": "foreign.example"`, `"host": "foreign.example"`, `"apiUrl": "https://foreign.example/api"`, `"base_url": "https://foreign.example"`,
		`"restEndpoint": "foreign.example"`, `"urls": {"private": "https://foreign.example"}`, `"urls": {"api": {"private": "https://foreign.example"}}`,
		`"endpoints": {"rest": "foreign.example"}`, `"hosts": ["foreign.example"]`, `"api2": {"private": "https://foreign.example"}`, `"gateway": "https://foreign.example"`,
		`"baseUrl": "https://api.bitstamp.example"`, `"more": {"deeper": [{"server_url": "https://foreign.example"}]}`,
	}
	testFields = []string{
		`"testnet": true`, `"sandboxMode": "true"`, `"sandbox2": {"enabled": true}`, `"useSandbox2": "perhaps"`, `"production": false`, `"isLive": "no"`, `"environment": "testnet"`, `"env": "staging"`,
	}
)

// sampleObject is an object in a sample's file that belongs to one entry, or holds it.
type sampleObject struct {
	file string
	at   int      // the offset of what is in it
	in   bool     // it is in an entry
	keys []string // of which its fields may be
}

// objectsOf are the objects in which a further field is one of an entry's: those with
// parts of a key, what is in them, and what holds them and no other key.
func objectsOf(file string, text []byte, values map[string]string) (out []sampleObject) {
	stripped := stripJSONC(text)
	root, _ := parseJSON(stripped)
	var visit func(n *Node, entry []string) (all []string)
	visit = func(n *Node, entry []string) (all []string) {
		var own []string
		for _, m := range n.Members {
			for value, name := range values {
				if strings.Contains(m.Value.Text, value) {
					own = append(own, name)
				}
			}
		}
		if len(own) > 0 {
			entry = own
		}
		at := len(out)
		if n.Kind == Object {
			out = append(out, sampleObject{file: file})
		}
		all = slices.Clone(own)
		for _, m := range n.Members {
			if !slices.Contains(goCryptoTraderOthers, m.Name) && m.Name != "multi_sig" {
				all = append(all, visit(m.Value, entry)...)
			}
		}
		for _, item := range n.Items {
			all = append(all, visit(item, entry)...)
		}
		if n.Kind == Object {
			o := &out[at]
			o.at, o.in, o.keys = offsetOf(stripped, n)+1, len(entry) > 0, entry
			if !o.in {
				o.keys = all
			}
		}
		return all
	}
	visit(root, nil)
	return out
}

// offsetOf is where an object begins.
func offsetOf(text []byte, n *Node) int {
	for at := range text {
		if line, column := position(text, at); text[at] == '{' && line == n.Line && column == n.Column {
			return at
		}
	}
	return -1
}

// placesOf are where the keys are sent, and the names of those that are not.
func placesOf(t *testing.T, format, folder string) (places map[string]string, skipped []string, keys []audit.Key) {
	t.Helper()
	in, err := From(format, folder, withVariables())
	require.NoError(t, err)
	places = map[string]string{}
	for _, k := range in.Keys {
		places[k.Name] = k.Exchange.Name + " " + k.Environment
	}
	for _, s := range in.Skipped {
		skipped = append(skipped, s.Name)
	}
	return places, skipped, in.Keys
}

// TestForeignFieldsInEverySample: in every bot's sample, a field for a place that the bot
// does not know is followed, or costs the key of its entry, and no other.
func TestForeignFieldsInEverySample(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"ccxt", "ccxt-mcp", "freqtrade", "gocryptotrader", "hyperliquid-sdk", "octobot", "passivbot", "vnpy"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			folder, values := botSample(t, format)
			before, _, keys := placesOf(t, format, folder)
			byValue := map[string]string{} // the key that a value is part of
			for _, k := range keys {
				c := loadKey(t, k)
				for value := range values {
					for _, part := range []string{c.Key, c.Secret.Reveal(), c.Account} {
						if strings.Contains(part, value) {
							byValue[sealedIn(t, folder, value)] = k.Name
						}
					}
				}
			}
			tried := 0
			require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
				if filepath.Ext(path) != ".json" {
					return err
				}
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				for _, o := range objectsOf(path, text, byValue) {
					tried += o.try(t, format, folder, text, before)
				}
				return nil
			}))
			assert.Greater(t, tried, 20)
		})
	}
}

// sealedIn is how a file has the value: OctoBot encrypts it.
func sealedIn(t *testing.T, folder, value string) string {
	t.Helper()
	if sealed := sealFernet(t, octobotKey, value); strings.Contains(readAll(t, folder), sealed) {
		return sealed
	}
	return value
}

func readAll(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			all.Write(text)
		}
		return err
	}))
	return all.String()
}

// try puts each field into the object, and returns how many.
func (o *sampleObject) try(t *testing.T, format, folder string, text []byte, before map[string]string) (tried int) {
	t.Helper()
	names := slices.Compact(slices.Sorted(slices.Values(o.keys)))
	if len(names) != 1 { // of no key, or of several
		return 0
	}
	for i, field := range append(slices.Clone(foreignFields), testFields...) {
		changed := string(text[:o.at]) + field + "," + string(text[o.at:])
		require.NoError(t, os.WriteFile(o.file, []byte(changed), 0o600))
		after, skipped, _ := placesOf(t, format, folder)
		other := strings.Contains(field, "gateway") || strings.Contains(field, "{") && !strings.Contains(field, "urls") && !strings.Contains(field, "endpoints")
		if !o.in && other {
			continue // around entries, it may be about anything
		}
		tried++
		if foreign := i < len(foreignFields); foreign || !strings.Contains(before[names[0]], "test") && !strings.Contains(before[names[0]], "demo") && !strings.Contains(before[names[0]], "sandbox") {
			assert.NotEqual(t, before[names[0]], after[names[0]], "%s: %s", field, changed)
			if foreign {
				assert.Empty(t, after[names[0]], "%s: %s", field, changed)
			}
		}
		for name := range before {
			assert.True(t, after[name] != "" || slices.Contains(skipped, name), "%s is lost without a word: %s", name, changed)
			if name != names[0] && format != "hyperliquid-sdk" { // whose file is about one account
				assert.Equal(t, before[name], after[name], "%s costs another key: %s", field, changed)
			}
		}
	}
	require.NoError(t, os.WriteFile(o.file, text, 0o600))
	return tried
}

// TestForeignVariablesInEverySample: likewise of variables, for the keys of the exchange that
// they name.
func TestForeignVariablesInEverySample(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ format, file string }{{"env", ".env"}, {"nautilus", ".env"}, {"bbgo", ".env.local"}, {"openclaw", ".env"}} {
		folder, _ := botSample(t, test.format)
		file := filepath.Join(folder, test.file)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		before, _, keys := placesOf(t, test.format, folder)
		for _, k := range keys {
			if strings.Contains(string(text), strings.ToUpper(k.Exchange.Name)) {
				for _, line := range []string{
					"_HOST=foreign.example", "_URL=https://foreign.example", "_API=https://foreign.example", "_GATEWAY_URL=https://foreign.example", "_REST_ENDPOINT=https://foreign.example",
				} {
					line = strings.ToUpper(k.Exchange.Name) + line
					require.NoError(t, os.WriteFile(file, append(slices.Clone(text), "\n"+line+"\n"...), 0o600))
					after, skipped, _ := placesOf(t, test.format, folder)
					assert.True(t, after[k.Name] == "" || strings.Contains(line, "GATEWAY") && !strings.Contains(before[k.Name], "live"), "%s: %s stays at %s", line, k.Name, after[k.Name])
					for name, place := range before {
						exchange, _, _ := strings.Cut(place, " ")
						assert.True(t, after[name] != "" || slices.Contains(skipped, name), name)
						if exchange != k.Exchange.Name {
							assert.Equal(t, place, after[name], "%s costs another key", line)
						}
					}
				}
			}
		}
	}
}

// TestForeignSettingsOfAgents: what stands in an agent's file beside the variables of a
// key, in a profile and in variables that a server does not read, is not passed over.
func TestForeignSettingsOfAgents(t *testing.T) {
	t.Parallel()
	const (
		okx  = `"OKX_API_KEY": "$A", "OKX_SECRET_KEY": "$a", "OKX_PASSPHRASE": "p"`
		slot = `"CCXT_MCP_EXCHANGE": "bybit", "CCXT_MCP_APIKEY": "$A", "CCXT_MCP_SECRET": "$a"`
		mcp  = `{"mcpServers": {"s": {"command": "x", "args": ["SERVER"], "env": {PARTS, "NAME": "VALUE"}, MORE}}}`
	)
	for _, test := range []struct{ format, name, text, field string }{
		{"mcp", ".mcp.json", mcp, `"settings": {"testnet": true}`},
		{"mcp", ".mcp.json", mcp, `"config": {"baseUrl": "https://foreign.example"}`},
		{"openclaw", "openclaw.json", `{"skills": {"entries": {"s": {"env": {PARTS}, MORE}}}}`, `"config": {"sandbox": true}`},
		{"openclaw", "openclaw.json", `{"skills": {"entries": {"s": {"env": {PARTS}, MORE}}}}`, `"config": {"api": "https://foreign.example"}`},
	} {
		with := func(parts, field string) string {
			return strings.NewReplacer("PARTS", parts, "MORE", field, "SERVER", "bybit-mcp", "NAME", "N", "VALUE", "v").Replace(test.text)
		}
		parts := `"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"`
		assert.Equal(t, []string{"s bybit live agent"}, planned(t, test.format, writeBot(t, test.name, short.Replace(with(parts, `"note": "x"`)))))
		got := planned(t, test.format, writeBot(t, test.name, short.Replace(with(parts, test.field))))
		assert.NotContains(t, got[0], " live ", test.text+test.field)
		assert.Len(t, got, 1)
	}
	for _, server := range []struct{ name, parts, prefix string }{{"@okx_ai/okx-trade-mcp", okx, "OKX_"}, {"ccxt-mcp", slot, "CCXT_MCP_"}, {"bybit-mcp", `"BYBIT_API_KEY": "$A", "BYBIT_API_SECRET": "$a"`, "BYBIT_"}} {
		for _, variable := range []string{"HOST=foreign.example", "BASE_URL=https://foreign.example", "TESTNET=true", "ENV=demo", "PRODUCTION=false", "N=v"} {
			name, value, _ := strings.Cut(variable, "=")
			text := strings.NewReplacer("PARTS", server.parts, "MORE", `"disabled": false`, "SERVER", server.name, "NAME", server.prefix+name, "VALUE", value).Replace(mcp)
			got := planned(t, "mcp", writeBot(t, ".mcp.json", short.Replace(text)), "HOME="+t.TempDir())
			assert.Equal(t, name == "N", strings.Contains(got[0], " live "), "%s: %s", text, got[0])
		}
	}
	alpaca := `{"mcpServers": {"s": {"command": "alpaca-mcp-server", "env": {"ALPACA_API_KEY": "$A", "ALPACA_SECRET_KEY": "$a", "NAME": "VALUE"}}}}`
	for variable, want := range map[string]string{
		"APCA_API_BASE_URL=https://api.alpaca.markets": "s: " + twoSettings, "ALPACA_ENV=live": "s: " + twoSettings, "ALPACA_PAPER_TRADE=false": "s alpaca live agent", "N=v": "s alpaca paper agent",
		"APCA_API_BASE_URL=https://paper-api.alpaca.markets": "s alpaca paper agent",
	} {
		name, value, _ := strings.Cut(variable, "=")
		text := strings.NewReplacer("NAME", name, "VALUE", value).Replace(alpaca)
		assert.Equal(t, []string{want}, planned(t, "mcp", writeBot(t, ".mcp.json", short.Replace(text))), text)
	}
	for _, line := range []string{`hostname = "foreign.example"`, `testnet = true`, `base_url2 = "https://foreign.example"`, `production = false`} {
		profile := "[profiles.a]\napi_key = \"$A\"\nsecret_key = \"$a\"\npassphrase = \"p\"\n"
		for _, text := range []string{line + "\n" + profile, profile + line + "\n"} {
			got := planned(t, "okx-agent-kit", writeBot(t, "config.toml", short.Replace(text)))
			assert.Contains(t, got[0], "a: ", text)
		}
	}
	for _, column := range []string{"hostname,foreign.example", "gateway,https://foreign.example", "testnet,true", "production,no"} {
		title, value, _ := strings.Cut(column, ",")
		got := decided(t, "jesse", "api-keys.csv", "Name,Exchange,API Key,API Secret,"+title+"\nmain,Bybit Spot,$A,$a,"+value+"\n")
		assert.NotEqual(t, []string{"bybit live"}, got, column)
	}
	for _, variable := range []string{"FREQTRADE__TESTNET=true", "FREQTRADE__EXCHANGE__CCXT_CONFIG__URLS__PRIVATE=https://foreign.example", "FREQTRADE__EXCHANGE__GATEWAY=https://foreign.example"} {
		got := decided(t, "freqtrade", "config.json", `{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`, variable)
		assert.NotEqual(t, []string{"bybit live"}, got, variable)
	}
	schema := `{"$schema": "https://schema.example/schema.json", "db_url": "sqlite:///x", "exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`
	assert.Equal(t, []string{"bybit live"}, decided(t, "freqtrade", "config.json", schema))
	spare := `{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`
	assert.Equal(t, []string{"bybit live"}, decided(t, "freqtrade", "config.json", spare, "FREQTRADE__EXCHANGE__CCXT_CONFIG__URLS__TEST=https://api-testnet.bybit.com"), "which ccxt does not use")
	for line, want := range map[string]string{
		"BYBIT_FUTURES_TESTNET_URL=https://foreign.example": "bybit live", "BYBIT_DOCS=https://foreign.example": "bybit live", "BYBIT_EXPLORER_URL=https://foreign.example": "bybit live",
		"EXCHANGE_URL=https://foreign.example": "skipped", "CCXT_HOSTNAME=foreign.example": "skipped", "EXCHANGE_URL=https://api.kraken.com": "bybit live", "BASE_URL=https://foreign.example": "bybit live",
	} {
		assert.True(t, strings.HasPrefix(variablePlan(t, "env", "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n"+line)[0], want), line)
	}
}
