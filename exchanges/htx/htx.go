// Package htx audits API keys of HTX, formerly Huobi.
//
// To a key of a parent user the venue lists all its keys, the calling one among
// them, with permissions, bound addresses, name, creation, last change and how
// many days they have left. A key of a sub-user is refused that list, and which
// rights it holds stays unknown. The last use is never told. Keys are HMAC or
// Ed25519; the signature covers the host.
//
// The reference is of 2021, and newer clients still use these calls: a
// permission that it doesn't know is shown as unknown.
//
// Reference: https://huobiapi.github.io/docs/spot/v1/en/#api-key-query,
// checked 2026-11-22.
package htx

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is HTX.
var Exchange = &audit.Exchange{
	Name:         "htx",
	Title:        "HTX",
	Docs:         "https://huobiapi.github.io/docs/spot/v1/en/#api-key-query",
	KeyPage:      "https://www.htx.com/en-us/apikey/",
	Checked:      "2026-11-22",
	Environments: []audit.Environment{{Name: "live", URLs: []string{"https://api.huobi.pro", "https://api-aws.huobi.pro"}}},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: pathUID, Why: "the number of the user, which the list of keys is asked for with"},
		{Method: http.MethodGet, Path: pathKeys, Why: "permissions, addresses and dates of the user's keys, the calling one among them"},
		{Method: http.MethodGet, Path: pathTime, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret, audit.Ed25519Key}},
	Coverage: audit.Coverage{
		Tells: []audit.Capability{
			audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.TradeOptions, audit.Withdraw, audit.TransferInternal,
		},
		// No permission is for these; see parentNote on the last two. Whether
		// funds can be sent to other users is not confirmed: it's in neither list.
		Absent:    []audit.Capability{audit.WithdrawAddresses, audit.SubaccountManage, audit.APIKeyManage},
		Allowlist: audit.Sometimes, AllowlistEntries: audit.Sometimes, Created: audit.Sometimes, Expires: audit.Sometimes,
		AccountKind: audit.Sometimes, Siblings: audit.Sometimes,
		Confirmed: "documents and the venue's client",
	},
	Limit: audit.Limit{Requests: 10, Per: time.Second},
	// The reference says 5 minutes, and an answer to a frequent question less
	// than one.
	ClockWindow: time.Minute,
	Notes: []string{
		"Keys that may trade or withdraw and are not bound to an address end after 90 days without use.",
		"HTX doesn't tell the rights of a sub-user's key: look at the parent user's page, and attest ip-allowlist and what the key may do.",
		"Withdrawals by API go only to addresses that were added on the website, and keys of sub-users can't withdraw.",
	},
	Inspect:    inspect,
	ServerTime: serverTime,
}

const (
	pathUID  = "/v2/user/uid"
	pathKeys = "/v2/user/api-key"
	pathTime = "/v1/common/timestamp"
)

// failures are by code, of both editions. 2002, 2003 and
// api-not-support-temp-addr say nothing about the key.
var failures = wire.Failures{
	"api-signature-check-failed":          wire.Is(audit.KindBadSignature),
	"login-required":                      wire.Is(audit.KindBadSignature),
	"1003":                                wire.OneOf(audit.KindBadKey, audit.KindBadSignature),
	"1002":                                wire.Is(audit.KindForbidden),
	"403":                                 wire.Is(audit.KindForbidden),
	"rate-too-many-requests":              wire.Is(audit.KindRateLimited),
	"base-request-exceed-frequency-limit": wire.Is(audit.KindRateLimited),
	"429":                                 wire.Is(audit.KindRateLimited),
	"system-maintenance":                  wire.Is(audit.KindUnavailable),
	"gateway-internal-error":              wire.Is(audit.KindUnavailable),
	"500":                                 wire.Is(audit.KindUnavailable),
	notValid: wire.OneOf(audit.KindBadKey, audit.KindBadSignature, audit.KindIPNotAllowed, audit.KindForbidden,
		audit.KindClockSkew, audit.KindExpired),
}

// notValid covers most refusals, which only its words tell apart.
const notValid = "api-signature-not-valid"

// phrases: the English part of the words after notValid, as seen by clients.
// That about the timestamp is not confirmed.
var phrases = []struct {
	text string
	kind audit.Kind
}{
	{"incorrect access key", audit.KindBadKey},
	{"verification failure", audit.KindBadSignature},
	{"incorrect ip address", audit.KindIPNotAllowed},
	{"no permission", audit.KindForbidden},
	{"timestamp", audit.KindClockSkew},
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
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
	return parseKeys(resp, uid, s.Key(), s.Now())
}

// ask signs the parameters in the order of their names, and sends them in it.
func ask(ctx context.Context, s *audit.Session, path string, query url.Values) (*audit.Response, error) {
	algorithm, method := audit.HMACSHA256, "HmacSHA256"
	if s.KeyKind() == audit.Ed25519Key {
		algorithm, method = audit.Ed25519, "Ed25519"
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
	return s.Do(ctx, audit.Request{Method: http.MethodGet, Path: path, Query: text})
}

// unwrap checks the envelope, of which there are two.
func unwrap(resp *audit.Response) (wire.Object, *audit.Error) {
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

func parseUID(resp *audit.Response) (string, error) {
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

func serverTime(ctx context.Context, s *audit.Session) (time.Time, error) {
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: pathTime})
	if err != nil {
		return time.Time{}, err
	}
	body, refusal := unwrap(resp)
	if refusal != nil {
		return time.Time{}, refusal
	}
	at, ok := body.Millis("data")
	if !ok {
		return time.Time{}, wire.NotUnderstood(resp, body.Err())
	}
	return at, nil
}
