package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// tradingRules compare the key's rights with what it is for.
var tradingRules = []*Rule{
	{
		ID: RuleExcessPermission, Title: "More rights than the policy allows", Severity: High, Since: "v0.1.0",
		Why: "A right that the bot does not use is of use to a thief only. Futures and margin multiply what they can " +
			"lose for you in a minute.",
		Remedy: "Edit the key and switch off the rights named, or allow them in the key's policy if the bot uses " +
			"them.",
		Task: adapter.SwitchRightOff,
		FindOut: "On the key's page, check the rights named. Switch off those that the bot does not use, or allow " +
			"them in the key's policy, then attest this rule.",
		References: []string{"CWE-250", "CWE-272", "NHI5:2025"},
		Run:        excessPermission,
	},
	{
		ID: RuleMissingPermission, Title: "Key lacks a right the policy needs", Severity: High, Since: "v0.1.0",
		Why:    "The bot would fail on its first order, perhaps with positions open that it can no longer close.",
		Remedy: "Edit the key and switch on the rights named, or use the key for what it can do.",
		FindOut: "On the key's page, check that the rights named are on. Switch on those that are off, then attest " +
			"this rule.",
		References: []string{"CWE-272"},
		Run:        missingPermission,
	},
	{
		ID: RuleBlindTrading, Title: "Key can trade but not read, or not cancel", Severity: Medium, Since: "v0.1.0",
		Why: "A bot that can place orders but cannot read balances and positions does not know what it is doing, and one " +
			"that cannot cancel them cannot stop.",
		Remedy: "Edit the key and switch on reading, and cancelling orders.",
		FindOut: "On the key's page, check that a key that can trade can also read balances, orders and positions. It " +
			"must be able to cancel orders as well. Switch on what is off, then attest this rule.",
		References: []string{"CWE-272"},
		Run:        blindTrading,
	},
	{
		ID: RulePairAllowlist, Title: "Key not limited to trading pairs", Severity: Medium, Since: "v0.1.0",
		Why: "Thieves who cannot withdraw trade the money away in a thin market, against themselves. A key that is " +
			"limited to the bot's own pairs keeps them out of that market.",
		Remedy: "Edit the key and limit it to the pairs the bot trades.",
		FindOut: "On the key's page, check to which trading pairs the key is limited. Limit it to those the bot " +
			"trades, then attest this rule.",
		References: []string{"CWE-272", "NHI5:2025"},
		Run:        pairAllowlist,
	},
	{
		ID: RuleSecondChannel, Title: "Second way to place orders", Severity: Medium, Since: "v0.1.0",
		Why: "A bot that trades by REST does not need FIX. Orders that come in by another way are seen by none of the " +
			"bot's limits and logs.",
		Remedy: "Edit the key and switch off the right named, or allow it in the key's policy if the bot uses it.",
		Task:   adapter.SwitchRightOff,
		FindOut: "On the key's page, check whether the key can place orders by FIX. Switch that off if the bot does not use " +
			"it, then attest this rule.",
		References: []string{"CWE-272", "NHI5:2025"},
		Run:        secondChannel,
	},
	{
		ID: RuleKeyScopes, Title: "Exchange cannot limit what a key may do", Severity: Info, Since: "v0.1.0",
		Why: "Where every key can do whatever the account can, no setting protects a bot's key: only what the account holds, " +
			"and how well the key is kept, limits the loss.",
		Remedy: "Keep no more money in the account than the bot needs, replace the key every few weeks, and trade elsewhere " +
			"where that is too much to lose.",
		NoFindOut:  "It is never undetermined: the exchange's documentation says it, or the rule does not apply.",
		References: []string{"CWE-250", "NHI5:2025"},
		Run:        unlessClosing(keyScopes),
	},
}

// excess are the rights that the policy does not allow, as far as they are
// trading rights or no other rule covers them.
type excess struct {
	held    []string // with the permissions that carry them
	bundled []string // those that come with a right the policy needs
	open    []string // those of which nothing is known

	severity, openSeverity Severity
}

// judgesExcess reports whether rights of a family are compared with the policy here, and
// not by a rule of their own. A key that may trade may cancel.
func (p *Pass) judgesExcess(f access.Family) bool {
	return f == access.FamilyTrade || f == access.FamilyOther || (f == access.FamilyCancel && !p.Policy.trades())
}

func (p *Pass) excess() excess {
	s := p.Snapshot
	e := excess{openSeverity: Medium}
	unknown := func(c access.Capability) {
		e.open = append(e.open, string(c))
		e.openSeverity = max(e.openSeverity, p.excessSeverity(c))
	}
	for _, g := range s.Grants {
		f := access.FamilyOf(g.Capability)
		if !p.judgesExcess(f) || p.Policy.admits(g.Capability) {
			continue
		}
		switch {
		case g.State == access.Granted && p.bundled(g):
			e.bundled = append(e.bundled, string(g.Capability))
		case g.State == access.Granted:
			e.severity = max(e.severity, p.excessSeverity(g.Capability))
			e.held = append(e.held, g.Describe())
		case f == access.FamilyOther && !s.Surely(g.Capability, access.Denied):
			unknown(g.Capability)
		}
	}
	for _, c := range access.TradeCapabilities() {
		if !s.Can(c) && !s.Surely(c, access.Denied) && !p.Policy.admits(c) {
			unknown(c)
		}
	}
	return e
}

func excessPermission(p *Pass) Verdict {
	const unknown = "Could not determine whether the key has more rights than the policy allows: "
	e := p.excess()
	note := ""
	if len(e.bundled) > 0 {
		note = fmt.Sprintf("; %s comes with a right the policy needs and cannot be switched off alone",
			strings.Join(e.bundled, ", "))
	}
	switch {
	case len(e.held) > 0:
		return p.fail(max(e.severity, e.openSeverity), "The policy %q does not allow %s", p.Policy.title(), strings.Join(e.held, "; "))
	case len(e.open) > 0:
		return p.undetermined(e.openSeverity, "%s", unknown+strings.Join(e.open, ", "))
	case !p.Snapshot.AllRightsReported():
		return p.undetermined(Medium, "%s", unknown+"the exchange does not report everything the key can trade").
			remedy("On the key's page, compare what the key can do with its policy. Switch off what the policy does " +
				"not allow, then attest this rule.")
	default:
		return p.pass(access.Reported, "The key has no right that the policy %q does not allow%s", p.Policy.title(), note)
	}
}

// bundled reports whether each of the exchange's permissions that carry a grant
// also carries a trading right that the key holds and the policy allows, and that surely no
// other permission carries: the owner could not switch it off without losing what
// they use. A second channel does not replace the first.
func (p *Pass) bundled(g access.Grant) bool {
	channels := p.Snapshot.GrantedOf(access.FamilyChannel)
	elsewhere := func(name string) bool {
		return !slices.Contains(g.Names, name) &&
			!slices.ContainsFunc(channels, func(c access.Grant) bool { return slices.Contains(c.Names, name) })
	}
	return p.carried(g, func(other access.Grant) bool {
		return other.Capability.Trades() && p.Policy.admits(other.Capability) && !other.NamesIncomplete && !slices.ContainsFunc(other.Names, elsewhere)
	})
}

// carried reports whether each of the exchange's permissions that carry a grant also
// carries one that the key holds and that counts.
func (p *Pass) carried(g access.Grant, counts func(access.Grant) bool) bool {
	carries := func(name string) bool {
		return slices.ContainsFunc(p.Snapshot.Grants, func(other access.Grant) bool {
			return other.State == access.Granted && counts(other) && slices.Contains(other.Names, name)
		})
	}
	return len(g.Names) > 0 && !g.NamesIncomplete && !slices.ContainsFunc(g.Names, func(name string) bool { return !carries(name) })
}

// excessSeverity is how bad a right is that the policy does not allow.
func (p *Pass) excessSeverity(c access.Capability) Severity {
	switch {
	case c.Trades() && !p.Policy.trades(), !c.Valid(): // nobody has classified it
		return High
	case (c == access.TradeMargin || c == access.TradeFutures) && !p.Snapshot.IPAllowlist.Restricts():
		return High
	default:
		return Medium
	}
}

func missingPermission(p *Pass) Verdict {
	if len(p.Policy.Needs) == 0 {
		return p.notApplicable("The policy names no right that the key needs")
	}
	var missing, open []string
	evidence := access.Reported
	for _, c := range p.Policy.Needs {
		switch g := p.Snapshot.Grant(c); {
		case p.Snapshot.Surely(c, access.Denied):
			text := string(c)
			if len(g.Names) > 0 {
				text += fmt.Sprintf(" (%s)", strings.Join(g.Names, " or "))
			}
			missing = append(missing, text)
			evidence = g.Evidence
		case p.Snapshot.Surely(c, access.Granted):
			evidence = g.Evidence
		default:
			open = append(open, string(c))
		}
	}
	switch {
	case len(missing) > 0:
		return p.fail(High, "The policy %q needs %s, which the key lacks",
			p.Policy.title(), strings.Join(missing, ", ")).with(evidence)
	case len(open) > 0:
		return p.undetermined(High, "Could not determine whether the key has the rights the policy needs: %s",
			strings.Join(open, ", "))
	default:
		return p.pass(evidence, "The key has every right the policy %q needs", p.Policy.title())
	}
}

func blindTrading(p *Pass) Verdict {
	s, reads := p.Snapshot, p.Snapshot.Grant(access.Read)
	switch {
	case s.NeverTrades():
		return p.notApplicable("The key cannot trade")
	case len(s.GrantedOf(access.FamilyTrade)) > 0 && s.Surely(access.Read, access.Denied):
		return p.fail(Medium, "The key can trade but not read").with(reads.Evidence)
	case len(s.GrantedOf(access.FamilyTrade)) > 0 && s.Surely(access.CancelOrders, access.Denied):
		return p.fail(Medium, "The key can create orders but not cancel them").with(s.Grant(access.CancelOrders).Evidence)
	case len(s.UnknownOf(access.FamilyCancel)) > 0:
		return p.undetermined(Medium, "Could not determine whether the key can cancel the orders that it creates")
	case s.Surely(access.Read, access.Granted):
		return p.pass(reads.Evidence, "What the key can trade, it can read")
	}
	v := p.undetermined(Medium, "Could not determine whether the key can trade without reading")
	if !s.Surely(access.Read, access.Denied) && p.Policy.needs(access.Read) {
		return v.see(RuleMissingPermission)
	}
	return v
}

func pairAllowlist(p *Pass) Verdict {
	s, severity := p.Snapshot, Low
	if s.Account.Kind != access.SubAccount {
		severity = Medium
	}
	switch list := &s.PairAllowlist; {
	case s.NeverTrades():
		return p.notApplicable("The key cannot trade")
	case len(list.Pairs) > 0:
		return p.pass(access.Reported, "The key is limited to %s: %s",
			count(len(list.Pairs), "trading pair", "trading pairs"), quoted(list.Pairs))
	case s.Failure != nil:
		return p.undetermined(severity, "Could not determine whether the key is limited to trading pairs")
	case !list.Offered:
		return p.notApplicable("As far as known, the exchange cannot limit keys to trading pairs")
	case !list.Reported:
		return p.undetermined(severity, "Could not determine whether the key is limited to trading pairs")
	case len(s.GrantedOf(access.FamilyTrade)) == 0:
		return p.undetermined(severity, "The key is limited to no trading pairs; could not determine whether it can trade").
			remedy("On the key's page, check whether the key can trade. If it can, limit it to the pairs the bot " +
				"trades; if not, attest this rule.")
	default:
		return p.fail(severity, "The key can trade every pair; the exchange could limit it to some")
	}
}

// secondChannel judges what is listed: where nothing is, the exchange has no such
// right as far as known.
func secondChannel(p *Pass) Verdict {
	s := p.Snapshot
	held, open := s.GrantedOf(access.FamilyChannel), s.UnknownOf(access.FamilyChannel)
	listed := slices.ContainsFunc(s.Grants, func(g access.Grant) bool { return access.FamilyOf(g.Capability) == access.FamilyChannel })
	const power = "place orders by a second channel"
	switch bad := p.notAdmitted(held); {
	case len(bad) > 0:
		return p.fail(Medium, "The key can %s %s", power, carriers(bad)).with(bad[0].Evidence)
	case len(open) > 0, s.Failure != nil:
		return p.undetermined(Medium, "Could not determine whether the key can %s", power)
	case !listed:
		return p.notApplicable("As far as known, the exchange has no right to %s", power)
	case len(held) > 0:
		return p.pass(held[0].Evidence, "The key can %s, which its policy allows %s", power, carriers(held))
	default:
		return p.pass(access.Reported, "The key cannot %s", power)
	}
}

// notAdmitted keeps the grants that the policy neither needs nor allows.
func (p *Pass) notAdmitted(held []access.Grant) []access.Grant {
	var out []access.Grant
	for _, g := range held {
		if !p.Policy.admits(g.Capability) {
			out = append(out, g)
		}
	}
	return out
}

// keyScopes names what nobody can find out about a key either: what the account may do.
func keyScopes(p *Pass) Verdict {
	s := p.Snapshot
	limited := func(g access.Grant) bool { return g.State == access.Denied && g.Evidence == access.Reported }
	switch {
	case s.Unscoped:
		return p.fail(Info, "No key of the exchange can be limited to some rights: this one can do whatever the account can%s", p.unreported()).
			with(access.Documented)
	case slices.ContainsFunc(s.Grants, limited):
		return p.pass(access.Reported, "The exchange limits what the key may do")
	default:
		return p.notApplicable("No documentation says that the exchange's keys cannot be limited")
	}
}

// unreported lists the rights of which the exchange does not say whether the account
// has them.
func (p *Pass) unreported() string {
	var open []string
	for _, c := range access.Capabilities() {
		if p.Snapshot.Grant(c).State == access.Unknown {
			open = append(open, string(c))
		}
	}
	if len(open) == 0 {
		return ""
	}
	return ", and it does not report whether that includes " + listed(open, "or")
}
