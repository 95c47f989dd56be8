// Package bitrue audits API keys of Bitrue.
//
// The exchange reports nothing about a key. A signed read of the account shows
// that the key is active. Its API follows that of Binance. Keys are HMAC.
//
// Reference: https://www.bitrue.com/api-docs, checked 2026-11-22.
package bitrue

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
)

var exchange = silent.Binance{Title: "Bitrue", Read: "/api/v1/account", List: "balances", Time: "/api/v1/time", Clock: "serverTime"}

// Exchange is Bitrue.
var Exchange = &adapter.Exchange{
	Name:         "bitrue",
	Title:        "Bitrue",
	Docs:         "https://www.bitrue.com/api-docs",
	KeyPage:      "https://www.bitrue.com/api-manage",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://www.bitrue.com"}}},
	Calls:        exchange.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documentation and an independent client"),
	Limit:        adapter.Limit{Requests: 1, Per: time.Second}, // unknown
	ClockWindow:  query.Window * time.Millisecond,
	Notes: []string{
		"What the answer says about trading and withdrawing is not about the key: an independent client saw it say " +
			"no for a normal key.",
	},
	Inspect:    exchange.Inspect,
	ServerTime: exchange.ServerTime,
}
