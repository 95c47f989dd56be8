package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// destinations are the rights to send funds to a withdrawal address or an account, by
// where they reach. Those that the key is known to lack are in none of the lists.
type destinations struct {
	anywhere []access.Grant // granted, to any withdrawal address
	saved    []access.Grant // to saved addresses only, also where the key may not hold the right
	open     []access.Grant
	sends    bool // the key holds one of them
	evidence access.Evidence
}

// destinations looks at withdrawals and transfers. Payments, cards and the like
// have no withdrawal addresses, and a rule of their own.
func (p *Pass) destinations() destinations {
	sending := []access.Capability{access.Withdraw, access.TransferExternal}
	for _, g := range p.Snapshot.Grants {
		if access.FamilyOf(g.Capability) == access.FamilyWithdraw && !slices.Contains(sending, g.Capability) {
			sending = append(sending, g.Capability)
		}
	}
	d := destinations{evidence: access.Documented}
	for _, c := range sending {
		g := p.Snapshot.Grant(c)
		d.sends = d.sends || g.State == access.Granted
		switch {
		case p.Snapshot.Surely(c, access.Denied):
		case p.disowned(c):
			d.evidence = access.Attested
		case g.State == access.Granted && g.AddressBook == access.BookOff:
			d.anywhere = append(d.anywhere, g)
		case g.AddressBook == access.BookOn, g.AddressBook == access.BookAlways:
			d.saved = append(d.saved, g)
			if g.AddressBook == access.BookOn && d.evidence == access.Documented {
				d.evidence = access.Reported
			}
		default:
			d.open = append(d.open, g)
		}
	}
	return d
}

// askedBy names the rules that ask whether the key holds the open rights; none
// if it is known to hold one of them, so that its limit is what is missing.
func (d *destinations) askedBy() (rules []string) {
	for _, g := range d.open {
		if g.State == access.Granted {
			return nil
		}
		if rule := ruleOfFamily(access.FamilyOf(g.Capability)); !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	return rules
}

func addressBook(p *Pass) Verdict {
	d, change := p.destinations(), p.Snapshot.Grant(access.WithdrawAddresses)
	denied := p.Snapshot.Surely(access.WithdrawAddresses, access.Denied)
	attested := !denied && p.disowned(access.WithdrawAddresses)
	sending := len(d.anywhere)+len(d.saved)+len(d.open) > 0
	switch {
	case !sending && d.evidence == access.Attested:
		return p.pass(access.Attested, "The key cannot send funds to a withdrawal address, as was attested of its rights")
	case !sending:
		return p.notApplicable("The key cannot send funds to a withdrawal address")
	case len(d.anywhere) > 0:
		return p.fail(Critical, "Withdrawals reach any withdrawal address %s", carriers(d.anywhere))
	case d.sends && change.State == access.Granted:
		return p.fail(Critical, "The key can withdraw, and change the withdrawal addresses %s",
			carriers([]access.Grant{change})).with(change.Evidence)
	case len(d.open) > 0:
		return p.undetermined(Critical, "Could not determine whether withdrawals reach only saved addresses %s",
			carriers(d.open)).see(d.askedBy()...)
	case !denied && !attested:
		return p.undetermined(Critical, "Could not determine whether the key can change the withdrawal addresses").
			see(RuleWithdrawalAddresses)
	default:
		if attested {
			d.evidence = access.Attested
		}
		return p.pass(d.evidence, "Withdrawals reach only saved addresses %s", carriers(d.saved))
	}
}

// disowned reports whether the owner attested that the key lacks a right to
// send funds or to change where to, of which the exchange says nothing: they
// attested the rule about it, and the policy does not allow it.
func (p *Pass) disowned(c access.Capability) bool {
	f := access.FamilyOf(c)
	held := len(p.Snapshot.GrantedOf(f)) > 0 // then the exchange says otherwise
	return !held && !p.Policy.admits(c) && p.Policy.attests(ruleOfFamily(f), p.Now)
}

// ruleOfFamily is the rule that asks whether a key can send funds, or change
// where to.
func ruleOfFamily(f access.Family) string {
	switch f {
	case access.FamilyWithdraw:
		return RuleWithdrawal
	case access.FamilyExternal:
		return RuleExternalTransfer
	case access.FamilyAddress:
		return RuleWithdrawalAddresses
	default:
		return ""
	}
}

// carriers names the permissions that carry rights, in parentheses:
// (permission "Wallet.Withdraw", only to saved addresses). A right outside the
// fixed vocabulary, or without a permission of its own, is named itself.
func carriers(grants []access.Grant) string {
	var texts []string
	for _, g := range grants {
		var parts []string
		if len(g.Names) == 0 || !g.Capability.Standard() {
			parts = append(parts, string(g.Capability))
		}
		if n := len(g.Names); n == 1 {
			parts = append(parts, "permission "+quoted(g.Names))
		} else if n > 1 {
			parts = append(parts, "permissions "+quoted(g.Names))
		}
		text := strings.Join(appendText(parts, g.Qualifier), ", ")
		if !slices.Contains(texts, text) { // one permission may carry two rights
			texts = append(texts, text)
		}
	}
	return fmt.Sprintf("(%s)", strings.Join(texts, "; "))
}
