// Package binanceus audits API keys of Binance.US.
//
// The exchange reports nothing about a key: its documentation lacks the call that
// describes a key at binance.com. A signed read of the account shows that the key
// is active. What that answer says about trading and withdrawing is about the
// account. Keys are HMAC.
//
// Reference: https://docs.binance.us/, checked 2026-11-22.
package binanceus

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
)

var exchange = silent.Binance{Title: "Binance.US", Read: "/api/v3/account", List: "balances", Time: "/api/v3/time", Clock: "serverTime"}

// Exchange is Binance.US.
var Exchange = &adapter.Exchange{
	Name:         "binanceus",
	Title:        "Binance.US",
	Docs:         "https://docs.binance.us/",
	KeyPage:      "https://www.binance.us/settings/api-management",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.binance.us"}}},
	Calls:        exchange.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documentation and an independent client"),
	Limit:        adapter.Limit{Requests: 1, Per: time.Second}, // the read has a weight of 10
	ClockWindow:  query.Window * time.Millisecond,
	Notes: []string{
		"According to the documentation, a key can use every secure route unless its owner removes rights.",
	},
	Inspect:    exchange.Inspect,
	ServerTime: exchange.ServerTime,
}
