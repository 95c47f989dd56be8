package gate

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions are the names documented for perms, each read-write, or read-only
// with readOnly added here. None of them is for withdrawing, though the key's
// page offers that: see withdrawing.
var permissions = readable(rights.Table{
	"spot":     rights.For(audit.TradeSpot, audit.TradeMargin),
	"margin":   rights.For(audit.TradeMargin),
	"futures":  rights.For(audit.TradeFutures),
	"delivery": rights.For(audit.TradeFutures),
	"options":  rights.For(audit.TradeOptions),
	"unified":  rights.For(audit.TradeMargin, audit.Other("loan")),
	"wallet":   rights.For(audit.TransferInternal),
	"account":  rights.For(audit.Other("account")).Implying("perhaps managing sub-accounts and their API keys; nobody has confirmed it"),
	"earn":     rights.For(audit.Other("earn")),
	"loan":     rights.For(audit.Other("loan")),
	"copy":     rights.For(audit.Other("copytrading")),
	"custody":  rights.For(audit.Other("custody")),
	"pilot":    rights.For(audit.Other("pilot")).Implying("spot orders in coins that are listed early"),
	"otc":      rights.For(audit.Other("otc")),
	"alpha":    rights.For(audit.Other("alpha")),
	"crossx":   rights.For(audit.Other("crossx")),
})

// readOnly marks an entry that may only look.
const readOnly = ":read"

// readable adds the read-only variants, and reading to each permission.
func readable(t rights.Table) rights.Table {
	out := rights.Table{}
	for name, right := range t {
		right.Grants = append([]audit.Capability{audit.Read}, right.Grants...)
		out[name], out[name+readOnly] = right, rights.For(audit.Read)
	}
	return out
}

// readPermissions writes the rights of a listed key into snap. The calls need
// the right to read the account, so a list without an entry isn't the whole
// list.
func readPermissions(entry wire.Object, snap *audit.Snapshot) {
	perms, _ := entry.Objects("perms")
	held, whole := []string{}, len(perms) > 0
	for _, p := range perms {
		name, ok := p.Text("name")
		whole = whole && ok && strings.ContainsFunc(name, unicode.IsLetter)
		if limited, _ := p.Bool("read_only"); limited { // a missing one is documented as false
			name += readOnly
		}
		held = append(held, name)
	}
	table := withdrawing(held)
	states := table.Listed(held)
	for name, state := range states {
		if state == audit.Denied && !whole {
			states[name] = audit.Unknown
		}
	}
	table.Apply(snap, states)
	slices.Sort(snap.Permissions)
	slices.Sort(snap.Unmapped)
}

// withdrawing is the table with the entries for withdrawing that the key holds.
// Their name is unconfirmed, so only what they are called can tell, and that
// there is none proves nothing.
func withdrawing(held []string) rights.Table {
	table := maps.Clone(permissions)
	for _, name := range held {
		if _, known := table[name]; !known && strings.Contains(strings.ToLower(name), "withdraw") {
			table[name] = rights.For(audit.Read)
			if !strings.HasSuffix(name, readOnly) {
				table[name] = rights.For(audit.Read, audit.Withdraw, audit.TransferExternal)
			}
		}
	}
	return table
}
