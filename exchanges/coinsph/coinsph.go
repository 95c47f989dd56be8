// Package coinsph audits API keys of Coins.ph and of its sister exchanges, which
// share one API.
//
// One call lists all keys of the account to any key that may read: each with its
// rights, IP allowlist, name, creation date and whether it is enabled. It doesn't
// report expiry, last use, or whether the account is a sub-account. The rights have
// names but no description: which of them allow withdrawals is not documented. Of the
// account it reports whether it withdraws to saved withdrawal addresses only; that is
// asked about a key that may withdraw. Keys are HMAC.
//
// Reference: https://coins-docs.github.io/rest-api/ and
// https://coins-docs.github.io/errors/, checked 2026-11-22.
package coinsph

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
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
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.pro.coins.ph"}},
		{Name: "th", URLs: []string{"https://api.coins.co.th"}},
		{Name: "global", URLs: []string{"https://api.coins.xyz"}},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathKeys,
			Why: "rights, IP allowlists and creation dates of the account's keys, including the calling key",
		},
		{
			Method: http.MethodGet, Path: pathAccount,
			Why: "whether the account withdraws to saved withdrawal addresses only", When: "the key has a right that may allow withdrawals",
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// Futures have an API of their own, for the same form of key, and
		// sub-accounts and their keys' IP allowlists can be managed by API: no
		// right is known to be for either, so they are in neither list.
		Reports:   []access.Capability{access.Read, access.TradeSpot, access.Withdraw, access.TransferExternal},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation of the exchange and of its sister exchange, and an independent client",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"Which right lets a key withdraw is not documented: for a key with Enable Crypto Wallet, Enable Fiat or " +
			"Enable Account check its page, then attest the rules withdrawal and external-transfer.",
		"Whether withdrawals are limited to saved withdrawal addresses is a setting of the account, not of the key.",
		"Every key that may read can see the names, rights and IP allowlists of all keys of the account.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "serverTime", wire.Object.Millis),
}

const (
	pathKeys    = "/openapi/v1/api-keys"
	pathAccount = "/openapi/v1/account"
	pathTime    = "/openapi/v1/time"
	window      = 5000 // milliseconds
)

// permissions are the names in the documented answer. Nothing describes them; what
// they include beyond their name is taken from the sections of the reference with
// similar names, and is only a possibility.
var permissions = rights.Table{
	"Read only":            {},
	"Enable Spot":          rights.For(access.TradeSpot),
	"Enable Convert":       rights.For(access.Other("convert")),
	"Enable Crypto Wallet": mayPayOut("crypto-wallet", "perhaps withdrawing, which is one of the wallet's calls"),
	"Enable Fiat":          mayPayOut("fiat", "perhaps cashing out, which is one of the calls for fiat money"),
	"Enable Account":       mayPayOut("account", "perhaps sending funds to other users, which is one of the calls for the account"),
}

// mayPayOut is a right that may send funds, which nobody has confirmed.
func mayPayOut(name, how string) rights.Right {
	return rights.Right{
		Grants:  []access.Capability{access.Other(name)},
		Perhaps: []access.Capability{access.Withdraw, access.TransferExternal},
		Implies: []string{how},
	}
}

// failures: the exchange's list of errors. It describes -2015 as a missing or
// disabled key; the message that was seen also names IP address and rights.
var failures = wire.Failures{
	wire.Is(access.KindUnavailable, "-1000", "-1001"),
	wire.OneOf(access.KindBadKey, access.KindForbidden).For("-1002"),
	wire.Is(access.KindRateLimited, "-1003", "-1015"),
	wire.Is(access.KindForbidden, "-1020", "-1152", "-2019"),
	wire.Is(access.KindClockSkew, "-1021"),
	wire.Is(access.KindBadSignature, "-1022"),
	wire.Is(access.KindDisabled, "-1023"),
	wire.Is(access.KindBadKey, "-1153", "-2018"),
	wire.OneOf(access.KindBadKey, access.KindDisabled, access.KindIPNotAllowed, access.KindForbidden).For("-2015"),
	wire.Is(access.KindIPNotAllowed, "-2017"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := read(ctx, s, pathKeys)
	if err != nil {
		return nil, err
	}
	snap, err := parse(resp, s.Key())
	if err != nil || snap.Surely(access.Withdraw, access.Denied) {
		return snap, err
	}
	if resp, err = read(ctx, s, pathAccount); err != nil {
		return nil, err
	}
	return snap, parseAccount(resp, snap)
}

func read(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	query := "timestamp=" + wire.Millis(s) + "&recvWindow=" + strconv.Itoa(window)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, query)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{
		Method: http.MethodGet, Path: path, Query: query + "&signature=" + hex.EncodeToString(signature),
		Header: http.Header{"X-Coins-Apikey": {s.Key()}},
	})
}

// parseAccount reads whether the account withdraws to saved withdrawal addresses only.
// A refusal of this one call, or another answer than the documented one, leaves that
// unknown.
func parseAccount(resp *adapter.Response, snap *access.Snapshot) error {
	body, err := wire.Parse(resp.Body)
	switch {
	case resp.Status != http.StatusOK:
		refused := refusal(resp)
		if _, ok := wire.OfOneCall(refused); ok {
			return nil
		}
		return refused
	case err != nil && json.Valid(resp.Body):
		return nil // what the key may do is known, and only its limit is not
	case err != nil:
		return wire.NotUnderstood(resp, err)
	}
	limited, ok := body.Bool("enableWithdrawWhitelist")
	if err := body.Err(); err != nil {
		return wire.NotUnderstood(resp, err)
	}
	for i := range snap.Grants {
		if g := &snap.Grants[i]; ok && g.Capability == access.Withdraw && g.State != access.Denied {
			g.AddressBook = access.BookOff
			if limited {
				g.AddressBook = access.BookOn
			}
		}
	}
	return nil
}

func parse(resp *adapter.Response, key string) (*access.Snapshot, error) {
	list, err := wire.ParseList(resp.Body)
	switch {
	case err != nil || resp.Status != http.StatusOK:
		return nil, refusal(resp)
	case len(list) == 0:
		return nil, wire.NotUnderstood(resp, errors.New("the list of keys is empty, and should at least contain the calling key"))
	}
	var own, others, unnamed []*access.Snapshot
	for _, entry := range list {
		id, _ := entry.Text("apiKey")
		listed := readKey(entry)
		if err := entry.Err(); err != nil {
			return nil, wire.NotUnderstood(resp, err)
		}
		switch id {
		case "": // may be any key, this one too
			unnamed = append(unnamed, listed)
		case key:
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
		snap.Notes = []string{"This key could not be identified in the list of the account's keys, so what it may do is unknown."}
	}
	snap.Siblings = append(others, unnamed...)
	rights.Prove(snap, access.Read)
	if snap.KeyState == access.KeyDisabled { // it was just used
		snap.KeyState = access.KeyStateUnknown
		snap.Contradictions = []string{"the exchange lists the key as not enabled, but answers it"}
	}
	return snap, nil
}

func refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	return failures.Said(resp, body, "code", "msg")
}

// readKey reads one key of the list.
func readKey(entry wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.Label, _ = entry.Text("apiName")
	held, _ := entry.Strings("apiType")
	states := permissions.Listed(held)
	if !permissions.Knows(held) {
		// Even a key that can only read has a type: a list without any known type is
		// incomplete, or uses other names, and denies nothing.
		rights.DenyNothing(states)
	}
	permissions.Apply(snap, states)
	if list, ok := entry.Strings("ipAccessRestrictions"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Created, _ = entry.Millis("createTime")
	snap.KeyState = entry.State("status", map[string]access.KeyState{"ENABLE": access.KeyActive, "NOT_ENABLE": access.KeyDisabled})
	return snap
}
