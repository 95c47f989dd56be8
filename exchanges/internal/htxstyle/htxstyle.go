// Package htxstyle holds what HTX's API and BitTrade's, which runs the same,
// have in common: everything stands in the query and the signature covers the
// host, refusals come in two editions, and a list tells all keys of a user.
package htxstyle

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// API is one exchange's variety.
type API struct {
	// Permissions are what the list of keys names; "readOnly" is one of them.
	Permissions rights.Table
	// Unbound says what the exchange does to keys that may do more than read and
	// are not bound to an address; empty if nothing is known.
	Unbound string
}

const (
	pathUID  = "/v2/user/uid"
	pathKeys = "/v2/user/api-key"
	pathTime = "/v1/common/timestamp"
)

// Calls are the calls of every inspection.
func Calls() []adapter.Call {
	return []adapter.Call{
		{Method: http.MethodGet, Path: pathUID, Why: "the number of the user, which the list of keys is asked for with"},
		{Method: http.MethodGet, Path: pathKeys, Why: "permissions, addresses and dates of the user's keys, the calling one among them"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	}
}

// failures are by code, of both editions. 2002, 2003 and
// api-not-support-temp-addr say nothing about the key.
var failures = wire.Failures{
	"api-signature-check-failed":          wire.Is(access.KindBadSignature),
	"login-required":                      wire.Is(access.KindBadSignature),
	"1003":                                wire.OneOf(access.KindBadKey, access.KindBadSignature),
	"1002":                                wire.Is(access.KindForbidden),
	"403":                                 wire.Is(access.KindForbidden),
	"rate-too-many-requests":              wire.Is(access.KindRateLimited),
	"base-request-exceed-frequency-limit": wire.Is(access.KindRateLimited),
	"429":                                 wire.Is(access.KindRateLimited),
	"system-maintenance":                  wire.Is(access.KindUnavailable),
	"gateway-internal-error":              wire.Is(access.KindUnavailable),
	"500":                                 wire.Is(access.KindUnavailable),
	notValid: wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindForbidden,
		access.KindClockSkew, access.KindExpired),
}

// notValid covers most refusals, which only its words tell apart.
const notValid = "api-signature-not-valid"

// phrases: the English part of the words after notValid, as seen by clients.
// That about the timestamp is not confirmed.
var phrases = []struct {
	text string
	kind access.Kind
}{
	{"incorrect access key", access.KindBadKey},
	{"verification failure", access.KindBadSignature},
	{"incorrect ip address", access.KindIPNotAllowed},
	{"no permission", access.KindForbidden},
	{"timestamp", access.KindClockSkew},
}

// Inspect asks for the user's number, and with it for the list of keys.
func (a *API) Inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, pathUID, url.Values{})
	if err != nil {
		return nil, err
	}
	uid, err := parseUID(resp)
	if err != nil {
		return nil, err
	}
	if resp, err = ask(ctx, s, pathKeys, url.Values{"uid": {uid}}); err != nil {
		return nil, err
	}
	return a.parseKeys(resp, uid, s.Key(), s.Now())
}

// ask signs the parameters in the order of their names, and sends them in it.
func ask(ctx context.Context, s *adapter.Session, path string, query url.Values) (*adapter.Response, error) {
	algorithm, method := adapter.HMACSHA256, "HmacSHA256"
	if s.KeyKind() == access.Ed25519Key {
		algorithm, method = adapter.Ed25519, "Ed25519"
	}
	query.Set("AccessKeyId", s.Key())
	query.Set("SignatureMethod", method)
	query.Set("SignatureVersion", "2")
	query.Set("Timestamp", s.Now().UTC().Format("2006-01-02T15:04:05"))
	text := strings.ReplaceAll(query.Encode(), "+", "%20")
	signature, err := s.Sign(ctx, algorithm, strings.Join([]string{http.MethodGet, s.Host(), path, text}, "\n"))
	if err != nil {
		return nil, err
	}
	text += "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Query: text})
}

// unwrap checks the envelope, of which there are two.
func unwrap(resp *adapter.Response) (wire.Object, *access.Error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	status, _ := body.Text("status")
	message, _ := body.Text("message")
	if resp.Status == http.StatusOK && (code == "200" || code == "" && status == "ok") && status != "error" {
		return body, nil
	}
	if old, ok := body.Text("err-code"); ok {
		code = old
		message, _ = body.Text("err-msg")
	}
	refusal := failures.Refusal(resp, code, message)
	for _, p := range phrases {
		if code == notValid && strings.Contains(strings.ToLower(message), p.text) {
			refusal.Kind, refusal.Candidates = p.kind, nil
		}
	}
	return body, refusal
}

func parseUID(resp *adapter.Response) (string, error) {
	body, refusal := unwrap(resp)
	if refusal != nil {
		return "", refusal
	}
	uid, ok := body.Text("data")
	if !ok || uid == "" {
		return "", wire.NotUnderstood(resp, body.Err())
	}
	return uid, nil
}

// ServerTime asks for the exchange's time.
func ServerTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	return wire.Clock(pathTime, unwrap, "data", wire.Object.Millis)(ctx, s)
}
