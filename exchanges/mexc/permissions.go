package mexc

import (
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: the enumeration of the spot and broker documentation. The right to
// change the account is the one that the POST to the same path and the creation of
// sub-account keys require; older pages ask for the right to read it. Independent clients know calls for margin orders, which
// have no permission of their own.
var permissions = rights.Table{
	"SPOT_ACCOUNT_READ": rights.For(access.Read).
		Carrying(rights.Power{Capability: access.APIKeyManage, Implied: access.ImpliedOnMain, Unsure: true}),
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
	"SPOT_ACCOUNT_WRITE":     rights.For(access.APIKeyManage, access.SubaccountManage).Implying("replacing a key's IP allowlist"),
	"SPOT_TRANSFER_WRITE":    rights.For(access.TransferInternal).Implying("moving funds between the main account and its sub-accounts"),
	"SPOT_WITHDRAW_WRITE":    rights.For(access.Withdraw, access.TransferExternal),
	"SPOT_DEPOSIT_WRITE":     rights.For(access.Other("deposit")),
}

// keyStates: the enumeration of the call's page.
var keyStates = map[string]access.KeyState{"VALID": access.KeyActive, "FROZEN": access.KeyLocked, "DELETE": access.KeyDisabled}

// failures: the error codes of the spot and the futures documentation. An
// independent client saw the message for a wrong signature with expired keys.
// 730707 and 700005 would be mistakes of this adapter.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "400", "10072", "730706"),
	wire.OneOf(access.KindBadKey, access.KindExpired).For("700001"),
	wire.OneOf(access.KindBadSignature, access.KindExpired).For("700002"),
	wire.Is(access.KindBadSignature, "602"),
	wire.Is(access.KindExpired, "402"),
	wire.Is(access.KindClockSkew, "700003", "10073", "513"),
	wire.Is(access.KindIPNotAllowed, "700006", "406"),
	wire.Is(access.KindForbidden, "700007", "403", "511", "701", "702", "703", "704", "70011"),
	wire.Is(access.KindDisabled, "60005", "730100"),
	wire.Is(access.KindRateLimited, "429", "510"),
	wire.Is(access.KindUnavailable, "503", "604", "801"),
}

// readPermissions returns the state of every permission. A list that names none of
// them denies nothing: no key can be created without any.
func readPermissions(held []string) map[string]access.State {
	for i, name := range held {
		held[i] = fullName(name)
	}
	states := permissions.Listed(held)
	if !permissions.Knows(held) {
		rights.DenyNothing(states)
	}
	return states
}

// fullName: some older pages write _R and _W.
func fullName(name string) string {
	if short, ok := strings.CutSuffix(name, "_R"); ok {
		return short + "_READ"
	}
	if short, ok := strings.CutSuffix(name, "_W"); ok {
		return short + "_WRITE"
	}
	return name
}
