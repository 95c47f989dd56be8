// Package coinbaseexchange audits API keys of Coinbase Exchange, the institutional
// exchange formerly called GDAX and Coinbase Pro.
//
// The exchange reports nothing about a key itself. A signed read of the profiles shows
// that the key is active and may view. The fee of a withdrawal, which only quotes, is
// filed under the right Transfer: an answer shows that the key may withdraw and
// transfer. A refusal shows nothing, for it also comes to a key of another profile than
// the default one. Keys are HMAC with a passphrase.
//
// Reference: https://docs.cdp.coinbase.com/exchange/rest-api/authentication, and
// https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/transfers/get-fee-estimate;
// the right that this needs is from its earlier edition, as four clients quote it.
// Checked 2026-11-30.
package coinbaseexchange

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path     = "/profiles"
	pathFee  = "/withdrawals/fee-estimate"
	pathTime = "/time"
	title    = "Coinbase Exchange"
	live     = "live"
)

// Exchange is Coinbase Exchange.
var Exchange = &adapter.Exchange{
	Name:    "coinbaseexchange",
	Title:   title,
	Docs:    "https://docs.cdp.coinbase.com/exchange/rest-api/authentication",
	KeyPage: "https://exchange.coinbase.com/apikeys",
	Checked: "2026-11-30",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: live, URLs: []string{"https://api.exchange.coinbase.com"}},
		{Name: "sandbox", URLs: []string{"https://api-public.sandbox.exchange.coinbase.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active and may view"},
		{
			Method: http.MethodGet, Path: pathFee,
			Why:          "the fee of a withdrawal, a read that needs the right Transfer; nothing is withdrawn",
			Environments: []string{live}, // whether the sandbox answers alike is unconfirmed
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64, Passphrase: true,
		KeyForm: wire.Form(wire.Hex + "{32}"), SecretForm: wire.Form("[A-Za-z0-9+/]{86}=="),
	},
	Coverage: adapter.Coverage{
		// All but the first are known while the key holds Transfer, and otherwise unknown.
		Reports:   append([]access.Capability{access.Read}, transfers...),
		Inferred:  true,
		Confirmed: "documentation and independent clients; a refusal does not count as a missing right",
	},
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: 30 * time.Second,
	Notes: []string{
		"A key with the right Transfer sends funds without the account's second factor.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "iso", wire.Object.RFC3339),
}

// transfers is what the right Transfer is for.
var transfers = []access.Capability{access.Withdraw, access.TransferInternal, access.TransferExternal}

// phrases: the exchange has no codes, only messages. The one for an IP address that
// is not allowed is unknown.
var phrases = wire.Failures{
	wire.Is(access.KindBadKey, "invalid api key"),
	wire.Is(access.KindBadSignature, "invalid passphrase", "invalid signature"),
	wire.Is(access.KindClockSkew, "timestamp expired"),
	wire.Is(access.KindRateLimited, "rate limit"),
	wire.Is(access.KindUnavailable, "maintenance", "cancel only"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := get(ctx, s, path, "")
	if err != nil {
		return nil, err
	}
	if err := parseProfiles(resp); err != nil {
		return nil, err
	}
	if s.Environment() != live {
		return silent.Answered(title), nil
	}
	if resp, err = get(ctx, s, pathFee, "currency=BTC"); err != nil {
		return nil, err
	}
	snap := silent.Answered("Apart from the reads it answers, " + title)
	return snap, parseFee(resp, snap)
}

func get(ctx context.Context, s *adapter.Session, path, query string) (*adapter.Response, error) {
	stamp, target := wire.Seconds(s), path
	if query != "" {
		target += "?" + query
	}
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+target)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Query: query, Header: http.Header{
		"Cb-Access-Key":        {s.Key()},
		"Cb-Access-Sign":       {base64.StdEncoding.EncodeToString(signature)},
		"Cb-Access-Timestamp":  {stamp},
		"Cb-Access-Passphrase": {s.Passphrase()},
	}})
}

func parseProfiles(resp *adapter.Response) error {
	if resp.Status != http.StatusOK {
		return refusal(resp)
	}
	list, err := wire.ParseList(resp.Body)
	if err != nil || len(list) == 0 {
		return refusal(resp)
	}
	for _, profile := range list {
		if _, ok := profile.Text("user_id"); !ok {
			return wire.NotUnderstood(resp, profile.Err())
		}
	}
	return nil
}

// parseFee adds what the answer to the call shows about Transfer.
func parseFee(resp *adapter.Response, snap *access.Snapshot) error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	if _, ok := body.Text("fee"); ok && resp.Status == http.StatusOK {
		return silent.AddRight(snap, nil, transfers...)
	}
	e := refusal(resp)
	if e.Kind == access.KindNotUnderstood && resp.Status/100 == 4 {
		e.Code = e.Message // the exchange has no codes: the message says what is wrong with this call
	}
	return silent.AddRight(snap, e, transfers...)
}

func refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	message, _ := body.Text("message")
	e := wire.Failures{}.Refusal(resp, "", message, phrases...)
	if e.Kind == access.KindNotUnderstood && strings.EqualFold(message, "forbidden") {
		e.Kind = access.KindForbidden
	}
	return e
}
