package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// CoinsPH is a fake of Coins.ph. A key without permissions has "Read only", and
// every key can list all keys. Option "savedOnly": "yes" or "no" says whether the account
// withdraws to saved withdrawal addresses only; without it the answer doesn't.
func CoinsPH() *Fake {
	return New(Definition{
		Name:   "coinsph",
		Hosts:  []string{"api.pro.coins.ph", "api.coins.co.th", "api.coins.xyz"},
		Kinds:  []access.KeyKind{access.SharedSecret},
		Base:   []access.Capability{access.Read},
		Rights: coinsPHRights,
		// As the names suggest; which of them can move funds out is not confirmed.
		MayGrant: map[string][]access.Capability{
			"Enable Crypto Wallet": {access.Withdraw, access.TransferExternal},
			"Enable Fiat":          {access.Withdraw, access.TransferExternal},
			"Enable Account":       {access.Withdraw, access.TransferExternal},
		},
		CanExist:           func(s *Spec) bool { return !s.Has("Read only") || len(s.Permissions) == 1 },
		UnknownPermissions: []string{"Enable Teleport", "Withdraw"},
		Reports:            Reports{Allowlist: true, Entries: true, Created: true, Label: true, Unit: time.Millisecond},
		Failures:           coinsPHFailures,
		Vectors:            coinsPHVectors,
		Unsigned:           []string{"path"},
		Shape: func(k *Issued) { // both of 64 characters
			k.ID, k.Secret = Hex(64, "coinsph", k.Serial), Hex(64, "coinsph secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("X-COINS-APIKEY") },
		Verify:   coinsPHVerify,
		Public: map[string]func(*Call) Reply{
			"GET /openapi/v1/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /openapi/v1/api-keys": coinsPHKeys, "GET /openapi/v1/account": coinsPHAccount},
	})
}

var coinsPHRights = []Right{
	{"Read only", nil},
	{"Enable Spot", []access.Capability{access.TradeSpot}},
	{"Enable Convert", []access.Capability{access.Other("convert")}},
	{"Enable Crypto Wallet", []access.Capability{access.Other("crypto-wallet")}},
	{"Enable Fiat", []access.Capability{access.Other("fiat")}},
	{"Enable Account", []access.Capability{access.Other("account")}},
}

// coinsPHFailures: the codes are documented; of the status only that it is
// 4xx.
var coinsPHFailures = []Failure{
	coinsPHFailure(FailUnknownKey, -2018, "API-key does not exist.", access.KindBadKey),
	coinsPHFailure(FailDisabled, -2015, "API-key is not enabled.", access.KindAmbiguous,
		access.KindBadKey, access.KindDisabled, access.KindIPNotAllowed, access.KindForbidden),
	coinsPHFailure("key, IP address or right", -2015, "Invalid API-key, IP, or permissions for action.", access.KindAmbiguous,
		access.KindBadKey, access.KindDisabled, access.KindIPNotAllowed, access.KindForbidden),
	coinsPHFailure("unauthorised", -1002, "You are not authorized to execute this request", access.KindAmbiguous, access.KindBadKey, access.KindForbidden),
	coinsPHFailure(FailIP, -2017, "Request ip is not in the whitelist", access.KindIPNotAllowed),
	coinsPHFailure("no IP allowlist", -1023, "Please set IP whitelist before using API.", access.KindDisabled),
	coinsPHFailure(FailClock, -1021, "Timestamp for this request is outside of the recv window.", access.KindClockSkew),
	coinsPHFailure(FailBadSignature, -1022, "Signature for this request is not valid.", access.KindBadSignature),
	coinsPHFailure("unknown user", -1153, "The user does not exist", access.KindBadKey),
	coinsPHFailure("not for this key", -1152, "Unauthorized to operate this API.", access.KindForbidden),
	coinsPHFailure("read-only key", -1020, "This operation is not supported.", access.KindForbidden),
	coinsPHFailure("type of key", -2019, "API-key type is wrong.", access.KindForbidden),
	coinsPHFailure("too many requests", -1003, "Too many requests, current limit is 1200 requests per minute.", access.KindRateLimited),
	coinsPHFailure("too many orders", -1015, "Too many new orders; current limit is 10 orders per second.", access.KindRateLimited),
	coinsPHFailure("unknown error", -1000, "An unknown error occurred while processing the request.", access.KindUnavailable),
	coinsPHFailure("internal error", -1001, "Internal error.", access.KindUnavailable),
	coinsPHFailure(FailHeader, -1105, "Parameter 'timestamp' is required.", access.KindNotUnderstood),
	coinsPHFailure("bad request", -1010, "Bad request", access.KindNotUnderstood),
	coinsPHFailure("unknown parameter", -1103, "Required param not found, please ensure the parameters being sent correctly", access.KindNotUnderstood),
	{Name: "rate limited, by status", Reply: Reply{Status: 429, Body: `{"code":-1006,"msg":"slow down please"}`}, Kind: access.KindRateLimited},
	{Name: "banned", Reply: Reply{Status: 418, Body: ""}, Kind: access.KindBanned},
	{Name: "the firewall's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func coinsPHFailure(name string, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
	body, _ := json.Marshal(map[string]any{"code": code, "msg": message}) // a number and a text
	return Failure{Name: name, Reply: Reply{Status: http.StatusBadRequest, Body: string(body)}, Kind: kind, Candidates: candidates}
}

// coinsPHVerify follows the exchange's rules: HMAC-SHA256 of query and body
// without the signature, in hexadecimal of either case; timestamp < now + 1 s
// and now − timestamp <= recvWindow. One client signs an extra "&" at the end.
func coinsPHVerify(c *Call) *Reply {
	query, signature := coinsPHCut(c.URL.RawQuery)
	body, other := coinsPHCut(string(c.Body))
	sent, err := url.ParseQuery(query + "&" + body)
	if err != nil || sent.Get("timestamp") == "" || signature+other == "" {
		return c.Refuse(FailHeader)
	}
	window := int64(5000)
	if text := sent.Get("recvWindow"); text != "" {
		if window, err = strconv.ParseInt(text, 10, 64); err != nil || window > 60000 {
			return c.Refuse("bad request")
		}
	}
	stamp, err := strconv.ParseInt(sent.Get("timestamp"), 10, 64)
	if now := c.Now.UnixMilli(); err != nil || stamp >= now+1000 || now-stamp > window {
		return c.Refuse(FailClock)
	}
	for _, text := range []string{query + body, query + body + "&"} {
		if strings.EqualFold(signature+other, hmacHex(sha256.New, c.Key.Secret, text)) {
			return nil
		}
	}
	return c.Refuse(FailBadSignature)
}

// coinsPHCut removes the signature from parameters, wherever it is.
func coinsPHCut(parameters string) (rest, signature string) {
	var kept []string
	for pair := range strings.SplitSeq(parameters, "&") {
		if value, ok := strings.CutPrefix(pair, "signature="); ok {
			signature = value
		} else if pair != "" {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&"), signature
}

func coinsPHKeys(c *Call) Reply {
	list := []any{}
	for _, k := range c.Keys(func(*Issued) bool { return true }) {
		types, status := k.Permissions, "ENABLE"
		known := func(name string) bool { // each key has at least one known type
			return slices.ContainsFunc(coinsPHRights, func(r Right) bool { return r.Name == name })
		}
		if !slices.ContainsFunc(types, known) {
			types = append([]string{"Read only"}, types...)
		}
		if k.Disabled {
			status = "NOT_ENABLE"
		}
		list = append(list, map[string]any{
			"apiKey": k.ID, "apiName": k.Label, "apiType": types, "status": status, "ipAccessRestrictions": listOf(k.IPs),
			"createTime": strconv.FormatInt(timeOr(k.Created, c.Now).UnixMilli(), 10),
		})
	}
	body, _ := json.Marshal(list) // texts only
	return Reply{Body: string(body)}
}

func coinsPHAccount(c *Call) Reply {
	account := map[string]any{
		"accountType": "SPOT", "canDeposit": true, "canTrade": true, "canWithdraw": true, "balances": []any{}, "email": "owner@example.com",
		"updateTime": strconv.FormatInt(c.Now.UnixMilli(), 10),
	}
	if limited := c.Key.Options["savedOnly"]; limited != "" {
		account["enableWithdrawWhitelist"] = limited == "yes"
	}
	body, _ := json.Marshal(account)
	return Reply{Body: string(body)}
}

// The first vector was computed by the documented rule; the others are from the
// documentation of the exchange, and of its sister exchange.
var coinsPHVectors = []Vector{
	{
		Name: "api-keys", Time: time.UnixMilli(1700000000000), Key: "KEYEXAMPLE", Secret: "test-secret", Method: "GET",
		URL: "https://api.pro.coins.ph/openapi/v1/api-keys?timestamp=1700000000000&recvWindow=5000" +
			"&signature=3c006375c631729ab444c2afb86bee2999c35b6eeec838b8f96697e8f096d7b3",
		Header: map[string]string{"X-COINS-APIKEY": "KEYEXAMPLE"},
	},
	coinsPHVector("order, as query", "api.pro.coins.ph/openapi/v1/order",
		"symbol=BTCPHP&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1538323200000", "",
		"d7b09aa959094bafd1de10be3985651691fff6cc04b5cd94aea8cc1ca02e0ed8"),
	coinsPHVector("order, as body", "api.pro.coins.ph/openapi/v1/order", "",
		"symbol=BTCPHP&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1538323200000",
		"d7b09aa959094bafd1de10be3985651691fff6cc04b5cd94aea8cc1ca02e0ed8"),
	coinsPHVector("order, mixed", "api.pro.coins.ph/openapi/v1/order",
		"symbol=BTCPHP&side=BUY&type=LIMIT&timeInForce=GTC", "quantity=1&price=0.1&recvWindow=5000&timestamp=1538323200000",
		"340037ed5366e650bd0e09e170db4a6ace0a9cba3e8af4e5c37ba2143fb84de0"),
	coinsPHVector("quote, as query", "api.coins.co.th/openapi/convert/v1/get-quote",
		"sourceCurrency=BTC&targetCurrency=THB&recvWindow=5000&timestamp=1538323200000", "",
		"6a2cfc4f792ff338ed413ec2197540b46fead0e43c143eb5d04992a4d7d6622d"),
	coinsPHVector("quote, mixed", "api.coins.co.th/openapi/convert/v1/get-quote",
		"sourceCurrency=BTC&targetCurrency=THB", "recvWindow=5000&timestamp=1538323200000",
		"ce922a44572e6433789c78f525738379ea0052551e4d65c1771ce8059c902b42"),
}

// coinsPHVector puts the signature where the documentation does: into the body
// if there is one.
func coinsPHVector(name, endpoint, query, body, signature string) Vector {
	const key = "tAQfOrPIZAhym0qHISRt8EFvxPemdBm5j5WMlkm3Ke9aFp0EGWC2CGM8GHV4kCYW"
	v := Vector{
		Name: name, Time: time.UnixMilli(1538323200000), Key: key, Secret: "lH3ELTNiFxCQTmi9pPcWWikhsjO04Yoqw3euoHUuOLC3GYBW64ZqzQsiOEHXQS76",
		Method: "POST", URL: "https://" + endpoint, Header: map[string]string{"X-COINS-APIKEY": key},
	}
	if query != "" {
		v.URL += "?" + query
	}
	if body == "" {
		v.URL += "&signature=" + signature
	} else {
		v.Body = body + "&signature=" + signature
	}
	return v
}
