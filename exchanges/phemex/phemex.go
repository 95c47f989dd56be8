// Package phemex audits API keys of Phemex.
//
// The exchange reports nothing about a key. A signed read of a wallet shows that the
// key is active. An IP address that is not allowed and a missing right are refused
// with messages of their own. Keys are HMAC.
//
// Reference: https://github.com/phemex/phemex-api-docs, checked 2026-11-22.
package phemex

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path     = "/spot/wallets"
	query    = "currency=USDT"
	title    = "Phemex"
	lifetime = 60 * time.Second // of a request; the exchange refuses more than two minutes
)

// Exchange is Phemex.
var Exchange = &adapter.Exchange{
	Name:         "phemex",
	Title:        title,
	Docs:         "https://github.com/phemex/phemex-api-docs",
	KeyPage:      "https://phemex.com/account/api-management",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.phemex.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("documentation and independent clients"),
	Limit:       adapter.Limit{Requests: 1, Per: time.Second},
	ClockWindow: lifetime,
	Inspect:     inspect,
}

// phrases in messages, as clients have seen them: most refusals have the code 401.
var phrases = wire.Failures{
	wire.Is(access.KindBadKey, "failed to load api key", "failed to find api-key", "api key not found"),
	wire.Is(access.KindBadSignature, "signature verification failed"),
	wire.Is(access.KindIPNotAllowed, "request ip mismatch"),
	wire.Is(access.KindForbidden, "insufficient privilege"),
	wire.Is(access.KindClockSkew, "request expired"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	expiry := strconv.FormatInt(s.Now().Add(lifetime).Unix(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, path+query+expiry)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Query: query, Header: http.Header{
		"X-Phemex-Access-Token":      {s.Key()},
		"X-Phemex-Request-Expiry":    {expiry},
		"X-Phemex-Request-Signature": {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	if code != "0" || resp.Status != http.StatusOK {
		message, _ := body.Text("msg")
		return nil, wire.Failures{}.Refusal(resp, code, message, phrases...)
	}
	if _, ok := body.Objects("data"); !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return silent.Answered(title), nil
}
