package audit

// separationRules judge what a key is kept apart from.
var separationRules = []*Rule{
	{
		ID: "main-account", Title: "Trading on the main account", Severity: High, Since: "v0.1.0",
		Why: "A sub-account bounds the loss to what lies in it. On the main account a stolen trading key reaches everything " +
			"the owner has at the venue.",
		Remedy:     "Open a sub-account with the money the bot needs, make the key there and delete this one.",
		References: []string{"CWE-250", "NHI8:2025"},
		Run: func(p *Pass) Verdict {
			s, severity := p.Snapshot, Medium
			if p.Policy.Autonomous {
				severity = High
			}
			switch {
			case s.neverTrades():
				return p.notApplicable("the key does not trade")
			case s.Account.Kind == SubAccount:
				return p.pass(Told, "the key belongs to a sub-account")
			case s.Account.Kind == AccountUnknown:
				return p.undetermined(severity, "whether the key belongs to the main account is not known").
					remedy("Look up whose key it is: a trading key belongs on a sub-account. Attest it if it is there.")
			case len(s.granted(familyTrade)) == 0:
				return p.undetermined(severity, "whether the key trades on the main account is not known")
			default:
				return p.fail(severity, "the key trades on the main account")
			}
		},
	},
}
