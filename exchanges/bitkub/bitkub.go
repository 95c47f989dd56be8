// Package bitkub audits API keys of Bitkub.
//
// The exchange reports nothing about a key itself. A read of the balances, which needs
// no right, shows that the key is active; the list of the owner's bank accounts, which
// the documentation files under the right to withdraw, shows that right. A refusal does
// not show that it is missing: that the exchange follows its documentation here is not
// confirmed. The right to deposit is of no interest here, and nothing that only reads
// needs the one to trade. Keys are HMAC.
//
// Reference: https://github.com/bitkub/bitkub-official-api-docs, the pages of versions 4
// and 3 of 2026-05-11; checked 2026-11-30.
package bitkub

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	pathBalances = "/api/v4/wallet/balances"
	pathAccounts = "/api/v4/fiat/accounts"
	title        = "Bitkub"
)

// Exchange is Bitkub.
var Exchange = &adapter.Exchange{
	Name:         "bitkub",
	Title:        title,
	Docs:         "https://github.com/bitkub/bitkub-official-api-docs/blob/master/restful-api-v4.md",
	KeyPage:      "https://www.bitkub.com/",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.bitkub.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathBalances, Why: "a read that shows that the key is active; no balance is kept"},
		{Method: http.MethodGet, Path: pathAccounts, Why: "the owner's bank accounts, a read that needs the right to withdraw; none is kept"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// The second is known while the key holds it, and otherwise unknown.
		Reports:   []access.Capability{access.Read, access.Withdraw},
		Inferred:  true,
		Confirmed: "documentation; a refusal does not count as a missing right",
	},
	Limit: adapter.Limit{Requests: 5, Per: time.Second},
	Notes: []string{
		"According to the documentation, withdrawals by API go to trusted withdrawal addresses only.",
		"Bitkub blocks all requests to a call for 30 seconds once there are too many of them.",
	},
	Inspect: inspect,
}

// failures: the codes of version 4, and the numbers of version 3, which may answer for
// both. A suspended or frozen account disables its keys.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindForbidden).For("A1000-CW"),
	wire.Is(access.KindBadKey, "2", "3"),
	wire.Is(access.KindBadSignature, "V1003-CW", "6"),
	wire.Is(access.KindClockSkew, "V1004-CW", "7", "8"),
	wire.Is(access.KindIPNotAllowed, "5"),
	wire.Is(access.KindForbidden, "A1001-CW", "52"),
	wire.Is(access.KindDisabled, "B1000-CW", "B1010-CW", "4"),
	wire.Is(access.KindUnavailable, "S1000-CW", "90"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := ask(ctx, s, pathBalances)
	if err != nil {
		return nil, err
	}
	if err := parse(resp); err != nil {
		return nil, err
	}
	if resp, err = ask(ctx, s, pathAccounts); err != nil {
		return nil, err
	}
	snap := silent.Answered("Apart from the reads it answers, " + title)
	return snap, silent.AddRight(snap, parse(resp), access.Withdraw)
}

func ask(ctx context.Context, s *adapter.Session, path string) (*adapter.Response, error) {
	stamp := wire.Millis(s)
	signature, err := s.Sign(ctx, adapter.HMACSHA256, stamp+http.MethodGet+path)
	if err != nil {
		return nil, err
	}
	return s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"X-Btk-Apikey":    {s.Key()},
		"X-Btk-Timestamp": {stamp},
		"X-Btk-Sign":      {hex.EncodeToString(signature)},
	}})
}

// parse checks that an answer is a list, and keeps nothing of it.
func parse(resp *adapter.Response) error {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return wire.NotUnderstood(resp, err)
	}
	code, _ := body.Text("code")
	if number, ok := body.Text("error"); ok { // version 3's
		code = number
	}
	if code != "0" || resp.Status != http.StatusOK {
		message, _ := body.Text("message")
		return failures.Refusal(resp, code, message)
	}
	if _, ok := body.Objects("data"); !ok {
		return wire.NotUnderstood(resp, body.Err())
	}
	return nil
}
