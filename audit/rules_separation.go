package audit

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// separationRules judge what a key is kept apart from.
var separationRules = []*Rule{
	{
		ID: RuleMainAccount, Title: "Key can trade on the main account", Severity: High, Since: "v0.1.0",
		Why: "A sub-account limits the loss to what is in it. On the main account a stolen trading key reaches " +
			"everything the owner has at the exchange.",
		Remedy: "Open a sub-account with the money the bot needs, create a key there for the bot and delete this one.",
		Task:   adapter.UseSubAccount,
		FindOut: "At the exchange, check to which account the key belongs. If it is the main account, move the bot " +
			"to a key of a sub-account; if not, attest this rule.",
		References: []string{"CWE-250", "NHI8:2025"},
		Run:        mainAccount,
	},
	{
		ID: RuleWeakKey, Title: "Weak kind of key", Severity: Medium, Since: "v0.1.0",
		Why: "A shared secret is known to the exchange too, and was shown on a screen and copied at least once. A " +
			"private key never leaves its owner; an RSA key below 2048 bits can be computed from its public half by " +
			"those who can pay for it.",
		Remedy: "Create the next key as Ed25519, or as RSA of 2048 bits or more, where the exchange offers it.",
		Task:   adapter.UseAsymmetric,
		FindOut: "Check which kind of key this is, and which kinds the exchange offers. If it offers no stronger " +
			"one, attest this rule; if it does, use that for the next key.",
		References: []string{"CWE-326", "NHI4:2025"},
		Run:        weakKey,
	},
	{
		ID: RuleOwnership, Title: "Key without an owner, purpose or review date", Severity: Low, Since: "v0.1.0",
		Why: "A key without an owner is one that nobody switches off: not when the bot is retired, and not when the " +
			"key is stolen.",
		Remedy: "In the inventory, set owner, purpose and review of the key: who is responsible, what for, and until " +
			"when.",
		NoFindOut:  "It is never undetermined: the inventory says it or does not.",
		References: []string{"NHI1:2025", "NIST SP 800-53 AC-2"},
		Run:        ownership,
	},
	{
		ID: RuleWrongEnvironment, Title: "Key belongs to another environment", Severity: High, Since: "v0.1.0",
		Why: "A live key in a test is real money where nobody is careful: in a notebook, a build, a colleague's " +
			"experiment. A test key in a live bot earns nothing, and nobody notices.",
		Remedy: "Give the bot a key of the environment it runs in, and set that environment for the key.",
		FindOut: "At the exchange, check on which site (live, regional or test network) the key was created. Set " +
			"that as the key's environment and audit it again, or attest this rule.",
		References: []string{"NHI8:2025"},
		Run:        wrongEnvironment,
	},
}

func mainAccount(p *Pass) Verdict {
	s, severity := p.Snapshot, Medium
	if p.Policy.Autonomous {
		severity = High
	}
	switch {
	case s.NeverTrades():
		return p.notApplicable("The key cannot trade")
	case s.Account.Kind == access.SubAccount:
		return p.pass(access.Reported, "The key belongs to a sub-account")
	case s.Account.Kind == access.AccountUnknown:
		return p.undetermined(severity, "Could not determine whether the key belongs to the main account")
	case len(s.GrantedOf(access.FamilyTrade)) == 0:
		return p.undetermined(severity, "The key belongs to the main account; could not determine whether it can trade").
			remedy("On the key's page, check whether the key can trade. If it can, move the bot to a key of a " +
				"sub-account; if not, attest this rule.")
	default:
		return p.fail(severity, "The key can trade on the main account")
	}
}

func weakKey(p *Pass) Verdict {
	s := p.Snapshot
	offered := len(s.KeyKinds) > 0 // as far as the adapter uses them; the exchange may have more
	asymmetric := slices.ContainsFunc(s.KeyKinds, isAsymmetric)
	switch {
	case s.Retired != "":
		return p.fail(Medium, "The key is of a sort that the exchange has retired: %s", access.Printable(s.Retired)).remedy(renew)
	case s.KeyKind == access.SharedSecret && asymmetric:
		return p.fail(Low, "The key is a shared secret, and the exchange offers keys of which it knows the public half only")
	case s.KeyKind == access.SharedSecret && offered:
		return p.undetermined(Low, "The key is a shared secret; could not determine whether the exchange offers "+
			"another kind").local().
			remedy("At the exchange, check whether it offers Ed25519 or RSA keys. If it does, use one for the next " +
				"key; if not, attest this rule.")
	case s.KeyKind == access.RSAKey && s.KeyBits > 0 && s.KeyBits < 2048:
		return p.fail(Medium, "The key is RSA of %d bits, which is too short", s.KeyBits)
	case s.KeyKind == access.RSAKey && s.KeyBits > 0:
		return p.pass(access.Reported, "The key is RSA of %d bits", s.KeyBits)
	case s.KeyKind == access.RSAKey:
		return p.undetermined(Medium, "The key is RSA; could not determine its length").local().
			remedy("Where the key is kept, look up how long it is. If it has 2048 bits or more, attest this rule; if " +
				"not, create a longer one.")
	case isAsymmetric(s.KeyKind):
		return p.pass(access.Reported, "The key is %s", s.KeyKind)
	default:
		return p.undetermined(Medium, "Could not determine what kind of key it is, or what kinds the exchange offers")
	}
}

func isAsymmetric(k access.KeyKind) bool {
	return k == access.Ed25519Key || k == access.RSAKey || k == access.ECDSAKey || k.IsWallet()
}

func ownership(p *Pass) Verdict {
	r := p.Record
	if r.Source.Format != FormatInventory {
		return p.notApplicable("The key is not in an inventory that could name an owner")
	}
	var missing []string
	for _, fact := range []struct {
		what  string
		known bool
	}{
		{"owner", strings.TrimSpace(r.Owner) != ""},
		{"purpose", strings.TrimSpace(r.Purpose) != ""},
		{"review date", !r.Review.IsZero()},
	} {
		if !fact.known {
			missing = append(missing, "no "+fact.what)
		}
	}
	var bad []string
	if len(missing) > 0 {
		bad = append(bad, "The inventory names "+strings.Join(missing, ", "))
	}
	if !r.Review.IsZero() && p.Now.Sub(r.Review) >= day { // the day itself is in time
		bad = append(bad, "the review date, "+date(r.Review)+", has passed")
	}
	if len(bad) > 0 {
		return p.fail(Low, "%s", capital(strings.Join(bad, "; "))).with(access.Attested)
	}
	return p.pass(access.NoEvidence, "%s is responsible for the key, and reviews it on %s",
		access.Printable(r.Owner), date(r.Review))
}

func wrongEnvironment(p *Pass) Verdict {
	s, stage := p.Snapshot, p.Record.Stage
	environment := access.Printable(s.Environment)
	switch f := s.Failure; {
	case f != nil && f.Kind == access.KindWrongEnvironment:
		return p.fail(High, "The key belongs to another environment or region of the exchange than %q", environment).
			with(access.Refused).remedy(p.refusalAdvice())
	case f != nil && slices.Contains(f.Candidates, access.KindWrongEnvironment):
		return p.undetermined(High, "The exchange's refusal may mean that the key belongs to another environment than %q",
			environment)
	case f != nil || s.Requests == 0:
		return p.undetermined(High, "Nothing shows that the key belongs to the environment %q",
			environment).see(RuleNotInspected)
	case stage == StageTest && !s.Test:
		return p.fail(High, "The bot that holds this live key runs as a test").with(access.Attested).
			remedy("Take the key out of the bot's file: a dry run needs none. If the test does need a key, create one on a " +
				"test network of the exchange, and set that environment for it.")
	case stage == StageLive && s.Test:
		return p.fail(High, "The bot that holds this test key runs live").with(access.Attested)
	default:
		return p.pass(access.Inferred, "The exchange answered the key in the environment %q", environment)
	}
}
