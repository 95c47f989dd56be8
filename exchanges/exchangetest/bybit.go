package exchangetest

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bybit is a fake of Bybit's V5 API. Option "readOnly": "1" makes a key
// read-only, whatever its permissions; "type": "2" connects it to a third-party
// app.
func Bybit() *Fake {
	return New(Definition{
		Name: "bybit",
		Hosts: []string{
			"api.bybit.com", "api.bytick.com", "api-testnet.bybit.com", "api-demo.bybit.com", "api.bybit.nl", "api.bybit.tr",
			"api.bybit.kz", "api.bybitgeorgia.ge", "api.bybit.ae", "api.bybit.eu", "api.bybit.id", "api.manepa.jp", "api-testnet.manepa.jp",
		},
		Kinds:    []access.KeyKind{access.SharedSecret, access.RSAKey},
		Base:     []access.Capability{access.Read},
		Rights:   bybitRights,
		Implied:  bybitImplied,
		MayGrant: map[string][]access.Capability{"Derivatives.DerivativesTrade": {access.TradeOptions}},
		Reports:  Reports{Allowlist: true, Entries: true, Created: true, Expires: true, Account: true, Label: true},
		Failures: bybitFailures,
		Vectors:  bybitVectors,
		Unsigned: []string{"path"}, // the signed text has the query and no path
		Shape:    bybitShape,
		Identify: func(c *Call) string { return c.Header.Get("X-BAPI-API-KEY") },
		Verify:   bybitVerify,
		Public: map[string]func(*Call) Reply{
			"GET /v5/market/time": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"retCode":0,"retMsg":"OK","result":{"timeSecond":"` + strconv.FormatInt(c.Now.Unix(), 10) +
					`","timeNano":"` + strconv.FormatInt(c.Now.UnixNano(), 10) + `"},"retExtInfo":{},"time":{ms}}`})
			},
		},
		Routes: map[string]func(*Call) Reply{"GET /v5/user/query-api": bybitQueryAPI},
	})
}

var bybitFailures = []Failure{
	{Name: FailUnknownKey, Reply: Reply{Status: 200, Body: bybitError(10003, "API key is invalid.")}, Kind: access.KindBadKey},
	{Name: "unknown key, empty", Reply: Reply{Status: 401}, Kind: access.KindBadKey},
	{Name: FailBadSignature, Reply: Reply{Status: 200, Body: bybitError(10004, "error sign!")}, Kind: access.KindBadSignature},
	{Name: FailHeader, Reply: Reply{Status: 200, Body: bybitError(10001, "empty value: apiTimestamp[] apiKey[] apiSignature[]")}, Kind: access.KindBadSignature},
	{Name: FailIP, Reply: Reply{Status: 200, Body: bybitError(10010, "Unmatched IP, please check your API key's bound IP addresses.")}, Kind: access.KindIPNotAllowed},
	{Name: FailClock, Reply: Reply{Status: 200, Body: bybitError(10002, "request time exceeds the time window")}, Kind: access.KindClockSkew},
	{Name: "request expired", Reply: Reply{Status: 200, Body: bybitError(-1, "request expired")}, Kind: access.KindClockSkew},
	{Name: FailExpired, Reply: Reply{Status: 200, Body: bybitError(33004, "api key expired")}, Kind: access.KindExpired},
	{
		Name: "key expired, other code", Reply: Reply{Status: 200, Body: bybitError(-2015, "Invalid API-key, IP, or permissions for action.")}, Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindExpired, access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden},
	},
	{Name: "forbidden", Reply: Reply{Status: 200, Body: bybitError(10005, "permission denied, check the key's permissions")}, Kind: access.KindForbidden},
	{Name: "for unified accounts only", Reply: Reply{Status: 200, Body: bybitError(10028, "The API can only be accessed by unified account users.")}, Kind: access.KindForbidden},
	{Name: "not for unified accounts", Reply: Reply{Status: 200, Body: bybitError(100028, "The API cannot be accessed by unified account users.")}, Kind: access.KindForbidden},
	{Name: "withdrawal addresses by the site only", Reply: Reply{Status: 200, Body: bybitError(141019, "The IP list can be changed on the website only")}, Kind: access.KindForbidden},
	{Name: "rights by the site only", Reply: Reply{Status: 200, Body: bybitError(141020, "These permissions can be changed on the website only")}, Kind: access.KindForbidden},
	{Name: "rate limited", Reply: Reply{Status: 200, Body: bybitError(10006, "Too many visits!")}, Kind: access.KindRateLimited},
	{Name: "system rate limited", Reply: Reply{Status: 429, Body: "{}"}, Kind: access.KindRateLimited},
	{Name: "IP address rate limited", Reply: Reply{Status: 403, Body: "access too frequent"}, Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
	{
		Name: "authentication failed", Reply: Reply{Status: 200, Body: bybitError(10007, "user authentication failed")}, Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindBadSignature},
	},
	{Name: "banned", Reply: Reply{Status: 200, Body: bybitError(10008, "common ban")}, Kind: access.KindBanned},
	{
		Name: "region", Reply: Reply{Status: 200, Body: bybitError(10009, "IP or region not served")}, Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindGeoBlocked, access.KindBanned},
	},
	{Name: "compliance", Reply: Reply{Status: 200, Body: bybitError(10024, "compliance rules triggered")}, Kind: access.KindGeoBlocked},
	{Name: FailDisabled, Reply: Reply{Status: 200, Body: bybitError(10027, "transactions are banned")}, Kind: access.KindDisabled},
	{Name: "server timeout", Reply: Reply{Status: 200, Body: bybitError(10000, "server timeout")}, Kind: access.KindUnavailable},
	{Name: "server error", Reply: Reply{Status: 200, Body: bybitError(10016, "server error")}, Kind: access.KindUnavailable},
	{Name: "route", Reply: Reply{Status: 200, Body: bybitError(10017, "route not found")}, Kind: access.KindNotUnderstood},
	{Name: "no such path", Reply: Reply{Status: 404}, Kind: access.KindNotUnderstood},
}

// bybitImplied: each Wallet permission is enough to create sub-accounts and API keys,
// and to change the key itself; a key of a sub-account changes itself alone.
var bybitImplied = func() map[string][]Implied {
	out := map[string][]Implied{}
	for _, name := range []string{"Wallet.AccountTransfer", "Wallet.SubMemberTransfer", "Wallet.SubMemberTransferList", "Wallet.Withdraw"} {
		out[name] = []Implied{{Capability: access.APIKeyManage}, {Capability: access.SubaccountManage, OnMain: true}}
	}
	return out
}()

var bybitRights = []Right{
	{"ContractTrade.Order", []access.Capability{access.TradeFutures}},
	{"ContractTrade.Position", []access.Capability{access.TradeFutures}},
	{"Derivatives.DerivativesTrade", []access.Capability{access.TradeFutures}},
	{"Spot.SpotTrade", []access.Capability{access.TradeSpot, access.TradeMargin}},
	{"Options.OptionsTrade", []access.Capability{access.TradeOptions, access.TradeFutures}},
	{"Wallet.AccountTransfer", []access.Capability{access.TransferInternal}},
	{"Wallet.SubMemberTransfer", []access.Capability{access.TransferInternal}},
	{"Wallet.SubMemberTransferList", []access.Capability{access.TransferInternal}},
	{"Wallet.Withdraw", []access.Capability{access.Withdraw, access.TransferExternal}},
	{"Exchange.ExchangeHistory", []access.Capability{access.Other("convert")}},
	{"Earn.Earn", []access.Capability{access.Other("earn")}},
	{"FiatP2P.FiatP2POrder", []access.Capability{access.Other("p2p")}},
	{"FiatP2P.Advertising", []access.Capability{access.Other("p2p")}},
	{"FiatBitPay.FaitPayOrder", []access.Capability{access.Other("pay")}},
	{"FiatConvertBroker.FiatConvertBrokerOrder", []access.Capability{access.Other("fiat-convert")}},
	{"BitCard.BitCard", []access.Capability{access.Other("card")}},
	{"ByXPost.ByXPost", []access.Capability{access.Other("post")}},
	{"Affiliate.Affiliate", []access.Capability{access.Other("affiliate")}},
	{"BlockTrade.BlockTrade", []access.Capability{access.Other("block-trade")}},
	{"CopyTrading.CopyTrading", []access.Capability{access.Other("copytrading")}},
	{"NFT.NFTQueryProductList", []access.Capability{access.Other("nft")}},
}

func bybitError(code int, message string) string {
	text, _ := json.Marshal(message)
	return `{"retCode":` + strconv.Itoa(code) + `,"retMsg":` + string(text) + `,"result":{},"retExtInfo":{},"time":{ms}}`
}

// bybitShape: identifiers of 18 characters, secrets of 36.
func bybitShape(k *Issued) {
	k.ID, k.Secret = Hex(18, "bybit", k.Serial), Hex(36, "bybit secret", k.Serial)
}

// bybitVerify follows the documentation: timestamp, key, window and query or body
// without separators; HMAC-SHA256 as lower-case hexadecimal, or RSA PKCS #1 v1.5 with
// SHA-256 as base64; serverTime − window <= timestamp < serverTime + 1000.
func bybitVerify(c *Call) *Reply {
	stamp, window, signature := c.Header.Get("X-BAPI-TIMESTAMP"), c.Header.Get("X-BAPI-RECV-WINDOW"), c.Header.Get("X-BAPI-SIGN")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || signature == "" {
		return c.Refuse(FailHeader)
	}
	span := int64(5000)
	if window != "" {
		if span, err = strconv.ParseInt(window, 10, 64); err != nil {
			return c.Refuse(FailHeader)
		}
	}
	if now := c.Now.UnixMilli(); ms < now-span || ms >= now+1000 {
		return c.Refuse(FailClock)
	}
	text := stamp + c.Key.ID + window
	if c.Method == http.MethodGet {
		text += c.URL.RawQuery
	} else {
		text += string(c.Body)
	}
	if public, ok := c.Key.PublicKey.(*rsa.PublicKey); ok {
		if !rsaSigned(public, text, signature) {
			return c.Refuse(FailBadSignature)
		}
		return nil
	}
	mac := hmac.New(sha256.New, []byte(c.Key.Secret))
	mac.Write([]byte(text))
	if signature != hex.EncodeToString(mac.Sum(nil)) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func bybitQueryAPI(c *Call) Reply {
	k := c.Key
	groups := map[string][]string{}
	for _, g := range []string{
		"ContractTrade", "Spot", "Wallet", "Options", "Derivatives", "CopyTrading", "BlockTrade", "Exchange", "NFT", "Affiliate",
		"Earn", "FiatP2P", "FiatBitPay", "FiatConvertBroker", "BitCard", "ByXPost",
	} {
		groups[g] = []string{}
	}
	for _, p := range k.Permissions {
		group, value, _ := strings.Cut(p, ".")
		groups[group] = append(groups[group], value)
	}
	ips := k.IPs
	if len(ips) == 0 {
		ips = []string{"*"}
	}
	expires, deadline := "1970-01-01T00:00:00Z", -2
	if !k.Expires.IsZero() {
		expires, deadline = k.Expires.UTC().Format(time.RFC3339), int(k.Expires.Sub(c.Now).Hours()/24)
	}
	created := k.Created
	if created.IsZero() {
		created = c.Now
	}
	parent := "0"
	if k.SubAccount {
		parent = "31877402"
	}
	readOnly, _ := strconv.Atoi(k.Options["readOnly"])
	if !slices.ContainsFunc(bybitRights, func(r Right) bool { return k.Has(r.Name) }) { // no key writes nothing
		readOnly = 1
	}
	kind := 1
	if k.Options["type"] == "2" {
		kind = 2
	}
	result, _ := json.Marshal(map[string]any{
		"id": "3187042", "note": k.Label, "apiKey": k.ID, "readOnly": readOnly, "secret": "", "permissions": groups, "ips": ips,
		"type": kind, "deadlineDay": deadline, "expiredAt": expires, "createdAt": created.UTC().Format(time.RFC3339), "unified": 0, "uta": 1,
		"userID": 41877402, "inviterID": 0, "vipLevel": "No VIP", "mktMakerLevel": "0", "affiliateID": 0, "rsaPublicKey": "",
		"isMaster": !k.SubAccount, "parentUid": parent, "kycLevel": "LEVEL_1", "kycRegion": "NLD",
	})
	return c.Fill(Reply{Body: `{"retCode":0,"retMsg":"","result":` + string(result) + `,"retExtInfo":{},"time":{ms}}`})
}

var bybitVectors = []Vector{
	{
		Name: "query-api", Time: time.UnixMilli(1776149990532), Key: "tEsTkEy0123456789a", Secret: "tEsTsEcReT0123456789abcdefABCDEF0123",
		Method: "GET", URL: "https://api.bybit.com/v5/user/query-api",
		Header: map[string]string{
			"X-BAPI-API-KEY": "tEsTkEy0123456789a", "X-BAPI-TIMESTAMP": "1776149990532", "X-BAPI-RECV-WINDOW": "5000",
			"X-BAPI-SIGN": "5566f58d9564d91f66d4fba29c93c812c3e8e47230fb7795a4d18f45c5c83e1a",
		},
	},
	{
		Name: "sub-apikeys", Time: time.UnixMilli(1776149990532), Key: "tEsTkEy0123456789a", Secret: "tEsTsEcReT0123456789abcdefABCDEF0123",
		Method: "GET", URL: "https://api.bybit.com/v5/user/sub-apikeys?subMemberId=100400345&limit=20",
		Header: map[string]string{
			"X-BAPI-API-KEY": "tEsTkEy0123456789a", "X-BAPI-TIMESTAMP": "1776149990532", "X-BAPI-RECV-WINDOW": "5000",
			"X-BAPI-SIGN": "b279d6eeaad89090cee348614502a20d6ac64ffdb7a0dc8489480c8656e1a305",
		},
	},
	{
		Name: "query-api with RSA", Time: time.UnixMilli(1776149990532), Key: "tEsTkEy0123456789a", Kind: access.RSAKey,
		Secret: armour("MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBANpeV4h5vavvddjfTk13RTnOoj0bIq+zEGb+qwPovUl0XzmZkmKFUAmdvwOUdThj2YxK6Qn4Q4VRAoMQFlbRRR09XE4YHtU8I6+xDj0d1k1H/AdFvZn9r4WcnzH/BMrEV3s4/dc1/A0CCMsO5eAZ+1ZdNJjmpsVqCG/7LL/K5YthAgMBAAECgYBnOL9ByOJKmufm+y+lWKLFf5KbNe+AhDFVrj4im+qWBUdaD+jtXz0FPqbjR1Lds/1K3sInr04jf7ajQ4B7y3JSTyZgdFeM9PSPiVf15ByxzR1Eo1Zt9B+M1c5wOcaSTQRT+lb+y5gOOY5+95yOrNxJk3O2fUqOMbAySqbfV8c+kQJBAPnzhAy4fDjxyK5J1SlS15MK4Ak0Yd8bXCuOYJBjsTKdsSpHDmSheLXTXmHkkUSXXHOOxwp4efILqejsP4rPuJUCQQDfpyqoRvF9SUjUHV7n49srbQLWmmnaluXCYtnorVAc4XA515+E9zwrP0uWU0XY9fNBG6KiGnuYITuwcz1qrfidAkEA95FK6Y6Q+5X/vyFCEHwNKYdL/9HyXpkq4blTy6/ygr/OCqH2j5WfifihMzTA7b89wvdYDfbmUedbk2jsRwEXQQJBAMfYtyxQ4D7EelhXulNZbqF6MjwTFJ1nkvzEmdTo8Rotc7ur6fXFejVmxKMZ2+MHuwqlqAhTw7bnk0+TWgD2XZ0CQD6V2ndekb0TgDnzy0D5Mv9hzh+4aN6t3h3Ux1Zf2UtmygcxOvUbO38mV7rVVEu+cpe35JNbN/Va2ETlgFuOa0E="),
		Method: "GET", URL: "https://api.bybit.com/v5/user/query-api",
		Header: map[string]string{
			"X-BAPI-API-KEY": "tEsTkEy0123456789a", "X-BAPI-TIMESTAMP": "1776149990532", "X-BAPI-RECV-WINDOW": "5000",
			"X-BAPI-SIGN": "FFMoJZdLHc0plCV+2dg110i8ifQmFoXf4QX0rFU1bCkneD3h4KwnWnS6SOU117+Pz8027OpoHRpR7cA4xLCIBwxBNyIXkzw96LtNUGDx/qfiLy/I5E0ZAyTJ+dxUQq6WAGc9RXLjdHwecOOUx1BBgnbERANZcCwQKsoJ8Ldue00=",
		},
	},
}
