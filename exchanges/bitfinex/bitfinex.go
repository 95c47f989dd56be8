// Package bitfinex audits API keys of Bitfinex.
//
// The exchange reports, in one request, what a key may read and write in each of
// its scopes. It doesn't report the key's IP allowlist, creation date, expiry,
// last use or label, whose account it belongs to, or the account's other keys. How
// it refuses an IP address that is not allowed is not documented.
//
// Keys are HMAC, with a nonce that must grow per key: one larger than those of
// the key's other clients would lock them out. So milliseconds are sent, unless
// the owner says that the others count in microseconds, as the exchange's own
// client does. There is no call for the exchange's time, so it is taken from the
// header of a public answer; clients in use ask this host for it, the current
// reference a host for public data.
//
// Reference: https://docs.bitfinex.com/reference/key-permissions,
// checked 2026-11-22.
package bitfinex

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Bitfinex.
var Exchange = &adapter.Exchange{
	Name:         "bitfinex",
	Title:        "Bitfinex",
	Docs:         "https://docs.bitfinex.com/reference/key-permissions",
	KeyPage:      "https://setting.bitfinex.com/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bitfinex.com"}}},
	Calls: []adapter.Call{
		wire.NonceTimeCall(pathStatus),
		{Method: http.MethodPost, Path: pathPermissions, Why: "scopes of the calling key; a read, although sent by POST"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.WithdrawAddresses,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		// No documented call is for it. Transfers by wallets reach the owner's main
		// account and sub-accounts only; what ui_withdraw reaches is not documented.
		Absent:    []access.Capability{access.TradeOptions},
		Confirmed: "documentation and independent clients",
	},
	Limit: adapter.Limit{Requests: 60, Per: time.Minute}, // documented: 90 a minute, and 30 for the status
	Notes: []string{
		"Bitfinex reports neither a key's IP allowlist nor when it was created: check the key's page, then attest " +
			"the rules ip-allowlist and key-age.",
		"Bitfinex checks a key's nonces in the order in which they arrive: don't audit the same key from two places at once. " +
			"If the exchange refuses the audit's nonce as too small, the key's other clients count in microseconds: " +
			"set the key's nonce_unit to us.",
	},
	Inspect:    inspect,
	ServerTime: serverTime,
}

const (
	pathPermissions = "/v2/auth/r/permissions"
	pathStatus      = "/v2/platform/status"
)

// permissions maps "scope:direction". Source: the scopes of the reference. The same
// scope is for orders of all kinds. What ui_withdraw is for is not documented, nor
// is what writing to the account and its settings includes.
var permissions = rights.Table{
	"account:read":      rights.For(access.Read),
	"account:write":     {Grants: []access.Capability{access.Other("account")}, Perhaps: administration},
	"history:read":      rights.For(access.Read),
	"history:write":     rights.For(access.Other("history")),
	"orders:read":       rights.For(access.Read),
	"orders:write":      rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures),
	"positions:read":    rights.For(access.Read),
	"positions:write":   rights.For(access.TradeMargin, access.TradeFutures),
	"funding:read":      rights.For(access.Read),
	"funding:write":     rights.For(access.Other("lending")),
	"settings:read":     rights.For(access.Read),
	"settings:write":    {Grants: []access.Capability{access.Other("settings")}, Perhaps: administration},
	"wallets:read":      rights.For(access.Read),
	"wallets:write":     rights.For(access.TransferInternal).Implying("transfers to the owner's main account and sub-accounts"),
	"withdraw:read":     rights.For(access.Read),
	"withdraw:write":    rights.For(access.Withdraw),
	"ui_withdraw:read":  rights.For(access.Read),
	"ui_withdraw:write": {Grants: []access.Capability{access.Other("ui-withdraw")}, Perhaps: []access.Capability{access.Withdraw, access.TransferExternal}},
	"bfxpay:read":       rights.For(access.Read),
	"bfxpay:write":      rights.For(access.Other("bfxpay")).Implying("invoices of a merchant"),
}

var administration = []access.Capability{access.WithdrawAddresses, access.SubaccountManage, access.APIKeyManage}

// always are the scopes that every recorded answer has, granted or not. The others
// were added later: an answer that has all of these and lacks others is from before
// that, when no key could hold them.
var always = []string{"account", "history", "orders", "positions", "funding", "settings", "wallets", "withdraw"}

// failures: docs.bitfinex.com, error codes and messages. 10100 has several causes,
// which differ in the message.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed).For("10100"),
	wire.Is(access.KindBadSignature, "10112", "10113", "apikey: digest invalid"),
	wire.Is(access.KindNonce, "10114"),
	wire.Is(access.KindForbidden, "10001"),
	wire.Is(access.KindRateLimited, "11010", "ERR_RATE_LIMIT"),
	wire.Is(access.KindUnavailable, "11000", "20060", "temporarily_unavailable"),
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed).For("apikey: invalid"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	const body = "{}"
	nonce := strconv.FormatUint(s.Nonce(), 10)
	signature, err := s.Sign(ctx, adapter.HMACSHA384, "/api"+pathPermissions+nonce+body)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: pathPermissions, Body: body, Header: http.Header{
		"Bfx-Apikey":    {s.Key()},
		"Bfx-Nonce":     {nonce},
		"Bfx-Signature": {hex.EncodeToString(signature)},
		"Content-Type":  {"application/json"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	rows, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	states, err := readScopes(rows)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	snap := &access.Snapshot{}
	permissions.Apply(snap, states)
	return snap, nil
}

// unwrap separates an answer from a refusal, which is a list that begins with the
// text "error", whatever the status. What is in front of the exchange refuses with
// an object.
func unwrap(resp *adapter.Response) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(resp.Body, &rows); err != nil {
		body, err := wire.Parse(resp.Body)
		if err != nil {
			return nil, wire.NotUnderstood(resp, err)
		}
		return nil, failures.Said(resp, body, "error", "message")
	}
	var first, message string
	if len(rows) > 0 && json.Unmarshal(rows[0], &first) == nil && first == "error" {
		code := ""
		if len(rows) > 2 {
			code = strings.Trim(string(rows[1]), `"`)
			_ = json.Unmarshal(rows[2], &message) // no text is no message
		}
		return nil, refusal(resp, code, message)
	}
	if resp.Status != http.StatusOK || len(rows) == 0 {
		return nil, wire.NotUnderstood(resp, errors.New("the answer is not the expected list"))
	}
	return rows, nil
}

func refusal(resp *adapter.Response, code, message string) *access.Error {
	e := failures.Refusal(resp, code, message)
	if known, ok := failures.Find(message); ok && code == "10100" {
		known.Explain(e)
	}
	if _, known := failures.Find(code); !known && resp.Status == http.StatusInternalServerError { // the status of nearly every refusal
		e.Kind = access.KindNotUnderstood
	}
	return e
}

// readScopes reads rows of scope, read and write. A missing scope says nothing,
// except those that older answers don't have.
func readScopes(rows []json.RawMessage) (map[string]access.State, error) {
	states, reported := map[string]access.State{}, map[string]bool{}
	for _, row := range rows {
		var cells []json.RawMessage
		var scope string
		if json.Unmarshal(row, &cells) != nil || len(cells) != 3 || json.Unmarshal(cells[0], &scope) != nil || scope == "" || reported[scope] {
			return nil, errors.New("a row of the answer is not a scope with two flags, or is a duplicate")
		}
		reported[scope] = true
		for i, direction := range []string{"read", "write"} {
			flag := string(cells[i+1])
			if flag != "0" && flag != "1" {
				return nil, errors.New("a flag of the answer is neither 0 nor 1")
			}
			states[scope+":"+direction] = access.StateOf(flag == "1")
		}
	}
	if slices.ContainsFunc(always, func(scope string) bool { return !reported[scope] }) {
		return states, nil
	}
	for name := range permissions {
		if _, ok := states[name]; !ok {
			states[name] = access.Denied
		}
	}
	return states, nil
}

// serverTime reads the header: no answer has the time in its body.
func serverTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathStatus})
	if err != nil {
		return time.Time{}, err
	}
	status, err := unwrap(resp)
	if err != nil {
		return time.Time{}, err
	}
	at, err := http.ParseTime(resp.Header.Get("Date"))
	switch {
	case string(status[0]) == "0":
		return time.Time{}, &access.Error{Kind: access.KindUnavailable, Status: resp.Status, Message: "the exchange is in maintenance"}
	case string(status[0]) != "1" || err != nil:
		return time.Time{}, wire.NotUnderstood(resp, nil)
	}
	return at, nil
}
