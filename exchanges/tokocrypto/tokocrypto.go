// Package tokocrypto audits API keys of Tokocrypto.
//
// The exchange tells nothing about a key. A signed read of the spot account shows that
// the key is alive. What that answer says of trading and withdrawing is about the
// account.
// Keys are HMAC.
//
// Reference: https://www.tokocrypto.com/apidocs/, checked 2026-11-22.
package tokocrypto

import (
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/silent"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

var exchange = silent.Binance{
	Title: "Tokocrypto", Read: "/open/v1/account/spot", Told: "accountAssets", Time: "/open/v1/common/time", Clock: "timestamp",
	Failures: wire.Failures{
		"-1011": refusedAddress,
		"-1005": refusedAddress,
		"3701":  wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden), // a sister exchange's -2015
		"1":     wire.Is(access.KindUnavailable),
	},
	Texts: map[string]access.Kind{"API key does not exist": access.KindBadKey},
}

// refusedAddress: the codes are known from a client that took them over from
// Binance. Whose list the address is not on, the key's or the exchange's, is not
// confirmed, so they don't prove that the key has one.
var refusedAddress = wire.OneOf(access.KindIPNotAllowed, access.KindGeoBlocked)

// Exchange is Tokocrypto.
var Exchange = &adapter.Exchange{
	Name:         "tokocrypto",
	Title:        "Tokocrypto",
	Docs:         "https://www.tokocrypto.com/apidocs/",
	KeyPage:      "https://www.tokocrypto.com/en/usercenter/settings/api-management",
	Checked:      "2026-11-22",
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://www.tokocrypto.com"}}},
	Calls:        exchange.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documents and an independent client"),
	Limit:        adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow:  query.Window * time.Millisecond,
	Notes: []string{
		"Rights, address limits and expiry of keys are not described in its API documentation.",
	},
	Inspect:    exchange.Inspect,
	ServerTime: exchange.ServerTime,
}
