// Package coinex audits API keys of CoinEx.
//
// The venue tells a key whether it belongs to a main account or to a
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

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	pathInfo = "/v2/account/subs/info"
	pathTime = "/v2/time"
	title    = "CoinEx"
)

// Exchange is CoinEx.
var Exchange = &audit.Exchange{
	Name:         "coinex",
	Title:        title,
	Docs:         "https://docs.coinex.com/api/v2/account/subs/http/get-sub-info",
	KeyPage:      "https://www.coinex.com/en/apikey",
	Checked:      "2026-11-22",
	Environments: []audit.Environment{{Name: "live", URLs: []string{"https://api.coinex.com"}}},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: pathInfo, Why: "whose key it is; a read that shows that the key is alive"},
		{Method: http.MethodGet, Path: pathTime, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs:       audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret}},
	Coverage:    coverage(),
	Limit:       audit.Limit{Requests: 5, Per: time.Second}, // not documented for this call
	ClockWindow: 5 * time.Second,                            // the default, as clients know it
	Notes: []string{
		"Keys that are not bound to an address are valid for 90 days; bound ones never expire.",
		"A new key works ten minutes after it was made; until then, and after its end, the venue calls it an abnormal access_id.",
		"Withdrawals and transfers to other users by API go only to the addresses of a list for the API, which is not the website's address book, and take no second factor.",
		"A key of a main account may list its sub-accounts' keys together with their secrets, and may make and delete such keys: " +
			"which permission that takes is not documented, so attest the rule other-keys-secrets.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "timestamp", wire.Object.Millis),
}

func coverage() audit.Coverage {
	c := silent.Coverage("documents and independent clients")
	c.AccountKind = audit.Always
	return c
}

// failures: docs.coinex.com, error codes. The last six are those of the older
// API.
var failures = wire.Failures{
	"4005": wire.OneOf(audit.KindBadKey, audit.KindExpired, audit.KindDisabled), // the last: not yet active
	"4006": wire.Is(audit.KindBadSignature),
	"4008": wire.Is(audit.KindBadSignature),
	"4007": wire.Is(audit.KindIPNotAllowed),
	"4010": wire.Is(audit.KindClockSkew),
	"4017": wire.Is(audit.KindClockSkew),
	"4011": wire.Is(audit.KindDisabled), // the user is prohibited
	"4512": wire.Is(audit.KindForbidden),
	"4115": wire.Is(audit.KindForbidden),
	"4158": wire.Is(audit.KindForbidden),
	"4123": wire.Is(audit.KindRateLimited),
	"4213": wire.Is(audit.KindRateLimited),
	"3008": wire.Is(audit.KindUnavailable),
	"4001": wire.Is(audit.KindUnavailable),
	"4002": wire.Is(audit.KindUnavailable),
	"23":   wire.Is(audit.KindIPNotAllowed),
	"24":   wire.OneOf(audit.KindBadKey, audit.KindBadSignature),
	"25":   wire.OneOf(audit.KindBadKey, audit.KindBadSignature),
	"34":   wire.Is(audit.KindExpired),
	"158":  wire.Is(audit.KindForbidden),
	"227":  wire.Is(audit.KindClockSkew),
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature, err := s.Sign(ctx, audit.HMACSHA256, http.MethodGet+pathInfo+stamp)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: pathInfo, Header: http.Header{
		"X-Coinex-Key":       {s.Key()},
		"X-Coinex-Sign":      {hex.EncodeToString(signature)},
		"X-Coinex-Timestamp": {stamp},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *audit.Response) (*audit.Snapshot, error) {
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
		snap.Account.Kind = audit.MainAccount
	case "SUB_ACCOUNT":
		snap.Account.Kind = audit.SubAccount
	default:
		snap.Facts = []audit.Fact{{Name: "user_type", Value: kind}}
	}
	if snap.Account.Kind != audit.SubAccount {
		snap.Grants = append(snap.Grants, audit.Grant{Capability: audit.Other("key-secrets")})
	}
	return snap, nil
}

func unwrap(resp *audit.Response) (wire.Object, *audit.Error) {
	return failures.Data(resp, "message", "0")
}
