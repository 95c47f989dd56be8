// Package coinbaseprime audits API keys of Coinbase Prime.
//
// The exchange reports nothing about a key. A signed read of the portfolios shows
// that the key is active and how many portfolios it can access. Keys are HMAC with
// a passphrase; the signing key is used as text.
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

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path  = "/v1/portfolios"
	title = "Coinbase Prime"
)

// Exchange is Coinbase Prime.
var Exchange = &adapter.Exchange{
	Name:         "coinbaseprime",
	Title:        title,
	Docs:         "https://docs.cdp.coinbase.com/prime/rest-api/rest-requests",
	KeyPage:      "https://prime.coinbase.com/settings/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.prime.coinbase.com"}}},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: path,
			Why: "a read that shows that the key is active, and how many portfolios it can access",
		},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Passphrase: true},
	Coverage:    silent.Coverage("documentation"),
	Limit:       adapter.Limit{Requests: 25, Per: time.Second},
	ClockWindow: 30 * time.Second,
	Notes: []string{
		"Withdrawals by API need approval on the website and a destination from the address book, unless the owner " +
			"switched these off; neither setting can be read.",
	},
	Inspect: inspect,
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Seconds(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
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

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	switch {
	case resp.Status/100 != 2:
		return nil, refusal(resp, body, err)
	case err != nil || resp.Status != http.StatusOK:
		return nil, wire.NotUnderstood(resp, err)
	}
	portfolios, ok := body.Objects("portfolios")
	if !ok {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := silent.Answered(title)
	snap.Facts = []access.Fact{{Name: "portfolios", Value: strconv.Itoa(len(portfolios))}}
	return snap, nil
}

// refusal: the exchange documents no error bodies, only what the statuses mean.
func refusal(resp *adapter.Response, body wire.Object, unreadable error) *access.Error {
	message, _ := body.Text("message")
	e := wire.Failures{}.Refusal(resp, "", message)
	switch {
	case e.Kind != access.KindNotUnderstood:
	case resp.Status == http.StatusUnauthorized:
		wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed).Explain(e)
	case resp.Status == http.StatusForbidden && unreadable != nil: // perhaps of the network in front of the exchange
		wire.OneOf(access.KindForbidden, access.KindIPNotAllowed, access.KindBanned, access.KindGeoBlocked).Explain(e)
	case resp.Status == http.StatusForbidden:
		wire.OneOf(access.KindForbidden, access.KindIPNotAllowed).Explain(e)
	}
	return e
}
