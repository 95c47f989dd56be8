package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// operationRules judge the evidence itself and how it was obtained.
var operationRules = []*Rule{
	{
		ID: RuleInsecureTransport, Title: "Key sent over an insecure connection", Severity: High, Since: "v0.1.0",
		Why:        "Anyone on the way can read the key and, where the exchange's signatures are weak, use it.",
		Remedy:     "Remove base_url, or set it to an https URL of the exchange, with certificate checks on.",
		FindOut:    "Audit the key again: how it is sent shows as soon as a request is.",
		References: []string{"CWE-319", "CWE-295"},
		Run:        insecureTransport,
	},
	{
		ID: RuleUnknownPermission, Title: "Unrecognised permissions", Severity: High, Since: "v0.1.0",
		Why: "Exchanges add permissions without notice. One that nobody has classified may move money, so it is " +
			"shown by name and never taken as harmless.",
		Remedy: "At the exchange, look up what the permission allows, and switch it off if the bot does not use it. " +
			"A newer version of this library may recognise it.",
		FindOut: "On the key's page, look through the key's permissions. Switch off those that the bot does not use, " +
			"then attest this rule.",
		References: []string{"CWE-636"},
		Run:        unknownPermission,
	},
	{
		ID: RuleContradiction, Title: "Contradictory facts", Severity: Medium, Since: "v0.1.0",
		Why: "When the exchange's own statements don't fit together, one of them is wrong. The more dangerous one is " +
			"taken as true.",
		Remedy: "Compare the key's page with the facts named, and report it to this project if the page shows " +
			"something else.",
		FindOut: "On the key's page, check that the key's rights and its IP allowlist fit together, then attest this " +
			"rule.",
		References: []string{"CWE-636"},
		Run:        contradiction,
	},
	{
		ID: RuleClock, Title: "This machine's clock is wrong", Severity: High, Since: "v0.1.0",
		Why: "Exchanges refuse requests whose timestamp is off, often just when the market moves; and a nonce from a " +
			"clock that is ahead locks out the key's other clients.",
		Remedy: "Synchronise this machine's clock by NTP.",
		FindOut: "On this machine, check that the clock is synchronised by NTP (timedatectl shows it on most Linux " +
			"systems), then attest this rule.",
		References: []string{"NIST SP 800-53 SC-45"},
		Run:        clock,
	},
	{
		ID: RuleAttestation, Title: "Attestation or waiver expired or unused", Severity: Medium, Since: "v0.1.0",
		Why: "What an owner attested is true for a while. After its date it proves nothing, and the rule it was for " +
			"counts again. What no rule needs now would cover a finding on some later day.",
		Remedy:     "Look again at what it is about, then renew it with a new date or remove it.",
		NoFindOut:  "It is never undetermined: the policy says it or does not.",
		References: []string{"CWE-636"},
		Run:        attestation,
	},
	{
		ID: RuleAccountState, Title: "Account locked, restricted or without a second factor", Severity: High, Since: "v0.1.0",
		Why: "On an account that is locked or may not trade, the bot cannot close its positions. One without a " +
			"second factor is taken over with a password, and then no limit of its keys is worth anything.",
		Remedy: "At the exchange, find out what is wrong with the account and fix it. Switch on its second factor if " +
			"that is off.",
		FindOut: "At the exchange, check that the account is not locked, may trade and has a second factor. Fix what " +
			"is wrong, then attest this rule.",
		References: []string{"CWE-308"},
		Run:        accountState,
	},
	{
		ID: RuleNotInspected, Title: "Key could not be inspected", Severity: High, Since: "v0.1.0",
		Why:        "A key that nobody could look at is not a safe key. It is shown, so that no run has an unnoticed gap.",
		Remedy:     "Fix what the failure names, then audit the key again.",
		FindOut:    "Audit the key again: the exchange has not been asked about it.",
		References: []string{"CWE-636"},
		Run:        notInspected,
	},
}

func insecureTransport(p *Pass) Verdict {
	if bad := p.Snapshot.Insecure; len(bad) > 0 {
		return p.fail(High, "The key was sent insecurely: %s", strings.Join(bad, "; "))
	}
	if p.Snapshot.Requests == 0 {
		return p.undetermined(High, "Nothing was sent").see(RuleNotInspected)
	}
	if !p.Snapshot.Verified {
		return p.undetermined(High, "Could not determine whether the exchange's certificate was verified: the transport does not show it").
			remedy("Use a transport of which the certificates can be seen, as Go's own shows them, or attest this rule for one that you trust.")
	}
	return p.pass(access.Reported, "The key was sent by https to a host of the exchange, and its certificate was verified")
}

func unknownPermission(p *Pass) Verdict {
	s := p.Snapshot
	if len(s.Unmapped) == 0 {
		if s.RightsReported() {
			return p.pass(access.Reported, "This version recognises every permission that the exchange reported")
		}
		return p.undetermined(High, "The exchange does not report the key's permissions").see(RuleWithdrawal)
	}
	const unrecognised = "The key has permissions that this version does not recognise: "
	if slices.ContainsFunc(s.Unmapped, speaksOfMoney) {
		return p.fail(High, "%s", unrecognised+quoted(s.Unmapped))
	}
	return p.undetermined(High, "%s", unrecognised+quoted(s.Unmapped)).
		remedy("At the exchange, look up what each permission allows and switch off those that the bot does not use. " +
			"Attest the others by name (covers).")
}

func contradiction(p *Pass) Verdict {
	s := p.Snapshot
	switch {
	case len(s.Contradictions) > 0:
		return p.fail(Medium, "The facts contradict each other: %s", strings.Join(s.Contradictions, "; "))
	case len(s.Disputed()) > 0:
		return p.fail(Medium, "The facts contradict each other about %s", strings.Join(s.Disputed(), ", "))
	case s.Failure != nil || !s.RightsKnown():
		return p.undetermined(Medium, "There are no facts to compare").see(RuleUnknownPermission)
	default:
		return p.pass(access.Reported, "The facts fit together")
	}
}

func clock(p *Pass) Verdict {
	c := p.Snapshot.Clock
	off := c.Offset.Abs()
	side := "behind"
	if c.Offset < 0 {
		side = "ahead of"
	}
	switch {
	case !c.Known:
		return p.undetermined(High, "The exchange's answer carried no time to compare with")
	case c.Window > 0 && off > c.Window:
		return p.fail(High, "The clock is at least %s %s the exchange's, which refuses more than %s",
			off.Round(100*time.Millisecond), side, c.Window)
	case off > day:
		return p.fail(High, "The clock is at least %s %s the exchange's", off.Round(time.Hour), side)
	case off <= time.Second:
		return p.pass(access.Reported, "The clock agrees with the exchange's within a second")
	default:
		return p.fail(Medium, "The clock is at least %s %s the exchange's", off.Round(100*time.Millisecond), side)
	}
}

func attestation(p *Pass) Verdict {
	lapsed, unused := append(p.Policy.lapsed(p.Now), p.Policy.overlong(p.Now)...), p.unused()
	switch {
	case len(lapsed) > 0:
		return p.fail(Medium, "%s", capital(some(append(lapsed, unused...), "; "))).with(access.Attested)
	case len(unused) > 0:
		return p.fail(Low, "%s", capital(some(unused, "; "))).with(access.Attested).remedy("Remove it from the key's policy.")
	case len(p.Policy.Attestations)+len(p.Policy.Waivers) == 0:
		return p.notApplicable("Nothing was attested or waived")
	default:
		return p.pass(access.NoEvidence, "Every attestation and waiver is in force and needed")
	}
}

func accountState(p *Pass) Verdict {
	switch a := &p.Snapshot.Account; {
	case len(a.Alarms) > 0:
		return p.fail(High, "The exchange reports about the account: %s", quoted(a.Alarms))
	case a.Standing == access.StandingGood:
		return p.pass(access.Reported, "The exchange reports nothing wrong with the account")
	case a.Standing == access.StandingUnclear:
		return p.undetermined(High, "Not everything that the exchange reports about the account's state was understood")
	case p.Snapshot.Failure != nil:
		return p.undetermined(Medium, "Could not determine the state of the account")
	default:
		return p.notApplicable("The exchange does not report the state of the account")
	}
}

func notInspected(p *Pass) Verdict {
	if f := p.Snapshot.Failure; f != nil {
		evidence := access.NoEvidence
		if f.Status != 0 {
			evidence = access.Refused
		}
		return p.fail(High, "%s", f.Error()).with(evidence).remedy(p.refusalAdvice())
	}
	if p.Snapshot.Requests == 0 {
		return p.undetermined(High, "Nothing shows that the exchange was asked")
	}
	return p.pass(access.Reported, "The exchange answered with %s", count(p.Snapshot.Requests, "request", "requests"))
}

// unused names the attestations and waivers that are in force and that no rule
// needs. Rules that were left out might need them, and rules about changes need
// them for one report only.
func (p *Pass) unused() []string {
	how := map[Outcome]string{
		Failed:        "the rule failed all the same",
		Passed:        "the rule passes without it",
		NotApplicable: "the rule does not apply",
	}
	var out []string
	for i := range p.findings {
		f := &p.findings[i]
		if p.rules[i].Scope == SinceLast {
			continue
		}
		report := func(what string) {
			out = append(out, fmt.Sprintf("the %s of %s is not used: %s", what, access.Printable(f.Rule), how[f.Outcome]))
		}
		for _, a := range p.Policy.Attestations {
			if currentRule(a.Rule) == f.Rule && a.lapse(p.Now) == "" && !f.attested() {
				report("attestation")
			}
		}
		for _, w := range p.Policy.Waivers {
			if currentRule(w.Rule) == f.Rule && w.lapse(p.Now) == "" && f.Waived == "" {
				report("waiver")
			}
		}
	}
	return out
}
