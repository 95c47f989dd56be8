// Package hitbtc audits API keys of HitBTC.
//
// The exchange reports nothing about a key. A signed read of the spot balance shows
// that the key is active and may read it. There is a call that lists the account's
// keys, whose answer is documented nowhere that could be reached: it is not made. Keys
// are HMAC.
//
// Reference: https://api.hitbtc.com/ as an independent client follows it (path,
// signing), and https://github.com/hitbtc-com/hitbtc-api (codes), checked 2026-11-30.
package hitbtc

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path  = "/api/3/spot/balance"
	title = "HitBTC"
)

// Exchange is HitBTC.
var Exchange = &adapter.Exchange{
	Name:    "hitbtc",
	Title:   title,
	Docs:    "https://api.hitbtc.com/",
	KeyPage: "https://hitbtc.com/settings/api-keys",
	Checked: "2026-11-30",
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.hitbtc.com"}},
		{Name: "demo", URLs: []string{"https://api.demo.hitbtc.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
	},
	Needs:    adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: silent.Coverage("an independent client, and older documentation of the codes"),
	Limit:    adapter.Limit{Requests: 5, Per: time.Second},
	Notes: []string{
		"HitBTC refuses a wrong key, signature or timestamp, and perhaps an IP address that is not allowed, with the same code.",
	},
	Inspect: inspect,
}

// failures: the documented codes.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed).For("1001", "1002"),
	wire.Is(access.KindBadSignature, "1004"),
	wire.Is(access.KindForbidden, "1003", "403"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, http.MethodGet+path+stamp)
	if err != nil {
		return nil, err
	}
	token := base64.StdEncoding.EncodeToString([]byte(s.Key() + ":" + hex.EncodeToString(signature) + ":" + stamp))
	s.Hide(token)
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{"Authorization": {"HS256 " + token}}})
	if err != nil {
		return nil, err
	}
	return silent.List(resp, title, "currency", refusal)
}

// refusal reads {"error":{"code":1002,"message":"words"}}.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	said, _ := body.Object("error")
	return failures.Said(resp, said, "code", "message")
}
