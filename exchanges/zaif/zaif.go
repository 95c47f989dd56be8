// Package zaif audits API keys of Zaif.
//
// The exchange reports the calling key's rights, in one request: to read, to trade,
// to withdraw, and to read personal data. It doesn't report the IP allowlist,
// creation date, expiry, last use or name. Keys are HMAC, with a nonce, which many
// clients count in Unix seconds with decimals: so does the audit, and it uses
// nothing larger unless the owner says so.
//
// Reference: https://zaif-api-document.readthedocs.io/ja/latest/TradingAPI.html,
// checked 2026-11-22.
package zaif

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/btcestyle"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is Zaif.
var Exchange = &adapter.Exchange{
	Name:         "zaif",
	Title:        "Zaif",
	Docs:         "https://zaif-api-document.readthedocs.io/ja/latest/TradingAPI.html",
	KeyPage:      "https://zaif.jp/api_keys",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.zaif.jp"}}},
	Calls: []adapter.Call{
		wire.NonceTimeCall(pathPrice),
		{
			Method: http.MethodPost, Path: pathTrade, Body: "method=get_info2&",
			Why: "rights of the calling key (get_info2); a read, although sent by POST",
		},
	},
	Needs: adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}, Nonce: true, NonceUnit: time.Second},
	Coverage: adapter.Coverage{
		// Leveraged products differ by account, and whether they include futures
		// isn't reported: futures are in neither list.
		Reports: []access.Capability{access.Read, access.TradeSpot, access.TradeMargin, access.Withdraw},
		Absent: []access.Capability{ // no right is for these
			access.TradeOptions, access.WithdrawAddresses, access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Confirmed: "documentation and independent clients, some of them old",
	},
	Limit: adapter.Limit{Requests: 10, Per: 10 * time.Second},
	Notes: []string{
		"The nonce is the time in seconds, with decimals. A client of the key that counts in another unit is always " +
			"behind or ahead of it: set the key's nonce_unit to what that client uses.",
		"Zaif doesn't report whether a key is restricted to IP addresses: attest the rule ip-allowlist.",
		"As far as is known, a key with the right to withdraw may send to any withdrawal address.",
	},
	Inspect:    inspect,
	ServerTime: wire.DateClock(pathPrice),
}

const (
	pathTrade = "/tapi"
	pathPrice = "/api/1/last_price/btc_jpy"
)

// permissions: the names under "rights". The answer needs the first
// one. The calls for leveraged trading accept the same keys.
var permissions = rights.Table{
	"info":          rights.For(access.Read),
	"trade":         {Grants: []access.Capability{access.TradeSpot}, Perhaps: []access.Capability{access.TradeMargin}},
	"withdraw":      rights.For(access.Withdraw),
	"personal_info": rights.For(access.Other("personal-data")).Implying("reads the owner's nickname and picture"),
	"id_info":       rights.For(access.Other("personal-data")).Implying("reads the owner's email address and user number"),
}

// inspect sends decimals only with the second that they belong to: with a later one,
// or in another unit, they would put the nonce ahead for no reason.
func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	now, nonce, decimals := s.Now(), s.Nonce(), 0
	if nonce == uint64(max(0, now.Unix())) {
		decimals = now.Nanosecond() / 10
	}
	return btcestyle.Inspect(ctx, s, pathTrade, fmt.Sprintf("method=get_info2&nonce=%d.%08d", nonce, decimals), permissions)
}
