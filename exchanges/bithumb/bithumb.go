// Package bithumb audits API keys of Bithumb, those of its API with tokens.
// Keys of the older API 1.2 are others and don't work there.
//
// The exchange tells when each key of the account expires, and nothing else: no
// permissions, addresses, creation or last use. It documents that every key is
// made with an allowlist. What a key may do has to be looked up on the key's
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
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bithumb.com"}}},
	Calls:        []adapter.Call{{Method: http.MethodGet, Path: pathKeys, Why: "when the account's keys expire, the calling one among them"}},
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// No right is for these: there are rights to look, to order, to deposit
		// and to withdraw, and none of them is told. That the list of keys takes
		// one of them isn't documented, so its answer proves none.
		Absent:  []access.Capability{access.TradeMargin, access.TradeFutures, access.TradeOptions, access.SubaccountManage, access.APIKeyManage},
		Expires: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documents, the schema by those of the API it follows",
	},
	// 140 are allowed, and one too many shuts the address out for minutes, the
	// bot's too.
	Limit: adapter.Limit{Requests: 10, Per: time.Second},
	Notes: []string{
		"Bithumb tells no key's rights or addresses: look at the key's page, and attest the rules withdrawal and ip-allowlist.",
		"A key is made with at least one and at most five addresses, lasts one year and can't be extended; to change its rights it is made anew.",
		"Requests beyond the limit block the address for five to ten minutes.",
	},
	Inspect: inspect,
}

const pathKeys = "/v1/api_keys"

// api: apidocs.bithumb.com, authentication and main error codes. That of an
// unknown key is unconfirmed. The numbers are those of the older API.
var api = &upbitstyle.API{Algorithm: adapter.HMACSHA256, Name: "HS256", Timed: true, Failures: wire.Failures{
	"invalid_access_key": wire.Is(access.KindBadKey),
	"jwt_verification":   wire.Is(access.KindBadSignature),
	"expired_jwt":        wire.Is(access.KindClockSkew),
	"NotAllowIP":         wire.Is(access.KindIPNotAllowed),
	"out_of_scope":       wire.Is(access.KindForbidden),
	"blocked_member_id":  wire.Is(access.KindDisabled),
	"5100":               wire.Is(access.KindClockSkew),
	"5300":               wire.Is(access.KindBadKey),
	"5302":               wire.OneOf(access.KindIPNotAllowed, access.KindForbidden),
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
	snap.IPAllowlist = upbitstyle.Bound()
	snap.Notes = append(snap.Notes, "The exchange tells no key's rights: look at the key's page.")
	return snap, nil
}
