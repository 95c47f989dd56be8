// Package bitflyer audits API keys of bitFlyer.
//
// The exchange reports, for any key and in one request, which private calls the key
// may make. It reports nothing else: no IP allowlist, creation date, expiry, last
// use or name. Nor does it report which products an account may trade, and orders
// for CFDs use the same calls as those for coins. Keys are HMAC.
//
// Reference: https://lightning.bitflyer.com/docs, checked 2026-11-22.
package bitflyer

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is bitFlyer.
var Exchange = &adapter.Exchange{
	Name:         "bitflyer",
	Title:        "bitFlyer",
	Docs:         "https://lightning.bitflyer.com/docs",
	KeyPage:      "https://lightning.bitflyer.com/developer",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bitflyer.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathPermissions, Why: "the private calls that the calling key may make"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw},
		// A right is a call, and no private call does these.
		Absent: []access.Capability{
			access.TradeOptions, access.WithdrawAddresses, access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documentation and several independent clients",
	},
	Limit: adapter.Limit{Requests: 60, Per: time.Minute}, // reportedly 500 in 5 minutes are allowed
	Notes: []string{
		"bitFlyer doesn't report whether a key is restricted to IP addresses: check the account's settings, then " +
			"attest the rule ip-allowlist.",
		"Orders for CFDs use the same calls as those for coins; whether an account may trade them is not reported.",
		"Withdrawals of fiat money by API go only to the registered bank account.",
		"Withdrawing is one of the calls that can be selected for a key.",
	},
	Inspect: inspect,
}

const (
	pathPermissions = "/v1/me/getpermissions"
	reading         = "/v1/me/get" // the beginning of calls that only read
)

// orders: FX_BTC_JPY and other CFDs are ordered by the same calls as coins.
var orders = rights.Right{
	Grants: []access.Capability{access.TradeSpot}, Perhaps: []access.Capability{access.TradeMargin, access.TradeFutures},
}

var cancelling = rights.Right{Grants: append(slices.Clip(orders.Grants), access.CancelOrders), Perhaps: orders.Perhaps}

// permissions are the private calls that change something, and the first of the
// many that only read. The call for this list is not one of those: it shows nothing
// of the account.
var permissions = rights.Table{
	pathPermissions:               {},
	"/v1/me/getbalance":           rights.For(access.Read),
	"/v1/me/sendchildorder":       orders,
	"/v1/me/sendparentorder":      orders,
	"/v1/me/cancelchildorder":     cancelling,
	"/v1/me/cancelparentorder":    cancelling,
	"/v1/me/cancelallchildorders": cancelling,
	"/v1/me/sendcoin":             rights.For(access.Withdraw),
	"/v1/me/withdraw":             rights.For(access.Withdraw).Implying("fiat money, only to the registered bank account"),
}

// failures are by the status in the body. The message says what -500 means.
var failures = wire.Failures{
	wire.Is(access.KindUnavailable, "-2"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed, access.KindForbidden).For("-500"),
}

// messages of refusals, as clients have seen them, in lower case.
var messages = wire.Failures{
	wire.Is(access.KindBadKey, "key not found"),
	wire.Is(access.KindForbidden, "permission denied"),
	wire.Is(access.KindUnavailable, "under maintenance"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Seconds(s) // milliseconds are refused
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+pathPermissions)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathPermissions, Header: http.Header{
		"Access-Key":       {s.Key()},
		"Access-Timestamp": {stamp},
		"Access-Sign":      {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	held, err := wire.ParseStrings(resp.Body)
	switch {
	case err != nil || resp.Status != http.StatusOK:
		return nil, refusal(resp)
	case !slices.ContainsFunc(held, isCall):
		return nil, wire.NotUnderstood(resp, errors.New("the list names no call, and should at least contain this one"))
	}
	table := maps.Clone(permissions)
	for _, path := range held {
		if strings.HasPrefix(path, reading) && path != pathPermissions {
			table[path] = rights.For(access.Read)
		}
	}
	snap := &access.Snapshot{}
	states := table.Listed(held)
	rights.DenyNothingWithout(states, pathPermissions) // a list without this very call is not whole
	table.Apply(snap, states)
	return snap, nil
}

// isCall reports whether an entry of the list has the form of one.
func isCall(path string) bool { return strings.HasPrefix(path, "/v1/me/") }

func refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("status")
	message, _ := body.Text("error_message")
	e := failures.Refusal(resp, code, message)
	if known, ok := messages.Find(strings.ToLower(message)); ok {
		known.Explain(e)
	}
	return e
}
