package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// CryptoCom is a fake of the Crypto.com Exchange.
func CryptoCom() *Fake {
	ambiguous := []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindForbidden}
	fail := func(name string, status, code int, message string, kind access.Kind, candidates ...access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: fmt.Sprintf(`{"id":"1","method":"private/get-accounts","code":%d,"message":%q}`, code, message)}, Kind: kind, Candidates: candidates}
	}
	return New(Definition{
		Name: "cryptocom", Hosts: []string{"api.crypto.com", "uat-api.3ona.co"}, Kinds: []access.KeyKind{access.SharedSecret},
		Base: []access.Capability{access.Read}, Reports: Reports{Account: true},
		Failures: []Failure{
			fail(FailUnknownKey, 401, 40101, "UNAUTHORIZED", access.KindAmbiguous, ambiguous...),
			fail(FailIP, 401, 40103, "IP_ILLEGAL", access.KindIPNotAllowed),
			fail("tier", 401, 40104, "USER_TIER_INVALID", access.KindForbidden),
			fail(FailClock, 400, 40102, "INVALID_NONCE", access.KindClockSkew),
			fail(FailDisabled, 400, 202, "ACCOUNT_IS_SUSPENDED", access.KindDisabled),
			fail("no account", 400, 401, "ACCOUNT_DOES_NOT_EXIST", access.KindDisabled),
			fail("inactive account", 500, 406, "ACCOUNT_IS_NOT_ACTIVE", access.KindDisabled),
			fail("inactive user", 500, 410, "USER_IS_NOT_ACTIVE", access.KindDisabled),
			fail("malformed", 400, 40001, "BAD_REQUEST", access.KindNotUnderstood),
			fail("no such method", 400, 40002, "METHOD_NOT_FOUND", access.KindNotUnderstood),
			fail("invalid request", 400, 40003, "INVALID_REQUEST", access.KindNotUnderstood),
			fail("invalid argument", 400, 40004, "MISSING_OR_INVALID_ARGUMENT", access.KindNotUnderstood),
			fail("invalid date", 400, 40005, "INVALID_DATE", access.KindNotUnderstood),
			fail("duplicate", 400, 40006, "DUPLICATE_REQUEST", access.KindNotUnderstood),
			fail("rate limited", 429, 42901, "TOO_MANY_REQUESTS", access.KindRateLimited),
			fail("timeout", 408, 40801, "REQUEST_TIMEOUT", access.KindUnavailable),
			fail("internal", 500, 50001, "ERR_INTERNAL", access.KindUnavailable),
			fail("internal, other status", 400, 50001, "INTERNAL_SERVER_ERROR", access.KindUnavailable),
			fail("older: internal", 500, 10001, "SYS_ERROR", access.KindUnavailable),
			fail("older: unauthorized", 401, 10002, "UNAUTHORIZED", access.KindAmbiguous, ambiguous...),
			fail("older: IP address or permission", 401, 10003, "IP_ILLEGAL", access.KindAmbiguous, access.KindForbidden, access.KindIPNotAllowed),
			fail("older: tier", 401, 10005, "USER_TIER_INVALID", access.KindForbidden),
			fail("older: rate limited", 429, 10006, "TOO_MANY_REQUESTS", access.KindRateLimited),
			fail("older: nonce", 400, 10007, "INVALID_NONCE", access.KindClockSkew),
			fail("maintenance", 200, 9010001, "SYSTEM_MAINTENANCE", access.KindUnavailable),
		},
		Vectors: []Vector{
			cryptoComVector(11, `{}`, "e489f79dc632610fa4216dd761a0471b0b2bf9cd37d3b24ae06f9581be6e6a26"),
			cryptoComVector(12, `{"page_size":"20","page":"0"}`, "28bccdd52805e24050808d8ae76542854967b7a1a122663790ea92ae21f672dc"),
		},
		Unsigned: []string{"path", "query"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(22, "cryptocom", k.Serial), "cxakp_"+Hex(22, "cryptocom secret", k.Serial)
		},
		Identify: func(c *Call) string {
			r, _ := cryptoComRead(c.Body)
			return r.Key
		},
		Verify: cryptoComVerify,
		Routes: map[string]func(*Call) Reply{"POST /exchange/v1/private/get-accounts": func(c *Call) Reply {
			hierarchy := "MASTER"
			if c.Key.SubAccount {
				hierarchy = "SUB_ACCOUNT"
			}
			return Reply{Body: `{"id":"1","method":"private/get-accounts","code":"0","result":{"this_account":{"uuid":"a0000000-0000-4000-8000-000000000001","hierarchy":"` +
				hierarchy + `"},"master_account":{"uuid":"a0000000-0000-4000-8000-000000000001","hierarchy":"MASTER","enabled":true,"tradable":true,` +
				`"email":"owner@example.com","margin_access":"DEFAULT","derivatives_access":"DISABLED","create_time":"1620962543792","two_fa_enabled":true,` +
				`"kyc_level":"ADVANCED","suspended":false,"terminated":false},"sub_account_list":[]}}`}
		}},
	})
}

// cryptoComRequest has id and nonce as number or text: clients send either.
type cryptoComRequest struct {
	ID     json.RawMessage            `json:"id"`
	Method string                     `json:"method"`
	Key    string                     `json:"api_key"`
	Params map[string]json.RawMessage `json:"params"`
	Nonce  json.RawMessage            `json:"nonce"`
	Sig    string                     `json:"sig"`
}

func cryptoComRead(body []byte) (r cryptoComRequest, err error) {
	err = json.Unmarshal(body, &r)
	return r, err
}

// cryptoComVerify follows the documentation: method, id, key, parameters (sorted, name and value without
// separators), nonce; HMAC-SHA256, lower-case hexadecimal; nonce within 60 s.
func cryptoComVerify(c *Call) *Reply {
	r, err := cryptoComRead(c.Body)
	if err != nil {
		return c.Refuse("malformed")
	}
	nonce := strings.Trim(string(r.Nonce), `"`)
	ms, err := strconv.ParseInt(nonce, 10, 64)
	if err != nil {
		return c.Refuse("malformed")
	}
	names := make([]string, 0, len(r.Params))
	for name := range r.Params {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	text.WriteString(r.Method + strings.Trim(string(r.ID), `"`) + r.Key)
	for _, name := range names {
		text.WriteString(name + strings.Trim(string(r.Params[name]), `"`))
	}
	text.WriteString(nonce)
	if r.Sig != hmacHex(sha256.New, c.Key.Secret, text.String()) || !strings.HasSuffix(c.URL.Path, r.Method) {
		return c.Refuse(FailUnknownKey)
	}
	if d := c.Now.Sub(time.UnixMilli(ms)).Abs(); d > time.Minute {
		return c.Refuse(FailClock)
	}
	return nil
}

func cryptoComVector(id int, params, sig string) Vector {
	return Vector{
		Name: fmt.Sprintf("get-accounts with %s", params), Time: time.UnixMilli(1700000000000), Key: "exampleCdcKey", Secret: "exampleCdcSecret",
		Method: "POST", URL: "https://api.crypto.com/exchange/v1/private/get-accounts", Header: map[string]string{"Content-Type": "application/json"},
		Body: fmt.Sprintf(`{"id":%d,"method":"private/get-accounts","api_key":"exampleCdcKey","params":%s,"nonce":1700000000000,"sig":"%s"}`, id, params, sig),
	}
}
