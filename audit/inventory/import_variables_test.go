package inventory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// variablePlan is what is planned for variables: for each key its exchange,
// environment and passphrase, or why it is skipped. A key that is planned with
// other parts than $A and $a, or $B and $b, is a failure.
func variablePlan(t *testing.T, format, text string) (out []string) {
	t.Helper()
	in, err := From(format, writeBot(t, ".env", short.Replace(text)), withVariables())
	require.NoError(t, err, text)
	for _, k := range in.Keys {
		c := loadKey(t, k)
		whole := []string{keyA + secretA, keyB + secretB}
		if k.Exchange.Needs.Wallet != nil || k.Exchange.Needs.OwnerForm != nil { // the account may be unknown
			whole = append(whole, secretA)
		}
		assert.Contains(t, whole, c.Key+c.Account+c.Secret.Reveal(), text)
		out = append(out, strings.TrimSpace(k.Exchange.Name+" "+k.Environment+" "+c.Passphrase.Reveal()))
	}
	for _, s := range in.Skipped {
		out = append(out, "skipped: "+s.Why)
	}
	return out
}

// variableCase is variables, and beginnings of what is planned for them.
type variableCase struct {
	text string
	want []string
}

func plan(text string, want ...string) variableCase { return variableCase{text, want} }

func (c variableCase) check(t *testing.T) {
	t.Helper()
	got := variablePlan(t, "env", c.text)
	if assert.Len(t, got, len(c.want), "%s: %q", c.text, got) {
		for i, want := range c.want {
			assert.True(t, strings.HasPrefix(got[i], want), "%s: %q does not begin with %q", c.text, got[i], want)
		}
	}
}

const (
	namesNone = "skipped: the names of its variables match no exchange"
	namesTwo  = "skipped: the names of its variables match two exchanges"
	halfKey   = "skipped: its API key is there, but its secret is missing: add it, or list the key in an inventory"
)

// TestVariablesInAnyCase: the exchange stands anywhere in the name.
func TestVariablesInAnyCase(t *testing.T) {
	t.Parallel()
	for _, c := range []variableCase{
		plan("bybit_api_key=$A\nbybit_api_secret=$a", "bybit live"),
		plan("Bybit_Api_Key=$A\nBYBIT_api_SECRET=$a", "bybit live"),
		plan("MY_BYBIT_KEY=$A\nMY_BYBIT_SECRET=$a", "bybit live"),
		plan("BOT1_OKX_APIKEY=$A\nBOT1_OKX_APISECRET=$a\nBOT1_OKX_PASSPHRASE=pass", "okx live pass"),
		plan("ALICE_BYBIT_KEY=$A\nALICE_BYBIT_SECRET=$a\nBOB_BYBIT_KEY=$B\nBOB_BYBIT_SECRET=$b", "bybit live", "bybit live"),
		plan("BYBIT_KEY_GRID=$A\nBYBIT_SECRET_GRID=$a\nBYBIT_KEY_ARB=$B\nBYBIT_SECRET_ARB=$b", "bybit live", "bybit live"),
		plan("BYBIT1_KEY=$A\nBYBIT1_SECRET=$a\nBYBIT2_KEY=$B\nBYBIT2_SECRET=$b", "bybit live", "bybit live"),
		plan("bybitApiKey=$A\nbybitApiSecret=$a", "bybit live"),
		plan("myKrakenAPIKey=$A\nmyKrakenAPISecret=$a", "kraken live"),
		plan("aliceKrakenKey=$A\naliceKrakenSecret=$a", "kraken live"),
		plan("BYBITAPIKEY=$A\nBYBITAPISECRET=$a", "bybit live"),
		plan("API_KEY_BYBIT=$A\nAPI_SECRET_BYBIT=$a", "bybit live"),
		plan("KEY_BYBIT=$A\nSECRET_BYBIT=$a", "bybit live"),
		plan("bybit.api.key=$A\nbybit.api.secret=$a", "bybit live"),
		plan("bybit-api-key=$A\nbybit-api-secret=$a", "bybit live"),
		plan("BYBIT_API_MAIN_KEY=$A\nBYBIT_MAIN_API_SECRET=$a", "bybit live"),
		plan("MAIN_BYBIT_KEY=$A\nBYBIT_MAIN_SECRET=$a", "bybit live"),
		plan("GATE_IO_KEY=$A\nGATE_IO_SECRET=$a", "gate live"),
		plan("MY_GATE_API_KEY=$A\nMY_GATE_API_SECRET=$a", "gate live"),
		plan("CRYPTO_COM_API_KEY=$A\nCRYPTO_COM_API_SECRET=$a", "cryptocom live"),
		plan("COINBASE_EXCHANGE_API_KEY=$A\nCOINBASE_EXCHANGE_API_SECRET=$a\nCOINBASE_EXCHANGE_PASSPHRASE=pass", "coinbaseexchange live pass"),
		plan("CBPRO_API_KEY=$A\nCBPRO_SECRET=$a\nCBPRO_PASSWORD=pass", "coinbaseexchange live pass"),
		plan("BFX_API_KEY=$A\nBFX_API_SECRET=$a", "bitfinex live"),
		plan("APCA_API_KEY_ID=$A\nAPCA_API_SECRET_KEY=$a", "alpaca live"),
		plan("UPBIT_OPEN_API_ACCESS_KEY=$A\nUPBIT_OPEN_API_SECRET_KEY=$a", "upbit live"),
		plan("coinbase_key=$A\ncoinbase_secret=$a\ncoinbase_passphrase=passphrase", "skipped: keys of Coinbase have no passphrase, but those of Coinbase Exchange have"),
		plan("KRAKEN_API_KEY=$A\nkraken_api_key=$B\nKRAKEN_API_SECRET=$a", `skipped: "KRAKEN_API_KEY" and "kraken_api_key" are both set and differ`),
	} {
		c.check(t)
	}
}

// TestVariablesOfParts: the names that exchanges, their clients and bots have for
// the parts.
func TestVariablesOfParts(t *testing.T) {
	t.Parallel()
	const wallet = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
	for _, c := range []variableCase{
		// a secret that is called a private key
		plan("KRAKEN_API_KEY=$A\nKRAKEN_PRIVATE_KEY=$a", "kraken live"),
		plan("KRAKEN_KEY=$A\nKRAKEN_API_PRIVATE_KEY=$a", "kraken live"),
		plan("KRAKEN_PUBLIC_KEY=$A\nKRAKEN_PRIVATE_KEY=$a", "kraken live"),
		plan("KRAKEN_PUBLIC_KEY=$A\nKRAKEN_SECRET_KEY=$a", "kraken live"),
		plan("krakenApiKey=$A\nkrakenPrivateKey=$a", "kraken live"),
		plan("BINANCE_API_KEY=$A\nBINANCE_PRIVATE_KEY_PEM=$a", "binance live"),
		plan("COINBASE_API_KEY_NAME=$A\nCOINBASE_API_KEY_PRIVATE_KEY=$a", "coinbase live"),
		plan("COINBASE_KEY_NAME=$A\nCOINBASE_PRIVATE_KEY=$a", "coinbase live"),
		plan("BYBIT_API_KEY=$A\nBYBIT_KEY_NAME=grid bot of alice\nBYBIT_RSA_PRIVATE_KEY=$a", "bybit live"),
		plan("BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\nBINANCE_ED25519_API_KEY=$B\nBINANCE_ED25519_API_SECRET=$b", "binance live", "binance live"),
		plan("BYBIT_API_KEY=$A", halfKey),
		plan("KRAKEN_FUTURES_PUBLIC_KEY=$A\nKRAKEN_FUTURES_PRIVATE_KEY=$a", "krakenfutures live"),
		plan("BINANCE_API_KEY=$A\nBINANCE_API_SECRET=$a\nBINANCE_PRIVATE_KEY="+wallet, "binance live", `skipped: "BINANCE_PRIVATE_KEY" holds a wallet's private key`),
		plan("BINANCE_PRIVATE_KEY="+wallet, "skipped: "+skipWallet),
		plan("APEX_PRIVATE_KEY=$a", "skipped: "+skipWallet),
		plan("HYPERLIQUID_API_WALLET_PK=$a", "hyperliquid live"),
		plan("HYPERLIQUID_TESTNET_WALLET_ADDRESS=$A\nHYPERLIQUID_TESTNET_PRIVATE_KEY=$a", "hyperliquid testnet"),
		plan("HYPERLIQUID_WALLET_ADDRESS=$A"), // an account is no key
		plan("LIGHTER_ACCOUNT_INDEX=$A\nLIGHTER_API_KEY_INDEX=4\nLIGHTER_API_SECRET=$a", "lighter live"),
		plan("LIGHTER_ACCOUNT_INDEX=77\nLIGHTER_API_KEY_INDEX=4"),
		plan("POLYMARKET_PK=$a", "polymarket live"),
		plan("POLYMARKET_PRIVATE_KEY=$a", "polymarket live"),
		plan("POLYMARKET_API_SECRET=$a\nPOLYMARKET_API_KEY=$A\nPOLYMARKET_PASSPHRASE=word", "polymarket live word"),
		plan("ORDERLY_ACCOUNT_ID=$A\nORDERLY_SECRET=$a", "orderly live"),
		plan("WOOFI_PRO_API_KEY=$A\nWOOFI_PRO_SECRET=$a", "orderly live"),
		plan("APEX_PRIVATE_KEY=$a", "skipped: "+skipWallet),
		plan("ETH_PRIVATE_KEY="+wallet, `skipped: "ETH_PRIVATE_KEY" holds a wallet's private key`),
		plan("PRIVATE_KEY="+wallet, "skipped: "+skipUnnamed),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nAGENT_PRIVATE_KEY="+wallet, "bybit live", "skipped: "+skipUnnamed),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nWALLET_PRIVATE_KEY="+wallet[2:], "bybit live", "skipped: "+skipUnnamed),
		plan("HYPERLIQUID_PRIVATE_KEY=$a\nHYPERLIQUID_PK="+wallet, "hyperliquid live", `skipped: "HYPERLIQUID_PK" holds another secret`),
		// the third part
		plan("OKX_API_KEY=$A\nOKX_API_SECRET=$a\nOKX_PASSWORD=pass", "okx live pass"),
		plan("OKX_API_KEY=$A\nOKX_SECRET_KEY=$a\nOKX_API_PASSPHRASE=pass", "okx live pass"),
		plan("OKX_APIKEY=$A\nOKX_SECRET=$a\nOKX_PASS=pass", "okx live pass"),
		plan("OKX_APIKEY=$A\nOKX_SECRET=$a\nOKX_PASSWD=pass", "okx live pass"),
		plan("OKX_APIKEY=$A\nOKX_SECRET=$a\nOKX_PASS_PHRASE=pass", "okx live pass"),
		plan("OKX_APIKEY=$A\nOKX_SECRET=$a\nOKX_API_KEY_PASSPHRASE=pass", "okx live pass"),
		plan("OKX_APIKEY=$A\nOKX_SECRET=$a\nOKX_PASSWORD=login\nOKX_PASSPHRASE=pass", "okx live pass"),
		plan("OKX_APIKEY=$A\nOKX_SECRET=$a\nOKX_PASSPHRASE=pass\nOKX_PASSWORD=login", "okx live pass"),
		plan("OKX_APIKEY=$A\nOKX_SECRET=$a\nOKX_LOGIN_PASSWORD=login\nOKX_PASSPHRASE=pass", "okx live pass"),
		plan("kucoinApiKey=$A\nkucoinApiSecret=$a\nkucoinPassphrase=pass", "kucoin live pass"),
		plan("BITGET_KEY=$A\nBITGET_SECRET=$a\nBITGET_API_PASS=pass", "bitget live pass"),
		plan("BITMART_API_KEY=$A\nBITMART_API_SECRET=$a\nBITMART_MEMO=memo1", "bitmart live memo1"),
		plan("BITMART_API_KEY=$A\nBITMART_API_SECRET=$a\nBITMART_API_MEMO=memo1", "bitmart live memo1"),
		plan("BITMART_API_KEY=$A\nBITMART_API_SECRET=$a\nBITMART_UID=memo1", "bitmart live memo1"), // as ccxt has it
		plan("BITMART_API_KEY=$A\nBITMART_API_SECRET=$a\nBITMART_UID=1234567\nBITMART_MEMO=memo1", "bitmart live memo1"),
		plan("BITMART_API_KEY=$A\nBITMART_API_SECRET=$a\nBITMART_MEMO=memo1\nBITMART_UID=1234567", "bitmart live memo1"),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nBYBIT_PASSWORD=login1", "bybit live"),
		// pairs
		plan("BITVAVO_APIKEY=$A\nBITVAVO_APISECRET=$a", "bitvavo live"),
		plan("DERIBIT_CLIENT_ID=$A\nDERIBIT_CLIENT_SECRET=$a", "deribit live"),
		plan("BITSTAMP_CLIENT_ID=123456\nBITSTAMP_API_KEY=$A\nBITSTAMP_API_SECRET=$a", "bitstamp live"),
		plan("COINEX_ACCESS_ID=$A\nCOINEX_SECRET_KEY=$a", "coinex live"),
		plan("HTX_ACCESS_KEY=$A\nHTX_SECRET_KEY=$a", "htx live"),
		plan("HUOBI_ACCESS_KEY_ID=$A\nHUOBI_ACCESS_KEY_SECRET=$a", "htx live"),
		plan("BYBIT_KEY_ID=$A\nBYBIT_KEY_SECRET=$a", "bybit live"),
		plan("XT_APP_KEY=$A\nXT_SECRET=$a", "xt live"),
		plan("BITHUMB_CONNECT_KEY=$A\nBITHUMB_SECRET_KEY=$a", "bithumb live"),
		plan("MEXC_ACCESS_KEY=$A\nMEXC_ACCESS_SECRET=$a", "mexc live"),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nBYBIT_API_KEY_LABEL=mainaccountkey\nBYBIT_API_KEY_VERSION=2\nBYBIT_SECRET_HASH=0123456789abcdef", "bybit live"),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET_FILE=/run/secrets/bybit", `skipped: "BYBIT_API_SECRET_FILE" names a file`),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\nBYBIT_API_SECRET_FILE=/run/secrets/bybit", "bybit live"),
		plan("BINANCE_API_KEY=$A\nBINANCE_PRIVATE_KEY_PATH=./ed25519.pem", `skipped: "BINANCE_PRIVATE_KEY_PATH" names a file`),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET_ENCRYPTED=gAAAAABl0123456789", `skipped: "BYBIT_API_SECRET_ENCRYPTED" is encrypted`),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET_ARN=arn:aws:secretsmanager:eu-west-1:1:secret:x", `skipped: "BYBIT_API_SECRET_ARN" names a secret`),
		plan("BYBIT_API_KEY=$A\nBYBIT_API_SECRET=\"$(pass show bybit)\"", `skipped: "BYBIT_API_SECRET" is a command of a shell`),
		plan("KRAKEN_API_KEY_FUTURES=$A\nKRAKEN_API_SECRET_FUTURES=$a", "krakenfutures live"),
		plan("BYBIT_SECRET_API_KEY=$A", "skipped: the names of its variables do not say which part"),
	} {
		c.check(t)
	}
}

// TestVariablesOfPlaces: words for real money, test networks and regions in the
// names.
func TestVariablesOfPlaces(t *testing.T) {
	t.Parallel()
	pair := func(stem string) string { return stem + "_API_KEY=$A\n" + stem + "_API_SECRET=$a\n" }
	for _, c := range []variableCase{
		plan("BINANCE_LIVE_API_KEY=$A\nBINANCE_LIVE_SECRET_KEY=$a\nBINANCE_TEST_API_KEY=$B\nBINANCE_TEST_SECRET_KEY=$b", "binance live", "binance testnet"),
		plan("LIVE_BINANCE_API_KEY=$A\nLIVE_BINANCE_API_SECRET=$a\nTESTNET_BINANCE_API_KEY=$B\nTESTNET_BINANCE_API_SECRET=$b", "binance live", "binance testnet"),
		plan(pair("BYBIT_PROD"), "bybit live"),
		plan(pair("BYBIT_MAINNET"), "bybit live"),
		plan(pair("REAL_BYBIT"), "bybit live"),
		plan(pair("BYBIT_PRODUCTION"), "bybit live"),
		plan(pair("BYBIT_DEMO"), "bybit demo"),
		plan(pair("DEMO_BYBIT"), "bybit demo"),
		plan(pair("BYBIT_SANDBOX"), "bybit testnet"),
		plan(pair("ALPACA_PAPER"), "alpaca paper"),
		plan(pair("PAPER_ALPACA"), "alpaca paper"),
		plan(pair("BYBIT_PAPER"), "skipped: it belongs to an environment of Bybit that is not supported: list the key in an inventory, with its environment, if it is for another"),
		plan(pair("OKX_PAPER")+"OKX_PAPER_PASSPHRASE=pass", "okx demo pass"),
		plan(pair("KRAKEN_DEMO"), "skipped: it belongs to an environment of Kraken that is not supported: list the key in an inventory, with its environment, if it is for another"),
		plan(pair("BINANCE_FUTURES_TESTNET"), "skipped: it belongs to an environment of Binance that is not supported: list the key in an inventory, with its environment, if it is for another"),
		plan(pair("BINANCE_LIVE_TESTNET"), "skipped: its name says both"),
		plan(pair("BYBIT_EU"), "bybit eu"),
		plan(pair("EU_BYBIT"), "bybit eu"),
		plan(pair("BYBIT_EU_LIVE"), "bybit eu"),
		plan(pair("BYBIT_EU_1"), "bybit eu"),
		plan(pair("GRID_EU_1_BYBIT"), `skipped: "eu" may be a site of the exchange or not`),
		plan(pair("OKX_EU")+"OKX_EU_PASSPHRASE=pass", "okx eea pass"),
		plan(pair("OKX_EEA_DEMO")+"OKX_EEA_DEMO_PASSPHRASE=pass", "okx eea-demo pass"),
		plan(pair("OKX_US")+"OKX_US_PASSPHRASE=pass", "okx us pass"),
		plan(pair("OKX_GLOBAL")+"OKX_GLOBAL_PASSPHRASE=pass", "okx live pass"),
		plan(pair("BINANCE_US"), "binanceus live"),
		plan(pair("US_BINANCE"), "binanceus live"),
		plan(pair("BINANCE_TH"), "binanceth live"),
		plan(pair("BINANCE_JP"), `skipped: "jp" may be a site`),
		plan(pair("BYBIT_HK"), `skipped: "hk" may be a site`),
		plan(pair("KUCOIN_AU")+"KUCOIN_AU_PASSPHRASE=pass", "kucoin au pass"),
		plan(pair("BYBIT_JP_TESTNET"), "bybit jp-testnet"),
		plan(pair("UPBIT_SG"), "upbit sg"),
	} {
		c.check(t)
	}
}

// TestOtherServicesVariables: names that only look like those of exchanges' keys.
func TestOtherServicesVariables(t *testing.T) {
	t.Parallel()
	for _, c := range []variableCase{
		plan("AWS_ACCESS_KEY_ID=$A\nAWS_SECRET_ACCESS_KEY=$a"),
		plan("OPENAI_API_KEY=$A"),
		plan("GATEWAY_API_KEY=$A"),
		plan("GATEWAY_API_KEY=$A\nGATEWAY_API_SECRET=$a", namesNone),
		plan("GATE_KEEPER_API_KEY=$A\nGATE_KEEPER_API_SECRET=$a", namesNone),
		plan("COINBASE_COMMERCE_API_KEY=$A\nCOINBASE_COMMERCE_API_SECRET=$a", namesNone),
		plan("BINANCE_PAY_API_KEY=$A\nBINANCE_PAY_API_SECRET=$a", namesNone),
		plan("OKX_WEB3_API_KEY=$A\nOKX_WEB3_SECRET=$a\nOKX_WEB3_PASSPHRASE=p", namesNone),
		plan("KRAKEN_IO_API_KEY=$A\nKRAKEN_IO_API_SECRET=$a", namesNone),
		plan("GOOGLE_GEMINI_API_KEY=$A", namesNone),
		plan("GEMINI_VISION_API_KEY=$A", namesNone),
		plan("CRYPTO_API_KEY=$A\nCRYPTO_API_SECRET=$a", namesNone),
		plan("CRYPTOCOMPARE_API_KEY=$A"),
		plan("BINANCE_OKX_API_KEY=$A\nBINANCE_OKX_API_SECRET=$a", namesTwo),
		plan("KRAKEN_VS_BYBIT_KEY=$A\nKRAKEN_VS_BYBIT_SECRET=$a", namesTwo),
		plan("POLONIEX_API_KEY=$A\nPOLONIEX_API_SECRET=$a", namesNone),
		plan("API_KEY=$A\nAPI_SECRET=$a", namesNone),
		plan("KEY=$A\nSECRET=$a", namesNone),
		plan("GRID1_KEY=$A\nGRID1_SECRET=$a", namesNone),
		plan("EXCHANGE_API_KEY=$A\nEXCHANGE_API_SECRET=$a", namesNone),
		plan("BYBIT_TELEGRAM_API_KEY=$A", namesNone),
		plan("MONKEY_KEYRING=$A\nTURNKEY=$a\nKEYBOARD_LAYOUT=us"),
		plan("BYBIT_SYMBOLS=BTCUSDT,ETHUSDT\nBYBIT_LEVERAGE=3\nBYBIT_PASSWORD=login"),
	} {
		c.check(t)
	}
}

// TestVariablesInAnyOrder: case, order of lines and words around the names never
// change the plan.
func TestVariablesInAnyOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for range 400 {
		e := exchanges.All()[random.IntN(len(exchanges.All()))]
		env := e.Environments[0]
		stem := []string{e.Name}
		if word := pick("", "MAIN", "alice", "2", "Desk7", "GRID"); word != "" && !slices.Contains(ordinaryWords, e.Name) {
			stem = append(stem, word)
		}
		if word := pick("", "", "live", "prod"); word != "" {
			stem = append(stem, word)
		}
		random.Shuffle(len(stem), func(i, j int) { stem[i], stem[j] = stem[j], stem[i] })
		name := func(part string) string {
			words := slices.Clone(stem)
			if random.IntN(4) == 0 { // the part first
				words = append([]string{part}, words...)
			} else {
				words = append(words, part)
			}
			return strings.Map(func(r rune) rune {
				if random.IntN(2) == 0 {
					return []rune(strings.ToUpper(string(r)))[0]
				}
				return []rune(strings.ToLower(string(r)))[0]
			}, strings.Join(words, "_"))
		}
		lines := []string{
			name(pick("API_KEY", "APIKEY", "KEY", "ACCESS_KEY", "KEY_ID")) + "=" + keyA,
			name(pick("API_SECRET", "SECRET", "SECRET_KEY", "APISECRET", "PRIVATE_KEY")) + "=" + secretA,
			"LOG_LEVEL=info", "DATABASE_URL=postgres://db.internal/bots", pick("TESTNET=false", "SANDBOX=0", "DEMO=no"),
		}
		if e.Needs.Passphrase {
			lines = append(lines, name(pick("PASSPHRASE", "API_PASSPHRASE", "PASSWORD"))+"=pass")
		}
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		want := e.Name + " " + env.Name
		if e.Needs.Passphrase {
			want += " pass"
		}
		text := strings.Join(lines, "\n")
		assert.Equal(t, []string{want}, variablePlan(t, "env", text), text)
	}
}

// TestFoldedNames: a name is read alike however it is written.
func TestFoldedNames(t *testing.T) {
	t.Parallel()
	r := newNameReader(exchanges.All(), "")
	for _, words := range [][]string{{"my", "bybit", "api", "key"}, {"binance", "testnet", "api", "secret"}, {"okx", "2", "passphrase"}} {
		want := fmt.Sprint(words)
		camel := words[0]
		for _, w := range words[1:] {
			camel += strings.ToUpper(w[:1]) + w[1:]
		}
		for _, name := range []string{strings.Join(words, "_"), strings.Join(words, "-"), strings.Join(words, "."), strings.Join(words, ""), camel} {
			for _, name := range []string{name, strings.ToUpper(name)} {
				v := r.read(name)
				assert.Equal(t, strings.ReplaceAll(want, " ", ""), strings.ReplaceAll(fmt.Sprint(v.words), " ", ""), name)
				assert.NotEmpty(t, v.exchange, name)
				assert.NotZero(t, v.part, name)
			}
		}
	}
}

// TestOwnWalletBesideKey: of an account's own wallet and an API key, in the variables of one
// bot, the wallet's private key is what is audited: it can do everything.
func TestOwnWalletBesideKey(t *testing.T) {
	t.Parallel()
	private := "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
	for _, text := range []string{
		"POLYMARKET_PK=" + private + "\nPOLYMARKET_API_KEY=$A\nPOLYMARKET_API_SECRET=$a\nPOLYMARKET_PASSPHRASE=word\n",
		"POLYMARKET_API_KEY=$A\nPOLYMARKET_API_SECRET=$a\nPOLYMARKET_PASSPHRASE=word\nPOLYMARKET_PRIVATE_KEY=" + private + "\n",
		"LIGHTER_API_SECRET=$a\nLIGHTER_ACCOUNT_INDEX=77\nLIGHTER_PRIVATE_KEY=" + private[2:] + "\n",
	} {
		in, err := From("env", writeBot(t, ".env", short.Replace(text)), withVariables())
		require.NoError(t, err, text)
		require.Len(t, in.Keys, 1, text)
		assert.Equal(t, strings.TrimPrefix(private, "0x"), strings.TrimPrefix(loadKey(t, in.Keys[0]).Secret.Reveal(), "0x"), text)
	}
}

// TestWalletBesideAPIKey: a wallet's private key beside an API key of an exchange whose keys
// are none is no part of that key, and named.
func TestWalletBesideAPIKey(t *testing.T) {
	t.Parallel()
	private := "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
	const pair = "BYBIT_API_KEY=$A\nBYBIT_API_SECRET=$a\n"
	for _, name := range []string{"BYBIT_PRIVATE_KEY", "BYBIT_PK", "BYBIT_API_PRIVATE_KEY"} {
		plan(pair+name+"="+private, "bybit live", `skipped: "`+name+`" holds a wallet's private key`).check(t)
		plan(pair+name+"=your_private_key", "bybit live").check(t)
	}
}

// TestPaddedAccount: explorers show accounts of Starknet's with zeros in front, as long as an
// Ethereum wallet's private key, which is no account.
func TestPaddedAccount(t *testing.T) {
	t.Parallel()
	const private = "PARADEX_PRIVATE_KEY=0x35be8b7c2d9e1f4a6053c7d8e9fab1c2d3e4f5061728394a5b6c7d8e9fa0b1c\n"
	for account, want := range map[string]string{
		"0x4b23c8b4ea5dc54b63fbab3852f2bb0c447226f21c668bb7ba63277e322c5e9":  "paradex live",
		"0x04b23c8b4ea5dc54b63fbab3852f2bb0c447226f21c668bb7ba63277e322c5e9": "paradex live",
		"0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318": "skipped: " + misplacedWallet,
	} {
		in, err := From("env", writeBot(t, ".env", private+"PARADEX_ACCOUNT_ADDRESS="+account+"\n"), withVariables())
		require.NoError(t, err)
		if len(in.Keys) > 0 {
			assert.Equal(t, want, in.Keys[0].Exchange.Name+" "+in.Keys[0].Environment, account)
			assert.Equal(t, account, loadKey(t, in.Keys[0]).Account)
			continue
		}
		require.NotEmpty(t, in.Skipped, account)
		assert.Equal(t, want, "skipped: "+in.Skipped[0].Why, account)
	}
}
