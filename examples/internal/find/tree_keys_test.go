package find

// keyFiles are files with keys, each in another shape.
var keyFiles = []sample{
	// Bots' own files.
	{"bots/freqtrade/user_data/config.json", "binance", `{
  // main account
  "max_open_trades": 3, "dry_run": false,
  "exchange": {"name": "binance", "key": "{id}", "secret": "{secret}", "ccxt_config": {}, "pair_whitelist": ["BTC/USDT"],},
  "telegram": {"enabled": true, "token": "{d10}:{a35}", "chat_id": "{d9}"}
}`},
	{"bots/passivbot/api-keys.json", "bybit,gate", `{"referrals": {"bybit": "abc"}, "main_01": {"exchange": "bybit", "key": "{id}", "secret": "{secret}"},
 "gate_01": {"exchange": "gateio", "key": "{id2}", "secret": "{secret2}"}}`},
	{"bots/ccxt/keys.json", "kraken,kucoin", `{"kraken": {"apiKey": "{id}", "secret": "{secret}"}, "kucoin": {"apiKey": "{id2}", "secret": "{secret2}", "password": "{pass2}"}}`},
	{"bots/jesse/api-keys.csv", "binance,bybit", `Name,Exchange,API Key,API Secret,api_passphrase,wallet_address,stark_private_key
main,Binance Spot,{id},{secret},,,
second,Bybit USDT Perpetual,{id2},{secret2},,,
`},
	{"bots/vnpy/.vntrader/connect_okx.json", "okx", `{"API Key": "{id}", "Secret Key": "{secret}", "Passphrase": "{pass}", "Server": "REAL", "Proxy Host": "", "Proxy Port": 0}`},
	{"bots/lean/config.json", "bitfinex", `{ // Lean
  "environment": "live", "bitfinex-api-key": "{id}", "bitfinex-api-secret": "{secret}", "job-user-id": "0"}`},
	{"bots/gct/config.json", "bitstamp", `{"name": "Skynet", "encryptConfig": 0, "exchanges": [{"name": "Bitstamp", "enabled": true, "api": {"authenticatedSupport": true,
 "credentials": {"key": "{id}", "secret": "{secret}", "clientID": "{d6}"}}}]}`},
	{"bots/octobot/user/config.json", "mexc", `{"exchanges": {"mexc": {"api-key": "{id}", "api-secret": "{secret}", "enabled": true}}}`},
	{"bots/superalgos/workspace.json", "binance", `{"type": "Crypto Exchange", "name": "Binance", "children": [{"type": "Exchange Account Key", "config": "{\"codeName\": \"{id}\", \"secret\": \"{secret}\"}"}]}`},
	{"bots/bbgo/bbgo.yaml", "okx", `---
sessions:
  okex-main:
    exchange: okex
    key: {id}
    secret: {secret}
    passphrase: {pass}
`},

	// .env and what is like it.
	{"env/.env", "okx,bybit", `# exchanges
OKX_API_KEY={id}
OKX_API_SECRET={secret}
OKX_PASSPHRASE={pass}
BYBIT_API_KEY="{id2}"
BYBIT_API_SECRET="{secret2}"
DATABASE_URL=postgres://bot:hunter2@localhost/bot
`},
	{"env/.env.production", "gate", "export GATEIO_KEY='{id}'\nexport GATEIO_SECRET='{secret}'\nSENTRY_DSN=https://{h32}@o1.ingest.sentry.io/1\n"},
	{"env/.env.example", "kraken", "# copy me\nKRAKEN_API_KEY={id}\nKRAKEN_PRIVATE_KEY={secret}\nTELEGRAM_TOKEN=your_token_here\n"},
	{"env/lists.env", "bybit,bybit", "BYBIT_KEY_MAIN={id}\nBYBIT_KEY_SUB={id2}\nBYBIT_SECRET_MAIN={secret}\nBYBIT_SECRET_SUB={secret2}\n"},
	{"env/.envrc", "deribit", "export DERIBIT_CLIENT_ID={id} DERIBIT_CLIENT_SECRET={secret}\n"},
	{"env/commented.env", "htx", "# HUOBI_ACCESS_KEY={id}\n# HUOBI_SECRET_KEY={secret}\nHUOBI_ACCESS_KEY=\n"},
	{"env/windows.env", "whitebit", "form:crlf\nWHITEBIT_API_KEY={id}\nWHITEBIT_API_SECRET={secret}\n"},
	{"env/powershell.ps1", "bitget", "form:utf16\n$env:BITGET_API_KEY = \"{id}\"\n$env:BITGET_SECRET_KEY = \"{secret}\"\n$env:BITGET_PASSPHRASE = \"{pass}\"\n"},
	{"env/set.bat", "coinex", "@echo off\r\nset COINEX_ACCESS_ID={id}\r\nset COINEX_SECRET_KEY={secret}\r\nsetx OTHER thing\r\n"},
	{"home/.bashrc", "bitmex", "# prompt\nPS1='\\u@\\h '\nalias ll='ls -l'\nexport BITMEX_API_KEY={id}\nexport BITMEX_API_SECRET={secret}\n"},
	{"home/.config/fish/config.fish", "phemex", "set -gx PHEMEX_API_KEY {id}\nset -gx PHEMEX_API_SECRET {secret}\n"},
	{"home/.bash_history", "binance", "ls\ncd bot\nBINANCE_KEY={id} BINANCE_SECRET={secret} python bot.py --live\ngit pull\n"},
	{"home/.zsh_history", "alpaca", ": 1700000000:0;curl -H \"APCA-API-KEY-ID: {id}\" -H \"APCA-API-SECRET-KEY: {secret}\" https://api.alpaca.markets/v2/account\n"},
	{"etc/default/bot", "upbit", "UPBIT_ACCESS_KEY={id}\nUPBIT_SECRET_KEY={secret}\n"},

	// Deployment.
	{"deploy/docker-compose.yml", "bitmart,woox", `services:
  maker:
    image: firm/maker:1.2
    environment:
      - BITMART_API_KEY={id}
      - BITMART_SECRET={secret}
      - BITMART_MEMO={pass}
  taker:
    environment:
      WOO_API_KEY: {id2}
      WOO_API_SECRET: {secret2}
`},
	{"deploy/secret.yaml", "kucoin", `apiVersion: v1
data:
  api-key: {b64:id}
  api-secret: {b64n:secret}
  passphrase: {b64:pass}
kind: Secret
metadata:
  name: kucoin-credentials
type: Opaque
`},
	{"deploy/stringdata.yaml", "bitvavo", `apiVersion: v1
kind: Secret
metadata: {name: bot}
stringData:
  BITVAVO_APIKEY: "{id}"
  BITVAVO_APISECRET: "{secret}"
`},
	{"deploy/pod.yaml", "ascendex", `apiVersion: v1
kind: Pod
spec:
  containers:
    - name: bot
      env:
        - name: ASCENDEX_API_KEY
          value: "{id}"
        - name: ASCENDEX_API_SECRET
          value: "{secret}"
        - name: LOG
          value: debug
`},
	{"deploy/bot.service", "bithumb", "[Unit]\nDescription=bot\n[Service]\nEnvironment=\"BITHUMB_API_KEY={id}\" \"BITHUMB_SECRET_KEY={secret}\"\nExecStart=/opt/bot\n"},
	{"deploy/terraform.tfvars", "cryptocom", "region = \"eu-1\"\ncrypto_com_api_key    = \"{id}\"\ncrypto_com_api_secret = \"{secret}\"\n"},
	{"deploy/variables.tf", "bitstamp", "variable \"bitstamp_api_key\" {\n  type = string\n  default = \"{id}\"\n}\nvariable \"bitstamp_api_secret\" {\n  type    = string\n  default = \"{secret}\"\n}\n"},
	{"deploy/Dockerfile", "korbit", "FROM python:3.12\nENV KORBIT_API_KEY {id}\nENV KORBIT_API_SECRET={secret}\nCMD [\"python\", \"bot.py\"]\n"},
	{"deploy/run.sh", "bingx", "#!/bin/sh\ndocker run -d --restart always \\\n  -e BINGX_API_KEY={id} \\\n  -e BINGX_SECRET={secret} \\\n  firm/bot\n"},
	{"deploy/values.yaml", "blofin", "image: bot\nsecrets:\n  blofin:\n    apiKey: {id}\n    apiSecret: {secret}\n    passphrase: {pass}\n"},
	{"deploy/supervisor.conf", "toobit", "[program:bot]\ncommand=/opt/bot\nenvironment=TOOBIT_API_KEY=\"{id}\",TOOBIT_API_SECRET=\"{secret}\",TZ=\"UTC\"\n"},
	{"deploy/ansible.yml", "bitrue", "- hosts: bots\n  vars:\n    exchange: bitrue\n    api_key: \"{id}\"\n    api_secret: \"{secret}\"\n"},

	// Configuration.
	{"conf/settings.json5", "okx", "{\n  // venues\n  okx: {apiKey: '{id}', secretKey: '{secret}', passphrase: '{pass}',},\n}\n"},
	{"conf/app.toml", "krakenfutures,kraken", "[exchanges.kraken_futures]\napi_key = \"{id}\"\napi_secret = \"{secret}\"\n\n[exchanges.kraken]\napi_key = '{id2}'\napi_secret = '{secret2}'\n"},
	{"conf/list.toml", "gemini,xt", "[[account]]\nexchange = \"gemini\"\nkey = \"{id}\"\nsecret = \"{secret}\"\n\n[[account]]\nexchange = \"xt\"\nkey = \"{id2}\"\nsecret = \"{secret2}\"\n"},
	{"conf/bot.ini", "yobit", "[general]\nlog = info\n\n[YoBit]\nkey = {id}\nsecret = {secret}\n"},
	{"conf/list.yml", "mexc,lbank,bybit", `accounts:
  - exchange: mexc
    api_key: {id}
    api_secret: {secret}
  - exchange: lbank
    api_key: {id2}
    api_secret: {secret2}
  - label: eu
    exchange: bybit
    credentials:
      key: {id3}
      secret: {secret3}
`},
	{"conf/Web.config", "binance", "<?xml version=\"1.0\"?>\n<configuration>\n  <appSettings>\n    <add key=\"BinanceApiKey\" value=\"{id}\" />\n    <add key=\"BinanceApiSecret\" value=\"{secret}\" />\n    <add key=\"Culture\" value=\"en\" />\n  </appSettings>\n</configuration>\n"},
	{"conf/exchange.xml", "zaif", "<exchanges>\n  <zaif>\n    <apiKey>{id}</apiKey>\n    <secret>{secret}</secret>\n  </zaif>\n</exchanges>\n"},
	{"conf/application.properties", "bitflyer", "server.port=8080\nbitflyer.api.key={id}\nbitflyer.api.secret={secret}\n"},
	{"conf/appsettings.json", "coinbaseexchange", `{"Logging": {"LogLevel": {"Default": "Information"}}, "CoinbasePro": {"ApiKey": "{id}", "ApiSecret": "{secret}", "Passphrase": "{pass}"}}`},
	{"conf/flat.json", "?whitebit", `{"api_key": "{id}", "api_secret": "{secret}", "interval": 5}`},
	{"conf/cdp_api_key.json", "coinbase", `{"name": "{id}", "privateKey": "{esc:secret}"}`},
	{"conf/pairs.json", "gate", `[{"key": "gate_api_key", "value": "{id}"}, {"key": "gate_api_secret", "value": "{secret}"}]`},

	// Source code.
	{"src/bot.py", "okx", "import okx.Account as Account\n\nAPI_KEY = \"{id}\"\nSECRET_KEY = \"{secret}\"\nPASSPHRASE = \"{pass}\"\n\napi = Account.AccountAPI(API_KEY, SECRET_KEY, PASSPHRASE, False, '0')\n"},
	{"src/ccxt_bot.py", "kucoin", "import ccxt\n\nexchange = ccxt.kucoin({\n    'apiKey': '{id}',\n    'secret': '{secret}',\n    'password': '{pass}',\n    'enableRateLimit': True,\n})\n"},
	{"src/client.py", "binance", "from binance.client import Client\nclient = Client(\"{id}\", \"{secret}\", tld='com')\n"},
	{"src/pybit_bot.py", "bybit", "from pybit.unified_trading import HTTP\nsession = HTTP(testnet=False, api_key=\"{id}\", api_secret=\"{secret}\")\n"},
	{"src/getenv.py", "phemex", "import os\nKEY = os.getenv('PHEMEX_API_KEY', '{id}')\nSECRET = os.environ.get('PHEMEX_API_SECRET', '{secret}')\n"},
	{"src/split.py", "upbit", "UPBIT_ACCESS_KEY = (\"{a:id}\"\n                    \"{z:id}\")\nUPBIT_SECRET_KEY = (\"{a:secret}\"\n                    \"{z:secret}\")\n"},
	{"src/bot.ts", "kraken", "import ccxt from 'ccxt';\nconst exchange: Exchange = new ccxt.kraken({ apiKey: '{id}', secret: '{secret}' });\n"},
	{"src/config.js", "bitget", "module.exports = {\n  bitget: {\n    apiKey: process.env.BITGET_KEY || '{id}',\n    apiSecret: process.env.BITGET_SECRET || '{secret}',\n    apiPass: process.env.BITGET_PASS || '{pass}',\n  },\n};\n"},
	{"src/template.js", "bitmex", "const BITMEX_KEY = {bt}{id}{bt};\nconst BITMEX_SECRET = {bt}{secret}{bt};\n"},
	{"src/main.go", "gate", "package main\n\nimport gateapi \"github.com/gateio/gateapi-go/v6\"\n\nfunc main() {\n\tctx := context.WithValue(context.Background(), gateapi.ContextGateAPIV4, gateapi.GateAPIV4{\n\t\tKey:    \"{id}\",\n\t\tSecret: \"{secret}\",\n\t})\n}\n"},
	{"src/const.go", "htx", "package main\n\nconst (\n\thuobiAccessKey string = \"{id}\"\n\thuobiSecretKey string = \"{secret}\"\n)\n"},
	{"src/Bot.java", "bitstamp", "public class Bot {\n  public static void main(String[] a) {\n    ExchangeSpecification spec = new BitstampExchange().getDefaultExchangeSpecification();\n    spec.setUserName(\"{d6}\");\n    spec.setApiKey(\"{id}\");\n    spec.setSecretKey(\"{secret}\");\n  }\n}\n"},
	{"src/Keys.java", "coinex", "class Keys {\n  private static final String COINEX_ACCESS_ID = \"{id}\";\n  private static final String COINEX_SECRET_KEY = \"{secret}\";\n}\n"},
	{"src/Bot.cs", "binance", "using Binance.Net.Clients;\nvar client = new BinanceRestClient(o => { o.ApiCredentials = new ApiCredentials(\"{id}\", \"{secret}\"); });\n"},
	{"src/main.rs", "deribit", "const DERIBIT_CLIENT_ID: &str = \"{id}\";\nconst DERIBIT_CLIENT_SECRET: &str = \"{secret}\";\nfn main() {}\n"},
	{"src/config.php", "?poloniex", "<?php\ndefine('POLONIEX_KEY', '{id}');\ndefine('POLONIEX_SECRET', '{secret}');\n"},
	{"src/bot.php", "bitvavo", "<?php\n$bitvavo = new Bitvavo([\n  \"APIKEY\" => \"{id}\",\n  \"APISECRET\" => \"{secret}\",\n]);\n"},
	{"src/bot.rb", "kraken", "client = Kraken::Client.new(api_key: '{id}', api_secret: '{secret}')\n"},
	{"src/analysis.R", "binance", "library(binancer)\nbinance_key <- \"{id}\"\nbinance_secret <- \"{secret}\"\n"},
	{"src/keys.h", "bybit", "#pragma once\n#define BYBIT_API_KEY \"{id}\"\n#define BYBIT_API_SECRET \"{secret}\"\n"},
	{"src/feed.cpp", "okx", "#include <string>\nstatic const std::string okx_api_key = \"{id}\";\nstatic const std::string okx_secret_key{\"{secret}\"};\n"},
	{"src/build.gradle", "woox", "android { defaultConfig {\n  buildConfigField(\"String\", \"WOOX_API_KEY\", \"\\\"{id}\\\"\")\n  buildConfigField(\"String\", \"WOOX_API_SECRET\", \"\\\"{secret}\\\"\")\n} }\n"},
	{"src/Keys.swift", "gemini", "struct Keys {\n    static let geminiApiKey = \"{id}\"\n    static let geminiApiSecret: String = \"{secret}\"\n}\n"},
	{"src/own.py", "binance", "BINANCE_API_KEY = '{id}'\nBINANCE_PRIVATE_KEY = \"\"\"{own}\"\"\"\n"},
	{"src/notebook.ipynb", "bitfinex", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n   \"import bfxapi\\n\",\n   \"bfx_key = \\\"{id}\\\"\\n\",\n   \"bfx_secret = \\\"{secret}\\\"\\n\"\n ]}], \"nbformat\": 4}\n"},
	{"src/test_client.py", "coinspot", "class TestClient:\n    coinspot_key = \"{id}\"  # real one, remove later\n    coinspot_secret = \"{secret}\"\n"},

	// Data, notes and logs.
	{"data/dump.sql", "binance,kraken", "INSERT INTO exchange_keys (id, exchange, api_key, api_secret, created) VALUES\n(1, 'binance', '{id}', '{secret}', '2024-01-02'),\n(2, 'kraken', '{id2}', '{secret2}', '2024-01-03');\n"},
	{"data/bot.log", "mexc", "2026-01-02 10:00:00 INFO starting\n2026-01-02 10:00:01 DEBUG exchange=mexc apiKey={id} secret={secret} symbol=BTCUSDT\n"},
	{"data/request.log", "lbank", "2026-01-02 GET https://api.lbkex.com/v2/user.do?api_key={id}&secret_key={secret}&t=1\n"},
	{"data/keys.csv", "okx,bybit", "venue,label,key,secret,passphrase\nokx,main,{id},{secret},{pass}\nbybit,sub,{id2},{secret2},\n"},
	{"docs/notes.md", "kucoin", "# Accounts\n\n| exchange | api key | secret | passphrase |\n|---|---|---|---|\n| KuCoin | {id} | {secret} | {pass} |\n"},
	{"docs/todo.txt", "bybit", "Bybit subaccount for the grid bot\nAPI Key: {id}\nAPI Secret: {secret}\nask Maria about the allowlist\n"},
	{"docs/chat.json", "binance", `{"messages": [{"from": "maria", "text": "new binance keys\nAPI Key: {id}\nSecret Key: {secret}\n"}]}`},
	{"docs/prose.txt", "bitget", "For bitget use key {id} and secret {secret} until friday.\n"},
	{"docs/wiki.html", "bitmart", "<table><tr><td>bitmart_api_key</td><td>{id}</td></tr>\n<tr><td>bitmart_api_secret</td><td>{secret}</td></tr></table>\n"},

	// Keys in files of their own.
	{"pem/binance.env", "binance", "BINANCE_API_KEY={id}\nBINANCE_PRIVATE_KEY_PATH=./binance_ed25519.pem\n=== pem/binance_ed25519.pem\n{own}"},
	{"pem/inline.yaml", "coinbase", "coinbase:\n  name: {id}\n  private_key: |\n      {in:secret}\n"},
	{"enc/config.env", "gate", "form:b64\nGATE_API_KEY={id}\nGATE_API_SECRET={secret}\n"},
}
