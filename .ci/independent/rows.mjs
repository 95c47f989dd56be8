// What ccxt is asked to call. A row is
//
//   exchange  the fake's name
//   id        ccxt's name of it
//   calls     ccxt's methods, each with a member that its answer must have; or
//             "path api method" where ccxt has no such method: it signs any path
//   key       a key that differs from the exchange's usual ones, as serve.go names it
//   mode      ccxt's switch for a test environment, which has hosts of its own
//   params    the parameters of the call, given the key and ccxt's client
//   unsigned  no request is signed, so that another key's secret changes nothing
//   secret    converts the exchange's secret to what ccxt expects
//   config    ccxt's own settings
//   differs   why acceptance proves nothing about the adapter: shown, not counted

export const rows = [
  { exchange: 'alpaca', id: 'alpaca', calls: { traderPrivateGetV2Account: 'id' } },
  { exchange: 'alpaca', id: 'alpaca', mode: 'setSandboxMode', calls: { traderPrivateGetV2Account: 'id' } },
  { exchange: 'aster', id: 'aster', params: (key) => ({ user: key.account, signer: key.key }), calls: { fapiPrivateGetV3Agent: '0.agentAddress' } },
  { exchange: 'binance', id: 'binance', calls: { sapiGetAccountApiRestrictions: 'enableReading', privateGetAccount: 'balances' } },
  { exchange: 'binance', id: 'binance', key: 'Ed25519', calls: { sapiGetAccountApiRestrictions: 'enableReading' } },
  { exchange: 'binance', id: 'binance', key: 'RSA', calls: { sapiGetAccountApiRestrictions: 'enableReading' } },
  { exchange: 'binance', id: 'binance', mode: 'setSandboxMode', calls: { privateGetAccount: 'balances' } },
  { exchange: 'binance', id: 'binance', mode: 'enableDemoTrading', calls: { privateGetAccount: 'balances' } },
  { exchange: 'binanceus', id: 'binanceus', calls: { privateGetAccount: 'balances' } },
  { exchange: 'bingx', id: 'bingx', calls: { accountV1PrivateGetAccountApiPermissions: 'permissions', accountV1PrivateGetAccountApiRestrictions: 'enableReading' } },
  { exchange: 'bingx', id: 'bingx', mode: 'setSandboxMode', calls: { accountV1PrivateGetAccountApiPermissions: 'permissions' } },
  { exchange: 'bitbank', id: 'bitbank', calls: { privateGetUserAssets: 'data.assets' } },
  { exchange: 'bitfinex', id: 'bitfinex', calls: { privatePostAuthRPermissions: '0.0' } },
  { exchange: 'bitflyer', id: 'bitflyer', calls: { privateGetGetpermissions: '0' } },
  { exchange: 'bitget', id: 'bitget', calls: { privateUtaGetV3AccountInfo: 'data.permissions' } },
  { exchange: 'bitget', id: 'bitget', key: 'classic', calls: { privateSpotGetV2SpotAccountInfo: 'data.authorities' } },
  { exchange: 'bitget', id: 'bitget', mode: 'setSandboxMode', calls: { privateUtaGetV3AccountInfo: 'data.permissions' } },
  { exchange: 'bithumb', id: 'bithumb', calls: { privateGetV1ApiKeys: '0.access_key' } },
  { exchange: 'bitstamp', id: 'bitstamp', calls: { privatePostAccountBalances: '0.currency' } },
  { exchange: 'bittrade', id: 'bittrade', calls: { v2PrivateGetUserUid: 'data' } },
  { exchange: 'bitvavo', id: 'bitvavo', calls: { privateGetAccount: 'fees' } },
  { exchange: 'blofin', id: 'blofin', calls: { privateGetUserQueryApikey: 'data.apiName' } },
  { exchange: 'blofin', id: 'blofin', mode: 'setSandboxMode', calls: { privateGetUserQueryApikey: 'data.apiName' } },
  { exchange: 'btcmarkets', id: 'btcmarkets', calls: { privateGetAccountsMeBalances: '0.assetName' } },
  { exchange: 'bybit', id: 'bybit', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { exchange: 'bybit', id: 'bybit', key: 'RSA', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { exchange: 'bybit', id: 'bybiteu', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { exchange: 'bybit', id: 'bybitid', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { exchange: 'bybit', id: 'bybit', mode: 'setSandboxMode', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { exchange: 'bybit', id: 'bybit', mode: 'enableDemoTrading', calls: { privateGetV5UserQueryApi: 'result.permissions' } },
  { exchange: 'coinbase', id: 'coinbase', calls: { v3PrivateGetBrokerageKeyPermissions: 'can_view' } },
  { exchange: 'coinbase', id: 'coinbase', key: 'ES256', calls: { v3PrivateGetBrokerageKeyPermissions: 'can_view' } },
  { exchange: 'coinbaseexchange', id: 'coinbaseexchange', params: () => ({ currency: 'BTC' }), calls: { privateGetProfiles: '0.id', privateGetWithdrawalsFeeEstimate: 'fee' } },
  { exchange: 'coinbaseexchange', id: 'coinbaseexchange', mode: 'setSandboxMode', calls: { privateGetProfiles: '0.id' } },
  {
    exchange: 'coinex', id: 'coinex', calls: { v2PrivateGetAccountSubsInfo: 'data.user_type' },
    differs: 'it signs with plain SHA-256; the exchange documents HMAC-SHA256, which the adapter sends. The fake takes both',
  },
  { exchange: 'coinsph', id: 'coinsph', calls: { 'openapi/v1/api-keys private GET': '0.apiKey' } },
  { exchange: 'coinspot', id: 'coinspot', calls: { v2PrivatePostRoStatus: 'status' } },
  { exchange: 'coinspot', id: 'coinspot', key: 'second', calls: { v2PrivatePostStatus: 'status' } }, // its nonces are seconds: one call per key
  { exchange: 'cryptocom', id: 'cryptocom', calls: { v1PrivatePostPrivateGetAccounts: 'result' } },
  { exchange: 'cryptocom', id: 'cryptocom', mode: 'setSandboxMode', calls: { v1PrivatePostPrivateGetAccounts: 'result' } },
  { exchange: 'deribit', id: 'deribit', calls: { privateGetListApiKeys: 'result.0.max_scope' } },
  { exchange: 'deribit', id: 'deribit', mode: 'setSandboxMode', calls: { privateGetListApiKeys: 'result.0.max_scope' } },
  {
    exchange: 'dydx', id: 'dydx', unsigned: true, params: (key) => ({ dydxAddress: key.account }),
    calls: { nodeRestGetCosmosAuthV1beta1AccountInfoDydxAddress: 'info.address' },
  },
  { exchange: 'gate', id: 'gate', calls: { privateAccountGetDetail: 'user_id', privateAccountGetMainKeys: '0' } },
  { exchange: 'gate', id: 'gateeu', calls: { privateAccountGetDetail: 'user_id' } },
  { exchange: 'gate', id: 'gate', mode: 'setSandboxMode', calls: { privateAccountGetDetail: 'user_id' } },
  { exchange: 'gemini', id: 'gemini', key: 'account', calls: { privatePostV1Roles: 'isAuditor' } }, // it refuses master keys before it sends
  { exchange: 'gemini', id: 'gemini', mode: 'setSandboxMode', key: 'account', calls: { privatePostV1Roles: 'isAuditor' } },
  { exchange: 'hashkey', id: 'hashkey', calls: { privateGetApiV1Account: 'balances' } },
  { exchange: 'hashkey', id: 'hashkey', mode: 'setSandboxMode', calls: { privateGetApiV1Account: 'balances' } },
  { exchange: 'hitbtc', id: 'hitbtc', calls: { privateGetSpotBalance: '0.currency' } },
  { exchange: 'hitbtc', id: 'hitbtc', mode: 'setSandboxMode', calls: { privateGetSpotBalance: '0.currency' } },
  { exchange: 'htx', id: 'htx', calls: { v2PrivateGetUserUid: 'data', spotPrivateGetV2UserUid: 'data' } },
  { exchange: 'htx', id: 'htx', params: () => ({ uid: '63628520' }), calls: { v2PrivateGetUserApiKey: 'data.0.permission', spotPrivateGetV2UserApiKey: 'data.0.permission' } },
  {
    exchange: 'hyperliquid', id: 'hyperliquid', unsigned: true, calls: { publicPostInfo: 'role' },
    params: (key, client) => ({ type: 'userRole', user: client.ethGetAddressFromPrivateKey(key.secret) }),
  },
  { exchange: 'indodax', id: 'indodax', params: () => ({ currency: 'btc' }), calls: { privatePostGetInfo: 'return.user_id', privatePostWithdrawFee: 'return.withdraw_fee' } },
  { exchange: 'kraken', id: 'kraken', calls: { privatePostGetApiKeyInfo: 'result.permissions' } },
  {
    exchange: 'krakenfutures', id: 'krakenfutures', config: { urls: { api: { private: 'https://futures.kraken.com/api/' } } }, params: () => ({ version: 'auth/v1' }),
    calls: { 'api-keys/v3/check private GET': 'permissions.general' },
  },
  { exchange: 'kucoin', id: 'kucoin', calls: { privateGetUserApiKey: 'data.permission' } },
  { exchange: 'lbank', id: 'lbank', calls: { spotPrivatePostSupplementApiRestrictions: 'data.createTime' } },
  { exchange: 'lbank', id: 'lbank', key: 'RSA', secret: (pem) => pem.replace(/-----[^-]+-----|\s/g, ''), calls: { spotPrivatePostSupplementApiRestrictions: 'data.createTime' } },
  { exchange: 'mexc', id: 'mexc', params: (key) => ({ accessKey: key.key }), calls: { spotPrivateGetApiKeyInfo: 'permissions' } },
  {
    exchange: 'lighter', id: 'lighter', unsigned: true, calls: { publicGetApikeys: 'api_keys.0.public_key' },
    params: (key) => ({ account_index: key.account, api_key_index: 255 }),
  },
  { exchange: 'nado', id: 'nado', unsigned: true, calls: { gatewayPublicPostQuery: 'data.linked_signer' }, params: (key) => ({ type: 'linked_signer', subaccount: key.account }) },
  {
    exchange: 'nado', id: 'nado', mode: 'setSandboxMode', unsigned: true, calls: { gatewayPublicPostQuery: 'data.linked_signer' },
    params: (key) => ({ type: 'linked_signer', subaccount: key.account }),
  },
  { exchange: 'okx', id: 'okx', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { exchange: 'okx', id: 'myokx', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { exchange: 'okx', id: 'okxus', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { exchange: 'okx', id: 'okx', mode: 'setSandboxMode', key: 'demo', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { exchange: 'okx', id: 'okxus', mode: 'setSandboxMode', key: 'demo', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { exchange: 'okx', id: 'myokx', mode: 'setSandboxMode', key: 'demo', calls: { privateGetAccountConfig: 'data.0.perm' } },
  { exchange: 'orderly', id: 'woofipro', calls: { v1PrivateGetClientKeyInfo: 'data.rows.0.scope' } },
  { exchange: 'orderly', id: 'woofipro', mode: 'setSandboxMode', calls: { v1PrivateGetClientKeyInfo: 'data.rows.0.scope' } },
  { exchange: 'orderly', id: 'modetrade', calls: { v1PrivateGetClientKeyInfo: 'data.rows.0.scope' } },
  {
    exchange: 'pacifica', id: 'pacifica', calls: { privatePostAgentList: 'data.0' },
    params: (key, client) => client.postActionRequest('list_agent_wallets', {}, { agentAddress: key.key }),
  },
  {
    exchange: 'pacifica', id: 'pacifica', mode: 'setSandboxMode', calls: { privatePostAgentIpWhitelistList: 'data' },
    params: (key, client) => client.postActionRequest('list_agent_ip_whitelist', { api_agent_key: key.key }, { agentAddress: key.key }),
  },
  { exchange: 'phemex', id: 'phemex', params: () => ({ currency: 'USDT' }), calls: { privateGetSpotWallets: 'data.0.currency' } },
  { exchange: 'bitrue', id: 'bitrue', calls: { spotV1PrivateGetAccount: 'balances' } },
  { exchange: 'tokocrypto', id: 'tokocrypto', calls: { privateGetOpenV1AccountSpot: 'data' } },
  { exchange: 'toobit', id: 'toobit', calls: { privateGetApiV1AccountCheckApiKey: 'accountType' } },
  { exchange: 'upbit', id: 'upbit', calls: { privateGetApiKeys: '0.access_key', privateGetPocketsApiKeys: '0', privateGetAccounts: '0.currency' } },
  { exchange: 'whitebit', id: 'whitebit', calls: { v4PrivatePostSubAccountApiKeyList: 'data' } },
  { exchange: 'woox', id: 'woo', calls: { v3PrivateGetAccountCredentials: 'data' } },
  { exchange: 'woox', id: 'woo', mode: 'setSandboxMode', calls: { v3PrivateGetAccountCredentials: 'data' } },
  { exchange: 'xt', id: 'xt', calls: { privateUserGetUserAccountApiKey: 'result' } },
  { exchange: 'zaif', id: 'zaif', calls: { privatePostGetInfo2: 'return.rights' } },
];
