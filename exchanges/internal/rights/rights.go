// Package rights turns an exchange's permission names into grants. It holds the
// one rule every adapter must follow: a capability is Denied only when every
// permission that could carry it is known to be off.
package rights

import (
	"maps"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Table maps the exchange's permission names to what they are for.
type Table map[string]Right

// Right is what one permission of an exchange amounts to.
type Right struct {
	// Grants are the capabilities the permission is for, by the exchange's own
	// description.
	Grants []access.Capability
	// Perhaps are capabilities that the permission may carry, for all the
	// exchange says: unknown while it is held, and denied while it is off.
	Perhaps []access.Capability
	// Implies are powers it quietly includes; notes, not grants.
	Implies []string
	// Qualifier narrows what is granted, in the exchange's words.
	Qualifier string
	// AddressBook says where a right to send funds reaches.
	AddressBook access.AddressBook
}

// For is a Right without notes.
func For(grants ...access.Capability) Right { return Right{Grants: grants} }

// Implying adds notes on what the right quietly includes.
func (r Right) Implying(powers ...string) Right {
	r.Implies = powers
	return r
}

// Listed gives the states of all permissions of the table from a complete list
// of those a key holds: what the list doesn't name is off.
func (t Table) Listed(held []string) map[string]access.State {
	states := make(map[string]access.State, len(t)+len(held))
	for name := range t {
		states[name] = access.Denied
	}
	for _, name := range held {
		if name != "" {
			states[name] = access.Granted
		}
	}
	return states
}

// Apply writes grants, permissions and unknown permissions into s. A permission
// of the table that states doesn't mention is unknown. One that states grants
// and the table doesn't know is unmapped.
func (t Table) Apply(s *access.Snapshot, states map[string]access.State) {
	first := len(s.Grants)
	s.Grants = slices.Grow(s.Grants, len(t)+4) // the core adds those that no key has
	add := func(c access.Capability, state access.State) *access.Grant {
		for i := first; i < len(s.Grants); i++ {
			if g := &s.Grants[i]; g.Capability == c {
				g.State = join(g.State, state)
				return g
			}
		}
		s.Grants = append(s.Grants, access.Grant{Capability: c, State: state, Evidence: access.Reported})
		return &s.Grants[len(s.Grants)-1]
	}
	names := slices.AppendSeq(make([]string, 0, len(t)), maps.Keys(t))
	slices.Sort(names)
	for _, name := range names {
		right, state := t[name], states[name]
		for _, c := range right.Grants {
			if g := add(c, state); state == access.Granted {
				if len(g.Names) == 0 {
					g.Qualifier, g.AddressBook = right.Qualifier, right.AddressBook
				}
				if g.Qualifier != right.Qualifier { // each lifts the other's limit
					g.Qualifier = ""
				}
				if g.AddressBook != right.AddressBook {
					g.AddressBook = access.BookUnknown
				}
				g.Names = append(g.Names, name)
				g.Implies = append(g.Implies, right.Implies...)
			}
		}
		perhaps := state
		if perhaps == access.Granted {
			perhaps = access.Unknown
		}
		for _, c := range right.Perhaps {
			add(c, perhaps)
		}
	}
	for i := first; i < len(s.Grants); i++ {
		if g := &s.Grants[i]; g.State == access.Unknown {
			g.Evidence = access.NoEvidence
		}
	}
	for name, state := range states {
		if state != access.Granted {
			continue
		}
		s.Permissions = append(s.Permissions, name)
		if _, known := t[name]; !known {
			s.Unmapped = append(s.Unmapped, name)
		}
	}
}

// join is the state of a capability that two permissions carry.
func join(a, b access.State) access.State {
	switch {
	case a == access.Granted || b == access.Granted:
		return access.Granted
	case a == access.Unknown || b == access.Unknown:
		return access.Unknown
	default:
		return access.Denied
	}
}
