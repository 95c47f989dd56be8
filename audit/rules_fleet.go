package audit

import (
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// fleetRules compare the keys of a run with one another.
var fleetRules = []*Rule{
	{
		ID: RuleSharedKey, Title: "Same key listed more than once", Severity: High, Since: "v0.1.0", Scope: WholeFleet,
		Why: "A key that several bots share leaks with the weakest of them, needs the rights of all of them, and " +
			"cannot be taken from one without stopping the others. The exchange's records do not show who did what.",
		Remedy: "Create a key of its own for each bot, or remove the duplicate entry.",
		FindOut: "Fix what kept the key from being read, then run the audit again; or compare the key with the " +
			"others by hand and attest this rule.",
		References: []string{"NHI9:2025", "NIST SP 800-53 IA-5"},
		Run:        sharedKey,
	},
	{
		ID: RuleUnlistedKey, Title: "Keys missing from the inventory", Severity: Critical, Since: "v0.1.0", Scope: WholeFleet,
		Why: "A key that is in no inventory was forgotten, or created by somebody who should not have. Anyone who has " +
			"it can use its rights, however well the other keys are kept.",
		Remedy: "At the exchange, delete the keys named, or add them to the inventory if something needs them.",
		Task:   adapter.DeleteKey,
		FindOut: "At the exchange, look through the account's list of API keys. Delete those that nobody needs, add " +
			"the others to the inventory, then attest this rule for one key of the account.",
		References: []string{"NHI1:2025", "NIST SP 800-53 AC-2"},
		Run:        unlistedKey,
	},
	{
		ID: RuleStrongerSibling, Title: "More powerful key on the same account", Severity: High, Since: "v0.1.0",
		Scope: WholeFleet,
		Why: "What a thief cannot do with one key they do with two: one moves the money to where the other can take " +
			"it. And a key that is restricted to IP addresses protects nothing while another key of the account can " +
			"withdraw from any IP address.",
		Remedy: "Take the right to move or withdraw funds from one of the keys, and restrict every key of the " +
			"account to IP addresses.",
		FindOut: "At the exchange, look at the account's other keys: which can move or withdraw funds, and from " +
			"which IP addresses? Remove those rights or restrict the keys, then attest this rule.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        strongerSibling,
	},
	{
		ID: RuleTwinKeys, Title: "Rotation left the old key alive", Severity: Medium, Since: "v0.1.0", Scope: WholeFleet,
		Why: "A rotation protects from the old key only once the exchange has forgotten it. Until then anyone who copied it can " +
			"still use it, and nobody looks at it again.",
		Remedy: "At the exchange, delete the old key. Keep its entry in the inventory until an audit shows that the exchange " +
			"no longer knows it.",
		Task: adapter.DeleteKey,
		FindOut: "At the exchange, check that the old key is deleted, then attest this rule. An old key that stays in the " +
			"inventory until the exchange refuses it needs no attestation.",
		References: []string{"NHI1:2025", "NIST SP 800-53 IA-5"},
		Run:        twinKeys,
	},
}

func sharedKey(p *Pass) Verdict {
	mine := p.fleet.self.fingerprint()
	if mine == "" {
		return p.undetermined(High, "The key was not read; could not determine whether it is listed under another name too")
	}
	var others []string
	for _, r := range p.fleet.all.audited[mine] {
		if r != p.fleet.self {
			others = append(others, r.called()+r.Record.Source.in())
		}
	}
	if len(others) > 0 {
		return p.fail(High, "The same key is also listed as %s", some(others, ", "))
	}
	return p.pass(access.Reported, "No other key that was read is this one")
}

// unlistedKey goes by the last list there was, so that a run without an answer
// hides nothing.
func unlistedKey(p *Pass) Verdict {
	self, all, known := p.fleet.self, p.fleet.all, p.fleet.self.known()
	if known.Failure != nil || len(known.Siblings) == 0 {
		return p.noKeyListed(known)
	}
	severity, openSeverity := Severity(0), Severity(0)
	var bad, open []string
	var elsewhere names
	for _, s := range known.Siblings {
		if s == nil {
			continue
		}
		state := all.unlisted(self, s)
		first := all.first[self.sibling(s)]
		switch {
		case state == access.Denied:
		case first != self:
			elsewhere = elsewhere.and(first.called())
		case state == access.Granted:
			bad, severity = append(bad, siblingName(s)), max(severity, threat(s))
		default:
			open, openSeverity = append(open, siblingName(s)), max(openSeverity, threat(s))
		}
	}
	when := ""
	if !self.Inspected() {
		when = ", as listed on " + date(known.TakenAt)
	}
	switch {
	case len(bad) > 0:
		if len(open) > 0 {
			when += "; perhaps also: " + some(open, ", ")
		}
		return p.fail(severity, "These keys of the account are not audited: %s%s", some(bad, ", "), when)
	case len(open) > 0:
		return p.undetermined(openSeverity, "Could not determine whether these keys of the account are audited: %s%s",
			some(open, ", "), when)
	case known.ListsPart:
		return p.undetermined(Medium, listedInPart)
	case len(elsewhere) > 0:
		return p.notApplicable("The keys of the account that are not audited are listed with %s", elsewhere)
	default:
		return p.pass(access.Reported, "Every other key of the account that the exchange lists is audited too: %s",
			count(len(known.Siblings), "key", "keys"))
	}
}

// noKeyListed is for a key beside which no other is listed.
func (p *Pass) noKeyListed(known *access.Snapshot) Verdict {
	switch {
	case known.Failure != nil:
		return p.undetermined(High, "Could not determine what other keys the account has")
	case known.ListsPart:
		return p.undetermined(Medium, listedInPart)
	case known.Lists:
		return p.notApplicable("The exchange reports no other keys of the account")
	default:
		return p.keyList()
	}
}

// listedInPart is no worse than a list that the exchange never shows: some show a part only.
const listedInPart = "The exchange may have listed only some of the account's keys; could not determine whether the others are audited"

// keyList asks, once for an account, whether somebody has looked at the list of its keys
// where the exchange reports none. It stops no bot by default, for no exchange of the
// kind would let one start.
func (p *Pass) keyList() Verdict {
	asked := p.fleet.all.askers[p.fleet.self.account()]
	switch {
	case asked == nil, asked == p.fleet.self:
		return p.undetermined(Medium, "The exchange does not list the account's keys; could not determine whether all of them are in the inventory")
	case len(asked.known().Siblings) > 0, asked.known().Lists:
		return p.notApplicable("The keys of the account are listed with %s", asked.called())
	default:
		return p.notApplicable("Whether somebody has looked at the list of the account's keys is asked once, with %s", asked.called())
	}
}

// threat is how bad it is that nobody watches a key. What is unknown counts as
// held.
func threat(s *access.Snapshot) Severity {
	if s.KeyState != access.KeyExpired && (harmFromAnywhere(s) == Critical || s.IPAllowlist.UsableFromAnywhere() != access.Denied) {
		return Critical
	}
	return High
}

// surpassing are the keys of the account that make one more dangerous.
type surpassing struct {
	together names // this key moves funds, and they withdraw them
	freer    names // this key cannot withdraw, and they can, from any IP address
	open     names // they may
}

func (p *Pass) surpassing(own *reach) surpassing {
	var s surpassing
	for other := range p.fleet.neighbours() {
		together := both(own.moves, other.withdraws)
		freer := both(both(not(own.withdraws), not(own.free)), both(other.withdraws, other.free))
		switch {
		case together == access.Granted && !s.together.full():
			s.together = s.together.and(other.called())
		case freer == access.Granted && !s.freer.full():
			s.freer = s.freer.and(other.called())
		case (together == access.Unknown || freer == access.Unknown) && !s.open.full():
			s.open = s.open.and(other.called())
		}
	}
	return s
}

func strongerSibling(p *Pass) Verdict {
	if p.Snapshot.Failure != nil {
		return p.undetermined(High, "Could not determine what this key can do")
	}
	own := p.fleet.all.reaches[p.fleet.self]
	if own.withdraws == access.Granted {
		return p.notApplicable("The key can withdraw on its own")
	}
	s := p.surpassing(own)
	var texts []string
	if len(s.together) > 0 {
		texts = append(texts, "two keys together can withdraw: this one moves funds between the owner's accounts, and "+
			s.together.String()+" can withdraw them")
	}
	if len(s.freer) > 0 {
		texts = append(texts, "this key is restricted to IP addresses and cannot withdraw, and another key of the "+
			"account can withdraw from any IP address: "+s.freer.String())
	}
	switch {
	case len(texts) > 0:
		return p.fail(High, "%s", capital(strings.Join(texts, "; ")))
	case len(s.open) > 0:
		return p.undetermined(High, "Could not determine whether another key of the account makes this one more "+
			"dangerous: %s", s.open)
	case p.fleet.alone():
		return p.notApplicable("No other key of the account is known")
	default:
		return p.pass(access.Reported, "No other known key of the account makes this one more dangerous")
	}
}
