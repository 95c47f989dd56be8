// Package hashkey audits API keys of HashKey Exchange and HashKey Global.
//
// The exchange reports nothing about a key. A signed read of the account shows that
// the key is active. There is a call that checks a key, whose answer is unknown: it is
// not made. Keys are HMAC.
//
// Reference: https://hashkeyglobal-apidoc.readme.io/ as an independent client follows
// it (paths, signing, codes), checked 2026-11-30.
package hashkey

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
	path     = "/api/v1/account"
	pathTime = "/api/v1/time"
	title    = "HashKey"
)

// Exchange is HashKey.
var Exchange = &adapter.Exchange{
	Name:    "hashkey",
	Title:   title,
	Docs:    "https://hashkeyglobal-apidoc.readme.io/",
	KeyPage: "https://pro.hashkey.com/",
	Checked: "2026-11-30",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api-pro.hashkey.com"}},
		{Name: "global", URLs: []string{"https://api-glb.hashkey.com"}},
		{Name: "sandbox", URLs: []string{"https://api-pro.sim.hashkeydev.com"}, Test: true},
		{Name: "global-sandbox", URLs: []string{"https://api-glb.sim.hashkeydev.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
		wire.TimeCall(pathTime),
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("an independent client"),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // clients report ten
	ClockWindow: query.Window * time.Millisecond,
	Notes: []string{
		"HashKey Exchange (Hong Kong) and HashKey Global have keys of their own: choose the environment.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "serverTime", wire.Object.Millis),
}

// failures: the documentation's codes, as an independent client lists them.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "0102"),
	wire.Is(access.KindBadSignature, "0002"),
	wire.Is(access.KindExpired, "0103"),
	wire.Is(access.KindIPNotAllowed, "0202"),
	wire.Is(access.KindClockSkew, "-1021"),
	wire.Is(access.KindForbidden, "0104", "-1002", "-1005", "-2023", "-3117"),
	wire.Is(access.KindRateLimited, "0003"),
	wire.Is(access.KindUnavailable, "-1000", "-1001", "-1006", "-1007", "-1101", "-1181"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := query.Get(ctx, s, path, http.Header{"X-Hk-Apikey": {s.Key()}}, "")
	if err != nil {
		return nil, err
	}
	body, err := failures.Open(resp, "msg", "")
	if err != nil {
		return nil, err
	}
	if _, ok := body.Objects("balances"); !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return silent.Answered(title), nil
}
