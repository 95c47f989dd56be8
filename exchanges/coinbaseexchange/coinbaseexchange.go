// Package coinbaseexchange audits API keys of Coinbase Exchange, the institutional
// exchange formerly called GDAX and Coinbase Pro.
//
// The exchange reports nothing about a key. A signed read of the profiles shows
// that the key is active and may view. Keys are HMAC with a passphrase.
//
// Reference: https://docs.cdp.coinbase.com/exchange/rest-api/authentication,
// checked 2026-11-22.
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
	pathTime = "/time"
	title    = "Coinbase Exchange"
)

// Exchange is Coinbase Exchange.
var Exchange = &adapter.Exchange{
	Name:    "coinbaseexchange",
	Title:   title,
	Docs:    "https://docs.cdp.coinbase.com/exchange/rest-api/authentication",
	KeyPage: "https://exchange.coinbase.com/apikeys",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.exchange.coinbase.com"}},
		{Name: "sandbox", URLs: []string{"https://api-public.sandbox.exchange.coinbase.com"}, Test: true},
	},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active and may view"},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret}, Encoding: adapter.Base64, Passphrase: true,
		KeyForm: wire.Form(wire.Hex + "{32}"), SecretForm: wire.Form("[A-Za-z0-9+/]{86}=="),
	},
	Coverage:    silent.Coverage("documentation and an independent client"),
	Limit:       adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow: 30 * time.Second,
	Notes: []string{
		"A key with the right Transfer sends funds without the account's second factor.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "iso", wire.Object.RFC3339),
}

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
	stamp := wire.Seconds(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"Cb-Access-Key":        {s.Key()},
		"Cb-Access-Sign":       {base64.StdEncoding.EncodeToString(signature)},
		"Cb-Access-Timestamp":  {stamp},
		"Cb-Access-Passphrase": {s.Passphrase()},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	if resp.Status != http.StatusOK {
		return nil, refusal(resp)
	}
	list, err := wire.ParseList(resp.Body)
	if err != nil || len(list) == 0 {
		return nil, refusal(resp)
	}
	for _, profile := range list {
		if _, ok := profile.Text("user_id"); !ok {
			return nil, wire.NotUnderstood(resp, profile.Err())
		}
	}
	return silent.Answered(title), nil
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
