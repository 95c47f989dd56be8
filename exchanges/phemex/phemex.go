// Package phemex audits API keys of Phemex.
//
// The exchange tells nothing about a key. A signed read of a wallet shows that the
// key is alive. A wrong address and a missing right are refused in words of
// their own. Keys are HMAC.
//
// Reference: https://github.com/phemex/phemex-api-docs, checked 2026-11-22.
package phemex

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
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
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.phemex.com"}}},
	Calls:        []adapter.Call{{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is alive; no balance is kept"}},
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documents and independent clients"),
	Limit:        adapter.Limit{Requests: 1, Per: time.Second},
	ClockWindow:  lifetime,
	Inspect:      inspect,
}

// failures are told apart by words that clients have seen, in lower case: most
// have the code 401.
var failures = []struct {
	text string
	kind access.Kind
}{
	{"failed to load api key", access.KindBadKey},
	{"failed to find api-key", access.KindBadKey},
	{"api key not found", access.KindBadKey},
	{"signature verification failed", access.KindBadSignature},
	{"request ip mismatch", access.KindIPNotAllowed},
	{"insufficient privilege", access.KindForbidden},
	{"request expired", access.KindClockSkew},
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
		return nil, wire.Foreign(resp, err)
	}
	code, _ := body.Text("code")
	if code != "0" || resp.Status != http.StatusOK {
		message, _ := body.Text("msg")
		return nil, refusal(resp, code, message)
	}
	if _, ok := body.Objects("data"); !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return silent.Alive(title), nil
}

func refusal(resp *adapter.Response, code, message string) *access.Error {
	e := wire.Failures{}.Refusal(resp, code, message)
	for _, f := range failures {
		if e.Kind == access.KindNotUnderstood && strings.Contains(strings.ToLower(message), f.text) {
			e.Kind = f.kind
		}
	}
	return e
}
