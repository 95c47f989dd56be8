package exchangetest

import (
	"crypto/sha512"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Indodax is a fake of Indodax's trade API. It shows the right to withdraw only by
// answering the method that needs it; "no withdraw" says that it is off. Option
// "refusal" names the refusal to use instead of the usual one.
func Indodax() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		body, _ := json.Marshal(map[string]any{"success": 0, "error": message, "error_code": code})
		return Failure{Name: name, Reply: Reply{Status: status, Body: string(body)}, Kind: kind}
	}
	return New(Definition{
		Name: "indodax", Hosts: []string{"indodax.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Rights: []Right{{"withdraw", []access.Capability{access.Withdraw, access.TransferExternal}}, {"no withdraw", nil}},
		// A refused call proves nothing.
		MayGrant:           map[string][]access.Capability{"no withdraw": {access.Withdraw, access.TransferExternal}},
		CanExist:           func(s *Spec) bool { return s.Has("withdraw") != s.Has("no withdraw") },
		UnknownPermissions: []string{}, // answers do not name permissions
		Failures: []Failure{
			fail(FailUnknownKey, 200, "invalid_credentials", "Invalid credentials. API not found or session has expired.", access.KindBadKey),
			fail(FailBadSignature, 200, "invalid_credentials", "Invalid credentials. Bad sign.", access.KindBadSignature), // as a client has it
			fail(FailClock, 200, "", "Invalid timestamp.", access.KindClockSkew),                                          // documented for a newer API only
			fail("permission missing", 200, "", "No permission", access.KindForbidden),
			fail("something else", 200, "", "Invalid network, please fill with one of this erc20, trc20, bep20", access.KindNotUnderstood),
			fail("wrong date", 200, "invalid_date", "date format must be formatted yyyy-mm-dd", access.KindNotUnderstood),
			fail("rate limited", 200, "too_many_requests", "Your User ID sent too many requests", access.KindRateLimited),
			fail("rate limited, by status", 429, "too_many_requests", "Your User ID sent too many requests", access.KindRateLimited),
			{Name: "fault", Reply: *HTML(500), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{
			// The exchange's own sample.
			indodaxVector("method=getInfo&timestamp=1578304294000&recvWindow=1578303937000",
				"bab004e5a518740d7a33b38b44dbebecd3fb39f40b42391af39fcce06edabff5233b3e8064a07c528d1c751a6923d5116026c7786e01b22e2d35277a098cae99"),
			// Computed by the documented rule.
			indodaxVector("method=withdrawFee&timestamp=1578304294000&recvWindow=5000&currency=btc",
				"57bd2c24dcbc24493e567a8cf45adf5c02504856526f6a2a601746618570596001b5ab1096cc1ccf1b5b580d901921c0fc5387a6a0cd5766cf92170b2406bbac"),
		},
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			h := Hex(40, "indodax", k.Serial)
			k.ID = strings.ToUpper(h[:8] + "-" + h[8:16] + "-" + h[16:24] + "-" + h[24:32] + "-" + h[32:])
			k.Secret = Hex(80, "indodax secret", k.Serial)
		},
		Identify:  func(c *Call) string { return c.Header.Get("Key") },
		Verify:    indodaxVerify,
		Operation: indodaxMethod,
		Routes: map[string]func(*Call) Reply{
			"POST /tapi getInfo": func(*Call) Reply {
				return Reply{Body: `{"success":1,"return":{"server_time":1578638762,"balance":{"idr":0,"btc":"0.00000000"},"balance_hold":{"idr":0,"btc":"0.00000000"},` +
					`"user_id":"00001","name":"John Doe","email":"john@mail.example","profile_picture":null,"verification_status":"verified","gauth_enable":true,"withdraw_status":1}}`}
			},
			"POST /tapi withdrawFee": func(c *Call) Reply {
				if refusal := c.Key.Options["refusal"]; refusal != "" {
					return *c.Refuse(refusal)
				}
				if !c.Key.Has("withdraw") {
					return *c.Refuse("permission missing")
				}
				return Reply{Body: `{"success":1,"return":{"server_time":1607923272,"withdraw_fee":0.0005,"currency":"btc"}}`}
			},
		},
		Introspection: "POST /tapi getInfo",
	})
}

// indodaxMethod is the method with which a body begins.
func indodaxMethod(body []byte) string {
	method, _, _ := strings.Cut(strings.TrimPrefix(string(body), "method="), "&")
	return method
}

// indodaxVerify follows the documentation: HMAC-SHA512 of the body, in lower-case
// hexadecimal; timestamp < server + 1000 ms and server − timestamp <= window.
func indodaxVerify(c *Call) *Reply {
	if c.Header.Get("Sign") != hmacHex(sha512.New, c.Key.Secret, string(c.Body)) {
		return c.Refuse(FailBadSignature)
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil {
		return c.Refuse(FailBadSignature)
	}
	stamp, err := strconv.ParseInt(form.Get("timestamp"), 10, 64)
	window := int64(5000)
	if text := form.Get("recvWindow"); text != "" && err == nil {
		window, err = strconv.ParseInt(text, 10, 64)
	}
	window = min(window, 60_000) // the sample has a time in its place
	if now := c.Now.UnixMilli(); err != nil || stamp >= now+1000 || now-stamp > window {
		return c.Refuse(FailClock)
	}
	return nil
}

func indodaxVector(body, signature string) Vector {
	const key = "AEDHIGAT-QATEGWOX-OPCSCPQX-2E00B1L7-VJBXXKMA"
	return Vector{
		Name: body, Time: time.UnixMilli(1578304294000), Key: key, Secret: "f60617a68fcce028f0a90bc9eb765d17379eb548cc935c01a7ee3186eecf870e9b68f27a31bcfe8d",
		Method: "POST", URL: "https://indodax.com/tapi", Body: body, Header: map[string]string{"Key": key, "Sign": signature},
	}
}
