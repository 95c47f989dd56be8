package exchangetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// MaiCoin is a fake of MAX, the exchange of MaiCoin. It reports nothing about its keys.
func MaiCoin() *Fake {
	fail := func(name string, status int, code, message string, kind access.Kind) Failure {
		return Failure{Name: name, Reply: Reply{Status: status, Body: `{"success":false,"error":{"code":` + code + `,"message":"` + message + `"}}`}, Kind: kind}
	}
	return New(Definition{
		Name: "maicoin", Hosts: []string{"max-api.maicoin.com"}, Kinds: []access.KeyKind{access.SharedSecret}, Base: []access.Capability{access.Read},
		Failures: []Failure{
			fail(FailUnknownKey, 401, "2008", "The access key does not exist.", access.KindBadKey),
			fail(FailDisabled, 401, "2009", "The access key is disabled.", access.KindDisabled),
			fail(FailBadSignature, 401, "2005", "Signature is incorrect.", access.KindBadSignature),
			fail("another path signed", 401, "2014", "Payload is not consistent with body or wrong path in payload.", access.KindBadSignature),
			fail("payload unreadable", 401, "2015", "Payload is invalid", access.KindBadSignature),
			fail(FailClock, 401, "2007", "The nonce is invalid.", access.KindClockSkew),
			fail("nonce used", 401, "2006", "The nonce has already been used by access key.", access.KindNonce),
			fail("out of scope", 401, "2011", "Requested API is out of access key scopes.", access.KindForbidden),
			fail("something else", 400, "1001", "market does not have a valid value", access.KindNotUnderstood),
			{Name: "rate limited", Reply: Reply{Status: 429, Body: `{}`}, Kind: access.KindRateLimited},
			{Name: "fault", Reply: *HTML(503), Kind: access.KindUnavailable},
			{Name: "the network's page", Reply: *HTML(403), Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindBanned, access.KindGeoBlocked}},
		},
		Vectors: []Vector{ // computed by the documented rule
			maicoinVector("/api/v3/wallet/spot/accounts", `{"nonce":1767225600000,"path":"/api/v3/wallet/spot/accounts"}`, "962e514d1106907f02e296a75a336c0afd4b8c2fe0ca68e32f7e730e08151ec0"),
			maicoinVector("/api/v3/info", `{"nonce": 1767225600000, "path": "/api/v3/info"}`, "e2a9b1ae5e30dba1b813e9a7052b7e9f070412f50123725ca7d6378fa33fe22c"),
		},
		Shape:    func(k *Issued) { k.ID, k.Secret = Hex(40, "maicoin", k.Serial), Hex(40, "maicoin secret", k.Serial) },
		Identify: func(c *Call) string { return c.Header.Get("X-MAX-ACCESSKEY") },
		Verify:   maicoinVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v3/timestamp": func(c *Call) Reply {
				return Reply{Body: `{"timestamp":` + strconv.FormatInt(c.Now.Unix(), 10) + `}`}
			},
		},
		Routes: map[string]func(*Call) Reply{"GET /api/v3/wallet/spot/accounts": func(*Call) Reply {
			return Reply{Body: `[{"currency":"twd","balance":"100000.0","locked":"5566.0","staked":null}]`}
		}},
	})
}

// maicoinVerify follows the documentation: the payload is the base64 of a JSON object
// with the path, a nonce and every parameter; HMAC-SHA256 of it in hexadecimal. The
// nonce is the time in milliseconds, within half a minute, and taken once.
func maicoinVerify(c *Call) *Reply {
	payload := c.Header.Get("X-MAX-PAYLOAD")
	if c.Header.Get("X-MAX-SIGNATURE") != hmacHex(sha256.New, c.Key.Secret, payload) {
		return c.Refuse(FailBadSignature)
	}
	var said map[string]any
	text, err := base64.StdEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(text, &said) != nil {
		return c.Refuse("payload unreadable")
	}
	nonce, _ := said["nonce"].(float64)
	sent := c.URL.Query()
	if said["path"] != c.URL.Path || len(c.Body) > 0 || len(said) != len(sent)+1 || sent.Get("nonce") != strconv.FormatInt(int64(nonce), 10) {
		return c.Refuse("another path signed")
	}
	if c.Now.Sub(time.UnixMilli(int64(nonce))).Abs() > 30*time.Second {
		return c.Refuse(FailClock)
	}
	if c.Key.Nonce == uint64(nonce) {
		return c.Refuse("nonce used")
	}
	c.Key.Nonce = uint64(nonce)
	return nil
}

func maicoinVector(path, payload, signature string) Vector {
	const key = "maicoin-key"
	return Vector{
		Name: path, Time: time.UnixMilli(1767225600000), Key: key, Secret: "maicoin-secret", Method: "GET", URL: "https://max-api.maicoin.com" + path + "?nonce=1767225600000",
		Header: map[string]string{
			"X-MAX-ACCESSKEY": key, "X-MAX-PAYLOAD": base64.StdEncoding.EncodeToString([]byte(payload)), "X-MAX-SIGNATURE": signature,
		},
	}
}
