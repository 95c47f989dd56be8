package audit

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// listChange is what has become of an IP allowlist.
type listChange struct {
	was, is        access.State // whether the key works from every address
	wider          []string     // entries that admit what no entry did
	other          []string     // new entries that don't
	removed        []string
	shown, shownIs bool // whether the entries were shown, and are
	more           int  // entries that have come on, which masks keep from being told
	forgotten      string
}

func (d *listChange) none() bool {
	return d.was == d.is && len(d.wider)+len(d.other)+len(d.removed) == 0 && d.forgotten == ""
}

func listsBetween(was, is *access.IPAllowlist) listChange {
	d := listChange{was: was.UsableFromAnywhere(), is: is.UsableFromAnywhere(), shown: shown(was), shownIs: shown(is)}
	if d.shown && d.shownIs {
		d.compareEntries(was, is)
	}
	switch {
	case !exchangeSaid(was.Evidence):
	case d.was != access.Unknown && d.is == access.Unknown && len(d.wider) == 0:
		d.forgotten = "whether it has an IP allowlist"
	case d.shown && !d.shownIs && d.was != access.Granted:
		d.forgotten = "the IP addresses of its allowlist"
	case was.Disclosed == access.EntriesComplete && is.Disclosed == access.MaskedEntries && d.was != access.Granted:
		d.forgotten = "the full IP addresses of its allowlist"
	}
	return d
}

// compareEntries notes which entries are new, and which are gone.
func (d *listChange) compareEntries(was, is *access.IPAllowlist) {
	old, entries := admitted(was), admitted(is)
	for _, e := range without(entries, old) {
		if slices.ContainsFunc(old, func(x access.AllowlistEntry) bool { return lies(e, x) }) {
			d.other = append(d.other, e.Text)
		} else {
			d.wider = append(d.wider, e.Text)
		}
	}
	for _, e := range without(old, entries) {
		d.removed = append(d.removed, e.Text)
	}
	if slices.ContainsFunc(slices.Concat(old, entries), access.AllowlistEntry.Masked) { // one mask may stand for two addresses
		d.more = max(0, different(is)-different(was)-len(d.wider)-len(d.other)+len(d.removed))
	}
}

// shown reports whether the entries are told, if only in part: also that there
// are none.
func shown(l *access.IPAllowlist) bool {
	return l.Disclosed != access.NotDisclosed || len(l.Entries) > 0 || l.State == access.AllowlistDenyAll || l.UsableFromAnywhere() == access.Granted
}

// admitted are the entries, each once, and the vendor's in one.
func admitted(l *access.IPAllowlist) []access.AllowlistEntry {
	var out []access.AllowlistEntry
	seen := map[access.AllowlistEntry]bool{}
	for _, e := range l.Entries {
		if id := entryID(e); !seen[id] {
			seen[id] = true
			out = append(out, access.AllowlistEntry{Text: cmp.Or(e.Text, e.Prefix.String()), Prefix: e.Range()})
		}
	}
	if l.Vendor != "" {
		out = append(out, access.AllowlistEntry{Text: "the IP addresses of " + l.Vendor})
	}
	return out
}

// different is how many entries there are, of which masked ones that look alike
// may differ.
func different(l *access.IPAllowlist) int {
	seen, n := map[access.AllowlistEntry]bool{}, 0
	for _, e := range l.Entries {
		if e.Masked() || !seen[entryID(e)] {
			n++
		}
		seen[entryID(e)] = true
	}
	return n
}

// entryID is the same for entries that admit the same, as far as they show.
func entryID(e access.AllowlistEntry) access.AllowlistEntry {
	if p := e.Range(); p.IsValid() {
		return access.AllowlistEntry{Prefix: p}
	}
	return access.AllowlistEntry{Text: e.Text}
}

// without are the entries that none of the others is, or may be behind its
// mask.
func without(entries, others []access.AllowlistEntry) []access.AllowlistEntry {
	ids := make(map[access.AllowlistEntry]bool, len(others))
	for _, e := range others {
		ids[entryID(e)] = true
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e access.AllowlistEntry) bool {
		return ids[entryID(e)] || slices.ContainsFunc(others, func(x access.AllowlistEntry) bool { return mayBeSame(e, x) })
	})
}

// mayBeSame reports whether one of two entries is masked and may be the other.
func mayBeSame(e, other access.AllowlistEntry) bool {
	switch {
	case e.Masked() && other.Prefix.IsValid():
		return mayShow(e.Text, other.Prefix)
	case other.Masked() && e.Prefix.IsValid():
		return mayShow(other.Text, e.Prefix)
	default:
		return false
	}
}

// lies reports whether all that an entry admits lies within another.
func lies(e, in access.AllowlistEntry) bool {
	return e.Prefix.IsValid() && in.Prefix.IsValid() && within(e.Prefix, in.Prefix)
}

// within reports whether all of a lies in b.
func within(a, b netip.Prefix) bool { return b.Bits() <= a.Bits() && b.Contains(a.Addr()) }

// mayShow reports whether masked text such as 203.**.154 could be an IP address
// of the range. Text that isn't a masked one could be nothing that is expected.
func mayShow(text string, x netip.Prefix) bool {
	parts := strings.Split(text, ".")
	if !x.Addr().Is4() {
		return strings.Contains(text, "*") && strings.Contains(text, ":")
	}
	if !strings.Contains(text, "*") || len(parts) > 4 {
		return false
	}
	known := strings.Split(x.Addr().String(), ".")
	last := len(parts) - 1
	first := strings.Contains(parts[0], "*") || parts[0] == known[0] || x.Bits() < 8
	return first && (strings.Contains(parts[last], "*") || parts[last] == known[3] || x.Bits() < 32)
}

// exchangeSaid reports whether a fact was the exchange's word, or shown by its
// answer. What an exchange documents of all its keys it can't stop telling.
func exchangeSaid(e access.Evidence) bool {
	return e == access.Reported || e == access.Refused || e == access.Inferred
}
