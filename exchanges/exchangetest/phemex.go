package exchangetest

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Phemex is a fake of Phemex. It reports nothing about its keys.
func Phemex() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: fmt.Sprintf(`{"code":%s,"msg":%q}`, code, message)}, Kind: kind}
	}
	return New(Definition{
		Name: "phemex", Hosts: []string{"api.phemex.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{ // the words are those that clients have seen
			fail(FailUnknownKey, 401, `"401"`, "401 Failed to load API KEY.", access.KindBadKey),
			fail("key not found", 401, "10500", "Failed to find api-key", access.KindBadKey),
			fail(FailBadSignature, 401, `"401"`, "API Signature verification failed", access.KindBadSignature),
			fail(FailIP, 401, `"401"`, "401 Request IP mismatch.", access.KindIPNotAllowed),
			fail("no right", 401, `"401"`, "401 Insufficient privilege.", access.KindForbidden),
			fail(FailClock, 401, `"401"`, "401 Request Expired at 1618547919", access.KindClockSkew),
			fail("something else", 200, "11001", "TE_NO_ENOUGH_AVAILABLE_BALANCE", access.KindNotUnderstood),
			fail("rate limited", 429, "429", "Too many requests", access.KindRateLimited),
			fail("fault", 500, "10500", "No message available", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the documented rule
			phemexVector("/spot/wallets?currency=USDT", "4757024f5780c3b9000efbf3fcbcfb41c25232ec45303da04cdf63cd2b8e9b15"),
			phemexVector("/phemex-user/users/children?offset=0&limit=20&withCount=true", "a8eba6b4cf2eb5d98204c6c855dbadf7ec387424fe35c415e76e9bb14a2d5845"),
		},
		Identify: func(c *Call) string { return c.Header.Get("x-phemex-access-token") },
		Verify:   phemexVerify,
		Routes: map[string]func(*Call) Reply{"GET /spot/wallets": func(*Call) Reply {
			return Reply{Body: `{"code":0,"msg":"","data":[{"currency":"USDT","balanceEv":0,"lockedTradingBalanceEv":0,"lockedWithdrawEv":0,"lastUpdateTimeNs":0}]}`}
		}},
	})
}

// phemexVerify follows the documentation: path, query without the question mark,
// expiry in seconds, and body; HMAC-SHA256 in lower-case hexadecimal; an expiry in
// the future, by two minutes at most.
func phemexVerify(c *Call) *Reply {
	expiry := c.Header.Get("x-phemex-request-expiry")
	at, err := strconv.ParseInt(expiry, 10, 64)
	text := c.URL.EscapedPath() + c.URL.RawQuery + expiry + string(c.Body)
	switch left := time.Unix(at, 0).Sub(c.Now); {
	case err != nil, c.Header.Get("x-phemex-request-signature") != hmacHex(sha256.New, c.Key.Secret, text):
		return c.Refuse(FailBadSignature)
	case left <= 0, left > 2*time.Minute:
		return c.Refuse(FailClock)
	}
	return nil
}

func phemexVector(path, signature string) Vector {
	const key = "3b1a2c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
	return Vector{
		Name: path, Time: time.Unix(1700000000, 0), Key: key, Secret: "test-secret", Method: "GET", URL: "https://api.phemex.com" + path,
		Header: map[string]string{"x-phemex-access-token": key, "x-phemex-request-expiry": "1700000060", "x-phemex-request-signature": signature},
	}
}
