// Package bittrade audits API keys of BitTrade, which runs HTX's API.
//
// To a key of a parent user the exchange lists all its keys, including the calling
// key, with permissions, IP allowlist, name, creation date, last change and how
// many days they have left. It never reports the last use. Keys are HMAC; the
// signature covers the host.
//
// BitTrade's own documentation does not describe these calls: they are known from
// an independent client, and their answers from HTX's reference. So what trading
// and withdrawing include beyond their names stays unknown, and if the exchange has
// no such list, everything does.
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
	Keys:         keyRules,
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
		Confirmed: "an independent client, and the documentation of the API it runs",
	},
	Limit:       adapter.Limit{Requests: 1, Per: time.Second}, // HTX allows 10
	ClockWindow: time.Minute,                                  // according to HTX, which also says 5
	Notes: []string{
		"What else a key that may trade or withdraw can do is not documented: check the key's page, then attest " +
			"what you see there.",
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
