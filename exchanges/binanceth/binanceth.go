// Package binanceth audits API keys of Binance TH.
//
// The exchange reports nothing about a key. A signed read of the account shows
// that the key is active. Its error codes are assumed to be Binance's. Keys are
// HMAC.
//
// Reference: https://www.binance.th/api-docs/en/, checked 2026-11-22.
package binanceth

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
)

var exchange = silent.Binance{Title: "Binance TH", Read: "/api/v1/accountV2", List: "balances", Time: "/api/v1/time", Clock: "serverTime"}

// Exchange is Binance TH.
var Exchange = &adapter.Exchange{
	Name:         "binanceth",
	Title:        "Binance TH",
	Docs:         "https://www.binance.th/api-docs/en/",
	KeyPage:      "https://www.binance.th/en/my/settings/api-management",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.binance.th"}}},
	Calls:        exchange.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("independent clients only"),
	Limit:        adapter.Limit{Requests: 1, Per: time.Second}, // unknown
	ClockWindow:  query.Window * time.Millisecond,
	Notes: []string{
		"Accounts, keys and host are separate from those of binance.com.",
	},
	Inspect:    exchange.Inspect,
	ServerTime: exchange.ServerTime,
}
