package exchangetest

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bitbank is a fake of bitbank's API v1. It reports nothing about its keys.
func Bitbank() *Fake {
	fail := func(name string, status, code int, kind access.Kind, candidates ...access.Kind) Failure {
		body := `{"success":0,"data":{"code":` + strconv.Itoa(code) + `}}`
		return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind, Candidates: candidates}
	}
	return New(Definition{
		Name: "bitbank", Hosts: []string{"api.bitbank.cc"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 200, 20003, access.KindBadKey),
			fail("malformed key", 200, 20002, access.KindBadKey),
			fail("not authorized", 200, 20001, access.KindAmbiguous, access.KindBadKey, access.KindForbidden, access.KindIPNotAllowed),
			fail(FailBadSignature, 200, 20005, access.KindBadSignature),
			fail(FailClock, 200, 20035, access.KindClockSkew),
			fail("time invalid", 200, 20034, access.KindClockSkew),
			fail("second factor", 200, 20023, access.KindSecondFactor),
			fail("second factor wrong", 200, 20011, access.KindSecondFactor),
			fail("rate limited, by code", 200, 10009, access.KindRateLimited),
			fail("rate limited", 429, 10009, access.KindRateLimited),
			fail("system error", 200, 10001, access.KindUnavailable),
			fail("timeout", 200, 10005, access.KindUnavailable),
			fail("maintenance", 200, 10007, access.KindUnavailable),
			fail("busy", 200, 10008, access.KindUnavailable),
			fail("something else", 200, 40001, access.KindNotUnderstood),
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // the exchange's own samples
			bitbankVector("GET", "/v1/user/assets", "", "9ec5745960d05573c8fb047cdd9191bd0c6ede26f07700bb40ecf1a3920abae8"),
			bitbankVector("POST", "/v1/user/spot/order", `{"pair": "xrp_jpy", "price": "20", "amount": "1","side": "buy", "type": "limit"}`,
				"7868665738ae3f8a796224e0413c1351ddd7ec2af121db12815c0a5b74b8764c"),
		},
		// Of a POST the body alone is signed.
		Unsigned: []string{"path", "query"},
		Shape:    func(k *Issued) { k.ID = Hex(36, "bitbank", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("ACCESS-KEY") },
		Verify:   bitbankVerify,
		Routes: map[string]func(*Call) Reply{"GET /v1/user/assets": func(*Call) Reply {
			return Reply{Body: `{"success":1,"data":{"assets":[{"asset":"jpy","amount_precision":4,"onhand_amount":"123.0000","locked_amount":"0.0000","free_amount":"123.0000"}]}}`}
		}},
	})
}

// bitbankVerify follows the documentation, for requests with a time window: time in
// milliseconds, window, and path with query or, of a POST, body; HMAC-SHA256 in
// lower-case hexadecimal.
func bitbankVerify(c *Call) *Reply {
	stamp, span := c.Header.Get("ACCESS-REQUEST-TIME"), c.Header.Get("ACCESS-TIME-WINDOW")
	text := c.URL.RequestURI()
	if c.Method == http.MethodPost {
		text = string(c.Body)
	}
	if c.Header.Get("ACCESS-SIGNATURE") != hmacHex(sha256.New, c.Key.Secret, stamp+span+text) {
		return c.Refuse(FailBadSignature)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	window := int64(5000)
	if span != "" && err == nil {
		window, err = strconv.ParseInt(span, 10, 64)
	}
	if now := c.Now.UnixMilli(); err != nil || window > 60_000 || ms >= now+1000 || now-ms > window {
		return c.Refuse(FailClock)
	}
	return nil
}

func bitbankVector(method, path, body, signature string) Vector {
	const key = "bitbank-key"
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(1721121776490), Key: key, Secret: "hoge", Method: method, URL: "https://api.bitbank.cc" + path, Body: body,
		Header: map[string]string{"ACCESS-KEY": key, "ACCESS-REQUEST-TIME": "1721121776490", "ACCESS-TIME-WINDOW": "1000", "ACCESS-SIGNATURE": signature},
	}
}
