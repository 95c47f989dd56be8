// Package bitmex audits API keys of BitMEX, which announced that it closes on
// 23 September 2026. It is kept for keys that are found in old configurations:
// such a key says so itself, whether the venue still answers or not.
//
// By its documentation one call lists all keys of the account, the calling one
// among them, with permissions, addresses, state and creation, perhaps with
// their secrets too. It doesn't tell expiry or last use. Keys are HMAC.
//
// Reference: https://www.bitmex.com/api/explorer/, checked 2026-11-22 from the
// venue's published description of it (2024-05-29).
package bitmex

import (
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is BitMEX.
var Exchange = &audit.Exchange{
	Name:    "bitmex",
	Title:   "BitMEX",
	Docs:    "https://www.bitmex.com/api/explorer/",
	KeyPage: "https://www.bitmex.com/app/apiKeys",
	Checked: "2026-11-22",
	Environments: []audit.Environment{
		{Name: "live", URLs: []string{"https://www.bitmex.com"}},
		{Name: "testnet", URLs: []string{"https://testnet.bitmex.com"}, Test: true},
	},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: pathKeys, Why: "permissions, addresses and creation of the account's keys, the calling one among them"},
	},
	Needs: audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret}},
	Coverage: audit.Coverage{
		// Which permission moves funds between paired accounts, or adds
		// addresses and sub-accounts, isn't known.
		Tells: []audit.Capability{
			audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.TradeOptions, audit.Withdraw, audit.TransferExternal,
		},
		Absent:    []audit.Capability{audit.APIKeyManage}, // keys can't make keys, by the documentation
		Allowlist: audit.Always, AllowlistEntries: audit.Always, Created: audit.Always, Siblings: audit.Always,
		Confirmed: "documents and independent clients, from before the venue closed",
	},
	Limit:       audit.Limit{Requests: 1, Per: time.Second},
	ClockWindow: lifetime,
	Notes: []string{
		"Withdrawals by API took a confirmation by e-mail or a second factor, unless the saved address was made without.",
		"The list of keys is documented to have a secret in it.",
	},
	Closing: &audit.Deadline{
		What: "by its own announcement the venue closes for good: take the key out of the configuration",
		At:   time.Date(2026, time.September, 23, 4, 0, 0, 0, time.UTC),
	},
	Inspect: inspect,
}

const (
	pathKeys = "/api/v1/apiKey"
	lifetime = 30 * time.Second // of a request
)

// permissions: the venue's key page. A key without any may read. One that makes
// orders does so in every market there is; whether there were any on margin or
// of options isn't told.
var permissions = rights.Table{
	"order": {
		Grants:  []audit.Capability{audit.TradeSpot, audit.TradeFutures},
		Perhaps: []audit.Capability{audit.TradeMargin, audit.TradeOptions},
	},
	"orderCancel": rights.For(audit.Other("cancel-only")),
	"withdraw":    rights.For(audit.Withdraw, audit.TransferExternal),
}

// failures: there are no codes, so these are the beginnings of the texts. That
// about the time, and what a wrong address gets, are not confirmed.
var failures = []struct {
	text string
	wire.Failure
}{
	{"Invalid API Key", wire.Is(audit.KindBadKey)},
	{"This key is disabled", wire.Is(audit.KindDisabled)},
	{"Signature not valid", wire.Is(audit.KindBadSignature)},
	{"This request has expired", wire.Is(audit.KindClockSkew)},
	{"Access Denied", refusedOutright},
	{"Forbidden", refusedOutright},
	{"Account is restricted", wire.Is(audit.KindDisabled)},
}

var refusedOutright = wire.OneOf(audit.KindForbidden, audit.KindIPNotAllowed, audit.KindBanned)

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	expires := strconv.FormatInt(s.Now().Add(lifetime).Unix(), 10)
	signature, err := s.Sign(ctx, audit.HMACSHA256, http.MethodGet+pathKeys+expires)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: pathKeys, Header: http.Header{
		"Api-Key":       {s.Key()},
		"Api-Expires":   {expires},
		"Api-Signature": {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, s)
}

func parse(resp *audit.Response, s *audit.Session) (*audit.Snapshot, error) {
	list, err := wire.ParseList(resp.Body)
	switch {
	case err != nil || resp.Status != http.StatusOK:
		return nil, refusal(resp)
	case len(list) == 0:
		return nil, wire.NotUnderstood(resp, nil)
	}
	snap := keylist.Read(list, s, "id", "secret", readKey)
	if err := list[0].Err(); err != nil { // shared by all of them
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

func refusal(resp *audit.Response) *audit.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.Foreign(resp, err)
	}
	said, _ := body.Object("error")
	message, _ := said.Text("message")
	e := wire.Failures{}.Refusal(resp, "", message)
	for _, f := range failures {
		if resp.Status/100 == 4 && strings.HasPrefix(message, f.text) {
			e.Kind, e.Candidates = f.Kind, f.Candidates
		}
	}
	return e
}

// readKey reads one key of the list.
func readKey(record wire.Object) *audit.Snapshot {
	snap := &audit.Snapshot{}
	snap.Label, _ = record.Text("name")
	snap.Account.ID, _ = record.Text("userId")
	states := map[string]audit.State{}
	if held, ok := record.Strings("permissions"); ok {
		states = permissions.Listed(held)
	}
	permissions.Apply(snap, states)
	slices.Sort(snap.Permissions)
	slices.Sort(snap.Unmapped)
	readAddresses(record, snap)
	snap.KeyState = record.Switch("enabled", audit.KeyActive, audit.KeyDisabled)
	snap.Created, _ = record.RFC3339("created")
	if target, ok := record.Text("targetAccountId"); ok {
		snap.Facts = append(snap.Facts, audit.Fact{Name: "targetAccountId", Value: audit.MaskID(target)})
	}
	return snap
}

// readAddresses: either member may hold the restriction. Where one admits every
// address and the other doesn't, the key counts as open.
func readAddresses(record wire.Object, snap *audit.Snapshot) {
	list, told := record.Strings("cidrs")
	bound := audit.NewIPAllowlist(list).State == audit.AllowlistRestricted
	if one, ok := record.Text("cidr"); ok {
		told = true
		if one != "" && !slices.Contains(list, one) && !slices.Contains(list, one+"/32") {
			list = append(slices.Clip(list), one)
		}
	}
	if !told {
		return
	}
	if snap.IPAllowlist = audit.NewIPAllowlist(list); bound && snap.IPAllowlist.State != audit.AllowlistRestricted {
		snap.Contradictions = append(snap.Contradictions, "cidrs bind the key to addresses, and cidr doesn't")
	}
}
