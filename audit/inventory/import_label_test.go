package inventory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// labelFiles are files in which people name their keys themselves, by format: LABEL,
// EXCHANGE, UPPER, which is that in capitals, and MORE of the key's entry.
var labelFiles = []struct{ format, name, text string }{
	{"ccxt", "keys.json", `{"LABEL": {"exchange": "EXCHANGE", "apiKey": "$A", "secret": "$a", "password": "p"MORE}}`},
	{"ccxt", "keys.json", `{"EXCHANGE": {"name": "LABEL", "apiKey": "$A", "secret": "$a", "password": "p"MORE}}`},
	{"ccxt", "keys.json", `[{"exchange": "EXCHANGE", "label": "LABEL", "apiKey": "$A", "secret": "$a", "password": "p"MORE}]`},
	{"ccxt", "keys.json", `{"LABEL": {"EXCHANGE": {"apiKey": "$A", "secret": "$a", "password": "p"MORE}}}`},
	{"ccxt", "keys.json", `{"EXCHANGE": [{"account": "LABEL", "apiKey": "$A", "secret": "$a", "password": "p"MORE}]}`},
	{"ccxt-mcp", "config.json", `{"accounts": {"LABEL": {"exchange": "EXCHANGE", "apiKey": "$A", "secret": "$a", "password": "p"MORE}}}`},
	{"ccxt-mcp", "config.json", `{"accounts": [{"name": "LABEL", "exchange": "EXCHANGE", "apiKey": "$A", "secret": "$a", "password": "p"MORE}]}`},
	{"passivbot", "api-keys.json", `{"LABEL": {"exchange": "EXCHANGE", "key": "$A", "secret": "$a", "passphrase": "p"MORE}}`},
	{"jesse", "api-keys.csv", "Name,Exchange,API Key,API Secret,api_passphrase\nLABEL,EXCHANGE,$A,$a,p\n"},
	{"mcp", ".mcp.json", `{"mcpServers": {"LABEL": {"command": "bot", "env": {"UPPER_API_KEY": "$A", "UPPER_API_SECRET": "$a", "UPPER_PASSPHRASE": "p"}}}}`},
	{"mcp", ".mcp.json", `{"mcpServers": {"LABEL": {"command": "bot", "env": {"UPPER_API_KEY": "$A", "UPPER_API_SECRET": "$a", "UPPER_PASSPHRASE": "p", "UPPER_2_API_KEY": "$B", "UPPER_2_API_SECRET": "$b", "UPPER_2_PASSPHRASE": "p"}}}}`},
	{"openclaw", "openclaw.json", `{"skills": {"entries": {"LABEL": {"env": {"UPPER_API_KEY": "$A", "UPPER_API_SECRET": "$a", "UPPER_PASSPHRASE": "p"}}}}}`},
	{"openclaw", "openclaw.json", `{"mcp": {"servers": {"LABEL": {"command": "bot", "env": {"UPPER_API_KEY": "$A", "UPPER_API_SECRET": "$a", "UPPER_PASSPHRASE": "p"}}}}}`},
	{"okx-agent-kit", "config.json", `{"profiles": {"LABEL": {"api_key": "$A", "secret_key": "$a", "passphrase": "p"MORE}}}`},
}

// labelled are where the keys of a file with a label would be sent, or why they would not.
func labelled(t *testing.T, i int, label, exchange, more string) (got []string, text string) {
	t.Helper()
	f := labelFiles[i]
	if f.format == "okx-agent-kit" && exchange != "okx" {
		return nil, ""
	}
	text = strings.NewReplacer("LABEL", label, "EXCHANGE", exchange, "UPPER", strings.ToUpper(exchange), "MORE", more).Replace(f.text)
	in, err := From(f.format, writeBot(t, f.name, short.Replace(text)), withVariables())
	if !assert.NoError(t, err, text) {
		return nil, text
	}
	for _, k := range in.Keys {
		got = append(got, k.Exchange.Name+" "+k.Environment)
	}
	for _, s := range in.Skipped {
		got = append(got, s.Why)
	}
	return got, text
}

// TestPlacesInLabels: the name that people give to a key may say where it belongs. It goes
// there, or nowhere, and never without a word to the live host.
func TestPlacesInLabels(t *testing.T) {
	t.Parallel()
	tests := []string{"X-testnet", "X_demo", "my X sandbox", "PaperAccount", "grid (testnet)", "test", "dev-X", "TESTNET2"}
	others := []string{"X", "main", "latest", "contest", "paperclip", "demography", "attested", "grid-1"}
	for n, e := range exchanges.All() {
		if e.Needs.Wallet != nil {
			continue
		}
		for i := n % 3; i < len(labelFiles); i += 3 {
			turn := func(all []string, more int) string {
				return strings.ReplaceAll(all[(n+i/3+more)%len(all)], "X", e.Name)
			}
			for more := range 2 {
				got, text := labelled(t, i, turn(tests, 3*more), e.Name, "")
				for _, at := range got {
					name, environment, _ := strings.Cut(at, " ")
					if env := environmentNamed(e, environment); name == e.Name && env != nil {
						assert.True(t, isTest(env), "%s: %s", text, at)
					}
				}
				assert.True(t, text == "" || len(got) > 0, text)
			}
			got, text := labelled(t, i, turn(others, 0), e.Name, "")
			if without, _ := labelled(t, i, "desk-3", e.Name, ""); !strings.Contains(text, `{"`+e.Name+`": {"`+e.Name+`"`) {
				assert.Equal(t, unnamedReasons(without), unnamedReasons(got), text)
			}
		}
	}
}

// unnamedReasons are reasons without what to write in an entry, which has the key's name.
func unnamedReasons(all []string) (out []string) {
	for _, why := range all {
		why, _, _ = strings.Cut(why, ", as {")
		out = append(out, why)
	}
	return out
}

// TestLabelsCountLess: what the key's own entry says counts more than its label.
func TestLabelsCountLess(t *testing.T) {
	t.Parallel()
	for i, f := range labelFiles {
		if !strings.Contains(f.text, "MORE") {
			continue
		}
		more := map[string]string{`, "sandbox": false`: "okx live", `, "env": "live"`: "okx live", `, "sandbox": true`: "okx demo"}
		if f.format == "okx-agent-kit" {
			more = map[string]string{`, "demo": false`: "okx live", `, "demo": true`: "okx demo"}
		}
		for more, want := range more {
			got, text := labelled(t, i, "my-testnet", "okx", more)
			assert.Equal(t, []string{want}, got, text)
		}
	}
	for more, want := range map[string]string{"": "okx demo", `, "OKX_TESTNET": "false"`: "okx live", `, "OKX_ENV": "live"`: "okx live", `, "OKX_DEMO": "1"`: "okx demo"} {
		text := `{"mcpServers": {"okx-testnet": {"command": "bot", "env": {"OKX_API_KEY": "$A", "OKX_API_SECRET": "$a", "OKX_PASSPHRASE": "p"` + more + `}}}}`
		assert.Equal(t, []string{want}, decided(t, "mcp", ".mcp.json", text), text)
	}
	for _, test := range []struct{ label, exchange, want string }{
		{"bybit-eu", "bybit", "bybit eu"},
		{"bybit_eu_1", "bybit", "bybit eu"},
		{"grid eu", "bybit", "bybit live"},
		{"okx-eea-demo", "okx", "okx eea-demo"},
		{"binance-us", "binance", `its label "binance-us" names "binance-us"`},
		{"binance", "binanceus", "binanceus live"},
	} {
		got, text := labelled(t, 0, test.label, test.exchange, "")
		assert.Contains(t, strings.Join(got, "; "), test.want, text)
	}
}
