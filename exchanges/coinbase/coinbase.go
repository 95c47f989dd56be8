// Package coinbase audits CDP API keys of Coinbase: the Coinbase App and its
// Advanced Trade API.
//
// The exchange tells whether a key may view, trade and transfer, and the portfolio
// it is bound to; only a key that may view can ask. It doesn't tell the key's
// addresses, creation, expiry, last use or name. It has portfolios in place of
// sub-accounts. Its sandbox doesn't answer this call.
//
// Keys are Ed25519 or ECDSA P-256; each request carries a token of its own. The
// older HMAC keys are left out: nothing says whether this call answers them.
//
// Reference: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions
// and https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-scopes,
// checked 2026-11-22.
package coinbase

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/jwt"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Coinbase.
var Exchange = &adapter.Exchange{
	Name:         "coinbase",
	Title:        "Coinbase",
	Docs:         "https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions",
	KeyPage:      "https://portal.cdp.coinbase.com/projects/api-keys",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.coinbase.com"}}},
	Calls:        []adapter.Call{{Method: http.MethodGet, Path: pathPermissions, Why: "permissions and portfolio of the calling key"}},
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.Ed25519Key, access.ECDSAKey}, Encoding: adapter.KeyText},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
		},
		// No permission is for these. The right to trade also manages
		// portfolios and may reach margin and options, which nothing tells: so
		// those are in neither list.
		Absent:    []access.Capability{access.WithdrawAddresses, access.APIKeyManage},
		Confirmed: "documents and two independent clients",
	},
	Limit:       adapter.Limit{Requests: 30, Per: time.Second},
	ClockWindow: lifetime,
	Notes: []string{
		"Coinbase now and then refuses a valid token (HTTP 401): audit the key again before you replace it.",
		"Coinbase's pages disagree on whether this API takes Ed25519 keys: if one is refused, try an ECDSA key.",
		"A key is bound to one portfolio. A second factor is asked for when a key is made, and not when it sends funds.",
	},
	Inspect: inspect,
}

const (
	pathPermissions = "/api/v3/brokerage/key_permissions"
	lifetime        = 120 * time.Second // of a token
)

// permissions: the key dialog's View, Trade and Transfer. What else they open
// is on the page of scopes; options are unconfirmed.
var permissions = rights.Table{
	"can_view": rights.For(access.Read).Implying("can make payment links, on accounts of Coinbase Business"),
	"can_trade": rights.For(access.TradeSpot, access.TradeFutures).Implying(
		"can convert currencies, and create, rename and delete portfolios",
		"reaches block trades, and perhaps options, of the exchange's derivatives gateway where the account has it",
	),
	"can_transfer": rights.For(access.Withdraw, access.TransferInternal, access.TransferExternal),
}

// failures are by error id. A refused token mostly gets plain text and no id;
// a blocked address gets the same answer (a third party's report).
var failures = wire.Failures{
	"authentication_error":           unauthorised,
	"invalid_token":                  unauthorised,
	"revoked_token":                  unauthorised,
	"expired_token":                  unauthorised,
	"PERMISSION_DENIED":              wire.Is(access.KindForbidden),
	"invalid_scope":                  wire.Is(access.KindForbidden),
	"unverified_email":               wire.Is(access.KindForbidden),
	"identity_verification_required": wire.Is(access.KindForbidden),
	"personal_details_required":      wire.Is(access.KindForbidden),
	"two_factor_required":            wire.Is(access.KindSecondFactor),
	"rate_limit_exceeded":            wire.Is(access.KindRateLimited),
	"resource_exhausted":             wire.Is(access.KindRateLimited),
	"internal_server_error":          wire.Is(access.KindUnavailable),
}

var unauthorised = wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	algorithm, name := adapter.ES256, "ES256"
	if s.KeyKind() == access.Ed25519Key {
		algorithm, name = adapter.Ed25519, "EdDSA"
	}
	// A second back: a clock corrected by a Date header, which counts whole
	// seconds, can be half a second ahead.
	from := s.Now().Add(-time.Second)
	unsigned := token(name, s.Key(), hex.EncodeToString(s.Random(16)), http.MethodGet+" "+s.Host()+pathPermissions, from)
	signed, err := jwt.Sign(ctx, s, algorithm, unsigned)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathPermissions, Header: http.Header{
		"Accept":        {"application/json"},
		"Authorization": {"Bearer " + signed},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, from)
}

// token is what is signed: header and claims of a token that is good for one
// request, from a time on.
func token(algorithm, key, nonce, uri string, from time.Time) string {
	header := struct {
		Algorithm string `json:"alg"`
		Type      string `json:"typ"`
		Key       string `json:"kid"`
		Nonce     string `json:"nonce"`
	}{algorithm, "JWT", key, nonce}
	claims := struct {
		Subject   string `json:"sub"`
		Issuer    string `json:"iss"`
		NotBefore int64  `json:"nbf"`
		Expires   int64  `json:"exp"`
		URI       string `json:"uri"`
	}{key, "cdp", from.Unix(), from.Add(lifetime).Unix(), uri}
	return jwt.Unsigned(header, claims)
}

func parse(resp *adapter.Response, from time.Time) (*access.Snapshot, error) {
	if resp.Status != http.StatusOK {
		return nil, refused(resp, from)
	}
	answer, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	// Every member is optional: a missing one stays unknown. A page lists one
	// more, on receiving payments, whose name is unconfirmed: it would be
	// unmapped.
	states, flags := map[string]access.State{}, 0
	for _, name := range slices.Sorted(slices.Values(answer.Names())) {
		if strings.HasPrefix(name, "can_") {
			flags++
			if yes, ok := answer.Bool(name); ok {
				states[name] = access.StateOf(yes)
			}
		}
	}
	if flags == 0 {
		return nil, wire.NotUnderstood(resp, errors.New("the answer holds no permission"))
	}
	snap := &access.Snapshot{}
	permissions.Apply(snap, states)
	snap.Account.ID, _ = answer.Text("portfolio_uuid")
	if kind, ok := answer.Text("portfolio_type"); ok {
		snap.Facts = append(snap.Facts, access.Fact{Name: "portfolio_type", Value: kind})
	}
	if err := answer.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// refused reads an error, of which the exchange has several forms: plain text, one
// object, and a list of them. A token that was good from another time than the
// exchange's is refused whatever the key is.
func refused(resp *adapter.Response, from time.Time) *access.Error {
	var code, message string
	if body, err := wire.Parse(resp.Body); err == nil {
		code, _ = body.Text("error")
		if list, ok := body.Objects("errors"); ok && len(list) > 0 {
			body = list[0]
			code, _ = body.Text("id")
		}
		message, _ = body.Text("message")
	}
	e := failures.Refusal(resp, code, message)
	if resp.Status != http.StatusUnauthorized {
		return e
	}
	if code == "" {
		e.Kind, e.Candidates = unauthorised.Kind, unauthorised.Candidates
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err == nil && e.Kind == access.KindAmbiguous && (date.Unix() < from.Unix() || !date.Before(from.Add(lifetime))) {
		e.Kind, e.Candidates = access.KindClockSkew, nil
	}
	return e
}
