package exchangetest

import (
	"crypto/sha512"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// GOPAX is a fake of GOPAX. It reports nothing about its keys.
func GOPAX() *Fake {
	refused := []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed, access.KindForbidden}
	fail := func(name string, status int, code, message string, kind access.Kind, candidates ...access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: `{"errorMessage":"` + message + `","errorCode":` + code + `}`}, Kind: kind, Candidates: candidates}
	}
	return New(Definition{
		Name: "gopax", Hosts: []string{"api.gopax.co.kr"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 401, "10155", "Invalid API key", access.KindBadKey),
			fail(FailBadSignature, 401, "10004", "Not authorized", access.KindAmbiguous, refused...),
			fail(FailClock, 401, "10004", "Not authorized", access.KindAmbiguous, refused...),
			fail("something else", 404, "10058", "Invalid asset code: NOPE", access.KindNotUnderstood),
			fail("rate limited", 429, "10105", "Rate Limit Exceeded", access.KindRateLimited),
			fail("banned", 429, "10364", "Ip Address Banned Temporarily", access.KindBanned),
			{Name: "fault", Reply: *HTML(503), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the documented rule
			gopaxVector("GET", "/balances", "", "", "MIK9Jcs0vTo0eQiwvgHuWeZyUVKw6RVItPwJPs67SETqByBKqxNUDQXO03qJ9mVAOKr4ilmcTssyAi26iekkRw=="),
			gopaxVector("POST", "/orders", "200", `{"side": "buy", "type": "limit", "amount": 1, "price": 10000, "tradingPairName": "BTC-KRW"}`, "MY07ORuwY/AY8yTkmaIrDfEkABKT1oMuu5EoTEFcb2gEDGyXMsQiRCgXLj8ModEvwcr1AsJgJGdou/ZJhzpQHA=="),
		},
		Unsigned: []string{"query"}, // except that of /orders
		Shape: func(k *Issued) {
			k.Secret = base64.StdEncoding.EncodeToString([]byte(Hex(64, "gopax secret", k.Serial)))
		},
		Identify: func(c *Call) string { return c.Header.Get("api-key") },
		Verify:   gopaxVerify,
		Public: map[string]func(*Call) Reply{
			"GET /time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"serverTime":{ms}}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /balances": func(*Call) Reply {
			return Reply{Body: `[{"asset":"KRW","avail":1000,"hold":0,"pendingWithdrawal":0},{"asset":"BTC","avail":0.5,"hold":0.1,"pendingWithdrawal":0}]`}
		}},
	})
}

// gopaxVerify follows the exchange's own sample: "t", the time in milliseconds, method,
// path (with the query of a list of orders), window and body; HMAC-SHA512 with the
// decoded secret, in base64. The window without the header is not documented: here, five
// seconds.
func gopaxVerify(c *Call) *Reply {
	stamp, span, path := c.Header.Get("timestamp"), c.Header.Get("receive-window"), c.URL.EscapedPath()
	if c.Method == "GET" && path == "/orders" && c.URL.RawQuery != "" {
		path += "?" + c.URL.RawQuery
	}
	secret, err := base64.StdEncoding.DecodeString(c.Key.Secret)
	text := strings.Join([]string{"t", stamp, c.Method, path, span, string(c.Body)}, "")
	if err != nil || c.Header.Get("signature") != base64.StdEncoding.EncodeToString(hmacRaw(sha512.New, secret, text)) {
		return c.Refuse(FailBadSignature)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	window := int64(5000)
	if span != "" && err == nil {
		window, err = strconv.ParseInt(span, 10, 64)
	}
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > time.Duration(window)*time.Millisecond {
		return c.Refuse(FailClock)
	}
	return nil
}

func gopaxVector(method, path, window, body, signature string) Vector {
	const key = "gopax-key"
	header := map[string]string{"api-key": key, "timestamp": "1767225600000", "signature": signature}
	if window != "" {
		header["receive-window"] = window
	}
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1767225600000), Key: key, Secret: "Z29wYXgtc2VjcmV0", Method: method,
		URL: "https://api.gopax.co.kr" + path, Body: body, Header: header,
	}
}
