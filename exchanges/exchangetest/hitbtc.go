package exchangetest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// HitBTC is a fake of HitBTC's API v3. It reports nothing about its keys.
func HitBTC() *Fake {
	fail := func(name string, status, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
		body := fmt.Sprintf(`{"error":{"code":%d,"message":%q,"description":""}}`, code, message)
		return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind, Candidates: candidates}
	}
	unauthorised := []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed}
	return New(Definition{
		Name: "hitbtc", Hosts: []string{"api.hitbtc.com", "api.demo.hitbtc.com"},
		Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 401, 1002, "Authorization is required or has been failed", access.KindAmbiguous, unauthorised...),
			fail("no authorization", 401, 1001, "Authorization required", access.KindAmbiguous, unauthorised...),
			fail("right missing", 403, 1003, "Action is forbidden for this API key", access.KindForbidden),
			fail("account forbidden", 401, 403, "Action is forbidden for account", access.KindForbidden),
			fail("method", 401, 1004, "Unsupported authorization method", access.KindBadSignature),
			fail("something else", 400, 10001, "Validation error", access.KindNotUnderstood),
			fail("rate limited", 429, 429, "Too many requests", access.KindRateLimited),
			fail("fault", 500, 500, "Internal Server Error", access.KindUnavailable),
			fail("unavailable", 503, 503, "Service Unavailable", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the rule
			hitbtcVector("GET", "/api/3/spot/balance", "", "5b0c10d9215ce9753f58d6f0509b08276ea9911081c653d763a3889f52294246"),
			hitbtcVector("GET", "/api/3/spot/balance?currency=BTC", "", "b4810e06c3b4c4c52030bb168de6909d712a9c25e9752d9ed64f5d485728e6dc"),
			hitbtcVector("POST", "/api/3/spot/order", `{"symbol":"ETHBTC","side":"sell","quantity":"0.1"}`, "d6b28e2eaae3a01f38c1720ad1f12d5d764ff31a436b53714139e6a3b2cbfc49"),
		},
		Identify: func(c *Call) string {
			parts, _ := hitbtcParts(c)
			return parts[0]
		},
		Verify: hitbtcVerify,
		Routes: map[string]func(*Call) Reply{"GET /api/3/spot/balance": func(*Call) Reply {
			return Reply{Body: `[{"currency":"PHX","available":"1.5","reserved":"0.5","reserved_margin":"0"}]`}
		}},
	})
}

// hitbtcParts are the key, the signature and the timestamp of a request.
func hitbtcParts(c *Call) (parts [3]string, ok bool) {
	encoded, scheme := strings.CutPrefix(c.Header.Get("Authorization"), "HS256 ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if list := strings.Split(string(raw), ":"); scheme && err == nil && len(list) == 3 {
		return [3]string(list), true
	}
	return parts, false
}

// hitbtcVerify follows the rule of an independent client: method, path with query, body
// and timestamp in milliseconds; HMAC-SHA256 in lower-case hexadecimal. How far off the
// timestamp may be is not confirmed, so it is only required.
func hitbtcVerify(c *Call) *Reply {
	parts, ok := hitbtcParts(c)
	_, err := strconv.ParseInt(parts[2], 10, 64)
	if !ok || err != nil || parts[1] != hmacHex(sha256.New, c.Key.Secret, c.Method+c.URL.RequestURI()+string(c.Body)+parts[2]) {
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func hitbtcVector(method, path, body, signature string) Vector {
	const key, stamp = "hitbtc-key", "1767225600000"
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1767225600000), Key: key, Secret: "hitbtc-secret", Method: method, URL: "https://api.hitbtc.com" + path, Body: body,
		Header: map[string]string{"Authorization": "HS256 " + base64.StdEncoding.EncodeToString([]byte(key+":"+signature+":"+stamp))},
	}
}
