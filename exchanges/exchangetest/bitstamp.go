package exchangetest

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bitstamp is a fake of Bitstamp's API v2.
func Bitstamp() *Fake {
	fail := func(name, code, reason string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: 403, Body: fmt.Sprintf(`{"status":"error","reason":%q,"code":%q}`, reason, code)}, Kind: kind}
	}
	generic := fail("authentication failed", "API0000", "Authentication failed", access.KindAmbiguous)
	generic.Candidates = []access.Kind{access.KindBadKey, access.KindBadSignature}
	return New(Definition{
		Name: "bitstamp", Hosts: []string{"www.bitstamp.net", "sandbox.bitstamp.net"}, Kinds: []access.KeyKind{access.SharedSecret},
		Base: []access.Capability{access.Read},
		Failures: []Failure{
			generic,
			fail(FailUnknownKey, "API0001", "API key not found", access.KindBadKey),
			fail("malformed key", "API0011", "Wrong API key format", access.KindBadKey),
			fail("key without customer", "API0008", "Can not find a customer with selected API key", access.KindBadKey),
			fail(FailBadSignature, "API0005", "Invalid signature", access.KindBadSignature),
			fail(FailIP, "API0002", "IP address not allowed", access.KindIPNotAllowed),
			fail("forbidden", "API0003", "No permission found", access.KindForbidden),
			fail(FailNonce, "API0004", "Invalid nonce", access.KindNonce),
			fail(FailClock, "API0017", "Timestamp and nonce too low", access.KindClockSkew),
			fail(FailDisabled, "API0006", "Your account is frozen", access.KindDisabled),
			{
				Name: "restricted", Kind: access.KindDisabled,
				Reply: Reply{Status: 403, Body: `{"status":"error","reason":{"__all__":["Trading is currently unavailable for your account."]},"response_code":"403.004"}`},
			},
			{Name: "rate limited", Kind: access.KindRateLimited, Reply: Reply{Status: 400, Body: `{"status":"error","reason":"Request rate limit exceeded","response_code":"400.002"}`}},
			{Name: "rate limited, client", Kind: access.KindRateLimited, Reply: Reply{Status: 400, Body: `{"status":"error","reason":"Request rate limit exceeded","response_code":"400.067"}`}},
			{Name: "rate limited, market", Kind: access.KindRateLimited, Reply: Reply{Status: 429, Body: `{"status":"error","reason":"Request rate limit exceeded","response_code":"400.068"}`}},
			fail(bitstampContentType, "API0020", "Content-Type header should not be present", access.KindNotUnderstood),
			{Name: "unsigned", Kind: access.KindBadSignature, Reply: Reply{Status: 403, Body: `{"error":"Missing key, signature and nonce parameters"}`}},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
			{Name: "maintenance", Kind: access.KindUnavailable, Reply: Reply{Status: 200, Body: `{"error":"Bitstamp.net is under scheduled maintenance. We'll be back soon."}`}},
		},
		Vectors: []Vector{
			bitstampVector("account_balances/", "", "aebe108532f742a4935f6125a91dc4a47006998a08cae6feba30ff955669f2bd"),
			bitstampVector("user_transactions/", "offset=0&limit=1", "177caf860d522a5068536826d8976aa21b60026e4fd0076dd1ad075126da0180"),
		},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(32, "bitstamp", k.Serial), Hex(32, "bitstamp secret", k.Serial)
		},
		Identify: func(c *Call) string { return strings.TrimPrefix(c.Header.Get("X-Auth"), "BITSTAMP ") },
		Verify:   bitstampVerify,
		Routes: map[string]func(*Call) Reply{"POST /api/v2/account_balances/": func(*Call) Reply {
			return Reply{Body: `[{"currency":"eur","total":"10.00","available":"10.00","reserved":"0.00"}]`}
		}},
	})
}

const bitstampContentType = "content type without a body"

var bitstampNonce = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// bitstampVerify follows the documentation: "BITSTAMP key", method, host, path, query, content type (only
// with a body), nonce, timestamp, "v2", body; HMAC-SHA256 in hexadecimal.
func bitstampVerify(c *Call) *Reply {
	stamp, nonce, kind := c.Header.Get("X-Auth-Timestamp"), c.Header.Get("X-Auth-Nonce"), c.Header.Get("Content-Type")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case err != nil || c.Header.Get("X-Auth-Version") != "v2":
		return c.Refuse("authentication failed")
	case len(c.Body) == 0 && kind != "":
		return c.Refuse(bitstampContentType)
	case !bitstampNonce.MatchString(nonce):
		return c.Refuse(FailNonce)
	}
	query := ""
	if c.URL.RawQuery != "" {
		query = "?" + c.URL.RawQuery
	}
	text := "BITSTAMP " + c.Key.ID + c.Method + c.Host + c.URL.Path + query + kind + nonce + stamp + "v2" + string(c.Body)
	if !strings.EqualFold(c.Header.Get("X-Auth-Signature"), hmacHex(sha256.New, c.Key.Secret, text)) {
		return c.Refuse(FailBadSignature)
	}
	if c.Now.Sub(time.UnixMilli(ms)).Abs() > 150*time.Second {
		return c.Refuse(FailClock)
	}
	return nil
}

func bitstampVector(call, body, signature string) Vector {
	header := map[string]string{
		"X-Auth": "BITSTAMP exampleBitstampKey", "X-Auth-Signature": signature, "X-Auth-Nonce": "f93c979d-b00d-43a9-9b9c-fd4cd9547fa6",
		"X-Auth-Timestamp": "1700000000000", "X-Auth-Version": "v2",
	}
	if body != "" {
		header["Content-Type"] = "application/x-www-form-urlencoded"
	}
	return Vector{
		Name: call, Time: time.UnixMilli(1700000000000), Key: "exampleBitstampKey", Secret: "exampleBitstampSecret",
		Method: "POST", URL: "https://www.bitstamp.net/api/v2/" + call, Header: header, Body: body,
	}
}
