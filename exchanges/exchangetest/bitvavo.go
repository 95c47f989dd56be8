package exchangetest

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bitvavo is a fake of Bitvavo's API v2. It reports nothing about its keys.
func Bitvavo() *Fake {
	fail := func(name string, status, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: fmt.Sprintf(`{"errorCode":%d,"error":%q}`, code, message)}, Kind: kind, Candidates: candidates}
	}
	return New(Definition{
		Name: "bitvavo", Hosts: []string{"api.bitvavo.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 403, 305, "No active API key found.", access.KindAmbiguous, access.KindBadKey, access.KindDisabled),
			fail("no active key", 403, 306, "No active API key found. Please ensure that you have confirmed the API key by e-mail.", access.KindAmbiguous, access.KindBadKey, access.KindDisabled),
			fail(FailBadSignature, 403, 309, "The signature is invalid.", access.KindBadSignature),
			fail(FailClock, 403, 304, "Request was not received within acceptable window.", access.KindClockSkew),
			fail(FailIP, 403, 307, "This key does not allow access from this IP.", access.KindIPNotAllowed),
			fail("no right to view", 403, 311, "This key does not allow showing account information.", access.KindForbidden),
			fail("no right to trade", 403, 310, "This key does not allow trading actions.", access.KindForbidden),
			fail("no right to withdraw", 403, 312, "This key does not allow withdrawal of funds.", access.KindForbidden),
			fail("something else", 400, 205, "Parameter is invalid.", access.KindNotUnderstood),
			fail("rate limited", 429, 105, "Rate limit exceeded.", access.KindRateLimited),
			fail("fault", 503, 107, "The matching engine is overloaded.", access.KindUnavailable),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{
			// The exchange's own sample; its key is made up.
			bitvavoVector("POST", "/v2/order", `{"market":"BTC-EUR","side":"buy","price":"5000","amount":"1.23","orderType":"limit"}`,
				"44d022723a20973a18f7ee97398b9fdd405d2d019c8d39e24b8cc0dcb39ca016"),
			// Computed by the documented rule.
			bitvavoVector("GET", "/v2/account", "", "b05de0641eafd2ed39886279129031ed949ed6108d29f3544a5d4c10e32253f6"),
		},
		Unsigned: []string{"Bitvavo-Access-Window"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(64, "bitvavo", k.Serial), Hex(128, "bitvavo secret", k.Serial)
		},
		Identify: func(c *Call) string { return c.Header.Get("Bitvavo-Access-Key") },
		Verify:   bitvavoVerify,
		Routes: map[string]func(*Call) Reply{"GET /v2/account": func(*Call) Reply {
			return Reply{Body: `{"fees":{"tier":0,"volume":"0.00","taker":"0.0025","maker":"0.0015"},` +
				`"capabilities":["buy","sell","depositCrypto","depositFiat","withdrawCrypto","withdrawFiat"]}`}
		}},
	})
}

// bitvavoVerify follows the documentation: timestamp, method, path with query,
// and body; HMAC-SHA256 in lower-case hexadecimal; a window of 10 s, unless the
// request sets another one of at most 60 s.
func bitvavoVerify(c *Call) *Reply {
	stamp, window := c.Header.Get("Bitvavo-Access-Timestamp"), int64(10000)
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if text := c.Header.Get("Bitvavo-Access-Window"); text != "" && err == nil {
		window, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil || window > 60000 {
		return c.Refuse(FailClock)
	}
	if c.Header.Get("Bitvavo-Access-Signature") != hmacHex(sha256.New, c.Key.Secret, stamp+c.Method+c.URL.RequestURI()+string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	if c.Now.Sub(time.UnixMilli(ms)).Abs() > time.Duration(window)*time.Millisecond {
		return c.Refuse(FailClock)
	}
	return nil
}

func bitvavoVector(method, path, body, signature string) Vector {
	const key = "bitvavo-key"
	header := map[string]string{
		"Bitvavo-Access-Key": key, "Bitvavo-Access-Timestamp": "1548172481125", "Bitvavo-Access-Window": "10000", "Bitvavo-Access-Signature": signature,
	}
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1548172481125), Key: key, Secret: "bitvavo", Method: method,
		URL: "https://api.bitvavo.com" + path, Header: header, Body: body,
	}
}
