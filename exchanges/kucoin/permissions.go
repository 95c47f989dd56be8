package kucoin

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: docs-new, introduction and get-apikey-info. The answer says
// Transfer and InnerTransfer for what the pages call Withdrawal and FlexTransfers.
var permissions = rights.Table{
	"General":          rights.For(access.Read).Carrying(masterPowers...),
	"Spot":             rights.For(access.TradeSpot),
	"Margin":           rights.For(access.TradeMargin),
	"Futures":          rights.For(access.TradeFutures),
	"Unified":          rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures),
	legacyTrade:        rights.For(access.TradeSpot),
	"Earn":             rights.For(access.Other("earn")),
	"InnerTransfer":    rights.For(access.TransferInternal),
	"FlexTransfers":    rights.For(access.TransferInternal),
	"Transfer":         rights.For(access.Withdraw, access.TransferExternal).Implying(noConfirmation),
	"Withdrawal":       rights.For(access.Withdraw, access.TransferExternal).Implying(noConfirmation),
	"LeadtradeFutures": rights.For(access.Other("copytrading")).Implying("futures orders as a lead trader, which others copy"),
}

// masterPowers: the pages of the calls that create sub-accounts, and create, change and
// delete their API keys, ask a key of the main account for General only. Nobody has
// confirmed that.
var masterPowers = []rights.Power{
	{Capability: access.SubaccountManage, Implied: access.ImpliedOnMain, Unsure: true},
	{Capability: access.APIKeyManage, Implied: access.ImpliedOnMain, Unsure: true},
}

const (
	legacyTrade    = "Trade"
	noConfirmation = "withdrawing without a confirmation by email or second factor"
)

// readPermissions: every key holds General, and the call needs it. So a list
// without it is incomplete and denies nothing, and the answer itself proves the
// right to read.
func readPermissions(data wire.Object, snap *access.Snapshot) {
	held, _ := data.Commas("permission")
	states := permissions.Listed(held)
	rights.DenyNothingWithout(states, "General")
	if states[legacyTrade] == access.Granted { // whether it includes margin and futures is not confirmed
		for _, name := range []string{"Margin", "Futures"} {
			if states[name] == access.Denied {
				delete(states, name)
			}
		}
	}
	permissions.Apply(snap, states)
	rights.Prove(snap, access.Read)
}
