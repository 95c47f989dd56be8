package exchangetest

import (
	"crypto/sha512"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// BTCMarkets is a fake of BTC Markets' API v3. It reports nothing about its keys.
func BTCMarkets() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: `{"code":"` + code + `","message":"` + message + `"}`}, Kind: kind}
	}
	return New(Definition{
		Name: "btcmarkets", Hosts: []string{"api.btcmarkets.net"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 401, "InvalidAPIKey", "the key is invalid", access.KindBadKey),
			fail(FailBadSignature, 401, "InvalidAuthSignature", "the signature is invalid", access.KindBadSignature),
			fail(FailClock, 400, "InvalidTimeWindow", "BM-AUTH-TIMESTAMP range. Within a minute", access.KindClockSkew),
			fail("timestamp invalid", 401, "InvalidAuthTimestamp", "BM-AUTH-TIMESTAMP invalid format", access.KindClockSkew),
			fail("timestamp invalid, other code", 400, "InvalidTimestamp", "BM-AUTH-TIMESTAMP range. Within a minute", access.KindClockSkew),
			fail("permission missing", 403, "InsufficientAPIPermission", "the key lacks the permission", access.KindForbidden),
			fail("something else", 400, "MissingArgument", "an argument is missing", access.KindNotUnderstood),
			fail("rate limited", 429, "TooManyRequests", "too many requests", access.KindRateLimited),
			{Name: "fault", Reply: *HTML(503), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the rule
			btcmarketsVector("GET", "/v3/accounts/me/balances", "", "5HRUY7HVF9r28z/ydvtoL9t93LF2AfJ+bs1bB0bgswjt6LriDVau1z4jvROwP4VdS4E25l76vlvu0Oo2dB4H3g=="),
			btcmarketsVector("POST", "/v3/orders", `{"marketId":"BTC-AUD","price":"100","amount":"0.1","side":"Bid","type":"Limit"}`, "+wW2vsa8JeuTI0PjNqrkN1nzG/xJp2NkW4y+kndIHuSce1txfIeMCZ7PEr2uszitj0s/lSqyK52QBTQtpH1bMA=="),
		},
		Unsigned: []string{"query"},
		Shape: func(k *Issued) {
			k.Secret = base64.StdEncoding.EncodeToString([]byte(Hex(64, "btcmarkets secret", k.Serial)))
		},
		Identify: func(c *Call) string { return c.Header.Get("BM-AUTH-APIKEY") },
		Verify:   btcmarketsVerify,
		Routes: map[string]func(*Call) Reply{"GET /v3/accounts/me/balances": func(*Call) Reply {
			return Reply{Body: `[{"assetName":"LTC","balance":"5","available":"5","locked":"0"}]`}
		}},
	})
}

// btcmarketsVerify follows the rule of independent clients: method, path without query,
// timestamp in milliseconds and body; HMAC-SHA512 with the decoded secret, in base64;
// within a minute.
func btcmarketsVerify(c *Call) *Reply {
	stamp := c.Header.Get("BM-AUTH-TIMESTAMP")
	secret, err := base64.StdEncoding.DecodeString(c.Key.Secret)
	want := base64.StdEncoding.EncodeToString(hmacRaw(sha512.New, secret, c.Method+c.URL.EscapedPath()+stamp+string(c.Body)))
	if err != nil || c.Header.Get("BM-AUTH-SIGNATURE") != want {
		return c.Refuse(FailBadSignature)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > time.Minute {
		return c.Refuse(FailClock)
	}
	return nil
}

func btcmarketsVector(method, path, body, signature string) Vector {
	const key = "btcmarkets-key"
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1767225600000), Key: key, Secret: "YnRjbWFya2V0cy1zZWNyZXQ=", Method: method, URL: "https://api.btcmarkets.net" + path, Body: body,
		Header: map[string]string{"BM-AUTH-APIKEY": key, "BM-AUTH-TIMESTAMP": "1767225600000", "BM-AUTH-SIGNATURE": signature},
	}
}
