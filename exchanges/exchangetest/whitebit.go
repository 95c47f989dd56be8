package exchangetest

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// WhiteBIT is a fake of WhiteBIT's API v4. It reports nothing about the key that
// asks. A key of a main account can list all other keys, which count as those of its
// sub-accounts. A key's permissions are one type, and optionally endpoints. Option
// "refusal" names the failure that a key gets for the list.
func WhiteBIT() *Fake {
	return New(Definition{
		Name:          "whitebit",
		Hosts:         []string{"whitebit.com"},
		Kinds:         []access.KeyKind{access.SharedSecret},
		Base:          []access.Capability{access.Read},
		Failures:      whitebitFailures,
		Vectors:       whitebitVectors,
		Introspection: "POST /api/v4/sub-account/api-key/list",
		Identify:      func(c *Call) string { return c.Header.Get("X-TXC-APIKEY") },
		Verify:        whitebitVerify,
		Public: map[string]func(*Call) Reply{"GET /api/v4/public/time": func(c *Call) Reply {
			return Reply{Body: fmt.Sprintf(`{"time":%d}`, c.Now.Unix())}
		}},
		Routes: map[string]func(*Call) Reply{
			"POST /api/v4/main-account/balance": func(*Call) Reply {
				return Reply{Body: `{"BTC":{"main_balance":"0.5"},"USDT":{"main_balance":"0"}}`}
			},
			"POST /api/v4/sub-account/api-key/list": whitebitKeys,
		},
	})
}

const whitebitForbidden = "endpoint not allowed"

// whitebitFailures: a code can have several meanings, and some refusals have none.
// The HTTP status of most is documented as 4xx only.
var whitebitFailures = []Failure{
	whitebitFailure(FailUnknownKey, 401, "10", "Unauthorized request.", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature),
	whitebitFailure(FailBadSignature, 401, "10", "Unauthorized request.", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature),
	whitebitFailure(FailIP, 401, "2", "This action is unauthorized. Enable your key in API settings", access.KindAmbiguous, access.KindDisabled, access.KindIPNotAllowed),
	whitebitFailure(FailDisabled, 401, "0", "This action is unauthorized. Enable your key in API settings", access.KindAmbiguous, access.KindDisabled, access.KindIPNotAllowed),
	whitebitFailure(whitebitForbidden, 403, "4", "This API Key is not authorized to perform this action.", access.KindForbidden),
	whitebitFailure("endpoint not allowed, other words", 403, "4", "You don't have permission to use this endpoint. Please contact support for more details", access.KindForbidden),
	whitebitFailure("payload", 422, "9", "Invalid payload", access.KindBadSignature),
	whitebitFailure(FailNonce, 422, "", "Too many requests.", access.KindNonce),
	whitebitFailure(FailClock, 422, "", "nonce more than 5 seconds lesser than the current nonce", access.KindClockSkew),
	whitebitFailure("rate limited", 429, "", "Too many requests.", access.KindRateLimited),
	whitebitFailure("banned", 418, "", "Banned.", access.KindBanned),
	whitebitFailure("maintenance", 503, "", "Service is under maintenance", access.KindUnavailable),
}

func whitebitFailure(name string, status int, code, message string, kind access.Kind, candidates ...access.Kind) Failure {
	body := fmt.Sprintf(`{"message":%q,"errors":{}}`, message)
	if code != "" {
		body = `{"code":` + code + `,` + body[1:]
	}
	return Failure{Name: name, Reply: Reply{Status: status, Body: body}, Kind: kind, Candidates: candidates}
}

// whitebitVerify follows the documentation: the payload is the body in base64,
// the signature the HMAC-SHA512 of the payload in hexadecimal; the body names
// the path. The nonce must be larger than the last one, or, with nonceWindow, a
// time in milliseconds, at most 5 seconds off and not used before. A known client
// sends it as text.
func whitebitVerify(c *Call) *Reply {
	payload := c.Header.Get("X-TXC-PAYLOAD")
	if c.Header.Get("X-TXC-SIGNATURE") != hmacHex(sha512.New, c.Key.Secret, payload) {
		return c.Refuse(FailBadSignature)
	}
	var said struct {
		Request     string          `json:"request"`
		Nonce       json.RawMessage `json:"nonce"`
		NonceWindow bool            `json:"nonceWindow"`
	}
	if payload != base64.StdEncoding.EncodeToString(c.Body) || json.Unmarshal(c.Body, &said) != nil || said.Request != c.URL.Path ||
		c.Header.Get("Content-Type") != "application/json" {
		return c.Refuse("payload")
	}
	nonce, err := strconv.ParseUint(strings.Trim(string(said.Nonce), `"`), 10, 63)
	switch {
	case err != nil:
		return c.Refuse("payload")
	case said.NonceWindow && c.Now.Sub(time.UnixMilli(int64(nonce))).Abs() > 5*time.Second:
		return c.Refuse(FailClock)
	case said.NonceWindow && nonce == c.Key.Nonce, !said.NonceWindow && nonce <= c.Key.Nonce:
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = nonce
	return nil
}

// whitebitKeys lists the keys of sub-accounts to a key of a main account.
func whitebitKeys(c *Call) Reply {
	if c.Key.SubAccount {
		return *c.Refuse(whitebitForbidden)
	}
	if name := c.Key.Options["refusal"]; name != "" {
		return *c.Refuse(name)
	}
	list := []any{}
	for _, k := range c.Keys(func(k *Issued) bool { return k != c.Key }) {
		entry := map[string]any{
			"subAccountId": "00000000-0000-4000-8000-000000000001", "id": strconv.Itoa(k.Serial), "title": k.Label, "isEnabled": !k.Disabled,
			"apiKey": k.ID, "apiSecret": "", "type": 1, "lastActivity": 0, "restrictAccess": false, "accessEndpoints": []any{},
		}
		if !k.LastUsed.IsZero() {
			entry["lastActivity"] = k.LastUsed.Unix()
		}
		endpoints := []any{}
		for _, name := range k.Permissions {
			if strings.HasPrefix(name, "/") {
				endpoints = append(endpoints, map[string]string{"name": name, "title": name})
				entry["restrictAccess"], entry["accessEndpoints"] = true, endpoints
			} else {
				entry["type"] = name
			}
		}
		list = append(list, entry)
	}
	body, _ := json.Marshal(map[string]any{"limit": 100, "offset": 0, "data": list})
	return Reply{Body: string(body)}
}

// whitebitVectors were computed: none are documented.
var whitebitVectors = []Vector{{
	Name: "api-key/list", Time: time.UnixMilli(1795000000000), Key: "exampleWhitebitKey", Secret: "ExampleWhitebitSecret",
	Method: http.MethodPost, URL: "https://whitebit.com/api/v4/sub-account/api-key/list",
	Header: map[string]string{
		"Content-Type": "application/json", "X-TXC-APIKEY": "exampleWhitebitKey",
		"X-TXC-PAYLOAD": "eyJyZXF1ZXN0IjoiL2FwaS92NC9zdWItYWNjb3VudC9hcGkta2V5L2xpc3QiLCJub25jZSI6MTc5NTAwMDAwMDAwMCwibm9uY2VXaW5kb3ciOnRydWUsImxpbWl0" +
			"IjoxMDAsIm9mZnNldCI6MH0=",
		"X-TXC-SIGNATURE": "1512c1669c97f73e950776c5a9bf9daa50c095cf29f022bdea088f366d4cd1bde13f215dc55c0acca5e089e22c7c26b7abacb56a94c8c934e4af295fd8b0d05e",
	},
	Body: `{"request":"/api/v4/sub-account/api-key/list","nonce":1795000000000,"nonceWindow":true,"limit":100,"offset":0}`,
}}
