// Package bitmex audits API keys of BitMEX, which announced that it closes on
// 23 September 2026. It is kept for keys that are found in old configurations: the
// audit says so for each of them, whether the exchange still answers or not.
//
// According to the documentation, one call lists all keys of the account, including
// the calling key, with permissions, IP allowlist, state and creation date, perhaps
// with their secrets too. It doesn't report expiry or last use. Keys are HMAC.
//
// Reference: https://www.bitmex.com/api/explorer/, checked 2026-11-22 from the
// exchange's published description of it (2024-05-29).
package bitmex

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is BitMEX.
var Exchange = &adapter.Exchange{
	Name:    "bitmex",
	Title:   "BitMEX",
	Docs:    "https://www.bitmex.com/api/explorer/",
	KeyPage: "https://www.bitmex.com/app/apiKeys",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://www.bitmex.com"}},
		{Name: "testnet", URLs: []string{"https://testnet.bitmex.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathKeys,
			Why: "permissions, IP allowlists and creation dates of the account's keys, including the calling key",
		},
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form("[A-Za-z0-9_-]{24}"), SecretForm: wire.Form("[A-Za-z0-9_-]{48}"),
	},
	Coverage: adapter.Coverage{
		// Which permission moves funds between paired accounts, or adds
		// withdrawal addresses and sub-accounts, is unknown.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw, access.TransferExternal,
		},
		Absent:    []access.Capability{access.APIKeyManage}, // keys can't create keys, according to the documentation
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Siblings: adapter.Always,
		Confirmed: "documentation and independent clients, from before the exchange closed",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second},
	ClockWindow: lifetime,
	Notes: []string{
		"Withdrawals by API required a confirmation by email or a second factor, unless the saved withdrawal " +
			"address was exempt.",
		"According to the documentation, the list of keys contains their secrets.",
	},
	Closing: &access.Deadline{
		What: "the exchange announced that it closes permanently: remove the key from the configuration",
		At:   time.Date(2026, time.September, 23, 4, 0, 0, 0, time.UTC),
	},
	Inspect: inspect,
}

const (
	pathKeys = "/api/v1/apiKey"
	lifetime = 30 * time.Second // of a request
)

// permissions: the exchange's key page. A key without any may read. One that places
// orders does so in every market there is; whether that includes margin or options
// is not reported.
var permissions = rights.Table{
	"order": {
		Grants:  []access.Capability{access.TradeSpot, access.TradeFutures, access.CancelOrders},
		Perhaps: []access.Capability{access.TradeMargin, access.TradeOptions},
	},
	"orderCancel": rights.For(access.CancelOrders),
	"withdraw":    rights.For(access.Withdraw, access.TransferExternal),
}

// failures: there are no codes, so these are the beginnings of the messages. The one
// about the time, and the one for an IP address that is not allowed, are not
// confirmed.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "Invalid API Key"),
	wire.Is(access.KindDisabled, "This key is disabled", "Account is restricted"),
	wire.Is(access.KindBadSignature, "Signature not valid"),
	wire.Is(access.KindClockSkew, "This request has expired"),
	wire.OneOf(access.KindForbidden, access.KindIPNotAllowed, access.KindBanned).For("Access Denied", "Forbidden"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	expires := strconv.FormatInt(s.Now().Add(lifetime).Unix(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, http.MethodGet+pathKeys+expires)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKeys, Header: http.Header{
		"Api-Key":       {s.Key()},
		"Api-Expires":   {expires},
		"Api-Signature": {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, s)
}

func parse(resp *adapter.Response, s *adapter.Session) (*access.Snapshot, error) {
	list, err := wire.ParseList(resp.Body)
	switch {
	case err != nil || resp.Status != http.StatusOK:
		return nil, refusal(resp)
	case len(list) == 0:
		return nil, wire.NotUnderstood(resp, errors.New("the list of keys is empty"))
	}
	snap := keylist.Read(list, s, "id", "secret", readKey)
	if err := list[0].Err(); err != nil { // shared by all of them
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

func refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	said, _ := body.Object("error")
	message, _ := said.Text("message")
	e := wire.Failures{}.Refusal(resp, "", message)
	begins := func(text string) bool { return strings.HasPrefix(message, text) }
	for _, known := range failures {
		if resp.Status/100 == 4 && slices.ContainsFunc(known.Codes, begins) {
			known.Explain(e)
		}
	}
	return e
}

// readKey reads one key of the list.
func readKey(record wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.Label, _ = record.Text("name")
	snap.Account.ID, _ = record.Text("userId")
	states := map[string]access.State{}
	if held, ok := record.Strings("permissions"); ok {
		states = permissions.Listed(held)
	}
	permissions.Apply(snap, states)
	readAllowlist(record, snap)
	snap.KeyState = record.Switch("enabled", access.KeyActive, access.KeyDisabled)
	snap.Created, _ = record.RFC3339("created")
	if target, ok := record.Text("targetAccountId"); ok {
		snap.Facts = append(snap.Facts, access.Fact{Name: "targetAccountId", Value: access.MaskID(target)})
	}
	return snap
}

// readAllowlist: either member may hold the restriction. If one allows any IP
// address and the other doesn't, the key counts as unrestricted.
func readAllowlist(record wire.Object, snap *access.Snapshot) {
	list, reported := record.Strings("cidrs")
	restricted := access.NewIPAllowlist(list).State == access.AllowlistRestricted
	if one, ok := record.Text("cidr"); ok {
		reported = true
		if one != "" && !slices.Contains(list, one) && !slices.Contains(list, one+"/32") {
			list = append(slices.Clip(list), one)
		}
	}
	if !reported {
		return
	}
	snap.IPAllowlist = access.NewIPAllowlist(list)
	if !record.Has("cidrs") || !record.Has("cidr") {
		snap.IPAllowlist.Partial()
	} else if restricted && snap.IPAllowlist.State != access.AllowlistRestricted {
		snap.Contradictions = append(snap.Contradictions, "cidrs restricts the key to IP addresses, but cidr doesn't")
	}
}
