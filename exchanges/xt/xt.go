// Package xt audits API keys of XT.COM.
//
// One call lists the keys of the user, including the calling key, with permissions,
// IP allowlist, state and dates. According to the documentation, the list shows the
// secret of every key too: anyone who holds one key then holds them all. It doesn't
// report expiry or last use. Keys are HMAC.
//
// Reference: https://doc.xt.com/, "Query user's apiKey", whose text is from 2023,
// checked 2026-11-22. That the call still answers is unconfirmed.
package xt

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/keylist"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is XT.COM.
var Exchange = &adapter.Exchange{
	Name:         "xt",
	Title:        "XT.COM",
	Docs:         "https://doc.xt.com/",
	KeyPage:      "https://www.xt.com/en/accounts/api",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.xt.com"}}},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathKeys,
			Why: "permissions, IP allowlists, states and dates of the user's keys, including the calling key",
		},
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form(wire.UUID), SecretForm: wire.Form(wire.Hex + "{40}"),
	},
	Coverage: adapter.Coverage{
		// Keys are managed by API too, and which permission that requires isn't
		// documented; nor is any for withdrawal addresses, sub-accounts or other users.
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal,
		},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, AccountKind: adapter.Always, Siblings: adapter.Sometimes,
		Confirmed: "older documentation; the paths by an independent client",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second}, // not documented for this call
	ClockWindow: window * time.Millisecond,
	Notes: []string{
		"XT.COM lets keys list, create, change and delete keys by API, and doesn't document which permission that " +
			"requires: attest the rule key-management.",
		"According to the documentation, the list of keys shows every key's secret: anyone who holds one key may " +
			"get all others.",
	},
	Inspect: inspect,
}

const (
	pathKeys = "/v4/user/account/api-key"
	window   = 5000 // milliseconds
)

// failures: the error codes of signed requests. AUTH_001 to AUTH_007, a header that
// is missing or refused, would be a mistake of this adapter or a change by the
// exchange: a widely used client puts "xt-" before the headers' names.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "AUTH_101"),
	wire.Is(access.KindDisabled, "AUTH_102"),
	wire.Is(access.KindBadSignature, "AUTH_103"),
	wire.Is(access.KindIPNotAllowed, "AUTH_104"),
	wire.Is(access.KindClockSkew, "AUTH_105"),
	wire.Is(access.KindForbidden, "AUTH_106"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	stamp := wire.Millis(s)
	text := "validate-algorithms=HmacSHA256&validate-appkey=" + s.Key() + "&validate-recvwindow=" + strconv.Itoa(window) +
		"&validate-timestamp=" + stamp + "#" + http.MethodGet + "#" + pathKeys
	signature, err := s.Sign(ctx, adapter.HMACSHA256, text)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: pathKeys, Header: http.Header{
		"Validate-Algorithms": {"HmacSHA256"},
		"Validate-Appkey":     {s.Key()},
		"Validate-Recvwindow": {strconv.Itoa(window)},
		"Validate-Timestamp":  {stamp},
		"Validate-Signature":  {hex.EncodeToString(signature)},
		"Content-Type":        {"application/json"},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp, s)
}

func parse(resp *adapter.Response, s *adapter.Session) (*access.Snapshot, error) {
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	outcome, _ := body.Text("rc")
	code, _ := body.Text("mc")
	if outcome != "0" || resp.Status != http.StatusOK {
		return nil, failures.Refusal(resp, code, "")
	}
	list, ok := body.Objects("result")
	if !ok || len(list) == 0 {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	snap := keylist.Read(list, s, "accessKey", "secretKey", readKey)
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}
