package audit

import (
	"fmt"
	"slices"
	"strings"
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
			read := p.Snapshot.Grant(Read)
			switch {
			case len(p.Snapshot.granted(familyTrade)) == 0 && p.Snapshot.told():
				return p.notApplicable("the key does not trade")
			case len(p.Snapshot.granted(familyTrade)) == 0 || read.State == Unknown:
				return p.undetermined(Medium, "whether the key can trade and read is not known")
			case read.State == Denied:
				return p.fail(Medium, "the key can trade but not read").with(read.Evidence)
			default:
				return p.pass(read.Evidence, "the key can trade and read")
			}
		},
	},
}

// excessPermission looks at trading rights, and at every other right that no
// rule of its own covers.
func excessPermission(p *Pass) Verdict {
	s := p.Snapshot
	worst := Severity(0)
	var bad, bundled, open []string
	openSeverity := Medium
	for _, g := range s.Grants {
		f := familyOf(g.Capability)
		if (f != familyTrade && f != familyOther) || p.Policy.admits(g.Capability) {
			continue
		}
		switch {
		case g.State == Granted && p.bundled(g):
			bundled = append(bundled, string(g.Capability))
		case g.State == Granted:
			worst = max(worst, p.excess(g.Capability))
			bad = append(bad, g.describe())
		case g.State == Unknown && f == familyOther:
			open = append(open, string(g.Capability))
		}
	}
	for _, c := range []Capability{TradeSpot, TradeMargin, TradeFutures, TradeOptions} {
		if s.Grant(c).State == Unknown && !p.Policy.admits(c) {
			open = append(open, string(c))
			if !p.Policy.trades() {
				openSeverity = High
			}
		}
	}
	note := ""
	if len(bundled) > 0 {
		note = fmt.Sprintf("; %s comes with a right the policy needs and cannot be switched off alone", strings.Join(bundled, ", "))
	}
	switch {
	case len(bad) > 0:
		return p.fail(worst, "the policy %q does not admit %s", p.policyName(), strings.Join(bad, "; "))
	case len(open) > 0:
		return p.undetermined(openSeverity, "whether the key holds more than the policy admits is not known: %s", strings.Join(open, ", "))
	default:
		return p.pass(Told, "the key holds nothing that the policy %q does not admit%s", p.policyName(), note)
	}
}

func (p *Pass) policyName() string {
	if p.Policy.Name == "" {
		return "unnamed"
	}
	return p.Policy.Name
}

// bundled reports whether each of the venue's permissions that carry a grant
// also carries a trading or reading right that the policy needs: the owner
// could not switch it off without losing what he needs.
func (p *Pass) bundled(g Grant) bool {
	if len(g.Names) == 0 {
		return false
	}
	for _, name := range g.Names {
		needed := slices.ContainsFunc(p.Snapshot.Grants, func(other Grant) bool {
			return other.Capability.Trades() && p.Policy.admits(other.Capability) && slices.Contains(other.Names, name)
		})
		if !needed {
			return false
		}
	}
	return true
}

// excess is how bad a right is that the policy doesn't admit.
func (p *Pass) excess(c Capability) Severity {
	switch {
	case c.Trades() && !p.Policy.trades():
		return High
	case (c == TradeMargin || c == TradeFutures) && p.Snapshot.IPAllowlist.State != AllowlistRestricted:
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
	evidence := Told
	for _, c := range p.Policy.Needs {
		switch g := p.Snapshot.Grant(c); g.State {
		case Denied:
			text := string(c)
			if len(g.Names) > 0 {
				text += fmt.Sprintf(" (%s)", strings.Join(g.Names, " or "))
			}
			missing = append(missing, text)
			evidence = g.Evidence
		case Unknown:
			open = append(open, string(c))
		case Granted:
			evidence = g.Evidence
		}
	}
	switch {
	case len(missing) > 0:
		return p.fail(High, "the policy %q needs %s, and the key lacks it", p.policyName(), strings.Join(missing, ", ")).with(evidence)
	case len(open) > 0:
		return p.undetermined(High, "whether the key holds what the policy needs is not known: %s", strings.Join(open, ", ")).
			remedy("Look at the key's page for the rights named, then attest that they are on.")
	default:
		return p.pass(evidence, "the key holds every right the policy %q needs", p.policyName())
	}
}
