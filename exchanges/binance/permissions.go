package binance

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// tradeNotes: what this one flag opens, by the security types and remarks of the
// wallet, sub-account, margin and earn endpoints.
var tradeNotes = []string{
	"convert, earn, staking and loan products",
	"switching on fast withdrawal, which sends to other users without a chain once a key may withdraw",
	"perhaps withdrawing BRL, ARS and MXN to a bank, for which no permission is documented",
}

// tradePowers of the same flag: creating and deleting keys of the margin special
// mode and changing their IP allowlists, on a main account those of sub-accounts and
// their keys too. With it a sub-account moves funds to the main account and to other
// sub-accounts, and a main account between the wallets of its sub-accounts.
var tradePowers = append(
	rights.Always(access.TransferInternal, access.APIKeyManage),
	rights.OnMain(access.SubaccountManage)...,
)

// fixRead is reading by FIX only: market data and executions.
const fixRead = access.Capability("other:fix-read")

// permissions maps flags. Source: docs/wallet/account/api-key-permission.
var permissions = rights.Table{
	"enableReading":                rights.For(access.Read),
	"enableFixReadOnly":            rights.For(fixRead),
	"enableSpotAndMarginTrading":   rights.For(access.TradeSpot, access.TradeMargin).Implying(tradeNotes...).Carrying(tradePowers...),
	"enableFixApiTrade":            rights.For(access.TradeSpot, access.Other("fix-trade")),
	"enableMargin":                 rights.For(access.TradeMargin).Carrying(rights.Always(access.TransferInternal)...),
	"enableFutures":                rights.For(access.TradeFutures),
	"enablePortfolioMarginTrading": rights.For(access.TradeFutures, access.TradeMargin, access.Other("portfolio-margin")),
	"enableVanillaOptions":         rights.For(access.TradeOptions),
	"permitsUniversalTransfer":     rights.For(access.TransferInternal),
	"enableInternalTransfer":       rights.For(access.TransferInternal),
	"enableWithdrawals":            rights.For(access.Withdraw, access.TransferExternal).Implying("creating and buying gift cards"),
}

// failures: docs/binance-spot-api-docs/errors; -2008 was seen by an independent
// client. -2015 has the same message for its three causes.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "-2014", "-2008"),
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden, access.KindWrongEnvironment, access.KindExpired).For("-2015"),
	wire.Is(access.KindBadSignature, "-1022"),
	wire.Is(access.KindClockSkew, "-1021"),
	wire.Is(access.KindForbidden, "-4006"),
	wire.OneOf(access.KindBadKey, access.KindForbidden).For("-1002", "-1099", "-4004"),
	wire.Is(access.KindRateLimited, "-1003"),
	wire.Is(access.KindUnavailable, "-1001", "-1004", "-1006", "-1007", "-1008", "-1016"),
}

// isFlag reports whether a member is a permission. One that this version doesn't
// know is surfaced when it is on.
func isFlag(name string) bool {
	return strings.HasPrefix(name, "enable") || strings.HasPrefix(name, "permits")
}

// missing is an error unless the answer reports any permission.
func missing(states map[string]access.State) error {
	for name := range permissions {
		if states[name] != access.Unknown {
			return nil
		}
	}
	return wire.ErrNoPermission
}

// deadlines of a key without an IP allowlist: the exchange's announcement of
// December 2022, and the text of the key page since 2026 as public notes quote
// it.
func deadlines(grants []access.Grant) []access.Deadline {
	out := []access.Deadline{{What: "the exchange removes keys without an IP allowlist after 30 days without use"}}
	if slices.ContainsFunc(grants, func(g access.Grant) bool {
		return g.State == access.Granted && g.Capability != access.Read && g.Capability != fixRead
	}) {
		out = append(out, access.Deadline{
			What: "the exchange says that it deletes keys that can do more than read and have no IP allowlist",
		})
	}
	return out
}
