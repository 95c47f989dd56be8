package exchangetest

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Gemini is a fake of Gemini's REST API. Its keys are master keys; option
// "level": "account" restricts one to a single account. Nonces must grow, from
// option "nonce" on, which is the highest that the key's other clients have used;
// with "nonce": "time" they must be the time, in seconds.
func Gemini() *Fake {
	return New(Definition{
		Name:  "gemini",
		Hosts: []string{"api.gemini.com", "api.sandbox.gemini.com"},
		Kinds: []access.KeyKind{access.SharedSecret},
		Rights: []Right{
			{"isTrader", []access.Capability{access.Read, access.TradeSpot}},
			{"isFundManager", []access.Capability{access.Read, access.Withdraw, access.WithdrawAddresses, access.TransferInternal}},
			{"isAuditor", []access.Capability{access.Read}},
			{"isAccountAdmin", []access.Capability{access.SubaccountManage}},
		},
		MayGrant: map[string][]access.Capability{
			"isTrader": {access.TradeMargin, access.TradeFutures, access.TradeOptions}, "isAccountAdmin": {access.Read},
		},
		// An auditor key has no other role.
		CanExist: func(s *Spec) bool { return !s.Has("isAuditor") || len(s.Permissions) == 1 },
		Failures: []Failure{
			geminiFailure(FailUnknownKey, 400, "InvalidApiKey", "Invalid API key", access.KindBadKey),
			geminiFailure("unknown key, other form", 400, "Invalid API key", "", access.KindBadKey),
			{Name: "unknown key, no reason", Reply: Reply{Status: 401, Body: `{"result":"error","message":"Invalid API key"}`}, Kind: access.KindBadKey},
			geminiFailure(FailBadSignature, 400, "InvalidSignature", "Invalid signature for this request", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature),
			geminiFailure(FailHeader, 400, "MissingApikeyHeader", "Must provide 'X-GEMINI-APIKEY' header", access.KindNotUnderstood),
			geminiFailure("payload missing", 401, "MissingPayloadHeader", "Must provide 'X-GEMINI-PAYLOAD' header", access.KindNotUnderstood),
			geminiFailure("signature missing", 400, "MissingSignatureHeader", "Must provide 'X-GEMINI-SIGNATURE' header", access.KindNotUnderstood),
			geminiFailure(FailIP, 403, "ApiKeyIpFilteringFailure", "ApiKey fails IP Filtering Check for some accounts", access.KindIPNotAllowed),
			geminiFailure(FailNonce, 400, "InvalidNonce", "Nonce '1780315200' has not increased since your last call to the Gemini API.", access.KindNonce),
			geminiFailure("time in the payload", 400, "InvalidTimestampInPayload", "The timestamp is out of range", access.KindNonce),
			geminiFailure("role missing", 403, "MissingRole", "To access this endpoint, you need the Trader role. Your key has the Auditor role.", access.KindForbidden),
			geminiFailure("another path", 400, "EndpointMismatch", "EndpointMismatch", access.KindNotUnderstood),
			geminiFailure("no such path", 404, "EndpointNotFound", "EndpointNotFound", access.KindNotUnderstood),
			geminiFailure("payload unreadable", 400, "InvalidJson", "The JSON is invalid", access.KindNotUnderstood),
			geminiFailure("plain http", 400, "NoSSL", "All API requests must use SSL", access.KindNotUnderstood),
			geminiFailure("rate limited", 429, "RateLimit", "Too Many Requests", access.KindRateLimited),
			geminiFailure("maintenance", 503, "Maintenance", "The system is undergoing maintenance", access.KindUnavailable),
			geminiFailure("fault", 500, "System", "We are experiencing technical issues", access.KindUnavailable),
			{Name: "bad gateway", Reply: Reply{Status: 502, Header: HTML(502).Header, Body: HTML(502).Body}, Kind: access.KindUnavailable},
		},
		Vectors:  geminiVectors,
		Unsigned: []string{"Cache-Control", "body"},
		Shape:    geminiShape,
		Identify: func(c *Call) string { return c.Header.Get("X-GEMINI-APIKEY") },
		Verify:   geminiVerify,
		Public: map[string]func(*Call) Reply{
			"GET /v1/pubticker/btcusd": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"bid":"90000.01","ask":"90000.02","volume":{"BTC":"250.1","USD":"22509002.5","timestamp":{ms}},"last":"90000.01"}`})
			},
		},
		Routes: map[string]func(*Call) Reply{"POST /v1/roles": geminiRoles},
	})
}

func geminiFailure(name string, status int, reason, message string, kind access.Kind, candidates ...access.Kind) Failure {
	body, _ := json.Marshal(map[string]string{"result": "error", "reason": reason, "message": message}) // texts only
	return Failure{Name: name, Reply: Reply{Status: status, Body: string(body)}, Kind: kind, Candidates: candidates}
}

// geminiShape: the identifier shows whether it is a master key.
func geminiShape(k *Issued) {
	level := "master"
	if k.Options["level"] != "" {
		level = k.Options["level"]
	}
	k.ID = level + "-" + Hex(20, "gemini", k.Serial)
	k.Secret = Hex(28, "gemini secret", k.Serial)
}

// geminiVerify follows the documentation: HMAC-SHA384 of the payload as it was
// sent, which holds the path and the nonce, as a number or as text.
func geminiVerify(c *Call) *Reply {
	payload := c.Header.Get("X-GEMINI-PAYLOAD")
	if payload == "" || c.Header.Get("X-GEMINI-SIGNATURE") == "" {
		return c.Refuse(FailHeader)
	}
	if c.Header.Get("X-GEMINI-SIGNATURE") != hmacHex(sha512.New384, c.Key.Secret, payload) {
		return c.Refuse(FailBadSignature)
	}
	var said struct {
		Request string
		Nonce   json.RawMessage
	}
	raw, err := base64.StdEncoding.DecodeString(payload)
	switch {
	case err != nil || json.Unmarshal(raw, &said) != nil:
		return c.Refuse("payload unreadable")
	case said.Request != c.URL.Path:
		return c.Refuse("another path")
	}
	nonce, err := strconv.ParseUint(strings.Trim(string(said.Nonce), `"`), 10, 64)
	if err != nil {
		return c.Refuse(FailNonce)
	}
	if c.Key.Options["nonce"] == "time" {
		if off := c.Now.Sub(time.Unix(int64(min(nonce, 1<<40)), 0)); off.Abs() > 30*time.Second {
			return c.Refuse(FailNonce)
		}
		return nil
	}
	other, _ := strconv.ParseUint(c.Key.Options["nonce"], 10, 64)
	if nonce <= max(c.Key.Nonce, other) {
		return c.Refuse(FailNonce)
	}
	c.Key.Nonce = nonce
	return nil
}

func geminiRoles(c *Call) Reply {
	answer := map[string]any{"isAuditor": false, "isFundManager": false, "isTrader": false}
	if strings.HasPrefix(c.Key.ID, "master-") {
		answer["counterparty_id"], answer["isAccountAdmin"] = "EXAMPLE1", false
	}
	for _, role := range c.Key.Permissions {
		answer[role] = true
	}
	text, _ := json.Marshal(answer) // texts and booleans only
	return Reply{Body: string(text)}
}

// The first vector is from Gemini's documentation; the others were computed by its
// rule.
var geminiVectors = []Vector{
	geminiVector("order status, as documented", "1234abcd", "/v1/order/status",
		"ewogICAgInJlcXVlc3QiOiAiL3YxL29yZGVyL3N0YXR1cyIsCiAgICAibm9uY2UiOiAxMjM0NTYsCgogICAgIm9yZGVyX2lkIjogMTg4MzQKfQo=",
		"337cc8b4ea692cfe65b4a85fcc9f042b2e3f702ac956fd098d600ab15705775017beae402be773ceee10719ff70d710f"),
	geminiVector("roles, in seconds", "exampleGeminiSecret12345678", "/v1/roles",
		"eyJyZXF1ZXN0IjoiL3YxL3JvbGVzIiwibm9uY2UiOjE3MDAwMDAwMDB9",
		"6b5fc53b1a08e584d90e33577012f478de540cde45ff53dee5adcfbe1d82b33118da4a635edced275d42e2fbcc02d4ab"),
	geminiVector("roles, in milliseconds", "exampleGeminiSecret12345678", "/v1/roles",
		"eyJyZXF1ZXN0IjoiL3YxL3JvbGVzIiwibm9uY2UiOjE3MDAwMDAwMDAwMDB9",
		"c2d391694f85a7e7183e878be2ce2a5fdc3705148b3a2a2727dfce9dfe52b5b9176ce66e05347e2d3c0dd10fa0ec1b43"),
	geminiVector("roles, with an account and the nonce as text", "exampleGeminiSecret12345678", "/v1/roles",
		"eyJyZXF1ZXN0IjoiL3YxL3JvbGVzIiwibm9uY2UiOiIxNzAwMDAwMDAwMDAwIiwiYWNjb3VudCI6InByaW1hcnkifQ==",
		"8f11bae158c666f23acd2d846e12f611a271687bb5a390b300b0090f231e4cc1494b7c8faf89fed44fd3014d86ce7c25"),
}

func geminiVector(name, secret, path, payload, signature string) Vector {
	const key = "account-vectorvectorvectorve"
	return Vector{
		Name: name, Time: time.Unix(1700000000, 0), Key: key, Secret: secret, Method: "POST", URL: "https://api.gemini.com" + path,
		Header: map[string]string{
			"X-GEMINI-APIKEY": key, "X-GEMINI-PAYLOAD": payload, "X-GEMINI-SIGNATURE": signature,
			"Content-Type": "text/plain", "Cache-Control": "no-cache",
		},
	}
}
