package find

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestOnlyPassphraseFromElsewhere: another place may give a key the passphrase that one
// lacks, and overrides no other reason of that place, nor where it says the key belongs.
func TestOnlyPassphraseFromElsewhere(t *testing.T) {
	t.Parallel()
	const (
		binance = "BINANCE_API_KEY={id}\nBINANCE_API_SECRET={secret}\n"
		okx     = "OKX_API_KEY={uuid}\nOKX_API_SECRET={HEX}\n"
		whole   = okx + "OKX_PASSPHRASE=Moon1\n"
	)
	for _, test := range []struct{ one, other, want string }{
		{binance + "BINANCE_TLD=us\n", binance, "its name says one exchange, and a setting beside it another"},
		{binance + "BINANCE_BASE_URL=https://api.binance.th\n", binance, "is none of Binance that is known here"},
		{binance + "BINANCE_BASE_URL=https://gateway.firm.example\n", binance, "is none of Binance that is known here"},
		{okx, whole, "okx live with Moon1"},
		{okx + "OKX_BASE_URL=https://gateway.firm.example\n", whole, "is none of OKX that is known here"},
		{okx + "OKX_TESTNET=true\n", whole, "do not agree on where it belongs"},
	} {
		for _, files := range []map[string]string{{"a/.env": test.one, "b/.history": test.other}, {"a/.history": test.other, "b/.env": test.one}} {
			assert.Contains(t, strings.Join(decided(t, files), "; "), test.want, test.one)
		}
	}
}

// TestWordsBetween: a half's own words count, and those of all it stands in up to the name
// of the exchange; and a key id that nothing names is not sent for its secret's name.
func TestWordsBetween(t *testing.T) {
	t.Parallel()
	const (
		pair  = `"api_key": "{id}", "secret": "{secret}"`
		other = " beside its exchange's name may mean something else"
	)
	for _, test := range []struct{ path, text, want string }{
		{"compose.yaml", "services:\n  binance-bot:\n    environment:\n      WEEX_API_KEY: {id}\n      WEEX_API_SECRET: {secret}\n", `"weex"` + other},
		{"compose.yaml", "services:\n  binance-bot:\n    environment:\n      API_KEY: {id}\n      API_SECRET: {secret}\n", "binance live"},
		{"a.json", `{"binance": {"somefeed": {` + pair + `}}}`, `"somefeed"` + other},
		{"a.json", `{"binance": {"live": {"credentials": {` + pair + `}}}}`, "binance live"},
		{"a.json", `{"exchange": "binance", "weex": {` + pair + `}}`, `"weex"` + other},
		{"a.json", `{"binance-bot": {"exchange": "weex", ` + pair + `}}`, `"weex"` + other},
		{"a.json", `{"binance-bot": {"exchange": "{secret2}", ` + pair + `}}`, `"unknown"` + other},
		{"a.json", `{"binance-bot": {"exchange": "spot", ` + pair + `}}`, "binance live"},
		{"a.json", `{"acc_01": {"exchange": "binance", ` + pair + `}}`, "binance live"},
		{"a.json", `{"exchange": "binance", "weex_api_key": "{id}", "weex_secret": "{secret}"}`, `"weex"` + other},
		{".env", "API_KEY={id}\n" + strings.Repeat("X=1\n", 70) + "BINANCE_API_KEY=${KEY}\nBINANCE_API_SECRET={secret}\n", `only its secret's name ("BINANCE_API_SECRET") says its exchange`},
	} {
		assert.Contains(t, strings.Join(decided(t, map[string]string{test.path: test.text}), "; "), test.want, test.text)
	}
}

// TestFieldsThatDiffer: where two fields name different exchanges, neither does with
// certainty, wherever they stand.
func TestFieldsThatDiffer(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"exchange": "kucoin", "provider": "binance", "apiKey": "{id}", "secret": "{secret}"}`,
		`[{"exchange": "kucoin", "apiKey": "{id}", "secret": "{secret}", "provider": "binance"}]`,
		"exchange: kucoin\nprovider: binance\napiKey: {id}\nsecret: {secret}\n",
	} {
		assert.Equal(t, []string{notNamed}, decided(t, map[string]string{"a.json": text}), text)
	}
	assert.Equal(t, []string{"binance live"}, decided(t, map[string]string{
		"a.json": `{"exchange": "binance", "provider": "Binance Spot", "apiKey": "{id}", "secret": "{secret}"}`,
	}))
	// Half a key is named all the same.
	assert.Equal(t, []string{notSecret}, decided(t, map[string]string{"a.json": `[{"exchange": "binance", "provider": "gate", "secret": "{hex64}"}]`}))
}

// TestRefusedAnywhere: a place that does not name the exchange can refuse the key as well.
func TestRefusedAnywhere(t *testing.T) {
	t.Parallel()
	const near = "from pybit import HTTP\nc = HTTP(api_key='{id}', api_secret='{secret}')\n"
	pair := map[string]string{".env": "BYBIT_API_KEY={id}\nBYBIT_API_SECRET={secret}\n", "a.py": near}
	assert.Equal(t, []string{"bybit live"}, decided(t, pair))
	pair["sandbox/a.py"] = near
	assert.Contains(t, strings.Join(decided(t, pair), "; "), `its path speaks of a test network ("sandbox")`)
}
