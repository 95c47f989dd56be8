package audit

import (
	"net/netip"
	"strings"
)

// IPAllowlist is what is known about the addresses a key works from.
type IPAllowlist struct {
	State    AllowlistState `json:"state"`
	Evidence Evidence       `json:"evidence"`
	// Entries are the addresses, in the venue's order.
	Entries []AllowlistEntry `json:"entries,omitempty"`
	// Disclosed says whether Entries are the whole list.
	Disclosed Disclosure `json:"disclosed"`
	// Vendor names the third party whose shared addresses the key is bound to.
	Vendor string `json:"vendor,omitempty"`
	// Mandatory: the venue gives such a key only with an allowlist.
	Mandatory bool `json:"mandatory,omitempty"`
}

// AllowlistState says whether a key is bound to addresses.
type AllowlistState uint8

// The states of an allowlist.
const (
	AllowlistUnknown      AllowlistState = iota
	AllowlistUnrestricted                // works from every address
	AllowlistRestricted                  // bound to addresses
	AllowlistDenyAll                     // bound to none: works from nowhere
	AllowlistOff                         // a list exists and is switched off
)

var allowlistWords = []string{"unknown", "unrestricted", "restricted", "deny-all", "off"}

// String returns the state as a word, for instance "restricted".
func (a AllowlistState) String() string { return enumString(allowlistWords, a) }

// MarshalText writes the state as a word.
func (a AllowlistState) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *AllowlistState) UnmarshalText(text []byte) error {
	return enumParse("allowlist state", allowlistWords, text, a)
}

// Disclosure says how much of a list the venue shows.
type Disclosure uint8

// The degrees of disclosure.
const (
	NotDisclosed    Disclosure = iota // the venue hides the entries
	MaskedEntries                     // it shows parts of each entry
	EntriesComplete                   // it shows all
)

var disclosureWords = []string{"hidden", "masked", "complete"}

// String returns "hidden", "masked" or "complete".
func (d Disclosure) String() string { return enumString(disclosureWords, d) }

// MarshalText writes the degree as a word.
func (d Disclosure) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Disclosure) UnmarshalText(text []byte) error {
	return enumParse("disclosure", disclosureWords, text, d)
}

// AllowlistEntry is one line of an allowlist.
type AllowlistEntry struct {
	Text string `json:"text"` // as the venue wrote it
	// Prefix is the range it admits; zero when the text could not be read or
	// is masked.
	Prefix netip.Prefix `json:"prefix,omitzero"`
}

// admitsAll reports whether the entry lets every address in. The unspecified
// address is taken as "any", the more dangerous reading.
func (e AllowlistEntry) admitsAll() bool {
	if e.Prefix.IsValid() {
		return e.Prefix.Bits() == 0 || (e.Prefix.Addr().IsUnspecified() && e.Prefix.IsSingleIP())
	}
	switch strings.ToLower(e.Text) {
	case "*", "any", "all", "*.*.*.*":
		return true
	}
	return false
}

// NewIPAllowlist reads a list that the venue told for this very key. Entries
// may be addresses, CIDR ranges, ranges written with a dash, patterns such as
// 203.0.113.*, or masked. Empty entries are dropped; a list without any entry,
// or with one that admits every address, is unrestricted. Whether a missing
// list means that too is for the adapter to say: a member missing from an
// answer must stay unknown.
func NewIPAllowlist(raw []string) IPAllowlist {
	list := IPAllowlist{State: AllowlistUnrestricted, Evidence: Told, Disclosed: EntriesComplete}
	for _, text := range raw {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		list.Entries = append(list.Entries, readEntry(text)...)
	}
	if len(list.Entries) > 0 {
		list.State = AllowlistRestricted
	}
	for _, e := range list.Entries {
		if e.admitsAll() {
			list.State = AllowlistUnrestricted
		}
		if !e.Prefix.IsValid() && strings.Contains(e.Text, "**") {
			list.Disclosed = MaskedEntries
		}
	}
	return list
}

// readEntry returns more than one entry for a range that no single prefix
// covers exactly.
func readEntry(text string) []AllowlistEntry {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return []AllowlistEntry{{text, netip.PrefixFrom(addr, addr.BitLen())}}
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
		}
		return []AllowlistEntry{{text, prefix.Masked()}}
	}
	if from, to, ok := strings.Cut(text, "-"); ok {
		a, errA := netip.ParseAddr(strings.TrimSpace(from))
		b, errB := netip.ParseAddr(strings.TrimSpace(to))
		if errA == nil && errB == nil && a.BitLen() == b.BitLen() && a.Compare(b) <= 0 {
			return []AllowlistEntry{{text, covering(a, b)}}
		}
	}
	if prefix, ok := pattern(text); ok {
		return []AllowlistEntry{{text, prefix}}
	}
	return []AllowlistEntry{{Text: text}}
}

// covering is the smallest prefix that holds both addresses. It may admit
// more than the range, never less: the width is judged on the safe side.
func covering(a, b netip.Addr) netip.Prefix {
	for bits := a.BitLen(); ; bits-- {
		if p := netip.PrefixFrom(a, bits).Masked(); p.Contains(b) || bits == 0 {
			return p
		}
	}
}

// pattern reads 203.0.113.* and 203.0.*.*.
func pattern(text string) (netip.Prefix, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return netip.Prefix{}, false
	}
	bits := 32
	for i := 3; i >= 0 && parts[i] == "*"; i-- {
		parts[i] = "0"
		bits = 8 * i
	}
	addr, err := netip.ParseAddr(strings.Join(parts, "."))
	if err != nil || bits == 32 || bits == 0 {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, bits), true
}
