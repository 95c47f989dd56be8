// Package pionex audits API keys of Pionex.
//
// The exchange tells nothing about a key. A signed read of the balances shows that
// the key is alive and may read. Its refusals say plainly what is wrong. Keys
// are HMAC.
//
// Reference: https://www.pionex.com/docs/api-docs, checked 2026-11-22.
package pionex

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
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.pionex.com"}}},
	Calls:        []adapter.Call{{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is alive; no balance is kept"}},
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documents"),
	Limit:        adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow:  20 * time.Second,
	Notes: []string{
		"The rights that Pionex documents are reading, trading and, for futures, transfer; one to withdraw isn't among them.",
		"Keys can expire; when isn't told.",
	},
	Inspect: inspect,
}

// failures: the documentation's error codes.
var failures = wire.Failures{
	"INVALID_APIKEY":     wire.Is(access.KindBadKey),
	"INVALID_SIGNATURE":  wire.Is(access.KindBadSignature),
	"APIKEY_EXPIRED":     wire.Is(access.KindExpired),
	"IP_NOT_WHITELISTED": wire.Is(access.KindIPNotAllowed),
	"INVALID_TIMESTAMP":  wire.Is(access.KindClockSkew),
	"PERMISSION_DENIED":  wire.Is(access.KindForbidden),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	query := "timestamp=" + strconv.FormatInt(s.Now().UnixMilli(), 10)
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
		return nil, wire.Foreign(resp, err)
	}
	succeeded, _ := body.Bool("result")
	if !succeeded || resp.Status != http.StatusOK || body.Has("code") {
		code, _ := body.Text("code")
		message, _ := body.Text("message")
		return nil, failures.Refusal(resp, code, message)
	}
	data, _ := body.Object("data")
	if _, ok := data.Objects("balances"); !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return silent.Alive(title), nil
}
