package access

import (
	"slices"
)

// Grant returns what is known about a capability; Unknown if nothing is. Of
// several entries, which a stored snapshot may hold, it returns the most
// dangerous one.
func (s *Snapshot) Grant(c Capability) Grant {
	var found *Grant
	for i := range s.Grants {
		g := &s.Grants[i]
		if g.Capability == c && (found == nil || danger(g) > danger(found)) {
			found = g
		}
	}
	if found == nil {
		return Grant{Capability: c}
	}
	return *found
}

// danger orders what is known of one right: by whether the key holds it, then
// by where it reaches, then by whether it can be avoided.
func danger(g *Grant) int {
	reach := slices.Index([]AddressBook{BookAlways, BookOn, BookUnknown, BookOff}, g.AddressBook)
	held := 1 // also for what is no state
	switch g.State {
	case Denied:
		held = 0
	case Granted:
		held = 2
	case Unknown:
	}
	own := 2 // also for what is no mark
	switch g.Implied {
	case ImpliedAlways:
		own = 0
	case ImpliedOnMain:
		own = 1
	case NotImplied:
	}
	return 12*held + 3*reach + own
}

// Surely reports whether the state of a capability is known beyond doubt: every
// entry says so, and with evidence.
func (s *Snapshot) Surely(c Capability, state State) bool {
	listed := false
	for i := range s.Grants {
		g := &s.Grants[i]
		if g.Capability != c {
			continue
		}
		if g.State != state || g.Evidence == NoEvidence {
			return false
		}
		listed = true
	}
	return listed
}

// Can reports whether the key is known to hold a capability.
func (s *Snapshot) Can(c Capability) bool { return s.Grant(c).State == Granted }

// GrantedOf lists the held capabilities of a family, in report order.
func (s *Snapshot) GrantedOf(f Family) []Grant {
	return s.those(f, func(g *Grant) bool { return g.State == Granted })
}

// UnknownOf lists the capabilities of a family that the snapshot names and knows
// nothing of, or says without evidence that the key lacks.
func (s *Snapshot) UnknownOf(f Family) []Grant {
	return s.those(f, func(g *Grant) bool { return g.State != Granted && (g.State != Denied || g.Evidence == NoEvidence) })
}

func (s *Snapshot) those(f Family, is func(*Grant) bool) []Grant {
	var out []Grant
	for i := range s.Grants {
		if g := &s.Grants[i]; is(g) && FamilyOf(g.Capability) == f {
			out = append(out, *g)
		}
	}
	return out
}

// RightsReported reports whether the exchange itself spoke about the key's rights.
func (s *Snapshot) RightsReported() bool {
	return slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Evidence == Reported && g.State != Unknown })
}

// RightsKnown reports whether the exchange answered anything about the key's rights.
func (s *Snapshot) RightsKnown() bool {
	return s.RightsReported() || slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Evidence == Inferred && g.State != Unknown })
}

// AllRightsReported reports whether what the exchange reported about the key's rights reaches as
// far as every kind of trading. Only then does it mean anything that a right
// outside the fixed vocabulary is not among them.
func (s *Snapshot) AllRightsReported() bool {
	return s.RightsReported() && !slices.ContainsFunc(TradeCapabilities(), func(c Capability) bool {
		return !s.Surely(c, Granted) && !s.Surely(c, Denied)
	})
}

// Disputed lists the capabilities that are in the snapshot with more than
// one state.
func (s *Snapshot) Disputed() []string {
	var out []string
	for i := range s.Grants {
		for j := range s.Grants[:i] {
			a, b := &s.Grants[i], &s.Grants[j]
			if a.Capability == b.Capability && a.State != b.State && !slices.Contains(out, string(a.Capability)) {
				out = append(out, string(a.Capability))
			}
		}
	}
	return out
}

// NeverTrades reports whether every kind of trading is known to be denied.
func (s *Snapshot) NeverTrades() bool {
	return len(s.GrantedOf(FamilyTrade)) == 0 &&
		!slices.ContainsFunc(TradeCapabilities(), func(c Capability) bool { return !s.Surely(c, Denied) })
}

// Holds is whether the key holds a right of a family: Denied only if that is
// known of each, and Unknown for families that the fixed vocabulary has no word
// for.
func (s *Snapshot) Holds(f Family) State {
	switch {
	case len(s.GrantedOf(f)) > 0:
		return Granted
	case s.Surely(f.word(), Denied) && len(s.UnknownOf(f)) == 0:
		return Denied
	default:
		return Unknown
	}
}
