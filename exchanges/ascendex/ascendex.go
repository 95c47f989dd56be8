// Package ascendex audits API keys of AscendEX.
//
// The exchange tells, for any key and in one request: whether the key may view,
// trade and transfer, the bound addresses and the expiry. It doesn't tell when
// the key was made or used, its name, the account's other keys, nor main account
// from sub-account. No permission is for withdrawing: that is arranged with the
// exchange by hand, so it can't be excluded and stays unknown. Keys are HMAC.
//
// Withdrawals have been reported stuck since June 2026, which Exchange.Closing
// makes a finding of.
//
// Reference: https://ascendex.github.io/ascendex-pro-api/#account-info,
// checked 2026-11-22.
package ascendex

import (
	"context"
	"encoding/base64"
	"errors"
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

// Exchange is AscendEX.
var Exchange = &adapter.Exchange{
	Name:    "ascendex",
	Title:   "AscendEX",
	Docs:    "https://ascendex.github.io/ascendex-pro-api/#account-info",
	KeyPage: "https://ascendex.com/en/account/api-key",
	Checked: "2026-11-22",
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://ascendex.com"}},
		{Name: "sandbox", URLs: []string{"https://api-test.ascendex-sandbox.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: prefix + apiInfo, Why: "permissions, addresses and expiry of the calling key"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// Withdrawing, its addresses and sending to other users are in neither
		// list: see the package comment.
		Reports: []access.Capability{access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TransferInternal},
		// The API has no calls for these.
		Absent:    []access.Capability{access.TradeOptions, access.SubaccountManage, access.APIKeyManage},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Expires: adapter.Always,
		Confirmed: "documents and an independent client",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second}, // not documented for this call
	ClockWindow: 30 * time.Second,
	Closing: &access.Deadline{
		What: "funds at AscendEX are at risk: since June 2026 its users report withdrawals that are stuck for weeks, whatever the key may do",
	},
	Notes: []string{
		"Withdrawals by API are arranged with the exchange by hand and show in no permission: ask the exchange, and attest the rules withdrawal, withdrawal-addresses and external-transfer.",
		"Which refusal a wrong address and an expired key get is not documented.",
	},
	Inspect:    inspect,
	ServerTime: serverTime,
}

const (
	prefix   = "/api/pro/v1/"
	apiInfo  = "info" // what is signed of the path
	pathTime = prefix + "exchange-info"
)

// permissions: the flags of the answer.
var permissions = rights.Table{
	"viewPermission":     rights.For(access.Read),
	"tradePermission":    rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures),
	"transferPermission": rights.For(access.TransferInternal).Implying("on a main account: transfers between it and its sub-users"),
}

// failures: the reference's error codes; 2100 is from an independent client.
// What a blocked address and an expired key get isn't documented, so the codes
// of a refused key may be theirs.
var failures = wire.Failures{
	"2100":   wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindExpired),
	"200001": wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindExpired),
	"100009": wire.OneOf(access.KindBadKey, access.KindBadSignature),
	"100007": wire.Is(access.KindBadSignature),
	"200002": wire.Is(access.KindBanned), // too many failed attempts
	"100011": wire.Is(access.KindClockSkew),
	"200015": wire.Is(access.KindForbidden),
	"200014": wire.Is(access.KindDisabled), // restricted account
	"300021": wire.Is(access.KindDisabled),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+"+"+apiInfo)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: prefix + apiInfo, Header: http.Header{
		"Accept":           {"application/json"},
		"Content-Type":     {"application/json"},
		"X-Auth-Key":       {s.Key()},
		"X-Auth-Timestamp": {stamp},
		"X-Auth-Signature": {base64.StdEncoding.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	data, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	states := map[string]access.State{}
	for _, name := range slices.Sorted(slices.Values(data.Names())) { // so that an error is always the same
		if strings.HasSuffix(name, "Permission") {
			if on, ok := data.Bool(name); ok {
				states[name] = access.StateOf(on)
			}
		}
	}
	snap := &access.Snapshot{}
	permissions.Apply(snap, states)
	snap.Account.ID, _ = data.Text("userUID")
	// Older answers had neither of these two. That an empty list means every
	// address isn't documented, and is the more dangerous reading.
	if list, ok := data.Strings("allowedIps"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	if at, ok := data.Int("expireTime"); ok {
		snap.NeverExpires = at == -1
		snap.Expires, _ = data.Millis("expireTime")
	}
	err := data.Err()
	if err == nil && len(states) == 0 {
		err = errors.New("the answer tells no permission")
	}
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

func unwrap(resp *adapter.Response) (wire.Object, *access.Error) {
	data, refusal := failures.Data(resp, "message", "0")
	if refusal != nil && refusal.Message == "" && refusal.Code != "" {
		refusal.Message, _ = data.Text("reason") // some refusals have their words there
	}
	return data, refusal
}

func serverTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	query := "requestTime=" + strconv.FormatInt(s.Now().UnixMilli(), 10)
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathTime, Query: query})
	if err != nil {
		return time.Time{}, err
	}
	data, refusal := unwrap(resp)
	if refusal != nil {
		return time.Time{}, refusal
	}
	at, ok := data.Millis("requestReceiveAt")
	if !ok {
		return time.Time{}, wire.NotUnderstood(resp, data.Err())
	}
	return at, nil
}
