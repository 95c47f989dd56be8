// Package tokocrypto audits API keys of Tokocrypto.
//
// The exchange reports nothing about a key. A signed read of the spot account
// shows that the key is active. What that answer says about trading and
// withdrawing is about the account. Keys are HMAC.
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
	Title: "Tokocrypto", Read: "/open/v1/account/spot", List: "accountAssets", Time: "/open/v1/common/time", Clock: "timestamp",
	Failures: wire.Failures{
		refusedAddress.For("-1011", "-1005"),
		wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden).For("3701"), // a sister exchange's -2015
		wire.Is(access.KindUnavailable, "1"),
		wire.Is(access.KindBadKey, "API key does not exist"), // the message, which no code explains
	},
}

// refusedAddress: the codes are known from a client that took them over from
// Binance. Whether the IP address is missing from the key's allowlist or from a
// list of the exchange is not confirmed, so they don't prove that the key has an
// allowlist.
var refusedAddress = wire.OneOf(access.KindIPNotAllowed, access.KindGeoBlocked)

// Exchange is Tokocrypto.
var Exchange = &adapter.Exchange{
	Name:         "tokocrypto",
	Title:        "Tokocrypto",
	Docs:         "https://www.tokocrypto.com/apidocs/",
	KeyPage:      "https://www.tokocrypto.com/en/usercenter/settings/api-management",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://www.tokocrypto.com"}}},
	Calls:        exchange.Calls(),
	Needs:        adapter.Needs{Kinds: []access.KeyKind{access.SharedSecret}},
	Coverage:     silent.Coverage("documentation and an independent client"),
	Limit:        adapter.Limit{Requests: 5, Per: time.Second},
	ClockWindow:  query.Window * time.Millisecond,
	Notes: []string{
		"Tokocrypto's API documentation describes neither rights, nor IP allowlists, nor expiry of keys.",
	},
	Inspect:    exchange.Inspect,
	ServerTime: exchange.ServerTime,
}
