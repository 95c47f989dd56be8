package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// CoinDCX is a fake of CoinDCX. It reports nothing about its keys, which all have the
// same rights.
func CoinDCX() *Fake {
	refused := []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed}
	fail := func(name string, status int, body string, kind access.Kind, candidates ...access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind, Candidates: candidates}
	}
	return New(Definition{
		Name: "coindcx", Hosts: []string{"api.coindcx.com"}, Kinds: []access.KeyKind{access.SharedSecret},
		Base: []access.Capability{access.Read, access.TradeSpot},
		Failures: []Failure{
			fail(FailUnknownKey, 401, `{"code":401,"message":"Invalid credentials","status":"error"}`, access.KindAmbiguous, refused...),
			fail(FailBadSignature, 401, `{"code":401,"message":"Invalid credentials","status":"error"}`, access.KindAmbiguous, refused...),
			fail(FailClock, 401, `{"code":401,"message":"Invalid credentials","status":"error"}`, access.KindAmbiguous, refused...),
			fail("at another gateway", 401, `{"code":401,"message":"Invalid credentials","status":"error","errorCode":"BFF-AUTH-001"}`, access.KindAmbiguous, refused...),
			fail("unreadable", 400, `{"status":"error","message":"bad_request","code":400}`, access.KindNotUnderstood),
			fail("no such call", 404, `{"status":"error","message":"not_found","code":404}`, access.KindNotUnderstood),
			fail("rate limited", 429, `{"code":429,"message":"Too Many Requests","status":"error"}`, access.KindRateLimited),
			fail("maintenance", 503, `{"code":503,"message":"Service Unavailable","status":"error"}`, access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the documented rule
			coindcxVector("/exchange/v1/users/balances", `{"timestamp":1767225600000}`, "8a664a408d22b1c93a5040256e83e65819c5c63a595ace95f3498f457f44e024"),
			coindcxVector("/exchange/v1/orders/create", `{"side":"buy","order_type":"limit_order","market":"SNTBTC","price_per_unit":0.03244,"total_quantity":400,"timestamp":1767225600000}`,
				"8139cbc582adbbb2d5ae7cb48f32ee475e53eb19cfcd03cf23fbd7d811b2846a"),
		},
		Unsigned: []string{"path", "query"},
		Shape:    func(k *Issued) { k.ID, k.Secret = Hex(48, "coindcx", k.Serial), Hex(64, "coindcx secret", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("X-AUTH-APIKEY") },
		Verify:   coindcxVerify,
		Routes: map[string]func(*Call) Reply{"POST /exchange/v1/users/balances": func(*Call) Reply {
			return Reply{Body: `[{"currency":"INR","balance":248750.34,"locked_balance":0},{"currency":"BTC","balance":1.167,"locked_balance":2.1}]`}
		}},
	})
}

// coindcxVerify follows the documentation: HMAC-SHA256 of the body in lower-case
// hexadecimal; the body has the time in milliseconds. How far off it may be is not
// documented for reads: here, the ten seconds of orders.
func coindcxVerify(c *Call) *Reply {
	if c.Header.Get("X-AUTH-SIGNATURE") != hmacHex(sha256.New, c.Key.Secret, string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	var said struct{ Timestamp int64 }
	if json.Unmarshal(c.Body, &said) != nil || c.Now.Sub(time.UnixMilli(said.Timestamp)).Abs() > 10*time.Second {
		return c.Refuse(FailClock)
	}
	return nil
}

func coindcxVector(path, body, signature string) Vector {
	const key = "coindcx-key"
	return Vector{
		Name: path, Time: time.UnixMilli(1767225600000), Key: key, Secret: "coindcx-secret", Method: "POST", URL: "https://api.coindcx.com" + path, Body: body,
		Header: map[string]string{"Content-Type": "application/json", "X-AUTH-APIKEY": key, "X-AUTH-SIGNATURE": signature},
	}
}
