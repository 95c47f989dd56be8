// Package robinhood audits API keys of Robinhood Crypto.
//
// The exchange reports nothing about a key. A signed read of the account shows that
// the key is active, and the account's status. The documentation's list of calls has
// none that withdraws, transfers, or manages keys, so that no key can. Whether a key may
// place orders is chosen when it is created, and not reported. Keys are Ed25519.
//
// Reference: https://docs.robinhood.com/crypto/trading/, OpenAPI document of
// 2026-07-20, by copies; what 401 and 403 mean is from a client. Checked 2026-11-30.
package robinhood

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const (
	path  = "/api/v1/crypto/trading/accounts/"
	title = "Robinhood Crypto"
)

// Exchange is Robinhood Crypto.
var Exchange = &adapter.Exchange{
	Name:         "robinhood",
	Title:        title,
	Docs:         "https://docs.robinhood.com/crypto/trading/",
	KeyPage:      "https://robinhood.com/account/crypto",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://trading.robinhood.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: path, Why: "a read that shows that the key is active, and the account's status"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.Ed25519Key}, Encoding: adapter.KeyText},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{access.Read}, Inferred: true,
		Absent: []access.Capability{ // no call does these
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw, access.WithdrawAddresses,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documentation by copies, and independent clients",
	},
	Limit:       adapter.Limit{Requests: 60, Per: time.Minute},
	ClockWindow: 30 * time.Second,
	Notes: []string{
		"The key is for crypto only: Robinhood's stocks and options have no documented API.",
	},
	Inspect: inspect,
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Seconds(s)
	signature, err := s.Sign(ctx, adapter.Ed25519, s.Key()+stamp+path+http.MethodGet)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path, Header: http.Header{
		"X-Api-Key":   {s.Key()},
		"X-Timestamp": {stamp},
		"X-Signature": {base64.StdEncoding.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	number, ok := body.Text("account_number")
	if !ok || resp.Status != http.StatusOK {
		return nil, refusal(resp, body)
	}
	snap := silent.AnsweredOf(title)
	snap.Account.ID = number
	status, reported := body.Text("status")
	snap.Account.Standing = access.StandingUnclear // also of a status that is unknown today
	switch {
	case status == "active":
		snap.Account.Standing = access.StandingGood
	case reported:
		snap.Account.Alarms = []string{"status " + status}
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// refusal: the documentation has three types of refusal, and no codes.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	kind, _ := body.Text("type")
	var message string
	if list, ok := body.Objects("errors"); ok && len(list) > 0 {
		message, _ = list[0].Text("detail")
	}
	e := wire.Failures{}.Refusal(resp, kind, message)
	switch {
	case e.Kind != access.KindNotUnderstood || kind != "client_error":
	case resp.Status == http.StatusUnauthorized:
		wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew).Explain(e)
	case resp.Status == http.StatusForbidden:
		wire.OneOf(access.KindForbidden, access.KindIPNotAllowed).Explain(e)
	}
	return e
}
