// Package coinbaseprime audits API keys of Coinbase Prime.
//
// The venue tells nothing about a key. A signed read of the portfolios shows
// that the key is alive and how many portfolios it reaches. Keys are HMAC with a
// passphrase; the signing key is used as text.
//
// Reference: https://docs.cdp.coinbase.com/prime/rest-api/rest-requests,
// checked 2026-11-22.
package coinbaseprime

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path  = "/v1/portfolios"
	title = "Coinbase Prime"
)

// Exchange is Coinbase Prime.
var Exchange = &audit.Exchange{
	Name:         "coinbaseprime",
	Title:        title,
	Docs:         "https://docs.cdp.coinbase.com/prime/rest-api/rest-requests",
	KeyPage:      "https://prime.coinbase.com/settings/api",
	Checked:      "2026-11-22",
	Environments: []audit.Environment{{Name: "live", URLs: []string{"https://api.prime.coinbase.com"}}},
	Calls:        []audit.Call{{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is alive, and how many portfolios it reaches"}},
	Needs:        audit.Needs{Kinds: []audit.KeyKind{audit.SharedSecret}, Passphrase: true},
	Coverage:     silent.Coverage("documents"),
	Limit:        audit.Limit{Requests: 25, Per: time.Second},
	ClockWindow:  30 * time.Second,
	Notes: []string{
		"Withdrawals by API need approval in the web page and a destination of the address book, unless the owner switched these off; neither can be read.",
		"A key is made for a portfolio, an entity or a whole organisation.",
	},
	Inspect: inspect,
}

func inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	stamp := strconv.FormatInt(s.Now().Unix(), 10)
	signature, err := s.Sign(ctx, audit.HMACSHA256, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, audit.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"X-Cb-Access-Key":        {s.Key()},
		"X-Cb-Access-Signature":  {base64.StdEncoding.EncodeToString(signature)},
		"X-Cb-Access-Timestamp":  {stamp},
		"X-Cb-Access-Passphrase": {s.Passphrase()},
		"Accept":                 {"application/json"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

// parse: the venue documents no error bodies, only what the statuses mean.
func parse(resp *audit.Response) (*audit.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	switch resp.Status {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return nil, &audit.Error{Kind: audit.KindAmbiguous, Status: resp.Status, Candidates: []audit.Kind{
			audit.KindBadKey, audit.KindBadSignature, audit.KindClockSkew, audit.KindIPNotAllowed,
		}}
	case http.StatusForbidden:
		e := &audit.Error{Kind: audit.KindAmbiguous, Status: resp.Status, Candidates: []audit.Kind{audit.KindForbidden, audit.KindIPNotAllowed}}
		if err != nil { // perhaps a page of the network in front of the venue
			e.Candidates = append(e.Candidates, audit.KindBanned, audit.KindGeoBlocked)
		}
		return nil, e
	default:
		return nil, wire.NotUnderstood(resp, err)
	}
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	portfolios, ok := body.Objects("portfolios")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := silent.Alive(title)
	snap.Facts = []audit.Fact{{Name: "portfolios", Value: strconv.Itoa(len(portfolios))}}
	return snap, nil
}
