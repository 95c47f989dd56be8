package exchangetest

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Pionex is a fake of Pionex. It reports nothing about its keys.
func Pionex() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		body := fmt.Sprintf(`{"result":false,"code":%q,"message":%q,"timestamp":{ms}}`, code, message)
		return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind}
	}
	return New(Definition{
		Name: "pionex", Hosts: []string{"api.pionex.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 200, "INVALID_APIKEY", "invalid api key", access.KindBadKey),
			fail(FailBadSignature, 200, "INVALID_SIGNATURE", "invalid signature", access.KindBadSignature),
			fail(FailExpired, 200, "APIKEY_EXPIRED", "api key expired", access.KindExpired),
			fail(FailIP, 200, "IP_NOT_WHITELISTED", "the address is not in the whitelist", access.KindIPNotAllowed),
			fail(FailClock, 200, "INVALID_TIMESTAMP", "invalid timestamp", access.KindClockSkew),
			fail("no permission", 200, "PERMISSION_DENIED", "permission denied", access.KindForbidden),
			fail("no permission, by status", 403, "PERMISSION_DENIED", "permission denied", access.KindForbidden),
			fail("something else", 400, "PARAMETER_ERROR", "parameter error", access.KindNotUnderstood),
			fail("rate limited", 429, "TOO_MANY_REQUESTS", "too many requests", access.KindRateLimited),
			fail("fault", 500, "SERVER_ERROR", "internal server error", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the documented rule
			pionexVector("/api/v1/account/balances?timestamp=1655896754515", "5df38fe3536b0dd852a8bec5dd9bffb81a425785d3537b6236e38382bdaaa48b"),
			pionexVector("/api/v1/trade/allOrders?limit=1&symbol=BTC_USDT&timestamp=1655896754515", "ddd128676f1d2013c9cdcf9a433d9e9a276efc147f6b9f00a28c647773dfc11d"),
		},
		Identify: func(c *Call) string { return c.Header.Get("PIONEX-KEY") },
		Verify:   pionexVerify,
		Routes: map[string]func(*Call) Reply{"GET /api/v1/account/balances": func(c *Call) Reply {
			return c.Fill(Reply{Body: `{"result":true,"data":{"balances":[{"coin":"USDT","free":"0.00","frozen":"0.00"}]},"timestamp":{ms}}`})
		}},
	})
}

// pionexVerify follows the documentation: method, path with the query, which is
// sorted by name and has the timestamp, and body; HMAC-SHA256 in lower-case
// hexadecimal; at most 20 s off.
func pionexVerify(c *Call) *Reply {
	text := c.Method + c.URL.EscapedPath() + "?" + c.URL.Query().Encode() + string(c.Body)
	if c.Header.Get("PIONEX-SIGNATURE") != hmacHex(sha256.New, c.Key.Secret, text) {
		return c.Refuse(FailBadSignature)
	}
	ms, err := strconv.ParseInt(c.URL.Query().Get("timestamp"), 10, 64)
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 20*time.Second {
		return c.Refuse(FailClock)
	}
	return nil
}

func pionexVector(path, signature string) Vector {
	const key = "pionex-key"
	return Vector{
		Name: path, Time: time.UnixMilli(1655896754515), Key: key, Secret: "NFqv4MB3hB0SOiEsJNDP3e0jDdKPWbDqJjR6j9vt9pzu",
		Method: "GET", URL: "https://api.pionex.com" + path, Header: map[string]string{"PIONEX-KEY": key, "PIONEX-SIGNATURE": signature},
	}
}
