package access

import (
	"strings"
)

// Capability is one thing an API key may be able to do, as lower-case dotted
// text. What fits none of the constants is "other:" and a name.
type Capability string

// The capabilities that rules and policies speak of.
const (
	Read              Capability = "read"
	TradeSpot         Capability = "trade.spot"
	TradeMargin       Capability = "trade.margin"
	TradeFutures      Capability = "trade.futures"
	TradeOptions      Capability = "trade.options"
	Withdraw          Capability = "withdraw"           // on-chain or to a bank
	WithdrawAddresses Capability = "withdraw.addresses" // add, change or confirm withdrawal addresses
	TransferInternal  Capability = "transfer.internal"  // between the owner's own accounts
	TransferExternal  Capability = "transfer.external"  // to other users, without a chain
	SubaccountManage  Capability = "subaccount.manage"
	APIKeyManage      Capability = "apikey.manage"
)

// Other names a capability outside the fixed vocabulary, for instance
// Other("earn") is "other:earn".
func Other(name string) Capability { return Capability(otherPrefix + name) }

const otherPrefix = "other:"

// CancelOrders is taking orders back, where an exchange has a permission for that
// which placing them does not include.
const CancelOrders = Capability(otherPrefix + "cancel")

// Capabilities lists the fixed vocabulary, in the order reports use.
func Capabilities() []Capability {
	return []Capability{
		Read, TradeSpot, TradeMargin, TradeFutures, TradeOptions, Withdraw, WithdrawAddresses,
		TransferInternal, TransferExternal, SubaccountManage, APIKeyManage,
	}
}

// Standard reports whether c is in the fixed vocabulary.
func (c Capability) Standard() bool { return rank(c) < unranked }

// Valid reports whether c is in the fixed vocabulary or is "other:" and a name
// of lower-case letters, digits, dots and dashes.
func (c Capability) Valid() bool {
	if c.Standard() {
		return true
	}
	name, ok := strings.CutPrefix(string(c), otherPrefix)
	if !ok || name == "" {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

// TradeCapabilities lists those of the fixed vocabulary that place orders.
func TradeCapabilities() []Capability {
	return []Capability{TradeSpot, TradeMargin, TradeFutures, TradeOptions}
}

// Trades reports whether c places orders.
func (c Capability) Trades() bool { return strings.HasPrefix(string(c), "trade.") }

// Family is what a capability amounts to, whatever an exchange calls it. Rules
// work on families, so that a right outside the fixed vocabulary is still
// judged by what it can do.
type Family uint8

// The families.
const (
	FamilyOther    Family = iota
	FamilyRead            // looks, changes nothing
	FamilyTrade           // places orders
	FamilyWithdraw        // leaves the exchange
	FamilyExternal        // reaches other users of the exchange
	FamilyAddress         // changes where withdrawals may go
	FamilyInternal        // moves between the owner's own accounts
	FamilySubaccount
	FamilyKeys
	FamilyOffBook // deals outside the order book
	FamilyLockUp  // ties funds up
	FamilySecrets // reads the secrets of other keys
	FamilyChannel // places orders by another way in, such as FIX
	FamilyCancel  // takes orders back
)

// rank and familyOf are switches and no maps: every rule asks for every grant.
func rank(c Capability) int {
	switch c {
	case Read:
		return 0
	case TradeSpot:
		return 1
	case TradeMargin:
		return 2
	case TradeFutures:
		return 3
	case TradeOptions:
		return 4
	case Withdraw:
		return 5
	case WithdrawAddresses:
		return 6
	case TransferInternal:
		return 7
	case TransferExternal:
		return 8
	case SubaccountManage:
		return 9
	case APIKeyManage:
		return 10
	}
	return unranked
}

const unranked = 11

// FamilyOf is the family of a capability.
func FamilyOf(c Capability) Family {
	if c.Trades() {
		return FamilyTrade
	}
	switch c {
	case Read, "other:deposit", "other:fix-read":
		return FamilyRead
	case Withdraw, "other:fiat-withdraw":
		return FamilyWithdraw
	case WithdrawAddresses:
		return FamilyAddress
	case TransferInternal:
		return FamilyInternal
	case TransferExternal, "other:pay", "other:p2p", "other:gift-card", "other:card":
		return FamilyExternal
	case SubaccountManage:
		return FamilySubaccount
	case APIKeyManage:
		return FamilyKeys
	case "other:convert", "other:fiat-convert", "other:otc", "other:block-trade", "other:rfq", "other:copytrading":
		return FamilyOffBook
	case "other:earn", "other:staking", "other:loan", "other:lending":
		return FamilyLockUp
	case "other:fix-trade":
		return FamilyChannel
	case CancelOrders:
		return FamilyCancel
	case "other:key-secrets":
		return FamilySecrets
	}
	return FamilyOther
}

// CompareCapabilities orders capabilities as reports show them: the fixed vocabulary first,
// then the others by name.
func CompareCapabilities(a, b Capability) int {
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(string(a), string(b))
}

// word is the capability that names a family in the fixed vocabulary, or
// none.
func (f Family) word() Capability {
	switch f {
	case FamilyWithdraw:
		return Withdraw
	case FamilyExternal:
		return TransferExternal
	case FamilyAddress:
		return WithdrawAddresses
	case FamilyInternal:
		return TransferInternal
	case FamilySubaccount:
		return SubaccountManage
	case FamilyKeys:
		return APIKeyManage
	default:
		return ""
	}
}
