// Package bitbank audits API keys of bitbank.
//
// The exchange reports nothing about a key. A signed read of the assets shows that the
// key is active. Which right the list of withdrawal accounts needs is not documented, so
// it shows nothing and is not requested. Keys are HMAC. Requests carry a time and a
// window, not a nonce, so that the key's other clients are not affected.
//
// Reference: https://github.com/bitbankinc/bitbank-api-docs (rest-api.md and errors.md
// of 2025-12-25), checked 2026-11-30.
package bitbank

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
	path   = "/v1/user/assets"
	title  = "bitbank"
	window = 5000 // milliseconds
)

// Exchange is bitbank.
var Exchange = &adapter.Exchange{
	Name:         "bitbank",
	Title:        title,
	Docs:         "https://github.com/bitbankinc/bitbank-api-docs/blob/master/rest-api.md",
	KeyPage:      "https://app.bitbank.cc/account/api",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bitbank.cc"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active; no asset is kept"},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("documentation and an independent client"),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: window * time.Millisecond,
	Inspect:     inspect,
}

// failures: errors.md. How a missing right and an IP address that is not allowed are
// refused, it doesn't say.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindForbidden, access.KindIPNotAllowed).For("20001"),
	wire.Is(access.KindBadKey, "20002", "20003"),
	wire.Is(access.KindBadSignature, "20005"),
	wire.Is(access.KindClockSkew, "20033", "20034", "20035", "20037", "20038"),
	wire.Is(access.KindSecondFactor, "20011", "20014", "20023", "20024", "20025", "20026"),
	wire.Is(access.KindRateLimited, "10009"),
	wire.Is(access.KindUnavailable, "10001", "10003", "10005", "10007", "10008"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp, span := wire.Millis(s), strconv.Itoa(window)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+span+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Access-Key":          {s.Key()},
		"Access-Request-Time": {stamp},
		"Access-Time-Window":  {span},
		"Access-Signature":    {hex.EncodeToString(signature)},
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
	data, _ := body.Object("data")
	if success, _ := body.Bool("success"); !success || resp.Status != http.StatusOK {
		code, _ := data.Text("code")
		return nil, failures.Refusal(resp, code, "")
	}
	if _, ok := data.Objects("assets"); !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return silent.Answered(title), nil
}
