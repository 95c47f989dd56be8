package audit

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// ipAllowlistExpected compares the allowlist with the IP addresses the owner
// says the bot runs from. What the exchange masks is compared on what it shows.
func ipAllowlistExpected(p *Pass) Verdict {
	list, expected := &p.Snapshot.IPAllowlist, p.Policy.ExpectedIPs
	if len(expected) == 0 {
		return p.notApplicable("The policy names no expected IP addresses")
	}
	if v, none := p.withoutList(); none {
		return v
	}
	if list.State != access.AllowlistRestricted {
		return p.undetermined(High, noListKnown).see(RuleIPAllowlist)
	}
	if list.Disclosed == access.NotDisclosed || len(list.Entries) == 0 {
		return p.undetermined(High, "The exchange does not report the IP addresses of the allowlist")
	}
	extra, masked := unexpected(list.Entries, expected)
	missing := lacking(expected, list.Entries)
	switch {
	case len(extra) > 0:
		return p.fail(High, "The IP allowlist allows what the policy does not expect: %s",
			some(extra, ", ")).with(list.Evidence)
	case len(missing) > 0:
		return p.fail(Medium, "The IP allowlist lacks what the policy expects: %s", some(missing, ", ")).with(list.Evidence)
	case len(masked) > 0:
		return p.undetermined(High, "The exchange masks these entries, and what it shows agrees: %s", some(masked, ", "))
	case !list.Restricts() || !list.Complete():
		return p.undetermined(High, "Nothing shows that these are all IP addresses from which the key can be used")
	default:
		return p.pass(list.Evidence, "The IP allowlist is what the policy expects")
	}
}

// unexpected are the entries that allow more than what is expected, and those
// whose mask hides whether they do.
func unexpected(entries []access.AllowlistEntry, expected []netip.Prefix) (extra, masked []string) {
	for _, e := range entries {
		known := e.Prefix.IsValid()
		fits := slices.ContainsFunc(expected, func(x netip.Prefix) bool {
			return (known && within(e.Prefix, x)) || (!known && mayShow(e.Text, x))
		})
		switch text := fmt.Sprintf("%q", e.Text); {
		case !fits:
			extra = append(extra, text)
		case !known:
			masked = append(masked, text)
		}
	}
	return extra, masked
}

// lacking are the expected ranges that no entry allows, or may allow behind its
// mask.
func lacking(expected []netip.Prefix, entries []access.AllowlistEntry) []string {
	var out []string
	for _, x := range expected {
		if !slices.ContainsFunc(entries, func(e access.AllowlistEntry) bool {
			return (e.Prefix.IsValid() && within(x, e.Prefix)) || (!e.Prefix.IsValid() && mayShow(e.Text, x))
		}) {
			out = append(out, x.String())
		}
	}
	return out
}

// withoutList answers for rules about the entries where no list is in force.
func (p *Pass) withoutList() (v Verdict, none bool) {
	switch p.Snapshot.IPAllowlist.State {
	case access.AllowlistUnrestricted, access.AllowlistOff, access.AllowlistDenyAll:
		return p.notApplicable("No list of IP addresses is in force"), true
	default:
		return Verdict{}, false
	}
}

const (
	noListKnown   = "Could not determine whether the key has an IP allowlist"
	entriesHidden = "The exchange does not report the full IP addresses of the allowlist"
)
