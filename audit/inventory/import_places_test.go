package inventory

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestVariablesSwitches: variables beside a key that say where it is sent.
func TestVariablesSwitches(t *testing.T) {
	t.Parallel()
	const (
		bybit   = "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n"
		binance = "BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\n"
		okx     = "OKX_API_KEY=$A\nOKX_API_SECRET=$a\nOKX_PASSPHRASE=pass\n"
		alpaca  = "ALPACA_API_KEY=$A\nALPACA_SECRET_KEY=$a\n"
		kraken  = "KRAKEN_API_KEY=$A\nKRAKEN_API_SECRET=$a\n"
	)
	for _, c := range []variableCase{
		// on
		plan(bybit+"BYBIT_TESTNET=true", "bybit testnet"),
		plan(bybit+"bybit_testnet=True", "bybit testnet"),
		plan("BYBIT_TESTNET=1\n"+bybit, "bybit testnet"),
		plan(bybit+"BYBIT_USE_TESTNET=yes", "bybit testnet"),
		plan(bybit+"BYBIT_TESTNET_ENABLED=on", "bybit testnet"),
		plan(bybit+"USE_BYBIT_TESTNET='TRUE'", "bybit testnet"),
		plan(bybit+"bybitTestnet=true", "bybit testnet"),
		plan(bybit+"BYBIT_SANDBOX=true", "bybit testnet"),
		plan(bybit+"BYBIT_DEMO_TRADING=true", "bybit demo"),
		plan(bybit+"BYBIT_IS_DEMO=y", "bybit demo"),
		plan(bybit+"BYBIT_PAPTRADING=1", "bybit demo"),
		plan(bybit+"BYBIT_VST=1", `skipped: "BYBIT_VST" says that it is for an environment of Bybit that is not supported`),
		plan(binance+"BINANCE_TESTNET=True", "binance testnet"),
		plan(okx+"OKX_SIMULATED_TRADING=1", "okx demo pass"),
		plan(okx+"OKX_DEMO=true", "okx demo pass"),
		plan(okx+"OKX_FLAG=1", "okx demo pass"),
		plan(alpaca+"ALPACA_PAPER=true", "alpaca paper"),
		plan(alpaca+"ALPACA_PAPER_TRADING=true", "alpaca paper"),
		plan(bybit+"TESTNET=true", "bybit testnet"),
		plan(bybit+"USE_SANDBOX=true", "bybit testnet"),
		plan(alpaca+"PAPER=true", "alpaca paper"),
		plan(bybit+"BYBIT_PAPER=true", `skipped: "BYBIT_PAPER" says that it is for an environment of Bybit that is not supported`),
		plan(bybit+"PAPER_TRADING=true", `skipped: "PAPER_TRADING" does not say which test network of Bybit`),
		plan(kraken+"KRAKEN_DEMO=true", `skipped: "KRAKEN_DEMO" says that it is for an environment of Kraken that is not supported`),
		plan("BINANCE_FUTURES_API_KEY=$A\nBINANCE_FUTURES_API_SECRET=$a\nBINANCE_FUTURES_TESTNET=1", `skipped: "BINANCE_FUTURES_TESTNET" says that`),
		plan(bybit+"BYBIT_TESTNET=${USE_TESTNET}", `skipped: "BYBIT_TESTNET" has a value that names no environment of Bybit`),
		plan(bybit+"BYBIT_TESTNET=true\nBYBIT_DEMO=true", `skipped: "BYBIT_TESTNET" and "BYBIT_DEMO" do not agree`),
		plan(bybit+"BYBIT_LIVE=false", `skipped: "BYBIT_LIVE" is off`),
		plan(bybit+"LIVE_TRADING=false", `skipped: "LIVE_TRADING" is off`),
		plan(bybit+"BYBIT_LIVE_MODE=demo", "bybit demo"),
		plan(bybit+"BYBIT_ACCOUNT=demo", "bybit demo"),
		plan(bybit+"BYBIT_TEST_NET=1", "bybit testnet"),
		plan(bybit+"CCXT_SANDBOX=true", "bybit testnet"),
		plan(bybit+"BOT_MODE=paper", `skipped: "BOT_MODE" does not say which test network of Bybit`),
		plan("BYBIT_API_KEY_TESTNET=$A\nBYBIT_API_SECRET_TESTNET=$a", "bybit testnet"),
		// off
		plan(bybit+"BYBIT_TESTNET=false", "bybit live"),
		plan(bybit+"BYBIT_TESTNET=0\nBYBIT_DEMO=off\nBYBIT_SANDBOX=", "bybit live"),
		plan(bybit+"BYBIT_TESTNET=mainnet", "bybit live"),
		plan(okx+"OKX_FLAG=0", "okx live pass"),
		plan(bybit+"BYBIT_LIVE=true\nLIVE_TRADING=1", "bybit live"),
		plan(alpaca+"ALPACA_PAPER=False", "alpaca live"),
		// about other keys
		plan(bybit+"BINANCE_TESTNET=true", "bybit live"),
		plan(bybit+"BYBIT_2_TESTNET=true\nBYBIT_2_KEY=$B\nBYBIT_2_SECRET=$b", "bybit live", "bybit testnet"),
		plan(bybit+"GRID_TESTNET=true", "bybit live"),
		plan("GRID_BYBIT_KEY=$A\nGRID_BYBIT_SECRET=$a\nGRID_TESTNET=true", "bybit testnet"),
		plan(bybit+"NODE_ENV=test\nAPP_ENV=staging\nDRY_RUN=true\nBYBIT_TEST_SYMBOL=BTCUSDT\nBYBIT_MODE=hedge\nTRADING_MODE=futures\nENV=production", "bybit live"),
		plan("BYBIT_LIVE_KEY=$A\nBYBIT_LIVE_SECRET=$a\nBYBIT_TEST_KEY=$B\nBYBIT_TEST_SECRET=$b\nBYBIT_MODE=test", "bybit live", "bybit testnet"),
		// words
		plan(bybit+"BYBIT_ENV=testnet", "bybit testnet"),
		plan(bybit+"BYBIT_ENVIRONMENT=Demo", "bybit demo"),
		plan(bybit+"BYBIT_MODE=demo-trading", "bybit demo"),
		plan(bybit+"BYBIT_NETWORK=mainnet", "bybit live"),
		plan(bybit+"BYBIT_ENV=prod", "bybit live"),
		plan(bybit+"BYBIT_ENV=eu", "bybit eu"),
		plan(bybit+"BYBIT_REGION=nl", "bybit nl"),
		plan(bybit+"BYBIT_SITE=com", "bybit live"),
		plan(okx+"OKX_SITE=eea\nOKX_ENV=demo", "okx eea-demo pass"),
		plan(okx+"OKX_REGION=europe", "okx eea pass"),
		plan(bybit+"BYBIT_ENV=blue", `skipped: "BYBIT_ENV" has a value that names no environment of Bybit`),
		plan(bybit+"ENVIRONMENT=testnet", "bybit testnet"),
		plan(bybit+"Environment=demo", "bybit demo"),
		plan(bybit+"ENVIRONMENT=test", `skipped: "ENVIRONMENT" does not say which test network of Bybit`),
		plan(binance+"BINANCE_US=true", "binanceus live"),
		plan(binance+"BINANCE_US=false", "binance live"),
		plan(binance+"BINANCE_TLD=us", "binanceus live"),
		plan(binance+"BINANCE_TLD=com", "binance live"),
		plan(binance+"BINANCE_TLD=us\nBINANCE_TESTNET=true", `skipped: "BINANCE_TESTNET" says that it is for an environment of Binance.US that is not supported`),
		plan(bybit+"REAL_MONEY=off", `skipped: "REAL_MONEY" is off`),
		plan(bybit+"GO_LIVE=false", `skipped: "GO_LIVE" is off`),
		plan(bybit+"TESTNET_ONLY=true", "bybit testnet"),
		plan(bybit+"USING_TESTNET=true", "bybit testnet"),
		// the exchange that is used
		plan(bybit+"EXCHANGE=bybit", "bybit live"),
		plan(bybit+"EXCHANGE=bybit_testnet", "bybit testnet"),
		plan(bybit+"EXCHANGE_NAME='Bybit Testnet'", "bybit testnet"),
		plan(bybit+"BYBIT_CONNECTOR=bybit_perpetual_testnet", "bybit testnet"),
		plan(bybit+"ccxtExchangeId=bybiteu", "bybit eu"),
		plan(bybit+"EXCHANGE=bybit_testnet\nBYBIT_DEMO=true", `skipped: "BYBIT_DEMO" and "EXCHANGE" do not agree`),
		plan(bybit+"EXCHANGE=binanceus\nBROKER=kraken_demo\nVENUE=LSE", "bybit live"),
		plan(bybit+"GRID_EXCHANGE=bybit_testnet", "bybit live"),
		plan(okx+"EXCHANGE=myokx", "okx eea pass"),
		plan(binance+"EXCHANGE=binanceusdm", "binance live"),
		plan(binance+"EXCHANGE=binanceus", `skipped: "EXCHANGE" names Binance.US, and the key's own variables Binance`),
		plan(binance+"BINANCE_EXCHANGE_ID=binance-us", `skipped: "BINANCE_EXCHANGE_ID" names Binance.US`),
		plan(binance+"EXCHANGE=binanceus\nBINANCE_TLD=us", "binanceus live"),
		plan(binance+"EXCHANGE=binanceus\nBINANCEUS_KEY=$B\nBINANCEUS_SECRET=$b", "binance live", "binanceus live"),
		plan(kraken+"EXCHANGE=kraken_futures", `skipped: "EXCHANGE" names Kraken Futures`),
		plan(binance+"BINANCE_TLD=jp", `skipped: "BINANCE_TLD" has a value that names no environment of Binance`),
	} {
		c.check(t)
	}
}

// TestVariablesURLs: a URL beside a key that is known selects the environment, one
// that is not known is never taken for the default.
func TestVariablesURLs(t *testing.T) {
	t.Parallel()
	const (
		bybit   = "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n"
		binance = "BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\n"
		okx     = "OKX_API_KEY=$A\nOKX_API_SECRET=$a\nOKX_PASSPHRASE=pass\n"
		apca    = "APCA_API_KEY_ID=$A\nAPCA_API_SECRET_KEY=$a\n"
	)
	for _, c := range []variableCase{
		plan(apca+"APCA_API_BASE_URL=https://paper-api.alpaca.markets", "alpaca paper"),
		plan(apca+"APCA_API_BASE_URL=https://paper-api.alpaca.markets/v2", "alpaca paper"),
		plan(apca+"APCA_API_BASE_URL=https://api.alpaca.markets", "alpaca live"),
		plan(apca+"APCA_API_BASE_URL=https://broker-api.alpaca.markets", `skipped: the URL in "APCA_API_BASE_URL" is none of Alpaca`),
		plan(apca+"ALPACA_BASE_URL=https://paper-api.alpaca.markets", "alpaca paper"),
		plan("ALPACA_PAPER_KEY=$A\nALPACA_PAPER_SECRET=$a\nAPCA_API_KEY_ID=$B\nAPCA_API_SECRET_KEY=$b", "alpaca paper", "alpaca live"),
		plan(bybit+"BYBIT_BASE_URL=https://api-testnet.bybit.com", "bybit testnet"),
		plan(bybit+"BYBIT_BASE_URL=HTTPS://API-TESTNET.BYBIT.COM:443/", "bybit testnet"),
		plan(bybit+"BYBIT_HOST=api-demo.bybit.com", "bybit demo"),
		plan(bybit+"BYBIT_API_ENDPOINT=\"https://api.bybit.nl\" # Dutch", "bybit nl"),
		plan(bybit+"BYBIT_DOMAIN=api.bytick.com", "bybit live"),
		plan(bybit+"BYBIT_URL=https://gateway.internal/bybit", `skipped: the URL in "BYBIT_URL" is none of Bybit`),
		plan(bybit+"BYBIT_URL=http://localhost:8080", `skipped: the URL in "BYBIT_URL" is none of Bybit`),
		plan(bybit+"BYBIT_URL=https://api.bybit.com.evil.example", `skipped: the URL in "BYBIT_URL" is none of Bybit`),
		plan(bybit+"BYBIT_URL=https://api.bybit.com@evil.example", `skipped: the URL in "BYBIT_URL" is none of Bybit`),
		plan(bybit+"BYBIT_URL=https://[::1", `skipped: the URL in "BYBIT_URL" is none of Bybit`),
		plan(bybit+"BYBIT_URL=${URL}", `skipped: "BYBIT_URL" has a value`),
		plan(okx+"OKX_BASE_URL=https://eea.okx.com", "okx eea pass"),
		plan(okx+"OKX_BASE_URL=https://us.okx.com\nOKX_SIMULATED=1", "okx us-demo pass"),
		plan(okx+"OKX_BASE_URL=https://www.okx.com\nOKX_DEMO=1", "okx demo pass"),
		plan("OKX_DEMO_API_KEY=$A\nOKX_DEMO_API_SECRET=$a\nOKX_DEMO_PASSPHRASE=pass\nOKX_BASE_URL=https://my.okx.com", "okx eea-demo pass"),
		plan(bybit+"BYBIT_TESTNET=true\nBYBIT_BASE_URL=https://api.bybit.com", `skipped: "BYBIT_TESTNET" and the URL in "BYBIT_BASE_URL" do not agree`),
		plan(bybit+"BYBIT_TESTNET=false\nBYBIT_BASE_URL=https://api-testnet.bybit.com", "bybit testnet"),
		plan(bybit+"BYBIT_TESTNET=true\nBYBIT_URL=https://api.bybit.com\nBYBIT_TESTNET_URL=https://api-testnet.bybit.com", "bybit testnet"),
		plan(bybit+"BYBIT_URL=https://api.bybit.com\nBYBIT_TESTNET_URL=https://api-testnet.bybit.com", "bybit live"),
		plan(binance+"BINANCE_BASE_URL=https://testnet.binancefuture.com", `skipped: the URL in "BINANCE_BASE_URL" is none of Binance`),
		plan(binance+"BASE_URL=https://testnet.binance.vision", "binance testnet"),
		plan(binance+"BASE_URL=https://testnet.binancefuture.com", `skipped: the URL in "BASE_URL" is none of Binance`),
		plan(binance+"BASE_URL=http://localhost:3000\nHOST=0.0.0.0\nDATABASE_URL=postgres://u@db/x\nHOSTNAME=web-1", "binance live"),
		plan(bybit+"BYBIT_WS_URL=wss://stream.bybit.com/v5/private", "bybit live"),
		plan(bybit+"BYBIT_WS_URL=wss://stream-testnet.bybit.com/v5/private", "bybit testnet"),
		plan(okx+"OKX_WS_URL=wss://wspap.okx.com:8443/ws/v5/private", "okx demo pass"),
		plan(bybit+"BYBIT_WEBHOOK_URL=https://hooks.example/x\nBYBIT_REFERRAL_URL=https://bybit.com/x", "bybit live"),
	} {
		c.check(t)
	}
}

// TestVariablesAlwaysSettleAlike: the order of lines, case, and variables about
// other things never change where a key is sent.
func TestVariablesAlwaysSettleAlike(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"OKX_API_KEY=$A", "OKX_API_SECRET=$a", "OKX_PASSPHRASE=pass", "OKX_BASE_URL=https://us.okx.com", "OKX_SIMULATED=1"}, "okx us-demo pass"},
		{[]string{"BYBIT_API_KEY=$A", "BYBIT_API_SECRET=$a", "BYBIT_TESTNET=true", "BYBIT_URL=https://api.bybit.com", "BYBIT_TESTNET_URL=https://api-testnet.bybit.com"}, "bybit testnet"},
		{[]string{"BINANCE_API_KEY=$A", "BINANCE_API_SECRET=$a", "BINANCE_TLD=us", "BINANCE_BASE_URL="}, "binanceus live"},
		{[]string{"BINANCE_API_KEY=$A", "BINANCE_API_SECRET=$a", "BINANCE_TLD=us", "EXCHANGE=binanceus"}, "binanceus live"},
		{[]string{"BYBIT_API_KEY=$A", "BYBIT_API_SECRET=$a", "EXCHANGE=bybit_testnet", "BROKER=binance_us", "BYBIT_DEMO=0"}, "bybit testnet"},
		{[]string{"MY_BYBIT_KEY=$A", "BYBIT_MY_SECRET=$a", "BYBIT_DEMO=false", "MY_BYBIT_ENV=demo"}, "bybit demo"},
		{[]string{"ALPACA_KEY=$A", "ALPACA_SECRET=$a", "APCA_API_BASE_URL=https://paper-api.alpaca.markets", "PAPER=1"}, "alpaca paper"},
	} {
		for range 40 {
			lines := append(slices.Clone(c.lines), "KRAKEN_TESTNET=true", "LOG_LEVEL=info", "APP_ENV=staging", "BYBIT_SYMBOL=BTCUSDT", "a foreign line")
			random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			for i, line := range lines {
				name, value, is := strings.Cut(line, "=")
				switch random.IntN(3) {
				case 0:
					name = strings.ToLower(name)
				case 1:
					name = strings.ToUpper(name[:len(name)/2]) + strings.ToLower(name[len(name)/2:])
				}
				if lines[i] = name; is {
					lines[i] = []string{"", "export ", "  "}[random.IntN(3)] + name + "=" + value
				}
			}
			text := strings.Join(lines, "\n")
			assert.Equal(t, []string{c.want}, variablePlan(t, "env", text), text)
		}
	}
}

// TestVariablesOfTheEnvironment: switches count there, too.
func TestVariablesOfTheEnvironment(t *testing.T) {
	t.Parallel()
	o := withVariables("HOME=/home/bot", "BYBIT_API_KEY="+keyA, "BYBIT_API_SECRET="+secretA, "BYBIT_TESTNET=1", "PATH=/bin", "HOSTNAME=bot-1.example", "LANG=C")
	for _, format := range []string{"env", "nautilus"} {
		in, err := From(format, "", o)
		require.NoError(t, err)
		require.Len(t, in.Keys, 1)
		assert.Equal(t, "testnet", in.Keys[0].Environment)
		assert.Empty(t, in.Skipped)
	}
}

// TestForeignLines: a line that is no NAME=value costs that line only, and no key
// near it is lost without a word.
func TestForeignLines(t *testing.T) {
	t.Parallel()
	const kraken = "\nKRAKEN_API_KEY=$B\nKRAKEN_API_SECRET=$b\n"
	unread := func(name string) string { return `skipped: "` + name + `" cannot be read: its line is not NAME=value` }
	for _, c := range []variableCase{
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nGOOGLE={\n  \"type\": \"x\",\n  \"private_key_id\": \"aaf7e9\"\n}"+kraken, "bybit live", "kraken live"),
		plan("just words"+kraken, "kraken live"),
		plan("[section]"+kraken+"---\n", "kraken live"),
		plan("if [ -f x ]; then"+kraken+"fi", "kraken live"),
		plan("-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC\nAQab==\n-----END CERTIFICATE-----"+kraken, "kraken live"),
		plan("BYBIT_API_KEY: $A\nBYBIT_API_SECRET: \"$a\""+kraken, "bybit live", "kraken live"),
		plan("export BYBIT_API_KEY=$A; export BYBIT_API_SECRET=$a;", "bybit live"),
		plan("export BYBIT_API_KEY='$A' && export BYBIT_API_SECRET=\"$a\""+kraken, "bybit live", "kraken live"),
		plan("$env:BYBIT_API_KEY='$A'; $env:BYBIT_API_SECRET='$a'"+kraken, "bybit live", "kraken live"),
		plan("export BYBIT_API_KEY=$A;\nexport BYBIT_API_SECRET=$a;"+kraken, "bybit live", "kraken live"),
		plan("export BYBIT_API_KEY=$A BYBIT_API_SECRET=$a"+kraken, "bybit live", "kraken live"),
		plan("BYBIT_API_KEY='$A' BYBIT_API_SECRET='$a' python bot.py"+kraken, "bybit live", "kraken live"),
		plan("set BYBIT_API_KEY=$A\r\nset BYBIT_API_SECRET=$a\r\n"+kraken, "bybit live", "kraken live"),
		plan("set \"BYBIT_API_KEY=$A\"\nset \"BYBIT_API_SECRET=$a\""+kraken, "bybit live", "kraken live"),
		plan("$env:BYBIT_API_KEY = \"$A\"\n$env:BYBIT_API_SECRET = '$a'"+kraken, "bybit live", "kraken live"),
		plan("declare -x BYBIT_API_KEY=\"$A\"\ndeclare -x BYBIT_API_SECRET=\"$a\""+kraken, "bybit live", "kraken live"),
		plan("- BYBIT_API_KEY=$A\n  - BYBIT_API_SECRET=$a"+kraken, "bybit live", "kraken live"),
		plan("- \"BYBIT_API_KEY=$A\"\n- 'BYBIT_API_SECRET=$a'"+kraken, "bybit live", "kraken live"),
		plan("ENV BYBIT_API_KEY=$A\nENV BYBIT_API_SECRET=$a"+kraken, "bybit live", "kraken live"),
		plan("Environment=BYBIT_API_KEY=$A\nEnvironment=\"BYBIT_API_SECRET=$a\""+kraken, "bybit live", "kraken live"),
		plan("-e BYBIT_API_KEY=$A -e BYBIT_API_SECRET=$a"+kraken, "bybit live", "kraken live"),
		plan("\ufeffBYBIT_API_KEY=$A\n\ufeffBYBIT_API_SECRET=$a"+kraken, "bybit live", "kraken live"),
		plan("BYBIT_API_KEY=$A\rBYBIT_API_SECRET=$a\r", "bybit live"),
		plan("BYBIT_API_KEY =  $A  # main\nBYBIT_API_SECRET\t=\t$a"+kraken, "bybit live", "kraken live"),
		plan("BYBIT_API_KEY<<EOF\n$A\nEOF\nBYBIT_API_SECRET=<<END\n$a\nEND"+kraken, "bybit live", "kraken live"),
		plan("cat <<EOF > .env\nBYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nEOF"+kraken, "bybit live", "kraken live"),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nexport BYBIT_API_KEY\nexport BYBIT_API_SECRET"+kraken, "bybit live", "kraken live"),
		// a key in a line that cannot be read
		plan("BYBIT_API_KEY $A\nBYBIT_API_SECRET $a"+kraken, "kraken live", unread("BYBIT_API_KEY")),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nBYBIT_TESTNET true"+kraken, "kraken live", `skipped: "BYBIT_TESTNET" has a value that names no environment of Bybit`),
		plan("testnet keys below\nBYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a"+kraken, "bybit live", "kraken live"),
		plan("API_KEY $A\nAPI_SECRET $a"+kraken, "kraken live", unread("API_KEY")),
		plan("key facts about this file\nkraken is used\nbybit too"+kraken, "kraken live"),
		plan("setx BYBIT_API_KEY $A"+kraken, "kraken live", halfKey),
		plan("set -gx BYBIT_API_KEY $A"+kraken, "kraken live", halfKey),
		plan("BYBIT_API_KEY -> $A\nBYBIT_API_SECRET=$a"+kraken, "kraken live", unread("BYBIT_API_KEY")),
		plan("{\n  \"bybit_api_key\": \"$A\",\n}"+kraken, "kraken live", unread("bybit_api_key")),
		plan("const BYBIT_API_KEY = '$A';\nconst BYBIT_API_SECRET = '$a';"+kraken, "kraken live", unread("BYBIT_API_KEY")),
		plan("os.environ['BYBIT_API_KEY'] = '$A'\nos.environ['BYBIT_API_SECRET'] = '$a'"+kraken, "kraken live", unread("BYBIT_API_KEY")),
		plan("if [ \"$BYBIT_API_KEY\" == \"\" ]; then\nfi"+kraken, "kraken live"),
		plan("BYBIT_API_KEY='$A\nBYBIT_API_SECRET=$a"+kraken, "kraken live", `skipped: "BYBIT_API_KEY" cannot be read: its value begins with a quote`),
		plan("NOTE='it is\nBYBIT_API_KEY=$A\nBYBIT_API_SECRET='$a'"+kraken, "bybit live", "kraken live"),
		plan("NOTE=\"open\nBYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nOTHER=\"x\""+kraken, "bybit live", "kraken live"),
		plan("DEBUG=1\nDEBUG=0\nURL=a\nURL=b"+kraken, "kraken live"),
	} {
		c.check(t)
	}
}

// TestWideText: PowerShell writes files in UTF-16.
func TestWideText(t *testing.T) {
	t.Parallel()
	for mark, bytes := range map[string]func(rune) string{
		"\xff\xfe": func(r rune) string { return string([]byte{byte(r), byte(r >> 8)}) },
		"\xfe\xff": func(r rune) string { return string([]byte{byte(r >> 8), byte(r)}) },
	} {
		text := mark
		for _, r := range short.Replace("BYBIT_API_KEY=$A\r\nBYBIT_API_SECRET=$a\r\n") {
			text += bytes(r)
		}
		assert.Equal(t, []string{"bybit live"}, variablePlan(t, "env", text))
	}
}

// TestSwitchesThatFitNoKey: a switch of an exchange that fits the name of none of its
// keys may be meant for any of them, so none is sent to the live host.
func TestSwitchesThatFitNoKey(t *testing.T) {
	t.Parallel()
	const pair = "BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\n"
	for extra, skipped := range map[string]bool{
		"BINANCE_FUTURES_TESTNET=true":               true,
		"BINANCE_MAIN_TESTNET=1":                     true,
		"BINANCE_BOT2_SANDBOX=yes":                   true,
		"TESTNET_MODE_BINANCE_SPOT=true":             true,
		"BINANCE_FUTURES_TESTNET=false":              false,
		"BYBIT_MAIN_TESTNET=true":                    false,
		"BINANCE_MAIN_TESTNET=1\nBINANCE_LIVE_MAIN=": true,
	} {
		in, err := From("env", writeBot(t, ".env", short.Replace(pair+extra+"\n")), withVariables())
		require.NoError(t, err, extra)
		assert.Equal(t, skipped, len(in.Keys) == 0, extra)
		if skipped {
			require.Len(t, in.Skipped, 1, extra)
			assert.Contains(t, in.Skipped[0].Why, "says where a key of this exchange belongs", extra)
		}
	}
	// One that fits a key is about that key, and no other.
	in, err := From("env", writeBot(t, ".env", short.Replace(pair+"BINANCE_MAIN_API_KEY=$B\nBINANCE_MAIN_API_SECRET=$b\nBINANCE_MAIN_TESTNET=1\n")), withVariables())
	require.NoError(t, err)
	require.Len(t, in.Keys, 2, in.Skipped)
	assert.Equal(t, "live", in.Keys[0].Environment)
	assert.Equal(t, "testnet", in.Keys[1].Environment)
}
