package exchangetest

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// BitMart is a fake of BitMart's API. It shows a key's rights only by answering
// calls that need them. A key without the right is refused; whether a key with the
// right can be refused too is not confirmed. Permissions "no Withdraw" and "no
// Future-Trade" say that a right is off. Option "refusal" names the refusal to use
// instead of the usual one. The real exchange answers some of these calls without
// a signature; this fake requires it for all.
func BitMart() *Fake {
	right := func(name, answer string) func(*Call) Reply {
		return func(c *Call) Reply {
			if refusal := c.Key.Options["refusal"]; refusal != "" {
				return *c.Refuse(refusal)
			}
			if !c.Key.Has(name) {
				return *c.Refuse(bitmartForbidden)
			}
			return Reply{Body: answer}
		}
	}
	return New(Definition{
		Name: "bitmart", Hosts: []string{"api-cloud.bitmart.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Rights: []Right{
			{"Withdraw", []access.Capability{access.Withdraw}},
			{"no Withdraw", nil},
			{"Future-Trade", []access.Capability{access.TradeFutures}},
			{"no Future-Trade", nil},
		},
		// A refused call proves nothing.
		MayGrant: map[string][]access.Capability{
			"no Withdraw":     {access.Withdraw},
			"no Future-Trade": {access.TradeFutures},
		},
		CanExist: func(s *Spec) bool {
			return s.Has("Withdraw") != s.Has("no Withdraw") && s.Has("Future-Trade") != s.Has("no Future-Trade")
		},
		UnknownPermissions: []string{}, // answers do not name permissions
		Failures:           bitmartFailures,
		Vectors: []Vector{
			// The exchange's own sample.
			bitmartVector(http.MethodPost, "/spot/v1/submit_order", `{"symbol":"BTC_USDT","price":"8600","count":"100"}`,
				"c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d"),
			// Computed by the documented rule.
			bitmartVector(http.MethodGet, "/account/v1/wallet", "", "f38f0d62f545344208c544d43a32269234c08ad19c50b00707444a3172f47546"),
			bitmartVector(http.MethodGet, "/account/v1/withdraw/charge?currency=USDT", "", "4173988455acad3c27cc3c516104b0ad7b91cec3b176f041ecd63ff59d3ed6bd"),
		},
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret, k.Passphrase = Hex(40, "bitmart", k.Serial), Hex(64, "bitmart secret", k.Serial), Hex(12, "bitmart memo", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("X-BM-KEY") },
		Verify:   bitmartVerify,
		Routes: map[string]func(*Call) Reply{
			"GET /account/v1/wallet": func(*Call) Reply {
				return bitmartReply(`{"wallet":[{"id":"USDT","name":"Tether USD","available":"0.00","frozen":"0.00","total":"0.00"}]}`)
			},
			"GET /account/v1/withdraw/charge": right("Withdraw",
				bitmartReply(`{"today_available_withdraw_BTC":"100.0","min_withdraw":"5.0","withdraw_precision":6,"withdraw_fee":"1.0"}`).Body),
			"POST /account/v1/transfer-contract-list": right("Future-Trade", bitmartReply(`{"records":[]}`).Body),
		},
		Introspection: "GET /account/v1/wallet",
	})
}

const bitmartForbidden = "permission missing"

var bitmartFailures = []Failure{
	bitmartFailure(FailUnknownKey, 401, 30002, "Header X-BM-KEY not found", access.KindBadKey),
	bitmartFailure(FailDisabled, 401, 30003, "Header X-BM-KEY has frozen", access.KindDisabled),
	bitmartFailure(FailBadSignature, 401, 30005, "Header X-BM-SIGN is wrong", access.KindBadSignature),
	bitmartFailure(FailClock, 400, 30007, "Header X-BM-TIMESTAMP range. Within a minute", access.KindClockSkew),
	bitmartFailure(FailIP, 403, 30010, "IP is forbidden", access.KindIPNotAllowed),
	bitmartFailure(FailExpired, 403, 30011, "Header X-BM-KEY is expired", access.KindExpired),
	bitmartFailure("key not allowed", 403, 30012, "Header X-BM-KEY is forbidden to request it", access.KindForbidden),
	bitmartFailure(bitmartForbidden, 403, 30019, "The permission is missing", access.KindForbidden),
	bitmartFailure("rate limited", 429, 30013, "Request too many requests", access.KindRateLimited),
	bitmartFailure("maintenance", 503, 30016, "Service maintenance, the function is temporarily unavailable", access.KindUnavailable),
	bitmartFailure("banned", 418, 30017, "Your account request is temporarily rejected due to violation of rate limit", access.KindBanned),
	bitmartFailure("something else", 400, 60000, "Invalid request, maybe the body is empty", access.KindNotUnderstood),
	{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
}

func bitmartFailure(name string, status, code int, message string, kind access.Kind) Failure {
	body := fmt.Sprintf(`{"code":%d,"trace":"0a7b2c3d-0000-4000-8000-000000000000","message":%q,"data":{}}`, code, message)
	return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind}
}

func bitmartReply(data string) Reply {
	return Reply{Body: `{"code":1000,"trace":"0a7b2c3d-0000-4000-8000-000000000000","message":"OK","data":` + data + `}`}
}

// bitmartVerify follows the documentation: timestamp, memo, and body (of a GET,
// the query), joined by "#"; HMAC-SHA256 in lower-case hexadecimal. The window
// is the default one.
func bitmartVerify(c *Call) *Reply {
	stamp, last := c.Header.Get("X-BM-TIMESTAMP"), string(c.Body)
	if c.Method == http.MethodGet {
		last = c.URL.RawQuery
	}
	if c.Header.Get("X-BM-SIGN") != hmacHex(sha256.New, c.Key.Secret, stamp+"#"+c.Key.Passphrase+"#"+last) {
		return c.Refuse(FailBadSignature)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 5*time.Second {
		return c.Refuse(FailClock)
	}
	return nil
}

func bitmartVector(method, path, body, signature string) Vector {
	const key = "80618e45710812162b04892c7ee5ead4a3cc3e56"
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1589793796145), Key: key, Passphrase: "test001",
		Secret: "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9",
		Method: method, URL: "https://api-cloud.bitmart.com" + path, Body: body,
		Header: map[string]string{"X-BM-KEY": key, "X-BM-TIMESTAMP": "1589793796145", "X-BM-SIGN": signature, "Content-Type": "application/json"},
	}
}
