package audit

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// separationRules judge what a key is kept apart from.
var separationRules = []*Rule{
	{
		ID: "main-account", Title: "Trading on the main account", Severity: High, Since: "v0.1.0",
		Why: "A sub-account bounds the loss to what lies in it. On the main account a stolen trading key reaches everything " +
			"the owner has at the exchange.",
		Remedy:     "Open a sub-account with the money the bot needs, make the key there and delete this one.",
		References: []string{"CWE-250", "NHI8:2025"},
		Run: func(p *Pass) Verdict {
			s, severity := p.Snapshot, Medium
			if p.Policy.Autonomous {
				severity = High
			}
			switch {
			case s.NeverTrades():
				return p.notApplicable("the key does not trade")
			case s.Account.Kind == access.SubAccount:
				return p.pass(access.Reported, "the key belongs to a sub-account")
			case s.Account.Kind == access.AccountUnknown:
				return p.undetermined(severity, "whether the key belongs to the main account is not known").
					remedy("Look up whose key it is: a trading key belongs on a sub-account. Attest it if it is there.")
			case len(s.GrantedOf(access.FamilyTrade)) == 0:
				return p.undetermined(severity, "whether the key trades on the main account is not known")
			default:
				return p.fail(severity, "the key trades on the main account")
			}
		},
	},
	{
		ID: "weak-key", Title: "Kind and strength of the key", Severity: Medium, Since: "v0.1.0",
		Why: "A shared secret is known to the exchange too, and has been shown on a screen and copied once at least. A private key " +
			"never leaves its owner; one of RSA below 2048 bits can be computed from its public half by those who can pay for it.",
		Remedy:     "Make the next key with Ed25519, or with RSA of 2048 bits or more, where the exchange offers it.",
		References: []string{"CWE-326", "NHI4:2025"},
		Run:        weakKey,
	},
	{
		ID: "ownership", Title: "Who answers for the key", Severity: Low, Since: "v0.1.0",
		Why: "A key without an owner is one that nobody switches off: not when the bot is retired, and not in the night in which " +
			"it is stolen.",
		Remedy:     "Say in the inventory who answers for the key, what it is for, and on which day that will be looked at again.",
		References: []string{"NHI1:2025", "NIST SP 800-53 AC-2"},
		Run:        ownership,
	},
	{
		ID: "wrong-environment", Title: "Environment of the key", Severity: High, Since: "v0.1.0",
		Why: "A live key in a test is real money where nobody is careful: in a notebook, a build, a colleague's trial. A test key " +
			"in a live bot earns nothing, and nobody sees it.",
		Remedy:     "Give the bot a key of the environment it is run in, and name that environment with the key.",
		References: []string{"NHI8:2025"},
		Run:        wrongEnvironment,
	},
}

func weakKey(p *Pass) Verdict {
	s := p.Snapshot
	asymmetric := slices.ContainsFunc(s.KeyKinds, func(k access.KeyKind) bool {
		return k == access.Ed25519Key || k == access.RSAKey || k == access.ECDSAKey
	})
	switch {
	case s.KeyKind == access.SharedSecret && asymmetric:
		return p.fail(Low, "the key is a shared secret, and the exchange offers keys of which it knows the public half only")
	case s.KeyKind == access.SharedSecret && len(s.KeyKinds) > 0: // the kinds that the adapter takes; the exchange may have more
		return p.undetermined(Low, "the key is a shared secret, and whether the exchange offers another kind is not known").
			remedy("Look whether the exchange offers Ed25519 or RSA keys, and take one of those next; attest it if it doesn't.")
	case s.KeyKind == access.RSAKey && s.KeyBits > 0 && s.KeyBits < 2048:
		return p.fail(Medium, "the key is RSA of %d bits, which is too short", s.KeyBits)
	case s.KeyKind == access.RSAKey && s.KeyBits > 0:
		return p.pass(access.Reported, "the key is RSA of %d bits", s.KeyBits)
	case s.KeyKind == access.Ed25519Key || s.KeyKind == access.ECDSAKey:
		return p.pass(access.Reported, "the key is %s", s.KeyKind)
	case s.KeyKind == access.RSAKey:
		return p.undetermined(Medium, "the key is RSA, of a length that is not known").
			remedy("Look up how long the key is: 2048 bits are the least. Attest it if they are there.")
	default:
		return p.undetermined(Low, "what kind of key it is, or what kinds the exchange offers, is not known")
	}
}

func ownership(p *Pass) Verdict {
	r := p.Record
	if r.Source.Format != FormatInventory {
		return p.notApplicable("the key stands in no inventory that could name an owner")
	}
	var missing []string
	for _, fact := range []struct {
		what string
		told bool
	}{
		{"owner", strings.TrimSpace(r.Owner) != ""}, {"purpose", strings.TrimSpace(r.Purpose) != ""}, {"day of review", !r.Review.IsZero()},
	} {
		if !fact.told {
			missing = append(missing, "no "+fact.what)
		}
	}
	var bad []string
	if len(missing) > 0 {
		bad = append(bad, "the inventory names "+strings.Join(missing, ", "))
	}
	if !r.Review.IsZero() && p.Now.Sub(r.Review) >= day { // the day itself is in time
		bad = append(bad, "the day of review, "+date(r.Review)+", has passed")
	}
	if len(bad) > 0 {
		return p.fail(Low, "%s", strings.Join(bad, "; ")).with(access.Attested)
	}
	return p.pass(access.NoEvidence, "%s answers for the key, and looks at it again on %s", access.Printable(r.Owner), date(r.Review))
}

func wrongEnvironment(p *Pass) Verdict {
	s, stage := p.Snapshot, p.Record.Stage
	switch f := s.Failure; {
	case f != nil && f.Kind == access.KindWrongEnvironment:
		return p.fail(High, "the key belongs to another environment or region of the exchange than %q", access.Printable(s.Environment)).with(access.Refused)
	case f != nil && slices.Contains(f.Candidates, access.KindWrongEnvironment):
		return p.undetermined(High, "the exchange's refusal may mean that the key belongs to another environment than %q", access.Printable(s.Environment))
	case f != nil || s.Requests == 0:
		return p.undetermined(High, "nothing shows that the key belongs to the environment that was named for it")
	case stage == StageTest && !s.Test:
		return p.fail(High, "the bot that holds this live key is run as a test").with(access.Attested)
	case stage == StageLive && s.Test:
		return p.fail(High, "the bot that holds this test key is run live").with(access.Attested)
	default:
		return p.pass(access.Inferred, "the exchange answered the key in the environment %q", access.Printable(s.Environment))
	}
}
