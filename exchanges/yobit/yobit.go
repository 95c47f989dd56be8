// Package yobit audits API keys of YoBit.
//
// The exchange reports the calling key's rights, in one request: to read, to trade
// and to withdraw. It doesn't report the IP allowlist, creation date, expiry, last
// use or name. Keys are HMAC, with a nonce that may never exceed 2147483646, so it
// counts in seconds.
//
// Reference: https://yobit.net/en/api/, checked 2026-11-22.
package yobit

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/btcestyle"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is YoBit. Its mirrors are left out: nothing signed is sent there.
var Exchange = &adapter.Exchange{
	Name:         "yobit",
	Title:        "YoBit",
	Docs:         "https://yobit.net/en/api/",
	KeyPage:      "https://yobit.net/en/settings/api/",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://yobit.net"}}},
	Calls: []adapter.Call{
		wire.NonceTimeCall(pathTicker),
		{
			Method: http.MethodPost, Path: pathTrade, Body: "method=getInfo&",
			Why: "rights of the calling key (getInfo); a read, although sent by POST",
		},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true, NonceUnit: time.Second},
	Coverage: adapter.Coverage{
		// Codes that anyone can redeem are created by API, and which right that
		// requires is unknown: so sending to other users is in neither list.
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw},
		Absent: []access.Capability{ // no method does these
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.WithdrawAddresses, access.TransferInternal,
			access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documentation and an independent client",
	},
	Limit: adapter.Limit{Requests: 1, Per: time.Second}, // not documented
	Notes: []string{
		"The nonce is the time in seconds. If a client of the key counts from one, or has used the highest nonce, " +
			"an audit and that client lock each other out: give such a client a key of its own, and check that key " +
			"on its page instead.",
		"YoBit doesn't report whether a key is restricted to IP addresses: attest the rule ip-allowlist.",
		"Anyone can redeem YoBit codes; whether a key may create them is not reported: attest the rule " +
			"external-transfer.",
	},
	Inspect:    inspect,
	ServerTime: wire.DateClock(pathTicker),
}

const (
	pathTrade    = "/tapi"
	pathTicker   = "/api/3/ticker/ltc_btc"
	highestNonce = 2147483646 // according to the exchange's page; unconfirmed
)

// permissions: the names under "rights". The answer needs the first.
var permissions = rights.Table{
	"info":     rights.For(access.Read),
	"trade":    rights.For(access.TradeSpot),
	"withdraw": rights.For(access.Withdraw).Implying("perhaps creating codes that anyone can redeem"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	nonce := s.Nonce()
	if nonce > highestNonce {
		return nil, &access.Error{
			Kind: access.KindInput, Message: "the nonce is too high and would make the key unusable: YoBit's nonces count seconds",
		}
	}
	return btcestyle.Inspect(ctx, s, pathTrade, "method=getInfo&nonce="+strconv.FormatUint(nonce, 10), permissions)
}
