// What ccxt is asked to call. A row is
//
//   venue   the fake's name
//   id      ccxt's name of it
//   calls   ccxt's methods, each with a member that its answer must have; or
//           "path api method" where ccxt knows no such endpoint: it signs that
//           as it signs everything
//   key     a key that differs from the venue's usual ones, as serve.go names it
//   mode    ccxt's switch for a test environment, which has hosts of its own
//   params  what the endpoint wants to be told, given the key
//   secret  makes what ccxt wants as secret out of what the venue gave
//   config  ccxt's own settings
//   differs why ccxt's word proves nothing about the adapter although the fake
//           takes it: shown, and not counted

export const rows = [
  { venue: 'alpaca', id: 'alpaca', calls: { traderPrivateGetV2Account: 'id' } },
  { venue: 'alpaca', id: 'alpaca', mode: 'setSandboxMode', calls: { traderPrivateGetV2Account: 'id' } },
  { venue: 'binance', id: 'binance', calls: { sapiGetAccountApiRestrictions: 'enableReading', privateGetAccount: 'balances' } },
  { venue: 'binance', id: 'binance', key: 'Ed25519', calls: { sapiGetAccountApiRestrictions: 'enableReading' } },
  { venue: 'binance', id: 'binance', key: 'RSA', calls: { sapiGetAccountApiRestrictions: 'enableReading' } },
  { venue: 'binance', id: 'binance', mode: 'setSandboxMode', calls: { privateGetAccount: 'balances' } },
  { venue: 'binance', id: 'binance', mode: 'enableDemoTrading', calls: { privateGetAccount: 'balances' } },
  { venue: 'binanceus', id: 'binanceus', calls: { privateGetAccount: 'balances' } },
  { venue: 'bingx', id: 'bingx', calls: { accountV1PrivateGetAccountApiPermissions: 'permissions', accountV1PrivateGetAccountApiRestrictions: 'enableReading' } },
  { venue: 'bingx', id: 'bingx', mode: 'setSandboxMode', calls: { accountV1PrivateGetAccountApiPermissions: 'permissions' } },
  { venue: 'bitfinex', id: 'bitfinex', calls: { privatePostAuthRPermissions: '0.0' } },
  { venue: 'bitflyer', id: 'bitflyer', calls: { privateGetGetpermissions: '0' } },
  { venue: 'bitget', id: 'bitget', calls: { privateUtaGetV3AccountInfo: 'data.permissions' } },
  { venue: 'bitget', id: 'bitget', key: 'classic', calls: { privateSpotGetV2SpotAccountInfo: 'data.authorities' } },
  { venue: 'bitget', id: 'bitget', mode: 'setSandboxMode', calls: { privateUtaGetV3AccountInfo: 'data.permissions' } },
  { venue: 'bithumb', id: 'bithumb', calls: { privateGetV1ApiKeys: '0.access_key' } },
  { venue: 'bitstamp', id: 'bitstamp', calls: { privatePostAccountBalances: '0.currency' } },
  { venue: 'bittrade', id: 'bittrade', calls: { v2PrivateGetUserUid: 'data' } },
  { venue: 'bitvavo', id: 'bitvavo', calls: { privateGetAccount: 'fees' } },
  { venue: 'blofin', id: 'blofin', calls: { privateGetUserQueryApikey: 'data.apiName' } },
  { venue: 'blofin', id: 'blofin', mode: 'setSandboxMode', calls: { privateGetUserQueryApikey: 'data.apiName' } },
  { venue: 'bybit', id: 'bybit', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { venue: 'bybit', id: 'bybit', key: 'RSA', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { venue: 'bybit', id: 'bybiteu', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { venue: 'bybit', id: 'bybitid', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { venue: 'bybit', id: 'bybit', mode: 'setSandboxMode', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { venue: 'bybit', id: 'bybit', mode: 'enableDemoTrading', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { venue: 'coinbase', id: 'coinbase', calls: { v3PrivateGetBrokerageKeyPermissions: 'can_view' } },
  { venue: 'coinbase', id: 'coinbase', key: 'ES256', calls: { v3PrivateGetBrokerageKeyPermissions: 'can_view' } },
  { venue: 'coinbaseexchange', id: 'coinbaseexchange', calls: { privateGetProfiles: '0.id' } },
  { venue: 'coinbaseexchange', id: 'coinbaseexchange', mode: 'setSandboxMode', calls: { privateGetProfiles: '0.id' } },
  {
    venue: 'coinex', id: 'coinex', calls: { v2PrivateGetAccountSubsInfo: 'data.user_type' },
    differs: 'it signs with plain SHA-256; the venue documents HMAC-SHA256, which the adapter sends. The fake takes both',
  },
  { venue: 'coinsph', id: 'coinsph', calls: { 'openapi/v1/api-keys private GET': '0.apiKey' } },
  { venue: 'coinspot', id: 'coinspot', calls: { v2PrivatePostRoStatus: 'status' } },
  { venue: 'coinspot', id: 'coinspot', key: 'second', calls: { v2PrivatePostStatus: 'status' } }, // its nonces are seconds: one call a key
  { venue: 'cryptocom', id: 'cryptocom', calls: { v1PrivatePostPrivateGetAccounts: 'result' } },
  { venue: 'cryptocom', id: 'cryptocom', mode: 'setSandboxMode', calls: { v1PrivatePostPrivateGetAccounts: 'result' } },
  { venue: 'deribit', id: 'deribit', calls: { privateGetListApiKeys: 'result.0.max_scope' } },
  { venue: 'deribit', id: 'deribit', mode: 'setSandboxMode', calls: { privateGetListApiKeys: 'result.0.max_scope' } },
  { venue: 'gate', id: 'gate', calls: { privateAccountGetDetail: 'user_id', privateAccountGetMainKeys: '0' } },
  { venue: 'gate', id: 'gateeu', calls: { privateAccountGetDetail: 'user_id' } },
  { venue: 'gate', id: 'gate', mode: 'setSandboxMode', calls: { privateAccountGetDetail: 'user_id' } },
  { venue: 'gemini', id: 'gemini', key: 'account', calls: { privatePostV1Roles: 'isAuditor' } }, // it refuses master keys before it sends
  { venue: 'gemini', id: 'gemini', mode: 'setSandboxMode', key: 'account', calls: { privatePostV1Roles: 'isAuditor' } },
  { venue: 'htx', id: 'htx', calls: { v2PrivateGetUserUid: 'data', spotPrivateGetV2UserUid: 'data' } },
  { venue: 'htx', id: 'htx', params: () => ({ uid: '63628520' }), calls: { v2PrivateGetUserApiKey: 'data.0.permission', spotPrivateGetV2UserApiKey: 'data.0.permission' } },
  { venue: 'kraken', id: 'kraken', calls: { privatePostGetApiKeyInfo: 'result.permissions' } },
  {
    venue: 'krakenfutures', id: 'krakenfutures', config: { urls: { api: { private: 'https://futures.kraken.com/api/' } } }, params: () => ({ version: 'auth/v1' }),
    calls: { 'api-keys/v3/check private GET': 'permissions.general' },
  },
  { venue: 'kucoin', id: 'kucoin', calls: { privateGetUserApiKey: 'data.permission' } },
  { venue: 'lbank', id: 'lbank', calls: { spotPrivatePostSupplementApiRestrictions: 'data.createTime' } },
  { venue: 'lbank', id: 'lbank', key: 'RSA', secret: (pem) => pem.replace(/-----[^-]+-----|\s/g, ''), calls: { spotPrivatePostSupplementApiRestrictions: 'data.createTime' } },
  { venue: 'mexc', id: 'mexc', params: (key) => ({ accessKey: key.key }), calls: { spotPrivateGetApiKeyInfo: 'permissions' } },
  { venue: 'okx', id: 'okx', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { venue: 'okx', id: 'myokx', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { venue: 'okx', id: 'okxus', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { venue: 'okx', id: 'okx', mode: 'setSandboxMode', key: 'demo', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { venue: 'okx', id: 'okxus', mode: 'setSandboxMode', key: 'demo', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { venue: 'okx', id: 'myokx', mode: 'setSandboxMode', key: 'demo', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { venue: 'phemex', id: 'phemex', params: () => ({ currency: 'USDT' }), calls: { privateGetSpotWallets: 'data.0.currency' } },
  { venue: 'bitrue', id: 'bitrue', calls: { spotV1PrivateGetAccount: 'balances' } },
  { venue: 'tokocrypto', id: 'tokocrypto', calls: { privateGetOpenV1AccountSpot: 'data' } },
  { venue: 'toobit', id: 'toobit', calls: { privateGetApiV1AccountCheckApiKey: 'accountType' } },
  { venue: 'upbit', id: 'upbit', calls: { privateGetApiKeys: '0.access_key', privateGetPocketsApiKeys: '0', privateGetAccounts: '0.currency' } },
  { venue: 'whitebit', id: 'whitebit', calls: { v4PrivatePostSubAccountApiKeyList: 'data' } },
  { venue: 'woox', id: 'woo', calls: { v3PrivateGetAccountCredentials: 'data' } },
  { venue: 'woox', id: 'woo', mode: 'setSandboxMode', calls: { v3PrivateGetAccountCredentials: 'data' } },
  { venue: 'xt', id: 'xt', calls: { privateUserGetUserAccountApiKey: 'result' } },
  { venue: 'zaif', id: 'zaif', calls: { privatePostGetInfo2: 'return.rights' } },
];
