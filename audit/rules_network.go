package audit

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// networkRules judge from where the key works.
var networkRules = []*Rule{
	{
		ID: "ip-allowlist", Title: "IP allowlist", Severity: Critical, Since: "v0.1.0",
		Why: "Nearly every large theft by API key was done by trading, not by withdrawing: the thief makes the victim buy from " +
			"him (3Commas 2022: about 100,000 keys; FTX/DMG 2022; VIA and SYS 2018). A key bound to the bot's address is " +
			"worthless to the thief; nothing else stops him.",
		Remedy:     "Edit the key and bind it to the address the bot runs from. Give the bot a fixed address first if it has none.",
		References: []string{"CWE-284", "NHI4:2025", "3Commas 2022-12"},
		Run:        ipAllowlist,
	},
	{
		ID: "ip-allowlist-width", Title: "Width of the IP allowlist", Severity: High, Since: "v0.1.0",
		Why:        "An allowlist that admits a provider's whole network admits everybody who rents a machine there.",
		Remedy:     "Replace each range by the single addresses the bot runs from.",
		References: []string{"CWE-284", "NHI4:2025"},
		Run:        ipAllowlistWidth,
	},
	{
		ID: "ip-allowlist-entries", Title: "Entries of the IP allowlist", Severity: Low, Since: "v0.1.0",
		Why: "Private, loopback and documentation addresses never reach an exchange, duplicates hide what is really admitted, and " +
			"long lists are not looked at: each is a sign that nobody knows what the list is for.",
		Remedy:     "Remove the entries named, and keep only addresses the bot runs from.",
		References: []string{"CWE-284"},
		Run:        ipAllowlistEntries,
	},
	{
		ID: "ip-allowlist-expected", Title: "Addresses where the bot runs", Severity: High, Since: "v0.1.0",
		Why: "An address on the list that is not the bot's is somebody else's way in. One of the bot's that is missing stops it " +
			"on the day it moves.",
		Remedy:     "Make the allowlist and the policy's expected addresses the same: remove what is not the bot's, add what is.",
		References: []string{"CWE-284"},
		Run:        ipAllowlistExpected,
	},
}

// reach is how bad it is that a key works from everywhere: worse the more it
// can do, and what is unknown counts as held.
func harmFromAnywhere(s *access.Snapshot) Severity {
	for _, f := range []access.Family{access.FamilyWithdraw, access.FamilyExternal, access.FamilyAddress, access.FamilyKeys} {
		if len(s.GrantedOf(f)) > 0 {
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
	// A stored or hand-made snapshot may say one thing and list another, so the
	// entries count before the state.
	anyone, half, unread := list.EntryForAll(), list.EntriesForHalf(), list.Unreadable()
	switch {
	case list.State == access.AllowlistOff:
		return p.fail(severity, "an allowlist exists and is switched off: the key works from every address").with(list.Evidence)
	case anyone != "":
		return p.fail(severity, "the allowlist holds %q, which admits every address", anyone).with(list.Evidence)
	case half != nil:
		return p.fail(severity, "the allowlist holds %s, which is half of all addresses or more", quoted(half)).with(list.Evidence)
	case list.State == access.AllowlistUnrestricted:
		return p.fail(severity, "the key works from every address").with(list.Evidence)
	case len(unread) > 0:
		return p.undetermined(severity, "the allowlist holds %s, which cannot be read and may admit every address", quoted(unread)).
			remedy("Look at the key's page: bind the key to the bot's address alone, then attest it.")
	case !list.Restricts():
		return p.undetermined(severity, "whether the key has an IP allowlist is not known").
			remedy("Look at the key's page: bind the key to the bot's address, then attest it.")
	case list.State == access.AllowlistDenyAll:
		return p.pass(list.Evidence, "the allowlist admits no address at all")
	case list.Evidence == access.Refused:
		return p.pass(access.Refused, "the exchange refused this address, so the key has an allowlist")
	case list.Evidence == access.Documented:
		return p.pass(access.Documented, "the exchange gives such a key only with an allowlist")
	case list.Disclosed == access.NotDisclosed:
		return p.pass(list.Evidence, "the key is bound to addresses; the exchange doesn't show which")
	default:
		return p.pass(list.Evidence, "the key is bound to %s", count(len(list.Entries), "address or range", "addresses or ranges"))
	}
}

// quoted lists texts of the exchange, each in quotes.
func quoted(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = fmt.Sprintf("%q", text)
	}
	return some(out, ", ")
}

// some joins the first ten texts: an exchange may send thousands.
func some(texts []string, separator string) string {
	const most = 10
	if len(texts) <= most {
		return strings.Join(texts, separator)
	}
	return fmt.Sprintf("%s%sand %d more", strings.Join(texts[:most], separator), separator, len(texts)-most)
}

func ipAllowlistWidth(p *Pass) Verdict {
	list := &p.Snapshot.IPAllowlist
	switch list.State {
	case access.AllowlistUnrestricted, access.AllowlistOff, access.AllowlistDenyAll:
		return p.notApplicable("no list of addresses is in force")
	default:
	}
	worst := Severity(0)
	var wide []string
	for _, e := range list.Entries {
		if s := width(e); s > 0 {
			worst = max(worst, s)
			wide = append(wide, fmt.Sprintf("%q admits %s", e.Text, addresses(e.Range())))
		}
	}
	const look = "Look at the key's page: every entry should be a single address of the bot."
	switch unread := list.Unreadable(); {
	case worst > 0:
		return p.fail(worst, "%s", some(wide, "; ")).with(list.Evidence)
	case len(unread) > 0:
		return p.undetermined(Medium, "these entries cannot be read: %s", quoted(unread)).remedy(look)
	case !list.Restricts():
		return p.undetermined(Medium, "whether the key has an IP allowlist is not known")
	case !list.Complete():
		return p.undetermined(Medium, "the exchange doesn't show the whole addresses of the allowlist").remedy(look)
	default:
		return p.pass(list.Evidence, "every entry is a single address or a host's own range")
	}
}

// width is how bad a range is; 0 for a host, for a host's own IPv6 network,
// and for what cannot be read.
func width(e access.AllowlistEntry) Severity {
	prefix := e.Range()
	bits := prefix.Bits()
	switch {
	case !prefix.IsValid():
		return 0
	case e.AdmitsAll():
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

func addresses(prefix netip.Prefix) string {
	if free := prefix.Addr().BitLen() - prefix.Bits(); free < 63 {
		return fmt.Sprintf("%d addresses", uint64(1)<<free)
	}
	return fmt.Sprintf("a /%d network", prefix.Bits())
}

func ipAllowlistEntries(p *Pass) Verdict {
	list := &p.Snapshot.IPAllowlist
	switch list.State {
	case access.AllowlistUnrestricted, access.AllowlistOff, access.AllowlistDenyAll:
		return p.notApplicable("no list of addresses is in force")
	default:
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
			if what := unroutable(prefix.Addr()); what != "" {
				bad = append(bad, fmt.Sprintf("%q is %s address", e.Text, what))
			}
		}
		if seen[id] {
			bad = append(bad, fmt.Sprintf("%q is listed twice", e.Text))
		}
		seen[id] = true
	}
	if limit := p.Policy.maxEntries(); len(list.Entries) > limit {
		bad = append(bad, fmt.Sprintf("%d entries, more than %d", len(list.Entries), limit))
	}
	if len(bad) > 0 {
		return p.fail(Low, "%s", some(bad, "; ")).with(list.Evidence)
	}
	if !list.Restricts() {
		return p.undetermined(Low, "whether the key has an IP allowlist is not known")
	}
	if !list.Complete() {
		return p.undetermined(Low, "the exchange doesn't show the whole addresses of the allowlist")
	}
	return p.pass(list.Evidence, "no entry is useless or doubled")
}

// documentation are the ranges set aside for examples (RFC 5737, RFC 3849).
var documentation = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"),
}

// unroutable says why an address never reaches an exchange.
func unroutable(a netip.Addr) string {
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
	for _, p := range documentation {
		if p.Contains(a) {
			return "a documentation"
		}
	}
	return ""
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
