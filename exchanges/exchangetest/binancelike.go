package exchangetest

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// BinanceUS is a fake of Binance.US.
func BinanceUS() *Fake {
	return New(binanceLike("binanceus", "api.binance.us", "/api/v3/account", "/api/v3/time", `{"serverTime":{ms}}`,
		`{"makerCommission":40,"takerCommission":60,"canTrade":true,"canWithdraw":true,"canDeposit":true,"accountType":"SPOT","balances":[],"permissions":["SPOT"]}`,
		binanceLikeVectors("api.binance.us", "/api/v3/account")))
}

// BinanceTH is a fake of Binance TH.
func BinanceTH() *Fake {
	return New(binanceLike("binanceth", "api.binance.th", "/api/v1/accountV2", "/api/v1/time", `{"serverTime":{ms}}`,
		`{"balances":[{"asset":"THB","free":"1000.00","locked":"0.00"}]}`, binanceLikeVectors("api.binance.th", "/api/v1/accountV2")[:1]))
}

// Bitrue is a fake of Bitrue's spot API.
func Bitrue() *Fake {
	return New(binanceLike("bitrue", "www.bitrue.com", "/api/v1/account", "/api/v1/time", `{"serverTime":{ms}}`,
		`{"balances":[{"asset":"sbr","free":"0","locked":"0"}],"canTrade":false,"canWithdraw":false,"canDeposit":false}`,
		binanceLikeVectors("www.bitrue.com", "/api/v1/account")[:1]))
}

// Tokocrypto is a fake of Tokocrypto.
func Tokocrypto() *Fake {
	d := binanceLike("tokocrypto", "www.tokocrypto.com", "/open/v1/account/spot", "/open/v1/common/time", `{"code":0,"msg":"Success","data":null,"timestamp":{ms}}`,
		`{"code":0,"msg":"Success","data":{"makerCommission":"0.00100000","canTrade":1,"canWithdraw":1,"canDeposit":1,"status":1,"accountAssets":[]},"timestamp":{ms}}`,
		[]Vector{{
			Name: "account", Time: time.UnixMilli(1767225600000), Key: "AK", Secret: "SK", Method: "GET",
			URL: "https://www.tokocrypto.com/open/v1/account/spot?timestamp=1767225600000&recvWindow=5000" +
				"&signature=5e8eaa9c5aac9042cf00f24fae13e784faca163afcb320535fc4a61bdd8e4a32",
			Header: map[string]string{"X-MBX-APIKEY": "AK"},
		}})
	place := []access.Kind{access.KindIPNotAllowed, access.KindGeoBlocked}
	d.Failures = append(d.Failures,
		Failure{Name: "IP address not allowed, by route", Reply: Reply{Status: 403, Body: binanceLikeError(-1011, "This IP cannot access this route.")}, Kind: access.KindAmbiguous, Candidates: place},
		Failure{Name: "IP address not allowed, other code", Reply: Reply{Status: 403, Body: binanceLikeError(-1005, "No such IP has been white listed")}, Kind: access.KindAmbiguous, Candidates: place},
		Failure{
			Name: "a sister exchange's code", Reply: Reply{Status: 200, Body: binanceLikeError(3701, "Invalid API-key, IP, or permissions for action.")}, Kind: access.KindAmbiguous,
			Candidates: []access.Kind{access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden},
		},
		Failure{Name: "no such key", Reply: Reply{Status: 200, Body: `{"success":false,"msg":"API key does not exist"}`}, Kind: access.KindBadKey},
		Failure{Name: "maintenance", Reply: Reply{Status: 200, Body: binanceLikeError(1, "System is under maintenance.")}, Kind: access.KindUnavailable},
	)
	return New(d)
}

// BinanceTR is a fake of Binance TR.
func BinanceTR() *Fake {
	d := binanceLike("binancetr", "www.binance.tr", "/open/v1/account/spot", "/open/v1/common/time", `{"code":0,"msg":"Success","data":null,"timestamp":{ms}}`,
		`{"code":0,"msg":"Success","data":{"makerCommission":"10.00000000","canTrade":1,"canWithdraw":1,"canDeposit":1,"status":1,"accountAssets":[{"asset":"TRY","free":"272.51","locked":"3.00"}]},"timestamp":{ms}}`,
		[]Vector{{
			Name: "account", Time: time.UnixMilli(1767225600000), Key: "AK", Secret: "SK", Method: "GET",
			URL: "https://www.binance.tr/open/v1/account/spot?recvWindow=5000&timestamp=1767225600000" +
				"&signature=061064cd592fe736d04736bc46c5f12b9bf00200e0da1c279ab2bf7cde8c013d",
			Header: map[string]string{"X-MBX-APIKEY": "AK"},
		}})
	d.Failures = append(d.Failures, Failure{
		Name: "unknown key, own code", Reply: Reply{Status: 200, Body: binanceLikeError(3701, "Invalid API-key, IP, or permissions for action.")}, Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden},
	})
	return New(d)
}

// binanceLike is an exchange with Binance's signing and errors, that reports nothing
// about keys.
func binanceLike(name, host, read, clock, now, account string, vectors []Vector) Definition {
	ambiguous := []access.Kind{access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden, access.KindWrongEnvironment}
	return Definition{
		Name: name, Hosts: []string{host}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: Reply{Status: 401, Body: binanceLikeError(-2015, "Invalid API-key, IP, or permissions for action.")}, Kind: access.KindAmbiguous, Candidates: ambiguous},
			{Name: "malformed key", Reply: Reply{Status: 401, Body: binanceLikeError(-2014, "API-key format invalid.")}, Kind: access.KindBadKey},
			{Name: "invalid key", Reply: Reply{Status: 400, Body: binanceLikeError(-2008, "Invalid Api-Key ID.")}, Kind: access.KindBadKey},
			{Name: FailBadSignature, Reply: Reply{Status: 400, Body: binanceLikeError(-1022, "Signature for this request is not valid.")}, Kind: access.KindBadSignature},
			{Name: FailClock, Reply: Reply{Status: 400, Body: binanceLikeError(-1021, "Timestamp for this request is outside of the recvWindow.")}, Kind: access.KindClockSkew},
			{
				Name: "unauthorized", Reply: Reply{Status: 401, Body: binanceLikeError(-1002, "You are not authorized to execute this request.")}, Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindBadKey, access.KindForbidden},
			},
			{Name: "rate limited", Reply: Reply{Status: 429, Header: map[string]string{"Retry-After": "3"}, Body: binanceLikeError(-1003, "Too many requests.")}, Kind: access.KindRateLimited},
			{Name: "banned", Reply: Reply{Status: 418, Header: map[string]string{"Retry-After": "120"}, Body: binanceLikeError(-1003, "Way too many requests; IP banned.")}, Kind: access.KindBanned},
			{Name: "firewall", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
			{
				Name: "not authorised", Reply: Reply{Status: 401, Body: binanceLikeError(-1099, "Not found, authenticated, or authorized.")}, Kind: access.KindAmbiguous,
				Candidates: []access.Kind{access.KindBadKey, access.KindForbidden},
			},
			{Name: "too many orders", Reply: Reply{Status: 400, Body: binanceLikeError(-1015, "Too many new orders.")}, Kind: access.KindRateLimited},
			{Name: "unknown", Reply: Reply{Status: 400, Body: binanceLikeError(-1000, "An unknown error occurred while processing the request.")}, Kind: access.KindUnavailable},
			{Name: "internal", Reply: Reply{Status: 500, Body: binanceLikeError(-1001, "Internal error; unable to process your request.")}, Kind: access.KindUnavailable},
			{Name: "unexpected", Reply: Reply{Status: 400, Body: binanceLikeError(-1006, "An unexpected response was received from the message bus.")}, Kind: access.KindUnavailable},
			{Name: "shutting down", Reply: Reply{Status: 400, Body: binanceLikeError(-1016, "This service is no longer available.")}, Kind: access.KindUnavailable},
			{Name: "timeout", Reply: Reply{Status: 503, Body: binanceLikeError(-1007, "Timeout waiting for response from backend server.")}, Kind: access.KindUnavailable},
		},
		Vectors:  vectors,
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(64, name, k.Serial), Hex(64, name, "secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("X-MBX-APIKEY") },
		Verify:   binanceLikeVerify,
		Public:   map[string]func(*Call) Reply{"GET " + clock: func(c *Call) Reply { return c.Fill(Reply{Body: now}) }},
		Routes:   map[string]func(*Call) Reply{"GET " + read: func(c *Call) Reply { return c.Fill(Reply{Body: account}) }},
	}
}

// binanceLikeVerify: HMAC-SHA256 over query and body as sent, without the
// signature, which ends either of them; timestamp < server + 1000 ms and
// server − timestamp <= window.
func binanceLikeVerify(c *Call) *Reply {
	query, signature, ok := strings.Cut(c.URL.RawQuery, "&signature=")
	body := string(c.Body)
	if !ok {
		body, signature, ok = strings.Cut(body, "&signature=")
	}
	parameters, err := url.ParseQuery(query + "&" + body)
	if !ok || err != nil || !strings.EqualFold(signature, hmacHex(sha256.New, c.Key.Secret, query+body)) {
		return c.Refuse(FailBadSignature)
	}
	stamp, err := strconv.ParseInt(parameters.Get("timestamp"), 10, 64)
	if err != nil {
		return c.Refuse(FailClock)
	}
	window := int64(5000)
	if text := parameters.Get("recvWindow"); text != "" {
		if window, err = strconv.ParseInt(text, 10, 64); err != nil || window > 60000 {
			return c.Refuse(FailClock)
		}
	}
	if now := c.Now.UnixMilli(); stamp >= now+1000 || now-stamp > window {
		return c.Refuse(FailClock)
	}
	return nil
}

func binanceLikeError(code int, message string) string {
	return fmt.Sprintf(`{"code":%d,"msg":%q}`, code, message)
}

// binanceLikeVectors: the first is computed, the others are Binance.US's own
// samples, the second with the signature that belongs to its payload.
func binanceLikeVectors(host, path string) []Vector {
	const secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
	header := map[string]string{"X-MBX-APIKEY": "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"}
	vector := func(name string, ms int64, method, url, body string) Vector {
		return Vector{Name: name, Time: time.UnixMilli(ms), Key: header["X-MBX-APIKEY"], Secret: secret, Method: method, URL: url, Body: body, Header: header}
	}
	return []Vector{
		vector("read", 1767225600000, "GET", "https://"+host+path+"?recvWindow=5000&timestamp=1767225600000"+
			"&signature=70743061623d8f41795a81242d3a8f34b97d2f5e92e1bcd0ca2ffb1423fd3832", ""),
		vector("one parameter", 1499827319559, "GET", "https://"+host+"/api/v3/openOrders?symbol=BTCUSDT&timestamp=1499827319559"+
			"&signature=d97112c82a46aae604c384663068433947147d01a3c8cfad4a53903682ec2eca", ""),
		vector("query and body", 1499827319559, "POST", "https://"+host+"/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
			"quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"),
	}
}
