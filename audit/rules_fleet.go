package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// fleetRules compare the keys of a run with one another.
var fleetRules = []*Rule{
	{
		ID: "shared-key", Title: "One key under several names", Severity: High, Since: "v0.1.0", Scope: WholeFleet,
		Why: "A key that several bots hold leaks with the weakest of them, can be given no more than the least of their rights, and " +
			"cannot be taken from one without stopping the others. Nobody can tell from the exchange's records who did what.",
		Remedy:     "Make a key of its own for each bot, or remove the double entry.",
		References: []string{"NHI9:2025", "NIST SP 800-53 IA-5"},
		Run:        sharedKey,
	},
	{
		ID: "unlisted-key", Title: "Keys that nobody audits", Severity: Critical, Since: "v0.1.0", Scope: WholeFleet,
		Why: "A key that stands in no inventory was forgotten, or made by somebody who should not have. Its rights are open to " +
			"whoever has it, however well the other keys are kept.",
		Remedy:     "Delete the keys named at the exchange, or put them into the inventory if something needs them.",
		References: []string{"NHI1:2025", "NIST SP 800-53 AC-2"},
		Run:        unlistedKey,
	},
	{
		ID: "stronger-sibling", Title: "Other keys of the account", Severity: High, Since: "v0.1.0", Scope: WholeFleet,
		Why: "What a thief cannot do with one key he does with two: one brings the money to where the other can take it. And a bound " +
			"key protects nothing while another one of the account withdraws from everywhere.",
		Remedy:     "Take the right to move funds or to withdraw away from one of the keys, and bind every key of the account to addresses.",
		References: []string{"CWE-269", "NHI5:2025"},
		Run:        strongerSibling,
	},
}

func sharedKey(p *Pass) Verdict {
	mine := p.fleet.self.fingerprint()
	if mine == "" {
		return p.undetermined(High, "the key was not read, so that nobody knows whether it stands under another name too")
	}
	var others []string
	for _, r := range p.fleet.all.audited[mine] {
		if r != p.fleet.self {
			others = append(others, r.called()+r.Record.Source.in())
		}
	}
	if len(others) > 0 {
		return p.fail(High, "the same key stands under %s", some(others, ", "))
	}
	return p.pass(access.Reported, "no other key that was read is this one")
}

// unlistedKey goes by the last list there was, so that a night without an answer
// hides nothing.
func unlistedKey(p *Pass) Verdict {
	self, all, known := p.fleet.self, p.fleet.all, p.fleet.self.known()
	switch {
	case known.Failure != nil:
		return p.undetermined(High, "what other keys the account has is not known")
	case len(known.Siblings) == 0:
		return p.notApplicable("the exchange tells of no other keys of the account")
	}
	gravest, gravestOpen := Severity(0), Severity(0)
	var bad, open []string
	var elsewhere names
	for _, s := range known.Siblings {
		if s == nil {
			continue
		}
		state := all.unlisted(self, s)
		first := all.first[self.sibling(s)]
		switch {
		case state == access.Denied:
		case first != self:
			elsewhere = elsewhere.and(first.called())
		case state == access.Granted:
			bad, gravest = append(bad, siblingName(s)), max(gravest, threat(s))
		default:
			open, gravestOpen = append(open, siblingName(s)), max(gravestOpen, threat(s))
		}
	}
	when := ""
	if !self.Inspected() {
		when = ", as listed on " + date(known.TakenAt)
	}
	switch {
	case len(bad) > 0:
		if len(open) > 0 {
			when += "; nor perhaps these: " + some(open, ", ")
		}
		return p.fail(gravest, "nobody audits these keys of the account: %s%s", some(bad, ", "), when)
	case len(open) > 0:
		return p.undetermined(gravestOpen, "whether these keys of the account are audited is not known: %s%s", some(open, ", "), when).
			remedy("Look at the exchange's list of keys: delete what nobody needs, audit the rest, then attest it.")
	case len(elsewhere) > 0:
		return p.notApplicable("which keys of the account nobody audits is said with %s", elsewhere)
	default:
		return p.pass(access.Reported, "every other key of the account that the exchange lists is audited too: %s", count(len(known.Siblings), "key", "keys"))
	}
}

// threat is how bad it is that nobody watches a key. What is not known counts
// as held.
func threat(s *access.Snapshot) Severity {
	if s.KeyState != access.KeyExpired && (harmFromAnywhere(s) == Critical || !s.Surely(access.Withdraw, access.Denied) || s.IPAllowlist.UsableFromAnywhere() != access.Denied) {
		return Critical
	}
	return High
}

func strongerSibling(p *Pass) Verdict {
	if p.Snapshot.Failure != nil {
		return p.undetermined(High, "what this key can do is not known")
	}
	own := p.fleet.all.reaches[p.fleet.self]
	if own.withdraws == access.Granted {
		return p.notApplicable("the key can withdraw by itself")
	}
	var together, freer, open names
	for other := range p.fleet.neighbours() {
		joint := both(own.moves, other.withdraws)
		outflanked := both(both(not(own.withdraws), not(own.free)), both(other.withdraws, other.free))
		switch {
		case joint == access.Granted && !together.full():
			together = together.and(other.called())
		case outflanked == access.Granted && !freer.full():
			freer = freer.and(other.called())
		case (joint == access.Unknown || outflanked == access.Unknown) && !open.full():
			open = open.and(other.called())
		}
	}
	var texts []string
	if len(together) > 0 {
		texts = append(texts, "two keys together withdraw: this one moves funds between the owner's accounts, and "+together.String()+" can withdraw them")
	}
	if len(freer) > 0 {
		texts = append(texts, "this key is bound and cannot withdraw, and another key of the account withdraws from every address: "+freer.String())
	}
	switch {
	case len(texts) > 0:
		return p.fail(High, "%s", strings.Join(texts, "; "))
	case len(open) > 0:
		return p.undetermined(High, "whether another key of the account makes this one more dangerous is not known: %s", open)
	case p.fleet.alone():
		return p.notApplicable("no other key of the account is known")
	default:
		return p.pass(access.Reported, "no other key of the account that is known makes this one more dangerous")
	}
}

// names are keys named in a sentence, each once and no more than ten.
type names []string

func (n names) and(name string) names {
	if n.full() || slices.Contains(n, name) {
		return n
	}
	return append(n, name)
}

// full reports whether more names would not be told.
func (n names) full() bool { return len(n) > mostNames }

// String lists the names.
func (n names) String() string {
	if len(n) > mostNames {
		return strings.Join(n[:mostNames], ", ") + " and others"
	}
	return strings.Join(n, ", ")
}

const mostNames = 10

// called is the key's name and place, as a sentence needs it.
func (r *Result) called() string {
	place := strings.TrimSpace(cmp.Or(r.Title, r.Exchange) + " " + r.known().Environment)
	return fmt.Sprintf("%s (%s)", quoteName(r), place)
}

// in is where a key is named, as a sentence needs it.
func (s Source) in() string {
	if s.File == "" {
		return ""
	}
	return fmt.Sprintf(" in %q", access.Printable(s.File))
}

// siblingName is what the exchange calls a key of the account.
func siblingName(s *access.Snapshot) string {
	text := cmp.Or(s.KeyID, "a key without an identifier")
	if s.Label != "" {
		text += fmt.Sprintf(" (%q)", s.Label)
	}
	return text
}
