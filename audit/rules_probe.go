package audit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/access"

// ipAllowlistNegative goes by a request from where the list should admit nobody. Only a
// refusal of the IP address proves the list; whatever else came of it shows nothing.
func ipAllowlistNegative(p *Pass) Verdict {
	s, probe := p.Snapshot, p.Snapshot.Probe
	if p.Record.Probe == "" && probe == nil {
		return p.notApplicable("The inventory names no egress to probe the IP allowlist from")
	}
	if v, none := p.withoutList(); none {
		return v
	}
	switch keeps := probe.Keeps(); {
	case keeps == access.Denied:
		return p.fail(Critical, "The exchange answered a request through the egress %q, although the IP allowlist has none of its "+
			"IP addresses: the list does not keep others out", probe.Egress)
	case keeps == access.Granted:
		return p.pass(access.Refused, "Proved: the exchange refused the IP address of the egress %q on %s", probe.Egress, date(probe.At))
	case p.refusedByIP() && s.IPAllowlist.Restricts():
		return p.pass(access.Refused, "Proved: the exchange refused the IP address of the audit itself, so that no probe was needed")
	case !s.IPAllowlist.Restricts():
		return p.undetermined(Critical, noListKnown).see(RuleIPAllowlist)
	case probe == nil:
		return p.undetermined(Critical, "Could not determine whether the IP allowlist keeps others out: no probe was sent")
	case probe.Skipped != "":
		return p.undetermined(Critical, "Could not determine whether the IP allowlist keeps others out: no probe was sent, because %s", probe.Skipped)
	case probe.Refusal != nil:
		return p.undetermined(Critical, "Could not determine whether the IP allowlist keeps others out: what the probe through the egress %q "+
			"got is no refusal of its IP address: %s", probe.Egress, probe.Refusal)
	default:
		return p.undetermined(Critical, "Could not determine whether the IP allowlist keeps others out: the probe got no answer")
	}
}

func (p *Pass) refusedByIP() bool {
	return p.Snapshot.Failure != nil && p.Snapshot.Failure.Kind == access.KindIPNotAllowed
}
