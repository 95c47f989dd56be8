// Package bitmart audits API keys of BitMart.
//
// The exchange tells nothing about a key in words. Three reads show what it may do:
// one that every key may make, one that its documentation puts under the right
// to withdraw, and one under the right to trade futures. An answer shows the
// right. A refusal does not show that it is missing: that the exchange keeps to its
// documentation here is not confirmed, so the right stays unknown. Nothing tells
// addresses, dates, or the rights to trade spot and margin. Keys are HMAC with a
// memo, which is the passphrase here.
//
// Reference: https://developer-pro.bitmart.com/, checked 2026-11-22.
package bitmart

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

// Exchange is BitMart.
var Exchange = &adapter.Exchange{
	Name:         "bitmart",
	Title:        "BitMart",
	Docs:         "https://developer-pro.bitmart.com/",
	KeyPage:      "https://www.bitmart.com/api-config/en-US",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api-cloud.bitmart.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathWallet, Why: "a read that shows that the key is alive; no balance is kept"},
		{Method: http.MethodGet, Path: pathWithdraw, Why: "the limits of withdrawals, a read that needs the right to withdraw"},
		{Method: http.MethodPost, Path: pathFutures, Why: "past transfers to and from futures, a read, though sent by POST, that needs the right to trade futures"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Passphrase: true},
	Coverage: adapter.Coverage{
		// The last two are shown while held, and are otherwise unknown.
		Reports:   []access.Capability{access.Read, access.TradeFutures, access.Withdraw},
		Inferred:  true,
		Confirmed: "documents; refusals are not taken for a missing right",
	},
	Limit:       adapter.Limit{Requests: 2, Per: time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"By its documentation BitMart lets balances, addresses, orders and the limits of withdrawals be read with the access key alone, without a " +
			"signature: keep the access key as secret as the secret, and bind it to addresses.",
		"A new key may only read; the right to withdraw is switched on by its owner.",
		"Which calls need the right to withdraw or to trade futures is documented, and not confirmed: an answer counts as the right, and a refusal as nothing. " +
			"Look at the key's page, and attest the rule withdrawal.",
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
	"30002": wire.Is(access.KindBadKey),
	"30003": wire.Is(access.KindDisabled),
	"30005": wire.Is(access.KindBadSignature),
	"30007": wire.Is(access.KindClockSkew),
	"30010": wire.Is(access.KindIPNotAllowed),
	"30011": wire.Is(access.KindExpired),
	"30012": wire.Is(access.KindForbidden),
	"30019": wire.Is(access.KindForbidden),
	"30013": wire.Is(access.KindRateLimited),
	"30016": wire.Is(access.KindUnavailable),
	"30017": wire.Is(access.KindBanned),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, adapter.Request{Method: http.MethodGet, Path: pathWallet})
	if err != nil {
		return nil, err
	}
	if err := alive(resp); err != nil {
		return nil, err
	}
	snap := silent.Alive("In words, BitMart")
	// The last one is also what proves the secret: the others may be answered
	// without a signature.
	for _, witness := range []struct {
		access.Capability
		adapter.Request
	}{
		{access.Withdraw, adapter.Request{Method: http.MethodGet, Path: pathWithdraw, Query: "currency=USDT"}},
		{access.TradeFutures, adapter.Request{Method: http.MethodPost, Path: pathFutures, Body: `{"page":1,"limit":10}`}},
	} {
		if resp, err = ask(ctx, s, witness.Request); err != nil {
			return nil, err
		}
		if err := testify(snap, witness.Capability, resp); err != nil {
			return nil, err
		}
	}
	return snap, nil
}

// ask signs every call, also those that are answered without.
func ask(ctx context.Context, s *adapter.Session, r adapter.Request) (*adapter.Response, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
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

// answered tells an answer from a refusal.
func answered(resp *adapter.Response) (wire.Object, *access.Error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.Foreign(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text("message")
	if code != "1000" || resp.Status != http.StatusOK {
		return body, failures.Refusal(resp, code, message)
	}
	return body, nil
}

func alive(resp *adapter.Response) error {
	body, refusal := answered(resp)
	if refusal != nil {
		return refusal
	}
	data, _ := body.Object("data")
	if _, ok := data.Objects("wallet"); !ok {
		return wire.NotUnderstood(resp, body.Err())
	}
	return nil
}

// testify adds what the answer to a call shows about the right that it needs.
// A refusal that is about this call leaves it unknown.
func testify(snap *access.Snapshot, right access.Capability, resp *adapter.Response) error {
	grant := access.Grant{Capability: right}
	_, refusal := answered(resp)
	switch {
	case refusal == nil:
		grant.State, grant.Evidence = access.Granted, access.Inferred
	case refusal.Kind == access.KindForbidden:
		snap.Notes = append(snap.Notes, "The call that by the documentation needs "+string(right)+" was refused for want of a right. That this is the "+
			"right it needs is not confirmed, so whether the key has it is not known.")
	case refusal.Kind == access.KindNotUnderstood && refusal.Code != "":
		snap.Notes = append(snap.Notes, "The call that would show "+string(right)+" was refused for another reason ("+refusal.Code+"), so it is not known.")
	default:
		return refusal
	}
	snap.Grants = append(snap.Grants, grant)
	return nil
}
