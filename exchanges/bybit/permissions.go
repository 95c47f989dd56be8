package bybit

import (
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// walletNotes: docs/v5/user/modify-master-apikey and modify-sub-apikey.
const walletNotes = "on a main account: can create sub-accounts and their API keys, and add trading rights to this very key; " +
	"on a sub-account: can replace this key's own address list"

// permissions maps "group.value". Source: docs/v5/user/apikey-info.
var permissions = rights.Table{
	"ContractTrade.Order":                      rights.For(audit.TradeFutures),
	"ContractTrade.Position":                   rights.For(audit.TradeFutures),
	"Derivatives.DerivativesTrade":             rights.For(audit.TradeFutures),
	"Spot.SpotTrade":                           rights.For(audit.TradeSpot, audit.TradeMargin).Implying("crypto loans"),
	"Options.OptionsTrade":                     rights.For(audit.TradeOptions, audit.TradeFutures),
	"Wallet.AccountTransfer":                   rights.For(audit.TransferInternal).Implying(walletNotes),
	"Wallet.SubMemberTransfer":                 rights.For(audit.TransferInternal).Implying(walletNotes),
	"Wallet.SubMemberTransferList":             rights.For(audit.TransferInternal).Implying(walletNotes),
	"Wallet.Withdraw":                          {Grants: []audit.Capability{audit.Withdraw, audit.TransferExternal}, Implies: []string{walletNotes}, Qualifier: "to saved addresses and accounts", AddressBook: audit.BookAlways},
	"Exchange.ExchangeHistory":                 rights.For(audit.Other("convert")),
	"Earn.Earn":                                rights.For(audit.Other("earn")),
	"FiatP2P.FiatP2POrder":                     rights.For(audit.Other("p2p")),
	"FiatP2P.Advertising":                      rights.For(audit.Other("p2p")),
	"FiatBitPay.FaitPayOrder":                  rights.For(audit.Other("pay")),
	"FiatConvertBroker.FiatConvertBrokerOrder": rights.For(audit.Other("fiat-convert")),
	"BitCard.BitCard":                          rights.For(audit.Other("card")),
	"ByXPost.ByXPost":                          rights.For(audit.Other("post")),
	"Affiliate.Affiliate":                      rights.For(audit.Other("affiliate")),
	"BlockTrade.BlockTrade":                    rights.For(audit.Other("block-trade")),
	"CopyTrading.CopyTrading":                  rights.For(audit.Other("copytrading")), // deprecated
	"NFT.NFTQueryProductList":                  rights.For(audit.Other("nft")),         // deprecated
}

// globalPay is a group of payments that a sample shows and whose values are
// documented nowhere: so each of them counts.
const globalPay = "FiatGlobalPay."

// paying is the table with the values of that group that the key holds.
func paying(states map[string]audit.State) rights.Table {
	table := maps.Clone(permissions)
	for name := range states {
		if strings.HasPrefix(name, globalPay) {
			table[name] = rights.For(audit.Other("pay"))
		}
	}
	return table
}

// readPermissions gives the state of every permission. A group that is missing
// leaves its permissions unknown.
func readPermissions(result wire.Object) (map[string]audit.State, audit.State, error) {
	states := map[string]audit.State{}
	groups, ok := result.Object("permissions")
	if !ok {
		return states, audit.Unknown, result.Err()
	}
	told := map[string]bool{}
	for _, group := range groups.Names() {
		values, ok := groups.Strings(group)
		if group == "FiatBybitPay" { // the group's name until 2026-05-14
			group = "FiatBitPay"
		}
		told[group] = told[group] || ok
		for _, value := range values {
			states[group+"."+value] = audit.Granted
		}
	}
	for name := range permissions {
		if group := groupOf(name); states[name] == audit.Unknown && told[group] {
			states[name] = audit.Denied
		}
	}
	readOnly := audit.Unknown
	if flag, ok := result.Int("readOnly"); ok {
		readOnly = audit.StateOf(flag == 1)
	}
	return states, readOnly, result.Err()
}

// restrain applies the read-only switch: the lists stay filled and then only
// name the areas that may be read.
func restrain(snap *audit.Snapshot) {
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability != audit.Read {
			*g = audit.Grant{Capability: g.Capability, State: audit.Denied, Evidence: audit.Told}
		}
	}
	snap.Notes = append(snap.Notes, "The key is read-only: the permissions listed only name what it may look at.")
	if slices.ContainsFunc(snap.Permissions, func(name string) bool { return groupOf(name) == "Wallet" }) {
		snap.Notes = append(snap.Notes, "The venue doesn't say whether a read-only key with a Wallet permission may still change its own rights and addresses.")
	}
}

func groupOf(permission string) string {
	group, _, _ := strings.Cut(permission, ".")
	return group
}
