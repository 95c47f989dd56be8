package rights

import (
	"maps"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Power is a capability that a permission quietly includes.
type Power struct {
	Capability access.Capability
	Implied    access.Implied
	// Unsure: the exchange's pages disagree, or nobody has confirmed them, so that
	// it is unknown while the permission is held.
	Unsure bool
	// If says whether a key that holds the permission has the power, as far as
	// Implied doesn't. Optional.
	If func(*access.Snapshot) access.State
	// Qualifier narrows it.
	Qualifier string
	// AddressBook says to which withdrawal addresses it reaches.
	AddressBook access.AddressBook
}

// Carrying adds powers that the right quietly includes.
func (r Right) Carrying(powers ...Power) Right {
	r.Carries = append(slices.Clip(r.Carries), powers...)
	return r
}

// Always are powers that come with a permission on every account.
func Always(capabilities ...access.Capability) []Power {
	return powers(access.ImpliedAlways, capabilities)
}

// OnMain are powers that come with a permission on main accounts only.
func OnMain(capabilities ...access.Capability) []Power {
	return powers(access.ImpliedOnMain, capabilities)
}

func powers(implied access.Implied, capabilities []access.Capability) []Power {
	out := make([]Power, len(capabilities))
	for i, c := range capabilities {
		out[i] = Power{Capability: c, Implied: implied}
	}
	return out
}

// held is the state of the power for a key that holds the permission.
func (p *Power) held(s *access.Snapshot) access.State {
	state := access.Granted
	if p.Implied == access.ImpliedOnMain {
		switch s.Account.Kind {
		case access.SubAccount:
			return access.Denied
		case access.AccountUnknown:
			state = access.Unknown
		case access.MainAccount:
		}
	}
	if p.If != nil {
		switch p.If(s) {
		case access.Denied:
			return access.Denied
		case access.Unknown:
			state = access.Unknown
		case access.Granted:
		}
	}
	if p.Unsure {
		return access.Unknown
	}
	return state
}

// imply joins the powers that permissions quietly include to the grants from first
// on. What a permission is for counts for more than what another one includes: a
// grant that is held or unknown by itself stays as it is.
func (t Table) imply(s *access.Snapshot, first int, states map[string]access.State) {
	for _, power := range t.implied(s, states) {
		g := add(s, first, power.Capability, access.Denied)
		if g.State == access.Denied {
			*g = power
		}
	}
}

// implied are the powers of a key by themselves, one grant for each capability. It
// is marked as implied only if all that may carry it is known.
func (t Table) implied(s *access.Snapshot, states map[string]access.State) []access.Grant {
	var out []access.Grant
	open := map[access.Capability]bool{}
	for _, name := range slices.Sorted(maps.Keys(t)) {
		for _, power := range t[name].Carries {
			i := slices.IndexFunc(out, func(g access.Grant) bool { return g.Capability == power.Capability })
			if i < 0 {
				i, out = len(out), append(out, access.Grant{Capability: power.Capability, State: access.Denied, Evidence: access.Reported})
			}
			state := states[name]
			switch state {
			case access.Granted:
				state = power.carry(&out[i], name, s)
			case access.Unknown:
				open[power.Capability] = true
			case access.Denied:
			}
			out[i].State = join(out[i].State, state)
		}
	}
	for i := range out {
		if g := &out[i]; g.State == access.Denied || open[g.Capability] {
			g.Implied, g.Names, g.Qualifier, g.AddressBook = access.NotImplied, nil, "", access.BookUnknown
		}
	}
	return out
}

// carry notes in a grant that a permission which the key holds carries the power,
// and returns whether it does.
func (p *Power) carry(g *access.Grant, name string, s *access.Snapshot) access.State {
	state := p.held(s)
	if state != access.Denied {
		if len(g.Names) == 0 {
			g.Qualifier, g.AddressBook = p.Qualifier, p.AddressBook
		}
		if g.Qualifier != p.Qualifier || g.AddressBook != p.AddressBook {
			g.Qualifier, g.AddressBook = "", access.BookUnknown
		}
		g.Implied = max(g.Implied, p.Implied)
		g.Names = append(g.Names, name)
	}
	return state
}
