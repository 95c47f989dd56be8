// Package gopax audits API keys of GOPAX.
//
// The exchange reports nothing about a key. A signed read of the balances shows that the
// key is active. Which right the list of withdrawal addresses needs is not known, so it
// shows nothing and is not requested. Keys are HMAC.
//
// Reference: https://gopax.github.io/API/index.en.html (address, signing), and as
// independent clients follow it (answer, codes), checked 2026-11-30. How a timestamp is
// refused could not be found.
package gopax

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
	path     = "/balances"
	pathTime = "/time"
	title    = "GOPAX"
)

// Exchange is GOPAX.
var Exchange = &adapter.Exchange{
	Name:         "gopax",
	Title:        title,
	Docs:         "https://gopax.github.io/API/index.en.html",
	KeyPage:      "https://www.gopax.co.kr/",
	Checked:      "2026-11-30",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.gopax.co.kr"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
		wire.TimeCall(pathTime),
	},
	Needs:      adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64},
	Coverage:   silent.Coverage("part of the documentation, and independent clients"),
	Limit:      adapter.Limit{Requests: 5, Per: time.Second}, // documented: 20
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "serverTime", wire.Object.Millis),
}

// failures: the documentation's codes, as independent clients list them. 10004 is for
// almost everything.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "10155"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed, access.KindForbidden).For("10004"),
	wire.Is(access.KindRateLimited, "10105"),
	wire.Is(access.KindBanned, "10364"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA512, "t"+stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Api-Key":   {s.Key()},
		"Timestamp": {stamp},
		"Signature": {base64.StdEncoding.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return silent.List(resp, title, "asset", refusal)
}

// refusal reads {"errorMessage":"words","errorCode":10155}.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	return failures.Said(resp, body, "errorCode", "errorMessage")
}
