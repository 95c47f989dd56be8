// Package coinsph audits API keys of Coins.ph and of its sister exchanges, which
// share one API.
//
// One call lists all keys of the account to any key that may read: each with
// its rights, addresses, name, creation and whether it is enabled. It doesn't
// tell expiry, last use, or whether the account is a sub-account. The rights
// bear names and no description: which of them lets withdraw is not said.
// Keys are HMAC.
//
// Reference: https://coins-docs.github.io/rest-api/ and
// https://coins-docs.github.io/errors/, checked 2026-11-22.
package coinsph

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Coins.ph.
var Exchange = &adapter.Exchange{
	Name:    "coinsph",
	Title:   "Coins.ph",
	Docs:    "https://coins-docs.github.io/rest-api/",
	KeyPage: "https://www.pro.coins.ph/",
	Checked: "2026-11-22",
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.pro.coins.ph"}},
		{Name: "th", URLs: []string{"https://api.coins.co.th"}},
		{Name: "global", URLs: []string{"https://api.coins.xyz"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathKeys, Why: "rights, addresses and creation of the account's keys, the calling one among them"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// Futures have an API of their own, for the same form of key, and
		// sub-accounts and their keys' addresses can be managed by API: no
		// right is known to be for either, so they are in neither list.
		Reports:   []access.Capability{access.Read, access.TradeSpot, access.Withdraw, access.TransferExternal},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documents of the exchange and of its sister exchange, and an independent client",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"Which right lets a key withdraw is not documented: with Enable Crypto Wallet, Enable Fiat or Enable Account look at the key's page, and attest the rules withdrawal and external-transfer.",
		"A key works only after its addresses have been set.",
		"The account's settings can limit withdrawals to saved addresses; that is a setting of the account and not of the key.",
		"Every key that may read sees the names, rights and addresses of all keys of the account.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "serverTime", wire.Object.Millis),
}

const (
	pathKeys = "/openapi/v1/api-keys"
	pathTime = "/openapi/v1/time"
	window   = 5000 // milliseconds
)

// permissions are the names in the documented answer. Nothing describes them;
// what they reach besides their name is taken from the sections of the
// reference that are called alike, and is a possibility only.
var permissions = rights.Table{
	"Read only":            {},
	"Enable Spot":          rights.For(access.TradeSpot),
	"Enable Convert":       rights.For(access.Other("convert")),
	"Enable Crypto Wallet": paying("crypto-wallet", "perhaps withdrawing, which is among the wallet's calls"),
	"Enable Fiat":          paying("fiat", "perhaps cashing out, which is among the calls for fiat money"),
	"Enable Account":       paying("account", "perhaps sending funds to other users, which is among the calls for the account"),
}

// paying is a right of which nobody has confirmed what it lets out.
func paying(name, power string) rights.Right {
	return rights.Right{
		Grants:  []access.Capability{access.Other(name)},
		Perhaps: []access.Capability{access.Withdraw, access.TransferExternal},
		Implies: []string{power},
	}
}

// failures: the exchange's list of errors. -2015 is described there as a missing or
// disabled key, and seen with words that also name address and rights.
var failures = wire.Failures{
	"-1000": wire.Is(access.KindUnavailable),
	"-1001": wire.Is(access.KindUnavailable),
	"-1002": wire.OneOf(access.KindBadKey, access.KindForbidden),
	"-1003": wire.Is(access.KindRateLimited),
	"-1015": wire.Is(access.KindRateLimited),
	"-1020": wire.Is(access.KindForbidden),
	"-1021": wire.Is(access.KindClockSkew),
	"-1022": wire.Is(access.KindBadSignature),
	"-1023": wire.Is(access.KindDisabled),
	"-1152": wire.Is(access.KindForbidden),
	"-1153": wire.Is(access.KindBadKey),
	"-2015": wire.OneOf(access.KindBadKey, access.KindDisabled, access.KindIPNotAllowed, access.KindForbidden),
	"-2017": wire.Is(access.KindIPNotAllowed),
	"-2018": wire.Is(access.KindBadKey),
	"-2019": wire.Is(access.KindForbidden),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	query := "timestamp=" + strconv.FormatInt(s.Now().UnixMilli(), 10) + "&recvWindow=" + strconv.Itoa(window)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, query)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodGet, Path: pathKeys, Query: query + "&signature=" + hex.EncodeToString(signature),
		Header: http.Header{"X-Coins-Apikey": {s.Key()}},
	})
	if err != nil {
		return nil, err
	}
	return parse(resp, s.Key())
}

func parse(resp *adapter.Response, key string) (*access.Snapshot, error) {
	list, err := wire.ParseList(resp.Body)
	switch {
	case err != nil || resp.Status != http.StatusOK:
		return nil, refusal(resp)
	case len(list) == 0:
		return nil, wire.NotUnderstood(resp, errors.New("the list of keys is empty, and the calling key must be in it"))
	}
	var own, others []*access.Snapshot
	for _, entry := range list {
		id, ok := entry.Text("apiKey")
		listed := readKey(entry)
		if err := entry.Err(); err != nil {
			return nil, wire.NotUnderstood(resp, err)
		}
		switch {
		case !ok || id == "": // may be any key
		case id == key:
			own = append(own, listed)
		default:
			listed.KeyID = id
			others = append(others, listed)
		}
	}
	snap := &access.Snapshot{}
	if len(own) == 1 {
		snap = own[0]
	} else {
		snap.Notes = []string{"This key could not be told from others in the list of the account's keys: what it may do is not known."}
	}
	snap.Siblings = others
	snap.Grants = append(snap.Grants, access.Grant{Capability: access.Read, State: access.Granted, Evidence: access.Inferred})
	if snap.KeyState == access.KeyDisabled { // it was just used
		snap.KeyState = access.KeyStateUnknown
		snap.Contradictions = []string{"the exchange lists the key as not enabled, and answers it"}
	}
	return snap, nil
}

func refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.Foreign(resp, err)
	}
	code, _ := body.Text("code")
	message, _ := body.Text("msg")
	return failures.Refusal(resp, code, message)
}

func known(name string) bool {
	_, ok := permissions[name]
	return ok
}

// readKey reads one key of the list.
func readKey(entry wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.Label, _ = entry.Text("apiName")
	states := map[string]access.State{}
	held, _ := entry.Strings("apiType")
	for name, state := range permissions.Listed(held) {
		// Even a key that only reads has a type: a list without any that is known
		// is not the whole list, or in other words, and denies nothing.
		if state == access.Granted || slices.ContainsFunc(held, known) {
			states[name] = state
		}
	}
	permissions.Apply(snap, states)
	slices.Sort(snap.Permissions) // one order, whichever key of the list it is
	slices.Sort(snap.Unmapped)
	if list, ok := entry.Strings("ipAccessRestrictions"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Created, _ = entry.Millis("createTime")
	snap.KeyState = entry.State("status", map[string]access.KeyState{"ENABLE": access.KeyActive, "NOT_ENABLE": access.KeyDisabled})
	return snap
}
