// Package bitmart audits API keys of BitMart.
//
// The exchange reports nothing about a key itself. Three reads show what it may do:
// one that every key may make, one that the documentation lists under the right
// to withdraw, and one under the right to trade futures. An answer shows the
// right. A refusal does not show that it is missing: that the exchange follows its
// documentation here is not confirmed, so the right stays unknown. Nothing shows
// the IP allowlist, dates, or the rights to trade spot and margin. Keys are HMAC
// with a memo, which is the passphrase here.
//
// Reference: https://developer-pro.bitmart.com/, checked 2026-11-22.
package bitmart

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is BitMart.
var Exchange = &adapter.Exchange{
	Name:         "bitmart",
	Title:        "BitMart",
	Docs:         "https://developer-pro.bitmart.com/",
	KeyPage:      "https://www.bitmart.com/api-config/en-US",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api-cloud.bitmart.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathWallet, Why: "a read that shows that the key is active; no balance is kept"},
		{
			Method: http.MethodGet, Path: pathWithdraw,
			Why: "the limits of withdrawals, a read that needs the right to withdraw",
		},
		{
			Method: http.MethodPost, Path: pathFutures,
			Why: "past transfers to and from futures, a read, although sent by POST, that needs the right to trade futures",
		},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Passphrase: true,
		KeyForm: wire.Form(wire.Hex + "{40}"), SecretForm: wire.Form(wire.Hex + "{64}"),
	},
	Coverage: adapter.Coverage{
		// The last two are known while the key holds them, and otherwise unknown.
		Reports:   []access.Capability{access.Read, access.TradeFutures, access.Withdraw},
		Inferred:  true,
		Confirmed: "documentation; a refusal does not count as a missing right",
	},
	Limit:       adapter.Limit{Requests: 2, Per: time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"According to the documentation, BitMart lets anyone who has the access key read balances, deposit addresses, orders and withdrawal limits " +
			"without a signature: keep the access key as secret as the secret, and restrict it to IP addresses.",
		"A new key can only read; its owner must switch on the right to withdraw.",
		"Which calls need the right to withdraw or to trade futures is documented but not confirmed: an answer counts as proof of the right, a refusal proves nothing. " +
			"Check the key's page, then attest the rule withdrawal.",
	},
	Inspect: inspect,
}

const (
	pathWallet   = "/account/v1/wallet"
	pathWithdraw = "/account/v1/withdraw/charge"
	pathFutures  = "/account/v1/transfer-contract-list"
)

// failures: the documentation's error codes.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "30002"),
	wire.Is(access.KindDisabled, "30003"),
	wire.Is(access.KindBadSignature, "30005"),
	wire.Is(access.KindClockSkew, "30007"),
	wire.Is(access.KindIPNotAllowed, "30010"),
	wire.Is(access.KindExpired, "30011"),
	wire.Is(access.KindForbidden, "30012", "30019"),
	wire.Is(access.KindRateLimited, "30013"),
	wire.Is(access.KindUnavailable, "30016"),
	wire.Is(access.KindBanned, "30017"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, adapter.Request{Method: http.MethodGet, Path: pathWallet})
	if err != nil {
		return nil, err
	}
	if err := parseWallet(resp); err != nil {
		return nil, err
	}
	snap := silent.Answered("Apart from the reads it answers, BitMart")
	// The last one also proves the secret: the others may be answered without a
	// signature.
	for _, probe := range []struct {
		access.Capability
		adapter.Request
	}{
		{access.Withdraw, adapter.Request{Method: http.MethodGet, Path: pathWithdraw, Query: "currency=USDT"}},
		{access.TradeFutures, adapter.Request{Method: http.MethodPost, Path: pathFutures, Body: `{"page":1,"limit":10}`}},
	} {
		if resp, err = ask(ctx, s, probe.Request); err != nil {
			return nil, err
		}
		_, refused := unwrap(resp)
		if err := silent.AddRight(snap, refused, probe.Capability); err != nil {
			return nil, err
		}
	}
	return snap, nil
}

// ask signs every call, also those that need no signature.
func ask(ctx context.Context, s *adapter.Session, r adapter.Request) (*adapter.Response, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+"#"+s.Passphrase()+"#"+r.Query+r.Body) // a request has one of them
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{"X-Bm-Key": {s.Key()}, "X-Bm-Timestamp": {stamp}, "X-Bm-Sign": {hex.EncodeToString(signature)}}
	if r.Body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return s.Do(ctx, r)
}

// unwrap checks the envelope.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	return failures.Open(resp, "message", "1000")
}

func parseWallet(resp *adapter.Response) error {
	body, err := unwrap(resp)
	if err != nil {
		return err
	}
	data, _ := body.Object("data")
	if _, ok := data.Objects("wallet"); !ok {
		return wire.NotUnderstood(resp, body.Err())
	}
	return nil
}
