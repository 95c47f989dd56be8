// Package binancetr audits API keys of Binance TR, formerly trbinance.com.
//
// The exchange reports nothing about a key: its documentation lacks the call by which
// Binance does. A signed read of the spot account shows that the key is active. What
// that answer says about trading and withdrawing is about the account. Keys are HMAC.
//
// Reference: https://www.binance.tr/apidocs/ and independent clients, checked
// 2026-11-30.
package binancetr

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

var exchange = silent.Binance{
	Title: "Binance TR", Read: "/open/v1/account/spot", List: "accountAssets", Time: "/open/v1/common/time", Clock: "timestamp",
	Failures: wire.Failures{
		wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden).For("3701"), // its own -2015
	},
}

// Exchange is Binance TR.
var Exchange = &adapter.Exchange{
	Name:         "binancetr",
	Title:        "Binance TR",
	Docs:         "https://www.binance.tr/apidocs/",
	KeyPage:      "https://www.binance.tr/",
	Checked:      "2026-11-30",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://www.binance.tr"}}},
	Calls:        exchange.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documentation by copies, and independent clients"),
	Limit:        adapter.Limit{Requests: 1, Per: time.Second}, // unknown
	ClockWindow:  query.Window * time.Millisecond,
	Notes: []string{
		"Accounts, keys and host are separate from those of binance.com.",
	},
	Inspect:    exchange.Inspect,
	ServerTime: exchange.ServerTime,
}
