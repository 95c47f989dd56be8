// Package toobit audits API keys of Toobit.
//
// The exchange reports whether a key belongs to the main account or to a spot or
// contract sub-account. It doesn't report permissions, the IP allowlist or dates,
// although some sources say otherwise about the same call. Keys are HMAC.
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
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.toobit.com"}}},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathType,
			Why: "what kind of account the calling key belongs to; an answer shows that the key is active",
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read}, Inferred: true, AccountKind: adapter.Always, Confirmed: "documentation",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second}, // not documented for this call
	ClockWindow: query.Window * time.Millisecond,
	Notes: []string{
		"A new key can only read; the right to trade requires the owner's verification.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "serverTime", wire.Object.Millis),
}

const (
	pathType = "/api/v1/account/checkApiKey"
	pathTime = "/api/v1/time"
)

// failures: the documentation's error codes. -2015 is the same for a wrong key, an IP
// address that is not allowed and a missing right. -1023 requires an IP allowlist
// first.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "-2014", "-1107"),
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden).For("-2015"),
	wire.Is(access.KindExpired, "-2017"),
	wire.Is(access.KindDisabled, "-2018"),
	wire.Is(access.KindForbidden, "-1023", "-1002", "-1005"),
	wire.Is(access.KindBadSignature, "-1022"),
	wire.Is(access.KindClockSkew, "-1021"),
	wire.Is(access.KindRateLimited, "-1003"),
}

var accounts = map[string]access.AccountKind{"master": access.MainAccount, "spot": access.SubAccount, "contract": access.SubAccount}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := query.Get(ctx, s, pathType, http.Header{"X-Bb-Apikey": {s.Key()}}, "")
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	kind, ok := body.Text("accountType")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := silent.Answered("Apart from the kind of account, Toobit")
	snap.Account.Kind = accounts[kind]
	snap.Facts = []access.Fact{{Name: "accountType", Value: kind}}
	return snap, nil
}

// unwrap separates an answer from a refusal. Some answers have the code 0 or 200.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := failures.Open(resp, "msg", "", "0", "200")
	if err != nil {
		return body, err
	}
	if data, ok := body.Object("data"); ok {
		return data, nil
	}
	return body, nil
}
