package xt

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: the words of roleScopes. The last two are an older vocabulary,
// which doesn't tell trades, transfers and withdrawals apart.
var permissions = rights.Table{
	"QUERY":      rights.For(audit.Read),
	"TRADE":      rights.For(audit.TradeSpot, audit.TradeMargin),
	"WITHDRAW":   rights.For(audit.Withdraw),
	"LEVER_LOAN": rights.For(audit.Other("loan")),
	"FUTURE":     rights.For(audit.TradeFutures),
	"TRANSFER":   rights.For(audit.TransferInternal),
	"QUERY_NO_TRADE": {Grants: []audit.Capability{audit.Read}, Perhaps: []audit.Capability{
		audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.Withdraw, audit.TransferInternal, audit.Other("loan"),
	}},
	"QUERY_TRADE": {Grants: []audit.Capability{audit.Read, audit.TradeSpot}, Perhaps: []audit.Capability{
		audit.TradeMargin, audit.TradeFutures, audit.Withdraw, audit.TransferInternal, audit.Other("loan"),
	}},
}

// reading are the permissions to look, one of which every key has: the list
// was read with it.
var reading = []string{"QUERY", "QUERY_NO_TRADE", "QUERY_TRADE"}

// readKey reads one key of the list.
func readKey(record wire.Object) *audit.Snapshot {
	snap := &audit.Snapshot{}
	snap.Label, _ = record.Text("keyName")
	snap.Account.ID, _ = record.Text("userId")
	if level, ok := record.Int("userAccountLevel"); ok {
		snap.Account.Kind = map[int64]audit.AccountKind{1: audit.MainAccount, 2: audit.SubAccount}[level]
	}
	snap.KeyState = record.Switch("isLock", audit.KeyLocked, audit.KeyActive)
	readPermissions(record, snap)
	ips, ok := record.Commas("bindIps")
	if ok || record.IsNull("bindIps") { // either way of writing that there are none
		snap.IPAllowlist = audit.NewIPAllowlist(ips)
	}
	snap.Created = readTime(record, "createTime")
	snap.Changed = readTime(record, "updateTime")
	return snap
}

// readPermissions: a list without any right to look isn't the whole list, or
// is in words that nobody knows. It denies nothing.
func readPermissions(record wire.Object, snap *audit.Snapshot) {
	text, _ := record.Text("roleScopes")
	held := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	states := permissions.Listed(held)
	if !slices.ContainsFunc(held, func(name string) bool { return slices.Contains(reading, name) }) {
		for name, state := range states {
			if state == audit.Denied {
				states[name] = audit.Unknown
			}
		}
	}
	permissions.Apply(snap, states)
	slices.Sort(snap.Permissions)
	slices.Sort(snap.Unmapped)
}

// readTime: the zone isn't documented; UTC is presumed. What isn't a time as
// documented is not told.
func readTime(record wire.Object, name string) time.Time {
	text, _ := record.Text(name)
	at, err := time.Parse(time.DateTime, text) // takes a fraction of a second too
	if err != nil || at.Unix() <= 0 {
		return time.Time{}
	}
	return at
}
