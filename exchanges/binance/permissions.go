package binance

import (
	"errors"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
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
const fixRead = audit.Capability("other:fix-read")

// permissions maps flags. Source: docs/wallet/account/api-key-permission.
var permissions = rights.Table{
	"enableReading":                rights.For(audit.Read),
	"enableFixReadOnly":            rights.For(fixRead),
	"enableSpotAndMarginTrading":   rights.For(audit.TradeSpot, audit.TradeMargin).Implying(tradeNotes...),
	"enableFixApiTrade":            rights.For(audit.TradeSpot),
	"enableMargin":                 rights.For(audit.TradeMargin).Implying("moving funds between the spot and margin wallets"),
	"enableFutures":                rights.For(audit.TradeFutures),
	"enablePortfolioMarginTrading": rights.For(audit.TradeFutures, audit.TradeMargin),
	"enableVanillaOptions":         rights.For(audit.TradeOptions),
	"permitsUniversalTransfer":     rights.For(audit.TransferInternal),
	"enableInternalTransfer":       rights.For(audit.TransferInternal),
	"enableWithdrawals":            rights.For(audit.Withdraw, audit.TransferExternal).Implying("making and buying gift cards"),
}

// failures: docs/binance-spot-api-docs/errors; -2008 was seen by an independent
// client. -2015 has one text for its three causes.
var failures = wire.Failures{
	"-2014": wire.Is(audit.KindBadKey),
	"-2008": wire.Is(audit.KindBadKey),
	"-2015": wire.OneOf(audit.KindBadKey, audit.KindIPNotAllowed, audit.KindForbidden),
	"-1022": wire.Is(audit.KindBadSignature),
	"-1021": wire.Is(audit.KindClockSkew),
	"-1002": wire.Is(audit.KindForbidden),
	"-1099": wire.OneOf(audit.KindBadKey, audit.KindForbidden),
	"-4004": wire.OneOf(audit.KindBadKey, audit.KindForbidden),
	"-4006": wire.Is(audit.KindForbidden),
	"-1003": wire.Is(audit.KindRateLimited),
	"-1001": wire.Is(audit.KindUnavailable),
	"-1004": wire.Is(audit.KindUnavailable),
	"-1006": wire.Is(audit.KindUnavailable),
	"-1007": wire.Is(audit.KindUnavailable),
	"-1008": wire.Is(audit.KindUnavailable),
	"-1016": wire.Is(audit.KindUnavailable),
}

// readFlags gives the state of every flag. A flag that is missing is unknown;
// one that this version doesn't know is surfaced when it is on.
func readFlags(body wire.Object) map[string]audit.State {
	states := make(map[string]audit.State, len(permissions))
	names := body.Names()
	slices.Sort(names) // so that an error is always the same
	for _, name := range names {
		if strings.HasPrefix(name, "enable") || strings.HasPrefix(name, "permits") {
			if on, ok := body.Bool(name); ok {
				states[name] = audit.StateOf(on)
			}
		}
	}
	return states
}

// missing is an error unless the answer told any permission.
func missing(states map[string]audit.State) error {
	for name := range permissions {
		if states[name] != audit.Unknown {
			return nil
		}
	}
	return errors.New("the answer tells no permission")
}

// deadlines of a key that is not bound to addresses: venue announcement of
// December 2022, and the text of the key page since 2026 as public notes quote
// it.
func deadlines(grants []audit.Grant) []audit.Deadline {
	out := []audit.Deadline{{What: "the venue removes keys that are not bound to addresses after 30 days without use"}}
	if slices.ContainsFunc(grants, func(g audit.Grant) bool {
		return g.State == audit.Granted && g.Capability != audit.Read && g.Capability != fixRead
	}) {
		out = append(out, audit.Deadline{What: "the venue says that it deletes keys that are not bound to addresses and can do more than read"})
	}
	return out
}
