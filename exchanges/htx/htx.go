// Package htx audits API keys of HTX, formerly Huobi.
//
// To a key of a parent user the exchange lists all its keys, including the calling
// key, with permissions, IP allowlist, name, creation date, last change and how many
// days they have left. It refuses that list to a key of a sub-user, whose rights
// stay unknown. It never reports the last use. Keys are HMAC or Ed25519; the
// signature covers the host.
//
// The reference is from 2021, but newer clients still use these calls: a permission
// that it doesn't have is shown as unknown.
//
// Reference: https://huobiapi.github.io/docs/spot/v1/en/#api-key-query,
// checked 2026-11-22.
package htx

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/htxstyle"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is HTX.
var Exchange = &adapter.Exchange{
	Name:         "htx",
	Title:        "HTX",
	Docs:         "https://huobiapi.github.io/docs/spot/v1/en/#api-key-query",
	KeyPage:      "https://www.htx.com/en-us/apikey/",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.huobi.pro", "https://api-aws.huobi.pro"}}},
	Calls:        htxstyle.Calls(),
	Needs: adapter.Needs{
		Kinds: []access.KeyKind{access.SharedSecret, access.Ed25519Key},
		// Of older keys the first group has 8 characters as well, and nothing tells them from secrets.
		KeyForm:    wire.Form("[0-9a-z]{10}-" + wire.Hex + "{8}-" + wire.Hex + "{8}-" + wire.Hex + "{5}"),
		SecretForm: wire.Form("(?:" + wire.Hex + "{8}-){3}" + wire.Hex + "{5}"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.Withdraw, access.TransferInternal,
			access.SubaccountManage, access.APIKeyManage,
		},
		// No permission is for these. Whether funds can be sent to other users is not
		// confirmed: it is in neither list.
		Absent:    []access.Capability{access.WithdrawAddresses},
		Allowlist: adapter.Sometimes, AllowlistEntries: adapter.Sometimes, Created: adapter.Sometimes, Expires: adapter.Sometimes,
		AccountKind: adapter.Sometimes, Siblings: adapter.Sometimes,
		Confirmed: "documentation and the exchange's client",
	},
	Limit: adapter.Limit{Requests: 10, Per: time.Second},
	// The reference says 5 minutes, a frequently asked question less than one.
	ClockWindow: time.Minute,
	Probe:       htxstyle.PathUID,
	Notes: []string{
		"HTX doesn't report the rights of a sub-user's key: check the parent user's page, then attest the rule " +
			"ip-allowlist and what the key may do.",
		"Withdrawals by API go only to withdrawal addresses that were added on the website.",
	},
	Inspect:    api.Inspect,
	ServerTime: htxstyle.ServerTime,
}

var api = &htxstyle.API{
	Permissions:  permissions,
	Unrestricted: "the exchange expires keys that may trade or withdraw and have no IP allowlist, after 90 days without use",
}

// permissions: docs, API Key Management and API key query. The key works for spot
// and derivatives. With trade, one of a parent user creates and locks sub-users, and
// changes and deletes their keys. How the answer spells the last one is not confirmed.
var permissions = rights.Table{
	"readOnly": rights.For(access.Read),
	"trade": rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions, access.TransferInternal).
		Implying("loans").Carrying(rights.OnMain(access.SubaccountManage, access.APIKeyManage)...),
	"withdraw": {
		Grants:    []access.Capability{access.Withdraw},
		Qualifier: "only to withdrawal addresses added on the website", AddressBook: access.BookAlways,
	},
}
