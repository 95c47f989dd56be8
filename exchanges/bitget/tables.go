package bitget

import (
	"slices"
	"strings"

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
	// needs are the permissions of which the call itself needs one: a list
	// without any isn't the whole list.
	needs []string
}

// unified: api-doc, uta/account/Get-Account-Info. The pages of its other calls
// say which permission each needs. Whether uta_trade reaches options, and
// which other permissions may come, is not confirmed.
var unified = edition{name: "unified", path: "/api/v3/account/info", member: "permissions", table: rights.Table{
	"uta_trade": rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures).Implying("strategy orders and conversions"),
	"uta_mgt": rights.For(access.TransferInternal, access.SubaccountManage, access.APIKeyManage).Implying(
		"can clear the address list of a sub-account's key", "loans, earn products, leverage and other settings of the account",
	),
	"withdraw":              rights.For(access.Withdraw, access.TransferExternal),
	"copy_futures_order":    rights.For(access.Other("copytrading")),
	"copy_futures_position": rights.For(access.Other("copytrading")),
}}

// classic: api-doc, spot/account/Get-Account-Info. The last letter is the
// access: r for reading, w for reading and writing. The last three rows are in
// samples only, and what else they leave open is not known.
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

// failures: api-doc, error codes. Those of withdrawing (40021, 40052) and of
// empty data don't belong to these calls, so they are not understood.
var failures = wire.Failures{
	"40037": wire.Is(access.KindBadKey),
	"40041": wire.Is(access.KindBadKey),
	"40001": wire.Is(access.KindBadKey),
	"40002": wire.Is(access.KindBadSignature),
	"40003": wire.Is(access.KindBadSignature),
	"40009": wire.Is(access.KindBadSignature),
	"40011": wire.Is(access.KindBadSignature),
	"40012": wire.Is(access.KindBadSignature),
	"40036": wire.Is(access.KindBadSignature),
	"40038": wire.Is(access.KindIPNotAllowed),
	"40004": wire.Is(access.KindClockSkew),
	"40005": wire.Is(access.KindClockSkew),
	"40008": wire.Is(access.KindClockSkew),
	"40014": wire.Is(access.KindForbidden),
	"40048": wire.Is(access.KindForbidden),
	"40061": wire.Is(access.KindForbidden),
	"40068": wire.Is(access.KindForbidden),
	"40301": wire.Is(access.KindForbidden),
	"40013": wire.Is(access.KindDisabled),
	"40022": wire.Is(access.KindDisabled),
	"40023": wire.Is(access.KindDisabled),
	"40025": wire.Is(access.KindDisabled),
	"40026": wire.Is(access.KindDisabled),
	"40027": wire.Is(access.KindDisabled),
	"40031": wire.Is(access.KindDisabled),
	"40035": wire.Is(access.KindDisabled),
	"40016": wire.Is(access.KindSecondFactor),
	"40099": wire.Is(access.KindWrongEnvironment), // a demo key elsewhere, or another key in demo trading; seen by many clients
	"429":   wire.Is(access.KindRateLimited),
	"1001":  wire.Is(access.KindRateLimited),
	"30014": wire.Is(access.KindRateLimited),
	"40015": wire.Is(access.KindUnavailable),
	"40200": wire.Is(access.KindUnavailable),
	"40725": wire.Is(access.KindUnavailable),
	// Of these the exchange's pages and its clients say different things; see
	// phrases.
	"40006": wire.OneOf(access.KindBadKey, access.KindIPNotAllowed),
	"40010": wire.OneOf(access.KindUnavailable, access.KindBadSignature),
	"40018": wire.OneOf(access.KindIPNotAllowed, access.KindForbidden),
	"40024": wire.OneOf(access.KindDisabled, access.KindGeoBlocked),
}

// isClassic is what the unified call answers for a classic account.
const isClassic = "40084"

// phrases decide where a code is disputed.
var phrases = []struct {
	text string
	kind access.Kind
}{
	{"invalid ip", access.KindIPNotAllowed},
	{"permission", access.KindForbidden},
	{"access_key", access.KindBadKey},
	{"timed out", access.KindUnavailable},
	{"signature", access.KindBadSignature},
	{"frozen", access.KindDisabled},
	{"region", access.KindGeoBlocked},
}

func refusal(resp *adapter.Response, code, message string) *access.Error {
	e := failures.Refusal(resp, code, message)
	for _, p := range phrases {
		if slices.Contains(e.Candidates, p.kind) && strings.Contains(strings.ToLower(message), p.text) {
			e.Kind, e.Candidates = p.kind, nil
		}
	}
	return e
}
