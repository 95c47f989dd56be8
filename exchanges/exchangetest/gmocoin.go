package exchangetest

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// GMOCoin is a fake of GMO Coin's API v1. It reports nothing about its keys.
func GMOCoin() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind, candidates ...access.Kind) Failure {
		body := `{"status":5,"messages":[{"message_code":"` + code + `","message_string":"` + message + `"}],"responsetime":"2025-12-25T12:00:00.123Z"}`
		return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind, Candidates: candidates}
	}
	return New(Definition{
		Name: "gmocoin", Hosts: []string{"api.coin.z.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 401, "ERR-5012", "The API authentication is invalid.", access.KindAmbiguous, access.KindBadKey, access.KindForbidden, access.KindIPNotAllowed),
			fail(FailHeader, 200, "ERR-5011", "The API-KEY is empty.", access.KindBadKey),
			fail(FailBadSignature, 200, "ERR-5010", "The API-SIGN (Signature) is invalid.", access.KindBadSignature),
			fail(FailClock, 200, "ERR-5009", "The API-TIMESTAMP set in the request header is earlier than the system time of the API.", access.KindClockSkew),
			fail("timestamp ahead", 200, "ERR-5008", "The API-TIMESTAMP set in the request header is later than the system time of the API.", access.KindClockSkew),
			fail("timestamp missing", 200, "ERR-5007", "The API-TIMESTAMP is not set in the request header.", access.KindClockSkew),
			fail("agreement missing", 200, "ERR-5014", "The membership agreement has not been completed.", access.KindForbidden),
			fail("something else", 200, "ERR-5106", "The request parameter is invalid.", access.KindNotUnderstood),
			fail("rate limited, by code", 200, "ERR-5003", "The API usage limits are exceeded.", access.KindRateLimited),
			fail("rate limited", 429, "ERR-5003", "The API usage limits are exceeded.", access.KindRateLimited),
			fail("maintenance", 200, "ERR-5201", "Regular maintenance", access.KindUnavailable),
			fail("emergency", 200, "ERR-5202", "Emergency maintenance", access.KindUnavailable),
			fail("down", 200, "ERR-554", "The server is unavailable.", access.KindUnavailable),
			fail("busy", 200, "ERR-626", "The server is busy.", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the documented rule
			gmocoinVector("GET", "/private/v1/account/assets", "", "b07b5a63bd002b0a5ccef681a287f7d6bfcb8d84707b121c1622d75c513827fc"),
			gmocoinVector("POST", "/private/v1/order", `{"symbol":"BTC","side":"BUY","executionType":"MARKET","size":"0.01"}`, "4f74eeacf7202793ab063ee2db36280fcbfeccccdd2816ad9f3f7e9bacb392a3"),
		},
		Unsigned: []string{"query"}, // of a GET; the documentation signs the path alone
		Shape:    func(k *Issued) { k.Secret = Hex(32, "gmocoin secret", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("API-KEY") },
		Verify:   gmocoinVerify,
		Routes: map[string]func(*Call) Reply{"GET /private/v1/account/assets": func(*Call) Reply {
			return Reply{Body: `{"status":0,"data":[{"amount":"993982448","available":"993982448","conversionRate":"1","symbol":"JPY"}],"responsetime":"2025-12-25T12:00:00.123Z"}`}
		}},
	})
}

// gmocoinVerify follows the documentation: timestamp in milliseconds, method, path after
// /private, and body; HMAC-SHA256 in lower-case hexadecimal. How far off the timestamp
// may be is not documented; here it is 30 s.
func gmocoinVerify(c *Call) *Reply {
	stamp := c.Header.Get("API-TIMESTAMP")
	path, private := strings.CutPrefix(c.URL.EscapedPath(), "/private")
	if !private || c.Header.Get("API-SIGN") != hmacHex(sha256.New, c.Key.Secret, stamp+c.Method+path+string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 30*time.Second {
		return c.Refuse(FailClock)
	}
	return nil
}

func gmocoinVector(method, path, body, signature string) Vector {
	const key = "gmocoin-key"
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1767225600000), Key: key, Secret: "gmocoin-secret", Method: method, URL: "https://api.coin.z.com" + path, Body: body,
		Header: map[string]string{"API-KEY": key, "API-TIMESTAMP": "1767225600000", "API-SIGN": signature},
	}
}
