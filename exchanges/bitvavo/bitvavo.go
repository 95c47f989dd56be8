// Package bitvavo audits API keys of Bitvavo.
//
// The exchange reports nothing about a key. A signed read of the account shows that
// the key is active and may view. What that answer calls capabilities look like
// those of the account, and are shown as such: whether they are limited to the key
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
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bitvavo.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active, and what the account may do"},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    silent.Coverage("documentation and independent clients"),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"Withdrawals by API need neither a second factor nor a confirmation by email: a key that may withdraw and " +
			"has no IP allowlist is all that is needed.",
	},
	Inspect: inspect,
}

// failures: the documentation's error codes, without those for a missing right to
// trade or withdraw, which this read doesn't need.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindDisabled).For("305", "306"), // "no active key", which may be switched off or not yet confirmed
	wire.Is(access.KindBadSignature, "309"),
	wire.Is(access.KindClockSkew, "304"),
	wire.Is(access.KindIPNotAllowed, "307"),
	wire.Is(access.KindForbidden, "310", "311", "312"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
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
		return nil, wire.NotUnderstood(resp, err)
	}
	if resp.Status != http.StatusOK || body.Has("errorCode") {
		return nil, failures.Said(resp, body, "errorCode", "error")
	}
	able, ok := body.Strings("capabilities")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := silent.Answered(title)
	snap.Facts = []access.Fact{{Name: "capabilities (perhaps the account's, not the key's)", Value: strings.Join(able, ", ")}}
	return snap, nil
}
