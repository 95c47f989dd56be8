package exchangetest

import (
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Bithumb is a fake of Bithumb's API with tokens. It does not report a key's
// permissions and IP allowlist.
func Bithumb() *Fake {
	return New(Definition{
		Name:    "bithumb",
		Hosts:   []string{"api.bithumb.com"},
		Kinds:   []access.KeyKind{access.SharedSecret},
		Reports: Reports{Expires: true},
		Failures: []Failure{
			{Name: FailUnknownKey, Reply: errorByName(401, "invalid_access_key", "The access key is invalid."), Kind: access.KindBadKey},
			{Name: FailBadSignature, Reply: errorByName(401, "jwt_verification", "Failed to verify the JWT."), Kind: access.KindBadSignature},
			{Name: "query hash", Reply: errorByName(401, "invalid_query_payload", "Failed to verify the query of the JWT."), Kind: access.KindNotUnderstood},
			{Name: FailClock, Reply: errorByName(401, "expired_jwt", "The JWT has expired."), Kind: access.KindClockSkew},
			{Name: FailIP, Reply: errorByName(401, "NotAllowIP", "not allowed client IP"), Kind: access.KindIPNotAllowed},
			{Name: "permission missing", Reply: errorByName(401, "out_of_scope", "The key lacks the permission."), Kind: access.KindForbidden},
			{Name: "member blocked", Reply: errorByName(403, "blocked_member_id", "The member is restricted."), Kind: access.KindDisabled},
			{Name: "rate limited", Reply: errorByName(429, "too_many_requests", "Too many requests."), Kind: access.KindRateLimited},
			{Name: "older API: key", Reply: Reply{Body: `{"status":"5300","message":"Invalid Apikey"}`}, Kind: access.KindBadKey},
			{
				Name: "older API: access", Reply: Reply{Body: `{"status":"5302","message":"Method Not Allowed.(Access IP)"}`},
				Kind: access.KindAmbiguous, Candidates: []access.Kind{access.KindIPNotAllowed, access.KindForbidden},
			},
			{Name: "older API: time", Reply: Reply{Body: `{"status":"5100","message":"Bad Request.(Request Time:reqTime/nowTime)"}`}, Kind: access.KindClockSkew},
			{Name: "server error", Reply: errorByName(500, "server_error", "Something went wrong."), Kind: access.KindUnavailable},
		},
		Vectors:  bithumbVectors,
		Unsigned: []string{"path"},
		Shape: func(k *Issued) {
			k.ID, k.Secret = Hex(48, "bithumb", k.Serial), Hex(80, "bithumb secret", k.Serial)
		},
		Identify: hmacJWTKey,
		Verify:   bithumbVerify,
		Routes:   map[string]func(*Call) Reply{"GET /v1/api_keys": keyExpiries},
	})
}

// bithumbVerify follows the documentation: HS256 with the secret as text, a new
// nonce for every request, the hash of the parameters, and the time in
// milliseconds. How old a token may be is not documented; here it is a minute.
func bithumbVerify(c *Call) *Reply {
	t, ok := readHMACJWT(c)
	switch {
	case !ok, !t.signedWith(c.Key.Secret, map[string]func() hash.Hash{"HS256": sha256.New}):
		return c.Refuse(FailBadSignature)
	case !t.covers(c):
		return c.Refuse("query hash")
	case !t.fresh(c.Key):
		return c.Refuse(FailBadSignature)
	case c.Now.Sub(time.UnixMilli(t.Claims.Timestamp)).Abs() > time.Minute:
		return c.Refuse(FailClock)
	}
	return nil
}

// The claims are those of Bithumb's own sample; the signature was computed by the
// documented rule.
var bithumbVectors = []Vector{{
	Name: "no parameters", Time: time.UnixMilli(1712230310689), Key: "test-access-key", Secret: "test-secret-key",
	Method: "GET", URL: "https://api.bithumb.com/v1/api_keys",
	Header: map[string]string{"Authorization": "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(`{"access_key":"test-access-key","nonce":"00000000-0000-4000-8000-000000000003","timestamp":1712230310689}`)) +
		".6y2mD15TFzn62NOdmwkVi1uwUnCA2hrv_j2wnx_z_9Q"},
}}
