package access

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strings"
)

// IPAllowlist is what is known about the IP addresses a key is usable from.
type IPAllowlist struct {
	State    AllowlistState `json:"state"`
	Evidence Evidence       `json:"evidence"`
	// Entries are the IP addresses, in the exchange's order.
	Entries []AllowlistEntry `json:"entries,omitempty"`
	// Disclosed says whether Entries are the whole list.
	Disclosed Disclosure `json:"disclosed"`
	// Vendor names the third party whose shared IP addresses the key is restricted to.
	Vendor string `json:"vendor,omitempty"`
	// VendorUnclear: the answer should say whether the list is a third party's, and
	// doesn't.
	VendorUnclear bool `json:"vendor_unclear,omitempty"`
	// Mandatory: the exchange gives such a key only with an allowlist.
	Mandatory bool `json:"mandatory,omitempty"`
}

// AllowlistState says whether a key is restricted to IP addresses.
type AllowlistState uint8

// The states of an allowlist.
const (
	AllowlistUnknown      AllowlistState = iota
	AllowlistUnrestricted                // usable from any IP address
	AllowlistRestricted                  // restricted to IP addresses
	AllowlistDenyAll                     // restricted to none: usable from nowhere
	AllowlistOff                         // a list exists and is switched off
)

var allowlistWords = []string{"unknown", "unrestricted", "restricted", "deny-all", "off"}

// String returns the state as a word, for instance "restricted".
func (a AllowlistState) String() string { return FormatWord(allowlistWords, a) }

// MarshalText writes the state as a word.
func (a AllowlistState) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *AllowlistState) UnmarshalText(text []byte) error {
	return ParseWord("allowlist state", allowlistWords, text, a)
}

// Disclosure says how much of a list the exchange shows.
type Disclosure uint8

// The degrees of disclosure.
const (
	NotDisclosed    Disclosure = iota // the exchange hides the entries
	MaskedEntries                     // it shows parts of each entry
	EntriesComplete                   // it shows all
)

var disclosureWords = []string{"hidden", "masked", "complete"}

// String returns "hidden", "masked" or "complete".
func (d Disclosure) String() string { return FormatWord(disclosureWords, d) }

// MarshalText writes the degree as a word.
func (d Disclosure) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Disclosure) UnmarshalText(text []byte) error {
	return ParseWord("disclosure", disclosureWords, text, d)
}

// AllowlistEntry is one line of an allowlist. A range that is no network becomes
// several entries with the same text, one for each network that it consists of.
type AllowlistEntry struct {
	Text string `json:"text"` // as the exchange wrote it
	// Prefix is the range it admits; zero when the text could not be read or
	// is masked.
	Prefix netip.Prefix `json:"prefix,omitzero"`
}

// everyIPv4 is how IPv6 writes the IPv4 addresses: a network that holds it
// holds them all.
var everyIPv4 = netip.MustParseAddr("::ffff:0.0.0.0")

// Range is what the entry admits; zero if its text could not be read or is masked.
// An IPv4 range written in IPv6 notation is given as IPv4.
func (e AllowlistEntry) Range() netip.Prefix { return plain(e.Prefix) }

// AdmitsAll reports whether the entry admits every IP address. The unspecified
// IP address is taken as "any", the more dangerous reading.
func (e AllowlistEntry) AdmitsAll() bool {
	if p := plain(e.Prefix); p.IsValid() {
		return p.Bits() == 0 || p.Contains(everyIPv4) || (p.Addr().IsUnspecified() && p.IsSingleIP())
	}
	switch strings.ToLower(e.Text) {
	case "*", "any", "all", "*.*.*.*":
		return true
	}
	return false
}

// Masked reports whether the exchange shows a part of an IP address and hides the
// rest, as in 203.**.154.
func (e AllowlistEntry) Masked() bool {
	return !e.Prefix.IsValid() && strings.Contains(e.Text, "**") && strings.ContainsAny(e.Text, "123456789abcdefABCDEF") &&
		strings.Trim(e.Text, "0123456789abcdefABCDEF.:*") == ""
}

// Restricts reports whether the list is known to keep most IP addresses out.
func (l *IPAllowlist) Restricts() bool {
	if l.Evidence == NoEvidence || l.EntryForAll() != "" || l.EntriesForHalf() != nil {
		return false
	}
	return l.State == AllowlistDenyAll || (l.State == AllowlistRestricted && len(l.Unreadable()) == 0 &&
		(len(l.Entries) > 0 || l.Disclosed == NotDisclosed))
}

// Complete reports whether every entry is known.
func (l *IPAllowlist) Complete() bool {
	return l.Disclosed == EntriesComplete && !slices.ContainsFunc(l.Entries, func(e AllowlistEntry) bool { return !e.Prefix.IsValid() })
}

// Admits is whether the list admits an IP address of a range: Unknown if any of its
// entries is not shown.
func (l *IPAllowlist) Admits(r netip.Prefix) State {
	switch {
	case l.UsableFromAnywhere() == Granted, slices.ContainsFunc(l.Ranges(), plain(r).Overlaps):
		return Granted
	case l.Restricts() && l.Complete() && r.IsValid():
		return Denied
	default:
		return Unknown
	}
}

// Unreadable lists the entries of which nothing can be said: each may admit
// every IP address.
func (l *IPAllowlist) Unreadable() []string {
	var out []string
	for _, e := range l.Entries {
		if !e.Prefix.IsValid() && !e.Masked() {
			out = append(out, e.Text)
		}
	}
	return out
}

// EntryForAll is the first entry that admits every IP address, or nothing.
func (l *IPAllowlist) EntryForAll() string {
	for _, e := range l.Entries {
		if e.AdmitsAll() {
			return cmp.Or(e.Text, e.Prefix.String())
		}
	}
	return ""
}

// EntriesForHalf lists entries that together admit half of all IPv4 addresses, or half of
// the public IPv6 ones (2000::/3), which is as good as every IP address: 0.0.0.0/0
// can be written in parts.
func (l *IPAllowlist) EntriesForHalf() []string {
	var sorted []AllowlistEntry
	for _, e := range l.Entries {
		if e.Prefix = plain(e.Prefix).Masked(); e.Prefix.IsValid() {
			sorted = append(sorted, e)
		}
	}
	slices.SortFunc(sorted, func(a, b AllowlistEntry) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), a.Prefix.Bits()-b.Prefix.Bits())
	})
	var last netip.Prefix
	var four, six []AllowlistEntry
	for _, e := range sorted {
		switch {
		case last.Overlaps(e.Prefix): // lies within the last one
			continue
		case e.Prefix.Addr().Is4():
			four = append(four, e)
		default:
			six = append(six, e)
		}
		last = e.Prefix
	}
	if texts := filling(four, 1.0/2); texts != nil {
		return texts
	}
	return filling(six, 1.0/16)
}

// filling lists the widest entries that together make up a share of all
// IP addresses, or nothing if all of them don't.
func filling(entries []AllowlistEntry, share float64) []string {
	slices.SortStableFunc(entries, func(a, b AllowlistEntry) int { return cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()) })
	var texts []string
	seen := map[string]bool{}
	for _, e := range entries {
		if !seen[e.Text] {
			seen[e.Text] = true
			texts = append(texts, e.Text)
		}
		if share -= math.Ldexp(1, -e.Prefix.Bits()); share <= 0 {
			return texts
		}
	}
	return nil
}

// Ranges are the networks that the list admits, as far as its entries can be read:
// in order, and none within another or the other half of one.
func (l *IPAllowlist) Ranges() []netip.Prefix {
	var sorted []netip.Prefix
	for _, e := range l.Entries {
		if p := e.Range().Masked(); p.IsValid() {
			sorted = append(sorted, p)
		}
	}
	slices.SortFunc(sorted, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), a.Bits()-b.Bits())
	})
	var out []netip.Prefix
	for _, p := range sorted {
		if n := len(out); n > 0 && out[n-1].Overlaps(p) { // lies within the last one
			continue
		}
		for n := len(out); n > 0 && out[n-1].Bits() == p.Bits(); n = len(out) {
			whole, err := out[n-1].Addr().Prefix(p.Bits() - 1)
			if err != nil || !whole.Contains(p.Addr()) {
				break
			}
			out, p = out[:n-1], whole
		}
		out = append(out, p)
	}
	return out
}

// Lines is how many lines the list has.
func (l *IPAllowlist) Lines() int {
	n := 0
	for i, e := range l.Entries {
		if i == 0 || e.Text == "" || e.Text != l.Entries[i-1].Text || e.Prefix == l.Entries[i-1].Prefix {
			n++
		}
	}
	return n
}

// UsableFromAnywhere is whether the key is usable from any IP address.
func (l *IPAllowlist) UsableFromAnywhere() State {
	switch {
	case l.State == AllowlistOff, l.State == AllowlistUnrestricted, l.EntryForAll() != "", l.EntriesForHalf() != nil:
		return Granted
	case l.Restricts():
		return Denied
	default:
		return Unknown
	}
}

// Partial notes that a part of the list is missing, which may be the one that allows
// every IP address.
func (l *IPAllowlist) Partial() {
	if l.State == AllowlistRestricted {
		l.State, l.Disclosed = AllowlistUnknown, NotDisclosed
	}
}

// NewIPAllowlist reads a list that the exchange reported for this very key. Entries
// may be IP addresses, CIDR ranges, ranges written with a dash, patterns such as
// 203.0.113.*, or masked. A list without any entry but empty ones, or with entries
// that admit every IP address, is unrestricted. One with an entry that cannot be read,
// or an empty one beside others, is unknown, for that entry may admit every IP address.
// Whether a missing list means that too is for the adapter to say: a member
// missing from an answer must stay unknown.
func NewIPAllowlist(raw []string) IPAllowlist {
	list := IPAllowlist{Evidence: Reported, Disclosed: EntriesComplete}
	if slices.ContainsFunc(raw, func(text string) bool { return strings.TrimSpace(text) != "" }) {
		for _, text := range raw {
			list.Entries = append(list.Entries, readEntry(strings.TrimSpace(text))...)
		}
	}
	switch {
	case len(list.Entries) == 0, list.EntryForAll() != "", list.EntriesForHalf() != nil:
		list.State = AllowlistUnrestricted
	case len(list.Unreadable()) == 0:
		list.State = AllowlistRestricted
	}
	if slices.ContainsFunc(list.Entries, AllowlistEntry.Masked) {
		list.Disclosed = MaskedEntries
	}
	return list
}

func readEntry(text string) []AllowlistEntry {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return []AllowlistEntry{{text, plain(netip.PrefixFrom(addr, addr.BitLen()))}}
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return []AllowlistEntry{{text, plain(prefix).Masked()}}
	}
	if from, to, ok := strings.Cut(text, "-"); ok {
		a, errA := netip.ParseAddr(strings.TrimSpace(from))
		b, errB := netip.ParseAddr(strings.TrimSpace(to))
		if errA == nil && errB == nil && a.BitLen() == b.BitLen() && a.Compare(b) <= 0 && a.Zone()+b.Zone() == "" {
			var out []AllowlistEntry
			for _, prefix := range networks(a, b) {
				out = append(out, AllowlistEntry{text, plain(prefix)})
			}
			return out
		}
	}
	return []AllowlistEntry{{text, pattern(text)}}
}

// plain writes an IPv4 range that is given in IPv6 notation as what it is.
func plain(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// networks are the fewest that together are the range from a to b.
func networks(a, b netip.Addr) []netip.Prefix {
	var out []netip.Prefix
	for a.IsValid() && a.Compare(b) <= 0 {
		network := netip.PrefixFrom(a, a.BitLen())
		for bits := a.BitLen() - 1; bits >= 0; bits-- { // the widest that begins here and ends in time
			wider, err := a.Prefix(bits)
			if err != nil || wider.Addr() != a || last(wider).Compare(b) > 0 {
				break
			}
			network = wider
		}
		out = append(out, network)
		a = last(network).Next()
	}
	return out
}

// last is the last IP address of a network.
func last(p netip.Prefix) netip.Addr {
	raw := p.Addr().AsSlice()
	for i := range raw {
		free := min(max(8*(i+1)-p.Bits(), 0), 8) // bits of this byte
		raw[i] |= byte(1<<free - 1)
	}
	addr, _ := netip.AddrFromSlice(raw)
	return addr
}

// pattern reads 203.0.113.* and 203.0.*.*; anything else is zero.
func pattern(text string) netip.Prefix {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return netip.Prefix{}
	}
	bits := 32
	for i := 3; i >= 0 && parts[i] == "*"; i-- {
		parts[i] = "0"
		bits = 8 * i
	}
	addr, _ := netip.ParseAddr(strings.Join(parts, ".")) // zero if it is none, and then so is the prefix
	return netip.PrefixFrom(addr, bits)
}
