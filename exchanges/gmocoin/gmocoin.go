// Package gmocoin audits API keys of GMO Coin (crypto; GMO's foreign-exchange API has a
// host of its own).
//
// The exchange reports nothing about a key. A signed read of the assets shows that the
// key is active. The documentation's list of calls has none that withdraws, sends to
// others, or manages keys, so that no key can; one moves funds between the owner's own
// accounts. Keys are HMAC.
//
// Reference: https://api.coin.z.com/docs/, and a copy of it in English of 2025-12 for
// the codes and the list of calls; checked 2026-11-30.
package gmocoin

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
	base  = "/private" // which is not signed
	path  = "/v1/account/assets"
	title = "GMO Coin"
)

// Exchange is GMO Coin.
var Exchange = &adapter.Exchange{
	Name:         "gmocoin",
	Title:        title,
	Docs:         "https://api.coin.z.com/docs/",
	KeyPage:      "https://coin.z.com/jp/",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.coin.z.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: base + path, Why: "a read that shows that the key is active; no asset is kept"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read}, Inferred: true,
		Absent: []access.Capability{ // no call does these
			access.TradeOptions, access.Withdraw, access.WithdrawAddresses, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documentation, partly by a copy",
	},
	Limit:   adapter.Limit{Requests: 10, Per: time.Second},
	Inspect: inspect,
}

// failures: the documentation's error codes. Which of a wrong key, a missing permission
// and an IP address that is not allowed ERR-5012 is for, it doesn't say.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindForbidden, access.KindIPNotAllowed).For("ERR-5012"),
	wire.Is(access.KindBadKey, "ERR-5011"),
	wire.Is(access.KindBadSignature, "ERR-5010"),
	wire.Is(access.KindClockSkew, "ERR-5007", "ERR-5008", "ERR-5009"),
	wire.Is(access.KindForbidden, "ERR-5014"),
	wire.Is(access.KindRateLimited, "ERR-5003"),
	wire.Is(access.KindUnavailable, "ERR-554", "ERR-626", "ERR-5201", "ERR-5202"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: base + path, Header: http.Header{
		"Api-Key":       {s.Key()},
		"Api-Timestamp": {stamp},
		"Api-Sign":      {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	if status, _ := body.Text("status"); status != "0" || resp.Status != http.StatusOK {
		var code, message string
		if list, ok := body.Objects("messages"); ok && len(list) > 0 {
			code, _ = list[0].Text("message_code")
			message, _ = list[0].Text("message_string")
		}
		return nil, failures.Refusal(resp, code, message)
	}
	if _, ok := body.Objects("data"); !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return silent.AnsweredOf(title), nil
}
