// Package korbit audits API keys of Korbit, which has been named Digital X
// since 2026: one API under two hosts.
//
// The venue tells, for any key and in one request that needs no permission:
// permissions, the bound addresses, creation, expiry, whether the key is
// activated, its name and the sub-accounts it may use. It doesn't tell the last
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

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Korbit.
var Exchange = &audit.Exchange{
	Name:    "korbit",
	Title:   "Korbit (Digital X)",
	Docs:    "https://docs.korbit.co.kr/",
	KeyPage: "https://portal.korbit.co.kr/",
	Checked: "2026-11-22",
	Environments: []audit.Environment{
		{Name: "live", URLs: []string{"https://api.digitalx.miraeasset.com", "https://api.korbit.co.kr"}},
	},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: pathKey, Why: "permissions, addresses and dates of the calling key"},
		{Method: http.MethodGet, Path: pathTime, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret, audit.Ed25519Key}},
	Coverage: audit.Coverage{
		Tells: []audit.Capability{audit.Read, audit.TradeSpot, audit.Withdraw},
		// The list of permissions is complete, and none is for these.
		Absent: []audit.Capability{
			audit.TradeMargin, audit.TradeFutures, audit.TradeOptions, audit.WithdrawAddresses,
			audit.TransferInternal, audit.TransferExternal, audit.SubaccountManage, audit.APIKeyManage,
		},
		Allowlist: audit.Always, AllowlistEntries: audit.Always, Created: audit.Always, Expires: audit.Always, AccountKind: audit.Always,
		Confirmed: "documents and the venue's own command-line client",
	},
	Limit:       audit.Limit{Requests: 50, Per: time.Second},
	ClockWindow: 5 * time.Second,
	Notes: []string{
		"Keys work for one year from their making; a change of one takes up to about a minute.",
		"Withdrawals go only to addresses registered beforehand for the API, and only from the main account.",
		"Ed25519 keys are safer than HMAC ones: the venue never has the private half.",
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
	"readBalances":     rights.For(audit.Read),
	"readOrders":       rights.For(audit.Read),
	"readDeposits":     rights.For(audit.Read),
	"readWithdrawals":  rights.For(audit.Read),
	"writeOrders":      rights.For(audit.TradeSpot),
	"writeDeposits":    rights.For(audit.Other("deposit")),
	"writeWithdrawals": {Grants: []audit.Capability{audit.Withdraw}, Qualifier: "to addresses registered for the API, and in won", AddressBook: audit.BookAlways},
}

// failures: docs.korbit.co.kr and its sample code. What a wrong signature gets
// is not documented. IP_NOT_ALLOWED is from the venue's own client.
var failures = wire.Failures{
	"KEY_NOT_FOUND":       wire.Is(audit.KindBadKey),
	"EXCEED_TIME_WINDOW":  wire.Is(audit.KindClockSkew),
	"IP_NOT_ALLOWED":      wire.Is(audit.KindIPNotAllowed),
	"INVALID_USER_STATUS": wire.Is(audit.KindDisabled),
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	query := "timestamp=" + strconv.FormatInt(s.Now().UnixMilli(), 10)
	algorithm, encode := audit.HMACSHA256, hex.EncodeToString
	if s.KeyKind() == audit.Ed25519Key {
		algorithm, encode = audit.Ed25519, base64.StdEncoding.EncodeToString
	}
	signature, err := s.Sign(ctx, algorithm, query)
	if err != nil {
		return nil, err
	}
	query += "&signature=" + url.QueryEscape(encode(signature))
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: pathKey, Query: query, Header: http.Header{"X-Kapi-Key": {s.Key()}}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *audit.Response) (*audit.Snapshot, error) {
	data, refusal := unwrap(resp)
	if refusal != nil {
		return nil, refusal
	}
	snap := &audit.Snapshot{}
	snap.Label, _ = data.Text("label")
	snap.Account.ID, _ = data.Text("userUuid")
	var states map[string]audit.State
	if held, ok := data.Strings("permissions"); ok {
		states = permissions.Listed(held)
	}
	permissions.Apply(snap, states)
	if list, ok := data.Commas("whitelist"); ok { // how an open one is written is unconfirmed; an empty one binds nothing
		snap.IPAllowlist = audit.NewIPAllowlist(list)
	}
	snap.Created, _ = data.Millis("createdAt")
	snap.Expires, _ = data.Millis("expiration")
	snap.KeyState = data.State("status", map[string]audit.KeyState{"activated": audit.KeyActive, "deactivated": audit.KeyDisabled})
	if status, ok := data.Text("status"); ok {
		snap.Facts = append(snap.Facts, audit.Fact{Name: "status", Value: status})
	}
	readAccounts(data, snap)
	if err := data.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// readAccounts reads which accounts the key may use. One that may use the main
// account among others counts as a key of the main account.
func readAccounts(data wire.Object, snap *audit.Snapshot) {
	accounts, ok := data.Ints("allowedAccountSeqs")
	if !ok {
		return
	}
	words := make([]string, len(accounts))
	for i, n := range accounts {
		words[i] = strconv.FormatInt(n, 10)
	}
	snap.Facts = append(snap.Facts, audit.Fact{Name: "allowedAccountSeqs", Value: strings.Join(words, ",")})
	if len(accounts) == 0 {
		snap.Notes = append(snap.Notes, "The key may use no account.")
		return
	}
	snap.Account.Kind = audit.AccountKindOf(slices.Contains(accounts, mainAccount))
}

// unwrap checks the envelope: success is said, and a failure's code stands
// where a message would.
func unwrap(resp *audit.Response) (wire.Object, *audit.Error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	if done, _ := body.Bool("success"); !done || resp.Status != http.StatusOK {
		failure, _ := body.Object("error")
		code, _ := failure.Text("message")
		message, _ := failure.Text("description")
		return body, refused(resp, code, message)
	}
	data, ok := body.Object("data")
	if !ok {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return data, nil
}

// refused reads a code. Those of refused addresses are not documented; the
// venue's own client goes by what is in the name, which may as well speak of a
// country.
func refused(resp *audit.Response, code, message string) *audit.Error {
	e := failures.Refusal(resp, code, message)
	words := strings.Split(code, "_")
	about := slices.Contains(words, "IP") || strings.Contains(code, "WHITELIST") || strings.Contains(code, "ALLOWLIST")
	if e.Kind == audit.KindNotUnderstood && resp.Status == http.StatusForbidden && about {
		e.Kind, e.Candidates = audit.KindAmbiguous, []audit.Kind{audit.KindIPNotAllowed, audit.KindGeoBlocked}
	}
	return e
}
