package audit

import (
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// allowlistWidened says what has become of the allowlist. Where it has opened
// for every IP address, that is all that counts.
func allowlistWidened(p *Pass) Verdict {
	d := &p.baseline.list
	switch {
	case d.is == access.Granted && d.was != access.Granted:
		return p.allowlistOpened()
	case d.was != access.Granted && len(d.wider) > 0:
		return p.fail(High, "%s", d.with("The IP allowlist was widened"))
	case d.was != access.Granted && d.more > 0:
		return p.undetermined(Medium, "Could not determine whether the IP allowlist was widened: it has %s more, and "+
			"the exchange masks them",
			count(d.more, "entry", "entries"))
	case d.was == access.Granted && d.is == access.Denied:
		return p.fail(Info, "%s", d.with("The IP allowlist no longer allows every IP address"))
	case d.is == access.Granted && d.entries() != "":
		return p.fail(Info, "%s", d.with("The IP allowlist was changed, and still allows every IP address"))
	case d.entries() != "":
		return p.fail(Info, "%s", d.with("The IP allowlist was narrowed"))
	default:
		return p.allowlistUnchanged()
	}
}

// allowlistOpened: the key is usable from any IP address now, and was not, or
// that was unknown.
func (p *Pass) allowlistOpened() Verdict {
	d, list := &p.baseline.list, &p.Snapshot.IPAllowlist
	text := "The IP allowlist allows every IP address now"
	switch {
	case d.was == access.Unknown:
		text = "The key is usable from any IP address; on " + date(p.baseline.last.TakenAt) + " that was unknown"
	case list.State == access.AllowlistOff:
		text = "The IP allowlist was switched off"
	case len(list.Entries) == 0:
		text = "The IP allowlist was removed"
	}
	return p.fail(Critical, "%s", d.with(text))
}

// allowlistUnchanged: no entry differs, as far as the exchange shows them.
func (p *Pass) allowlistUnchanged() Verdict {
	d, list := &p.baseline.list, &p.Snapshot.IPAllowlist
	switch before := date(p.baseline.last.TakenAt); {
	case d.was != access.Unknown && d.is == access.Unknown, d.shown && !d.shownIs:
		return p.cannotReport("the IP allowlist was widened")
	case d.is == access.Unknown:
		return p.notApplicable("Could not determine whether the key has an IP allowlist, as before")
	case !d.shown && d.shownIs:
		return p.undetermined(Medium, "Could not determine whether the IP allowlist was widened: the exchange did "+
			"not show its IP addresses on %s", before)
	case !d.shownIs:
		return p.notApplicable("The key is restricted to IP addresses, and the exchange does not report which")
	default:
		return p.pass(list.Evidence, "What the exchange reports of the IP allowlist is what it was on %s", before)
	}
}

// entries names what has come and gone; nothing if no entry differs.
func (d *listChange) entries() string {
	var parts []string
	for _, part := range []struct {
		what    string
		entries []string
	}{{"now also", d.wider}, {"now", d.other}, {"no longer", d.removed}} {
		if len(part.entries) > 0 {
			parts = append(parts, part.what+" "+quoted(part.entries))
		}
	}
	return strings.Join(parts, ", ")
}

// with adds the entries to a sentence.
func (d *listChange) with(text string) string {
	if entries := d.entries(); entries != "" {
		return text + ": " + entries
	}
	return text
}

// cannotReport is the answer where a change cannot be distinguished from silence. That
// is said by facts-lost, and by the rules that need the facts, so it stops
// nobody by itself.
func (p *Pass) cannotReport(what string) Verdict {
	return p.undetermined(Medium, "Could not determine whether %s: the exchange reports less than on %s",
		what, date(p.baseline.last.TakenAt))
}
