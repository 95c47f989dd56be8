// Package yobit audits API keys of YoBit.
//
// The exchange tells the calling key's rights, in one request: to look, to trade
// and to withdraw. It doesn't tell addresses, creation, expiry, last use or
// name. Keys are HMAC, with a nonce that may never exceed 2147483646, so it
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

// Exchange is YoBit. Its mirrors are left out: no signature goes there.
var Exchange = &adapter.Exchange{
	Name:         "yobit",
	Title:        "YoBit",
	Docs:         "https://yobit.net/en/api/",
	KeyPage:      "https://yobit.net/en/settings/api/",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://yobit.net"}}},
	Calls: []adapter.Call{
		{Method: http.MethodGet, Path: pathTicker, Why: "the exchange's time, which the header of an answer tells, so that the nonce is never ahead of it"},
		{Method: http.MethodPost, Path: pathTrade, Body: "method=getInfo&", Why: "rights of the calling key (getInfo); a read, though sent by POST"},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true, NonceUnit: time.Second},
	Coverage: adapter.Coverage{
		// Codes that anybody can redeem are made by API, and which right that
		// takes isn't known: so sending to other users is in neither list.
		Reports: []access.Capability{access.Read, access.TradeSpot, access.Withdraw},
		Absent: []access.Capability{ // no method does these
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.WithdrawAddresses, access.TransferInternal,
			access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documents and an independent client",
	},
	Limit: adapter.Limit{Requests: 1, Per: time.Second}, // not documented
	Notes: []string{
		"The nonce is the time in seconds. If a client of the key counts from one, or has used up the highest nonce, an audit and that client shut each other out: give such a client a key of its own, and audit it by its page.",
		"YoBit doesn't tell whether a key is bound to addresses: attest the rule ip-allowlist.",
		"YoBit codes can be redeemed by anybody; whether a key may make them isn't told: attest the rule external-transfer.",
	},
	Inspect:    inspect,
	ServerTime: wire.DateClock(pathTicker),
}

const (
	pathTrade    = "/tapi"
	pathTicker   = "/api/3/ticker/ltc_btc"
	highestNonce = 2147483646 // as the exchange's page says; unconfirmed
)

// permissions: the names under "rights". That a key may look is shown by the
// answer itself.
var permissions = rights.Table{
	"info":     {},
	"trade":    rights.For(access.TradeSpot),
	"withdraw": rights.For(access.Withdraw).Implying("perhaps making codes that anybody can redeem"),
}

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	nonce := s.Nonce()
	if nonce > highestNonce {
		return nil, &access.Error{Kind: access.KindInput, Message: "so high a nonce would make the key useless: YoBit wants seconds"}
	}
	return btcestyle.Inspect(ctx, s, pathTrade, "method=getInfo&nonce="+strconv.FormatUint(nonce, 10), permissions)
}
