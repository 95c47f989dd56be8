package audit

import (
	"fmt"
	"math"
	"net/netip"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// networkRules judge from which IP addresses the key can be used.
var networkRules = []*Rule{
	{
		ID: RuleIPAllowlist, Title: "Key usable from any IP address", Severity: Critical, Since: "v0.1.0",
		Why: "Nearly every large theft by API key was done by trading, not by withdrawing: the thief makes the " +
			"victim buy from the thief (3Commas 2022: about 100,000 keys; FTX/DMG 2022; VIA and SYS 2018). A key that " +
			"is restricted to the bot's IP address is worthless to a thief; nothing else stops them.",
		Remedy: "Edit the key and restrict it to the IP address the bot runs from. If that changes, give the bot a " +
			"fixed one first.",
		Task: adapter.SetAllowlist,
		FindOut: "On the key's page, check from which IP addresses the key can be used. Restrict it to the bot's, " +
			"then attest this rule.",
		References: []string{"CWE-284", "NHI4:2025", "3Commas 2022-12"},
		Run:        unlessClosing(ipAllowlist),
	},
	{
		ID: RuleIPAllowlistWidth, Title: "IP allowlist with wide ranges", Severity: High, Since: "v0.1.0",
		Why:    "An IP allowlist that allows a provider's whole network allows everyone who rents a server there.",
		Remedy: "Edit the key and replace each range by the single IP addresses the bot runs from.",
		Task:   adapter.SetAllowlist,
		FindOut: "On the key's page, check that every entry of the IP allowlist is a single IP address of the bot. " +
			"Replace the others, then attest this rule.",
		References: []string{"CWE-284", "NHI4:2025"},
		Run:        unlessClosing(ipAllowlistWidth),
	},
	{
		ID: RuleIPAllowlistEntries, Title: "IP allowlist with useless or duplicate entries", Severity: High, Since: "v0.1.0",
		Why: "Private, loopback and documentation IP addresses never reach an exchange, duplicates hide what is really " +
			"allowed, and long lists are never reviewed: each is a sign that nobody knows what the list is for.",
		Remedy: "Edit the key and remove the entries named. Keep only IP addresses the bot runs from.",
		Task:   adapter.SetAllowlist,
		FindOut: "On the key's page, look through the IP allowlist. Remove duplicates and whatever is not an IP " +
			"address of the bot, then attest this rule.",
		References: []string{"CWE-284"},
		Run:        unlessClosing(ipAllowlistEntries),
	},
	{
		ID: RuleIPAllowlistExpected, Title: "IP allowlist differs from the bot's IP addresses", Severity: High,
		Since: "v0.1.0",
		Why: "An IP address on the list that is not the bot's lets somebody else in. One of the bot's that is " +
			"missing stops the bot on the day it moves.",
		Remedy: "Make the IP allowlist and the policy's expected_ips the same: remove what is not the bot's, add " +
			"what is.",
		FindOut: "On the key's page, compare the IP allowlist with the policy's expected_ips. Make them the same, " +
			"then attest this rule.",
		References: []string{"CWE-284"},
		Run:        unlessClosing(ipAllowlistExpected),
	},
	{
		ID: RuleIPAllowlistVendor, Title: "IP allowlist shared with a third party's customers", Severity: Medium, Since: "v0.1.0",
		Why: "A key that is restricted to a bot platform's IP addresses can be used by anyone who makes that platform use " +
			"it: another customer, or somebody who has broken in. That is how about 100,000 keys were used in 2022.",
		Remedy: "If the bot runs elsewhere, restrict the key to its own IP address. If it runs at that third party, give " +
			"the key no right and no money beyond what the bot needs, then waive this rule until a date.",
		FindOut: "On the key's page, check whether the IP allowlist is that of a third-party app. Restrict the key to " +
			"the bot's own IP address if it is, then attest this rule.",
		References: []string{"CWE-284", "NHI3:2025", "3Commas 2022-12"},
		Run:        unlessClosing(ipAllowlistVendor),
	},
	{
		ID: RuleIPAllowlistNegative, Title: "IP allowlist that lets others in", Severity: Critical, Since: "v0.1.0",
		Why: "That a list is shown is the exchange's word. One request from an IP address that is not on it shows whether " +
			"the list is enforced, which is all that stops anyone who copies the key.",
		Remedy: "Take the rights to trade and to withdraw from the key until the exchange refuses the probe. Edit the key " +
			"and save its IP allowlist again; if the probe is still answered, report that to the exchange.",
		Task: adapter.SetAllowlist,
		FindOut: "Fix what kept the probe from showing anything, then run the audit again; or remove \"probe\" from the " +
			"key's entry in the inventory.",
		References: []string{"CWE-284", "CWE-636"},
		Run:        unlessClosing(ipAllowlistNegative),
	},
}

// harmFromAnywhere is how bad it is that a key is usable from any IP address:
// worse the more it can do, and what is unknown counts as held.
func harmFromAnywhere(s *access.Snapshot) Severity {
	for _, f := range []access.Family{
		access.FamilyWithdraw, access.FamilyExternal, access.FamilyAddress, access.FamilyKeys,
	} {
		if s.Holds(f) != access.Denied {
			return Critical
		}
	}
	if len(s.Unmapped) > 0 {
		return High
	}
	for _, c := range access.Capabilities() {
		if c != access.Read && !s.Surely(c, access.Denied) {
			return High
		}
	}
	for _, g := range s.Grants {
		if access.FamilyOf(g.Capability) != access.FamilyRead && !s.Surely(g.Capability, access.Denied) {
			return High
		}
	}
	return Low
}

func ipAllowlist(p *Pass) Verdict {
	list, severity := &p.Snapshot.IPAllowlist, harmFromAnywhere(p.Snapshot)
	if v := usableFromAnywhere(p, severity); v.Outcome == Failed {
		return v
	}
	switch unread := list.Unreadable(); {
	case len(unread) > 0:
		return p.undetermined(severity, "The IP allowlist contains %s, which cannot be read and may allow every IP address",
			quoted(unread)).
			remedy("On the key's page, look at the entries named. Replace them by the bot's IP address, then attest this rule.")
	case !list.Restricts() && p.refusedByIP():
		return p.undetermined(severity, "Could not determine whether the key has an IP allowlist: the exchange refused this "+
			"IP address, which it does to keys without one too")
	case !list.Restricts():
		return p.undetermined(severity, "Could not determine whether the key has an IP allowlist")
	case list.State == access.AllowlistDenyAll:
		return p.pass(list.Evidence, "The IP allowlist allows no IP address at all")
	case list.Evidence == access.Refused:
		return p.pass(access.Refused, "The exchange refused this IP address, so the key has an IP allowlist")
	case list.Evidence == access.Documented:
		return p.pass(access.Documented, "The exchange creates such keys only with an IP allowlist")
	case list.Disclosed == access.NotDisclosed:
		return p.pass(list.Evidence, "The key is restricted to IP addresses; the exchange does not report which")
	default:
		return p.pass(list.Evidence, "The key is restricted to %s", ranges(len(list.Entries)))
	}
}

// noAllowlists reports whether the exchange has no IP allowlists, so that none can be advised.
func (p *Pass) noAllowlists() bool {
	list := &p.Snapshot.IPAllowlist
	return list.State == access.AllowlistUnrestricted && list.Evidence == access.Documented
}

// usableFromAnywhere fails if the key is. A stored or hand-made snapshot may
// say one thing and list another, so the entries count as well as the state.
func usableFromAnywhere(p *Pass, severity Severity) Verdict {
	list := &p.Snapshot.IPAllowlist
	all, half := list.EntryForAll(), list.EntriesForHalf()
	var v Verdict
	switch {
	case list.State == access.AllowlistOff:
		v = p.fail(severity, "The key has an IP allowlist that is switched off: it is usable from any IP address").
			remedy("Edit the key and switch its IP allowlist on, with the IP address the bot runs from.")
	case all != "":
		v = p.fail(severity, "The IP allowlist contains %q, which allows every IP address", all).
			remedy("Edit the key and replace that entry by the IP address the bot runs from.")
	case half != nil:
		v = p.fail(severity, "The IP allowlist contains %s, which is half of all IP addresses or more", quoted(half)).
			remedy("Edit the key and replace those entries by the IP address the bot runs from.")
	case p.noAllowlists():
		v = p.fail(severity, "The exchange has no IP allowlists, so the key is usable from any IP address").
			remedy("No IP allowlist can be set here. What helps: no right and no money beyond what the bot needs, a " +
				"secret that is well kept, and a new key every few weeks. Then waive this rule until a date.")
	case list.State == access.AllowlistUnrestricted:
		v = p.fail(severity, "The key is usable from any IP address")
	}
	return v.with(list.Evidence)
}

// ranges counts the entries of an allowlist.
func ranges(n int) string { return count(n, "IP address or range", "IP addresses or ranges") }

func ipAllowlistWidth(p *Pass) Verdict {
	list, most := &p.Snapshot.IPAllowlist, min(High, harmFromAnywhere(p.Snapshot))
	if v, none := p.withoutList(); none {
		return v
	}
	worst, wide := wideRanges(list)
	switch unread := list.Unreadable(); {
	case len(unread) > 0:
		text := "These entries cannot be read: " + quoted(unread)
		if worst > 0 {
			return p.fail(most, "%s; %s", some(wide, "; "), text).with(list.Evidence)
		}
		return p.undetermined(most, "%s", text).see(RuleIPAllowlist)
	case worst > 0:
		return p.fail(min(worst, most), "%s", some(wide, "; ")).with(list.Evidence)
	case !list.Restricts():
		return p.undetermined(most, noListKnown).see(RuleIPAllowlist)
	case !list.Complete():
		return p.undetermined(most, entriesHidden)
	default:
		return p.pass(list.Evidence, "Every entry is a single IP address or a host's own range")
	}
}

// wideRanges says how bad the widest of the list's ranges is, and which allow more
// than a host: the entries as they are, what they are together, and all of it.
func wideRanges(list *access.IPAllowlist) (worst Severity, texts []string) {
	four, six := 0.0, 0.0 // IP addresses, and networks of 64 bits
	for _, e := range list.Entries {
		s := width(e.Range())
		if e.AdmitsAll() {
			s = High
		}
		if s > 0 {
			worst = max(worst, s)
			texts = append(texts, fmt.Sprintf("%q allows %s", e.Text, size(e.Range())))
		}
	}
	for _, merged := range list.Ranges() {
		if merged.Addr().Is4() {
			four += math.Ldexp(1, 32-merged.Bits())
		} else {
			six += math.Ldexp(1, 64-min(merged.Bits(), 64))
		}
		single := slices.ContainsFunc(list.Entries, func(e access.AllowlistEntry) bool { return e.Range().Masked() == merged })
		if s := width(merged); s >= Medium && !single { // a few neighbouring hosts are no network
			worst = max(worst, s)
			texts = append(texts, fmt.Sprintf("the entries together allow %s, which is %s", merged, size(merged)))
		}
	}
	for _, sum := range []struct {
		n, medium, high float64
		of              string
	}{{four, 1 << 8, 1 << 16, "IPv4 addresses"}, {six, 1 << 8, 1 << 16, "IPv6 networks of 64 bits"}} {
		s := Severity(0)
		switch {
		case sum.n >= sum.high:
			s = High
		case sum.n > sum.medium:
			s = Medium
		}
		if s > worst {
			worst = s
			texts = append(texts, fmt.Sprintf("the entries together allow %.0f %s", sum.n, sum.of))
		}
	}
	return worst, appendUnique(nil, texts...)
}

// width is how bad a range is; 0 for a host, for a host's own IPv6 network,
// and for what cannot be read.
func width(prefix netip.Prefix) Severity {
	bits := prefix.Bits()
	switch {
	case !prefix.IsValid():
		return 0
	case bits == 0, prefix.Addr().IsUnspecified() && prefix.IsSingleIP():
		return High
	case prefix.Addr().Is4() && bits == 32, !prefix.Addr().Is4() && bits >= 64:
		return 0
	case prefix.Addr().Is4() && bits >= 24:
		return Low
	case prefix.Addr().Is4() && bits >= 17, !prefix.Addr().Is4() && bits > 48:
		return Medium
	default:
		return High
	}
}

// size says how many IP addresses a range holds.
func size(prefix netip.Prefix) string {
	if free := prefix.Addr().BitLen() - prefix.Bits(); free < 63 {
		return fmt.Sprintf("%d IP addresses", uint64(1)<<free)
	}
	return fmt.Sprintf("a /%d network", prefix.Bits())
}

func ipAllowlistEntries(p *Pass) Verdict {
	list, most := &p.Snapshot.IPAllowlist, min(High, harmFromAnywhere(p.Snapshot))
	if v, none := p.withoutList(); none {
		return v
	}
	var bad []string
	seen := map[string]bool{}
	for _, e := range list.Entries {
		if e.Masked() { // two of them may look alike and differ
			continue
		}
		id := e.Text
		if prefix := e.Range(); prefix.IsValid() {
			id = prefix.String()
			if what := neverReaches(prefix.Addr()); what != "" {
				bad = append(bad, fmt.Sprintf("%q is %s IP address", e.Text, what))
			}
		}
		if seen[id] {
			bad = append(bad, fmt.Sprintf("%q is a duplicate", e.Text))
		}
		seen[id] = true
	}
	severity := Low
	if limit, n := p.Policy.maxEntries(), list.Lines(); n > limit {
		bad = append(bad, fmt.Sprintf("the list has %d entries, more than %d", n, limit))
		switch { // nobody looks through so many, whatever they are
		case n > 10_000:
			severity = High
		case n > 1000:
			severity = Medium
		}
	}
	switch {
	case len(bad) > 0:
		return p.fail(min(severity, most), "%s", capital(some(bad, "; "))).with(list.Evidence)
	case !list.Restricts():
		return p.undetermined(most, noListKnown).see(RuleIPAllowlist)
	case !list.Complete():
		return p.undetermined(most, entriesHidden).see(RuleIPAllowlistWidth)
	default:
		return p.pass(list.Evidence, "No entry is useless or duplicate")
	}
}

// unroutable are ranges of which no IP address reaches an exchange (RFC 6890 and those
// that it lists), by what they are for.
var unroutable = []struct {
	what   string
	ranges []netip.Prefix
}{
	{"a documentation", prefixes("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")},
	{"a carrier-grade NAT", prefixes("100.64.0.0/10")},
	{"a benchmarking", prefixes("198.18.0.0/15", "2001:2::/48")},
	{"a reserved", prefixes("0.0.0.0/8", "240.0.0.0/4", "192.0.0.0/24", "fec0::/10")},
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// neverReaches says why an IP address never reaches an exchange.
func neverReaches(a netip.Addr) string {
	switch {
	case a.IsPrivate():
		return "a private"
	case a.IsLoopback():
		return "a loopback"
	case a.IsLinkLocalUnicast():
		return "a link-local"
	case a.IsMulticast():
		return "a multicast"
	case a.IsUnspecified():
		return "the unspecified"
	}
	for _, u := range unroutable {
		if slices.ContainsFunc(u.ranges, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return u.what
		}
	}
	return ""
}

// ipAllowlistVendor: a list that many share keeps out only those who are not among
// them. That no third party is named is all that can be said of other lists.
func ipAllowlistVendor(p *Pass) Verdict {
	list := &p.Snapshot.IPAllowlist
	if list.Vendor != "" {
		return p.fail(Medium, "The IP allowlist is that of %s, which all its customers share", access.Printable(list.Vendor)).with(list.Evidence)
	}
	if v, none := p.withoutList(); none {
		return v
	}
	if !list.Restricts() {
		return p.undetermined(Medium, noListKnown).see(RuleIPAllowlist)
	}
	if list.Evidence == access.Refused {
		return p.undetermined(Medium, "The exchange refused this IP address, and reported nothing of the IP allowlist")
	}
	if list.VendorUnclear {
		return p.undetermined(Medium, "Could not determine whether the IP allowlist is that of a third party")
	}
	return p.pass(list.Evidence, "The exchange names no third party whose IP allowlist it is")
}
