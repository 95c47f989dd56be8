// Package coinex audits API keys of CoinEx.
//
// The exchange tells a key whether it belongs to a main account or to a
// sub-account, which also shows that it is alive, and nothing else about itself.
// Keys of a main account can list those of its sub-accounts, with permissions,
// addresses and dates, but the answer holds their secrets too: so it isn't asked
// for, and whether this key could is left unknown. Keys are HMAC.
//
// Reference: https://docs.coinex.com/api/v2/account/subs/http/get-sub-info,
// checked 2026-11-22.
package coinex

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
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.coinex.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathInfo, Why: "whose key it is; a read that shows that the key is alive"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    coverage(),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // not documented for this call
	ClockWindow: 5 * time.Second,                              // the default, as clients know it
	Notes: []string{
		"Keys that are not bound to an address are valid for 90 days; bound ones never expire.",
		"A new key works ten minutes after it was made; until then, and after its end, the exchange calls it an abnormal access_id.",
		"Withdrawals and transfers to other users by API go only to the addresses of a list for the API, which is not the website's address book, and take no second factor.",
		"A key of a main account may list its sub-accounts' keys together with their secrets, and may make and delete such keys: " +
			"which permission that takes is not documented, so attest the rule other-keys-secrets.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "timestamp", wire.Object.Millis),
}

func coverage() adapter.Coverage {
	c := silent.Coverage("documents and independent clients")
	c.AccountKind = adapter.Always
	return c
}

// failures: docs.coinex.com, error codes. The last six are those of the older
// API.
var failures = wire.Failures{
	"4005": wire.OneOf(access.KindBadKey, access.KindExpired, access.KindDisabled), // the last: not yet active
	"4006": wire.Is(access.KindBadSignature),
	"4008": wire.Is(access.KindBadSignature),
	"4007": wire.Is(access.KindIPNotAllowed),
	"4010": wire.Is(access.KindClockSkew),
	"4017": wire.Is(access.KindClockSkew),
	"4011": wire.Is(access.KindDisabled), // the user is prohibited
	"4512": wire.Is(access.KindForbidden),
	"4115": wire.Is(access.KindForbidden),
	"4158": wire.Is(access.KindForbidden),
	"4123": wire.Is(access.KindRateLimited),
	"4213": wire.Is(access.KindRateLimited),
	"3008": wire.Is(access.KindUnavailable),
	"4001": wire.Is(access.KindUnavailable),
	"4002": wire.Is(access.KindUnavailable),
	"23":   wire.Is(access.KindIPNotAllowed),
	"24":   wire.OneOf(access.KindBadKey, access.KindBadSignature),
	"25":   wire.OneOf(access.KindBadKey, access.KindBadSignature),
	"34":   wire.Is(access.KindExpired),
	"158":  wire.Is(access.KindForbidden),
	"227":  wire.Is(access.KindClockSkew),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
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
	data, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	kind, ok := data.Text("user_type")
	if !ok {
		return nil, wire.NotUnderstood(resp, data.Err())
	}
	snap := silent.Alive(title)
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

func unwrap(resp *adapter.Response) (wire.Object, *access.Error) {
	return failures.Data(resp, "message", "0")
}
