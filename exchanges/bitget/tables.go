package bitget

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
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
	"uta_trade": rights.For(audit.TradeSpot, audit.TradeMargin, audit.TradeFutures).Implying("strategy orders and conversions"),
	"uta_mgt": rights.For(audit.TransferInternal, audit.SubaccountManage, audit.APIKeyManage).Implying(
		"can clear the address list of a sub-account's key", "loans, earn products, leverage and other settings of the account",
	),
	"withdraw":              rights.For(audit.Withdraw, audit.TransferExternal),
	"copy_futures_order":    rights.For(audit.Other("copytrading")),
	"copy_futures_position": rights.For(audit.Other("copytrading")),
}}

// classic: api-doc, spot/account/Get-Account-Info. The last letter is the
// access: r for reading, w for reading and writing. The last three rows are in
// samples only, and what else they leave open is not known.
var classic = edition{name: "classic", path: "/api/v2/spot/account/info", member: "authorities", table: rights.Table{
	"coor":     rights.For(audit.Read),
	"cpor":     rights.For(audit.Read),
	"stor":     rights.For(audit.Read),
	"smor":     rights.For(audit.Read),
	"ttor":     rights.For(audit.Read),
	"wtor":     rights.For(audit.Read),
	"chor":     rights.For(audit.Read),
	"p2pr":     rights.For(audit.Read),
	"pllr":     rights.For(audit.Read),
	"taxr":     rights.For(audit.Read),
	"coow":     rights.For(audit.Read, audit.TradeFutures),
	"cpow":     rights.For(audit.Read, audit.TradeFutures),
	"stow":     rights.For(audit.Read, audit.TradeSpot),
	"smow":     rights.For(audit.Read, audit.TradeMargin),
	"ttow":     rights.For(audit.Read, audit.Other("copytrading")),
	"wtow":     rights.For(audit.Read, audit.TransferInternal),
	"wwow":     rights.For(audit.Withdraw, audit.TransferExternal),
	"chow":     rights.For(audit.Read, audit.SubaccountManage, audit.APIKeyManage),
	"p2pw":     rights.For(audit.Read, audit.Other("p2p")),
	"pllw":     rights.For(audit.Read, audit.Other("loan")),
	"taxw":     rights.For(audit.Read, audit.Other("tax")),
	"p2p":      rights.For(audit.Read, audit.Other("p2p")),
	"readonly": rights.For(audit.Read),
	"trade":    rights.For(audit.Read, audit.TradeSpot, audit.TradeFutures),
}, needs: []string{"stor", "stow"}}

// failures: api-doc, error codes. Those of withdrawing (40021, 40052) and of
// empty data don't belong to these calls, so they are not understood.
var failures = wire.Failures{
	"40037": wire.Is(audit.KindBadKey),
	"40041": wire.Is(audit.KindBadKey),
	"40001": wire.Is(audit.KindBadKey),
	"40002": wire.Is(audit.KindBadSignature),
	"40003": wire.Is(audit.KindBadSignature),
	"40009": wire.Is(audit.KindBadSignature),
	"40011": wire.Is(audit.KindBadSignature),
	"40012": wire.Is(audit.KindBadSignature),
	"40036": wire.Is(audit.KindBadSignature),
	"40038": wire.Is(audit.KindIPNotAllowed),
	"40004": wire.Is(audit.KindClockSkew),
	"40005": wire.Is(audit.KindClockSkew),
	"40008": wire.Is(audit.KindClockSkew),
	"40014": wire.Is(audit.KindForbidden),
	"40048": wire.Is(audit.KindForbidden),
	"40061": wire.Is(audit.KindForbidden),
	"40068": wire.Is(audit.KindForbidden),
	"40301": wire.Is(audit.KindForbidden),
	"40013": wire.Is(audit.KindDisabled),
	"40022": wire.Is(audit.KindDisabled),
	"40023": wire.Is(audit.KindDisabled),
	"40025": wire.Is(audit.KindDisabled),
	"40026": wire.Is(audit.KindDisabled),
	"40027": wire.Is(audit.KindDisabled),
	"40031": wire.Is(audit.KindDisabled),
	"40035": wire.Is(audit.KindDisabled),
	"40016": wire.Is(audit.KindSecondFactor),
	"40099": wire.Is(audit.KindWrongEnvironment), // a demo key elsewhere, or another key in demo trading; seen by many clients
	"429":   wire.Is(audit.KindRateLimited),
	"1001":  wire.Is(audit.KindRateLimited),
	"30014": wire.Is(audit.KindRateLimited),
	"40015": wire.Is(audit.KindUnavailable),
	"40200": wire.Is(audit.KindUnavailable),
	"40725": wire.Is(audit.KindUnavailable),
	// Of these the venue's pages and its clients say different things; see
	// phrases.
	"40006": wire.OneOf(audit.KindBadKey, audit.KindIPNotAllowed),
	"40010": wire.OneOf(audit.KindUnavailable, audit.KindBadSignature),
	"40018": wire.OneOf(audit.KindIPNotAllowed, audit.KindForbidden),
	"40024": wire.OneOf(audit.KindDisabled, audit.KindGeoBlocked),
}

// isClassic is what the unified call answers for a classic account.
const isClassic = "40084"

// phrases decide where a code is disputed.
var phrases = []struct {
	text string
	kind audit.Kind
}{
	{"invalid ip", audit.KindIPNotAllowed},
	{"permission", audit.KindForbidden},
	{"access_key", audit.KindBadKey},
	{"timed out", audit.KindUnavailable},
	{"signature", audit.KindBadSignature},
	{"frozen", audit.KindDisabled},
	{"region", audit.KindGeoBlocked},
}

func refusal(resp *audit.Response, code, message string) *audit.Error {
	e := failures.Refusal(resp, code, message)
	for _, p := range phrases {
		if slices.Contains(e.Candidates, p.kind) && strings.Contains(strings.ToLower(message), p.text) {
			e.Kind, e.Candidates = p.kind, nil
		}
	}
	return e
}
