// Package deribit audits API keys of Deribit.
//
// Asking for a token tells, for any key, its scope: what it may do, and whether
// it belongs to the main account. The list of the account's keys tells more
// (addresses, the label, the greatest scope, the other keys), to a key that may
// read account data and where no second factor is asked for; else the addresses
// stay unknown. Of when a key was made the list only has a time that may as well
// be that of its last change. Expiry and last use are not told.
//
// The token is asked for by client_signature, so that the secret is never sent,
// and never used: the list is asked for with a signature of its own. The
// reference has client_signature on the page of public/auth, for every
// transport; its guide shows it on a WebSocket, and clients use it over HTTP.
// No scope is asked for, since what isn't asked for isn't granted either.
//
// Keys with a shared secret only: how the signature of a key pair is written is
// not documented.
//
// Reference: https://docs.deribit.com/api-reference/authentication/public-auth and
// https://docs.deribit.com/api-reference/account-management/private-list_api_keys,
// checked 2026-11-22.
package deribit

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
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Deribit.
var Exchange = &adapter.Exchange{
	Name:    "deribit",
	Title:   "Deribit",
	Docs:    "https://docs.deribit.com/api-reference/account-management/private-list_api_keys",
	KeyPage: "https://www.deribit.com/account/BTC/api",
	Checked: "2026-11-22",
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://www.deribit.com"}},
		{Name: "testnet", URLs: []string{"https://test.deribit.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: pathAuth, Why: "the scope of the calling key; the token that comes with it is dropped unused"},
		{Method: http.MethodGet, Path: pathKeys, Why: "addresses and greatest scopes of the account's keys", When: "the key may read account data"},
		{Method: http.MethodGet, Path: pathTime, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw, access.WithdrawAddresses,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Sometimes, AllowlistEntries: adapter.Sometimes, AccountKind: adapter.Always, Siblings: adapter.Sometimes,
		Confirmed: "documents and answers recorded by independent clients",
	},
	Limit:       adapter.Limit{Requests: 2, Per: time.Second}, // the figures of the credit system were not read
	ClockWindow: window,
	Notes: []string{
		"Withdrawals go to addresses of the account's address book, and wallet:read_write lets a key add to it; " +
			"only where the account has security keys is a second factor asked for.",
		"Id and secret of a key also open a session on the website, within the key's scope.",
		"A key that may read account data may be shown the secrets of the account's other keys.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, func(r *adapter.Response) (wire.Object, *access.Error) { return unwrap(r, "") }, "result", wire.Object.Millis),
}

const (
	pathAuth = "/api/v2/public/auth"
	pathKeys = "/api/v2/private/list_api_keys"
	pathTime = "/api/v2/public/get_time"
	window   = time.Minute
)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	granted, err := askScope(ctx, s)
	if err != nil {
		return nil, err
	}
	snap := &access.Snapshot{Answer: access.Answer{Label: granted.label}}
	if granted.main || !granted.doubtful {
		snap.Account.Kind = access.AccountKindOf(granted.main)
	}
	if level := granted.levels["account"]; level == "read" || level == "read_write" {
		if err := addList(ctx, s, snap, &granted); err != nil {
			return nil, err
		}
	} else {
		snap.Notes = append(snap.Notes, "The key may not read account data, so its addresses are not known: look at the key's page, and attest the rule ip-allowlist.")
	}
	if granted.doubtful {
		snap.Notes = append(snap.Notes, "The key may be able to do more than the scope that was told: look at the key's page.")
	}
	permissions.Apply(snap, granted.states())
	return snap, nil
}

// askScope asks for a token and keeps its scope only.
func askScope(ctx context.Context, s *adapter.Session) (scope, error) {
	stamp, nonce := stampAndNonce(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+"\n"+nonce+"\n")
	if err != nil {
		return scope{}, err
	}
	body, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "public/auth",
		"params": map[string]any{
			"grant_type": "client_signature", "client_id": s.Key(), "timestamp": json.Number(stamp), "nonce": nonce, "data": "",
			"signature": hex.EncodeToString(signature),
		},
	})
	if err != nil {
		return scope{}, err
	}
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: pathAuth, Body: string(body), Header: http.Header{"Content-Type": {"application/json"}},
	})
	if err != nil {
		return scope{}, err
	}
	answer, refusal := unwrap(resp, stamp)
	if refusal != nil {
		return scope{}, refusal
	}
	result, ok := answer.Object("result")
	for _, name := range []string{"access_token", "refresh_token"} {
		token, _ := result.Text(name)
		s.Hide(token)
	}
	text, told := result.Text("scope")
	if !ok || !told || answer.Err() != nil {
		return scope{}, wire.NotUnderstood(resp, errors.Join(answer.Err(), errors.New("the answer doesn't tell the scope")))
	}
	return readScope(text), nil
}

// addList adds what the list of keys tells. A refusal that is about this call
// alone leaves it unknown.
func addList(ctx context.Context, s *adapter.Session, snap *access.Snapshot, granted *scope) error {
	stamp, nonce := stampAndNonce(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, strings.Join([]string{stamp, nonce, http.MethodGet, pathKeys, "", ""}, "\n"))
	if err != nil {
		return err
	}
	authorization := "deri-hmac-sha256 id=" + s.Key() + ",ts=" + stamp + ",sig=" + hex.EncodeToString(signature) + ",nonce=" + nonce
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKeys, Header: http.Header{"Authorization": {authorization}}})
	if err != nil {
		return err
	}
	answer, refusal := unwrap(resp, stamp)
	if refusal == nil {
		refusal = challenged(resp)
	}
	if refusal != nil {
		if !slices.Contains([]access.Kind{access.KindForbidden, access.KindSecondFactor}, refusal.Kind) {
			return refusal
		}
		snap.Notes = append(snap.Notes, "The exchange didn't show the list of keys ("+refusal.Message+"), so the key's addresses are not known: "+
			"look at the key's page, and attest the rule ip-allowlist.")
		return nil
	}
	list, ok := answer.Objects("result")
	if !ok {
		return wire.NotUnderstood(resp, answer.Err())
	}
	readList(list, s, snap, granted)
	if err := answer.Err(); err != nil {
		return wire.NotUnderstood(resp, err)
	}
	return nil
}

func stampAndNonce(s *adapter.Session) (stamp, nonce string) {
	return strconv.FormatInt(s.Now().UnixMilli(), 10), hex.EncodeToString(s.Random(4))
}

// unwrap checks the envelope. A timestamp that is too old is refused as if
// something else were wrong; the answer's own time tells.
func unwrap(resp *adapter.Response, stamp string) (wire.Object, *access.Error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	if failure, ok := body.Object("error"); ok {
		code, _ := failure.Text("code")
		message, _ := failure.Text("message")
		if data, ok := failure.Object("data"); ok {
			reason, _ := data.Text("reason")
			message = strings.TrimSuffix(message+": "+reason, ": ")
		}
		e := failures.Refusal(resp, code, message)
		at, told := body.Int("usIn")
		sent, err := strconv.ParseInt(stamp, 10, 64)
		if slices.Contains(e.Candidates, access.KindClockSkew) && told && err == nil && time.UnixMicro(at).Sub(time.UnixMilli(sent)).Abs() > window {
			e.Kind, e.Candidates = access.KindClockSkew, nil
		}
		return body, e
	}
	if resp.Status != http.StatusOK || body.Err() != nil {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return body, nil
}

// challenged recognises the question for a second factor, which comes as a
// success and in the list's place.
func challenged(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	result, _ := body.Object("result")
	if asked, _ := result.Bool("security_key_authorization_required"); asked {
		return &access.Error{Kind: access.KindSecondFactor, Status: resp.Status, Message: "it asks for the account's second factor"}
	}
	return nil
}
