// Package toobit audits API keys of Toobit.
//
// The exchange tells whether a key belongs to the main account or to a spot or
// contract sub-account. It doesn't tell permissions, addresses or dates,
// although some say otherwise of the same call. Keys are HMAC.
//
// Reference: https://api-docs.toobit.com/, "Get API KEY Type", checked
// 2026-11-22.
package toobit

import (
	"context"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Toobit.
var Exchange = &adapter.Exchange{
	Name:         "toobit",
	Title:        "Toobit",
	Docs:         "https://api-docs.toobit.com/",
	KeyPage:      "https://www.toobit.com",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.toobit.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathType, Why: "what kind of account the calling key belongs to; that it is answered shows that the key is alive"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read}, Inferred: true, AccountKind: adapter.Always, Confirmed: "documents",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // not documented for this call
	ClockWindow: query.Window * time.Millisecond,
	Notes: []string{
		"Keys that are not bound to an address expire after 90 days; bound ones, to at most 15 addresses, don't.",
		"A new key may only read; the right to trade takes a verification of the owner.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "serverTime", wire.Object.Millis),
}

const (
	pathType = "/api/v1/account/checkApiKey"
	pathTime = "/api/v1/time"
)

// failures: the documentation's error codes. -2015 doesn't tell a wrong key, a
// wrong address and a missing right apart. -1023 wants an allowlist first.
var failures = wire.Failures{
	"-2014": wire.Is(access.KindBadKey),
	"-1107": wire.Is(access.KindBadKey),
	"-2015": wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden),
	"-2017": wire.Is(access.KindExpired),
	"-2018": wire.Is(access.KindDisabled),
	"-1023": wire.Is(access.KindForbidden),
	"-1002": wire.Is(access.KindForbidden),
	"-1005": wire.Is(access.KindForbidden),
	"-1022": wire.Is(access.KindBadSignature),
	"-1021": wire.Is(access.KindClockSkew),
	"-1003": wire.Is(access.KindRateLimited),
}

var accounts = map[string]access.AccountKind{"master": access.MainAccount, "spot": access.SubAccount, "contract": access.SubAccount}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := query.Get(ctx, s, pathType, "X-Bb-Apikey", "")
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	kind, ok := body.Text("accountType")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := silent.Alive("Apart from the kind of account, Toobit")
	snap.Account.Kind = accounts[kind]
	snap.Facts = []access.Fact{{Name: "accountType", Value: kind}}
	return snap, nil
}

// unwrap tells an answer from a refusal. Some answers carry the code 0 or 200.
func unwrap(resp *adapter.Response) (wire.Object, *access.Error) {
	body, refusal := failures.Open(resp, "msg", "", "0", "200")
	if refusal != nil {
		return body, refusal
	}
	if data, ok := body.Object("data"); ok {
		return data, nil
	}
	return body, nil
}
