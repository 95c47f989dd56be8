package find

// The second tree was written after the recogniser, with other names and forms, and
// shows whether it is tuned to the first.

var secondKeys = []sample{
	{"srv/grid/local_settings.py", "binance", "# grid\nBINANCE = {\n    \"api\": {\n        \"key\": \"{id}\",\n        \"secret\": \"{secret}\",\n    },\n    \"leverage\": 3,\n}\n"},
	{"srv/grid/.env.bak", "okx", "OKEX_APIKEY = {id}\nOKEX_SECRETKEY = {secret}\nOKEX_PASSWORD = {pass}\n"},
	{"srv/grid/start.sh~", "kucoin", "export KC_API_KEY={id}\nexport KC_API_SECRET={secret}\nexport KC_API_PASSPHRASE={pass}\nexec python kucoin_grid.py\n"},
	{"srv/arb/accounts.yaml", "binance,bybit,okx", `venues:
  binance:
    main: {key: "{id}", secret: "{secret}"}
  bybit:
    - name: desk-1
      apiKey: {id2}
      apiSecret: {secret2}
  okx:
    desk-2:
      api_key: {id3}
      secret_key: {secret3}
      passphrase: {pass3}
`},
	{"srv/arb/kraken.key", "kraken", "{id}\n{secret}\n"},
	{"srv/arb/exchanges.toml", "coinbaseexchange,gemini", "[coinbasepro]\nkey = \"{id}\"\nsecret = \"{secret}\"\npassphrase = \"{pass}\"\n[gemini]\napi-key = \"{id2}\"\napi-secret = \"{secret2}\"\n"},
	{"srv/arb/mm.conf", "bitfinex", "# market maker\nexchange=bitfinex\napikey={id}\napisecret={secret}\n"},
	{"srv/arb/Config.java", "bybit", "package arb;\nfinal class Config {\n  static BybitApiClientFactory f() {\n    return BybitApiClientFactory.newInstance(\"{id}\", \"{secret}\");\n  }\n}\n"},
	{"srv/arb/Main.kt", "kucoin", "val kucoinKey = \"{id}\"\nval kucoinSecret = \"{secret}\"\nval kucoinPassphrase = \"{pass}\"\n"},
	{"srv/arb/arb.ex", "kraken", "config :krakex,\n  api_key: \"{id}\",\n  private_key: \"{secret}\"\n"},
	{"srv/arb/lib.rs", "binance", "let market: Account = Binance::new(Some(\"{id}\".into()), Some(\"{secret}\".into()));\n"},
	{"srv/arb/feed.go", "bitmex", "package feed\n\nvar cfg = Config{Exchange: \"bitmex\", APIKey: \"{id}\", APISecret: \"{secret}\"}\n"},
	{"srv/arb/client.go", "okx", "package feed\n\nfunc New() *okx.Client {\n\treturn okx.NewClient(\"{id}\", \"{secret}\", \"{pass}\")\n}\n"},
	{"srv/arb/main.cpp", "deribit", "int main() {\n  auto c = nlohmann::json{{\"grant_type\", \"client_credentials\"}, {\"client_id\", \"{id}\"}, {\"client_secret\", \"{secret}\"}};\n  connect(\"wss://www.deribit.com/ws/api/v2\", c);\n}\n"},
	{"srv/arb/Program.cs", "kucoin", "var options = new KucoinClientOptions { ApiCredentials = new KucoinApiCredentials(\"{id}\", \"{secret}\", \"{pass}\") };\n"},
	{"srv/arb/Settings.cs", "bitget", "public static class BitgetSettings\n{\n    public const string ApiKey = \"{id}\";\n    public const string ApiSecret = \"{secret}\";\n    public const string Passphrase = \"{pass}\";\n}\n"},
	{"web/config.inc.php", "bitstamp", "<?php\n$config['bitstamp']['key'] = '{id}';\n$config['bitstamp']['secret'] = '{secret}';\n$config['bitstamp']['client_id'] = '{d6}';\n"},
	{"web/ccxt.php", "gate", "<?php\n$exchange = new \\ccxt\\gateio(array(\n    'apiKey' => '{id}',\n    'secret' => '{secret}',\n));\n"},
	{"web/app.tsx", "mexc", "export const mexcConfig = {\n  accessKey: \"{id}\",\n  secretKey: \"{secret}\",\n} as const;\n"},
	{"web/node.mjs", "binance", "import { Spot } from '@binance/connector';\nconst client = new Spot('{id}', '{secret}', { baseURL: 'https://api.binance.com' });\n"},
	{"web/axios.js", "bybit", "const headers = {\n  'X-BAPI-API-KEY': '{id}',\n  'Content-Type': 'application/json',\n};\nconst secret = '{secret}';\n"},
	{"web/.npmrc.env", "htx", "HTX_ACCESS_KEY_ID={id}\nHTX_ACCESS_KEY_SECRET={secret}\n"},
	{"ops/k8s/sealed-not.yaml", "binance,kraken", `apiVersion: v1
kind: List
items:
  - kind: Secret
    apiVersion: v1
    metadata:
      name: binance
    data:
      BINANCE_KEY: {b64:id}
      BINANCE_SECRET: {b64:secret}
  - kind: Secret
    apiVersion: v1
    metadata:
      name: kraken
    data:
      KRAKEN_KEY: {b64:id2}
      KRAKEN_SECRET: {b64:secret2}
`},
	{"ops/k8s/envfile.yaml", "bybit", "kind: Secret\napiVersion: v1\nmetadata:\n  name: grid-env\nstringData:\n  .env: |\n    BYBIT_API_KEY={id}\n    BYBIT_API_SECRET={secret}\n    LOG=debug\n"},
	{"ops/helm/values-prod.yaml", "okx", "bot:\n  env:\n    - {name: OKX_KEY, value: {id}}\n    - {name: OKX_SECRET, value: {secret}}\n    - {name: OKX_PASSPHRASE, value: {pass}}\n"},
	{"ops/compose.yaml", "gate", "services:\n  bot:\n    command: [\"--exchange\", \"gate\", \"--api-key\", \"{id}\", \"--api-secret\", \"{secret}\"]\n"},
	{"ops/nomad.hcl", "bitvavo", "task \"bot\" {\n  env {\n    BITVAVO_KEY    = \"{id}\"\n    BITVAVO_SECRET = \"{secret}\"\n  }\n}\n"},
	{"ops/terraform.tfstate", "kraken", `{"version": 4, "resources": [{"type": "aws_ssm_parameter", "name": "bot", "instances": [{"attributes": {"name": "/bot/kraken_api_key", "value": "{id}"}}, {"attributes": {"name": "/bot/kraken_api_secret", "value": "{secret}"}}]}]}`},
	{"ops/crontab", "binance", "*/5 * * * * BINANCE_APIKEY={id} BINANCE_APISECRET={secret} /opt/rebalance >/dev/null 2>&1\n"},
	{"ops/override.conf", "coinex", "[Service]\nEnvironment=COINEX_ACCESS_ID={id}\nEnvironment=COINEX_SECRET={secret}\n"},
	{"ops/pm2.config.js", "phemex", "module.exports = { apps: [{ name: 'mm', script: 'mm.js', env: { PHEMEX_ID: 'x', PHEMEX_API_KEY: '{id}', PHEMEX_API_SECRET: '{secret}' } }] };\n"},
	{"ops/launch.json", "bitmart", `{"configurations": [{"type": "python", "env": {"BITMART_KEY": "{id}", "BITMART_SECRET": "{secret}", "BITMART_MEMO": "{pass}"}}]}`},
	{"ops/workspace.xml", "bybit", "<project>\n  <component name=\"RunManager\">\n    <configuration name=\"bot\">\n      <envs>\n        <env name=\"BYBIT_KEY\" value=\"{id}\" />\n        <env name=\"BYBIT_SECRET\" value=\"{secret}\" />\n      </envs>\n    </configuration>\n  </component>\n</project>\n"},
	{"ops/Info.plist", "binance", "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>\n  <key>BinanceAPIKey</key>\n  <string>{id}</string>\n  <key>BinanceSecretKey</key>\n  <string>{secret}</string>\n</dict></plist>\n"},
	{"home/.zshrc", "woox", "export PATH=$PATH:~/bin\nexport WOO_X_API_KEY=\"{id}\"\nexport WOO_X_API_SECRET=\"{secret}\"\n"},
	{"home/.python_history", "binance", "import ccxt\nex = ccxt.binance(dict(apiKey='{id}', secret='{secret}'))\nex.fetch_balance()\n"},
	{"home/Downloads/Binance_api.txt", "binance", "API Key\n{id}\nSecret Key\n{secret}\nPermissions: Reading, Spot\n"},
	{"home/Downloads/kraken-api-key.csv", "kraken", "description,key,private key\nbot,{id},{secret}\n"},
	{"home/Desktop/passwords.txt", "bitstamp,upbit", "bitstamp\nkey: {id}\nsecret: {secret}\n\nupbit\naccess key: {id2}\nsecret key: {secret2}\n"},
	{"home/notes/Trading.md", "okx", "## OKX\n\n- **API key:** `{id}`\n- **Secret:** `{secret}`\n- **Passphrase:** `{pass}`\n"},
	{"home/slack/export.json", "mexc", `[{"user": "U1", "text": "mexc creds for the bot:\n` + "```" + `\nMEXC_KEY={id}\nMEXC_SECRET={secret}\n` + "```" + `"}]`},
	{"data/backup.sql", "binance", "CREATE TABLE api_keys (id int, exchange text);\nINSERT INTO `api_keys` (`user_id`,`exchange_name`,`api_key`,`secret_key`) VALUES (7,'Binance','{id}','{secret}');\n"},
	{"data/app.log", "bitget", "2026-02-03T10:00:00Z DEBUG config loaded {\"exchange\":\"bitget\",\"apiKey\":\"{id}\",\"secretKey\":\"{secret}\",\"passphrase\":\"{pass}\"}\n"},
	{"data/trace.log", "kraken", "Traceback (most recent call last):\n  File \"bot.py\", line 3, in <module>\nccxt.AuthenticationError: kraken {'apiKey': '{id}', 'secret': '{secret}'}\n"},
	{"data/users.tsv", "bybit,okx", "user\texchange\tapi_key\tapi_secret\nmaria\tbybit\t{id}\t{secret}\nmaria\tokx\t{id2}\t{secret2}\n"},
	{"data/analysis.ipynb", "coinbase", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"from coinbase.rest import RESTClient\\n\", \"api_key = \\\"{id}\\\"\\n\", \"api_secret = \\\"{esc:secret}\\\"\\n\"]}]}"},
	{"data/backtest.m", "bitflyer", "bitflyer_key = '{id}';\nbitflyer_secret = '{secret}';\n"},
	{"data/strategy.jl", "gemini", "const GEMINI_KEY = \"{id}\"\nconst GEMINI_SECRET = \"{secret}\"\n"},
	{"data/strategy.lua", "xt", "local xt = { appkey = \"{id}\", secretkey = \"{secret}\" }\n"},
	{"data/bot.pl", "bitmex", "my $bitmex_key = '{id}';\nmy $bitmex_secret = '{secret}';\n"},
	{"data/main.dart", "kucoin", "const kucoinApiKey = '{id}';\nconst kucoinApiSecret = '{secret}';\nconst kucoinPassPhrase = '{pass}';\n"},
	{"data/trader.scala", "bitfinex", "object Keys { val BitfinexKey: String = \"{id}\"; val BitfinexSecret: String = \"{secret}\" }\n"},
	{"data/mt.mq5", "alpaca", "input string AlpacaKeyID = \"{id}\";\ninput string AlpacaSecretKey = \"{secret}\";\n"},
	{"data/bot.vb", "cryptocom", "Const CryptoComApiKey As String = \"{id}\"\nConst CryptoComSecret As String = \"{secret}\"\n"},
	{"data/multi.py", "binance,kraken,bybit", `def clients():
    binance = ccxt.binance({"apiKey": "{id}", "secret": "{secret}"})
    kraken = ccxt.kraken({"apiKey": "{id2}", "secret": "{secret2}"})
    bybit = HTTP(api_key="{id3}", api_secret="{secret3}")
    return binance, kraken, bybit
`},
	{"data/postman.json", "binance", `{"info": {"name": "Binance"}, "variable": [{"key": "binance-api-key", "value": "{id}"}, {"key": "binance-api-secret", "value": "{secret}"}]}`},
	{"data/insomnia.yaml", "bitvavo", "environments:\n  data:\n    base_url: https://api.bitvavo.com/v2\n    api_key: {id}\n    api_secret: {secret}\n"},
	{"data/vault.json", "korbit", `{"request_id": "{g1}", "data": {"data": {"korbit_api_key": "{id}", "korbit_api_secret": "{secret}"}, "metadata": {"version": 3}}}`},
	{"data/env.yml", "zaif", "env_variables:\n  ZAIF_KEY: '{id}'\n  ZAIF_SECRET: '{secret}'\n"},
	{"data/utf16.env", "whitebit", "form:utf16\nWHITEBIT_PUBLIC_KEY={id}\nWHITEBIT_SECRET_KEY={secret}\n"},
}

var secondClean = []sample{
	{"Cargo.toml", "", "[package]\nname = \"kraken-bot\"\n[dependencies]\nkey = { git = \"https://github.com/x/key\", rev = \"{h40}\" }\nsecret = { version = \"1\", checksum = \"{h64}\" }\n"},
	{"integrity.html", "", "<script src=\"https://cdn.example/binance-key.js\" integrity=\"sha512-{b86}==\"></script>\n"},
	{"spotify.env", "", "# plays a sound on binance fills\nSPOTIFY_CLIENT_ID={h32}\nSPOTIFY_CLIENT_SECRET={h32}\n"},
	{"discord.js", "", "const { Client } = require('discord.js');\nconst DISCORD_PUBLIC_KEY = '{h64}';\nconst DISCORD_TOKEN = '{a24}.{a6}.{u38}';\n// bybit alerts\n"},
	{"github.yml", "", "name: deploy\non: push\njobs:\n  x:\n    steps:\n      - uses: actions/checkout@{h40}\n      - run: echo binance\n        env:\n          API_KEY: ${{ secrets.API_KEY }}\n          API_SECRET: ${{ secrets.API_SECRET }}\n"},
	{"test_sign.py", "", "def test_sign():\n    assert sign(b'secret', 'symbol=BTCUSDT') == '{h64}'\n    assert key_id('binance') == '{h32}'\n"},
	{"orders.json", "", `{"exchange": "bybit", "result": {"orderId": "{g1}", "orderLinkId": "{a32}", "apiKeyVersion": 2, "execId": "{g1}"}}`},
	{"swagger.json", "", `{"securityDefinitions": {"apiKey": {"type": "apiKey", "name": "X-MBX-APIKEY", "in": "header"}}, "example": {"signature": "{h64}", "secretHash": "{h64}"}}`},
	{"pg.ini", "", "[database]\nhost = kraken-db.internal\nuser = bot\npassword = {a24}\nssl_key = /etc/ssl/private/bot.key\nencryption_key = {h64}\n"},
	{"jwt.env", "", "JWT_SECRET={h64}\nJWT_KEY={a32}\nAPP_KEY=base64:{b43}=\n"},
	{"mailgun.toml", "", "[mailgun]\napi_key = \"key-{h32}\"\nsecret = \"{h32}\"\n"},
	{"twilio.py", "", "account_sid = 'AC{h32}'\napi_key = 'SK{h32}'\napi_secret = '{a32}'\n# sends an SMS when kraken fills\n"},
	{"azure.json", "", `{"tenant": "{g1}", "clientId": "{g1}", "clientSecret": "{a34}", "subscriptionId": "{g1}"}`},
	{"placeholders.py", "", "ex = ccxt.bitget({\n    'apiKey': 'YOUR_API_KEY',\n    'secret': 'YOUR_API_SECRET',\n    'password': 'YOUR_PASSPHRASE',\n})\n"},
	{"placeholders.md", "", "```bash\nexport GATE_API_KEY=<your-gate-api-key>\nexport GATE_API_SECRET=<your-gate-api-secret>\nexport KUCOIN_KEY=0123456789abcdef01234567\nexport KUCOIN_SECRET=00000000-0000-0000-0000-000000000000\n```\n"},
	{"settings.py", "", "import os\nBINANCE_API_KEY = os.environ.get('BINANCE_API_KEY', '')\nBINANCE_API_SECRET = os.environ.get('BINANCE_API_SECRET', '')\nSECRET_KEY = os.environ['DJANGO_SECRET_KEY']\n"},
	{"model.ts", "", "export interface ExchangeKey { exchange: 'binance' | 'kraken'; apiKey: string; apiSecret: string; createdAt: Date }\nexport const toRow = (k: ExchangeKey) => [k.exchange, k.apiKey, k.apiSecret, uuidv4FromRandomBytes16()];\n"},
	{"migration.sql", "", "ALTER TABLE exchange_keys ADD COLUMN api_secret_encrypted bytea;\nINSERT INTO migrations (id, checksum, name) VALUES ('{g1}', '{h64}', 'add_api_secret_for_binance');\n"},
	{"contract.js", "", "const USDT = '0x{h40}';\nconst bytecode = '0x{h200}';\nconst keyHash = '0x{h64}'; // chainlink, binance smart chain\n"},
	{"firebase.json", "", `{"apiKey": "AIza{a35}", "authDomain": "gate-bot.firebaseapp.com", "appId": "1:{d12}:web:{h22}", "messagingSenderId": "{d12}"}`},
	{"wp-config.php", "", "<?php\ndefine('AUTH_KEY', '{a64}');\ndefine('SECURE_AUTH_KEY', '{a64}');\ndefine('NONCE_SALT', '{a64}');\n"},
	{"coverage.xml", "", "<coverage><file name=\"src/kraken/key.py\" hash=\"{h40}\"><line secret=\"0\" num=\"1\"/></file></coverage>\n"},
	{"vapid.env", "", "VAPID_PUBLIC_KEY={u87}\nVAPID_PRIVATE_KEY={u43}\n"},
	{"wireguard.conf", "", "[Interface]\nPrivateKey = {b43}=\n[Peer]\nPublicKey = {b43}=\nPresharedKey = {b43}=\nEndpoint = okx-proxy.internal:51820\n"},
	{"article.md", "", "Kraken says that an API key has 56 characters and a private key 88. Never share your secret. See https://support.kraken.com/hc/articles/{d12}-api-key-{h32}.\n"},
}
