package exchangetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// CoinEx is a fake of CoinEx's API v2. It reports of a key only whether it belongs
// to a main account.
func CoinEx() *Fake {
	return New(Definition{
		Name:     "coinex",
		Hosts:    []string{"api.coinex.com"},
		Kinds:    []access.KeyKind{access.SharedSecret},
		Base:     []access.Capability{access.Read},
		Reports:  Reports{Account: true},
		Failures: coinexFailures,
		Vectors: []Vector{
			// The first is from an independent client's tests, the second was computed.
			coinexVector("XXXXXXXXXX", "/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT&side=buy&page=1&limit=10",
				"444976f4f21d422ab7091b47d9201eb02a6614ff1f4c7b9f6ca57bff632030a5"),
			coinexVector("ExampleCoinexSecret", "/v2/account/subs/api-detail?api_id=554",
				"d34443adae94c8ce22151f7ade26e98dbd3a09c219ddd71adc9cff90c14f2226"),
		},
		Identify: func(c *Call) string { return c.Header.Get("X-COINEX-KEY") },
		Verify:   coinexVerify,
		Public: map[string]func(*Call) Reply{
			"GET /v2/time": func(c *Call) Reply { return c.Fill(Reply{Body: `{"code":0,"data":{"timestamp":{ms}},"message":"OK"}`}) },
		},
		Routes: map[string]func(*Call) Reply{"GET /v2/account/subs/info": func(c *Call) Reply {
			if c.Key.SubAccount {
				return Reply{Body: `{"code":0,"data":{"sub_user_name":"sub1","user_type":"SUB_ACCOUNT"},"message":"OK"}`}
			}
			return Reply{Body: `{"code":0,"data":{"sub_user_name":null,"user_type":"NORMAL"},"message":"OK"}`}
		}},
	})
}

var coinexFailures = []Failure{
	coinexFailure(FailUnknownKey, 4005, "abnormal access_id", access.KindAmbiguous, access.KindBadKey, access.KindExpired, access.KindDisabled),
	coinexFailure(FailBadSignature, 4006, "signature failed", access.KindBadSignature),
	coinexFailure("abnormal signature", 4008, "abnormal sign value", access.KindBadSignature),
	coinexFailure(FailIP, 4007, "IP prohibited", access.KindIPNotAllowed),
	coinexFailure(FailClock, 4010, "request expired", access.KindClockSkew),
	coinexFailure("request expired, other code", 4017, "request has expired", access.KindClockSkew),
	coinexFailure("user prohibited", 4011, "user prohibited from accessing", access.KindDisabled),
	coinexFailure("sub-account", 4512, "insufficient sub-account permission", access.KindForbidden),
	coinexFailure("trading prohibited", 4115, "trading prohibited", access.KindForbidden),
	coinexFailure("trading prohibited, other code", 4158, "user prohibited from trading", access.KindForbidden),
	coinexFailure("rate limited", 4213, "rate limit triggered", access.KindRateLimited),
	coinexFailure("rate limited, other code", 4123, "requests too frequent", access.KindRateLimited),
	coinexFailure("busy", 3008, "service busy", access.KindUnavailable),
	coinexFailure("unavailable", 4001, "service unavailable", access.KindUnavailable),
	coinexFailure("timeout", 4002, "service timeout", access.KindUnavailable),
	coinexFailure("older API: IP address", 23, "IP prohibited", access.KindIPNotAllowed),
	coinexFailure("older API: key", 24, "authorization failed", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature),
	coinexFailure("older API: signature", 25, "signature is incorrect", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature),
	coinexFailure("older API: expired", 34, "access id is expired", access.KindExpired),
	coinexFailure("older API: forbidden", 158, "permission not allowed", access.KindForbidden),
	coinexFailure("older API: time", 227, "request time expired", access.KindClockSkew),
}

func coinexFailure(name string, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
	return Failure{Name: name, Reply: Reply{Body: fmt.Sprintf(`{"code":%d,"data":{},"message":%q}`, code, message)}, Kind: kind, Candidates: candidates}
}

// coinexVerify follows the documentation: HMAC-SHA256 over method, path with query,
// body and timestamp, in lower-case hexadecimal. A known client sends the SHA-256
// of that text and the secret instead. How old a request may be is not confirmed;
// here it is 5 seconds, as in clients.
func coinexVerify(c *Call) *Reply {
	stamp, signature := c.Header.Get("X-COINEX-TIMESTAMP"), c.Header.Get("X-COINEX-SIGN")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	text := c.Method + c.URL.RequestURI() + string(c.Body) + stamp
	sum := sha256.Sum256([]byte(text + c.Key.Secret))
	switch {
	case signature != hmacHex(sha256.New, c.Key.Secret, text) && signature != hex.EncodeToString(sum[:]):
		return c.Refuse(FailBadSignature)
	case err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 5*time.Second:
		return c.Refuse(FailClock)
	}
	return nil
}

func coinexVector(secret, target, signature string) Vector {
	return Vector{
		Name: target, Time: time.UnixMilli(1700490703564), Key: "exampleCoinexKey", Secret: secret, Method: http.MethodGet, URL: "https://api.coinex.com" + target,
		Header: map[string]string{"X-COINEX-KEY": "exampleCoinexKey", "X-COINEX-SIGN": signature, "X-COINEX-TIMESTAMP": "1700490703564"},
	}
}
