// Package korbit audits API keys of Korbit, which has been named Digital X
// since 2026: one API under two hosts.
//
// The exchange reports, for any key and in one request that needs no permission:
// permissions, the IP allowlist, creation date, expiry, whether the key is
// activated, its name and the sub-accounts it may use. It doesn't report the last
// use. Keys are HMAC or Ed25519, the latter given as PEM.
//
// Reference: https://docs.korbit.co.kr/ (API key information), checked
// 2026-11-22.
package korbit

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Korbit.
var Exchange = &adapter.Exchange{
	Name:    "korbit",
	Title:   "Korbit (Digital X)",
	Docs:    "https://docs.korbit.co.kr/",
	KeyPage: "https://portal.korbit.co.kr/",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.digitalx.miraeasset.com", "https://api.korbit.co.kr"}},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathKey, Why: "permissions, IP allowlist and dates of the calling key"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw},
		// The list of permissions is complete, and none is for these.
		Absent: []access.Capability{
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.WithdrawAddresses,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always, AccountKind: adapter.Always,
		Confirmed: "documentation and the exchange's own command-line client",
	},
	Limit:       adapter.Limit{Requests: 50, Per: time.Second},
	ClockWindow: 5 * time.Second,
	Probe:       pathKey,
	Notes: []string{
		"A change to a key takes up to about a minute.",
		"Withdrawals go only to withdrawal addresses registered beforehand for the API, and only from the main " +
			"account.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "time", wire.Object.Millis),
}

const (
	pathKey  = "/v2/currentKeyInfo"
	pathTime = "/v2/time"
	// mainAccount is the number of the main account.
	mainAccount = 1
)

// permissions: docs.korbit.co.kr, API key permissions.
var permissions = rights.Table{
	"readBalances":    rights.For(access.Read),
	"readOrders":      rights.For(access.Read),
	"readDeposits":    rights.For(access.Read),
	"readWithdrawals": rights.For(access.Read),
	"writeOrders":     rights.For(access.TradeSpot),
	"writeDeposits":   rights.For(access.Other("deposit")),
	"writeWithdrawals": {
		Grants:    []access.Capability{access.Withdraw},
		Qualifier: "only to withdrawal addresses registered for the API, and in won", AddressBook: access.BookAlways,
	},
}

// failures: docs.korbit.co.kr and its sample code. The code for a wrong signature is
// not documented. IP_NOT_ALLOWED is from the exchange's own client.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "KEY_NOT_FOUND"),
	wire.Is(access.KindClockSkew, "EXCEED_TIME_WINDOW"),
	wire.Is(access.KindIPNotAllowed, "IP_NOT_ALLOWED"),
	wire.Is(access.KindDisabled, "INVALID_USER_STATUS"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	query := "timestamp=" + wire.Millis(s)
	algorithm, encode := adapter.HMACSHA256, hex.EncodeToString
	if s.KeyKind() == access.Ed25519Key {
		algorithm, encode = adapter.Ed25519, base64.StdEncoding.EncodeToString
	}
	signature, err := s.Sign(ctx, algorithm, query)
	if err != nil {
		return nil, err
	}
	query += "&signature=" + url.QueryEscape(encode(signature))
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKey, Query: query, Header: http.Header{"X-Kapi-Key": {s.Key()}}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	data, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	snap := &access.Snapshot{}
	snap.Label, _ = data.Text("label")
	snap.Account.ID, _ = data.Text("userUuid")
	var states map[string]access.State
	if held, ok := data.Strings("permissions"); ok {
		states = permissions.Listed(held)
	}
	permissions.Apply(snap, states)
	if list, ok := data.Commas("whitelist"); ok { // how an unrestricted key is reported is unconfirmed; an empty list restricts nothing
		snap.IPAllowlist = access.NewIPAllowlist(list)
	}
	snap.Created, _ = data.Millis("createdAt")
	snap.Expires, _ = data.Millis("expiration")
	snap.KeyState = data.State("status", map[string]access.KeyState{"activated": access.KeyActive, "deactivated": access.KeyDisabled})
	if status, ok := data.Text("status"); ok {
		snap.Facts = append(snap.Facts, access.Fact{Name: "status", Value: status})
	}
	readAccounts(data, snap)
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// readAccounts reads which accounts the key may use. If the main account is one of
// them, the key counts as a key of the main account.
func readAccounts(data wire.Object, snap *access.Snapshot) {
	accounts, ok := data.Ints("allowedAccountSeqs")
	if !ok {
		return
	}
	words := make([]string, len(accounts))
	for i, n := range accounts {
		words[i] = strconv.FormatInt(n, 10)
	}
	snap.Facts = append(snap.Facts, access.Fact{Name: "allowedAccountSeqs", Value: strings.Join(words, ",")})
	if len(accounts) == 0 {
		snap.Notes = append(snap.Notes, "The key may use no account.")
		return
	}
	snap.Account.Kind = access.AccountKindOf(slices.Contains(accounts, mainAccount))
}

// unwrap checks the envelope: it says whether the call succeeded, and a failure's
// code is in the member message.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	if done, _ := body.Bool("success"); !done || resp.Status != http.StatusOK {
		failure, _ := body.Object("error")
		code, _ := failure.Text("message")
		message, _ := failure.Text("description")
		return body, refusal(resp, code, message)
	}
	data, ok := body.Object("data")
	if !ok {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return data, nil
}

// refusal reads a code. Those for IP addresses are not documented; the exchange's own
// client goes by parts of the name, which may also be about a country.
func refusal(resp *adapter.Response, code, message string) *access.Error {
	e := failures.Refusal(resp, code, message)
	words := strings.Split(code, "_")
	about := slices.Contains(words, "IP") || strings.Contains(code, "WHITELIST") || strings.Contains(code, "ALLOWLIST")
	if e.Kind == access.KindNotUnderstood && resp.Status == http.StatusForbidden && about {
		wire.OneOf(access.KindIPNotAllowed, access.KindGeoBlocked).Explain(e)
	}
	return e
}
