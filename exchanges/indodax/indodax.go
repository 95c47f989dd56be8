// Package indodax audits API keys of Indodax.
//
// The exchange reports nothing about a key itself. A read of the account shows that the
// key is active and may view. The fee of a withdrawal, which only quotes, belongs to the
// right to withdraw: an answer shows that right, by which funds can also be sent to other
// users by name. A refusal does not show that it is missing: that the exchange follows
// its documentation here is not confirmed. Nothing that only reads needs the right to
// trade. All calls are POST to one path, the reads too. Keys are HMAC.
//
// Requests carry a nonce that must grow, or a timestamp in its place, which is what is
// sent here.
//
// Reference: https://github.com/btcid/indodax-official-api-docs, Private-RestAPI.md of
// 2026-04-14, and an independent client for the message about signatures; checked
// 2026-11-30.
package indodax

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path       = "/tapi"
	methodInfo = "method=getInfo&"
	methodFee  = "method=withdrawFee&"
	title      = "Indodax"
	window     = 5000 // milliseconds
)

// Exchange is Indodax.
var Exchange = &adapter.Exchange{
	Name:         "indodax",
	Title:        title,
	Docs:         "https://github.com/btcid/indodax-official-api-docs/blob/master/Private-RestAPI.md",
	KeyPage:      "https://indodax.com/trade_api",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://indodax.com"}}},
	Calls: []adapter.Call{
		{
			Method: http.MethodPost, Path: path, Body: methodInfo,
			Why: "the account (getInfo), a read, although sent by POST, that shows that the key is active; nothing of it is kept",
		},
		{
			Method: http.MethodPost, Path: path, Body: methodFee,
			Why: "the fee of a withdrawal (withdrawFee), a read, although sent by POST, that needs the right to withdraw; nothing is withdrawn",
		},
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form("(?:[A-Z0-9]{8}-){4}[A-Z0-9]{8}"), SecretForm: wire.Form(wire.Hex + "{80}"),
	},
	Coverage: adapter.Coverage{
		// All but the first are known while the key holds them, and otherwise unknown.
		Reports:   append([]access.Capability{access.Read}, payouts...),
		Inferred:  true,
		Confirmed: "documentation and an independent client; a refusal does not count as a missing right",
	},
	Limit:       adapter.Limit{Requests: 2, Per: time.Second}, // not documented for these calls
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"A withdrawal by API needs a callback URL of the owner, which must confirm each one.",
	},
	Inspect: inspect,
}

// payouts is what the right to withdraw is for.
var payouts = []access.Capability{access.Withdraw, access.TransferExternal}

// failures: the documentation, and an independent client. One code has two meanings.
var (
	failures = wire.Failures{
		wire.OneOf(access.KindBadKey, access.KindBadSignature).For("invalid_credentials"),
		wire.Is(access.KindRateLimited, "too_many_requests"),
	}
	credentials = wire.Failures{
		wire.Is(access.KindBadKey, "api not found"),
		wire.Is(access.KindBadSignature, "bad sign"),
	}
)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := post(ctx, s, methodInfo, "")
	if err != nil {
		return nil, err
	}
	if err := parse(resp, "user_id"); err != nil {
		return nil, err
	}
	if resp, err = post(ctx, s, methodFee, "&currency=btc"); err != nil {
		return nil, err
	}
	snap := silent.Answered("Apart from the reads it answers, " + title)
	return snap, silent.AddRight(snap, parse(resp, "withdraw_fee"), payouts...)
}

func post(ctx context.Context, s *adapter.Session, method, parameters string) (*adapter.Response, error) {
	body := method + "timestamp=" + wire.Millis(s) + "&recvWindow=" + strconv.Itoa(window) + parameters
	signature, err := s.Sign(ctx, adapter.HMACSHA512, body)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: path, Body: body, Header: http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"Key":          {s.Key()},
		"Sign":         {hex.EncodeToString(signature)},
	}})
}

// parse checks that an answer has a member, and keeps nothing of it.
func parse(resp *adapter.Response, member string) error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	success, _ := body.Bool("success")
	result, ok := body.Object("return")
	if !success || !ok || resp.Status != http.StatusOK || body.Has("error") {
		return refusal(resp, body)
	}
	if _, ok := result.Text(member); !ok {
		return wire.NotUnderstood(resp, body.Err())
	}
	return nil
}

// refusal reads a code, which may be empty: then the message is all there is.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	code, _ := body.Text("error_code")
	message, _ := body.Text("error")
	e := failures.Refusal(resp, code, message)
	if known, ok := credentials.Phrase(message); ok && e.Kind == access.KindAmbiguous {
		known.Explain(e)
	}
	if body.Has("error") && e.Code == "" {
		e.Code = message
	}
	return e
}
