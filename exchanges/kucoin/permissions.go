package kucoin

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: docs-new, introduction and get-apikey-info. The answer says
// Transfer and InnerTransfer for what the texts call Withdrawal and
// FlexTransfers.
var permissions = rights.Table{
	"General":          rights.For(audit.Read),
	"Spot":             rights.For(audit.TradeSpot),
	"Margin":           rights.For(audit.TradeMargin),
	"Futures":          rights.For(audit.TradeFutures),
	"Unified":          rights.For(audit.TradeSpot, audit.TradeMargin, audit.TradeFutures),
	legacyTrade:        rights.For(audit.TradeSpot),
	"Earn":             rights.For(audit.Other("earn")),
	"InnerTransfer":    rights.For(audit.TransferInternal),
	"FlexTransfers":    rights.For(audit.TransferInternal),
	"Transfer":         rights.For(audit.Withdraw, audit.TransferExternal).Implying(noConfirmation),
	"Withdrawal":       rights.For(audit.Withdraw, audit.TransferExternal).Implying(noConfirmation),
	"LeadtradeFutures": rights.For(audit.Other("copytrading")).Implying("futures orders as a lead trader, which others copy"),
}

const (
	legacyTrade    = "Trade"
	noConfirmation = "withdrawing without a confirmation by e-mail or second factor"
)

// readPermissions: every key holds General, and the call needs it. So a list
// without it isn't the whole list and denies nothing, and the answer itself
// proves the right to read.
func readPermissions(data wire.Object, snap *audit.Snapshot) {
	held, _ := data.Commas("permission")
	states := permissions.Listed(held)
	whole := states["General"] == audit.Granted
	for name, state := range states {
		// Whether the old Trade carries margin and futures is not confirmed.
		disputed := states[legacyTrade] == audit.Granted && (name == "Margin" || name == "Futures")
		if state == audit.Denied && (!whole || disputed) {
			states[name] = audit.Unknown
		}
	}
	permissions.Apply(snap, states)
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability == audit.Read && g.State != audit.Granted {
			*g = audit.Grant{Capability: audit.Read, State: audit.Granted, Evidence: audit.Inferred}
		}
		if g := &snap.Grants[i]; g.Capability == audit.Read && snap.Account.Kind == audit.MainAccount {
			g.Implies = []string{masterPower}
		}
	}
}
