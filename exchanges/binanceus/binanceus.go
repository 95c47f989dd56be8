// Package binanceus audits API keys of Binance.US.
//
// The exchange tells nothing about a key: the call that describes one at binance.com
// is not in its documentation. A signed read of the account shows that the key is
// alive. What that answer says of trading and withdrawing is about the account.
// Keys are HMAC.
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

var exchange = silent.Binance{Title: "Binance.US", Read: "/api/v3/account", Told: "balances", Time: "/api/v3/time", Clock: "serverTime"}

// Exchange is Binance.US.
var Exchange = &adapter.Exchange{
	Name:         "binanceus",
	Title:        "Binance.US",
	Docs:         "https://docs.binance.us/",
	KeyPage:      "https://www.binance.us/settings/api-management",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.binance.us"}}},
	Calls:        exchange.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documents and an independent client"),
	Limit:        adapter.Limit{Requests: 1, Per: time.Second}, // the read has a weight of 10
	ClockWindow:  query.Window * time.Millisecond,
	Notes: []string{
		"By its documentation a key can reach every secure route unless its owner takes rights away.",
	},
	Inspect:    exchange.Inspect,
	ServerTime: exchange.ServerTime,
}
