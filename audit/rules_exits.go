package audit

import (
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// exitRules judge the ways in which funds can leave or be locked.
var exitRules = []*Rule{
	{
		ID: RuleWithdrawal, Title: "Right to withdraw", Severity: Critical, Since: "v0.1.0",
		Why: "Anyone who copies a key that can withdraw can empty the account with one request. Bots don't need the " +
			"right: they trade, and a person withdraws.",
		Remedy: "Edit the key and switch off withdrawals, or create a new key without that right and delete this one.",
		Task:   adapter.SwitchRightOff,
		FindOut: "On the key's page, check the right to withdraw. Switch it off unless the policy allows it, then " +
			"attest this rule.",
		References: []string{"CWE-250", "CWE-272", "NHI5:2025"},
		Run:        exit(access.FamilyWithdraw, access.Withdraw, fixed(Critical), "withdraw funds"),
	},
	{
		ID: RuleExternalTransfer, Title: "Right to send funds to other users", Severity: Critical, Since: "v0.1.0",
		Why: "Payments, gift codes, peer-to-peer sales and internal transfers reach other users of the exchange " +
			"within seconds, without a blockchain, and often without the checks that withdrawals have.",
		Remedy: "Edit the key and switch off every right to pay or send funds to other users.",
		Task:   adapter.SwitchRightOff,
		FindOut: "On the key's page, check every right to pay or send funds to other users. Switch off those that " +
			"the policy does not allow, then attest this rule.",
		References: []string{"CWE-250", "CWE-272", "NHI5:2025"},
		Run:        exit(access.FamilyExternal, access.TransferExternal, fixed(Critical), "send funds to other users"),
	},
	{
		ID: RuleWithdrawalAddresses, Title: "Right to change withdrawal addresses", Severity: Critical, Since: "v0.1.0",
		Why: "Saved withdrawal addresses limit a thief to the owner's own. A key that adds or changes them lifts " +
			"that limit, for itself or for the next key.",
		Remedy: "Edit the key and switch off the rights to add, change or confirm withdrawal addresses.",
		Task:   adapter.SwitchRightOff,
		FindOut: "On the key's page, check the rights to add, change or confirm withdrawal addresses. Switch them " +
			"off unless the policy allows them, then attest this rule.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        exit(access.FamilyAddress, access.WithdrawAddresses, fixed(Critical), "change withdrawal addresses"),
	},
	{
		ID: RuleAddressBook, Title: "Withdrawals not limited to saved addresses", Severity: Critical, Since: "v0.1.0",
		Why: "Where withdrawals reach only saved addresses, a copied key can send funds " +
			"nowhere but home. Without that limit, or with the right to change the saved addresses, they go wherever the " +
			"thief wants.",
		Remedy: "In the account's settings, limit withdrawals to saved addresses, or take from the key the right to " +
			"withdraw and the right to change the saved addresses.",
		FindOut: "In the account's settings, check that withdrawals are limited to saved addresses. Switch that on " +
			"if it is off, then attest this rule.",
		References: []string{"CWE-284", "NHI5:2025"},
		Run:        addressBook,
	},
	{
		ID: RuleInternalTransfer, Title: "Right to move funds between own accounts", Severity: High, Since: "v0.1.0",
		Why: "A key that moves funds brings all the money of the accounts within reach of a trading key: from " +
			"sub-accounts that are kept apart to the one where it can be lost.",
		Remedy: "Edit the key and switch off transfers. Move funds by hand, or with a key that does nothing else.",
		Task:   adapter.SwitchRightOff,
		FindOut: "On the key's page, check the right to transfer between the owner's accounts. Switch it off unless " +
			"the policy allows it, then attest this rule.",
		References: []string{"CWE-250", "NHI5:2025"},
		Run: exit(access.FamilyInternal, access.TransferInternal, onMainAccount(Medium, High),
			"move funds between the owner's accounts"),
	},
	{
		ID: RuleKeyManagement, Title: "Right to manage API keys", Severity: Critical, Since: "v0.1.0",
		Why: "A key that creates or changes API keys can give itself, or a new key, every right it lacks, and can " +
			"remove the IP allowlist.",
		Remedy: "Edit the key and switch off the right to manage API keys. Create and change keys by hand.",
		Task:   adapter.SwitchRightOff,
		FindOut: "On the key's page, check the right to create or change API keys. Switch it off unless the policy " +
			"allows it, then attest this rule.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        exit(access.FamilyKeys, access.APIKeyManage, fixed(Critical), "create or change API keys"),
	},
	{
		ID: RuleSubaccountManagement, Title: "Right to manage sub-accounts", Severity: High, Since: "v0.1.0",
		Why: "Sub-accounts keep money away from a trading key. A key that manages them can remove that separation, " +
			"or freeze the other sub-accounts.",
		Remedy: "Edit the key and switch off the right to create and manage sub-accounts.",
		Task:   adapter.SwitchRightOff,
		FindOut: "On the key's page, check the right to create or manage sub-accounts. Switch it off unless the " +
			"policy allows it, then attest this rule.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        exit(access.FamilySubaccount, access.SubaccountManage, fixed(High), "create or manage sub-accounts"),
	},
	{
		ID: RuleOffBookDealing, Title: "Right to trade outside the order book", Severity: Medium, Since: "v0.1.0",
		Why: "Conversions, OTC, block and copy trades are made at a price that one side sets. A thief on the other " +
			"side sets the price.",
		Remedy: "Edit the key and switch off the conversion, OTC, block and copy trading that the bot does not use, " +
			"or allow it in the key's policy.",
		Task: adapter.SwitchRightOff,
		FindOut: "On the key's page, check the rights to convert and to trade OTC, in blocks or by copying. Switch " +
			"off what the policy does not allow, then attest this rule.",
		References: []string{"CWE-272", "NHI5:2025"},
		Run:        side(access.FamilyOffBook, "trade outside the order book"),
	},
	{
		ID: RuleLockUp, Title: "Right to lock funds (earn, staking, lending)", Severity: Medium, Since: "v0.1.0",
		Why: "Earn, staking and lending products can hold funds for days or months, out of the owner's reach when " +
			"they need them.",
		Remedy: "Edit the key and switch off the earn, staking and lending rights that the bot does not use, or " +
			"allow them in the key's policy.",
		Task: adapter.SwitchRightOff,
		FindOut: "On the key's page, check the rights to earn, stake and lend. Switch off what the policy does not " +
			"allow, then attest this rule.",
		References: []string{"CWE-272", "NHI5:2025"},
		Run:        side(access.FamilyLockUp, "lock funds in products"),
	},
	{
		ID: RuleOtherKeysSecrets, Title: "Key can read the secrets of other keys", Severity: Critical, Since: "v0.1.0",
		Why: "Anyone who holds this key holds every key whose secret it can read, whatever its own rights are. The " +
			"secrets were in the exchange's answer; they were dropped without being read.",
		Remedy: "Edit the key and switch off the right to read account data, then rotate the keys whose secrets it " +
			"could read.",
		Task: adapter.SwitchRightOff,
		FindOut: "At the exchange, check whether this key can list the account's API keys with their secrets. Switch " +
			"that off, then attest this rule.",
		References: []string{"CWE-522", "NHI2:2025"},
		Run:        otherKeysSecrets,
	},
}

// severityFor chooses the severity of a failure in its context.
type severityFor func(p *Pass, grants []access.Grant) Severity

func fixed(s Severity) severityFor { return func(*Pass, []access.Grant) Severity { return s } }

// onMainAccount: the main account has more to lose. What comes with a trading
// right that the policy needs is no reason to stop a bot, because its owner
// could not switch it off alone.
func onMainAccount(elsewhere, main Severity) severityFor {
	return func(p *Pass, grants []access.Grant) Severity {
		alone := slices.ContainsFunc(grants, func(g access.Grant) bool { return !p.bundled(g) })
		if p.Snapshot.Account.Kind != access.SubAccount && alone {
			return main
		}
		return elsewhere
	}
}

// weight is how bad some grants are in their context, and what to say and to advise
// where that is not the rule's own.
type weight struct {
	severity             Severity
	why, remedy, findOut string
	task                 adapter.Task
}

const noneToSwitchOff = "Nothing can be switched off: at this exchange a right that the policy needs includes this power. Keep in the " +
	"account only what the bot needs"

// weigh judges the grants of a power. One that comes with a right which the policy
// needs can't be switched off alone. Where only keys of main accounts have it, a
// sub-account is the way out; elsewhere there is none, and it is no reason to stop a
// bot.
func (p *Pass) weigh(grants []access.Grant, severity severityFor) weight {
	if len(grants) == 0 {
		return weight{}
	}
	own, main := severity(p, grants), false
	for _, g := range grants {
		if !p.inseparable(g) {
			return weight{severity: own}
		}
		main = main || g.Implied == access.ImpliedOnMain
	}
	if main {
		return weight{
			severity: min(own, Medium), why: ": on a main account this comes with a right that the policy needs",
			remedy: "Create the bot's key on a sub-account instead, where it does not have this power, and delete this one.",
			task:   adapter.UseSubAccount,
			findOut: "Check whether the key belongs to a sub-account, where it does not have this power: then attest this rule. If it " +
				"belongs to the main account, create the bot's key on a sub-account instead.",
		}
	}
	none := noneToSwitchOff
	if !p.noAllowlists() {
		none += ", and restrict the key to the bot's IP addresses"
	}
	return weight{
		severity: min(own, Info), why: ": this comes with a right that the policy needs",
		remedy: none + ".", findOut: none + "; then attest this rule.",
	}
}

// inseparable reports whether a power comes only with rights that the policy needs.
func (p *Pass) inseparable(g access.Grant) bool {
	marked := g.Implied == access.ImpliedAlways || g.Implied == access.ImpliedOnMain
	return marked && p.carried(g, func(other access.Grant) bool { return p.Policy.admits(other.Capability) })
}

// exit returns a rule about a right that the fixed vocabulary has a word for:
// it fails if any right of the family is held that the policy does not allow,
// and passes only if nothing of the family is left unknown.
func exit(f access.Family, c access.Capability, severity severityFor, power string) func(*Pass) Verdict {
	return func(p *Pass) Verdict {
		s := p.Snapshot
		held, open := s.GrantedOf(f), s.UnknownOf(f)
		listed := func(g access.Grant) bool { return g.Capability == c }
		if s.Grant(c).State == access.Unknown && !slices.ContainsFunc(open, listed) {
			open = append(open, access.Grant{Capability: c})
		}
		by := func(grants []access.Grant) string {
			g := grants[0]
			if len(held)+len(open) == 1 && g.Capability == c && len(g.Names) == 0 && g.Qualifier == "" {
				return "" // it would say the same again
			}
			return " " + carriers(grants)
		}
		bad := p.notAdmitted(held)
		worst, worstOpen := p.weigh(bad, severity), p.weigh(open, severity)
		if len(bad) > 0 && worst.severity >= worstOpen.severity {
			return p.fail(worst.severity, "The key can %s", power+by(bad)+worst.why).with(bad[0].Evidence).remedy(worst.remedy).task(worst.task)
		}
		if len(open) > 0 {
			return p.undetermined(worstOpen.severity, "Could not determine whether the key can %s", power+by(open)+worstOpen.why).
				remedy(worstOpen.findOut)
		}
		if len(held) > 0 {
			return p.pass(held[0].Evidence, "The key can %s, which its policy allows%s", power, by(held))
		}
		g := s.Grant(c)
		if g.Evidence == access.Documented {
			text := "The exchange has no permission to " + power
			implies := func(g access.Grant) bool { return g.State == access.Granted && len(g.Implies) > 0 }
			if slices.ContainsFunc(s.Grants, implies) {
				text += "; what the key's other rights include is noted with them"
			}
			return p.pass(access.Documented, "%s", text)
		}
		return p.pass(g.Evidence, "The key cannot %s", power)
	}
}

// side returns a rule about rights outside the fixed vocabulary. Such rights
// are known only by being listed, so it passes when the exchange reported all of
// the key's rights and none of the family is among them.
func side(f access.Family, power string) func(*Pass) Verdict {
	return func(p *Pass) Verdict {
		held := p.Snapshot.GrantedOf(f)
		if bad := p.notAdmitted(held); len(bad) > 0 {
			w := p.weigh(bad, fixed(Medium))
			return p.fail(Medium, "The key can %s %s", power, carriers(bad)).with(bad[0].Evidence).remedy(w.remedy).task(w.task)
		}
		if open := p.Snapshot.UnknownOf(f); len(open) > 0 {
			return p.undetermined(Medium, "Could not determine whether the key can %s %s", power, carriers(open)).
				remedy(p.weigh(open, fixed(Medium)).findOut)
		}
		if !p.Snapshot.AllRightsReported() {
			return p.undetermined(Medium, "Could not determine whether the key can %s", power)
		}
		if len(held) > 0 {
			return p.pass(held[0].Evidence, "The key can %s, which its policy allows %s", power, carriers(held))
		}
		return p.pass(access.Reported, "The key has no permission to %s", power)
	}
}

func otherKeysSecrets(p *Pass) Verdict {
	const open = "Could not determine whether the key can read the secrets of other keys"
	s := p.Snapshot
	switch held := s.GrantedOf(access.FamilySecrets); {
	case len(held) > 0:
		return p.fail(Critical, "The exchange's answer contained secrets of other keys %s", carriers(held))
	case len(s.UnknownOf(access.FamilySecrets)) > 0:
		return p.undetermined(Critical, "%s", open)
	case s.Failure != nil || !s.RightsKnown():
		return p.undetermined(Critical, "%s: the exchange reported nothing about its rights", open).see(RuleWithdrawal)
	default:
		return p.pass(access.Reported, "No answer of the exchange contained another key's secret")
	}
}
