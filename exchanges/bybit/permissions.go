package bybit

import (
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions maps "group.value". Source: docs/v5/user/apikey-info. Whether the
// derivatives of a unified account include options settled in USDC is not stated.
var permissions = rights.Table{
	"ContractTrade.Order":          rights.For(access.TradeFutures),
	"ContractTrade.Position":       rights.For(access.TradeFutures),
	"Derivatives.DerivativesTrade": {Grants: []access.Capability{access.TradeFutures}, Perhaps: []access.Capability{access.TradeOptions}},
	"Spot.SpotTrade":               rights.For(access.TradeSpot, access.TradeMargin).Implying("crypto loans"),
	"Options.OptionsTrade":         rights.For(access.TradeOptions, access.TradeFutures),
	"Wallet.AccountTransfer":       rights.For(access.TransferInternal).Carrying(managing...),
	"Wallet.SubMemberTransfer":     rights.For(access.TransferInternal).Carrying(managing...),
	"Wallet.SubMemberTransferList": rights.For(access.TransferInternal).Carrying(managing...),
	"Wallet.Withdraw": {
		Grants: []access.Capability{access.Withdraw, access.TransferExternal}, Carries: managing,
		Qualifier: "only to saved withdrawal addresses and accounts", AddressBook: access.BookAlways,
	},
	"Exchange.ExchangeHistory":                 rights.For(access.Other("convert")),
	"Earn.Earn":                                rights.For(access.Other("earn")),
	"FiatP2P.FiatP2POrder":                     rights.For(access.Other("p2p")),
	"FiatP2P.Advertising":                      rights.For(access.Other("p2p")),
	"FiatBitPay.FaitPayOrder":                  rights.For(access.Other("pay")),
	"FiatConvertBroker.FiatConvertBrokerOrder": rights.For(access.Other("fiat-convert")),
	"BitCard.BitCard":                          rights.For(access.Other("card")),
	"ByXPost.ByXPost":                          rights.For(access.Other("post")),
	"Affiliate.Affiliate":                      rights.For(access.Other("affiliate")),
	"BlockTrade.BlockTrade":                    rights.For(access.Other("block-trade")),
	"CopyTrading.CopyTrading":                  rights.For(access.Other("copytrading")), // deprecated
	"NFT.NFTQueryProductList":                  rights.For(access.Other("nft")),         // deprecated
}

// globalPay is a group of payments that a sample shows and whose values are not
// documented: so each of them counts.
const globalPay = "FiatGlobalPay."

// withPayGroup is the table with the values of that group that the key holds.
func withPayGroup(states map[string]access.State) rights.Table {
	table := maps.Clone(permissions)
	for name := range states {
		if strings.HasPrefix(name, globalPay) {
			table[name] = rights.For(access.Other("pay"))
		}
	}
	return table
}

// readPermissions returns the state of every permission, and of the read-only
// switch. A group that is missing leaves its permissions unknown.
func readPermissions(result wire.Object) (map[string]access.State, access.State, error) {
	states := map[string]access.State{}
	groups, ok := result.Object("permissions")
	if !ok {
		return states, access.Unknown, result.Err()
	}
	reported, unnamed := map[string]bool{}, map[string]bool{} // an entry without a name may be any of its group
	for _, group := range groups.Names() {
		values, ok := groups.Strings(group)
		if group == "FiatBybitPay" { // the group's name until 2026-05-14
			group = "FiatBitPay"
		}
		reported[group], unnamed[group] = reported[group] || ok, unnamed[group] || slices.Contains(values, "")
		for _, value := range values {
			states[group+"."+value] = access.Granted
		}
	}
	for name := range permissions {
		if group := groupOf(name); states[name] == access.Unknown && reported[group] && !unnamed[group] {
			states[name] = access.Denied
		}
	}
	readOnly := access.Unknown
	if flag, ok := result.Int("readOnly"); ok {
		readOnly = access.StateOf(flag == 1)
	}
	if readOnly != access.Granted { // a key that may write and nothing to write is not all there is
		rights.DenyNothingWithout(states, slices.Collect(maps.Keys(permissions))...)
	}
	return states, readOnly, result.Err()
}

// applyReadOnly applies the read-only switch: the lists stay filled and then only
// name the areas that may be read. What such a key may still change is not
// documented.
func applyReadOnly(snap *access.Snapshot) {
	for i := range snap.Grants {
		switch g := &snap.Grants[i]; {
		case g.Capability == access.Read:
		case g.State != access.Denied && (g.Capability == access.APIKeyManage || g.Capability == access.SubaccountManage):
			*g = access.Grant{Capability: g.Capability}
		default:
			*g = access.Grant{Capability: g.Capability, State: access.Denied, Evidence: access.Reported}
		}
	}
	snap.Notes = append(snap.Notes, "The key is read-only: the listed permissions only name what it may read.")
	if slices.ContainsFunc(snap.Permissions, func(name string) bool { return len(permissions[name].Carries) > 0 }) {
		snap.Notes = append(snap.Notes, "The exchange doesn't say whether a read-only key with a Wallet permission "+
			"may still change its own rights and IP allowlist.")
	}
}

// perhapsReadOnly is for an answer without the switch: the lists may name what the key
// may only read.
func perhapsReadOnly(snap *access.Snapshot) {
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability != access.Read && g.State == access.Granted {
			g.State, g.Evidence = access.Unknown, access.NoEvidence
		}
	}
}

func groupOf(permission string) string {
	group, _, _ := strings.Cut(permission, ".")
	return group
}

// managing are the powers of each Wallet permission: it is enough for POST
// /v5/user/create-sub-member, create-sub-api, update-sub-api and, for the key itself,
// update-api. Source: docs/v5/user/create-subuid, create-subuid-apikey,
// modify-master-apikey, modify-sub-apikey.
var managing = append(rights.Always(access.APIKeyManage), rights.OnMain(access.SubaccountManage)...)

// ownKey narrows what a key of a sub-account manages.
func ownKey(snap *access.Snapshot) {
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability == access.APIKeyManage && g.State == access.Granted && snap.Account.Kind == access.SubAccount {
			g.Qualifier = "its own key: rights and IP allowlist"
		}
	}
}
