package mexc

import (
	"maps"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: the enumeration of the spot and broker documentation. The right
// to change the account is the one that the POST of this very path and the
// making of sub-account keys ask for. Independent clients know calls for margin
// orders, which have no permission of their own.
var permissions = rights.Table{
	"SPOT_ACCOUNT_READ":     rights.For(audit.Read).Implying("by older pages: making API keys of sub-accounts, which newer ones ask SPOT_ACCOUNT_WRITE for"),
	"SPOT_DEAL_READ":        rights.For(audit.Read),
	"SPOT_WITHDRAW_READ":    rights.For(audit.Read),
	"SPOT_TRANSFER_READ":    rights.For(audit.Read),
	"SPOT_DEPOSIT_READ":     rights.For(audit.Read),
	"CONTRACT_ACCOUNT_READ": rights.For(audit.Read),
	"CONTRACT_DEAL_READ":    rights.For(audit.Read),
	"SPOT_DEAL_WRITE": {
		Grants: []audit.Capability{audit.TradeSpot}, Perhaps: []audit.Capability{audit.TradeMargin}, Implies: []string{"converting small balances"},
	},
	"CONTRACT_DEAL_WRITE":    rights.For(audit.TradeFutures),
	"CONTRACT_ACCOUNT_WRITE": rights.For(audit.TradeFutures),
	"SPOT_ACCOUNT_WRITE":     rights.For(audit.APIKeyManage, audit.SubaccountManage).Implying("replacing the addresses that a key is bound to"),
	"SPOT_TRANSFER_WRITE":    rights.For(audit.TransferInternal).Implying("moving funds between the main account and its sub-accounts"),
	"SPOT_WITHDRAW_WRITE":    rights.For(audit.Withdraw, audit.TransferExternal),
	"SPOT_DEPOSIT_WRITE":     rights.For(audit.Other("deposit")),
}

// keyStates: the enumeration of the call's page.
var keyStates = map[string]audit.KeyState{"VALID": audit.KeyActive, "FROZEN": audit.KeyLocked, "DELETE": audit.KeyDisabled}

// failures: the error codes of the spot and the futures documentation. An
// independent client saw the message of a wrong signature for expired keys.
// 730707 and 700005 would be this adapter's own mistakes.
var failures = wire.Failures{
	"400":    wire.Is(audit.KindBadKey),
	"10072":  wire.Is(audit.KindBadKey),
	"730706": wire.Is(audit.KindBadKey),
	"700001": wire.OneOf(audit.KindBadKey, audit.KindExpired),
	"700002": wire.OneOf(audit.KindBadSignature, audit.KindExpired),
	"602":    wire.Is(audit.KindBadSignature),
	"402":    wire.Is(audit.KindExpired),
	"700003": wire.Is(audit.KindClockSkew),
	"10073":  wire.Is(audit.KindClockSkew),
	"513":    wire.Is(audit.KindClockSkew),
	"700006": wire.Is(audit.KindIPNotAllowed),
	"406":    wire.Is(audit.KindIPNotAllowed),
	"700007": wire.Is(audit.KindForbidden),
	"403":    wire.Is(audit.KindForbidden),
	"511":    wire.Is(audit.KindForbidden),
	"701":    wire.Is(audit.KindForbidden),
	"702":    wire.Is(audit.KindForbidden),
	"703":    wire.Is(audit.KindForbidden),
	"704":    wire.Is(audit.KindForbidden),
	"70011":  wire.Is(audit.KindForbidden),
	"60005":  wire.Is(audit.KindDisabled),
	"730100": wire.Is(audit.KindDisabled),
	"429":    wire.Is(audit.KindRateLimited),
	"510":    wire.Is(audit.KindRateLimited),
	"503":    wire.Is(audit.KindUnavailable),
	"604":    wire.Is(audit.KindUnavailable),
	"801":    wire.Is(audit.KindUnavailable),
}

// readPermissions gives the state of every permission. A list that names none
// of them isn't the list, and denies nothing: no key can be made without any.
func readPermissions(held []string) map[string]audit.State {
	known := false
	for i, name := range held {
		held[i] = unabridged(name)
		if _, ok := permissions[held[i]]; ok {
			known = true
		}
	}
	states := permissions.Listed(held)
	if !known {
		maps.DeleteFunc(states, func(_ string, state audit.State) bool { return state == audit.Denied })
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
