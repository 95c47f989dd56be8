package bitget

import (
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// edition is one of the two calls: an account is either unified or classic, and
// each call refuses the other kind.
type edition struct {
	name, path string
	member     string // of the answer, that lists the permissions
	table      rights.Table
	// needs are the permissions of which a key must have one, to be answered or to
	// exist: a list without any is incomplete. A read-only key of a unified account
	// may have none; then the list says nothing anyway.
	needs []string
}

// unified: api-doc, uta/account/Get-Account-Info. The pages of its other calls
// say which permission each needs. Whether uta_trade includes options, and which
// other permissions there are, is not confirmed.
var unified = edition{name: "unified", path: "/api/v3/account/info", member: "permissions", table: rights.Table{
	"uta_trade": rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures).Implying("strategy orders and conversions"),
	"uta_mgt": rights.For(access.TransferInternal, access.SubaccountManage, access.APIKeyManage).Implying(
		"can clear the IP allowlist of a sub-account's key", "loans, earn products, leverage and other settings of the account",
	),
	"withdraw":              rights.For(access.Withdraw, access.TransferExternal),
	"copy_futures_order":    rights.For(access.Other("copytrading")),
	"copy_futures_position": rights.For(access.Other("copytrading")),
}, needs: []string{"uta_trade", "uta_mgt", "withdraw", "copy_futures_order", "copy_futures_position"}}

// classic: api-doc, spot/account/Get-Account-Info. The last letter is the
// access: r for reading, w for reading and writing. The last three rows are in
// samples only, and what else they include is unknown.
var classic = edition{name: "classic", path: "/api/v2/spot/account/info", member: "authorities", table: rights.Table{
	"coor":     rights.For(access.Read),
	"cpor":     rights.For(access.Read),
	"stor":     rights.For(access.Read),
	"smor":     rights.For(access.Read),
	"ttor":     rights.For(access.Read),
	"wtor":     rights.For(access.Read),
	"chor":     rights.For(access.Read),
	"p2pr":     rights.For(access.Read),
	"pllr":     rights.For(access.Read),
	"taxr":     rights.For(access.Read),
	"coow":     rights.For(access.Read, access.TradeFutures),
	"cpow":     rights.For(access.Read, access.TradeFutures),
	"stow":     rights.For(access.Read, access.TradeSpot),
	"smow":     rights.For(access.Read, access.TradeMargin),
	"ttow":     rights.For(access.Read, access.Other("copytrading")),
	"wtow":     rights.For(access.Read, access.TransferInternal),
	"wwow":     rights.For(access.Withdraw, access.TransferExternal),
	"chow":     rights.For(access.Read, access.SubaccountManage, access.APIKeyManage),
	"p2pw":     rights.For(access.Read, access.Other("p2p")),
	"pllw":     rights.For(access.Read, access.Other("loan")),
	"taxw":     rights.For(access.Read, access.Other("tax")),
	"p2p":      rights.For(access.Read, access.Other("p2p")),
	"readonly": rights.For(access.Read),
	"trade":    rights.For(access.Read, access.TradeSpot, access.TradeFutures),
}, needs: []string{"stor", "stow"}}

// failures: api-doc, error codes. Those for withdrawals (40021, 40052) and for
// empty data don't belong to these calls, so they are not understood. The exchange's
// pages and its clients disagree about the ambiguous ones; see phrases.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "40037", "40041", "40001"),
	wire.Is(access.KindBadSignature, "40002", "40003", "40009", "40011", "40036"),
	wire.OneOf(access.KindBadKey, access.KindBadSignature).For("40012"), // "apikey/password is incorrect"
	wire.Is(access.KindIPNotAllowed, "40038"),
	wire.Is(access.KindClockSkew, "40004", "40005", "40008"),
	wire.Is(access.KindForbidden, "40014", "40048", "40061", "40068", "40301"),
	wire.Is(access.KindDisabled, "40013", "40022", "40023", "40025", "40026", "40027", "40031", "40035"),
	wire.Is(access.KindSecondFactor, "40016"),
	wire.Is(access.KindWrongEnvironment, "40099"), // a demo key elsewhere, or another key in demo trading; seen by many clients
	wire.Is(access.KindRateLimited, "429", "1001", "30014"),
	wire.Is(access.KindUnavailable, "40015", "40200", "40725"),
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed).For("40006"),
	wire.OneOf(access.KindUnavailable, access.KindBadSignature).For("40010"),
	wire.OneOf(access.KindIPNotAllowed, access.KindForbidden).For("40018"),
	wire.OneOf(access.KindDisabled, access.KindGeoBlocked).For("40024"),
}

// isClassic is what the unified call answers for a classic account.
const isClassic = "40084"

// phrases in messages decide between the candidates of an ambiguous code.
var phrases = wire.Failures{
	wire.Is(access.KindIPNotAllowed, "invalid ip"),
	wire.Is(access.KindForbidden, "permission"),
	wire.Is(access.KindBadKey, "access_key"),
	wire.Is(access.KindUnavailable, "timed out"),
	wire.Is(access.KindBadSignature, "signature"),
	wire.Is(access.KindDisabled, "frozen"),
	wire.Is(access.KindGeoBlocked, "region"),
}

func refusal(resp *adapter.Response, code, message string) *access.Error {
	e := failures.Refusal(resp, code, message)
	for _, known := range phrases {
		if slices.Contains(e.Candidates, known.Kind) && known.In(message) {
			known.Explain(e)
		}
	}
	return e
}
