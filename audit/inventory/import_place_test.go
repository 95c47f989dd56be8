package inventory

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// decided is what From makes of a file: where each key would be sent, or why it
// would not.
func decided(t *testing.T, format, name, text string, variables ...string) (got []string) {
	t.Helper()
	file := writeBot(t, name, short.Replace(text))
	in, err := From(format, file, withVariables(variables...))
	require.NoError(t, err, text)
	for _, k := range in.Keys {
		got = append(got, k.Exchange.Name+" "+k.Environment)
		c := loadKey(t, k)
		assert.Equal(t, keyA+secretA, c.Key+c.Secret.Reveal(), text)
	}
	for _, s := range in.Skipped {
		got = append(got, strings.ReplaceAll(s.Why, showPath(file), "FILE"))
	}
	return got
}

// Why keys are skipped whose files cannot be followed.
const (
	noTestNetwork = "it belongs to an environment of Binance that is not supported: list the key in an inventory, with its environment, if it is for another"
	twoPlaces     = `its file names the host %q and an environment that has another: list the key in an inventory, with its environment`
	belongsTo     = `its file names the host %q, which belongs to %s and not to %s: list the key in an inventory, with its exchange`
)

// TestURLsInBotsFiles: a key goes where its file says, or nowhere.
func TestURLsInBotsFiles(t *testing.T) {
	t.Parallel()
	lean := func(exchange, settings string) string {
		return `{"` + exchange + `-api-key": "$A", "` + exchange + `-api-secret": "$a", "` + exchange + `-passphrase": "p", ` + settings + `, "environment": "live"}`
	}
	gct := func(exchange, settings string) string {
		return `{"exchanges": [{"name": "` + exchange + `", "api": {"credentials": {"key": "$A", "secret": "$a", "clientID": "p"}, ` + settings + `}}]}`
	}
	ccxt := func(exchange, settings string) string {
		return `{"` + exchange + `": {"apiKey": "$A", "secret": "$a", "password": "p", ` + settings + `}}`
	}
	for _, test := range []struct{ format, text, want string }{
		{"lean", lean("bybit", `"bybit-api-url": "https://api.bybit.com"`), "bybit live"},
		{"lean", lean("bybit", `"bybit-api-url": "https://API.bytick.com/"`), "bybit live"},
		{"lean", lean("bybit", `"bybit-api-url": "https://api.bybit.eu:443/v5"`), "bybit eu"},
		{"lean", lean("bybit", `"bybit-api-url": "https://api-testnet.bybit.com"`), "bybit testnet"},
		{"lean", lean("bybit", `"bybit-api-url": "https://api-demo.bybit.com", "bybit-websocket-url": "wss://stream.bybit.com"`), "bybit demo"},
		{"lean", lean("bybit", `"bybit-websocket-url": "wss://stream.bybit.nl"`), "bybit nl"},
		{"lean", lean("bybit", `"bybit-websocket-url": "wss://stream-testnet.bybit.com/v5/private"`), "bybit testnet"},
		{"lean", lean("bybit", `"bybit-api-url": "https://api.bybit.xx"`), unknownHost("api.bybit.xx")},
		{"lean", lean("bybit", `"bybit-api-url": "http://127.0.0.1:8080"`), unknownHost("127.0.0.1:8080")},
		{"lean", lean("bybit", `"bybit-api-url": "https://api.bybit.com.example.org"`), unknownHost("api.bybit.com.example.org")},
		{"lean", lean("bybit", `"bybit-api-url": "https://api.binance.com"`), fmt.Sprintf(belongsTo, "api.binance.com", "Binance", "Bybit")},
		{"lean", lean("bybit", `"bybit-api-url": "https://api.bybit.com", "bybit-use-testnet": "paper"`), fmt.Sprintf(twoPlaces, "api.bybit.com")},
		{"lean", lean("bybit", `"bybit-use-testnet": "perhaps"`), skipSwitch},
		{"lean", lean("binance", `"binance-api-url": "https://api.binance.us", "binance-websocket-url": "wss://stream.binance.us:9443/ws"`), "binanceus live"},
		{"lean", lean("binance", `"binance-api-url": "https://api3.binance.com", "binance-fapi-url": "https://fapi.binance.com"`), "binance live"},
		{"lean", lean("binance", `"binance-websocket-url": "wss://testnet.binance.vision/ws"`), "binance testnet"},
		{"lean", lean("binance", `"binance-websocket-url": "wss://stream.testnet.binance.vision/ws"`), "binance testnet"},
		{"lean", lean("binance", `"binance-fapi-url": "https://testnet.binancefuture.com"`), unknownHost("testnet.binancefuture.com")},
		{"lean", lean("binance", `"binance-api-url": "https://tr.binance.com"`), unknownHost("tr.binance.com")},
		{"lean", lean("gdax", `"gdax-rest-api": "https://api.pro.coinbase.com", "gdax-url": "wss://ws-feed.pro.coinbase.com"`), "coinbaseexchange live"},
		{"lean", lean("gdax", `"gdax-rest-api": "https://api-public.sandbox.exchange.coinbase.com"`), "coinbaseexchange sandbox"},
		{"lean", lean("binance-us", `"a": 1`), "binanceus live"},

		{"gocryptotrader", gct("Okx", `"urlEndpoints": {"RestURL": "https://www.okx.com/", "WebsocketSpotURL": "wss://ws.okx.com:8443/ws/v5/public"}`), "okx live"},
		{"gocryptotrader", gct("Okx", `"urlEndpoints": {"RestURL": "https://eea.okx.com/"}`), "okx eea"},
		{"gocryptotrader", gct("Okx", `"urlEndpoints": {"WebsocketSpotURL": "wss://wseea.okx.com:8443"}`), "okx eea"},
		{"gocryptotrader", gct("Okx", `"endpoints": {"url": "NON_DEFAULT_HTTP_LINK_TO_EXCHANGE_API", "websocketURL": "NON_DEFAULT_HTTP_LINK_TO_WEBSOCKET_EXCHANGE_API"}`), "okx live"},
		{"gocryptotrader", gct("Okx", `"endpoints": {"url": "https://tr.okx.com"}`), "okx tr"},
		{"gocryptotrader", gct("Okx", `"endpoints": {"url": "https://jp.okx.com"}`), unknownHost("jp.okx.com")},
		{"gocryptotrader", gct("Binance", `"urlEndpoints": {"RestSpotURL": "https://api.binance.com", "RestUSDTMarginedFuturesURL": "https://fapi.binance.com", "EdgeCase1URL": "https://www.binance.com"}`), "binance live"},
		{"gocryptotrader", gct("Binance", `"urlEndpoints": {"RestSpotURL": "https://testnet.binance.vision"}`), "binance testnet"},
		{"gocryptotrader", gct("Binance", `"urlEndpoints": {"RestSpotURL": "https://api.binance.com", "RestUSDTMarginedFuturesURL": "https://testnet.binancefuture.com"}`), unknownHost("api.binance.com, testnet.binancefuture.com")},
		{"gocryptotrader", gct("Kraken", `"urlEndpoints": {"RestSpotURL": "https://api.kraken.com", "RestFuturesURL": "https://futures.kraken.com/derivatives"}`), "kraken live"},
		{"gocryptotrader", gct("HTX", `"urlEndpoints": {"RestSpotURL": "https://api.huobi.pro", "RestFuturesURL": "https://api.hbdm.com"}`), "htx live"},
		{"gocryptotrader", gct("KuCoin", `"urlEndpoints": {"RestSpotURL": "https://api.kucoin.com/api", "RestFuturesURL": "https://api-futures.kucoin.com/api"}`), "kucoin live"},
		{"gocryptotrader", `{"exchanges": [{"name": "Bybit", "apiUrl": "https://api.bybit.id", "apiKey": "$A", "apiSecret": "$a"}]}`, "bybit id"},

		{"ccxt", ccxt("okx", `"hostname": "my.okx.com"`), "okx eea"},
		{"ccxt", ccxt("okx", `"hostname": "app.okx.com"`), "okx us"},
		{"ccxt", ccxt("okx", `"hostname": "eea.okx.com", "sandbox": true`), "okx eea-demo"},
		{"ccxt", ccxt("okx", `"hostname": "www.okx.com", "headers": {"x-simulated-trading": "1"}`), "okx demo"},
		{"ccxt", ccxt("myokx", `"hostname": "eea.okx.com"`), "okx eea"},
		{"ccxt", ccxt("myokx", `"hostname": "www.okx.com"`), fmt.Sprintf(twoPlaces, "www.okx.com")},
		{"ccxt", ccxt("bybit", `"hostname": "bybit.nl"`), "bybit nl"},
		{"ccxt", ccxt("bybit", `"hostname": "bybit.nl", "urls": {"api": {"private": "https://api.{hostname}"}}`), "bybit nl"},
		{"ccxt", ccxt("bybit", `"urls": {"api": {"private": "https://api.{hostname}"}}`), unknownHost("api.{hostname}")},
		{"ccxt", ccxt("bybit", `"urls": {"api": "https://api.bybit.eu", "test": "https://api-testnet.bybit.com", "www": "https://example.org"}`), "bybit eu"},
		{"ccxt", ccxt("bybit", `"sandbox": true, "urls": {"test": "https://api-testnet.bybit.com"}`), "bybit testnet"},
		{"ccxt", ccxt("kucoin", `"urls": {"api": {"private": "https://api.kucoin.com", "futuresPrivate": "https://api-futures.kucoin.com"}}`), "kucoin live"},
		{"ccxt", ccxt("gate", `"urls": {"api": "https://api.gateeu.com"}`), "gate eu"},
		{"ccxt", ccxt("alpaca", `"urls": {"api": {"trader": "https://paper-api.alpaca.markets"}}`), "alpaca paper"},
		{"ccxt", ccxt("upbit", `"hostname": "id-api.upbit.com"`), "upbit id"},
		{"ccxt", ccxt("upbit", `"hostname": "my-api.upbit.com"`), unknownHost("my-api.upbit.com")},
		{"ccxt", ccxt("binance", `"urls": {"api": "https://user:$b@api.binance.com"}`), unknownHost("@api.binance.com")},
		{"passivbot", `{"u": {"exchange": "bybit", "key": "$A", "secret": "$a", "hostname": "bybit.nl"}}`, "bybit nl"},
		{"passivbot", `{"u": {"exchange": "okx", "key": "$A", "secret": "$a", "passphrase": "p", "options": {"hostname": "eea.okx.com"}}}`, "okx eea"},
		{"freqtrade", `{"exchange": {"name": "okx", "key": "$A", "secret": "$a", "password": "p", "ccxt_config": {"hostname": "eea.okx.com"}}}`, "okx eea"},
		{"freqtrade", `{"exchange": {"name": "okx", "key": "$A", "secret": "$a", "password": "p", "ccxt_config": {"urls": {"api": {"rest": "https://us.okx.com"}}}}}`, "okx us"},
	} {
		assert.Equal(t, []string{test.want}, decided(t, test.format, "config", test.text), test.text)
	}
}

// TestTestNetworksOfFutures: Binance's test network for futures has other keys than
// the one for spot, and no adapter.
func TestTestNetworksOfFutures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ format, text, want string }{
		{"ccxt", `{"binance": {$P, "sandbox": true, "options": {"defaultType": "future"}}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "sandbox": true, "type": "future"}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "sandbox": true, "marketType": "swap"}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "sandbox": true, "options": {"defaultType": "swap"}}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "sandbox": 1, "defaultType": "delivery"}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "testnet": "yes", "options": {"defaultType": "FUTURE"}}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "sandbox": true, "options": {"defaultType": "option"}}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "sandbox": true, "options": {"defaultSubType": "inverse"}}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "options": {"sandboxMode": true, "defaultType": "linear"}}}`, noTestNetwork},
		{"ccxt", `{"binanceusdm": {$P, "sandbox": true}}`, noTestNetwork},
		{"ccxt", `{"binancecoinm": {$P, "options": {"testnet": true}}}`, noTestNetwork},
		{"ccxt", `{"binance": {$P, "sandbox": true, "options": {"defaultType": "spot"}}}`, "binance testnet"},
		{"ccxt", `{"binance": {$P, "sandbox": true}}`, "binance testnet"},
		{"ccxt", `{"binance": {$P, "sandbox": "off", "options": {"defaultType": "future"}}}`, "binance live"},
		{"ccxt", `{"binance": {$P, "sandbox": "maybe"}}`, skipSwitch},
		{"ccxt", `{"binance": {$P, "options": {"enableDemoTrading": true, "defaultType": "future"}}}`, "binance demo"},
		{"ccxt", `{"binance": {$P, "sandbox": true, "urls": {"test": "https://testnet.binance.vision"}, "options": {"defaultType": "future"}}}`, fmt.Sprintf(twoPlaces, "testnet.binance.vision")},
		{"ccxt", `{"bybit": {$P, "sandbox": true, "options": {"defaultType": "future"}}}`, "bybit testnet"},
		{"ccxt", `{"krakenfutures": {$P, "sandbox": true}}`, "it belongs to an environment of Kraken Futures that is not supported: list the key in an inventory, with its environment, if it is for another"},
		{"passivbot", `{"u": {"exchange": "binance", $P, "options": {"sandbox": true}}}`, noTestNetwork},
		{"freqtrade", `{"exchange": {"name": "binance", $P, "ccxt_config": {"sandbox": true}}, "trading_mode": "futures"}`, noTestNetwork},
		{"freqtrade", `{"exchange": {"name": "binance", $P, "ccxt_config": {"sandbox": true, "options": {"defaultType": "future"}}}}`, noTestNetwork},
		{"freqtrade", `{"exchange": {"name": "binance", $P, "sandbox": true, "ccxt_config": {"options": {"defaultType": "swap"}}}, "trading_mode": "spot"}`, noTestNetwork},
		{"freqtrade", `{"exchange": {"name": "binance", $P, "ccxt_config": {"sandbox": true}}}`, "binance testnet"},
		{"octobot", `{"exchanges": {"binance": {"api-key": "$A", "api-secret": "$a", "sandboxed": true, "exchange-type": "future"}}}`, noTestNetwork},
		{"octobot", `{"exchanges": {"binance": {"api-key": "$A", "api-secret": "$a", "sandboxed": true, "exchange-type": "spot"}}}`, "binance testnet"},
		{"jesse", "Name,Exchange,API Key,API Secret\nmain,Binance Perpetual Futures Testnet,$A,$a\n", noTestNetwork},
	} {
		text := strings.ReplaceAll(test.text, "$P", `"apiKey": "$A", "secret": "$a"`)
		assert.Equal(t, []string{test.want}, decided(t, test.format, "config", text), test.text)
	}
}

// TestLeanNames: the parts of a key under LEAN's names for them. The only key of
// the chosen environment is never overlooked.
func TestLeanNames(t *testing.T) {
	t.Parallel()
	const (
		binance = `"binance-api-key": "$A", "binance-api-secret": "$a"`
		chosen  = `"environment": "e", "environments": {"e": {"live-mode": true, "live-mode-brokerage": "CoinbaseBrokerage"}}`
		unread  = "it is the brokerage of the selected environment, but its key is not under a known name: list the key in an inventory"
		other   = `its environment is not the one selected by "environment": select that, or list the key in an inventory`
	)
	for _, test := range []struct {
		text string
		want []string
	}{
		{`{"coinbase-api-name": "$A", "coinbase-api-private-key": "$a", ` + chosen + `}`, []string{"coinbase live"}},
		{`{"coinbase-api-name": "$A", "coinbase-api-private-key": "$a", ` + binance + `, ` + chosen + `}`, []string{"coinbase live", "binance live"}},
		{`{"coinbase-api-key": "$A", "coinbase-api-secret": "$a", ` + chosen + `}`, []string{"coinbase live"}},
		{`{"coinbase-api-name": "$A", "coinbase-api-secret": "$a", ` + chosen + `}`, []string{"coinbase live"}},
		{`{"coinbase-api-key-name": "$A", "coinbase-api-private-key": "$a", ` + chosen + `}`, []string{"coinbase live"}},
		{`{"coinbase-api-name": "$A", ` + chosen + `}`, []string{"its API key is there, but its secret is missing: add it, or list the key in an inventory"}},
		{`{"coinbase-api-private-key": "$a", ` + chosen + `}`, []string{"its secret is there, but its API key is missing: add it, or list the key in an inventory"}},
		{`{"coinbase-token": "$A", ` + binance + `, ` + chosen + `}`, []string{"binance live", unread}},
		{`{"coinbase-token": "$A", ` + chosen + `}`, []string{unread}},
		{`{"coinbase-rest-api": "https://api.coinbase.com", ` + chosen + `}`, nil},
		{`{"environment": "e", "environments": {"e": {"live-mode-brokerage": "CoinbaseBrokerage", "coinbase-api-name": "$A", "coinbase-api-private-key": "$a"}}}`, []string{"coinbase live"}},
		{`{"environment": "e", "environments": {"e": {}, "f": {"coinbase-api-name": "$A", "coinbase-api-private-key": "$a"}}}`, []string{other}},
		{`{"coinbase-api-name": "$A", "coinbase-api-private-key": "$a", "coinbase-rest-api": "https://api.coinbase.com", "coinbase-url": "wss://advanced-trade-ws.coinbase.com", ` + chosen + `}`, []string{"coinbase live"}},
		{`{"kraken-api-key": "$A", "kraken-api-secret": "$a", "kraken-verification-tier": "Pro", "environment": "e"}`, []string{"kraken live"}},
	} {
		assert.Equal(t, test.want, decided(t, "lean", "config", test.text), test.text)
	}
}

// TestFreqtradeVariables: in any case, and counting more than the file, whose key
// is named if the bot does not use it.
func TestFreqtradeVariables(t *testing.T) {
	t.Parallel()
	const (
		named  = `{"exchange": {"name": "bybit"}}`
		unused = "the bot does not use it: the variable FREQTRADE__EXCHANGE__KEY overrides the key in FILE; delete it there, or list it in an inventory"
	)
	for _, test := range []struct {
		text      string
		variables string
		want      []string
	}{
		{named, "FREQTRADE__EXCHANGE__KEY=$A FREQTRADE__EXCHANGE__SECRET=$a", []string{"bybit live"}},
		{named, "FREQTRADE__EXCHANGE__key=$A FREQTRADE__EXCHANGE__secret=$a", []string{"bybit live"}},
		{named, "FREQTRADE__exchange__key=$A FREQTRADE__exchange__secret=$a", []string{"bybit live"}},
		{named, "freqtrade__exchange__key=$A freqtrade__exchange__secret=$a", []string{"bybit live"}},
		{named, "Freqtrade__Exchange__Api_Key=$A FREQTRADE__EXCHANGE__Secret=$a", []string{"bybit live"}},
		{named, "FREQTRADE__EXCHANGE__key=$A FREQTRADE__EXCHANGE__KEY=$A FREQTRADE__EXCHANGE__SECRET=$a", []string{"bybit live"}},
		{"{}", "FREQTRADE__exchange__name=okx FREQTRADE__exchange__key=$A FREQTRADE__exchange__secret=$a FREQTRADE__exchange__password=p", []string{"okx live"}},
		{`{"exchange": {"name": "bybit", "key": "$B", "secret": "$b"}}`, "FREQTRADE__exchange__key=$A FREQTRADE__exchange__secret=$a", []string{"bybit live", unused}},
		{`{"exchange": {"name": "bybit", "key": "$A", "secret": "$b"}}`, "FREQTRADE__exchange__secret=$a", []string{"bybit live"}},
		{`{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`, "FREQTRADE__exchange__key=your_exchange_key", []string{"bybit live"}},
		{`{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`, "FREQTRADE__exchange__sandbox=True", []string{"bybit testnet"}},
		{`{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`, "FREQTRADE__exchange__ccxt_config__hostname=bybit.nl", []string{"bybit nl"}},
		{`{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`, "FREQTRADE__exchange__ccxt_config__urls__api__private=https://api.example.org", []string{unknownHost("api.example.org")}},
		{`{"exchange": {"name": "bybit", "key": "$A", "secret": "$a"}}`, "FREQTRADE__exchange__ccxt_config__sandbox=perhaps", []string{skipSwitch}},
	} {
		got := decided(t, "freqtrade", "config.json", test.text, strings.Fields(short.Replace(test.variables))...)
		assert.Equal(t, test.want, got, test.text+" "+test.variables)
	}
	_, err := From("freqtrade", writeBot(t, "config.json", named), withVariables("FREQTRADE__EXCHANGE__KEY="+keyA, "FREQTRADE__EXCHANGE__key="+keyB))
	require.EqualError(t, err, "FREQTRADE__EXCHANGE__KEY is set in two spellings with different values: unset one of them")
	assert.NotContains(t, err.Error(), keyA)
}

// TestFreqtradeFiles: files with commas between them are one configuration, of
// which a later one counts more.
func TestFreqtradeFiles(t *testing.T) {
	t.Parallel()
	base := writeBot(t, "base.json", `{"exchange": {"name": "bybit", "key": ""}, "trading_mode": "futures"}`)
	private := writeBot(t, "private.json", short.Replace(`{"exchange": {"key": "$A", "secret": "$a"}}`))
	full := writeBot(t, "full, old.json", short.Replace(`{"exchange": {"name": "okx", "key": "$B", "secret": "$b", "password": "p"}}`))
	for _, test := range []struct {
		path string
		want []string
	}{
		{base + "," + private, []string{"freqtrade/bybit"}},
		{private + "," + base, []string{"freqtrade/bybit"}},
		{private, []string{"freqtrade/key: " + noExchange}},
		{full, []string{"freqtrade/okx"}},
		{full + "#okx", []string{"freqtrade/okx"}},
	} {
		in, err := From("freqtrade", test.path, withVariables())
		require.NoError(t, err)
		assert.Equal(t, test.want, keyNames(in), test.path)
	}
	in, err := From("freqtrade", base+","+private, withVariables())
	require.NoError(t, err)
	assert.Equal(t, "futures-trading", in.Keys[0].Policy.Name)
	assert.Equal(t, keyA, loadKey(t, in.Keys[0]).Key)
	_, err = From("freqtrade", base+","+private+".no", withVariables())
	require.ErrorContains(t, err, `private.json.no" does not exist`)
	_, err = From("passivbot", base+","+private, withVariables())
	require.ErrorContains(t, err, "does not exist")

	// In an inventory, each path starts at its folder.
	folder := t.TempDir()
	put(t, filepath.Join(folder, "bot", "a.json"), 0o600, `{"exchange": {"name": "bybit"}}`)
	put(t, filepath.Join(folder, "bot", "b.json"), 0o600, short.Replace(`{"exchange": {"key": "$A", "secret": "$a"}}`))
	list := put(t, filepath.Join(folder, "keys.json"), 0o600, `{"keys": [{"name": "x", "from": "freqtrade=bot/a.json,bot/b.json#bybit"}]}`)
	in, err = Read(list, withVariables())
	require.NoError(t, err)
	assert.Equal(t, keyA, loadKey(t, in.Keys[0]).Key)
}

// TestEveryHostIsFound: the first host of each environment of each exchange leads
// to an environment that has it.
func TestEveryHostIsFound(t *testing.T) {
	t.Parallel()
	for _, e := range exchanges.All() {
		for _, env := range e.Environments {
			for _, url := range env.URLs {
				f := &Found{URLs: []string{url + "/v5/", url}}
				if isTest(&env) {
					f.Environment = sandbox
				}
				got, at, why := botExchange{name: e.Name}.place(e, f, exchanges.All())
				require.Empty(t, why, "%s %s", e.Name, url)
				assert.Equal(t, e, got)
				assert.Contains(t, at.URLs, url)
			}
		}
	}
	for host, other := range otherHosts {
		e := exchangeNamed(other.exchange, exchanges.All())
		require.NotNil(t, e, host)
		assert.NotNil(t, environmentNamed(e, other.environment), host)
	}
}
