package bingx

import (
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// The exchange's names of its permissions. The answers have numbers or flags
// instead.
const (
	read         = "Read"
	spot         = "Spot trading"
	futures      = "Perpetual futures trading"
	universal    = "Universal transfer"
	withdraw     = "Withdraw"
	subTransfers = "Allow internal transfer of sub-accounts"
	options      = "enableVanillaOptions" // has no number
)

// permissions: account and sub-account management. Which of the last three allows
// the call that sends funds to other users isn't documented; and the flag for spot
// mentions margin, the number doesn't.
var permissions = rights.Table{
	read: rights.For(access.Read).
		Implying("on a main account: listing all its API keys and those of its sub-accounts, with permissions and IP allowlists"),
	spot:         {Grants: []access.Capability{access.TradeSpot}, Perhaps: []access.Capability{access.TradeMargin}},
	futures:      rights.For(access.TradeFutures),
	options:      rights.For(access.TradeOptions),
	universal:    {Grants: []access.Capability{access.TransferInternal}, Perhaps: []access.Capability{access.TransferExternal}},
	subTransfers: {Grants: []access.Capability{access.TransferInternal}, Perhaps: []access.Capability{access.TransferExternal}},
	withdraw:     {Grants: []access.Capability{access.Withdraw}, Perhaps: []access.Capability{access.TransferExternal}},
}

// numbers: the calls that create and edit sub-account keys. 6 has been seen, but is
// not documented.
var numbers = map[string]string{"1": spot, "2": read, "3": futures, "4": universal, "5": withdraw, "7": subTransfers}

// flags: one page lists the last three, which nobody has seen live. So they can
// grant, but deny nothing.
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

// failures: the authentication and error pages of the exchange. 100410 is a rate
// limit here and an overload elsewhere; both are temporary. An expired key has no
// code of its own.
var failures = wire.Failures{
	wire.Is(access.KindBadKey, "100413"),
	wire.Is(access.KindBadSignature, "100001", "100412"),
	wire.Is(access.KindIPNotAllowed, "100419"),
	wire.Is(access.KindClockSkew, "80014"),
	wire.Is(access.KindForbidden, "100004", "100403"),
	wire.Is(access.KindRateLimited, "100410"),
	wire.Is(access.KindDisabled, "100414"),
	wire.Is(access.KindBanned, "418", "109403", "109429"),
	wire.Is(access.KindUnavailable, "100500", "100503"),
}

// listedStates reads the list of numbers. Both calls need the right to read, so a
// list without it is incomplete and denies nothing.
func listedStates(body wire.Object) map[string]access.State {
	list, ok := body.Texts("permissions")
	if !ok {
		return nil
	}
	var held []string
	for _, number := range list {
		name, known := numbers[whole(number)]
		if !known && number != "" {
			name = "permission " + number
		}
		held = append(held, name)
	}
	states := permissions.Listed(held)
	delete(states, options) // no number is for options
	rights.DenyNothingWithout(states, read)
	return states
}

// whole is a whole number as text, also if it is written as 5.0.
func whole(number string) string {
	if n, err := strconv.ParseFloat(number, 64); err == nil {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return number
}

// flagStates reads the flags. A statement that the key may not even read is not
// whole either.
func flagStates(body wire.Object) map[string]access.State {
	states := map[string]access.State{}
	for _, flag := range body.Names() {
		if !strings.HasPrefix(flag, "enable") && !strings.HasPrefix(flag, "permits") {
			continue
		}
		known, ok := flags[flag]
		if !ok {
			known.name, known.unconfirmed = flag, true
		}
		if on, reported := body.Bool(flag); reported && (on || !known.unconfirmed) {
			states[known.name] = access.StateOf(on)
		}
	}
	if states[read] == access.Denied {
		rights.DenyNothing(states)
	}
	return states
}

// snapshot is what the facts add up to.
func (f *facts) snapshot() *access.Snapshot {
	snap := &access.Snapshot{Answer: access.Answer{Label: f.label, Created: f.created, Notes: f.notes}}
	permissions.Apply(snap, f.states)
	if snap.Grant(access.Read).State == access.Unknown { // the calls need it
		rights.Prove(snap, access.Read)
	}
	if len(f.disputed) > 0 {
		slices.Sort(f.disputed)
		snap.Contradictions = []string{"the exchange's two statements disagree about " + strings.Join(slices.Compact(f.disputed), ", ")}
	}
	f.readAllowlist(snap)
	// What is unknown counts as held and as unrestricted.
	for _, c := range []access.Capability{access.TradeSpot, access.TradeFutures, access.TransferInternal} {
		if snap.Grant(c).State != access.Denied && snap.IPAllowlist.State != access.AllowlistRestricted {
			snap.Deadlines = []access.Deadline{{
				What: "the exchange deletes keys that can trade or transfer and have no IP allowlist, after 14 days without use",
			}}
		}
	}
	return snap
}

// readAllowlist reads the IP addresses and the flag, either of which may be
// missing. An unrestricted key lists one empty text, or nothing.
func (f *facts) readAllowlist(snap *access.Snapshot) {
	list := &snap.IPAllowlist
	switch {
	case f.ips != nil:
		*list = access.NewIPAllowlist(f.ips)
	case f.restricted == access.Granted:
		*list = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported}
		if f.numbered { // an answer of that form has the IP addresses
			list.Partial()
		}
	case f.restricted == access.Denied:
		*list = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported}
	}
	switch {
	case f.ips == nil:
	case f.restricted == access.Granted && list.State == access.AllowlistUnrestricted:
		snap.Contradictions = append(snap.Contradictions,
			"the exchange says that the key is restricted to IP addresses, but its list restricts it to none")
	case f.restricted == access.Denied && list.State != access.AllowlistUnrestricted:
		list.State = access.AllowlistOff
		snap.Contradictions = append(snap.Contradictions,
			"the exchange says that the key is not restricted to IP addresses, but lists some")
	}
	list.Mandatory = snap.Can(access.Withdraw)
	if list.Mandatory && (list.State == access.AllowlistUnrestricted || list.State == access.AllowlistOff) {
		snap.Contradictions = append(snap.Contradictions, "the key may withdraw, which the exchange grants only "+
			"with an IP allowlist, but it has none")
	}
}
