// Package coinbase audits CDP API keys of Coinbase: the Coinbase App and its
// Advanced Trade API.
//
// The exchange reports whether a key may view, trade and transfer, and the
// portfolio it belongs to; only a key that may view can ask. It doesn't report the
// key's IP allowlist, creation date, expiry, last use or name. It has portfolios in
// place of sub-accounts. Its sandbox doesn't answer this call.
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
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.coinbase.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathPermissions, Why: "permissions and portfolio of the calling key"},
	},
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.Ed25519Key, access.ECDSAKey}, Encoding: adapter.KeyText,
		KeyForm: wire.Form("(?:organizations/" + wire.UUID + "/apiKeys/)?" + wire.UUID), SecretForm: wire.Form("[A-Za-z0-9+/]{86}=="),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
		},
		// No permission is for these. The right to trade also manages portfolios
		// and may include margin and options, which nothing reports: so those are
		// in neither list.
		Absent:    []access.Capability{access.WithdrawAddresses, access.APIKeyManage},
		Confirmed: "documentation and two independent clients",
	},
	Limit:       adapter.Limit{Requests: 30, Per: time.Second},
	ClockWindow: lifetime,
	Notes: []string{
		"Coinbase occasionally refuses a valid token (HTTP 401): audit the key again before you replace it.",
		"If the exchange refuses an Ed25519 key, try an ECDSA key.",
		"A second factor is required to create a key, but not when the key sends funds.",
	},
	Inspect: inspect,
}

const (
	pathPermissions = "/api/v3/brokerage/key_permissions"
	lifetime        = 120 * time.Second // of a token
)

// permissions: the key dialog's View, Trade and Transfer. What else they include is
// on the page of scopes; options are unconfirmed.
var permissions = rights.Table{
	"can_view": rights.For(access.Read).Implying("can create payment links, on accounts of Coinbase Business"),
	"can_trade": rights.For(access.TradeSpot, access.TradeFutures).Implying(
		"can convert currencies, and create, rename and delete portfolios",
		"includes block trades, and perhaps options, of the exchange's derivatives gateway where the account has it",
	),
	"can_transfer": rights.For(access.Withdraw, access.TransferInternal, access.TransferExternal),
}

// failures are by error id. A refused token mostly gets plain text and no id; an IP
// address that is not allowed gets the same answer (a third party's report).
var failures = wire.Failures{
	unauthorised.For("authentication_error", "invalid_token", "revoked_token", "expired_token", "unauthorized", "UNAUTHENTICATED"),
	wire.Is(access.KindForbidden,
		"PERMISSION_DENIED", "invalid_scope", "unverified_email", "identity_verification_required",
		"personal_details_required",
	),
	wire.Is(access.KindSecondFactor, "two_factor_required"),
	wire.Is(access.KindRateLimited, "rate_limit_exceeded", "resource_exhausted"),
	wire.Is(access.KindUnavailable, "internal_server_error"),
}

var unauthorised = wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	algorithm, name := adapter.ES256, "ES256"
	if s.KeyKind() == access.Ed25519Key {
		algorithm, name = adapter.Ed25519, "EdDSA"
	}
	// One second earlier: a clock corrected by a Date header, which counts whole
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

// token is what is signed: header and claims of a token that is valid for one
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
		return nil, refusal(resp, from)
	}
	answer, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	// Every member is optional: a missing one stays unknown. A page lists one
	// more, for receiving payments, whose name is unconfirmed: it would be
	// unmapped.
	isFlag := func(name string) bool { return strings.HasPrefix(name, "can_") }
	if !slices.ContainsFunc(answer.Names(), isFlag) {
		return nil, wire.NotUnderstood(resp, wire.ErrNoPermission)
	}
	snap := &access.Snapshot{}
	states := answer.Flags(isFlag)
	rights.DenyNothingWithout(states, "can_view") // the call is a read itself
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

// refusal reads an error, of which the exchange has several forms: plain text, one
// object, and a list of them. A token that is not valid at the exchange's time is
// refused whatever the key is.
func refusal(resp *adapter.Response, from time.Time) *access.Error {
	var code, message string
	if body, err := wire.Parse(resp.Body); err != nil && resp.Status != http.StatusUnauthorized {
		return wire.NotUnderstood(resp, err)
	} else if err == nil {
		code, _ = body.Text("error")
		if list, ok := body.Objects("errors"); ok && len(list) > 0 {
			body = list[0]
			code, _ = body.Text("id")
		}
		if message, _ = body.Text("message"); message == "" {
			message, _ = body.Text("error_details")
		}
	}
	e := failures.Refusal(resp, code, message)
	if resp.Status != http.StatusUnauthorized {
		return e
	}
	if e.Kind == access.KindNotUnderstood && (code == "" || code == "unknown") {
		unauthorised.Explain(e)
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err == nil && e.Kind == access.KindAmbiguous && (date.Unix() < from.Unix() || !date.Before(from.Add(lifetime))) {
		e.Kind, e.Candidates = access.KindClockSkew, nil
	}
	return e
}
