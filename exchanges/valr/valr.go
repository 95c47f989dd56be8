// Package valr audits API keys of VALR.
//
// The exchange reports, to any key that may view: permissions, the IP allowlist, the
// key's own list of withdrawal addresses, its name, creation date and whether it is
// of a sub-account. It doesn't report expiry, last use or the account's other keys. It
// omits a list that a key doesn't have, and documents that. No permission is named for
// margin and futures, which the right to trade includes. Keys are HMAC.
//
// Reference: VALR's API documentation, in the edition for agents, and independent
// clients; checked 2026-11-29.
package valr

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is VALR.
var Exchange = &adapter.Exchange{
	Name:         "valr",
	Title:        "VALR",
	Docs:         "https://docs.valr.com/",
	KeyPage:      "https://www.valr.com/",
	Checked:      "2026-11-29",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.valr.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "permissions, IP allowlist and withdrawal addresses of the calling key"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// Sub-accounts can be created by API, and which right that requires is not
		// documented; nor is anything about keys, or which right VALR Pay requires. They are
		// in neither list.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.WithdrawAddresses,
			access.TransferInternal,
		},
		Absent:    []access.Capability{access.TradeOptions}, // the markets are spot, margin and perpetuals
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, AccountKind: adapter.Always,
		Confirmed: "documentation for agents and independent clients",
	},
	Limit: adapter.Limit{Requests: 1, Per: time.Second}, // not documented
	Notes: []string{
		"VALR refuses a wrong key, signature or timestamp with one status, and a missing permission and an IP address that " +
			"is not allowed perhaps with another.",
	},
	Inspect: inspect,
}

const (
	path = "/v1/account/api-keys/current"
	// view is the permission without which this call is refused.
	view = "View access"
)

// permissions: the documented answer. VALR Pay, which sends funds to other users, has
// no permission of its own, and which one it requires is not documented.
var permissions = rights.Table{
	view:                {Grants: []access.Capability{access.Read}, Perhaps: pay},
	"Trade":             {Grants: []access.Capability{access.TradeSpot, access.TradeMargin, access.TradeFutures}, Perhaps: pay},
	"Withdraw":          {Grants: []access.Capability{access.Withdraw}, Perhaps: pay},
	"Internal Transfer": {Grants: []access.Capability{access.TransferInternal}, Perhaps: pay},
	"Link bank account": rights.For(access.WithdrawAddresses),
}

var pay = []access.Capability{access.TransferExternal}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA512, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"X-Valr-Api-Key":   {s.Key()},
		"X-Valr-Timestamp": {stamp},
		"X-Valr-Signature": {hex.EncodeToString(signature)},
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
	held, ok := body.Strings("permissions")
	if !ok || resp.Status != http.StatusOK {
		return nil, refusal(resp, body)
	}
	snap := &access.Snapshot{}
	states := permissions.Listed(held)
	rights.DenyNothingWithout(states, view)
	permissions.Apply(snap, states)
	rights.Prove(snap, access.Read)
	snap.Label, _ = body.Text("label")
	snap.Created, _ = body.RFC3339("addedAt")
	if sub, ok := body.Bool("isSubAccount"); ok {
		snap.Account.Kind = access.AccountKindOf(!sub)
	}
	if snap.Account.Kind == access.MainAccount {
		snap.Notes = append(snap.Notes, "The key can act for every sub-account.")
	}
	readLists(body, snap)
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// readLists reads the key's IP addresses and withdrawal addresses. A list that the
// answer omits is one that the key doesn't have, unless the answer lacks more.
func readLists(body wire.Object, snap *access.Snapshot) {
	const addresses, book = "allowedIpAddressCidr", "allowedWithdrawAddressList"
	omits := func(list string) bool { return !body.Has(list) && body.Has("label") && !snap.Created.IsZero() }
	// How several ranges are written is unconfirmed: text with commas, or a list.
	texts, listed := body.TextOrTexts(addresses)
	if listed || omits(addresses) {
		snap.IPAllowlist = access.NewIPAllowlist(strings.FieldsFunc(strings.Join(texts, ","), func(r rune) bool { return r == ',' }))
	}
	saved, listed := body.Objects(book)
	for i := range snap.Grants {
		switch g := &snap.Grants[i]; {
		case g.Capability != access.Withdraw || g.State == access.Denied:
		case len(saved) > 0:
			g.AddressBook = access.BookOn
		case listed || omits(book):
			g.AddressBook = access.BookOff
		}
	}
}

// refusal: the exchange documents statuses, and no codes. Which of the two means an IP
// address that is not allowed is unconfirmed.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	code, _ := body.Text("code")
	message, _ := body.Text("message")
	e := wire.Failures{}.Refusal(resp, code, message)
	switch {
	case e.Kind != access.KindNotUnderstood:
	case resp.Status == http.StatusUnauthorized:
		wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindForbidden, access.KindIPNotAllowed).Explain(e)
	case resp.Status == http.StatusForbidden:
		wire.OneOf(access.KindForbidden, access.KindIPNotAllowed).Explain(e)
	}
	return e
}
