package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// ipAllowlistExpected compares the allowlist with the addresses the owner says
// the bot runs from. What the exchange masks is compared on what it shows.
func ipAllowlistExpected(p *Pass) Verdict {
	list, expected := &p.Snapshot.IPAllowlist, p.Policy.ExpectedIPs
	if len(expected) == 0 {
		return p.notApplicable("the policy names no expected addresses")
	}
	switch list.State {
	case access.AllowlistUnrestricted, access.AllowlistOff, access.AllowlistDenyAll:
		return p.notApplicable("no list of addresses is in force")
	case access.AllowlistRestricted:
	default:
		return p.undetermined(High, "whether the key has an IP allowlist is not known")
	}
	if list.Disclosed == access.NotDisclosed || len(list.Entries) == 0 {
		return p.undetermined(High, "the exchange doesn't show the addresses of the allowlist")
	}
	var strange, open, missing []string
	for _, e := range list.Entries {
		switch {
		case e.Prefix.IsValid() && !slices.ContainsFunc(expected, func(x netip.Prefix) bool { return within(e.Prefix, x) }),
			!e.Prefix.IsValid() && !slices.ContainsFunc(expected, func(x netip.Prefix) bool { return mayShow(e.Text, x) }):
			strange = append(strange, fmt.Sprintf("%q", e.Text))
		case !e.Prefix.IsValid():
			open = append(open, fmt.Sprintf("%q", e.Text))
		}
	}
	for _, x := range expected {
		if !slices.ContainsFunc(list.Entries, func(e access.AllowlistEntry) bool {
			return (e.Prefix.IsValid() && within(x, e.Prefix)) || (!e.Prefix.IsValid() && mayShow(e.Text, x))
		}) {
			missing = append(missing, x.String())
		}
	}
	switch {
	case len(strange) > 0:
		return p.fail(High, "the allowlist admits what the policy does not expect: %s", some(strange, ", ")).with(list.Evidence)
	case len(missing) > 0:
		return p.fail(Medium, "the allowlist lacks what the policy expects: %s", some(missing, ", ")).with(list.Evidence)
	case len(open) > 0:
		return p.undetermined(High, "the exchange masks these entries, and what it shows agrees: %s", some(open, ", "))
	case !list.Restricts() || !list.Complete():
		return p.undetermined(High, "nothing shows that these are all addresses the key is bound to")
	default:
		return p.pass(list.Evidence, "the allowlist is what the policy expects")
	}
}

// within reports whether the whole of a lies in b.
func within(a, b netip.Prefix) bool { return b.Bits() <= a.Bits() && b.Contains(a.Addr()) }

// mayShow reports whether masked text such as 203.**.154 could stand for an
// address of the range. Text that isn't a masked address could stand for
// nothing that is expected.
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
