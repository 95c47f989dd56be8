// Package upbit audits API keys of Upbit.
//
// In Korea the exchange reports, to a key that manages pockets, everything about all
// keys of the account: permissions, IP allowlist, creation date and expiry. To any
// other key it reports only when each key expires: what such a key may do has to be
// checked on the key's page. It documents that no key works without registered IP
// addresses. At its other sites it reports nothing, as far as is known: there the
// audit only sees whether the key works. Keys are HMAC.
//
// Reference: https://docs.upbit.com/kr/reference/list-pocket-api-keys and
// https://docs.upbit.com/kr/reference/list-api-keys, checked 2026-11-22.
package upbit

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/upbitstyle"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Upbit.
var Exchange = &adapter.Exchange{
	Name:    "upbit",
	Title:   "Upbit",
	Docs:    "https://docs.upbit.com/kr/reference/list-pocket-api-keys",
	KeyPage: "https://upbit.com/mypage/open_api_management",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: live, URLs: []string{"https://api.upbit.com"}},
		{Name: "sg", URLs: []string{"https://sg-api.upbit.com"}},
		{Name: "id", URLs: []string{"https://id-api.upbit.com"}},
		{Name: "th", URLs: []string{"https://th-api.upbit.com"}},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathPocketKeys,
			Why:          "permissions, IP allowlists and dates of the account's keys, including the calling key",
			Environments: []string{live},
		},
		{
			Method: http.MethodGet, Path: pathKeys, Why: "when the account's keys expire, including the calling key", Environments: []string{live},
			When: "the key may not list the pockets' keys",
		},
		{
			Method: http.MethodGet, Path: pathAccounts,
			Why:          "whether the key works and may read; the answer's content is ignored",
			Environments: []string{"sg", "id", "th"},
		},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.Withdraw, access.TransferInternal, access.TransferExternal, access.SubaccountManage,
		},
		Absent:    absent,
		Allowlist: adapter.Sometimes, AllowlistEntries: adapter.Sometimes, Created: adapter.Sometimes, Expires: adapter.Sometimes,
		AccountKind: adapter.Sometimes, Siblings: adapter.Sometimes,
		Confirmed: "documentation and an independent client",
	},
	Limit: adapter.Limit{Requests: 30, Per: time.Second},
	Notes: []string{
		"Permissions and IP allowlists are reported only to a key of the main pocket that manages pockets; for any " +
			"other key check its page.",
		"Withdrawals go only to withdrawal addresses registered on the website beforehand.",
		"Since 2026-07-09 a key that may withdraw can do so only after a safety block was switched off in the app; " +
			"whether it is on can't be read.",
	},
	Inspect: inspect,
}

const (
	live           = "live" // Korea
	pathPocketKeys = "/v1/pockets/api_keys"
	pathKeys       = "/v1/api_keys"
	pathAccounts   = "/v1/accounts"
)

// absent: the list of permissions is complete, and none is for these.
var absent = []access.Capability{access.TradeMargin, access.TradeFutures, access.TradeOptions, access.WithdrawAddresses, access.APIKeyManage}

// api: docs.upbit.com/kr, auth and rest-api-guide.
var api = &upbitstyle.API{Algorithm: adapter.HMACSHA512, Name: "HS512", Failures: wire.Failures{
	wire.Is(access.KindBadKey, "invalid_access_key"),
	wire.Is(access.KindBadSignature, "jwt_verification"),
	wire.Is(access.KindIPNotAllowed, "no_authorization_ip"),
	wire.Is(access.KindIPNotAllowed, "no_authorization_i_p"), // as older pages spell it
	wire.Is(access.KindExpired, "expired_access_key"),
	wire.Is(access.KindForbidden, "out_of_scope"), // 401 by the general table, 403 by the pockets' page
	wire.Is(access.KindForbidden, "thirdparty_agreement_required"),
}}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	if s.Environment() != live {
		return inspectElsewhere(ctx, s)
	}
	resp, err := api.Get(ctx, s, pathPocketKeys)
	if err != nil {
		return nil, err
	}
	snap, err := parsePockets(resp, s.Key())
	if !errors.Is(err, access.KindForbidden) {
		return snap, err
	}
	if resp, err = api.Get(ctx, s, pathKeys); err != nil {
		return nil, err
	}
	snap, err = api.Expiries(resp, s.Key())
	if err != nil {
		return nil, err
	}
	snap.IPAllowlist = upbitstyle.Mandatory()
	snap.Notes = append(snap.Notes, "The exchange reports what a key may do only to a key that manages pockets: "+
		"check the key's page.")
	return snap, nil
}

// inspectElsewhere sees whether the key works at another site. Neither list is
// documented there, nor that a key must have an IP allowlist.
func inspectElsewhere(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := api.Get(ctx, s, pathAccounts)
	if err != nil {
		return nil, err
	}
	if _, err := api.List(resp); err != nil {
		return nil, err
	}
	snap := &access.Snapshot{}
	snap.Notes = []string{
		"At this site the exchange reports nothing about a key except that it works: check the key's page for its permissions and IP allowlist, " +
			"then attest the rules withdrawal and ip-allowlist.",
	}
	rights.Prove(snap, access.Read)
	for _, c := range absent { // according to the Korean list, which may differ here
		snap.Grants = append(snap.Grants, access.Grant{Capability: c})
	}
	return snap, nil
}
