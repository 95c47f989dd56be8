// Package bitstamp audits API keys of Bitstamp.
//
// The exchange reports nothing about a key. A signed read of the balances shows
// that the key is active and may read balances; a refused IP address and a missing
// right have codes of their own. The read is a POST, like all private reads of the
// exchange. Keys are HMAC.
//
// Reference: https://www.bitstamp.net/api/, checked 2026-11-22.
package bitstamp

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/jwt"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path  = "/api/v2/account_balances/"
	title = "Bitstamp"
)

// Exchange is Bitstamp.
var Exchange = &adapter.Exchange{
	Name:    "bitstamp",
	Title:   title,
	Docs:    "https://www.bitstamp.net/api/",
	KeyPage: "https://www.bitstamp.net/settings/api-management/",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://www.bitstamp.net"}},
		{Name: "sandbox", URLs: []string{"https://sandbox.bitstamp.net"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("documentation and an independent client"),
	Limit:       adapter.Limit{Requests: 10, Per: time.Second},
	ClockWindow: 150 * time.Second,
	Notes: []string{
		"Withdrawals can be limited to one withdrawal address per currency, on the key's page.",
	},
	Inspect: inspect,
}

// failures: the meanings of API00xx are those an independent client confirms.
// API0003 is a missing right, so the key itself is valid.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "API0001", "API0011", "API0008"),
	wire.Is(access.KindBadSignature, "API0005"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("API0000"),
	wire.Is(access.KindIPNotAllowed, "API0002"),
	wire.Is(access.KindForbidden, "API0003"),
	wire.Is(access.KindNonce, "API0004"),
	wire.Is(access.KindClockSkew, "API0017"),
	wire.Is(access.KindDisabled, "API0006", "403.004"),
	wire.Is(access.KindRateLimited, "400.002", "400.067", "400.068"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp, nonce := wire.Millis(s), jwt.UUID(s.Random(16))
	// No body, so no content type either: with an empty body it is refused.
	text := "BITSTAMP " + s.Key() + http.MethodPost + s.Host() + path + nonce + stamp + "v2"
	signature, err := s.Sign(ctx, adapter.HMACSHA256, text)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: path, Header: http.Header{
		"X-Auth":           {"BITSTAMP " + s.Key()},
		"X-Auth-Signature": {hex.EncodeToString(signature)},
		"X-Auth-Nonce":     {nonce},
		"X-Auth-Timestamp": {stamp},
		"X-Auth-Version":   {"v2"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	if list, err := wire.ParseList(resp.Body); err == nil && resp.Status == http.StatusOK && len(list) > 0 {
		for _, balance := range list {
			if _, ok := balance.Text("currency"); !ok {
				return nil, wire.NotUnderstood(resp, balance.Err())
			}
		}
		return silent.Answered(title), nil
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	// Three forms of refusal: {"code", "reason"}, {"response_code", "reason"
	// as an object}, and {"error"} during maintenance.
	code, ok := body.Text("code")
	if !ok {
		code, _ = body.Text("response_code")
	}
	message, _ := body.Text("reason")
	if said, ok := body.Object("reason"); ok {
		texts, _ := said.Strings("__all__")
		message = strings.Join(texts, " ")
	}
	if text, ok := body.Text("error"); ok {
		if message = text; strings.Contains(text, "maintenance") {
			return nil, &access.Error{Kind: access.KindUnavailable, Status: resp.Status, Message: text}
		}
	}
	e := failures.Refusal(resp, code, message)
	if e.Kind == access.KindNotUnderstood && strings.HasPrefix(message, "Missing key, signature and nonce") {
		e.Kind = access.KindBadSignature
	}
	return nil, e
}
