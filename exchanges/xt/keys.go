package xt

import (
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: the words of roleScopes. The last two are an older vocabulary, which
// doesn't distinguish trades, transfers and withdrawals.
var permissions = rights.Table{
	"QUERY":      rights.For(access.Read),
	"TRADE":      rights.For(access.TradeSpot, access.TradeMargin),
	"WITHDRAW":   rights.For(access.Withdraw),
	"LEVER_LOAN": rights.For(access.Other("loan")),
	"FUTURE":     rights.For(access.TradeFutures),
	"TRANSFER":   rights.For(access.TransferInternal),
	"QUERY_NO_TRADE": {Grants: []access.Capability{access.Read}, Perhaps: []access.Capability{
		access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.Other("loan"),
	}},
	"QUERY_TRADE": {Grants: []access.Capability{access.Read, access.TradeSpot}, Perhaps: []access.Capability{
		access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.Other("loan"),
	}},
}

// reading are the permissions to read, one of which every key has: the list was read
// with it.
var reading = []string{"QUERY", "QUERY_NO_TRADE", "QUERY_TRADE"}

// readKey reads one key of the list.
func readKey(record wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	snap.Label, _ = record.Text("keyName")
	snap.Account.ID, _ = record.Text("userId")
	if level, ok := record.Int("userAccountLevel"); ok {
		snap.Account.Kind = map[int64]access.AccountKind{1: access.MainAccount, 2: access.SubAccount}[level]
	}
	snap.KeyState = record.Switch("isLock", access.KeyLocked, access.KeyActive)
	readPermissions(record, snap)
	ips, ok := record.Commas("bindIps")
	if ok || record.IsNull("bindIps") { // two ways of writing that there are none
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	snap.Created = readTime(record, "createTime")
	snap.Changed = readTime(record, "updateTime")
	return snap
}

// readPermissions: a list without any right to read is incomplete, or uses unknown
// words. It denies nothing.
func readPermissions(record wire.Object, snap *access.Snapshot) {
	text, _ := record.Text("roleScopes")
	held := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	states := permissions.Listed(held)
	rights.DenyNothingWithout(states, reading...)
	permissions.Apply(snap, states)
}

// readTime: the time zone isn't documented; UTC is assumed. What isn't a time as
// documented counts as not reported.
func readTime(record wire.Object, name string) time.Time {
	text, _ := record.Text(name)
	at, err := time.Parse(time.DateTime, text) // takes a fraction of a second too
	if err != nil || at.Unix() <= 0 {
		return time.Time{}
	}
	return at
}
