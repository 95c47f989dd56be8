// Package upbit audits API keys of Upbit.
//
// In Korea the exchange tells, to a key that manages pockets, everything of all
// keys of the account: permissions, addresses, creation and expiry. To any
// other key it tells only when each key expires: what such a key may do has to
// be looked up on the key's page. It documents that no key works without
// registered addresses. At its other sites it tells nothing, as far as is
// known: there the audit only sees whether the key works. Keys are HMAC.
//
// Reference: https://docs.upbit.com/kr/reference/list-pocket-api-keys and
// https://docs.upbit.com/kr/reference/list-api-keys, checked 2026-11-22.
package upbit

import (
	"context"
	"net/http"
	"slices"
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
	Environments: []adapter.Environment{
		{Name: live, URLs: []string{"https://api.upbit.com"}},
		{Name: "sg", URLs: []string{"https://sg-api.upbit.com"}},
		{Name: "id", URLs: []string{"https://id-api.upbit.com"}},
		{Name: "th", URLs: []string{"https://th-api.upbit.com"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathPocketKeys, Why: "permissions, addresses and dates of the account's keys, the calling one among them", Environments: []string{live}},
		{
			Method: http.MethodGet, Path: pathKeys, Why: "when the account's keys expire, the calling one among them", Environments: []string{live},
			When: "the key may not list the pockets' keys",
		},
		{Method: http.MethodGet, Path: pathAccounts, Why: "whether the key works and may read; what the answer says is not looked at", Environments: []string{"sg", "id", "th"}},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.Withdraw, access.TransferInternal, access.TransferExternal, access.SubaccountManage,
		},
		Absent:    absent,
		Allowlist: adapter.Sometimes, AllowlistEntries: adapter.Sometimes, Created: adapter.Sometimes, Expires: adapter.Sometimes,
		AccountKind: adapter.Sometimes, Siblings: adapter.Sometimes,
		Confirmed: "documents and an independent client",
	},
	Limit: adapter.Limit{Requests: 30, Per: time.Second},
	Notes: []string{
		"Permissions and addresses are told only to a key of the main pocket that manages pockets; of any other key look at its page.",
		"Keys last one year and can't be extended; their addresses can be changed and their permissions can't.",
		"Withdrawals go only to addresses registered on the web site beforehand. Keys of sub-pockets can't withdraw.",
		"Since 2026-07-09 a key that may withdraw does so only after a safety block was switched off in the app; whether it is on can't be read.",
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

// permissions: docs.upbit.com/kr, list-pocket-api-keys. A withdrawal may also
// be an instant transfer to another user of the exchange.
var permissions = rights.Table{
	"view_account":     rights.For(access.Read),
	"view_orders":      rights.For(access.Read),
	"view_withdrawals": rights.For(access.Read),
	"view_deposits":    rights.For(access.Read),
	"make_orders":      rights.For(access.TradeSpot),
	"withdraw":         {Grants: []access.Capability{access.Withdraw, access.TransferExternal}, Qualifier: "to addresses registered beforehand", AddressBook: access.BookAlways},
	"deposit":          rights.For(access.Other("deposit")),
	"transfer":         rights.For(access.TransferInternal),
	"manage_pockets":   rights.For(access.TransferInternal, access.SubaccountManage).Implying("moves funds of every pocket, and lists the keys of all of them"),
}

// api: docs.upbit.com/kr, auth and rest-api-guide.
var api = &upbitstyle.API{Algorithm: adapter.HMACSHA512, Name: "HS512", Failures: wire.Failures{
	"invalid_access_key":            wire.Is(access.KindBadKey),
	"jwt_verification":              wire.Is(access.KindBadSignature),
	"no_authorization_ip":           wire.Is(access.KindIPNotAllowed),
	"no_authorization_i_p":          wire.Is(access.KindIPNotAllowed), // as older pages spell it
	"expired_access_key":            wire.Is(access.KindExpired),
	"out_of_scope":                  wire.Is(access.KindForbidden), // 401 by the general table, 403 by the pockets' page
	"thirdparty_agreement_required": wire.Is(access.KindForbidden),
}}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	if s.Environment() != live {
		return inspectElsewhere(ctx, s)
	}
	resp, err := api.Get(ctx, s, pathPocketKeys)
	if err != nil {
		return nil, err
	}
	snap, refusal := parsePockets(resp, s.Key())
	if refusal == nil {
		return snap, nil
	}
	if refusal.Kind != access.KindForbidden {
		return nil, refusal
	}
	resp, err = api.Get(ctx, s, pathKeys)
	if err != nil {
		return nil, err
	}
	snap, err = api.Expiries(resp, s.Key())
	if err != nil {
		return nil, err
	}
	snap.IPAllowlist = upbitstyle.Bound()
	snap.Notes = append(snap.Notes, "The exchange tells what a key may do only to a key that manages pockets: look at the key's page.")
	return snap, nil
}

// parsePockets reads the list of keys by pocket. Only keys of the main pocket
// may ask for it, so the group with the calling key is the main pocket's.
func parsePockets(resp *adapter.Response, key string) (*access.Snapshot, *access.Error) {
	groups, refusal := api.Keys(resp)
	if refusal != nil {
		return nil, refusal
	}
	var own, others []*access.Snapshot
	for _, group := range groups {
		keys, ok := group.Objects("keys")
		if !ok {
			return nil, wire.NotUnderstood(resp, group.Err())
		}
		kind := access.SubAccount
		for _, entry := range keys {
			if id, _ := entry.Text("access_key"); id == key {
				kind = access.MainAccount
			}
		}
		for _, entry := range keys {
			listed := readKey(entry)
			listed.Account.Kind = kind
			if id, _ := entry.Text("access_key"); id != key {
				listed.KeyID = id
				others = append(others, listed)
				continue
			}
			own = append(own, listed)
		}
		if err := group.Err(); err != nil {
			return nil, wire.NotUnderstood(resp, err)
		}
	}
	if len(own) != 1 {
		for _, listed := range others { // which pocket is the main one isn't known then
			listed.Account.Kind = access.AccountUnknown
		}
		own = []*access.Snapshot{{
			Answer: access.Answer{
				Account: access.Account{Kind: access.MainAccount},
				Notes:   []string{"This key could not be found in the exchange's list of keys: what it may do besides managing pockets is not known."},
			},
		}}
	}
	proveManaging(own[0])
	own[0].Siblings = others
	return own[0], nil
}

// readKey reads one key of the list.
func readKey(entry wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	var states map[string]access.State
	if held, ok := entry.Strings("permissions"); ok {
		states = permissions.Listed(held)
	}
	permissions.Apply(snap, states)
	slices.Sort(snap.Permissions)
	if list, ok := entry.Strings("allowed_ips"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
		snap.IPAllowlist.Mandatory = true
		if len(list) == 0 {
			snap.Notes = append(snap.Notes, "The exchange lists no address for this key, though it says that no key works without one.")
		}
	}
	snap.Created, _ = entry.RFC3339("created_at")
	snap.Expires, _ = entry.RFC3339("expired_at")
	return snap
}

// proveManaging: that the list was told proves the right to manage pockets.
func proveManaging(snap *access.Snapshot) {
	if snap.Grant(access.SubaccountManage).State == access.Denied { // so the list isn't whole, and denies nothing
		snap.Contradictions = append(snap.Contradictions, "the exchange lists the key without the right to manage pockets, and told it what only such a key is told")
		for i := range snap.Grants {
			if g := &snap.Grants[i]; g.State == access.Denied {
				g.State, g.Evidence = access.Unknown, access.NoEvidence
			}
		}
	}
	for _, c := range permissions["manage_pockets"].Grants {
		if !snap.Can(c) {
			snap.Grants = slices.DeleteFunc(snap.Grants, func(g access.Grant) bool { return g.Capability == c })
			snap.Grants = append(snap.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Inferred})
		}
	}
}

// inspectElsewhere sees whether the key works at another site. Neither list is
// documented there, nor that a key must have addresses.
func inspectElsewhere(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := api.Get(ctx, s, pathAccounts)
	if err != nil {
		return nil, err
	}
	if _, refusal := api.List(resp); refusal != nil {
		return nil, refusal
	}
	snap := &access.Snapshot{
		Answer: access.Answer{
			Grants: []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}},
			Notes: []string{
				"At this site the exchange tells nothing about a key but that it works: look at the key's page for its permissions and " +
					"addresses, and attest the rules withdrawal and ip-allowlist.",
			},
		},
	}
	for _, c := range absent { // by the Korean list, which isn't known to be the one here
		snap.Grants = append(snap.Grants, access.Grant{Capability: c})
	}
	return snap, nil
}
