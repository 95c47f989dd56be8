// Package bittrade audits API keys of BitTrade, which runs HTX's API.
//
// To a key of a parent user the exchange lists all its keys, the calling one among
// them, with permissions, bound addresses, name, creation, last change and how
// many days they have left. The last use is never told. Keys are HMAC; the
// signature covers the host.
//
// No document of BitTrade's own describes these calls: they are known from an
// independent client, and what they answer from HTX's reference. So what trading
// and withdrawing include beside the words themselves stays unknown, and where
// the exchange has no such list, so does everything.
//
// Reference: https://api-doc.bittrade.co.jp/ and
// https://huobiapi.github.io/docs/spot/v1/en/#api-key-query, checked 2026-11-22.
package bittrade

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/htxstyle"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
)

// Exchange is BitTrade.
var Exchange = &adapter.Exchange{
	Name:         "bittrade",
	Title:        "BitTrade",
	Docs:         "https://api-doc.bittrade.co.jp/",
	KeyPage:      "https://www.bittrade.co.jp/",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api-cloud.bittrade.co.jp"}}},
	Calls:        htxstyle.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw, access.WithdrawAddresses,
			access.TransferInternal, access.TransferExternal, access.SubaccountManage, access.APIKeyManage,
		},
		Allowlist: adapter.Sometimes, AllowlistEntries: adapter.Sometimes, Created: adapter.Sometimes, Expires: adapter.Sometimes,
		AccountKind: adapter.Sometimes, Siblings: adapter.Sometimes,
		Confirmed: "an independent client, and the documents of the API it runs",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second}, // HTX allows 10
	ClockWindow: time.Minute,                                  // by HTX, which also says 5
	Notes: []string{
		"At HTX, whose API this is, keys that are not bound to an address end after 90 days; whether they do here is not known.",
		"What a key that may trade or withdraw can do besides is not documented: look at the key's page, and attest what you see there.",
	},
	Inspect:    api.Inspect,
	ServerTime: htxstyle.ServerTime,
}

// api: the names are HTX's, and so is what a right may include.
var api = &htxstyle.API{Permissions: rights.Table{
	"readOnly": rights.For(access.Read),
	"trade": {
		Grants: []access.Capability{access.TradeSpot},
		Perhaps: []access.Capability{
			access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal, access.SubaccountManage, access.APIKeyManage,
		},
	},
	"withdraw": {
		Grants:  []access.Capability{access.Withdraw},
		Perhaps: []access.Capability{access.WithdrawAddresses, access.TransferExternal},
	},
}}
