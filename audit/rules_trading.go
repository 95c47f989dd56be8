package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// tradingRules compare the key's rights with what it is for.
var tradingRules = []*Rule{
	{
		ID: "excess-permission", Title: "More rights than the policy needs", Severity: High, Since: "v0.1.0",
		Why: "Every right the bot doesn't use is one that only a thief will use. Futures and margin multiply what he can lose " +
			"for you in a minute.",
		Remedy:     "Switch off the rights named, or allow them in the key's policy if the bot uses them.",
		References: []string{"CWE-250", "CWE-272", "NHI5:2025"},
		Run:        excessPermission,
	},
	{
		ID: "missing-permission", Title: "A right the policy needs", Severity: High, Since: "v0.1.0",
		Why:        "The bot would fail on its first order, perhaps with positions open that it can no longer close.",
		Remedy:     "Switch on the right named, or use the key for what it can do.",
		References: []string{"CWE-272"},
		Run:        missingPermission,
	},
	{
		ID: "blind-trading", Title: "Trading without reading", Severity: Medium, Since: "v0.1.0",
		Why:        "A bot that can place orders but cannot read balances and positions cannot know what it does.",
		Remedy:     "Switch on reading for the key.",
		References: []string{"CWE-272"},
		Run: func(p *Pass) Verdict {
			s := p.Snapshot
			switch evidence := s.Grant(access.Read).Evidence; {
			case s.NeverTrades():
				return p.notApplicable("the key does not trade")
			case len(s.GrantedOf(access.FamilyTrade)) > 0 && s.Surely(access.Read, access.Denied):
				return p.fail(Medium, "the key can trade but not read").with(evidence)
			case s.Surely(access.Read, access.Granted):
				return p.pass(evidence, "what the key can trade, it can read")
			default:
				return p.undetermined(Medium, "whether the key can trade and read is not known")
			}
		},
	},
	{
		ID: "pair-allowlist", Title: "Trading pairs", Severity: Medium, Since: "v0.1.0",
		Why: "Thieves who cannot withdraw trade the money away in a thin market, against themselves. A key that is limited to the " +
			"bot's own pairs takes that market from them.",
		Remedy:     "Edit the key and limit it to the pairs the bot trades.",
		References: []string{"CWE-272", "NHI5:2025"},
		Run:        pairAllowlist,
	},
}

// excessPermission looks at trading rights, and at every other right that no
// rule of its own covers.
func excessPermission(p *Pass) Verdict {
	s := p.Snapshot
	worst := Severity(0)
	var bad, bundled, open []string
	openSeverity := Medium
	unknown := func(c access.Capability) {
		open = append(open, string(c))
		openSeverity = max(openSeverity, p.excess(c))
	}
	for _, g := range s.Grants {
		f := access.FamilyOf(g.Capability)
		if (f != access.FamilyTrade && f != access.FamilyOther) || p.Policy.admits(g.Capability) {
			continue
		}
		switch {
		case g.State == access.Granted && p.bundled(g):
			bundled = append(bundled, string(g.Capability))
		case g.State == access.Granted:
			worst = max(worst, p.excess(g.Capability))
			bad = append(bad, g.Describe())
		case f == access.FamilyOther && !s.Surely(g.Capability, access.Denied):
			unknown(g.Capability)
		}
	}
	for _, c := range access.TradeCapabilities() {
		if !s.Can(c) && !s.Surely(c, access.Denied) && !p.Policy.admits(c) {
			unknown(c)
		}
	}
	note := ""
	if len(bundled) > 0 {
		note = fmt.Sprintf("; %s comes with a right the policy needs and cannot be switched off alone", strings.Join(bundled, ", "))
	}
	switch {
	case len(bad) > 0:
		return p.fail(worst, "the policy %q does not admit %s", p.Policy.title(), strings.Join(bad, "; "))
	case len(open) > 0:
		return p.undetermined(openSeverity, "whether the key holds more than the policy admits is not known: %s", strings.Join(open, ", "))
	case !s.AllRightsReported():
		return p.undetermined(Medium, "whether the key holds more than the policy admits is not known: the exchange doesn't tell all that it can trade")
	default:
		return p.pass(access.Reported, "the key holds nothing that the policy %q does not admit%s", p.Policy.title(), note)
	}
}

// bundled reports whether each of the exchange's permissions that carry a grant
// also carries a trading right that the key holds and the policy admits: the
// owner could not switch it off without losing what he uses.
func (p *Pass) bundled(g access.Grant) bool {
	if len(g.Names) == 0 {
		return false
	}
	for _, name := range g.Names {
		needed := slices.ContainsFunc(p.Snapshot.Grants, func(other access.Grant) bool {
			return other.State == access.Granted && other.Capability.Trades() && p.Policy.admits(other.Capability) && slices.Contains(other.Names, name)
		})
		if !needed {
			return false
		}
	}
	return true
}

// excess is how bad a right is that the policy doesn't admit.
func (p *Pass) excess(c access.Capability) Severity {
	switch {
	case c.Trades() && !p.Policy.trades():
		return High
	case (c == access.TradeMargin || c == access.TradeFutures) && !p.Snapshot.IPAllowlist.Restricts():
		return High
	default:
		return Medium
	}
}

func missingPermission(p *Pass) Verdict {
	if len(p.Policy.Needs) == 0 {
		return p.notApplicable("the policy names no right that the key needs")
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
		return p.fail(High, "the policy %q needs %s, and the key lacks it", p.Policy.title(), strings.Join(missing, ", ")).with(evidence)
	case len(open) > 0:
		return p.undetermined(High, "whether the key holds what the policy needs is not known: %s", strings.Join(open, ", ")).
			remedy("Look at the key's page for the rights named, then attest that they are on.")
	default:
		return p.pass(evidence, "the key holds every right the policy %q needs", p.Policy.title())
	}
}

func pairAllowlist(p *Pass) Verdict {
	s, severity := p.Snapshot, Low
	if s.Account.Kind == access.MainAccount {
		severity = Medium
	}
	switch list := &s.PairAllowlist; {
	case s.NeverTrades():
		return p.notApplicable("the key does not trade")
	case len(list.Pairs) > 0:
		return p.pass(access.Reported, "the key is limited to %s: %s", count(len(list.Pairs), "trading pair", "trading pairs"), quoted(list.Pairs))
	case s.Failure != nil:
		return p.undetermined(severity, "there is no answer to look at")
	case !list.Offered:
		return p.notApplicable("the exchange is not known to limit keys to trading pairs")
	case !list.Reported:
		return p.undetermined(severity, "whether the key is limited to trading pairs is not known").
			remedy("Look at the key's page: limit the key to the pairs the bot trades, then attest it.")
	case len(s.GrantedOf(access.FamilyTrade)) == 0:
		return p.undetermined(severity, "the key is limited to no trading pairs, and whether it trades is not known")
	default:
		return p.fail(severity, "the key trades every pair, and the exchange could limit it to some")
	}
}
