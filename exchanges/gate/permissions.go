package gate

import (
	"maps"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions are the names documented for perms, each read-write, or read-only
// with readOnly added here. None of them is for withdrawing, although the key's
// page offers that: see withWithdrawal.
var permissions = readable(rights.Table{
	"spot":     rights.For(access.TradeSpot, access.TradeMargin),
	"margin":   rights.For(access.TradeMargin),
	"futures":  rights.For(access.TradeFutures),
	"delivery": rights.For(access.TradeFutures),
	"options":  rights.For(access.TradeOptions),
	"unified":  rights.For(access.TradeMargin, access.Other("loan")),
	"wallet":   rights.For(access.TransferInternal),
	"account":  rights.For(access.Other("account")).Implying("perhaps managing sub-accounts and their API keys (unconfirmed)"),
	"earn":     rights.For(access.Other("earn")),
	"loan":     rights.For(access.Other("loan")),
	"copy":     rights.For(access.Other("copytrading")),
	"custody":  rights.For(access.Other("custody")),
	"pilot":    rights.For(access.Other("pilot")).Implying("spot orders in coins that are listed early"),
	"otc":      rights.For(access.Other("otc")),
	"alpha":    rights.For(access.Other("alpha")),
	"crossx":   rights.For(access.Other("crossx")),
})

// readOnly marks an entry that may only read.
const readOnly = ":read"

// readable adds the read-only variants, and reading to each permission.
func readable(t rights.Table) rights.Table {
	out := rights.Table{}
	for name, right := range t {
		right.Grants = append([]access.Capability{access.Read}, right.Grants...)
		out[name], out[name+readOnly] = right, rights.For(access.Read)
	}
	return out
}

// readPermissions writes the rights of a listed key into snap. The calls need the
// right to read the account, so an empty list is incomplete.
func readPermissions(entry wire.Object, snap *access.Snapshot) {
	perms, _ := entry.Objects("perms")
	held, complete := []string{}, len(perms) > 0
	for _, p := range perms {
		name, ok := p.Text("name")
		complete = complete && ok && strings.ContainsFunc(name, unicode.IsLetter)
		if limited, _ := p.Bool("read_only"); limited { // a missing one is documented as false
			name += readOnly
		}
		held = append(held, name)
	}
	table := withWithdrawal(held)
	states := table.Listed(held)
	if !complete {
		rights.DenyNothing(states)
	}
	table.Apply(snap, states)
}

// withWithdrawal is the table with the entries for withdrawing that the key holds.
// Their exact name is unconfirmed, so they are recognised by a part of it, and that
// there is none proves nothing.
func withWithdrawal(held []string) rights.Table {
	table := maps.Clone(permissions)
	for _, name := range held {
		if _, known := table[name]; !known && strings.Contains(strings.ToLower(name), "withdraw") {
			table[name] = rights.For(access.Read)
			if !strings.HasSuffix(name, readOnly) {
				table[name] = rights.For(access.Read, access.Withdraw, access.TransferExternal)
			}
		}
	}
	return table
}
