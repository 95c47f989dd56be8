package exchangetest

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bitkub is a fake of Bitkub's API v4. It shows the right to withdraw only by answering
// the call that needs it; "no Withdraw" says that it is off. Option "refusal" names the
// refusal to use instead of the usual one.
func Bitkub() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind, candidates ...access.Kind) Failure {
		body := fmt.Sprintf(`{"code":%q,"message":%q,"data":{}}`, code, message)
		return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind, Candidates: candidates}
	}
	// The codes of version 3, which numbers them.
	numbered := func(name string, status, code int, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: fmt.Sprintf(`{"error":%d}`, code)}, Kind: kind}
	}
	return New(Definition{
		Name: "bitkub", Hosts: []string{"api.bitkub.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Rights:             []Right{{"Withdraw", []access.Capability{access.Withdraw}}, {"no Withdraw", nil}},
		MayGrant:           map[string][]access.Capability{"no Withdraw": {access.Withdraw}}, // a refused call proves nothing
		CanExist:           func(s *Spec) bool { return s.Has("Withdraw") != s.Has("no Withdraw") },
		UnknownPermissions: []string{}, // answers do not name permissions
		Failures: []Failure{
			fail(FailUnknownKey, 401, "A1000-CW", "Unauthorized Access", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindForbidden),
			fail(FailBadSignature, 400, "V1003-CW", "Invalid signature", access.KindBadSignature),
			fail(FailClock, 401, "V1004-CW", "Signature has expired", access.KindClockSkew),
			fail("permission missing", 403, "A1001-CW", "Permission denied", access.KindForbidden),
			fail(FailDisabled, 400, "B1000-CW", "User account is suspended", access.KindDisabled),
			fail("account frozen", 400, "B1010-CW", "User account is frozen", access.KindDisabled),
			fail("something else", 400, "V1006-CW", "Invalid parameter", access.KindNotUnderstood),
			fail("fault", 500, "S1000-CW", "Internal service error", access.KindUnavailable),
			numbered("unknown key, version 3", 401, 3, access.KindBadKey),
			numbered("key pending", 401, 4, access.KindDisabled),
			numbered(FailIP, 401, 5, access.KindIPNotAllowed),
			numbered("bad signature, version 3", 401, 6, access.KindBadSignature),
			numbered("timestamp refused, version 3", 401, 8, access.KindClockSkew),
			numbered("permission missing, version 3", 401, 52, access.KindForbidden),
			{Name: "rate limited", Reply: Reply{Status: 429, Body: `{"message":"Too Many Requests"}`}, Kind: access.KindRateLimited},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{
			// The signed texts are the documentation's; the signatures were computed by its rule.
			bitkubVector("GET", "/api/v4/crypto/addresses?symbol=ATOM", "1699381086593", "", "225348e985410e2226eb0e3df0f611cb5030e71cc6eedbada491873a0b08dbf1"),
			bitkubVector("POST", "/api/v4/crypto/addresses", "1699376552354", `{"symbol":"ATOM","network": "ATOM"}`, "bf7025dfe7a621a273db88466510b5a690b603839f2b426720521199641b776c"),
			bitkubVector("GET", "/api/v4/fiat/accounts", "1699381086593", "", "53ec0ba9137331b64e5c8c8e33189c2b0f19c1a63aacca5480de80b0e53a958b"),
		},
		Shape:    func(k *Issued) { k.ID, k.Secret = Hex(64, "bitkub", k.Serial), Hex(32, "bitkub secret", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("X-BTK-APIKEY") },
		Verify:   bitkubVerify,
		Routes: map[string]func(*Call) Reply{
			"GET /api/v4/wallet/balances": func(*Call) Reply {
				return Reply{Body: `{"code":"0","message":"success","data":[{"currency":"THB","available":"10","reserved":"10","total":"20"}]}`}
			},
			"GET /api/v4/fiat/accounts": func(c *Call) Reply {
				if refusal := c.Key.Options["refusal"]; refusal != "" {
					return *c.Refuse(refusal)
				}
				if !c.Key.Has("Withdraw") {
					return *c.Refuse("permission missing")
				}
				return Reply{Body: `{"code":0,"message":"success","data":[{"id":"123456","bank":"KBANK","name":"John Doe","time":1706745600}],"pagination":{"page":1,"limit":25}}`}
			},
		},
		Introspection: "GET /api/v4/wallet/balances",
	})
}

// bitkubVerify follows the documentation: timestamp in milliseconds, method, path with
// query, and body; HMAC-SHA256 in lower-case hexadecimal. How far off the timestamp may
// be is not documented; here it is 30 s.
func bitkubVerify(c *Call) *Reply {
	stamp := c.Header.Get("X-BTK-TIMESTAMP")
	if c.Header.Get("X-BTK-SIGN") != hmacHex(sha256.New, c.Key.Secret, stamp+c.Method+c.URL.RequestURI()+string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 30*time.Second {
		return c.Refuse(FailClock)
	}
	return nil
}

func bitkubVector(method, path, stamp, body, signature string) Vector {
	const key = "e286825bda3497ae2d03aa3a30c420d603060cb4edbdd3ec711910c86966e9ba"
	ms, _ := strconv.ParseInt(stamp, 10, 64)
	return Vector{
		Name: method + " " + path, Time: time.UnixMilli(ms), Key: key, Secret: "bitkub-secret", Method: method, URL: "https://api.bitkub.com" + path, Body: body,
		Header: map[string]string{"X-BTK-APIKEY": key, "X-BTK-TIMESTAMP": stamp, "X-BTK-SIGN": signature, "Content-Type": "application/json"},
	}
}
