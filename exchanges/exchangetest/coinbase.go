package exchangetest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Coinbase is a fake of Coinbase's Advanced Trade API with CDP keys. Options:
// "omit" lists members to omit from the answer, comma-separated; "portfolio_type"
// replaces the portfolio's type.
func Coinbase() *Fake {
	denied := func(status int, body string) Reply { return Reply{Status: status, Body: body} }
	unauthorised := []access.Kind{access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew}
	return New(Definition{
		Name:  "coinbase",
		Hosts: []string{"api.coinbase.com"},
		Kinds: []access.KeyKind{access.Ed25519Key, access.ECDSAKey},
		Rights: []Right{
			{"can_view", []access.Capability{access.Read}},
			{"can_trade", []access.Capability{access.TradeSpot, access.TradeFutures}},
			{"can_transfer", []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal}},
		},
		Failures: []Failure{
			// Every cause gets the same answer: key, signature, IP address, time.
			{
				Name: FailUnknownKey, Kind: access.KindAmbiguous, Candidates: unauthorised,
				Reply: Reply{Status: 401, Header: map[string]string{"Content-Type": "text/plain"}, Body: "Unauthorized\n"},
			},
			{Name: "invalid token", Kind: access.KindAmbiguous, Candidates: unauthorised, Reply: denied(401, coinbaseError("invalid_token", "The access token is invalid"))},
			{Name: "revoked token", Kind: access.KindAmbiguous, Candidates: unauthorised, Reply: denied(401, coinbaseError("revoked_token", "The access token was revoked"))},
			{Name: "expired token", Kind: access.KindAmbiguous, Candidates: unauthorised, Reply: denied(401, coinbaseError("expired_token", "The access token expired"))},
			{Name: "authentication error", Kind: access.KindAmbiguous, Candidates: unauthorised, Reply: denied(401, coinbaseError("authentication_error", "invalid signature"))},
			{Name: "IP address not allowed, older key", Kind: access.KindAmbiguous, Candidates: unauthorised, Reply: denied(401, coinbaseError("authentication_error", "IP blocked"))},
			{Name: "timestamp, older key", Kind: access.KindAmbiguous, Candidates: unauthorised, Reply: denied(401, coinbaseError("authentication_error", "request timestamp expired"))},
			{Name: "second factor", Kind: access.KindSecondFactor, Reply: denied(402, coinbaseError("two_factor_required", "Two-step verification code required"))},
			{Name: "forbidden", Kind: access.KindForbidden, Reply: denied(403, `{"error":"PERMISSION_DENIED","error_details":"Missing required scopes","message":"Missing required scopes"}`)},
			{Name: "invalid scope", Kind: access.KindForbidden, Reply: denied(403, coinbaseError("invalid_scope", "Invalid scope"))},
			{Name: "mail not verified", Kind: access.KindForbidden, Reply: denied(400, coinbaseError("unverified_email", "User has not verified their email"))},
			{Name: "identity not verified", Kind: access.KindForbidden, Reply: denied(400, coinbaseError("identity_verification_required", "Identity verification is required"))},
			{Name: "details missing", Kind: access.KindForbidden, Reply: denied(400, coinbaseError("personal_details_required", "User’s personal detail required"))},
			{Name: "authentication method", Kind: access.KindNotUnderstood, Reply: denied(400, coinbaseError("invalid_authentication_method", "Invalid authentication method"))},
			{Name: "rate limited", Kind: access.KindRateLimited, Reply: denied(429, coinbaseError("rate_limit_exceeded", "Too many requests"))},
			{Name: "resource exhausted", Kind: access.KindRateLimited, Reply: denied(429, `{"error":"resource_exhausted","code":8,"message":"Too many requests","details":[]}`)},
			{Name: "server error", Kind: access.KindUnavailable, Reply: denied(500, coinbaseError("internal_server_error", "Something went wrong"))},
			{Name: "maintenance", Kind: access.KindUnavailable, Reply: denied(503, "Service Unavailable")},
		},
		CanExist: func(s *Spec) bool { return s.Has("can_view") }, // on by default, and the call is a read
		Vectors:  coinbaseVectors,
		Shape:    coinbaseShape,
		Identify: func(c *Call) string {
			if t, ok := readToken(c); ok {
				return t.header.Kid
			}
			return ""
		},
		Verify: coinbaseVerify,
		Public: map[string]func(*Call) Reply{
			"GET /api/v3/brokerage/time": func(c *Call) Reply {
				return c.Fill(Reply{Body: `{"iso":"` + c.Now.UTC().Format(time.RFC3339) + `","epochSeconds":"` + strconv.FormatInt(c.Now.Unix(), 10) + `","epochMillis":"{ms}"}`})
			},
		},
		Routes: map[string]func(*Call) Reply{"GET /api/v3/brokerage/key_permissions": coinbasePermissions},
	})
}

func coinbaseError(id, message string) string {
	text, _ := json.Marshal(map[string]any{"errors": []map[string]string{{"id": id, "message": message}}})
	return string(text)
}

// coinbaseShape: an Ed25519 key is a plain UUID with base64 of seed and public
// half; an ECDSA key has a long name and a SEC 1 PEM.
func coinbaseShape(k *Issued) {
	uuid := func(what string) string {
		t := Hex(32, "coinbase", what, k.Serial)
		return t[:8] + "-" + t[8:12] + "-4" + t[13:16] + "-8" + t[17:20] + "-" + t[20:]
	}
	block, _ := pem.Decode([]byte(k.PrivateKey))
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err) // this package has encoded it
	}
	k.ID = uuid("key")
	switch private := private.(type) {
	case ed25519.PrivateKey:
		k.PrivateKey = base64.StdEncoding.EncodeToString(private)
	case *ecdsa.PrivateKey:
		der, err := x509.MarshalECPrivateKey(private)
		if err != nil {
			panic(err) // the curve is P-256
		}
		k.ID = "organizations/" + uuid("organisation") + "/apiKeys/" + k.ID
		k.PrivateKey = string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
	}
}

// jwt is a token as it was sent.
type jwt struct {
	header struct{ Alg, Typ, Kid, Nonce string }
	claims struct {
		Sub, Iss, URI string
		URIs          []string
		Nbf, Iat, Exp int64
	}
	signed    string
	signature []byte
}

func readToken(c *Call) (*jwt, bool) {
	text, ok := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(text, ".")
	if !ok || len(parts) != 3 {
		return nil, false
	}
	t := &jwt{signed: parts[0] + "." + parts[1]}
	for i, into := range []any{&t.header, &t.claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return nil, false
		}
	}
	var err error
	t.signature, err = base64.RawURLEncoding.DecodeString(parts[2])
	return t, err == nil
}

// coinbaseVerify follows the documentation, and accepts what known clients send:
// uri or uris, the newer issuer or the older one, nbf or iat. A token is valid for
// two minutes at most, and for one method, host and path.
func coinbaseVerify(c *Call) *Reply {
	t, ok := readToken(c)
	if !ok {
		return c.Refuse(FailHeader)
	}
	start := t.claims.Nbf
	if start == 0 {
		start = t.claims.Iat
	}
	uris := slices.Concat(t.claims.URIs, []string{t.claims.URI})
	covers := slices.Contains(uris, c.Method+" "+c.Host+c.URL.Path)
	switch now := c.Now.Unix(); {
	case !t.signedBy(c.Key.PublicKey), t.header.Typ != "JWT", t.header.Nonce == "":
		return c.Refuse(FailBadSignature)
	case t.claims.Sub != c.Key.ID, t.claims.Iss != "cdp" && t.claims.Iss != "coinbase-cloud", !covers:
		return c.Refuse(FailBadSignature)
	case now < start, now >= t.claims.Exp, t.claims.Exp-start > 120:
		return c.Refuse(FailClock)
	}
	return nil
}

func (t *jwt) signedBy(public any) bool {
	switch public := public.(type) {
	case ed25519.PublicKey:
		return t.header.Alg == "EdDSA" && ed25519.Verify(public, []byte(t.signed), t.signature)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256([]byte(t.signed))
		return t.header.Alg == "ES256" && len(t.signature) == 64 &&
			ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(t.signature[:32]), new(big.Int).SetBytes(t.signature[32:]))
	default:
		return false
	}
}

func coinbasePermissions(c *Call) Reply {
	answer := map[string]any{
		"can_view": false, "can_trade": false, "can_transfer": false,
		"portfolio_uuid": "8bfc20d7-f7c6-4422-bf07-8243ca4169fe", "portfolio_type": "DEFAULT",
	}
	for _, p := range c.Key.Permissions {
		answer[p] = true
	}
	if kind := c.Key.Options["portfolio_type"]; kind != "" {
		answer["portfolio_type"] = kind
	}
	for name := range strings.SplitSeq(c.Key.Options["omit"], ",") {
		delete(answer, name)
	}
	text, _ := json.Marshal(answer)
	return Reply{Status: http.StatusOK, Body: string(text)}
}

// The vectors use the key of RFC 8032's first test and the P-256 key of RFC
// 6979, with a fixed nonce.
var coinbaseVectors = []Vector{
	coinbaseVector(
		access.Ed25519Key, "00000000-0000-4000-8000-000000000001", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g",
		"eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6IjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMSIsIm5vbmNlIjoiMDAwMTAyMDMwNDA1MDYwNzA4MDkwYTBiMGMwZDBlMGYifQ",
		"eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJpc3MiOiJjZHAiLCJuYmYiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDEyMCwidXJpIjoiR0VUIGFwaS5jb2luYmFzZS5jb20vYXBpL3YzL2Jyb2tlcmFnZS9rZXlfcGVybWlzc2lvbnMifQ",
		"lY7U-soXHchKMmP9nX5gFX9YA9mfFyo52devH2a6n-jgSjaNmruSPwMEd68np0gNL7N9QsloFfDOxvf8je0eDw",
	),
	coinbaseVector(
		access.ECDSAKey, "organizations/00000000-0000-4000-8000-0000000000aa/apiKeys/00000000-0000-4000-8000-0000000000bb",
		"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth+mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ",
		"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Im9yZ2FuaXphdGlvbnMvMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMGFhL2FwaUtleXMvMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMGJiIiwibm9uY2UiOiIwMDAxMDIwMzA0MDUwNjA3MDgwOTBhMGIwYzBkMGUwZiJ9",
		"eyJzdWIiOiJvcmdhbml6YXRpb25zLzAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDBhYS9hcGlLZXlzLzAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDBiYiIsImlzcyI6ImNkcCIsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMTIwLCJ1cmkiOiJHRVQgYXBpLmNvaW5iYXNlLmNvbS9hcGkvdjMvYnJva2VyYWdlL2tleV9wZXJtaXNzaW9ucyJ9",
		"IN3OTcZrm4gEZo_M6lSzq3zDNevKhyNXKrR5vIYWLnWz0rIwDdwky66BfU7DltvmYW1rSrDUzbZQR0hWDD7IXg",
	),
}

func coinbaseVector(kind access.KeyKind, key, pkcs8, header, claims, signature string) Vector {
	return Vector{
		Name: "key permissions with " + kind.String(), Time: time.Unix(1700000000, 0), Key: key, Kind: kind, Secret: armour(pkcs8),
		Method: "GET", URL: "https://api.coinbase.com/api/v3/brokerage/key_permissions",
		Header: map[string]string{"Authorization": "Bearer " + header + "." + claims + "." + signature},
	}
}
