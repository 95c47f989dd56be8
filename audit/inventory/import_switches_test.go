package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBotsSwitches: what a bot's file says about where a key is sent. Expected is
// the exchange and its environment, or why the key is skipped: a key must never
// be sent anywhere else.
func TestBotsSwitches(t *testing.T) {
	t.Parallel()
	const (
		pair     = `"apiKey": "$A", "secret": "$a"`
		other    = `its environment is not the one selected by "environment": select that, or list the key in an inventory`
		binance  = "BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\n"
		leanPair = `"bybit-api-key": "$A", "bybit-api-secret": "$a"`
	)
	for _, test := range []struct {
		format, text string
		variables    []string
		want         []string // of each key
	}{
		// bbgo
		{"bbgo", binance + "BINANCE_US=0\nPAPER_TRADE=no", nil, []string{"binance live"}},
		{"bbgo", binance + "BINANCE_US=true", nil, []string{"binanceus live"}},
		{"bbgo", binance + "PAPER_TRADE=1", nil, []string{"binance testnet"}},
		{"bbgo", binance, []string{"BINANCE_US=T"}, []string{"binanceus live"}},
		{"bbgo", binance + "PAPER_TRADE=1", []string{"PAPER_TRADE=false"}, []string{"binance live"}},
		{"bbgo", binance + "PAPER_TRADE=1", []string{"BINANCE_US=1"}, []string{`"PAPER_TRADE" says that it is for an environment of Binance.US that is not supported: list the key in an inventory, with its environment, if it is for another`}},
		{"bbgo", "BINANCE_US_API_KEY=$A\nBINANCE_US_API_SECRET=$a\nPAPER_TRADE=1", nil, []string{`"PAPER_TRADE" says that it is for an environment of Binance.US that is not supported: list the key in an inventory, with its environment, if it is for another`}},
		{"bbgo", "KUCOIN_API_KEY=$A\nKUCOIN_API_SECRET=$a\nKUCOIN_API_PASSPHRASE=p\nBINANCE_US=1", nil, []string{"kucoin live"}},
		{"bbgo", "MAX_API_KEY=$A\nMAX_API_SECRET=$a\nPAPER_TRADE=1", nil, []string{"maicoin live"}},
		{"bbgo", "BINANCE_FUTURES_API_KEY=$A\nBINANCE_FUTURES_API_SECRET=$a\nPAPER_TRADE=1", nil, []string{`"PAPER_TRADE" says that it is for an environment of Binance that is not supported: list the key in an inventory, with its environment, if it is for another`}},
		// ccxt
		{"ccxt", `{"bybit": {` + pair + `, "options": {"sandbox": true}}}`, nil, []string{"bybit testnet"}},
		{"ccxt", `{"bybit": {` + pair + `, "options": {"testnet": false}}}`, nil, []string{"bybit live"}},
		{"ccxt", `{"bybit": {` + pair + `, "hostname": "bytick.com"}}`, nil, []string{"bybit live"}},
		{"ccxt", `{"bybit": {` + pair + `, "hostname": "", "urls": {"api": ""}, "proxies": null}}`, nil, []string{"bybit live"}},
		{"ccxt", `{"bybit": {` + pair + `, "urls": {"api": {"public": "https://example.org"}}}}`, nil, []string{unknownHost("example.org")}},
		{"ccxt", `{"bybit": {` + pair + `, "proxies": {"https": "http://10.0.0.1:3128"}}}`, nil, []string{skipProxy}},
		{"ccxt", `{"bybit": {"api_key": "$A", "apiSecret": "$a"}}`, nil, []string{"bybit live"}},
		{"ccxt", `{"bybit": {"key": "$A", "api_secret": "$a"}}`, nil, []string{"bybit live"}},
		{"ccxt", `{"bybit": {"main": {` + pair + `}}, "okx": {` + pair + `, "password": "p"}, "settings": {"a": 1}}`, nil, []string{"okx live", "its entry has neither apiKey nor secret: list its keys in an inventory"}},
		{"ccxt", `{"okx": {` + pair + `, "password": "p", "headers": {"x-simulated-trading": 1}}}`, nil, []string{"okx demo"}},
		// passivbot
		{"passivbot", `{"u": {"exchange": "bybit", ` + pair + `, "options": {"testnet": "true"}}}`, nil, []string{"bybit testnet"}},
		{"passivbot", `{"u": {"exchange": "bybit", ` + pair + `, "socksProxy": "socks5://10.0.0.1"}}`, nil, []string{skipProxy}},
		// freqtrade
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `, "ccxt_config": {"options": {"sandbox": true}}}}`, nil, []string{"bybit testnet"}},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `, "ccxt_sync_config": {"hostname": "bytick.com"}}}`, nil, []string{"bybit live"}},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `, "ccxt_config": {"aiohttp_proxy": "http://10.0.0.1"}}}`, nil, []string{skipProxy}},
		{"freqtrade", `{"exchange": {"name": "bybit", "ccxt_config": {"hostname": "bytick.com"}}}`, nil, nil},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `}}`, []string{"FREQTRADE__EXCHANGE__CCXT_CONFIG__httpsProxy=http://10.0.0.1"}, []string{skipProxy}},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `}}`, []string{"FREQTRADE__EXCHANGE__SANDBOX=true"}, []string{"bybit testnet"}},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `}}`, []string{"FREQTRADE__EXCHANGE__CCXT_CONFIG__OPTIONS__SANDBOX=true"}, []string{"bybit testnet"}},
		{"freqtrade", `{"exchange": {"name": "bybit", ` + pair + `}}`, []string{"FREQTRADE__EXCHANGE__CCXT_CONFIG__OPTIONS__SANDBOX=0"}, []string{"bybit live"}},
		{"freqtrade", `{"exchange": {"name": "hyperliquid", "privateKey": "$a", "ccxt_config": {"hostname": "example.org"}}}`, nil, []string{`its file names the host "example.org", which is unknown: list the key in an inventory, with its environment`}},
		// GoCryptoTrader
		{"gocryptotrader", `{"exchanges": [{"name": "Okx", "proxyAddress": "http://10.0.0.1", "apiKey": "$A", "apiSecret": "$a"}]}`, nil, []string{skipProxy}},
		// LEAN
		{"lean", `{"environment": "e", ` + leanPair + `, "environments": {"e": {"bybit-use-testnet": "paper"}}}`, nil, []string{"bybit testnet"}},
		{"lean", `{"environment": "e", "bybit-use-testnet": "paper", ` + leanPair + `, "environments": {"e": {"bybit-use-testnet": "live"}}}`, nil, []string{"bybit live"}},
		{"lean", `{"environment": "e", "bybit-api-key": "$B", "bybit-api-secret": "$a", "environments": {"e": {"bybit-api-key": "$A"}}}`, nil, []string{"bybit live"}},
		{"lean", `{"environment": "e", "environments": {"e": {}, "f": {` + leanPair + `}}}`, nil, []string{other}},
		{"lean", `{"environments": {"f": {"bybit-api-key": "$A"}, "g": {"polygon-api-key": "$B"}}}`, nil, []string{other}},
		// variables
		{"env", "BYBIT_API_KEY_2=$A\nBYBIT_API_SECRET_2=$a", nil, []string{"bybit live"}},
		{"env", "BYBIT_2_API_KEY=$A\nBYBIT_API_SECRET_2=$a", nil, []string{"bybit live"}},
		{"env", "KRAKEN_PERP_API_KEY=$A\nKRAKEN_PERP_API_SECRET=$a", nil, []string{"krakenfutures live"}},
		{"env", "BYBIT_KEY_MAIN=$A\nBYBIT_SECRET_MAIN=$a\nBYBIT_API_KEY_VERSION=2", nil, []string{"bybit live"}},
		{"env", "BYBIT_MAIN_KEY=$A\nBYBIT_MAIN_SECRET=$a", nil, []string{"bybit live"}},
		{"env", "MONKEY_KEY_MAIN=$A\nBYBIT_KEYRING=$a", nil, nil},
	} {
		in, err := From(test.format, writeBot(t, "config", short.Replace(test.text)), withVariables(test.variables...))
		require.NoError(t, err, test.text)
		var got []string
		for _, k := range in.Keys {
			got = append(got, k.Exchange.Name+" "+k.Environment)
			c := loadKey(t, k)
			assert.Equal(t, keyA+secretA, c.Key+c.Secret.Reveal(), test.text)
		}
		for _, s := range in.Skipped {
			got = append(got, s.Why)
		}
		assert.Equal(t, test.want, got, test.text)
	}
}

// unknownHost is why a key is skipped whose file names a host that no exchange has.
func unknownHost(host string) string {
	return `its file names the host "` + host + `", which is unknown: list the key in an inventory, with its environment`
}

// TestVnpyGateways: the file is named after the gateway.
func TestVnpyGateways(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ gateway, text, want string }{
		{"bybit", `{"ID": "$A", "Secret": "$a", "服务器": "TESTNET"}`, "bybit testnet trading"},
		{"bybit", `{"key": "$A", "secret": "$a", "Server": "real"}`, "bybit live trading"},
		{"okx", `{"API Key": "$A", "Secret Key": "$a", "Passphrase": "p", "Server": "AWS"}`, "okx live trading"},
		{"binance_usdt", `{"key": "$A", "secret": "$a", "服务器": "REAL"}`, "binance live futures-trading"},
		{"binance_inverse", `{"key": "$A", "secret": "$a"}`, "binance live futures-trading"},
		{"bybit", `{"key": "$A", "secret": "$a", "服务器": "模拟"}`, "its file names an unknown server: list the key in an inventory, with its environment"},
		{"bybit", `{"key": "$A", "secret": "$a", "Proxy Host": "10.0.0.1"}`, skipProxy},
		{"bybit", `{"AppKey": "$A", "AppSecret": "$a"}`, "its file has no API key under a known name: list the key in an inventory"},
		{"bybit", `{"key": "", "secret": "", "server": "other", "proxy_host": "10.0.0.1"}`, ""},
		{"bybit", `{}`, ""},
	} {
		in, err := From("vnpy", writeBot(t, "connect_"+test.gateway+".json", short.Replace(test.text)), withVariables())
		require.NoError(t, err, test.text)
		got := ""
		for _, k := range in.Keys {
			got += k.Exchange.Name + " " + k.Environment + " " + k.Policy.Name
		}
		for _, s := range in.Skipped {
			got += s.Why
		}
		assert.Equal(t, test.want, got, test.text)
	}
}

// TestPassphrasesAreNoPlaceholders: people choose their passphrases, and some
// choose "passphrase".
func TestPassphrasesAreNoPlaceholders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ format, text, want string }{
		{"passivbot", `{"u": {"exchange": "okx", "key": "$A", "secret": "$a", "passphrase": "passphrase"}}`, "passphrase"},
		{"passivbot", `{"u": {"exchange": "okx", "key": "$A", "secret": "$a", "passphrase": "optional_passphrase", "password": "p"}}`, "p"},
		{"octobot", `{"exchanges": {"okx": {"api-key": "$A", "api-secret": "$a", "api-password": "Empty"}}}`, "Empty"},
		{"gocryptotrader", `{"exchanges": [{"name": "Okx", "apiKey": "$A", "apiSecret": "$a", "clientId": "ClientID"}]}`, "ClientID"},
		{"jesse", "name,exchange,api key,api secret,api_passphrase\nmain,OKX Spot,$A,$a,your dog\n", "your dog"},
		{"env", "OKX_API_KEY=$A\nOKX_API_SECRET=$a\nOKX_API_PASSPHRASE=<3", "<3"},
	} {
		in, err := From(test.format, writeBot(t, "config", short.Replace(test.text)), withVariables())
		require.NoError(t, err, test.text)
		require.Len(t, in.Keys, 1, test.text)
		assert.Equal(t, test.want, loadKey(t, in.Keys[0]).Passphrase.Reveal(), test.text)
	}
}
