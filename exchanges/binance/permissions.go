package binance

import (
	"errors"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// tradeNotes: the security types and remarks of the wallet, sub-account, margin
// and earn endpoints that this one flag opens.
var tradeNotes = []string{
	"convert, earn, staking and loan products",
	"switching on fast withdrawal, which sends to other users without a chain once a key may withdraw",
	"making, deleting and re-binding keys of the margin special mode",
	"on a sub-account: moving funds to the main account and to other sub-accounts",
	"on a main account: making sub-accounts, making, changing and deleting their API keys and the addresses those are bound to",
	"perhaps withdrawing BRL, ARS and MXN to a bank, for which no permission is documented",
}

// fixRead is reading by FIX only: market data and executions.
const fixRead = access.Capability("other:fix-read")

// permissions maps flags. Source: docs/wallet/account/api-key-permission.
var permissions = rights.Table{
	"enableReading":                rights.For(access.Read),
	"enableFixReadOnly":            rights.For(fixRead),
	"enableSpotAndMarginTrading":   rights.For(access.TradeSpot, access.TradeMargin).Implying(tradeNotes...),
	"enableFixApiTrade":            rights.For(access.TradeSpot),
	"enableMargin":                 rights.For(access.TradeMargin).Implying("moving funds between the spot and margin wallets"),
	"enableFutures":                rights.For(access.TradeFutures),
	"enablePortfolioMarginTrading": rights.For(access.TradeFutures, access.TradeMargin),
	"enableVanillaOptions":         rights.For(access.TradeOptions),
	"permitsUniversalTransfer":     rights.For(access.TransferInternal),
	"enableInternalTransfer":       rights.For(access.TransferInternal),
	"enableWithdrawals":            rights.For(access.Withdraw, access.TransferExternal).Implying("making and buying gift cards"),
}

// failures: docs/binance-spot-api-docs/errors; -2008 was seen by an independent
// client. -2015 has one text for its three causes.
var failures = wire.Failures{
	"-2014": wire.Is(access.KindBadKey),
	"-2008": wire.Is(access.KindBadKey),
	"-2015": wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden),
	"-1022": wire.Is(access.KindBadSignature),
	"-1021": wire.Is(access.KindClockSkew),
	"-1002": wire.Is(access.KindForbidden),
	"-1099": wire.OneOf(access.KindBadKey, access.KindForbidden),
	"-4004": wire.OneOf(access.KindBadKey, access.KindForbidden),
	"-4006": wire.Is(access.KindForbidden),
	"-1003": wire.Is(access.KindRateLimited),
	"-1001": wire.Is(access.KindUnavailable),
	"-1004": wire.Is(access.KindUnavailable),
	"-1006": wire.Is(access.KindUnavailable),
	"-1007": wire.Is(access.KindUnavailable),
	"-1008": wire.Is(access.KindUnavailable),
	"-1016": wire.Is(access.KindUnavailable),
}

// readFlags gives the state of every flag. A flag that is missing is unknown;
// one that this version doesn't know is surfaced when it is on.
func readFlags(body wire.Object) map[string]access.State {
	states := make(map[string]access.State, len(permissions))
	names := body.Names()
	slices.Sort(names) // so that an error is always the same
	for _, name := range names {
		if strings.HasPrefix(name, "enable") || strings.HasPrefix(name, "permits") {
			if on, ok := body.Bool(name); ok {
				states[name] = access.StateOf(on)
			}
		}
	}
	return states
}

// missing is an error unless the answer told any permission.
func missing(states map[string]access.State) error {
	for name := range permissions {
		if states[name] != access.Unknown {
			return nil
		}
	}
	return errors.New("the answer tells no permission")
}

// deadlines of a key that is not bound to addresses: exchange announcement of
// December 2022, and the text of the key page since 2026 as public notes quote
// it.
func deadlines(grants []access.Grant) []access.Deadline {
	out := []access.Deadline{{What: "the exchange removes keys that are not bound to addresses after 30 days without use"}}
	if slices.ContainsFunc(grants, func(g access.Grant) bool {
		return g.State == access.Granted && g.Capability != access.Read && g.Capability != fixRead
	}) {
		out = append(out, access.Deadline{What: "the exchange says that it deletes keys that are not bound to addresses and can do more than read"})
	}
	return out
}
