package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// rightsChange is what has become of a key's rights between two snapshots. Each
// right that differs is in one of the lists.
type rightsChange struct {
	gained    []rightChange // now held, or without a limit it had
	lost      []rightChange // now known not to be held
	forgotten []rightChange // no longer reported
	// Was what is now unknown held, or known not to be held?
	held, lacked bool
}

func (d *rightsChange) none() bool {
	return len(d.gained)+len(d.lost)+len(d.forgotten) == 0 && !d.held && !d.lacked
}

// rightChange is one right that differs.
type rightChange struct {
	capability access.Capability // empty for a permission that this version doesn't know
	text       string            // with the exchange's own names; that name if there is no capability
	severity   Severity          // of having it
}

// gravity is how bad it is that a key holds a right it did not hold.
func gravity(c access.Capability) Severity {
	switch access.FamilyOf(c) {
	case access.FamilyWithdraw, access.FamilyExternal, access.FamilyAddress, access.FamilyKeys, access.FamilySecrets:
		return Critical
	case access.FamilyTrade:
		return High
	default:
		return Medium
	}
}

func rightsBetween(was, is *access.Snapshot) rightsChange {
	var d rightsChange
	wasWhole, isWhole := was.AllRightsReported(), is.AllRightsReported()
	for _, c := range capabilitiesOf(was, is) {
		before, now := holds(was, c, wasWhole), holds(is, c, isWhole)
		old, g := was.Grant(c), is.Grant(c)
		if before == access.Denied && now == access.Granted && slices.ContainsFunc(g.Names, func(name string) bool { return slices.Contains(was.Unmapped, name) }) {
			before = access.Unknown // perhaps held, under a name that nobody knew
		}
		if before == access.Denied && now == access.Granted && learned(was, &old, &g) {
			continue
		}
		d.compare(was, old, g, before, now)
	}
	d.unrecognised(was, is)
	return d
}

// learned reports whether a power is only news about the exchange: the release that
// wrote the last report took it for one that no key can have, and the key held the
// rights that include it already.
func learned(was *access.Snapshot, old, g *access.Grant) bool {
	had := permissionNames(was)
	return old.Evidence == access.Documented && g.Implied != access.NotImplied && len(g.Names) > 0 &&
		!slices.ContainsFunc(g.Names, func(name string) bool { return !had[name] })
}

// compare notes what has become of one right.
func (d *rightsChange) compare(was *access.Snapshot, old, g access.Grant, before, now access.State) {
	note := func(to *[]rightChange, text string) {
		*to = append(*to, rightChange{g.Capability, text, gravity(g.Capability)})
	}
	switch {
	case before == access.Granted && now == access.Granted:
		if limit := cmp.Or(lifted(old, g), further(was, old, g)); limit != "" {
			note(&d.gained, g.Describe()+": "+limit)
		} else if old.AddressBook == access.BookOn && g.AddressBook == access.BookUnknown {
			note(&d.forgotten, "where it reaches with "+old.Describe())
		}
	case now == access.Granted:
		note(&d.gained, g.Describe()+map[bool]string{true: " (unknown before)"}[before == access.Unknown])
	case now == access.Denied && before == access.Granted:
		note(&d.lost, old.Describe())
	case now == access.Unknown && before != access.Unknown:
		d.held, d.lacked = d.held || before == access.Granted, d.lacked || before == access.Denied
		if exchangeSaid(old.Evidence) {
			note(&d.forgotten, "whether it holds "+old.Describe())
		}
	}
}

// unrecognised adds the permissions that this version doesn't know.
func (d *rightsChange) unrecognised(was, is *access.Snapshot) {
	if len(is.Unmapped) > 0 {
		old := permissionNames(was)
		for _, name := range is.Unmapped {
			if severity := Medium; !old[name] {
				if speaksOfMoney(name) {
					severity = High
				}
				d.gained = append(d.gained, rightChange{"", name, severity})
			}
		}
	}
	if len(was.Unmapped) > 0 {
		now := permissionNames(is)
		for _, name := range was.Unmapped {
			switch {
			case now[name]:
			case is.RightsReported():
				d.lost = append(d.lost, rightChange{text: name})
			default:
				d.held = true
				d.forgotten = append(d.forgotten, rightChange{text: name})
			}
		}
	}
}

// describeChanges lists rights, and of those that this version doesn't know no
// more than ten.
func describeChanges(changes []rightChange) string {
	var texts, strange []string
	for _, c := range changes {
		if c.capability == "" {
			strange = append(strange, c.text)
		} else {
			texts = append(texts, c.text)
		}
	}
	if len(strange) > 0 {
		texts = append(texts, "unrecognised permissions: "+quoted(strange))
	}
	return strings.Join(texts, "; ")
}

// permissionNames are the exchange's own names of what the key holds.
func permissionNames(s *access.Snapshot) map[string]bool {
	out := make(map[string]bool, len(s.Permissions)+len(s.Unmapped))
	add := func(names []string) {
		for _, name := range names {
			out[name] = true
		}
	}
	add(s.Permissions)
	add(s.Unmapped)
	for i := range s.Grants {
		if s.Grants[i].State == access.Granted {
			add(s.Grants[i].Names)
		}
	}
	return out
}

// holds is whether the key holds a right. One outside the fixed vocabulary is
// known by being listed.
func holds(s *access.Snapshot, c access.Capability, toldAll bool) access.State {
	listed := slices.ContainsFunc(s.Grants, func(g access.Grant) bool { return g.Capability == c })
	switch {
	case s.Can(c):
		return access.Granted
	case s.Surely(c, access.Denied), !listed && !c.Standard() && toldAll:
		return access.Denied
	default:
		return access.Unknown
	}
}

// capabilitiesOf are the fixed vocabulary and what else is listed, in report
// order.
func capabilitiesOf(snapshots ...*access.Snapshot) []access.Capability {
	out := access.Capabilities()
	for _, s := range snapshots {
		for i := range s.Grants {
			if c := s.Grants[i].Capability; !c.Standard() {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, access.CompareCapabilities)
	return slices.Compact(out)
}

// further names permissions that carry a right that is still held and did not
// before: one right may cover several of the exchange's.
func further(was *access.Snapshot, old, is access.Grant) string {
	if len(old.Names) == 0 || len(is.Names) == 0 {
		return ""
	}
	had := permissionNames(was)
	var more []string
	for _, name := range is.Names {
		if !had[name] {
			more = append(more, name)
		}
	}
	if len(more) == 0 {
		return ""
	}
	return "now also by " + quoted(more)
}

// lifted says which limit of a right that is still held has gone.
func lifted(was, is access.Grant) string {
	switch {
	case is.AddressBook == access.BookOff && was.AddressBook == access.BookUnknown:
		return "it reaches any withdrawal address (unknown before)"
	case is.AddressBook == access.BookOff && was.AddressBook != access.BookOff:
		return "it reaches any withdrawal address now"
	case was.Qualifier != "" && is.Qualifier == "" && is.AddressBook != access.BookOn && is.AddressBook != access.BookAlways:
		return fmt.Sprintf("it is no longer limited (%s)", was.Qualifier)
	case was.Qualifier != "" && is.Qualifier != "" && was.Qualifier != is.Qualifier:
		return fmt.Sprintf("its limit was different (%s)", was.Qualifier)
	default:
		return ""
	}
}

// siblingsBetween lists which other keys of an account are listed that were
// not, and the other way round.
func siblingsBetween(was, is []*access.Snapshot) (appeared, vanished []*access.Snapshot) {
	appeared, vanished = unmatched(is, was), unmatched(was, is)
	// A key that the exchange masks in one of the two lists may still be that key.
	appeared = slices.DeleteFunc(appeared, func(s *access.Snapshot) bool {
		i := slices.IndexFunc(vanished, func(old *access.Snapshot) bool {
			return (s.Fingerprint == "" || old.Fingerprint == "") && s.KeyID != "" && old.KeyID != "" && access.MasksMatch(s.KeyID, old.KeyID)
		})
		if i >= 0 {
			vanished = slices.Delete(vanished, i, i+1)
		}
		return i >= 0
	})
	return appeared, vanished
}

// unmatched are the keys that the other list has fewer of. Masked ones count by
// what they show.
func unmatched(keys, others []*access.Snapshot) []*access.Snapshot {
	id := func(s *access.Snapshot) string { return cmp.Or(s.Fingerprint, s.KeyID, s.Label) }
	have := map[string]int{}
	for _, s := range others {
		if s != nil {
			have[id(s)]++
		}
	}
	var out []*access.Snapshot
	for _, s := range keys {
		if s == nil {
			continue
		}
		if have[id(s)]--; have[id(s)] < 0 {
			out = append(out, s)
		}
	}
	return out
}

// speaksOfMoney reports whether a permission's name suggests that it moves
// value.
func speaksOfMoney(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{
		"withdraw", "transfer", "pay", "send", "fiat", "card", "cash", "gift", "p2p", "wallet", "asset", "fund", "bank",
		"key", "admin",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	// A name that says nothing, or of which a secret had to be removed, may speak of it.
	return strings.Trim(name, "0123456789-_. ") == "" || strings.Contains(name, "[redacted]")
}

// otherKeys is what has changed in the exchange's list of the account's keys.
type otherKeys struct {
	appeared, vanished         []string
	appearedWith, vanishedWith names // where the rest is said
}
