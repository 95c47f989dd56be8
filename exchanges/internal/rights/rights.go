// Package rights turns an exchange's permission names into grants. It enforces
// the one rule every adapter must follow: a capability is Denied only when every
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
	// Perhaps are capabilities that the permission may carry, as far as the
	// exchange says: unknown while it is held, and denied while it is off.
	Perhaps []access.Capability
	// Carries are the capabilities that the permission includes without being for
	// them.
	Carries []Power
	// Implies are what else it includes, for which there is no capability; notes.
	Implies []string
	// Qualifier narrows what is granted, in the exchange's words.
	Qualifier string
	// AddressBook says to which withdrawal addresses a right to send funds reaches.
	AddressBook access.AddressBook
}

// For is a Right without notes.
func For(grants ...access.Capability) Right { return Right{Grants: grants} }

// Implying adds notes on what else the right includes without saying so.
func (r Right) Implying(powers ...string) Right {
	r.Implies = powers
	return r
}

// Listed returns the states of all permissions of the table from a complete list
// of those a key holds: what the list doesn't name is off. An entry without a name
// may be any of them, so then nothing is off.
func (t Table) Listed(held []string) map[string]access.State {
	states := make(map[string]access.State, len(t)+len(held))
	if !slices.Contains(held, "") {
		for name := range t {
			states[name] = access.Denied
		}
	}
	for _, name := range held {
		states[name] = access.Granted
	}
	return states
}

// Knows reports whether the table has any of the names.
func (t Table) Knows(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { _, ok := t[name]; return ok })
}

// DenyNothing removes what states deny, in place: a list that cannot be all that
// a key holds leaves what it doesn't name unknown.
func DenyNothing(states map[string]access.State) {
	maps.DeleteFunc(states, func(_ string, state access.State) bool { return state == access.Denied })
}

// DenyNothingWithout does that unless one of the names is on: an exchange that
// answers only keys which hold one of them has otherwise not said all.
func DenyNothingWithout(states map[string]access.State, names ...string) {
	if !slices.ContainsFunc(names, func(name string) bool { return states[name] == access.Granted }) {
		DenyNothing(states)
	}
}

// Prove records a capability that the answer itself proves, because the exchange
// answers only keys that have it. A grant that the exchange reported stays as it is.
func Prove(s *access.Snapshot, c access.Capability) {
	if s.Can(c) {
		return
	}
	s.Grants = slices.DeleteFunc(s.Grants, func(g access.Grant) bool { return g.Capability == c })
	s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Inferred})
}

// Apply writes grants, permissions and unknown permissions into s. A permission
// of the table that states doesn't mention is unknown. One that the table doesn't know
// is unmapped, unless states denies it.
func (t Table) Apply(s *access.Snapshot, states map[string]access.State) {
	first := len(s.Grants)
	s.Grants = slices.Grow(s.Grants, len(t)+4) // the core adds those that no key has
	for _, name := range slices.Sorted(maps.Keys(t)) {
		right, state := t[name], states[name]
		for _, c := range right.Grants {
			if g := add(s, first, c, state); state == access.Granted {
				right.carry(g, name)
			}
		}
		if state == access.Granted {
			state = access.Unknown
		}
		for _, c := range right.Perhaps {
			add(s, first, c, state)
		}
	}
	t.imply(s, first, states)
	for i := first; i < len(s.Grants); i++ {
		switch g := &s.Grants[i]; g.State {
		case access.Unknown:
			g.Evidence = access.NoEvidence
		case access.Granted:
			g.NamesIncomplete = t.perhaps(g.Capability, states)
		default:
		}
	}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if states[name] == access.Granted {
			s.Permissions = append(s.Permissions, name)
		}
		if _, known := t[name]; !known && states[name] != access.Denied {
			s.Unmapped = append(s.Unmapped, name)
		}
	}
}

// perhaps reports whether there is a permission that would carry a capability too, if
// the key held it, which is unknown: dropping the others may not be enough.
func (t Table) perhaps(c access.Capability, states map[string]access.State) bool {
	for name, right := range t {
		if states[name] == access.Unknown && slices.Contains(right.Grants, c) {
			return true
		}
	}
	return false
}

// add joins a state to that of the capability's grant, which is one of those from
// first on, or a new one.
func add(s *access.Snapshot, first int, c access.Capability, state access.State) *access.Grant {
	for i := first; i < len(s.Grants); i++ {
		if g := &s.Grants[i]; g.Capability == c {
			g.State = join(g.State, state)
			return g
		}
	}
	s.Grants = append(s.Grants, access.Grant{Capability: c, State: state, Evidence: access.Reported})
	return &s.Grants[len(s.Grants)-1]
}

// carry notes in a grant that a permission which the key holds carries it. A limit
// that only some of the permissions have is none.
func (r Right) carry(g *access.Grant, name string) {
	if len(g.Names) == 0 {
		g.Qualifier, g.AddressBook = r.Qualifier, r.AddressBook
	}
	if g.Qualifier != r.Qualifier {
		g.Qualifier = ""
	}
	if g.AddressBook != r.AddressBook {
		g.AddressBook = access.BookUnknown
	}
	g.Names = append(g.Names, name)
	g.Implies = append(g.Implies, r.Implies...)
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
