// Package whitebit audits API keys of WhiteBIT.
//
// The exchange reports nothing about the calling key: a read of the balances shows
// that it is active. A key of the main account that may use the sub-account calls
// can list the keys of its sub-accounts, with type, endpoints and last use: these
// become its siblings. The IP allowlist of each would need one more call per key and
// is not requested. All calls are POST, the reads too. Keys are HMAC.
//
// Requests carry a nonce that must grow. With nonceWindow it is a time in
// milliseconds instead, checked against the exchange's clock. According to the
// documentation that doesn't affect the nonces of the key's other clients: so that
// is sent, a little late, so that it isn't ahead of theirs in any case.
//
// Reference: https://docs.whitebit.com/private/http-auth/, checked 2026-11-22.
package whitebit

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is WhiteBIT.
var Exchange = &adapter.Exchange{
	Name:         "whitebit",
	Title:        title,
	Docs:         "https://docs.whitebit.com/private/http-auth/",
	KeyPage:      "https://whitebit.com/settings/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://whitebit.com"}}},
	Calls: []adapter.Call{
		{
			Method: http.MethodPost, Path: pathBalance,
			Why: "a read, although sent by POST, that shows that the key is active; no balance is kept",
		},
		{Method: http.MethodPost, Path: pathKeys, Why: "the keys of sub-accounts; a read, although sent by POST"},
		{
			Method: http.MethodGet, Path: pathTime,
			Why: "the exchange's time", When: "the nonce was refused as a time and the answer had no date",
		},
	},
	Needs:       adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:    coverage(),
	Limit:       adapter.Limit{Requests: 1000, Per: 10 * time.Second},
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"A key can be limited to single endpoints, on its page.",
		"A key of the type with withdrawals may also create codes that anyone can redeem: attest the rule " +
			"external-transfer too.",
		"The audit's nonce is a time in milliseconds. If the exchange counted it like any other nonce, it would lock out a client of the key that uses " +
			"smaller ones, for instance seconds: check the key of such a client on its page instead.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "time", wire.Object.Seconds),
}

const (
	pathTime    = "/api/v4/public/time"
	pathBalance = "/api/v4/main-account/balance"
	pathKeys    = "/api/v4/sub-account/api-key/list"
	title       = "WhiteBIT"
	window      = 5000 // milliseconds, either way
	late        = 1500
	most        = 100 // keys in one answer
)

func coverage() adapter.Coverage {
	c := silent.Coverage("documentation and an independent client")
	c.Siblings = adapter.Sometimes
	return c
}

// phrases: docs.whitebit.com, errors, and an independent client. Each code has
// several meanings, so the message decides.
var phrases = wire.Failures{
	wire.OneOf(access.KindDisabled, access.KindIPNotAllowed).For("enable your key in api settings"),
	wire.Is(access.KindForbidden, "not authorized to perform this action", "permission to use this endpoint"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("unauthorized request"),
	wire.Is(access.KindBadSignature, "invalid payload"),
	wire.Is(access.KindClockSkew, "nonce more than 5 seconds"),
	wire.Is(access.KindNonce, "too many requests"), // the exchange's message for a nonce that didn't grow
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	nonce := s.Now().UnixMilli() - late
	resp, err := post(ctx, s, pathBalance, nonce, "")
	if err != nil {
		return nil, err
	}
	if err := parseBalance(resp); err != nil {
		return nil, err
	}
	if resp, err = post(ctx, s, pathKeys, nonce+1, fmt.Sprintf(`,"limit":%d,"offset":0`, most)); err != nil {
		return nil, err
	}
	snap := silent.Answered(title)
	if err := parseKeys(resp, s, snap); err != nil {
		return nil, err
	}
	return snap, nil
}

// post sends the parameters, which are written as the last members of the body.
func post(ctx context.Context, s *adapter.Session, path string, nonce int64, parameters string) (*adapter.Response, error) {
	body := fmt.Sprintf(`{"request":%q,"nonce":%d,"nonceWindow":true%s}`, path, nonce, parameters)
	payload := base64.StdEncoding.EncodeToString([]byte(body))
	signature, err := s.Sign(ctx, adapter.HMACSHA512, payload)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: path, Body: body, Header: http.Header{
		"Content-Type":    {"application/json"},
		"X-Txc-Apikey":    {s.Key()},
		"X-Txc-Payload":   {payload},
		"X-Txc-Signature": {hex.EncodeToString(signature)},
	}})
}

// unwrap separates an answer, which has no envelope, from a refusal.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return body, wire.NotUnderstood(resp, err)
	}
	if resp.Status == http.StatusOK && !body.Has("code") && !body.Has("message") {
		return body, nil
	}
	code, _ := body.Text("code")
	message, _ := body.Text("message")
	return body, wire.Failures{}.Refusal(resp, code, message, phrases...)
}

// parseBalance checks that the answer is a balance, and keeps nothing of it.
func parseBalance(resp *adapter.Response) error {
	body, err := unwrap(resp)
	if err != nil {
		return err
	}
	names := body.Names()
	for _, name := range names {
		if asset, _ := body.Object(name); !asset.Has("main_balance") {
			return wire.NotUnderstood(resp, errNoBalance)
		}
	}
	if len(names) == 0 {
		return wire.NotUnderstood(resp, errNoBalance)
	}
	return nil
}

var errNoBalance = errors.New("the answer is not the expected balances")
