// Package swyftx audits API keys of Swyftx.
//
// The exchange reports every existing scope and its state, and lists the account's
// keys with scope and creation date. This is known from clients only, and whether a
// state is that of the calling key is not confirmed: so a scope counts as off if
// both calls say so, and as on if one does. IP allowlist, expiry and last use aren't
// reported. A key signs nothing: it is the secret itself, sent to get a token that
// the other calls carry.
//
// Reference: https://docs.swyftx.com.au/ and independent clients, checked
// 2026-11-22.
package swyftx

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Swyftx.
var Exchange = &adapter.Exchange{
	Name:    "swyftx",
	Title:   "Swyftx",
	Docs:    "https://docs.swyftx.com.au/",
	KeyPage: "https://trade.swyftx.com.au/profile/api-keys/",
	Checked: "2026-11-22",
	Keys:    keyRules,
	Environments: []adapter.Environment{
		{Name: "live", URLs: []string{"https://api.swyftx.com.au"}},
		{Name: "demo", URLs: []string{"https://api.demo.swyftx.com.au"}, Test: true},
	},
	Calls: []adapter.Call{
		{
			Method: http.MethodPost, Path: pathSession,
			Why: "a token for this audit, as every client requests one; it is discarded afterwards",
		},
		{Method: http.MethodGet, Path: pathScopes, Why: "the existing scopes, and their state"},
		{
			Method: http.MethodGet, Path: pathKeys,
			Why: "scopes and creation dates of the account's keys, including the calling key",
		},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, SecretSent: true},
	Coverage: adapter.Coverage{
		// Scopes for withdrawal addresses and keys reportedly exist: they are read if
		// the exchange lists them.
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw},
		Created: adapter.Sometimes, Siblings: adapter.Sometimes,
		Confirmed: "independent clients only",
	},
	Limit: adapter.Limit{Requests: 1, Per: time.Second}, // not documented
	Notes: []string{
		"The API key is the secret. Enter as the key the identifier under which Swyftx lists it; without that, no scope can " +
			"be known to be off.",
		"Every audit requests an access token of its own. Whether that invalidates earlier tokens isn't documented: " +
			"let the bot request a new token if its own is refused.",
	},
	Inspect: inspect,
}

const (
	pathSession = "/auth/refresh/"
	pathScopes  = "/user/apiKeys/scope/"
	pathKeys    = "/user/apiKeys/"
)

// words are those of refusals, whose messages are not documented.
var words = wire.Words{
	wire.Is(access.KindBadKey, "key"),
	wire.Is(access.KindForbidden, "scope", "permission", "permissions"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	token, err := askToken(ctx, s)
	if err != nil {
		return nil, err
	}
	resp, err := ask(ctx, s, pathScopes, token)
	if err != nil {
		return nil, err
	}
	held, err := parseScopes(resp)
	if err != nil {
		return nil, err
	}
	if resp, err = ask(ctx, s, pathKeys, token); err != nil {
		return nil, err
	}
	return parseKeys(resp, s.Key(), held)
}

// askToken exchanges the key for a token.
func askToken(ctx context.Context, s *adapter.Session) (string, error) {
	body, err := json.Marshal(map[string]string{"apiKey": s.Secret()})
	if err != nil {
		return "", err
	}
	resp, err := s.Do(ctx, adapter.Request{
		Method: http.MethodPost, Path: pathSession, Body: string(body), Header: http.Header{"Content-Type": {"application/json"}},
	})
	if err != nil {
		return "", err
	}
	answer, err := wire.Parse(resp.Body)
	token, ok := answer.Text("accessToken")
	s.Hide(token)
	switch {
	case err != nil || resp.Status/100 != 2 || answer.Has("error"):
		return "", refusal(resp)
	case !ok || strings.Count(token, ".") != 2: // a JSON web token has three parts
		return "", wire.NotUnderstood(resp, errors.New("the answer has no token"))
	}
	return token, nil
}

func ask(ctx context.Context, s *adapter.Session, path, token string) (*adapter.Response, error) {
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{"Authorization": {"Bearer " + token}}})
}

// refusal reads {"error":{"error":"Name","message":"words"}}.
func refusal(resp *adapter.Response) *access.Error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	said, _ := body.Object("error")
	message, _ := said.Text("message")
	if resp.Status/100 != 4 {
		return wire.Failures{}.Refusal(resp, "", message)
	}
	e := words.Refusal(resp, message)
	e.Code, _ = said.Text("error")
	return e
}
