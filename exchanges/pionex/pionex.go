// Package pionex audits API keys of Pionex.
//
// The exchange reports nothing about a key. A signed read of the balances shows that
// the key is active and may read. Each kind of refusal has a code of its own. Keys
// are HMAC.
//
// Reference: https://www.pionex.com/docs/api-docs, checked 2026-11-22.
package pionex

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path  = "/api/v1/account/balances"
	title = "Pionex"
)

// Exchange is Pionex.
var Exchange = &adapter.Exchange{
	Name:         "pionex",
	Title:        title,
	Docs:         "https://www.pionex.com/docs/api-docs",
	KeyPage:      "https://www.pionex.com/my-account/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.pionex.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("documentation"),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: 20 * time.Second,
	Notes: []string{
		"The rights that Pionex documents are reading, trading and, for futures, transfers; withdrawing is not one " +
			"of them.",
	},
	Inspect: inspect,
}

// failures: the documentation's error codes.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "INVALID_APIKEY"),
	wire.Is(access.KindBadSignature, "INVALID_SIGNATURE"),
	wire.Is(access.KindExpired, "APIKEY_EXPIRED"),
	wire.Is(access.KindIPNotAllowed, "IP_NOT_WHITELISTED"),
	wire.Is(access.KindClockSkew, "INVALID_TIMESTAMP"),
	wire.Is(access.KindForbidden, "PERMISSION_DENIED"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	query := "timestamp=" + wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, http.MethodGet+path+"?"+query)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Query: query, Header: http.Header{
		"Pionex-Key":       {s.Key()},
		"Pionex-Signature": {hex.EncodeToString(signature)},
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
	succeeded, _ := body.Bool("result")
	if !succeeded || resp.Status != http.StatusOK || body.Has("code") {
		return nil, failures.Said(resp, body, "code", "message")
	}
	data, _ := body.Object("data")
	if _, ok := data.Objects("balances"); !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return silent.Answered(title), nil
}
