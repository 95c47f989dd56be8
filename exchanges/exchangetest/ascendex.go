package exchangetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// AscendEX is a fake of AscendEX's Pro API. Its permissions are the flags of
// the answer that are true. Option "edition": "older" omits the IP allowlist and
// the expiry, as an older answer did.
func AscendEX() *Fake {
	return New(Definition{
		Name:               "ascendex",
		Hosts:              []string{"ascendex.com", "api-test.ascendex-sandbox.com"},
		Kinds:              []access.KeyKind{access.SharedSecret},
		Rights:             ascendexRights,
		UnknownPermissions: []string{"withdrawPermission", "teleportPermission"},
		Reports:            Reports{Allowlist: true, Entries: true, Expires: true, Unit: time.Millisecond},
		Failures:           ascendexFailures,
		Vectors:            ascendexVectors,
		Identify:           func(c *Call) string { return c.Header.Get("x-auth-key") },
		Verify:             ascendexVerify,
		CanExist:           func(s *Spec) bool { return s.Has("viewPermission") }, // or the call is refused
		Public: map[string]func(*Call) Reply{
			"GET /api/pro/v1/exchange-info": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"code":0,"data":{"requestTimeEcho":` + strconv.Quote(c.URL.Query().Get("requestTime")) + `,"requestReceiveAt":{ms},"latency":7}}`})
			},
		},
		Routes: map[string]func(*Call) Reply{"GET /api/pro/v1/info": ascendexInfo},
	})
}

var ascendexRights = []Right{
	{"viewPermission", []access.Capability{access.Read}},
	{"tradePermission", []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures}},
	{"transferPermission", []access.Capability{access.TransferInternal}},
}

// ascendexFailures: the reference has the codes and their reasons, and no HTTP
// status. It does not document the refusal of an IP address and of an expired key,
// so they may be among the candidates.
var ascendexFailures = []Failure{
	{
		Name: FailUnknownKey, Reply: Reply{Body: `{"code":2100,"message":"ApiKeyFailure"}`}, Kind: access.KindAmbiguous,
		Candidates: []access.Kind{access.KindBadKey, access.KindIPNotAllowed, access.KindExpired},
	},
	ascendexFailure(FailBadSignature, 200001, "AUTHENTICATION_FAILED", "Authentication failed", access.KindAmbiguous,
		access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindExpired),
	ascendexFailure(FailHeader, 100009, "AUTHORIZATION_NEEDED", "Authorization is required", access.KindAmbiguous, access.KindBadKey, access.KindBadSignature),
	ascendexFailure("encryption", 100007, "ENCRYPTION_ERROR", "Encryption error", access.KindNotUnderstood),
	ascendexFailure("too many attempts", 200002, "TOO_MANY_ATTEMPTS", "Too many failed attempts", access.KindBanned),
	ascendexFailure(FailClock, 100011, "INVALID_TIMESTAMP", "Invalid timestamp", access.KindClockSkew),
	ascendexFailure("forbidden", 200015, "PERMISSION_DENIED", "Permission is denied", access.KindForbidden),
	ascendexFailure("restricted", 200014, "RESTRICTED_ACCOUNT", "Restricted account", access.KindDisabled),
	ascendexFailure("restricted, other code", 300021, "RESTRICTED_ACCOUNT", "Restricted account", access.KindDisabled),
	{Name: "rate limited", Reply: *RateLimited(""), Kind: access.KindRateLimited},
}

func ascendexFailure(name string, code int, reason, message string, kind access.Kind, candidates ...access.Kind) Failure {
	body := fmt.Sprintf(`{"code":%d,"reason":%q,"message":%q,"info":{}}`, code, reason, message)
	return Failure{Name: name, Reply: Reply{Body: body}, Kind: kind, Candidates: candidates}
}

// ascendexVerify follows the documentation: "timestamp+path", of the path only
// the name of the call; HMAC-SHA256 with the secret as text, in base64; at most
// 30 seconds off.
func ascendexVerify(c *Call) *Reply {
	stamp, signature := c.Header.Get("x-auth-timestamp"), c.Header.Get("x-auth-signature")
	_, name, ok := strings.Cut(c.URL.Path, "/api/pro/v1/")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case stamp == "" || signature == "":
		return c.Refuse(FailHeader)
	case err != nil || c.Now.Sub(time.UnixMilli(ms)).Abs() > 30*time.Second:
		return c.Refuse(FailClock)
	case !ok || signature != hmacBase64(sha256.New, c.Key.Secret, stamp+"+"+name):
		return c.Refuse(FailBadSignature)
	}
	return nil
}

func ascendexInfo(c *Call) Reply {
	k := c.Key
	data := map[string]any{
		"accountGroup": 3, "email": "owner@example.com", "userUID": "U0123456789", "expireTime": -1, "allowedIps": listOf(k.IPs),
		"cashAccount": []string{"cshX"}, "marginAccount": []string{"marX"}, "futuresAccount": []string{"futX"},
	}
	for _, right := range ascendexRights {
		data[right.Name] = false
	}
	for _, name := range k.Permissions {
		data[name] = true
	}
	if !k.Expires.IsZero() {
		data["expireTime"] = k.Expires.UnixMilli()
	}
	if k.Options["edition"] == "older" {
		delete(data, "expireTime")
		delete(data, "allowedIps")
	}
	body, _ := json.Marshal(map[string]any{"code": 0, "data": data})
	return Reply{Body: string(body)}
}

// ascendexVectors has the documentation's first sample; the second is in the tests.
var ascendexVectors = []Vector{{
	Name: "info", Time: time.UnixMilli(1608133910000),
	Key: "CEcrjGyipqt0OflgdQQSRGdrDXdDUY2x", Secret: "hV8FgjyJtpvVeAcMAgzgAFQCN36wmbWuN7o3WPcYcYhFd8qvE43gzFGVsFcCqMNk",
	Method: http.MethodGet, URL: "https://ascendex.com/api/pro/v1/info",
	Header: map[string]string{
		"x-auth-key": "CEcrjGyipqt0OflgdQQSRGdrDXdDUY2x", "x-auth-timestamp": "1608133910000",
		"x-auth-signature": "/pwaAgWZQ1Xd/J4yZ4ReHSPQxd3ORP/YR8TvAttqqYM=",
	},
}}
