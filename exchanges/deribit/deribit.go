// Package deribit audits API keys of Deribit.
//
// The answer to a request for a token reports, for any key, its scope: what it may
// do, and whether it belongs to the main account. The list of the account's keys
// reports more (IP allowlists, labels, maximum scopes, the other keys), but only to
// a key that may read account data, and only if no second factor is required;
// otherwise the IP allowlist stays unknown. The list has only one time for each key,
// which may be its creation or its last change. Expiry and last use are not
// reported.
//
// The token is requested by client_signature, so that the secret is never sent. It
// is never used: the list is requested with a signature of its own. The reference
// has client_signature on the page of public/auth, for every transport; its guide
// shows it on a WebSocket, and clients use it over HTTP. No scope is requested,
// because a token would not report more than was requested.
//
// Only keys with a shared secret: how a key pair's signature is written is not
// documented.
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
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://www.deribit.com"}},
		{Name: "testnet", URLs: []string{"https://test.deribit.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodPost, Path: pathAuth,
			Why: "the scope of the calling key; the token that comes with it is discarded unused",
		},
		{
			Method: http.MethodGet, Path: pathKeys,
			Why: "IP allowlists and maximum scopes of the account's keys", When: "the key may read account data",
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form(wire.Letters + "{8,10}"), SecretForm: wire.Form("[A-Za-z0-9_-]{43}|[A-Z0-9]{32}"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw, access.WithdrawAddresses,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Sometimes, AllowlistEntries: adapter.Sometimes, AccountKind: adapter.Always, Siblings: adapter.Sometimes,
		Confirmed: "documentation, and answers recorded by independent clients",
	},
	Limit:       adapter.Limit{Requests: 2, Per: time.Second}, // the figures of the credit system are unknown
	ClockWindow: window,
	Notes: []string{
		"Withdrawals go to withdrawal addresses in the account's address book, and wallet:read_write lets a key add to it; " +
			"a second factor is required only if the account has security keys.",
		"A key's ID and secret also open a session on the website, within the key's scope.",
		"A key that may read account data may be able to see the secrets of the account's other keys.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, func(r *adapter.Response) (wire.Object, error) { return unwrap(r, "") }, "result", wire.Object.Millis),
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
	if granted.mainAccount || !granted.incomplete {
		snap.Account.Kind = access.AccountKindOf(granted.mainAccount)
	}
	if level := granted.levels["account"]; level == "read" || level == "read_write" {
		if err := addList(ctx, s, snap, &granted); err != nil {
			return nil, err
		}
	} else {
		snap.Notes = append(snap.Notes, "The key may not read account data, so its IP allowlist is unknown: "+checkAllowlist)
	}
	if granted.incomplete {
		snap.Notes = append(snap.Notes, "The key may be able to do more than the reported scope: check the key's page.")
	}
	permissions.Apply(snap, granted.states())
	return snap, nil
}

const checkAllowlist = "check the key's page, then attest the rule ip-allowlist."

// askScope requests a token and keeps only its scope.
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
	answer, err := unwrap(resp, stamp)
	if err != nil {
		return scope{}, err
	}
	result, ok := answer.Object("result")
	for _, name := range []string{"access_token", "refresh_token"} {
		token, _ := result.Text(name)
		s.Hide(token)
	}
	text, reported := result.Text("scope")
	if !ok || !reported || answer.Err() != nil {
		return scope{}, wire.NotUnderstood(resp, errors.Join(answer.Err(), errors.New("the answer doesn't report the scope")))
	}
	return readScope(text), nil
}

// addList adds what the list of keys reports. A refusal of this one call leaves it
// unknown.
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
	answer, err := unwrap(resp, stamp)
	if err == nil {
		err = challenged(resp)
	}
	if err != nil {
		var refusal *access.Error
		if !errors.As(err, &refusal) || (refusal.Kind != access.KindForbidden && refusal.Kind != access.KindSecondFactor) {
			return err
		}
		snap.Notes = append(snap.Notes,
			"The exchange didn't show the list of keys ("+refusal.Message+"), so the key's IP allowlist is unknown: "+checkAllowlist)
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
	return wire.Millis(s), hex.EncodeToString(s.Random(4))
}

// unwrap checks the envelope. A timestamp that is too old is refused as if
// something else were wrong; the answer's own time shows it.
func unwrap(resp *adapter.Response, stamp string) (wire.Object, error) {
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
		at, reported := body.Int("usIn")
		sent, err := strconv.ParseInt(stamp, 10, 64)
		if slices.Contains(e.Candidates, access.KindClockSkew) && reported && err == nil && time.UnixMicro(at).Sub(time.UnixMilli(sent)).Abs() > window {
			e.Kind, e.Candidates = access.KindClockSkew, nil
		}
		return body, e
	}
	if resp.Status != http.StatusOK || body.Err() != nil {
		return body, wire.NotUnderstood(resp, body.Err())
	}
	return body, nil
}

// challenged is an error if the answer asks for a second factor, which it does as a
// success and in place of the list.
func challenged(resp *adapter.Response) error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	result, _ := body.Object("result")
	if asked, _ := result.Bool("security_key_authorization_required"); asked {
		return &access.Error{Kind: access.KindSecondFactor, Status: resp.Status, Message: "it requires the account's second factor"}
	}
	return nil
}
