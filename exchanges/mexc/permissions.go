package mexc

import (
	"maps"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: the enumeration of the spot and broker documentation. The right
// to change the account is the one that the POST of this very path and the
// making of sub-account keys ask for. Independent clients know calls for margin
// orders, which have no permission of their own.
var permissions = rights.Table{
	"SPOT_ACCOUNT_READ":     rights.For(access.Read).Implying("by older pages: making API keys of sub-accounts, which newer ones ask SPOT_ACCOUNT_WRITE for"),
	"SPOT_DEAL_READ":        rights.For(access.Read),
	"SPOT_WITHDRAW_READ":    rights.For(access.Read),
	"SPOT_TRANSFER_READ":    rights.For(access.Read),
	"SPOT_DEPOSIT_READ":     rights.For(access.Read),
	"CONTRACT_ACCOUNT_READ": rights.For(access.Read),
	"CONTRACT_DEAL_READ":    rights.For(access.Read),
	"SPOT_DEAL_WRITE": {
		Grants: []access.Capability{access.TradeSpot}, Perhaps: []access.Capability{access.TradeMargin}, Implies: []string{"converting small balances"},
	},
	"CONTRACT_DEAL_WRITE":    rights.For(access.TradeFutures),
	"CONTRACT_ACCOUNT_WRITE": rights.For(access.TradeFutures),
	"SPOT_ACCOUNT_WRITE":     rights.For(access.APIKeyManage, access.SubaccountManage).Implying("replacing the addresses that a key is bound to"),
	"SPOT_TRANSFER_WRITE":    rights.For(access.TransferInternal).Implying("moving funds between the main account and its sub-accounts"),
	"SPOT_WITHDRAW_WRITE":    rights.For(access.Withdraw, access.TransferExternal),
	"SPOT_DEPOSIT_WRITE":     rights.For(access.Other("deposit")),
}

// keyStates: the enumeration of the call's page.
var keyStates = map[string]access.KeyState{"VALID": access.KeyActive, "FROZEN": access.KeyLocked, "DELETE": access.KeyDisabled}

// failures: the error codes of the spot and the futures documentation. An
// independent client saw the message of a wrong signature for expired keys.
// 730707 and 700005 would be this adapter's own mistakes.
var failures = wire.Failures{
	"400":    wire.Is(access.KindBadKey),
	"10072":  wire.Is(access.KindBadKey),
	"730706": wire.Is(access.KindBadKey),
	"700001": wire.OneOf(access.KindBadKey, access.KindExpired),
	"700002": wire.OneOf(access.KindBadSignature, access.KindExpired),
	"602":    wire.Is(access.KindBadSignature),
	"402":    wire.Is(access.KindExpired),
	"700003": wire.Is(access.KindClockSkew),
	"10073":  wire.Is(access.KindClockSkew),
	"513":    wire.Is(access.KindClockSkew),
	"700006": wire.Is(access.KindIPNotAllowed),
	"406":    wire.Is(access.KindIPNotAllowed),
	"700007": wire.Is(access.KindForbidden),
	"403":    wire.Is(access.KindForbidden),
	"511":    wire.Is(access.KindForbidden),
	"701":    wire.Is(access.KindForbidden),
	"702":    wire.Is(access.KindForbidden),
	"703":    wire.Is(access.KindForbidden),
	"704":    wire.Is(access.KindForbidden),
	"70011":  wire.Is(access.KindForbidden),
	"60005":  wire.Is(access.KindDisabled),
	"730100": wire.Is(access.KindDisabled),
	"429":    wire.Is(access.KindRateLimited),
	"510":    wire.Is(access.KindRateLimited),
	"503":    wire.Is(access.KindUnavailable),
	"604":    wire.Is(access.KindUnavailable),
	"801":    wire.Is(access.KindUnavailable),
}

// readPermissions gives the state of every permission. A list that names none
// of them isn't the list, and denies nothing: no key can be made without any.
func readPermissions(held []string) map[string]access.State {
	known := false
	for i, name := range held {
		held[i] = unabridged(name)
		if _, ok := permissions[held[i]]; ok {
			known = true
		}
	}
	states := permissions.Listed(held)
	if !known {
		maps.DeleteFunc(states, func(_ string, state access.State) bool { return state == access.Denied })
	}
	return states
}

// unabridged: some older pages write _R and _W.
func unabridged(name string) string {
	if short, ok := strings.CutSuffix(name, "_R"); ok {
		return short + "_READ"
	}
	if short, ok := strings.CutSuffix(name, "_W"); ok {
		return short + "_WRITE"
	}
	return name
}
