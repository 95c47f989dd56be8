// Package bitvavo audits API keys of Bitvavo.
//
// The exchange tells nothing about a key. A signed read of the account shows that
// the key is alive and may view. What that answer calls capabilities reads like
// those of the account, and is shown as such: whether it is narrowed to the key
// is not confirmed. Keys are HMAC.
//
// Reference: https://docs.bitvavo.com/, checked 2026-11-22.
package bitvavo

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
	path   = "/v2/account"
	title  = "Bitvavo"
	window = 10000 // milliseconds
)

// Exchange is Bitvavo.
var Exchange = &adapter.Exchange{
	Name:         "bitvavo",
	Title:        title,
	Docs:         "https://docs.bitvavo.com/",
	KeyPage:      "https://account.bitvavo.com/user/api",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bitvavo.com"}}},
	Calls:        []adapter.Call{{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is alive, and what the account may do"}},
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documents and independent clients"),
	Limit:        adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow:  window * time.Millisecond,
	Notes: []string{
		"Withdrawals by API need neither the second factor nor a confirmation by e-mail: a key that may withdraw and isn't bound to an address is all it takes.",
	},
	Inspect: inspect,
}

// failures: the documentation's error codes. That the key lacks the right to
// trade or to withdraw is not asked here.
var failures = wire.Failures{
	"305": wire.Is(access.KindBadKey),
	"306": wire.Is(access.KindBadKey),
	"309": wire.Is(access.KindBadSignature),
	"304": wire.Is(access.KindClockSkew),
	"307": wire.Is(access.KindIPNotAllowed),
	"310": wire.Is(access.KindForbidden),
	"311": wire.Is(access.KindForbidden),
	"312": wire.Is(access.KindForbidden),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Bitvavo-Access-Key":       {s.Key()},
		"Bitvavo-Access-Timestamp": {stamp},
		"Bitvavo-Access-Window":    {strconv.Itoa(window)},
		"Bitvavo-Access-Signature": {hex.EncodeToString(signature)},
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
	if resp.Status != http.StatusOK || body.Has("errorCode") {
		code, _ := body.Text("errorCode")
		message, _ := body.Text("error")
		return nil, failures.Refusal(resp, code, message)
	}
	able, ok := body.Strings("capabilities")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := silent.Alive(title)
	snap.Facts = []access.Fact{{Name: "capabilities, perhaps of the account only", Value: strings.Join(able, ", ")}}
	return snap, nil
}
