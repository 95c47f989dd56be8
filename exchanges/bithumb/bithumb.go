// Package bithumb audits API keys of Bithumb's API with tokens. Keys of the older
// API 1.2 are different and don't work there.
//
// The exchange reports when each key of the account expires, and nothing else: no
// permissions, IP allowlist, creation date or last use. It documents that every key
// is created with an IP allowlist. What a key may do has to be checked on the key's
// page. Keys are HMAC.
//
// Reference: https://apidocs.bithumb.com/ (list of API keys, authentication),
// checked 2026-11-22. The names in the answer are those of Upbit's API, which
// Bithumb's follows: its own page of them could not be read to the end.
package bithumb

import (
	"context"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/upbitstyle"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Bithumb.
var Exchange = &adapter.Exchange{
	Name:         "bithumb",
	Title:        "Bithumb",
	Docs:         "https://apidocs.bithumb.com/",
	KeyPage:      "https://www.bithumb.com/react/api-support/management-api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bithumb.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathKeys, Why: "when the account's keys expire, including the calling key"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// No right is for these: there are rights to read, to order, to deposit
		// and to withdraw, and none of them is reported. That the list of keys
		// requires one of them isn't documented, so an answer proves none.
		Absent:  []access.Capability{access.TradeMargin, access.TradeFutures, access.TradeOptions, access.SubaccountManage, access.APIKeyManage},
		Expires: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation, the answer's form by that of the API it follows",
	},
	// 140 are allowed, and one too many blocks the IP address for minutes, for the
	// bot too.
	Limit: adapter.Limit{Requests: 10, Per: time.Second},
	Notes: []string{
		"Bithumb reports neither a key's rights nor its IP allowlist: check the key's page, then attest the rules " +
			"withdrawal and ip-allowlist.",
		"Requests beyond the limit block the IP address for five to ten minutes.",
	},
	Inspect: inspect,
}

const pathKeys = "/v1/api_keys"

// api: apidocs.bithumb.com, authentication and main error codes. That of an
// unknown key is unconfirmed. The numbers are those of the older API.
var api = &upbitstyle.API{Algorithm: adapter.HMACSHA256, Name: "HS256", Timed: true, Failures: wire.Failures{
	wire.Is(access.KindBadKey, "invalid_access_key", "5300"),
	wire.Is(access.KindBadSignature, "jwt_verification"),
	wire.Is(access.KindClockSkew, "expired_jwt", "5100"),
	wire.Is(access.KindIPNotAllowed, "NotAllowIP"),
	wire.Is(access.KindForbidden, "out_of_scope"),
	wire.Is(access.KindDisabled, "blocked_member_id"),
	wire.OneOf(access.KindIPNotAllowed, access.KindForbidden).For("5302"),
}}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := api.Get(ctx, s, pathKeys)
	if err != nil {
		return nil, err
	}
	snap, err := api.Expiries(resp, s.Key())
	if err != nil {
		return nil, err
	}
	snap.IPAllowlist = upbitstyle.Mandatory()
	snap.Notes = append(snap.Notes, "The exchange does not report what a key may do: check the key's page.")
	return snap, nil
}
