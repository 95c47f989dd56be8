package kraken

import (
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
)

// permissions are the 13 of the reference. What else they include is on the pages of
// WalletTransfer, AccountTransfer and CreateSubaccount; a guide on sub-accounts
// requires modify-trades where the last requires withdraw-funds.
var permissions = rights.Table{
	"query-funds": rights.For(access.Read).
		Implying("can move funds from the spot wallet to the owner's futures wallet (documented, not tested)"),
	"add-funds": rights.For(access.Other("deposit")),
	"withdraw-funds": {
		Grants: []access.Capability{access.Withdraw}, Implies: []string{"on an institution's master account: transfers between the accounts"},
		Carries:   []rights.Power{{Capability: access.SubaccountManage, Implied: access.ImpliedOnMain, Qualifier: masters}},
		Qualifier: "only to withdrawal addresses stored in the account", AddressBook: access.BookAlways,
	},
	"earn-funds":          rights.For(access.Other("earn")),
	"query-open-trades":   rights.For(access.Read),
	"query-closed-trades": rights.For(access.Read),
	"modify-trades": rights.For(access.TradeSpot, access.TradeMargin).
		Carrying(rights.Power{Capability: access.SubaccountManage, Implied: access.ImpliedOnMain, Unsure: true, Qualifier: masters}),
	"close-trades":            {Grants: []access.Capability{access.TradeSpot, access.TradeMargin, access.CancelOrders}, Qualifier: "only to cancel, amend and close"},
	"query-ledger":            rights.For(access.Read),
	"export-data":             rights.For(access.Read),
	"create-ws-token":         rights.For(access.Other("ws-token")),
	"add-withdraw-address":    rights.For(access.WithdrawAddresses),
	"update-withdraw-address": rights.For(access.WithdrawAddresses),
}

const masters = "only on master accounts of institutions"

// canonical returns the reference's spelling of a permission. Kraken's OAuth keys
// write query-funds as funds_query. A name unknown in either spelling is kept.
func canonical(name string) string {
	dashed := strings.ReplaceAll(name, "_", "-")
	area, action, _ := strings.Cut(dashed, "-")
	for _, spelt := range []string{dashed, action + "-" + area} {
		if _, known := permissions[spelt]; known {
			return spelt
		}
	}
	return name
}
