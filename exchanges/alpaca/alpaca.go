// Package alpaca audits keys of Alpaca's Trading API. Keys of its Broker API are
// different, far more powerful, and not audited here; nor are tokens of OAuth apps.
//
// The exchange reports nothing about a key: keys have no permissions, no IP
// allowlist and no expiry, so anyone who holds one can trade, from any IP address,
// as the account can. What the account can do is reported, and shown here as what
// the key can do. It denies nothing: the key itself may change the account's
// settings. The secret is sent with every request, and no signature.
//
// Reference: https://docs.alpaca.markets/reference/getaccount-1, checked
// 2026-11-22.
package alpaca

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Alpaca.
var Exchange = &adapter.Exchange{
	Name:    "alpaca",
	Title:   "Alpaca",
	Docs:    "https://docs.alpaca.markets/reference/getaccount-1",
	KeyPage: "https://app.alpaca.markets/dashboard/overview",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.alpaca.markets"}},
		{Name: "paper", URLs: []string{"https://paper-api.alpaca.markets"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "what the account can do; a read that shows that the key is active"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, SecretSent: true},
	Coverage: adapter.Coverage{
		// Withdrawing crypto and managing withdrawal addresses are in neither list:
		// there are calls for both.
		Inferred: true, Reports: []access.Capability{access.Read, access.TradeSpot, access.TradeMargin, access.TradeOptions},
		// The Broker API does these, with keys of its own.
		Absent:    []access.Capability{access.SubaccountManage, access.APIKeyManage},
		Confirmed: "the exchange's client and an independent one",
	},
	Unscoped: true,
	Limit:    adapter.Limit{Requests: 200, Per: time.Minute},
	Notes: []string{
		"Keys have no permissions: anyone who holds a live key can trade as its owner can.",
		"The secret is sent in a header with every request, so only TLS protects it.",
		"Accounts with crypto transfers may withdraw by API to whitelisted withdrawal addresses, and no key can be denied this: check the account, " +
			"then attest the rules withdrawal and withdrawal-addresses.",
		"Keys of paper accounts work on the paper host only, all others on the live host only.",
	},
	Inspect: inspect,
}

const path = "/v2/account"

// refused: a wrong key, a wrong secret and a key of the other host get the same
// answer.
var refused = wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindWrongEnvironment)

// forbidden is what a 403 may mean besides: the same status is for wrong credentials and
// for actions that are not allowed, and which words are whose is not documented.
var forbidden = wire.OneOf(access.KindForbidden, access.KindBadKey, access.KindBadSignature, access.KindWrongEnvironment)

// failures: codes as clients report them. Those that begin with 403 go with that
// status.
var failures = wire.Failures{
	refused.For("40110000"),
	wire.Is(access.KindRateLimited, "42910000"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Apca-Api-Key-Id":     {s.Key()},
		"Apca-Api-Secret-Key": {s.Secret()},
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
	if resp.Status != http.StatusOK || body.Has("code") || body.Has("message") {
		return nil, refusal(resp, body)
	}
	id, ok := body.Text("id")
	if !ok || !body.Has("account_number") {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := &access.Snapshot{}
	snap.Account.ID = id
	// No key can be restricted to IP addresses.
	snap.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
	rights.Prove(snap, access.Read)
	readTrading(body, snap)
	for _, name := range []string{"status", "crypto_status", "multiplier", "options_trading_level"} {
		if value, ok := body.Text(name); ok {
			snap.Facts = append(snap.Facts, access.Fact{Name: name, Value: value})
		}
	}
	crypto, _ := body.Text("crypto_status")
	if blocked, reported := body.Bool("transfers_blocked"); reported && !blocked && crypto == "ACTIVE" {
		snap.Notes = append(snap.Notes, "The account can hold crypto and its transfers are not blocked, so the key "+
			"may be able to withdraw to whitelisted withdrawal addresses.")
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// readTrading: every key can trade what the account can. That the account can't
// now says nothing about the key: settings change, some of them through the key.
func readTrading(body wire.Object, snap *access.Snapshot) {
	open := true
	for _, name := range []string{"trading_blocked", "account_blocked", "trade_suspended_by_user"} {
		blocked, reported := body.Bool(name)
		open = open && reported && !blocked
		if blocked {
			snap.Account.Alarms = append(snap.Account.Alarms, name)
			snap.Notes = append(snap.Notes, "The account cannot trade now ("+name+"); when that ends, the key can trade.")
		}
	}
	snap.Account.Standing = access.StandingUnclear // a status may mean anything
	switch status, _ := body.Text("status"); {
	case status == "ACCOUNT_CLOSED":
		snap.Account.Alarms = append(snap.Account.Alarms, "status ACCOUNT_CLOSED")
	case status == "ACTIVE" && open:
		snap.Account.Standing = access.StandingGood
	}
	grant := func(c access.Capability, can bool) {
		g := access.Grant{Capability: c}
		if can {
			g.State, g.Evidence = access.Granted, access.Inferred
		}
		snap.Grants = append(snap.Grants, g)
	}
	text, _ := body.Text("multiplier")
	multiplier, err := strconv.ParseFloat(text, 64)
	level, _ := body.Int("options_trading_level")
	grant(access.TradeSpot, open)
	grant(access.TradeMargin, open && err == nil && multiplier > 1)
	grant(access.TradeOptions, open && level >= 1)
}

// refusal goes by code: message and status are mostly undocumented.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	code, _ := body.Text("code")
	message, _ := body.Text("message")
	e := failures.Refusal(resp, code, message)
	switch words := code == "" && message == "forbidden."; {
	case resp.Status == http.StatusForbidden && (words || len(code) == 8 && strings.HasPrefix(code, "403")):
		forbidden.Explain(e)
	case resp.Status/100 == 4 && words:
		refused.Explain(e)
	}
	return e
}
