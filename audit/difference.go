package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// rightsChange is what has become of a key's rights between two snapshots. Each
// right that differs stands in one of the lists.
type rightsChange struct {
	gained    []rightChange // now held, or without a limit it had
	lost      []rightChange // now known not to be held
	forgotten []rightChange // not told any more
	// Was it held, or known not to be, what is not known now?
	held, lacked bool
}

func (d *rightsChange) none() bool {
	return len(d.gained)+len(d.lost)+len(d.forgotten) == 0 && !d.held && !d.lacked
}

// rightChange is one right that differs.
type rightChange struct {
	capability Capability // empty for a permission that this version doesn't know
	text       string     // with the venue's own names; that name if there is no capability
	severity   Severity   // of having it
}

// gravity is how bad it is that a key holds a right it did not hold.
func gravity(c Capability) Severity {
	switch familyOf(c) {
	case familyWithdraw, familyExternal, familyAddress, familyKeys, familySecrets:
		return Critical
	case familyTrade:
		return High
	default:
		return Medium
	}
}

func rightsBetween(was, is *Snapshot) rightsChange {
	var d rightsChange
	wasWhole, isWhole := was.toldAll(), is.toldAll()
	for _, c := range capabilitiesOf(was, is) {
		old, g := was.Grant(c), is.Grant(c)
		before, now := was.holds(c, wasWhole), is.holds(c, isWhole)
		note := func(to *[]rightChange, text string) { *to = append(*to, rightChange{c, text, gravity(c)}) }
		if before == Denied && now == Granted && slices.ContainsFunc(g.Names, func(name string) bool { return slices.Contains(was.Unmapped, name) }) {
			before = Unknown // perhaps held, under a name that nobody knew
		}
		switch {
		case before == Granted && now == Granted:
			if limit := lifted(old, g); limit != "" {
				note(&d.gained, g.describe()+": "+limit)
			} else if limit := further(was, old, g); limit != "" {
				note(&d.gained, g.describe()+": "+limit)
			} else if old.AddressBook == BookOn && g.AddressBook == BookUnknown {
				note(&d.forgotten, "where it reaches with "+old.describe())
			}
		case now == Granted && before == Unknown:
			note(&d.gained, g.describe()+" (before, that was not known)")
		case now == Granted:
			note(&d.gained, g.describe())
		case now == Denied && before == Granted:
			note(&d.lost, old.describe())
		case now == Unknown && before != Unknown:
			d.held, d.lacked = d.held || before == Granted, d.lacked || before == Denied
			if venueSaid(old.Evidence) {
				note(&d.forgotten, "whether it holds "+old.describe())
			}
		}
	}
	d.strange(was, is)
	return d
}

// strange adds the permissions that this version doesn't know.
func (d *rightsChange) strange(was, is *Snapshot) {
	if len(is.Unmapped) > 0 {
		old := was.names()
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
		now := is.names()
		for _, name := range was.Unmapped {
			switch {
			case now[name]:
			case is.told():
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
		texts = append(texts, "permissions that this version does not know: "+quoted(strange))
	}
	return strings.Join(texts, "; ")
}

// names are the venue's own names of what the key holds.
func (s *Snapshot) names() map[string]bool {
	out := make(map[string]bool, len(s.Permissions)+len(s.Unmapped))
	add := func(names []string) {
		for _, name := range names {
			out[name] = true
		}
	}
	add(s.Permissions)
	add(s.Unmapped)
	for i := range s.Grants {
		if s.Grants[i].State == Granted {
			add(s.Grants[i].Names)
		}
	}
	return out
}

// holds is whether the key holds a right. One outside the fixed vocabulary is
// known by being listed.
func (s *Snapshot) holds(c Capability, toldAll bool) State {
	listed := slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Capability == c })
	switch {
	case s.Can(c):
		return Granted
	case s.surely(c, Denied), !listed && rank(c) == unranked && toldAll:
		return Denied
	default:
		return Unknown
	}
}

// capabilitiesOf are the fixed vocabulary and what else is listed, in report
// order.
func capabilitiesOf(snapshots ...*Snapshot) []Capability {
	out := Capabilities()
	for _, s := range snapshots {
		for i := range s.Grants {
			if c := s.Grants[i].Capability; rank(c) == unranked {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, less)
	return slices.Compact(out)
}

// further names permissions that carry a right that is still held and did not
// before: one right may stand for several of the venue's.
func further(was *Snapshot, old, is Grant) string {
	if len(old.Names) == 0 || len(is.Names) == 0 {
		return ""
	}
	had := was.names()
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
func lifted(was, is Grant) string {
	switch {
	case is.AddressBook == BookOff && was.AddressBook == BookUnknown:
		return "it reaches every address (before, that was not known)"
	case is.AddressBook == BookOff && was.AddressBook != BookOff:
		return "it reaches every address now"
	case was.Qualifier != "" && is.Qualifier == "" && is.AddressBook != BookOn && is.AddressBook != BookAlways:
		return fmt.Sprintf("it is not limited any more (%s)", was.Qualifier)
	case was.Qualifier != "" && is.Qualifier != "" && was.Qualifier != is.Qualifier:
		return fmt.Sprintf("its limit was another one (%s)", was.Qualifier)
	default:
		return ""
	}
}

// venueSaid reports whether a fact was the venue's word, or shown by its
// answer. What a venue documents of all its keys it can't stop telling.
func venueSaid(e Evidence) bool { return e == Told || e == Refused || e == Inferred }

// listChange is what has become of an IP allowlist.
type listChange struct {
	was, is        State    // whether the key works from every address
	wider          []string // entries that admit what no entry did
	other          []string // new entries that don't
	removed        []string
	shown, shownIs bool // whether the entries were shown, and are
	more           int  // entries that have come on, which masks keep from being told
	forgotten      string
}

func (d *listChange) none() bool {
	return d.was == d.is && len(d.wider)+len(d.other)+len(d.removed) == 0 && d.forgotten == ""
}

func listsBetween(was, is *IPAllowlist) listChange {
	d := listChange{was: was.free(), is: is.free(), shown: was.shown(), shownIs: is.shown()}
	if d.shown && d.shownIs {
		old, entries := was.admitted(), is.admitted()
		for _, e := range without(entries, old) {
			if slices.ContainsFunc(old, e.lies) {
				d.other = append(d.other, e.Text)
			} else {
				d.wider = append(d.wider, e.Text)
			}
		}
		for _, e := range without(old, entries) {
			d.removed = append(d.removed, e.Text)
		}
		if slices.ContainsFunc(slices.Concat(old, entries), AllowlistEntry.masked) { // one mask may stand for two addresses
			d.more = max(0, is.different()-was.different()-len(d.wider)-len(d.other)+len(d.removed))
		}
	}
	switch {
	case !venueSaid(was.Evidence):
	case d.was != Unknown && d.is == Unknown && len(d.wider) == 0:
		d.forgotten = "whether it has an IP allowlist"
	case d.shown && !d.shownIs && d.was != Granted:
		d.forgotten = "the addresses of its allowlist"
	case was.Disclosed == EntriesComplete && is.Disclosed == MaskedEntries && d.was != Granted:
		d.forgotten = "the whole addresses of its allowlist"
	}
	return d
}

// shown reports whether the entries are told, if only in part: also that there
// are none.
func (l *IPAllowlist) shown() bool {
	return l.Disclosed != NotDisclosed || len(l.Entries) > 0 || l.State == AllowlistDenyAll || l.free() == Granted
}

// admitted are the entries, each once, and the vendor's in one.
func (l *IPAllowlist) admitted() []AllowlistEntry {
	var out []AllowlistEntry
	seen := map[AllowlistEntry]bool{}
	for _, e := range l.Entries {
		if id := e.id(); !seen[id] {
			seen[id] = true
			out = append(out, AllowlistEntry{Text: cmp.Or(e.Text, e.Prefix.String()), Prefix: plain(e.Prefix)})
		}
	}
	if l.Vendor != "" {
		out = append(out, AllowlistEntry{Text: "the addresses of " + l.Vendor})
	}
	return out
}

// different is how many entries there are, of which masked ones that look alike
// may differ.
func (l *IPAllowlist) different() int {
	seen, n := map[AllowlistEntry]bool{}, 0
	for _, e := range l.Entries {
		if e.masked() || !seen[e.id()] {
			n++
		}
		seen[e.id()] = true
	}
	return n
}

// id is the same for entries that admit the same, as far as they show.
func (e AllowlistEntry) id() AllowlistEntry {
	if p := plain(e.Prefix); p.IsValid() {
		return AllowlistEntry{Prefix: p}
	}
	return AllowlistEntry{Text: e.Text}
}

// without are the entries that none of the others is, or may be behind its
// mask.
func without(entries, others []AllowlistEntry) []AllowlistEntry {
	ids := make(map[AllowlistEntry]bool, len(others))
	for _, e := range others {
		ids[e.id()] = true
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e AllowlistEntry) bool {
		return ids[e.id()] || slices.ContainsFunc(others, e.shows)
	})
}

// shows reports whether one of two entries is masked and may be the other.
func (e AllowlistEntry) shows(other AllowlistEntry) bool {
	switch {
	case e.masked() && other.Prefix.IsValid():
		return mayShow(e.Text, other.Prefix)
	case other.masked() && e.Prefix.IsValid():
		return mayShow(other.Text, e.Prefix)
	default:
		return false
	}
}

// lies reports whether all that an entry admits lies within another.
func (e AllowlistEntry) lies(in AllowlistEntry) bool {
	return e.Prefix.IsValid() && in.Prefix.IsValid() && within(e.Prefix, in.Prefix)
}

// siblingsBetween tells which other keys of an account are listed that were
// not, and the other way round.
func siblingsBetween(was, is []*Snapshot) (appeared, vanished []*Snapshot) {
	appeared, vanished = unmatched(is, was), unmatched(was, is)
	// A key that the venue masks in one of the two lists may still be that key.
	appeared = slices.DeleteFunc(appeared, func(s *Snapshot) bool {
		i := slices.IndexFunc(vanished, func(old *Snapshot) bool {
			return (s.Fingerprint == "" || old.Fingerprint == "") && s.KeyID != "" && old.KeyID != "" && mayBe(s.KeyID, old.KeyID)
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
func unmatched(keys, others []*Snapshot) []*Snapshot {
	id := func(s *Snapshot) string { return cmp.Or(s.Fingerprint, s.KeyID, s.Label) }
	have := map[string]int{}
	for _, s := range others {
		if s != nil {
			have[id(s)]++
		}
	}
	var out []*Snapshot
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
