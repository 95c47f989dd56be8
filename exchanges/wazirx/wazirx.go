// Package wazirx audits API keys of WazirX.
//
// The exchange reports nothing about a key: what it says of trading and withdrawing is
// about the account. A signed read of the funds shows that the key is active. Keys are
// HMAC.
//
// Reference: https://docs.wazirx.com/ by a copy of its source, and an independent client
// (codes); 2112 by https://github.com/WazirX/wazirx-api/issues/37, checked 2026-11-30.
package wazirx

import (
	"context"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path     = "/sapi/v1/funds"
	pathTime = "/sapi/v1/time"
	title    = "WazirX"
)

// Exchange is WazirX.
var Exchange = &adapter.Exchange{
	Name:         "wazirx",
	Title:        title,
	Docs:         "https://docs.wazirx.com/",
	KeyPage:      "https://wazirx.com/settings/keys",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.wazirx.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
		wire.TimeCall(pathTime),
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("documentation by a copy; the codes by an independent client"),
	Limit:       adapter.Limit{Requests: 1, Per: time.Second}, // documented
	ClockWindow: query.Window * time.Millisecond,
	Inspect:     inspect,
	ServerTime:  wire.Clock(pathTime, wire.Bare, "serverTime", wire.Object.Millis),
}

// failures: the codes, as an independent client and users list them.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "2112"),
	wire.Is(access.KindBadSignature, "2005", "2115"),
	wire.Is(access.KindClockSkew, "2098"),
	wire.Is(access.KindForbidden, "2078"),
	wire.Is(access.KindRateLimited, "2136"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := query.Get(ctx, s, path, http.Header{"X-Api-Key": {s.Key()}}, "")
	if err != nil {
		return nil, err
	}
	return silent.List(resp, title, "asset", refusal)
}

// refusal reads {"code":2098,"message":"words"}.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	return failures.Said(resp, body, "code", "message")
}
