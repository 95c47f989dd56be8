package audit

import (
	"fmt"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const (
	ruleNotInspected = "not-inspected"
	ruleAttestation  = "attestation"
)

// operationRules judge the evidence itself and how it was got.
var operationRules = []*Rule{
	{
		ID: "insecure-transport", Title: "How the key is sent", Severity: High, Since: "v0.1.0",
		Why:        "Whoever stands between can read the key and, where the exchange signs weakly, use it.",
		Remedy:     "Remove the base address, or use https with certificate checks to an address of the exchange.",
		References: []string{"CWE-319", "CWE-295"},
		Run: func(p *Pass) Verdict {
			if bad := p.Snapshot.Insecure; len(bad) > 0 {
				return p.fail(High, "%s", strings.Join(bad, "; "))
			}
			if p.Snapshot.Requests == 0 {
				return p.undetermined(High, "nothing was sent")
			}
			if !p.Snapshot.Verified {
				return p.undetermined(High, "the transport does not show whether the exchange's certificate was verified")
			}
			return p.pass(access.Reported, "https to an address of the exchange")
		},
	},
	{
		ID: "unknown-permission", Title: "Rights this version does not know", Severity: High, Since: "v0.1.0",
		Why: "Exchanges add rights without notice. One that nobody has classified may move money, so it is shown by name and " +
			"never taken as harmless.",
		Remedy:     "Look up what the right does at the exchange and switch it off if the bot doesn't use it; a newer version of this library may know it.",
		References: []string{"CWE-636"},
		Run: func(p *Pass) Verdict {
			s := p.Snapshot
			if len(s.Unmapped) == 0 {
				if s.RightsReported() {
					return p.pass(access.Reported, "every right that the exchange told is known to this version")
				}
				return p.undetermined(Medium, "the exchange doesn't list the key's rights")
			}
			severity := Medium
			for _, name := range s.Unmapped {
				if speaksOfMoney(name) {
					severity = High
				}
			}
			return p.fail(severity, "the key holds rights this version does not know: %s", quoted(s.Unmapped))
		},
	},
	{
		ID: "contradiction", Title: "Facts that contradict each other", Severity: Medium, Since: "v0.1.0",
		Why:        "When the exchange's own statements don't fit together, one of them is wrong, and the more dangerous one was taken.",
		Remedy:     "Compare the key's page with the facts named, and tell us if the page shows something else.",
		References: []string{"CWE-636"},
		Run: func(p *Pass) Verdict {
			s := p.Snapshot
			switch {
			case len(s.Contradictions) > 0:
				return p.fail(Medium, "%s", strings.Join(s.Contradictions, "; "))
			case len(s.Disputed()) > 0:
				return p.fail(Medium, "stated in more than one way: %s", strings.Join(s.Disputed(), ", "))
			case s.Failure != nil || !s.RightsKnown():
				return p.undetermined(Medium, "there are no facts to compare")
			default:
				return p.pass(access.Reported, "the facts fit together")
			}
		},
	},
	{
		ID: "clock", Title: "This machine's clock", Severity: High, Since: "v0.1.0",
		Why: "Exchanges refuse requests whose timestamp is off, often just when the market moves; and a nonce from a clock that runs " +
			"ahead locks the key's other clients out.",
		Remedy:     "Set the machine's clock by NTP.",
		References: []string{"NIST SP 800-53 SC-45"},
		Run: func(p *Pass) Verdict {
			c := p.Snapshot.Clock
			off := c.Offset.Abs()
			side := "behind"
			if c.Offset < 0 {
				side = "ahead of"
			}
			switch {
			case !c.Known:
				return p.undetermined(Medium, "the exchange's answer carried no time to compare with")
			case c.Window > 0 && off > c.Window:
				return p.fail(High, "the clock is at least %s %s the exchange's, which refuses more than %s", off.Round(100*time.Millisecond), side, c.Window)
			case off <= time.Second:
				return p.pass(access.Reported, "the clock agrees with the exchange's within a second")
			default:
				return p.fail(Medium, "the clock is at least %s %s the exchange's", off.Round(100*time.Millisecond), side)
			}
		},
	},
	{
		ID: ruleAttestation, Title: "Attestations and waivers that ran out or are not used", Severity: Medium, Since: "v0.1.0",
		Why: "What an owner declared is true for a while. After its date it proves nothing, and the rule it spoke for counts again. " +
			"What no rule needs any more lies in wait to cover a finding of another day.",
		Remedy:     "Look again at what it speaks of, then renew it with a new date or remove it.",
		References: []string{"CWE-636"},
		Run: func(p *Pass) Verdict {
			lapsed, unused := p.Policy.lapsed(p.Now), p.unused()
			switch {
			case len(lapsed) > 0:
				return p.fail(Medium, "%s", some(append(lapsed, unused...), "; ")).with(access.Attested)
			case len(unused) > 0:
				return p.fail(Low, "%s", some(unused, "; ")).with(access.Attested).remedy("Remove it from the key's policy.")
			case len(p.Policy.Attestations)+len(p.Policy.Waivers) == 0:
				return p.notApplicable("nothing was attested or waived")
			default:
				return p.pass(access.NoEvidence, "every attestation and waiver still holds")
			}
		},
	},
	{
		ID: "account-state", Title: "State of the account", Severity: High, Since: "v0.1.0",
		Why: "On an account that is locked or may not trade the bot cannot close what it opened. One without a second factor is " +
			"taken over with a password, and then every limit of its keys is worth nothing.",
		Remedy:     "Find out at the exchange what is wrong with the account and set it right; switch its second factor on if that is off.",
		References: []string{"CWE-308"},
		Run: func(p *Pass) Verdict {
			switch a := &p.Snapshot.Account; {
			case len(a.Alarms) > 0:
				return p.fail(High, "the exchange says of the account: %s", quoted(a.Alarms))
			case a.Standing == access.StandingGood:
				return p.pass(access.Reported, "the exchange tells of nothing that is wrong with the account")
			case a.Standing == access.StandingUnclear:
				return p.undetermined(Medium, "not all that the exchange tells of the account's state was understood")
			case p.Snapshot.Failure != nil:
				return p.undetermined(Medium, "there is no answer to look at")
			default:
				return p.notApplicable("the exchange doesn't tell the state of the account")
			}
		},
	},
	{
		ID: ruleNotInspected, Title: "A key that could not be inspected", Severity: High, Since: "v0.1.0",
		Why:        "A key nobody could look at is not a safe key. It is shown, so that no night passes with a hole in the fleet.",
		Remedy:     "Do what the failure asks for, then audit the key again.",
		References: []string{"CWE-636"},
		Run: func(p *Pass) Verdict {
			if f := p.Snapshot.Failure; f != nil {
				evidence := access.NoEvidence
				if f.Status != 0 {
					evidence = access.Refused
				}
				return p.fail(High, "%s", f.Error()).with(evidence).remedy(advice(f))
			}
			if p.Snapshot.Requests == 0 {
				return p.undetermined(High, "nothing shows that the exchange was asked")
			}
			return p.pass(access.Reported, "the exchange answered with %s", count(p.Snapshot.Requests, "request", "requests"))
		},
	},
}

// unused names the attestations and waivers that hold and that no rule needs.
// What was left out might need them, and what has changed since the last
// report needs them for one report only.
func (p *Pass) unused() []string {
	var out []string
	for i := range p.findings {
		f := &p.findings[i]
		if p.rules[i].Scope == SinceLast {
			continue
		}
		say := func(what string) {
			how := map[Outcome]string{Failed: "the rule failed all the same", Passed: "the rule passes without it", NotApplicable: "the rule does not apply"}
			out = append(out, fmt.Sprintf("the %s of %s is not used: %s", what, access.Printable(f.Rule), how[f.Outcome]))
		}
		for _, a := range p.Policy.Attestations {
			if a.Rule == f.Rule && a.lapse(p.Now) == "" && !f.attested() {
				say("attestation")
			}
		}
		for _, w := range p.Policy.Waivers {
			if w.Rule == f.Rule && w.lapse(p.Now) == "" && f.Waived == "" {
				say("waiver")
			}
		}
	}
	return out
}

// attested reports whether an attestation answered in place of the rule.
func (f *Finding) attested() bool { return f.Outcome == Passed && f.Evidence == access.Attested }

// speaksOfMoney reports whether a permission's name suggests that it moves
// value.
func speaksOfMoney(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"withdraw", "transfer", "pay", "send", "fiat", "card", "cash", "gift", "p2p", "wallet", "asset", "fund", "bank", "key", "admin"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

var kindAdvice = map[access.Kind]string{
	access.KindInput:            "Correct the key's entry; nothing was sent.",
	access.KindBadKey:           "Check that the key was copied whole, exists at the exchange, and belongs to this environment and region. If it was deleted, remove it everywhere.",
	access.KindBadSignature:     "Check that secret and passphrase belong to this key and were copied whole.",
	access.KindClockSkew:        "Set this machine's clock by NTP and audit again.",
	access.KindNonce:            "Another client of this key uses larger nonces. Set Nonce.Unit to the unit that client uses; a larger one than its own would lock it out.",
	access.KindSecondFactor:     "Give the key's second factor (OTP), or look at the key's page by hand.",
	access.KindExpired:          "Make a new key and delete this one.",
	access.KindDisabled:         "Find out at the exchange why the key or account is switched off.",
	access.KindForbidden:        "The key may not ask about itself; look at its page by hand and attest what you see.",
	access.KindAmbiguous:        "The exchange gives one answer for several causes: check in turn that the key exists, that this machine's address is on its allowlist, and that reading is switched on.",
	access.KindRateLimited:      "Audit again later, or fewer keys at a time.",
	access.KindBanned:           "Stop every client on this address until the ban ends; asking on lengthens it.",
	access.KindWrongEnvironment: "Name the environment or region the key was made in.",
	access.KindGeoBlocked:       "Run the audit from a place that the exchange serves.",
	access.KindUnavailable:      "Audit again later.",
	access.KindNotUnderstood:    "The exchange's answer has changed, or something else answered in its place. Look at the key's page by hand and report the change to this project.",
	access.KindGuard:            "Nothing outside the declared reads was sent. Check the base address and what stands between; report it if neither is unusual.",
	access.KindCanceled:         "Give the audit more time.",
}

// advice says what a person does about the failure.
func advice(e *access.Error) string {
	if e.Kind == access.KindIPNotAllowed {
		if e.Address.IsValid() {
			return fmt.Sprintf("Run the audit on the bot's host or through its proxy: the exchange refused %s.", e.Address)
		}
		return "Run the audit on the bot's host or through its proxy."
	}
	return kindAdvice[e.Kind]
}
