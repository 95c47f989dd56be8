// Package coinbaseexchange audits API keys of Coinbase Exchange, the
// institutional venue that was once called GDAX and Pro.
//
// The venue tells nothing about a key. A signed read of the profiles shows that
// the key is alive and may view. Keys are HMAC with a passphrase.
//
// Reference: https://docs.cdp.coinbase.com/exchange/rest-api/authentication,
// checked 2026-11-22.
package coinbaseexchange

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path     = "/profiles"
	pathTime = "/time"
	title    = "Coinbase Exchange"
)

// Exchange is Coinbase Exchange.
var Exchange = &audit.Exchange{
	Name:    "coinbaseexchange",
	Title:   title,
	Docs:    "https://docs.cdp.coinbase.com/exchange/rest-api/authentication",
	KeyPage: "https://exchange.coinbase.com/apikeys",
	Checked: "2026-11-22",
	Environments: []audit.Environment{
		{Name: "live", URLs: []string{"https://api.exchange.coinbase.com"}},
		{Name: "sandbox", URLs: []string{"https://api-public.sandbox.exchange.coinbase.com"}, Test: true},
	},
	Calls: []audit.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is alive and may view"},
		{Method: http.MethodGet, Path: pathTime, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	},
	Needs:       audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret}, Encoding: audit.Base64, Passphrase: true},
	Coverage:    silent.Coverage("documents and an independent client"),
	Limit:       audit.Limit{Requests: 5, Per: time.Second},
	ClockWindow: 30 * time.Second,
	Notes: []string{
		"The right Transfer sends funds without asking for the account's second factor.",
		"A key belongs to one profile.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, wire.Bare, "iso", wire.Object.RFC3339),
}

// refusals: the venue has no codes, only words. Those of a refused address are
// not known, so what speaks of one is matched leniently, and doesn't prove that
// the key has an allowlist.
var refusals = []struct {
	words []string
	wire.Failure
}{
	{[]string{"invalid api key"}, wire.Is(audit.KindBadKey)},
	{[]string{"invalid passphrase"}, wire.Is(audit.KindBadSignature)},
	{[]string{"invalid signature"}, wire.Is(audit.KindBadSignature)},
	{[]string{"timestamp expired"}, wire.Is(audit.KindClockSkew)},
	{[]string{"rate limit"}, wire.Is(audit.KindRateLimited)},
	{[]string{"maintenance"}, wire.Is(audit.KindUnavailable)},
	{[]string{"cancel only"}, wire.Is(audit.KindUnavailable)},
	{[]string{"ip", "allow"}, addressPerhaps},
	{[]string{"ip", "whitelist"}, addressPerhaps},
	{[]string{"forbidden"}, wire.Is(audit.KindForbidden)},
}

var addressPerhaps = wire.OneOf(audit.KindIPNotAllowed, audit.KindForbidden, audit.KindGeoBlocked)

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().Unix(), 10)
	signature, err := s.Sign(ctx, audit.HMACSHA256, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: path, Header: http.Header{
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

func parse(resp *audit.Response) (*audit.Snapshot, error) {
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
	return silent.Alive(title), nil
}

func refusal(resp *audit.Response) *audit.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	message, _ := body.Text("message")
	words := strings.FieldsFunc(strings.ToLower(message), func(r rune) bool { return r < 'a' || r > 'z' })
	text := strings.Join(words, " ")
	for _, r := range refusals {
		all := true
		for _, word := range r.words {
			all = all && strings.Contains(" "+text, " "+word)
		}
		if all {
			return &audit.Error{Kind: r.Kind, Candidates: r.Candidates, Status: resp.Status, Message: message}
		}
	}
	return wire.Failures{}.Refusal(resp, "", message)
}
