package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// brands are exchanges, by the names of their adapters, whose keys are mistaken for
// one another's: they have one brand and separate sites, each with keys of its own.
var brands = [][]string{
	{"binance", "binanceth", "binancetr", "binanceus", "tokocrypto"}, // the last is Binance's exchange in Indonesia
	{"bittrade", "htx"}, // Huobi's exchange in Japan
	{"coinbase", "coinbaseexchange", "coinbaseprime"},
	{"kraken", "krakenfutures"},
}

// sisters are the other exchanges of a brand.
func sisters(exchange string) []string {
	for _, brand := range brands {
		if i := slices.Index(brand, exchange); i >= 0 {
			return slices.Delete(slices.Clone(brand), i, i+1)
		}
	}
	return nil
}

// siteAdvice says where a key may belong that the exchange does not know: to another
// environment, or to another exchange of the brand.
func (p *Pass) siteAdvice(text string) string {
	environments, others := p.Snapshot.Failure.Environments, sisters(p.Snapshot.Exchange)
	if asked := access.Printable(p.Snapshot.Environment); asked != "" {
		text += fmt.Sprintf("; this run asked %q", asked)
	}
	if len(environments) > 0 {
		text += "; the exchange also has " + quotedAll(environments)
	}
	text += "."
	if len(others) == 0 {
		return text
	}
	brand := "Check whether the key was created at another exchange of the brand, which has keys of its own, and set that as its " +
		"exchange: " + quotedAll(others) + "."
	if len(environments) == 0 {
		return brand
	}
	return text + " " + brand
}

// quotedAll are all the names: the one that is needed may be the last.
func quotedAll(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = strconv.Quote(access.Printable(name))
	}
	return strings.Join(texts, ", ")
}

// addressAdvice says what to do about a refused IP address: which one it is, how it
// compares with what is known of the key's allowlist, and what to add there. It
// completes a sentence.
func (p *Pass) addressAdvice() string {
	seen := p.Snapshot.Failure.Address
	if !seen.IsValid() {
		return "." + p.knownAddresses()
	}
	kind := "IPv4"
	if seen.Is6() {
		kind = "IPv6"
	}
	text := fmt.Sprintf("; the exchange saw the IP address %s (%s)", seen, kind)
	if p.baseline != nil && p.baseline.result != nil {
		text += p.sinceLast(seen)
	}
	return text + "." + entryAdvice(seen, p.Policy.ExpectedIPs) + p.comparedWithList(seen)
}

// sinceLast says whether the previous run came from the same IP address, as far as
// the exchange said. It completes a sentence.
func (p *Pass) sinceLast(seen netip.Addr) string {
	last := p.baseline.result
	if last.Snapshot == nil {
		return ""
	}
	switch f := last.Snapshot.Failure; {
	case last.Snapshot.Egress != p.Snapshot.Egress:
		return fmt.Sprintf("; this run used the egress %s, the previous one %s", egressName(p.Snapshot.Egress), egressName(last.Snapshot.Egress))
	case f == nil && p.baseline.replaced(p.Snapshot):
		return ""
	case f == nil:
		return "; the previous run was accepted, so either this IP address or the allowlist has changed since"
	case !f.Address.IsValid():
		return ""
	case f.Address == seen:
		return ", as in the previous run"
	default:
		return fmt.Sprintf("; it has changed: in the previous run it saw %s", f.Address)
	}
}

func egressName(name string) string {
	if name == "" {
		return "none"
	}
	return strconv.Quote(access.Printable(name))
}

// entryAdvice is the entry to add to the key's allowlist, and when. It is that single
// IP address: a range would let others in.
func entryAdvice(seen netip.Addr, expected []netip.Prefix) string {
	if what := localOnly(seen); what != "" {
		return fmt.Sprintf(" That is %s IP address, which no allowlist needs: look for a proxy or gateway in between.", what)
	}
	var text string
	switch {
	case len(expected) == 0:
		text = fmt.Sprintf(" Only if the bot runs there, add the entry %s to the key's allowlist.", seen)
	case slices.ContainsFunc(expected, func(x netip.Prefix) bool { return x.Contains(seen) }):
		return fmt.Sprintf(" It is one of the policy's expected_ips: add the entry %s to the key's allowlist.", seen)
	default:
		text = fmt.Sprintf(" It is not one of the policy's expected_ips (%s). Only if the bot runs there, add the "+
			"entry %s to the key's allowlist and to expected_ips.", addresses(expected), seen)
	}
	if seen.Is6() {
		text += " Allowlists usually contain IPv4 addresses: connecting by IPv4 may be all that is needed."
	}
	return text
}

// localOnly says what an IP address is that means nothing outside of a network.
func localOnly(a netip.Addr) string {
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return neverReaches(a)
	}
	return ""
}

// lastList is the allowlist that the exchange last reported for this very key.
func (p *Pass) lastList() (list *access.IPAllowlist, on string) {
	if p.baseline == nil || p.baseline.last == nil || p.baseline.replaced(p.Snapshot) {
		return nil, ""
	}
	last := &p.baseline.last.IPAllowlist
	if len(last.Entries) == 0 || last.State != access.AllowlistRestricted {
		return nil, ""
	}
	return last, date(p.baseline.last.TakenAt)
}

// comparedWithList compares an IP address with the allowlist of the last inspection.
func (p *Pass) comparedWithList(seen netip.Addr) string {
	list, on := p.lastList()
	if list == nil {
		return ""
	}
	if slices.ContainsFunc(list.Entries, func(e access.AllowlistEntry) bool { return e.Range().Contains(seen) }) {
		return fmt.Sprintf(" It was on the allowlist that the exchange reported on %s, so the list was probably changed since.", on)
	}
	if !list.Complete() {
		return fmt.Sprintf(" The exchange reported on %s an allowlist with %s, and did not show all of it.", on, entryTexts(list))
	}
	return fmt.Sprintf(" It is not on the allowlist that the exchange reported on %s: %s.", on, entryTexts(list))
}

// knownAddresses are those from which a run may be accepted, where the exchange does
// not name the refused one.
func (p *Pass) knownAddresses() string {
	text := ""
	if list, on := p.lastList(); list != nil {
		text += fmt.Sprintf(" The allowlist that the exchange reported on %s: %s.", on, entryTexts(list))
	}
	if len(p.Policy.ExpectedIPs) > 0 {
		text += fmt.Sprintf(" The policy's expected_ips: %s.", addresses(p.Policy.ExpectedIPs))
	}
	return text
}

func entryTexts(list *access.IPAllowlist) string {
	texts := make([]string, len(list.Entries))
	for i := range list.Entries {
		texts[i] = access.Printable(list.Entries[i].Text)
	}
	return some(texts, ", ")
}

// addresses are prefixes as people write them: a host without its length.
func addresses(prefixes []netip.Prefix) string {
	texts := make([]string, len(prefixes))
	for i, x := range prefixes {
		if texts[i] = x.String(); x.IsSingleIP() {
			texts[i] = x.Addr().String()
		}
	}
	return some(texts, ", ")
}
