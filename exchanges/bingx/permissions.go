package bingx

import (
	"maps"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// The venue's names of its permissions. The answers have numbers or flags for
// them.
const (
	read         = "Read"
	spot         = "Spot trading"
	futures      = "Perpetual futures trading"
	universal    = "Universal transfer"
	withdraw     = "Withdraw"
	subTransfers = "Allow internal transfer of sub-accounts"
	options      = "enableVanillaOptions" // has no number
)

// permissions: account and sub-account management. Which of the last three
// opens the call that sends funds to other users isn't documented; and the flag
// for spot speaks of margin, the number doesn't.
var permissions = rights.Table{
	read:         rights.For(audit.Read).Implying("on a main account: listing all API keys of it and of its sub-accounts, with permissions and addresses"),
	spot:         {Grants: []audit.Capability{audit.TradeSpot}, Perhaps: []audit.Capability{audit.TradeMargin}},
	futures:      rights.For(audit.TradeFutures),
	options:      rights.For(audit.TradeOptions),
	universal:    {Grants: []audit.Capability{audit.TransferInternal}, Perhaps: []audit.Capability{audit.TransferExternal}},
	subTransfers: {Grants: []audit.Capability{audit.TransferInternal}, Perhaps: []audit.Capability{audit.TransferExternal}},
	withdraw:     {Grants: []audit.Capability{audit.Withdraw}, Perhaps: []audit.Capability{audit.TransferExternal}},
}

// numbers: the calls that create and edit sub-account keys. 6 has been seen and
// is not documented.
var numbers = map[string]string{"1": spot, "2": read, "3": futures, "4": universal, "5": withdraw, "7": subTransfers}

// flags: one page lists the last three, which nobody has seen live. So they can
// grant, and deny nothing.
var flags = map[string]struct {
	name        string
	unconfirmed bool
}{
	"enableReading":              {name: read},
	"enableSpotAndMarginTrading": {name: spot},
	"enableFutures":              {name: futures},
	"permitsUniversalTransfer":   {name: universal},
	"enableWithdrawals":          {withdraw, true},
	"enableInternalTransfer":     {subTransfers, true},
	"enableVanillaOptions":       {options, true},
}

// failures: the authentication and error pages of the venue. 100410 is a limit
// here and an overload elsewhere; both pass. An expired key has no code of its
// own.
var failures = wire.Failures{
	"100413": wire.Is(audit.KindBadKey),
	"100001": wire.Is(audit.KindBadSignature),
	"100412": wire.Is(audit.KindBadSignature),
	"100419": wire.Is(audit.KindIPNotAllowed),
	"80014":  wire.Is(audit.KindClockSkew),
	"100004": wire.Is(audit.KindForbidden),
	"100403": wire.Is(audit.KindForbidden),
	"100410": wire.Is(audit.KindRateLimited),
	"100414": wire.Is(audit.KindDisabled),
	"418":    wire.Is(audit.KindBanned),
	"109403": wire.Is(audit.KindBanned),
	"109429": wire.Is(audit.KindBanned),
	"100500": wire.Is(audit.KindUnavailable),
	"100503": wire.Is(audit.KindUnavailable),
}

// listedStates reads the list of numbers. Both calls need the right to read, so
// a list without it isn't the whole list and denies nothing.
func listedStates(body wire.Object) map[string]audit.State {
	list, ok := body.Texts("permissions")
	if !ok {
		return nil
	}
	var held []string
	for _, number := range list {
		name, known := numbers[number]
		if !known {
			name = "permission " + number
		}
		held = append(held, name)
	}
	states := permissions.Listed(held)
	delete(states, options) // no number is for them
	if states[read] != audit.Granted {
		maps.DeleteFunc(states, func(_ string, state audit.State) bool { return state == audit.Denied })
	}
	return states
}

// flagStates reads the flags.
func flagStates(body wire.Object) map[string]audit.State {
	states := map[string]audit.State{}
	for _, flag := range slices.Sorted(slices.Values(body.Names())) { // so that an error is always the same
		if !strings.HasPrefix(flag, "enable") && !strings.HasPrefix(flag, "permits") {
			continue
		}
		known, ok := flags[flag]
		if !ok {
			known.name, known.unconfirmed = flag, true
		}
		if on, told := body.Bool(flag); told && (on || !known.unconfirmed) {
			states[known.name] = audit.StateOf(on)
		}
	}
	return states
}

// snapshot is what the facts amount to.
func (f *facts) snapshot() *audit.Snapshot {
	snap := &audit.Snapshot{Label: f.label, Created: f.created, Notes: f.notes}
	permissions.Apply(snap, f.states)
	for i := range snap.Grants {
		if g := &snap.Grants[i]; g.Capability == audit.Read && g.State == audit.Unknown { // the calls need it
			*g = audit.Grant{Capability: audit.Read, State: audit.Granted, Evidence: audit.Inferred}
		}
	}
	if len(f.disputed) > 0 {
		slices.Sort(f.disputed)
		snap.Contradictions = []string{"the venue's statements disagree on " + strings.Join(slices.Compact(f.disputed), ", ")}
	}
	f.bind(snap)
	// What isn't known counts as held and as not bound.
	for _, c := range []audit.Capability{audit.TradeSpot, audit.TradeFutures, audit.TransferInternal} {
		if snap.Grant(c).State != audit.Denied && snap.IPAllowlist.State != audit.AllowlistRestricted {
			snap.Deadlines = []audit.Deadline{{What: "the venue deletes keys that can trade or transfer and are not bound to an address after 14 days without use"}}
		}
	}
	return snap
}

// bind reads the addresses and the flag, of which either may be missing. An
// unbound key lists one empty text, or nothing.
func (f *facts) bind(snap *audit.Snapshot) {
	list := &snap.IPAllowlist
	switch {
	case f.ips != nil:
		*list = audit.NewIPAllowlist(f.ips)
	case f.bound == audit.Granted:
		*list = audit.IPAllowlist{State: audit.AllowlistRestricted, Evidence: audit.Told}
	case f.bound == audit.Denied:
		*list = audit.IPAllowlist{State: audit.AllowlistUnrestricted, Evidence: audit.Told}
	}
	switch {
	case f.ips == nil:
	case f.bound == audit.Granted && list.State == audit.AllowlistUnrestricted:
		snap.Contradictions = append(snap.Contradictions, "the key is said to be bound to addresses, and those listed bind it to none")
	case f.bound == audit.Denied && list.State != audit.AllowlistUnrestricted:
		list.State = audit.AllowlistOff
		snap.Contradictions = append(snap.Contradictions, "the key is said not to be bound to addresses, and some are listed")
	}
	list.Mandatory = snap.Can(audit.Withdraw)
	if list.Mandatory && (list.State == audit.AllowlistUnrestricted || list.State == audit.AllowlistOff) {
		snap.Contradictions = append(snap.Contradictions, "the key may withdraw, which the venue grants only with an IP restriction, and it has none")
	}
}
