package audit

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// exitRules judge the ways in which money can leave or be tied up.
var exitRules = []*Rule{
	{
		ID: "withdrawal", Title: "Right to withdraw", Severity: Critical, Since: "v0.1.0",
		Why: "Whoever copies a key that can withdraw empties the account in one request. Bots don't need the right: " +
			"they trade, and a person withdraws.",
		Remedy:     "Edit the key and switch the withdrawal right off, or make a new key without it and delete this one.",
		References: []string{"CWE-250", "CWE-272", "NHI5:2025"},
		Run:        exit(access.FamilyWithdraw, access.Withdraw, fixed(Critical), "withdraw funds"),
	},
	{
		ID: "external-transfer", Title: "Right to send funds to other users", Severity: Critical, Since: "v0.1.0",
		Why: "Payments, gift codes, peer-to-peer sales and internal sends reach other users of the exchange within seconds, " +
			"without a chain, often without the checks that withdrawals have.",
		Remedy:     "Edit the key and switch off every right to pay or send to other users.",
		References: []string{"CWE-250", "CWE-272", "NHI5:2025"},
		Run:        exit(access.FamilyExternal, access.TransferExternal, fixed(Critical), "send funds to other users"),
	},
	{
		ID: "withdrawal-addresses", Title: "Right to change withdrawal addresses", Severity: Critical, Since: "v0.1.0",
		Why: "The address book limits a thief to the owner's own addresses. A key that adds or changes addresses undoes it, " +
			"for itself or for the next key.",
		Remedy:     "Edit the key and switch off the rights to add, change or confirm withdrawal addresses.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        exit(access.FamilyAddress, access.WithdrawAddresses, fixed(Critical), "change withdrawal addresses"),
	},
	{
		ID: "address-book", Title: "Withdrawals to saved addresses only", Severity: Critical, Since: "v0.1.0",
		Why: "Where withdrawals reach only addresses that the owner saved beforehand, a copied key can send the money nowhere but " +
			"home. Without that list, or with the right to change it, it goes where the thief likes.",
		Remedy: "Switch on that the account withdraws to saved addresses only, or take the right to withdraw and the right to change " +
			"the addresses away from the key.",
		References: []string{"CWE-284", "NHI5:2025"},
		Run:        addressBook,
	},
	{
		ID: "internal-transfer", Title: "Right to move funds between own accounts", Severity: High, Since: "v0.1.0",
		Why: "A key that moves funds brings the whole account's money within reach of a trading key: from cold sub-accounts " +
			"to the one where it can be lost.",
		Remedy:     "Switch the transfer right off, and move funds by hand or with a key that does nothing else.",
		References: []string{"CWE-250", "NHI5:2025"},
		Run:        exit(access.FamilyInternal, access.TransferInternal, onMainAccount(Medium, High), "move funds between the owner's accounts"),
	},
	{
		ID: "key-management", Title: "Right to manage API keys", Severity: Critical, Since: "v0.1.0",
		Why: "A key that creates or changes keys can give itself, or a new key, every right it lacks and take the IP " +
			"allowlist away.",
		Remedy:     "Switch off the right to manage API keys; make and change keys by hand.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        exit(access.FamilyKeys, access.APIKeyManage, fixed(Critical), "create, widen or re-bind API keys"),
	},
	{
		ID: "subaccount-management", Title: "Right to manage sub-accounts", Severity: High, Since: "v0.1.0",
		Why:        "Sub-accounts wall money off from a trading key. A key that manages them can tear the walls down or freeze the others.",
		Remedy:     "Switch off the right to create and manage sub-accounts.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        exit(access.FamilySubaccount, access.SubaccountManage, fixed(High), "create or manage sub-accounts"),
	},
	{
		ID: "off-book-dealing", Title: "Right to deal outside the order book", Severity: Medium, Since: "v0.1.0",
		Why: "Convert, block and copy trades are made at a price that one side sets. A thief who is the other side names the price.",
		Remedy: "Switch off convert, OTC, block-trade and copy-trading rights that the bot doesn't use, or allow them in the " +
			"policy.",
		References: []string{"CWE-272", "NHI5:2025"},
		Run:        side(access.FamilyOffBook, "deal outside the order book"),
	},
	{
		ID: "lock-up", Title: "Right to tie funds up", Severity: Medium, Since: "v0.1.0",
		Why:        "Earn, staking and lending products can hold funds for days or months, out of the owner's reach when he needs them.",
		Remedy:     "Switch off earn, staking and lending rights that the bot doesn't use, or allow them in the policy.",
		References: []string{"CWE-272", "NHI5:2025"},
		Run:        side(access.FamilyLockUp, "tie funds up in products"),
	},
	{
		ID: "other-keys-secrets", Title: "Reads the secrets of other keys", Severity: Critical, Since: "v0.1.0",
		Why: "Whoever holds this key holds every key whose secret it can read, whatever its own rights are. It was seen in the " +
			"exchange's answer; the secrets were dropped unread.",
		Remedy:     "Take the right to read account data away from this key, and rotate the keys it could see.",
		References: []string{"CWE-522", "NHI2:2025"},
		Run: func(p *Pass) Verdict {
			switch held := p.Snapshot.GrantedOf(access.FamilySecrets); {
			case len(held) > 0:
				return p.fail(Critical, "the exchange's answer held secrets of other keys: %s", describeAll(held))
			case len(p.Snapshot.UnknownOf(access.FamilySecrets)) > 0:
				return p.undetermined(Critical, "whether the key can read the secrets of other keys is not known")
			case p.Snapshot.Failure != nil || !p.Snapshot.RightsKnown():
				return p.undetermined(Medium, "there is no answer to look at")
			default:
				return p.pass(access.Reported, "no answer of the exchange held another key's secret")
			}
		},
	},
}

// severityFor chooses the severity of a failure in its context.
type severityFor func(p *Pass, grants []access.Grant) Severity

func fixed(s Severity) severityFor { return func(*Pass, []access.Grant) Severity { return s } }

// onMainAccount: the main account has more to lose. What comes with a trading
// right that the policy needs is no reason to stop a bot, for its owner could
// not switch it off alone.
func onMainAccount(elsewhere, main Severity) severityFor {
	return func(p *Pass, grants []access.Grant) Severity {
		alone := slices.ContainsFunc(grants, func(g access.Grant) bool { return !p.bundled(g) })
		if p.Snapshot.Account.Kind == access.MainAccount && alone {
			return main
		}
		return elsewhere
	}
}

// exit makes a rule for a right that the fixed vocabulary has a word for: it
// fails if any right of the family is held that the policy doesn't admit, and
// passes only if nothing of the family is left unknown.
func exit(f access.Family, c access.Capability, severity severityFor, power string) func(*Pass) Verdict {
	return func(p *Pass) Verdict {
		s := p.Snapshot
		held, open := s.GrantedOf(f), s.UnknownOf(f)
		if s.Grant(c).State == access.Unknown && len(open) == 0 { // it is not even listed
			open = []access.Grant{{Capability: c}}
		}
		if bad := p.notAdmitted(held); len(bad) > 0 {
			return p.fail(severity(p, bad), "the key can %s: %s", power, describeAll(bad)).with(bad[0].Evidence)
		}
		if len(open) > 0 {
			return p.undetermined(severity(p, open), "whether the key can %s is not known: %s", power, describeAll(open)).
				remedy("Look at the key's page for the right to " + power + ": switch it off, or attest that it is off.")
		}
		if len(held) > 0 {
			return p.pass(held[0].Evidence, "the key can %s, as its policy admits: %s", power, describeAll(held))
		}
		g := s.Grant(c)
		if g.Evidence == access.Documented {
			text := "the exchange has no permission of its own to " + power
			if slices.ContainsFunc(s.Grants, func(g access.Grant) bool { return g.State == access.Granted && len(g.Implies) > 0 }) {
				text += "; what the key's other rights include is noted with them"
			}
			return p.pass(access.Documented, "%s", text)
		}
		return p.pass(g.Evidence, "the key cannot %s", power)
	}
}

// side makes a rule for rights outside the fixed vocabulary. Such rights are
// known only by being listed, so it passes when the exchange told all of the key's
// rights and none of the family is among them.
func side(f access.Family, power string) func(*Pass) Verdict {
	return func(p *Pass) Verdict {
		held := p.Snapshot.GrantedOf(f)
		if bad := p.notAdmitted(held); len(bad) > 0 {
			return p.fail(Medium, "the key can %s: %s", power, describeAll(bad)).with(bad[0].Evidence)
		}
		if open := p.Snapshot.UnknownOf(f); len(open) > 0 {
			return p.undetermined(Medium, "whether the key can %s is not known: %s", power, describeAll(open))
		}
		if !p.Snapshot.AllRightsReported() {
			return p.undetermined(Medium, "whether the key can %s is not known", power)
		}
		if len(held) > 0 {
			return p.pass(held[0].Evidence, "the key can %s, as its policy admits: %s", power, describeAll(held))
		}
		return p.pass(access.Reported, "the key has no permission to %s", power)
	}
}

// addressBook looks at the rights that send funds to an address or an account.
// Payments, cards and the like know neither, and have a rule of their own.
func addressBook(p *Pass) Verdict {
	s := p.Snapshot
	sending := []access.Capability{access.Withdraw, access.TransferExternal}
	for _, g := range s.Grants {
		if access.FamilyOf(g.Capability) == access.FamilyWithdraw && !slices.Contains(sending, g.Capability) {
			sending = append(sending, g.Capability)
		}
	}
	var free, saved, open []access.Grant
	sends, evidence := false, access.Documented
	lacks := func(c access.Capability) bool {
		known := s.Surely(c, access.Denied)
		if !known && p.disowned(c) {
			evidence, known = access.Attested, true
		}
		return known
	}
	for _, c := range sending {
		g := s.Grant(c)
		sends = sends || g.State == access.Granted
		switch {
		case lacks(c):
		case g.State == access.Granted && g.AddressBook == access.BookOff:
			free = append(free, g)
		case g.AddressBook == access.BookOn, g.AddressBook == access.BookAlways: // also if the key may not hold it
			saved = append(saved, g)
			if g.AddressBook == access.BookOn && evidence == access.Documented {
				evidence = access.Reported
			}
		default:
			open = append(open, g)
		}
	}
	const look = "Look at the account's settings: let withdrawals go to saved addresses only, then attest it."
	switch change := s.Grant(access.WithdrawAddresses); {
	case len(free)+len(saved)+len(open) == 0 && evidence == access.Attested:
		return p.pass(access.Attested, "the key cannot send funds to an address, as was attested of its rights")
	case len(free)+len(saved)+len(open) == 0:
		return p.notApplicable("the key cannot send funds to an address")
	case len(free) > 0:
		return p.fail(Critical, "withdrawals reach every address: %s", describeAll(free))
	case sends && change.State == access.Granted:
		return p.fail(Critical, "the key can withdraw, and change where to: %s", describeAll([]access.Grant{change})).with(change.Evidence)
	case len(open) > 0:
		return p.undetermined(Critical, "whether withdrawals reach saved addresses only is not known: %s", describeAll(open)).remedy(look)
	case !lacks(access.WithdrawAddresses):
		return p.undetermined(Critical, "whether the key can withdraw, and change where to, is not known").remedy(look)
	default:
		return p.pass(evidence, "withdrawals reach only addresses that were saved beforehand: %s", describeAll(saved))
	}
}

// disowned reports whether the owner attested that the key lacks a right to
// send funds or to change where to, of which the exchange says nothing: he
// attested the rule about it, and the policy doesn't admit it.
func (p *Pass) disowned(c access.Capability) bool {
	rule := map[access.Family]string{access.FamilyWithdraw: "withdrawal", access.FamilyExternal: "external-transfer", access.FamilyAddress: "withdrawal-addresses"}[access.FamilyOf(c)]
	held := len(p.Snapshot.GrantedOf(access.FamilyOf(c))) > 0 // then the exchange speaks against him
	return !held && !p.Policy.admits(c) && p.Policy.attests(rule, p.Now)
}

func (v Verdict) remedy(text string) Verdict { v.Remedy = text; return v }

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

func describeAll(grants []access.Grant) string {
	texts := make([]string, len(grants))
	for i, g := range grants {
		texts[i] = g.Describe()
	}
	return strings.Join(texts, "; ")
}
