// Package btcmarkets audits API keys of BTC Markets.
//
// The exchange reports nothing about a key. A signed read of the balances shows that
// the key is active. Keys are HMAC.
//
// Reference: https://docs.btcmarkets.net/ as independent clients follow it (path,
// signing, codes), checked 2026-11-30.
package btcmarkets

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path  = "/v3/accounts/me/balances"
	title = "BTC Markets"
)

// Exchange is BTC Markets.
var Exchange = &adapter.Exchange{
	Name:         "btcmarkets",
	Title:        title,
	Docs:         "https://docs.btcmarkets.net/",
	KeyPage:      "https://app.btcmarkets.net/",
	Checked:      "2026-11-30",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.btcmarkets.net"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64},
	Coverage:    silent.Coverage("independent clients"),
	Limit:       adapter.Limit{Requests: 3, Per: time.Second}, // clients report 50 in 10 seconds
	ClockWindow: time.Minute,
	Inspect:     inspect,
}

// failures: the documentation's codes, as independent clients list them.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "InvalidAPIKey"),
	wire.Is(access.KindBadSignature, "InvalidAuthSignature"),
	wire.Is(access.KindClockSkew, "InvalidAuthTimestamp", "InvalidTimestamp", "InvalidTimeWindow"),
	wire.Is(access.KindForbidden, "InsufficientAPIPermission"),
	wire.Is(access.KindRateLimited, "TooManyRequests"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA512, http.MethodGet+path+stamp)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Bm-Auth-Apikey":    {s.Key()},
		"Bm-Auth-Timestamp": {stamp},
		"Bm-Auth-Signature": {base64.StdEncoding.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return silent.List(resp, title, "assetName", refusal)
}

// refusal reads {"code":"InvalidAPIKey","message":"words"}.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	return failures.Said(resp, body, "code", "message")
}
