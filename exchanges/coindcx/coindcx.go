// Package coindcx audits API keys of CoinDCX.
//
// The exchange reports nothing about a key, and documents that all have the same rights
// and none can only read. A signed read of the balances shows that the key is active,
// so it can trade too. The documentation's list of calls has none that withdraws or
// manages keys. The call that describes the user answers with a name, an e-mail address
// and a telephone number: it is not made. Keys are HMAC.
//
// Reference: https://docs.coindcx.com/ by a copy (path, signing, calls) and as a client's
// notes of 2026-09-03 quote its FAQ; they have the refusals too. Checked 2026-11-30.
package coindcx

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

const path = "/exchange/v1/users/balances"

// Exchange is CoinDCX.
var Exchange = &adapter.Exchange{
	Name:         "coindcx",
	Title:        "CoinDCX",
	Docs:         "https://docs.coindcx.com/",
	KeyPage:      "https://coindcx.com/api-dashboard",
	Checked:      "2026-11-30",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.coindcx.com"}}},
	Calls: []adapter.Call{
		{Method: http.MethodPost, Path: path, Why: "a read that shows that the key is active; no balance is kept"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		// There are calls for margin, futures and transfers between wallets, which not
		// every account and key can use: they are in neither list.
		Reports: []access.Capability{access.Read, access.TradeSpot}, Inferred: true,
		Absent: []access.Capability{ // no call does these
			access.TradeOptions, access.Withdraw, access.WithdrawAddresses, access.TransferExternal, access.APIKeyManage,
		},
		Confirmed: "documentation by copies, and a client's notes",
	},
	Limit: adapter.Limit{Requests: 100, Per: time.Minute}, // the least of several that are documented
	Notes: []string{
		"Keys have no permissions of their own: anyone who holds one can trade as its owner can.",
		"CoinDCX refuses a wrong key, signature or timestamp, and perhaps an IP address that is not allowed, with the same code.",
	},
	Inspect: inspect,
}

// failures: the code is the HTTP status.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindClockSkew, access.KindIPNotAllowed).For("401"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	body := `{"timestamp":` + wire.Millis(s) + `}`
	signature, err := s.Sign(ctx, adapter.HMACSHA256, body)
	if err != nil {
		return nil, err
	}
	resp, err := s.Do(ctx, adapter.Request{Method: http.MethodPost, Path: path, Body: body, Header: http.Header{
		"Content-Type":     {"application/json"},
		"X-Auth-Apikey":    {s.Key()},
		"X-Auth-Signature": {hex.EncodeToString(signature)},
	}})
	if err != nil {
		return nil, err
	}
	return parse(resp)
}

func parse(resp *adapter.Response) (*access.Snapshot, error) {
	if _, err := silent.List(resp, "CoinDCX", "currency", refusal); err != nil {
		return nil, err
	}
	snap := &access.Snapshot{}
	rights.Prove(snap, access.Read)
	rights.Prove(snap, access.TradeSpot)
	snap.Notes = []string{
		"CoinDCX reports nothing about its keys: all can read and trade, and no call of its API withdraws. Check whether this one is restricted to the " +
			"bot's IP address, then attest that (ip-allowlist), and what else it is for (missing-permission, excess-permission, internal-transfer).",
	}
	return snap, nil
}

// refusal reads {"code":401,"message":"words","status":"error"}.
func refusal(resp *adapter.Response, body wire.Object) *access.Error {
	return failures.Said(resp, body, "code", "message")
}
