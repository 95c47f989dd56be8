// Package bitflyer audits API keys of bitFlyer.
//
// The exchange tells, for any key and in one request, which private calls the key
// may make. It tells nothing else: no addresses, creation, expiry, last use or
// name. Which products an account may trade isn't told either, and orders for
// CFDs go to the same address as those for coins. Keys are HMAC.
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
	"strconv"
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
		Confirmed: "documents and several independent clients",
	},
	Limit: adapter.Limit{Requests: 60, Per: time.Minute}, // 500 in 5 minutes are allowed, it is said
	Notes: []string{
		"bitFlyer doesn't tell whether a key is bound to addresses: look at the account's settings, and attest the rule ip-allowlist.",
		"Orders for CFDs are sent by the same calls as those for coins; whether an account may trade them isn't told.",
		"Withdrawals of fiat money by API go to the registered bank account only.",
		"Rights are ticked call by call when the key is made; withdrawing is among them.",
	},
	Inspect: inspect,
}

const (
	pathPermissions = "/v1/me/getpermissions"
	reading         = "/v1/me/get" // how the calls begin that only look
)

// ordering: FX_BTC_JPY and other CFDs are ordered by the same calls as coins.
var ordering = rights.Right{
	Grants: []access.Capability{access.TradeSpot}, Perhaps: []access.Capability{access.TradeMargin, access.TradeFutures},
}

// permissions are the private calls that change something, and the first of
// those that look, of which there are many. The call for this list is none of
// them: it shows nothing of the account.
var permissions = rights.Table{
	pathPermissions:               {},
	"/v1/me/getbalance":           rights.For(access.Read),
	"/v1/me/sendchildorder":       ordering,
	"/v1/me/sendparentorder":      ordering,
	"/v1/me/cancelchildorder":     ordering,
	"/v1/me/cancelparentorder":    ordering,
	"/v1/me/cancelallchildorders": ordering,
	"/v1/me/sendcoin":             rights.For(access.Withdraw),
	"/v1/me/withdraw":             rights.For(access.Withdraw).Implying("fiat money, to the registered bank account only"),
}

// failures are by the status in the body. What -500 means, its words tell.
var failures = wire.Failures{
	"-2":   wire.Is(access.KindUnavailable),
	"-500": wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed, access.KindForbidden),
}

// words of a refusal, as clients have seen them.
var words = map[string]access.Kind{
	"key not found":     access.KindBadKey,
	"permission denied": access.KindForbidden,
	"under maintenance": access.KindUnavailable,
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().Unix(), 10) // milliseconds are refused
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
		return nil, wire.NotUnderstood(resp, errors.New("the list names no call, and this one should be in it"))
	}
	table := maps.Clone(permissions)
	for _, path := range held {
		if strings.HasPrefix(path, reading) && path != pathPermissions {
			table[path] = rights.For(access.Read)
		}
	}
	snap := &access.Snapshot{}
	table.Apply(snap, table.Listed(held))
	return snap, nil
}

// isCall reports whether an entry of the list has the form of one.
func isCall(path string) bool { return strings.HasPrefix(path, "/v1/me/") }

func refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.Foreign(resp, err)
	}
	code, _ := body.Text("status")
	message, _ := body.Text("error_message")
	e := failures.Refusal(resp, code, message)
	if kind, ok := words[strings.ToLower(message)]; ok {
		e.Kind, e.Candidates = kind, nil
	}
	return e
}
