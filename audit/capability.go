package audit

import "strings"

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

// Capabilities lists the fixed vocabulary, in the order reports use.
func Capabilities() []Capability {
	return []Capability{
		Read, TradeSpot, TradeMargin, TradeFutures, TradeOptions, Withdraw, WithdrawAddresses,
		TransferInternal, TransferExternal, SubaccountManage, APIKeyManage,
	}
}

// Valid reports whether c is in the fixed vocabulary or is "other:" and a name
// of lower-case letters, digits, dots and dashes.
func (c Capability) Valid() bool {
	if rank(c) < len(order) {
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

var tradeCapabilities = []Capability{TradeSpot, TradeMargin, TradeFutures, TradeOptions}

// Trades reports whether c places orders.
func (c Capability) Trades() bool { return strings.HasPrefix(string(c), "trade.") }

// family is what a capability amounts to, whatever a venue calls it. Rules
// work on families, so that a right outside the fixed vocabulary is still
// judged by what it can do.
type family uint8

const (
	familyOther    family = iota
	familyRead            // looks, changes nothing
	familyTrade           // places orders
	familyWithdraw        // leaves the venue
	familyExternal        // reaches other users of the venue
	familyAddress         // changes where withdrawals may go
	familyInternal        // moves between the owner's own accounts
	familySub
	familyKeys
	familyOffBook // deals outside the order book
	familyLockUp  // ties funds up
	familySecrets // reads the secrets of other keys
)

var order = map[Capability]int{
	Read: 0, TradeSpot: 1, TradeMargin: 2, TradeFutures: 3, TradeOptions: 4, Withdraw: 5, WithdrawAddresses: 6,
	TransferInternal: 7, TransferExternal: 8, SubaccountManage: 9, APIKeyManage: 10,
}

func rank(c Capability) int {
	if n, ok := order[c]; ok {
		return n
	}
	return len(order)
}

var families = map[Capability]family{
	Read:     familyRead,
	Withdraw: familyWithdraw, Other("fiat-withdraw"): familyWithdraw,
	WithdrawAddresses: familyAddress,
	TransferInternal:  familyInternal,
	TransferExternal:  familyExternal, Other("pay"): familyExternal, Other("p2p"): familyExternal,
	Other("gift-card"): familyExternal, Other("card"): familyExternal,
	SubaccountManage: familySub,
	APIKeyManage:     familyKeys,
	Other("convert"): familyOffBook, Other("fiat-convert"): familyOffBook, Other("otc"): familyOffBook,
	Other("block-trade"): familyOffBook, Other("rfq"): familyOffBook, Other("copytrading"): familyOffBook,
	Other("earn"): familyLockUp, Other("staking"): familyLockUp, Other("loan"): familyLockUp, Other("lending"): familyLockUp,
	Other("key-secrets"): familySecrets,
	Other("deposit"):     familyRead, Other("fix-read"): familyRead,
}

func familyOf(c Capability) family {
	if c.Trades() {
		return familyTrade
	}
	return families[c]
}

// less orders capabilities as reports show them: the fixed vocabulary first,
// then the others by name.
func less(a, b Capability) int {
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(string(a), string(b))
}
