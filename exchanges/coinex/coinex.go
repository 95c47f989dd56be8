// Package coinex audits API keys of CoinEx.
//
// The exchange reports whether the calling key belongs to a main account or to a
// sub-account, which also shows that it is active, and nothing else about it. Keys
// of a main account can list those of its sub-accounts, with permissions, IP
// allowlists and dates, but the answer contains their secrets too: so it isn't
// requested, and whether this key could request it stays unknown. Keys are HMAC.
//
// Reference: https://docs.coinex.com/api/v2/account/subs/http/get-sub-info,
// checked 2026-11-22.
package coinex

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

const (
	pathInfo = "/v2/account/subs/info"
	pathTime = "/v2/time"
	title    = "CoinEx"
)

// Exchange is CoinEx.
var Exchange = &adapter.Exchange{
	Name:         "coinex",
	Title:        title,
	Docs:         "https://docs.coinex.com/api/v2/account/subs/http/get-sub-info",
	KeyPage:      "https://www.coinex.com/en/apikey",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.coinex.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathInfo, Why: "whose key it is; a read that shows that the key is active"},
		wire.TimeCall(pathTime),
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    coverage(),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // not documented for this call
	ClockWindow: 5 * time.Second,                              // the default, as clients know it
	Notes: []string{
		"A new key works ten minutes after it was created; before that, and after its expiry, the exchange calls it " +
			"an abnormal access_id.",
		"Withdrawals and transfers to other users by API go only to destinations on a list for the API, which is " +
			"not the website's address book, and need no second factor.",
		"A key of a main account may be able to list its sub-accounts' keys with their secrets, and to create and delete such keys: " +
			"which permission that requires is not documented, so attest the rule other-keys-secrets.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "timestamp", wire.Object.Millis),
}

func coverage() adapter.Coverage {
	c := silent.Coverage("documentation and independent clients")
	c.AccountKind = adapter.Always
	return c
}

// failures: docs.coinex.com, error codes. The last six are those of the older
// API.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindExpired, access.KindDisabled).For("4005"), // the last: not yet active
	wire.Is(access.KindBadSignature, "4006", "4008"),
	wire.Is(access.KindIPNotAllowed, "4007", "23"),
	wire.Is(access.KindClockSkew, "4010", "4017", "227"),
	wire.Is(access.KindDisabled, "4011"), // the user is prohibited
	wire.Is(access.KindForbidden, "4512", "4115", "4158", "158"),
	wire.Is(access.KindRateLimited, "4123", "4213"),
	wire.Is(access.KindUnavailable, "3008", "4001", "4002"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("24", "25"),
	wire.Is(access.KindExpired, "34"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, http.MethodGet+pathInfo+stamp)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathInfo, Header: http.Header{
		"X-Coinex-Key":       {s.Key()},
		"X-Coinex-Sign":      {hex.EncodeToString(signature)},
		"X-Coinex-Timestamp": {stamp},
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
	kind, ok := data.Text("user_type")
	if !ok {
		return nil, wire.NotUnderstood(resp, data.Err())
	}
	snap := silent.Answered(title)
	switch kind {
	case "NORMAL":
		snap.Account.Kind = access.MainAccount
	case "SUB_ACCOUNT":
		snap.Account.Kind = access.SubAccount
	default:
		snap.Facts = []access.Fact{{Name: "user_type", Value: kind}}
	}
	if snap.Account.Kind != access.SubAccount {
		snap.Grants = append(snap.Grants, access.Grant{Capability: access.Other("key-secrets")})
	}
	return snap, nil
}

func unwrap(resp *adapter.Response) (wire.Object, error) {
	return failures.Data(resp, "message", "0")
}
