// Package maicoin audits API keys of MAX, the exchange of MaiCoin.
//
// The exchange reports nothing about a key. A signed read of the spot accounts shows
// that the key is active. Which right the list of withdrawal addresses needs is not
// documented, so it shows nothing and is not requested. Keys are HMAC. The nonce is a
// time that is taken once; it need not grow, so that the key's other clients are not
// affected.
//
// Reference: https://max-api.maicoin.com/doc/v3.html by a copy of its OpenAPI document
// (3.0.0, with the changes of 2026-08-15); the codes by an independent client, checked
// 2026-11-30.
package maicoin

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
	path     = "/api/v3/wallet/spot/accounts"
	pathTime = "/api/v3/timestamp"
	title    = "MAX"
)

// Exchange is MAX, the exchange of MaiCoin.
var Exchange = &adapter.Exchange{
	Name:         "maicoin",
	Title:        title,
	Docs:         "https://max-api.maicoin.com/doc/v3.html",
	KeyPage:      "https://max.maicoin.com/api_tokens",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://max-api.maicoin.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
		wire.TimeCall(pathTime),
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("documentation by a copy; the codes by an independent client"),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // documented: 1200 a minute
	ClockWindow: 30 * time.Second,
	Inspect:     inspect,
	ServerTime:  wire.Clock(pathTime, wire.Bare, "timestamp", wire.Object.Seconds),
}

// failures: the codes, as an independent client lists them.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "2008"),
	wire.Is(access.KindDisabled, "2009"),
	wire.Is(access.KindBadSignature, "2005", "2014", "2015"),
	wire.Is(access.KindClockSkew, "2007"),
	wire.Is(access.KindNonce, "2006"),
	wire.Is(access.KindForbidden, "2011"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	nonce := wire.Millis(s)
	payload := base64.StdEncoding.EncodeToString([]byte(`{"nonce":` + nonce + `,"path":"` + path + `"}`))
	signature, err := s.Sign(ctx, adapter.HMACSHA256, payload)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Query: "nonce=" + nonce, Header: http.Header{
		"X-Max-Accesskey": {s.Key()},
		"X-Max-Payload":   {payload},
		"X-Max-Signature": {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return silent.List(resp, title, "currency", refusal)
}

// refusal reads {"success":false,"error":{"code":2005,"message":"words"}}.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	said, _ := body.Object("error")
	return failures.Said(resp, said, "code", "message")
}
