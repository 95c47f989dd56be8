package exchangetest

import (
	"crypto/sha512"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bitfinex is a fake of Bitfinex's API, version 2. Its permissions are written
// "scope:read" and "scope:write". Nonces must grow, from option "nonce" on,
// which is the highest that the key's other clients have used. Option "edition":
// "older" omits the newer scopes, and "without" omits one by name.
func Bitfinex() *Fake {
	def := Definition{
		Name:  "bitfinex",
		Hosts: []string{"api.bitfinex.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		MayGrant: map[string][]access.Capability{
			"ui_withdraw:write": {access.Withdraw, access.TransferExternal},
			"account:write":     {access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage},
			"settings:write":    {access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage},
		},
		Failures: bitfinexFailures,
		Vectors:  bitfinexVectors,
		Shape: func(k *Issued) { // both of 43 characters
			k.ID, k.Secret = Hex(43, "bitfinex", k.Serial), Hex(43, "bitfinex secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("bfx-apikey") },
		Verify:   bitfinexVerify,
		Public: map[string]func(*Call) Reply{
			"GET /v2/platform/status": func(*Call) Reply { return Reply{Body: "[1]"} },
		},
		Routes:             map[string]func(*Call) Reply{"POST /v2/auth/r/permissions": bitfinexPermissions},
		UnknownPermissions: []string{"teleport:write", "teleport:read"},
	}
	for _, s := range bitfinexScopes {
		def.Rights = append(def.Rights, Right{s.name + ":write", s.write}, Right{s.name + ":read", []access.Capability{access.Read}})
	}
	return New(def)
}

// bitfinexScopes are those of the reference, with what writing in each grants.
var bitfinexScopes = []struct {
	name  string
	write []access.Capability
}{
	{"account", []access.Capability{access.Other("account")}},
	{"history", []access.Capability{access.Other("history")}},
	{"orders", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures}},
	{"positions", []access.Capability{access.TradeMargin, access.TradeFutures}},
	{"funding", []access.Capability{access.Other("lending")}},
	{"settings", []access.Capability{access.Other("settings")}},
	{"wallets", []access.Capability{access.TransferInternal}},
	{"withdraw", []access.Capability{access.Withdraw}},
	{"ui_withdraw", []access.Capability{access.Other("ui-withdraw")}},
	{"bfxpay", []access.Capability{access.Other("bfxpay")}},
}

var bitfinexFailures = []Failure{
	bitfinexFailure(FailUnknownKey, 10100, "apikey: invalid", access.KindAmbiguous, access.KindBadKey, access.KindIPNotAllowed),
	bitfinexFailure(FailBadSignature, 10100, "apikey: digest invalid", access.KindBadSignature),
	bitfinexFailure("token", 10100, "token: invalid", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed),
	bitfinexFailure("signature", 10112, "ERR_AUTH_SIG", access.KindBadSignature),
	bitfinexFailure("signature, other code", 10113, "ERR_AUTH_HMAC", access.KindBadSignature),
	bitfinexFailure(FailNonce, 10114, "nonce: small", access.KindNonce),
	bitfinexFailure("scope missing", 10001, "api_key: permission invalid", access.KindForbidden),
	bitfinexFailure("parameter", 10020, "request: invalid", access.KindNotUnderstood),
	bitfinexFailure("not ready", 11000, "ERR_READY", access.KindUnavailable),
	bitfinexFailure("maintenance", 20060, "maintenance", access.KindUnavailable),
	{Name: "rate limited", Reply: Reply{Status: 429, Body: `["error",11010,"ratelimit: error"]`}, Kind: access.KindRateLimited},
	{Name: "rate limited, 200", Reply: Reply{Status: 200, Body: `["error",11010,"ratelimit: error"]`}, Kind: access.KindRateLimited},
	{Name: "rate limited, other form", Reply: Reply{Status: 429, Body: `{"error":"ERR_RATE_LIMIT"}`}, Kind: access.KindRateLimited},
	{
		Name: "gateway", Kind: access.KindUnavailable,
		Reply: Reply{Status: 503, Body: `{"code":503,"error":"temporarily_unavailable","error_description":"Sorry, the service is temporarily unavailable."}`},
	},
}

func bitfinexFailure(name string, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
	return Failure{Name: name, Reply: Reply{Status: 500, Body: fmt.Sprintf(`["error",%d,%q]`, code, message)}, Kind: kind, Candidates: candidates}
}

// bitfinexVerify follows the exchange's guide: HMAC-SHA384 of "/api", path, nonce
// and body, with the secret as text, in lower-case hexadecimal. The nonce must
// be larger than any before.
func bitfinexVerify(c *Call) *Reply {
	text := c.Header.Get("bfx-nonce")
	want := hmacHex(sha512.New384, c.Key.Secret, "/api"+c.URL.RequestURI()+text+string(c.Body))
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.Header.Get("bfx-signature"))) != 1 {
		return c.Refuse(FailBadSignature)
	}
	nonce, err := strconv.ParseUint(text, 10, 64)
	other, _ := strconv.ParseUint(c.Key.Options["nonce"], 10, 64)
	if err != nil || nonce <= max(c.Key.Nonce, other) {
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = nonce
	return nil
}

func bitfinexPermissions(c *Call) Reply {
	var names []string
	for i, s := range bitfinexScopes {
		if (i < 8 || c.Key.Options["edition"] != "older") && s.name != c.Key.Options["without"] {
			names = append(names, s.name)
		}
	}
	for _, p := range c.Key.Permissions {
		if name, _, _ := strings.Cut(p, ":"); !slices.Contains(names, name) && name != c.Key.Options["without"] {
			names = append(names, name)
		}
	}
	flag := func(name string) int {
		if c.Key.Has(name) {
			return 1
		}
		return 0
	}
	rows := [][]any{}
	for _, name := range names {
		rows = append(rows, []any{name, flag(name + ":read"), flag(name + ":write")})
	}
	body, _ := json.Marshal(rows)
	return Reply{Body: string(body)}
}

// bitfinexVectors: the first is from an independent client's tests; the fake does
// not have its call, and checks the signature only.
var bitfinexVectors = []Vector{
	bitfinexVector("an order", "mheO6dR8ovSsxZQCOYEFCtelpuxcWGTfHw7te326y6jOwq5WpvFQ9JNljoTwBXZGv5It07m9RXSPpDQEK2w", "/v2/auth/w/order/submit",
		"1696751141337", `{"type":"LIMIT","symbol":"tBTCUSD","price":15,"amount":"0.1"}`,
		"b27b3f276d8d08dc5783c4d848f94605f98c62b7ec76db2acd48d337a479efb65b8002a0aa10999650622e66d6c631de"),
	bitfinexVector("permissions", "secret", "/v2/auth/r/permissions", "1000", "{}",
		"c5e7e68944b88a310c52bdbc3b31271d93a86cc6bf23848be7fe0fa1d59e82a8cf34772bfef1db2ebed39e63bb747cd3"),
	bitfinexVector("permissions, microseconds", "ExampleBfxSecret0123456789", "/v2/auth/r/permissions", "1795000000000000", "{}",
		"ac50730379cf1e4dac8717780294d248a29e068dc0e961d1419c99bce833bfdfa50f67713110a38f9b85451c0fa06bc1"),
}

func bitfinexVector(name, secret, path, nonce, body, signature string) Vector {
	const key = "vectorvectorvectorvectorvectorvectorvectorv"
	return Vector{
		Name: name, Time: time.UnixMilli(1696751141337), Key: key, Secret: secret, Method: "POST", URL: "https://api.bitfinex.com" + path, Body: body,
		Header: map[string]string{"bfx-apikey": key, "bfx-nonce": nonce, "bfx-signature": signature, "Content-Type": "application/json"},
	}
}
