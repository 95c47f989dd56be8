// Package htxstyle holds what the APIs of HTX and of BitTrade, which runs HTX's,
// have in common: the query carries everything and the signature covers the host,
// refusals have two forms, and a list reports all keys of a user.
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

// API is what differs between the exchanges.
type API struct {
	// Permissions are what the list of keys names; "readOnly" is one of them.
	Permissions rights.Table
	// Unrestricted says what the exchange does to keys that may do more than read
	// and are not restricted to IP addresses; empty if nothing is known.
	Unrestricted string
}

const (
	// PathUID is the first call of an inspection.
	PathUID  = "/v2/user/uid"
	pathKeys = "/v2/user/api-key"
	pathTime = "/v1/common/timestamp"
)

// Calls are the calls of every inspection.
func Calls() []adapter.Call {
	return []adapter.Call{
		{Method: http.MethodGet, Path: PathUID, Why: "the user's number, which the request for the list of keys needs"},
		{Method: http.MethodGet, Path: pathKeys, Why: "permissions, IP allowlists and dates of the user's keys, this one among them"},
		wire.TimeCall(pathTime),
	}
}

// failures are by code, of both forms. 2002, 2003 and api-not-support-temp-addr
// say nothing about the key.
var failures = wire.Failures{
	wire.Is(access.KindBadSignature, "api-signature-check-failed", "login-required"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("1003"),
	wire.Is(access.KindForbidden, "1002", "403"),
	wire.Is(access.KindRateLimited, "rate-too-many-requests", "base-request-exceed-frequency-limit", "429"),
	wire.Is(access.KindUnavailable, "system-maintenance", "gateway-internal-error", "500"),
	wire.OneOf(
		access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindForbidden, access.KindClockSkew, access.KindExpired,
	).For(notValid),
}

// notValid is the code of most refusals, which differ in their message only.
const notValid = "api-signature-not-valid"

// phrases: the English part of the message with notValid, as seen by clients. The
// one about the timestamp is not confirmed.
var phrases = wire.Failures{
	wire.Is(access.KindClockSkew, "timestamp"),
	wire.Is(access.KindForbidden, "no permission"),
	wire.Is(access.KindIPNotAllowed, "incorrect ip address"),
	wire.Is(access.KindBadSignature, "verification failure"),
	wire.Is(access.KindBadKey, "incorrect access key"),
}

// Inspect asks for the user's number, and with it for the list of keys.
func (a *API) Inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, PathUID, url.Values{})
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

// ask signs the parameters in the order of their names, and sends them in that
// order.
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
func unwrap(resp *adapter.Response) (wire.Object, error) {
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
	if known, ok := phrases.Phrase(message); ok && code == notValid {
		known.Explain(refusal)
	}
	return body, refusal
}

func parseUID(resp *adapter.Response) (string, error) {
	body, err := unwrap(resp)
	if err != nil {
		return "", err
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
