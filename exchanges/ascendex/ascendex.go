// Package ascendex audits API keys of AscendEX.
//
// The exchange reports, for any key and in one request: whether the key may view,
// trade and transfer, its IP allowlist and its expiry. It doesn't report when the
// key was created or used, its name, the account's other keys, or whether the
// account is a main account or a sub-account. No permission covers withdrawals:
// they are arranged with the exchange manually, so they can't be excluded and stay
// unknown. Keys are HMAC.
//
// Users have reported stuck withdrawals since June 2026; Exchange.Closing turns
// that into a finding.
//
// Reference: https://ascendex.github.io/ascendex-pro-api/#account-info,
// checked 2026-11-22.
package ascendex

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
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
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://ascendex.com"}},
		{Name: "sandbox", URLs: []string{"https://api-test.ascendex-sandbox.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: prefix + apiInfo, Why: "permissions, IP allowlist and expiry of the calling key"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form(wire.Letters + "{32}"), SecretForm: wire.Form(wire.Letters + "{64}"),
	},
	Coverage: adapter.Coverage{
		// Withdrawals, withdrawal addresses and sending to other users are in
		// neither list: see the package comment.
		Reports: []access.Capability{access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TransferInternal},
		// The API has no calls for these.
		Absent:    []access.Capability{access.TradeOptions, access.SubaccountManage, access.APIKeyManage},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Expires: adapter.Always,
		Confirmed: "documentation and an independent client",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second}, // not documented for this call
	ClockWindow: 30 * time.Second,
	Closing: &access.Deadline{
		What: "funds at AscendEX are at risk, whatever the key may do: since June 2026 users report withdrawals " +
			"that are stuck for weeks",
	},
	Notes: []string{
		"Withdrawals by API are arranged with the exchange manually and are not part of any permission: ask the exchange, then attest the rules " +
			"withdrawal, withdrawal-addresses and external-transfer.",
		"How the exchange refuses an IP address that is not allowed, or an expired key, is not documented.",
	},
	Inspect:    inspect,
	ServerTime: serverTime,
}

const (
	prefix   = "/api/pro/v1/"
	apiInfo  = "info" // the part of the path that is signed
	pathTime = prefix + "exchange-info"
)

// permissions: the flags of the answer.
var permissions = rights.Table{
	"viewPermission":     rights.For(access.Read),
	"tradePermission":    rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures),
	"transferPermission": rights.For(access.TransferInternal).Implying("on a main account: transfers between it and its sub-users"),
}

// failures: the reference's error codes; 2100 is from an independent client.
// The refusals of an IP address that is not allowed and of an expired key aren't
// documented, so they may have the codes of a refused key.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindExpired).For("2100"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindExpired).For("200001"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("100009"),
	wire.Is(access.KindBanned, "200002"), // too many failed attempts
	wire.Is(access.KindClockSkew, "100011"),
	wire.Is(access.KindForbidden, "200015"),
	wire.Is(access.KindDisabled, "200014"), // restricted account
	wire.Is(access.KindDisabled, "300021"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
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
	data, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	states := data.Flags(func(name string) bool { return strings.HasSuffix(name, "Permission") })
	reported := len(states)
	rights.DenyNothingWithout(states, "viewPermission") // the call is a read itself
	snap := &access.Snapshot{}
	permissions.Apply(snap, states)
	snap.Account.ID, _ = data.Text("userUID")
	// Older answers had neither of these two. That an empty list means any IP
	// address isn't documented, and is the more dangerous reading.
	if list, ok := data.Strings("allowedIps"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	if at, ok := data.Int("expireTime"); ok {
		snap.NeverExpires = at == -1
		snap.Expires, _ = data.Millis("expireTime")
	}
	err = data.Err()
	if err == nil && reported == 0 {
		err = wire.ErrNoPermission
	}
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

func unwrap(resp *adapter.Response) (wire.Object, error) {
	data, err := failures.Data(resp, "message", "0")
	var refusal *access.Error
	if errors.As(err, &refusal) && refusal.Message == "" && refusal.Code != "" {
		refusal.Message, _ = data.Text("reason") // where some refusals have their message
	}
	return data, err
}

func serverTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	query := "requestTime=" + wire.Millis(s)
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathTime, Query: query})
	if err != nil {
		return time.Time{}, err
	}
	data, err := unwrap(resp)
	if err != nil {
		return time.Time{}, err
	}
	at, ok := data.Millis("requestReceiveAt")
	if !ok {
		return time.Time{}, wire.NotUnderstood(resp, data.Err())
	}
	return at, nil
}
