package audit

import (
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const ruleKeyVanished = "key-vanished"

// driftRules tell what has changed since the key was last inspected, so that a
// night in which it could not be hides nothing.
var driftRules = []*Rule{
	{
		ID: "gained-permission", Title: "Rights that the key gained", Severity: Critical, Since: "v0.1.0", Scope: SinceLast,
		Why: "Rights don't grow by themselves: somebody edited the key, or the exchange widened what a permission carries. Either way " +
			"the key can do what nobody has weighed.",
		Remedy:     "Ask who changed the key and why. If nobody did, delete it and look for what else was changed.",
		References: []string{"CWE-269", "NIST SP 800-53 CM-3"},
		Run:        sinceInspected(gainedPermission),
	},
	{
		ID: "lost-permission", Title: "Rights that the key lost", Severity: High, Since: "v0.1.0", Scope: SinceLast,
		Why: "A bot that loses a right stops in the middle of its work: exchanges let rights lapse by themselves, and positions stay " +
			"open with nobody to close them.",
		Remedy:     "Look whether the bot still works. If it needs the right, switch it on again, or make a new key.",
		References: []string{"NIST SP 800-53 CM-3"},
		Run:        sinceInspected(lostPermission),
	},
	{
		ID: "allowlist-widened", Title: "Changes of the IP allowlist", Severity: Critical, Since: "v0.1.0", Scope: SinceLast,
		Why: "The allowlist is what makes a copied key worthless. Whoever means to use a copy takes it away first, or adds an " +
			"address of his own.",
		Remedy:     "Ask who changed the list and why. If nobody did, delete the key; if somebody did, keep only the bot's addresses.",
		References: []string{"CWE-284", "NIST SP 800-53 CM-3"},
		Run:        sinceInspected(allowlistWidened),
	},
	{
		ID: "key-appeared", Title: "Keys that appeared", Severity: High, Since: "v0.1.0", Scope: SinceLast,
		Why: "A new key on the account is how a thief stays: it outlives the password that he used to make it, and nobody looks " +
			"for it.",
		Remedy:     "Ask who made the key named and what for. If nobody did, delete it and change the account's password and second factor.",
		References: []string{"NIST SP 800-53 AC-2"},
		Run:        keyAppeared,
	},
	{
		ID: ruleKeyVanished, Title: "Keys that vanished", Severity: High, Since: "v0.1.0", Scope: SinceLast,
		Why: "A key that is gone was deleted by somebody, or by the exchange. If it was a bot's, that stands still; if nobody deleted " +
			"it, somebody else has the account.",
		Remedy:     "Ask who deleted the key named. If nobody did, look at the account's log for what else was done.",
		References: []string{"NIST SP 800-53 AC-2"},
		Run:        sinceInspected(keyVanished),
	},
	{
		ID: "facts-lost", Title: "Facts that are not told any more", Severity: Medium, Since: "v0.1.0", Scope: SinceLast,
		Why: "What the exchange told last time and doesn't tell now may have changed in between, and nobody would see it. It is not " +
			"taken for unchanged.",
		Remedy:     "Look at the key's page for the facts named, and attest them if the exchange keeps silent.",
		References: []string{"CWE-636", "NIST SP 800-53 CA-7"},
		Run:        factsLost,
	},
	{
		ID: "new-vocabulary", Title: "Permission names new to the exchange", Severity: Medium, Since: "v0.1.0", Scope: SinceLast,
		Why: "A name that this version doesn't know, and that no key of the exchange had before, is a right that the exchange has just " +
			"invented. Such rights are often switched on for keys that exist.",
		Remedy:     "Look up at the exchange what the right named does; a newer version of this library may know it.",
		References: []string{"CWE-636"},
		Run:        newVocabulary,
	},
	{
		ID: "rotated", Title: "A new key under the name", Severity: Info, Since: "v0.1.0", Scope: SinceLast,
		Why:        "That a key was replaced is good news if its owner did it, and the worst if he didn't.",
		Remedy:     "Nothing, if the owner rotated the key: delete the old one at the exchange. If he didn't, find out who put another key there.",
		References: []string{"NIST SP 800-53 IA-5"},
		Run:        sinceInspected(rotated),
	},
	{
		ID: "changed-after-creation", Title: "Edits of the key", Severity: Medium, Since: "v0.1.0", Scope: SinceLast,
		Why: "The exchange says that somebody edited the key, and no audit has looked at it since. Not every edit shows in what the " +
			"exchange tells.",
		Remedy:     "Ask who edited the key and what was changed.",
		References: []string{"NIST SP 800-53 CM-3"},
		Run:        changedAfterCreation,
	},
}

// sinceInspected leaves out what cannot be compared: nothing is taken for
// changed because of a failure, nor for unchanged.
func sinceInspected(run func(*Pass) Verdict) func(*Pass) Verdict {
	return func(p *Pass) Verdict {
		switch {
		case p.Snapshot.Failure != nil:
			return p.notApplicable("the key could not be inspected, so that nothing can be compared")
		case p.baseline.last == nil:
			return p.notApplicable("the key was never inspected before, so that there is nothing to compare with")
		default:
			return run(p)
		}
	}
}

// untold is the answer where a change cannot be told from silence. That is said
// by facts-lost, and by the rules that need the facts, so it stops nobody by
// itself.
func (p *Pass) cannotReport(what string) Verdict {
	return p.undetermined(Medium, "whether %s is not known: the exchange tells less than on %s", what, date(p.baseline.last.TakenAt))
}

func gainedPermission(p *Pass) Verdict {
	d, last := &p.baseline.rights, p.baseline.last
	gravest := Severity(0)
	for _, c := range d.gained {
		gravest = max(gravest, c.severity)
	}
	switch {
	case len(d.gained) > 0:
		return p.fail(gravest, "gained since %s: %s", date(last.TakenAt), describeChanges(d.gained))
	case d.lacked:
		return p.cannotReport("the key gained a right")
	case !p.Snapshot.RightsKnown() && len(p.Snapshot.Unmapped) == 0:
		return p.notApplicable("the exchange doesn't tell the key's rights")
	default:
		return p.pass(access.Reported, "of what the exchange tells, the key holds no right that it did not hold on %s", date(last.TakenAt))
	}
}

func lostPermission(p *Pass) Verdict {
	d, last := &p.baseline.rights, p.baseline.last
	severity := Info
	if slices.ContainsFunc(d.lost, func(c rightChange) bool { return p.Policy.needs(c.capability) }) {
		severity = High
	}
	switch {
	case len(d.lost) > 0:
		return p.fail(severity, "lost since %s: %s", date(last.TakenAt), describeChanges(d.lost))
	case d.held:
		return p.cannotReport("the key lost a right")
	case !last.RightsKnown() && len(last.Unmapped) == 0:
		return p.notApplicable("the exchange did not tell the key's rights")
	default:
		return p.pass(access.Reported, "the key lost no right that it was known to hold on %s", date(last.TakenAt))
	}
}

func allowlistWidened(p *Pass) Verdict {
	d, list := &p.baseline.list, &p.Snapshot.IPAllowlist
	var parts []string
	for _, part := range []struct {
		what    string
		entries []string
	}{{"now also", d.wider}, {"now", d.other}, {"no longer", d.removed}} {
		if len(part.entries) > 0 {
			parts = append(parts, part.what+" "+quoted(part.entries))
		}
	}
	entries := strings.Join(parts, ", ")
	with := func(text string) string {
		if entries == "" {
			return text
		}
		return text + ": " + entries
	}
	switch {
	case d.is == access.Granted && d.was == access.Unknown:
		return p.fail(Critical, "%s", with("the key works from every address; on "+date(p.baseline.last.TakenAt)+" that was not known"))
	case d.is == access.Granted && d.was == access.Denied && list.State == access.AllowlistOff:
		return p.fail(Critical, "%s", with("the allowlist was switched off"))
	case d.is == access.Granted && d.was == access.Denied && len(list.Entries) == 0:
		return p.fail(Critical, "%s", with("the allowlist was removed"))
	case d.is == access.Granted && d.was == access.Denied:
		return p.fail(Critical, "%s", with("the allowlist admits every address now"))
	case d.is == access.Granted && entries != "":
		return p.fail(Info, "%s", with("the allowlist was changed, and admits every address as before"))
	case len(d.wider) > 0 && d.was != access.Granted:
		return p.fail(High, "%s", with("the allowlist was widened"))
	case d.more > 0 && d.was != access.Granted:
		return p.undetermined(Medium, "whether the allowlist was widened is not known: it has %s more, and the exchange masks them", count(d.more, "entry", "entries"))
	case d.was == access.Granted && d.is == access.Denied:
		return p.fail(Info, "%s", with("the allowlist was narrowed: it does not admit every address any more"))
	case entries != "":
		return p.fail(Info, "%s", with("the allowlist was narrowed"))
	case d.was != access.Unknown && d.is == access.Unknown, d.shown && !d.shownIs:
		return p.cannotReport("the allowlist was widened")
	case d.is == access.Unknown:
		return p.notApplicable("whether the key has an IP allowlist is not known, as before")
	case !d.shown && d.shownIs:
		return p.undetermined(Medium, "whether the allowlist was widened is not known: on %s the exchange did not show its addresses", date(p.baseline.last.TakenAt))
	case !d.shownIs:
		return p.notApplicable("the key is bound to addresses, and the exchange doesn't show which")
	default:
		return p.pass(list.Evidence, "what the exchange tells of the allowlist is what it was on %s", date(p.baseline.last.TakenAt))
	}
}

func keyAppeared(p *Pass) Verdict {
	b := p.baseline
	switch {
	case b.result == nil:
		return p.fail(Info, "the key was not in the last report")
	case b.result.Name != p.Name && len(b.others.appeared) == 0: // what is new of the account is graver
		return p.fail(Info, "the key was called %s in the last report", quoteName(b.result))
	}
	return sinceInspected(func(p *Pass) Verdict {
		switch {
		case len(b.others.appeared) > 0:
			return p.fail(High, "the exchange lists keys of the account that it did not list on %s: %s", date(b.last.TakenAt), some(b.others.appeared, ", "))
		case len(b.others.appearedWith) > 0:
			return p.notApplicable("which keys of the account are new is said with %s", b.others.appearedWith)
		case len(p.Snapshot.Siblings) == 0:
			return p.notApplicable("the exchange tells of no other keys of the account")
		default:
			return p.pass(access.Reported, "the exchange lists no key of the account that was not known before")
		}
	})(p)
}

func keyVanished(p *Pass) Verdict {
	others := &p.baseline.others
	switch told := len(p.Snapshot.Siblings) > 0; {
	case len(p.baseline.last.Siblings) == 0:
		return p.notApplicable("the exchange told of no other keys of the account")
	case len(others.vanished) > 0 && !told:
		return p.undetermined(Medium, "the exchange lists no other keys of the account now, and whether these are gone is not known: %s", some(others.vanished, ", "))
	case len(others.vanished) > 0:
		return p.fail(High, "the exchange does not list these keys of the account any more: %s", some(others.vanished, ", "))
	case len(others.vanishedWith) > 0:
		return p.notApplicable("which keys of the account are gone is said with %s", others.vanishedWith)
	case !told:
		return p.notApplicable("the exchange lists no other keys of the account now, and those that it listed are known otherwise")
	default:
		return p.pass(access.Reported, "every key of the account that the exchange listed is still known")
	}
}

func factsLost(p *Pass) Verdict {
	b := p.baseline
	if f := p.Snapshot.Failure; f != nil && b.result != nil && b.result.Inspected() {
		return p.fail(Medium, "the key was inspected on %s, and could not be this time", date(b.last.TakenAt)).
			remedy("Do what the failure asks for: what has changed meanwhile is not known.")
	}
	return sinceInspected(func(p *Pass) Verdict {
		was, is := b.last, p.Snapshot
		told := was.RightsKnown() || len(was.Unmapped) > 0 || (b.list.was != access.Unknown && exchangeSaid(was.IPAllowlist.Evidence))
		lost := appendText(appendText(nil, describeChanges(b.rights.forgotten)), b.list.forgotten)
		sameKey := !b.replaced(is) // a new one may not have been used or edited yet
		for _, fact := range []struct {
			what     string
			had, has bool
		}{
			{"when it was made", !was.Created.IsZero(), !is.Created.IsZero()},
			{"when it was last edited", sameKey && !was.Changed.IsZero(), !is.Changed.IsZero()},
			{"when it was last used", sameKey && !was.LastUsed.IsZero(), !is.LastUsed.IsZero()},
			{"whether and when it expires", !was.Expires.IsZero() || was.NeverExpires, !is.Expires.IsZero() || is.NeverExpires},
			{"whose account it belongs to", was.Account.Kind != access.AccountUnknown, is.Account.Kind != access.AccountUnknown},
		} {
			told = told || fact.had
			if fact.had && !fact.has {
				lost = append(lost, fact.what)
			}
		}
		switch {
		case len(lost) > 0:
			return p.fail(Medium, "the exchange doesn't tell any more what it told on %s: %s", date(was.TakenAt), strings.Join(lost, "; "))
		case !told:
			return p.notApplicable("the exchange told nothing that it could stop telling")
		default:
			return p.pass(access.Reported, "the exchange tells what it told on %s", date(was.TakenAt))
		}
	})(p)
}

func newVocabulary(p *Pass) Verdict {
	switch b := p.baseline; {
	case p.Snapshot.Failure != nil:
		return p.notApplicable("the key could not be inspected")
	case len(b.words) > 0:
		return p.fail(Medium, "no key of the exchange had these permissions in the last report, and this version does not know them: %s", quoted(b.words))
	case b.with != nil:
		return p.notApplicable("which names are new to the exchange is said with %s", b.with.called())
	default:
		return p.notApplicable("the key shows no name that is new to the exchange")
	}
}

func rotated(p *Pass) Verdict {
	b := p.baseline
	switch was, is := b.last, p.Snapshot; {
	case was.Fingerprint == "" || is.Fingerprint == "":
		return p.notApplicable("whether it is the same key is not known")
	case !b.replaced(is):
		return p.pass(access.Reported, "it is the same key as on %s", date(was.TakenAt))
	case b.rights.none() && b.list.none():
		return p.fail(Info, "another key than on %s stands under the name, with the same rights and addresses: %s in place of %s", date(was.TakenAt), is.KeyID, was.KeyID)
	default:
		return p.fail(Info, "another key than on %s stands under the name, and not with the same rights and addresses: %s in place of %s", date(was.TakenAt), is.KeyID, was.KeyID)
	}
}

// changedAfterCreation asks what no report has noted yet.
func changedAfterCreation(p *Pass) Verdict {
	const once = time.Minute // making a key may take two steps
	s, was := p.Snapshot, p.baseline.last
	if p.baseline.replaced(s) {
		was = nil
	}
	switch {
	case s.Failure != nil:
		return p.notApplicable("the key could not be inspected, so that nothing can be compared")
	case s.Changed.IsZero():
		return p.notApplicable("the exchange doesn't say when the key was last edited")
	case was != nil && was.Changed.Equal(s.Changed):
		return p.pass(access.Reported, "the key was not edited since the last report noted it, on %s", date(s.Changed))
	case was != nil && s.Changed.After(was.TakenAt):
		return p.fail(Medium, "the key was edited on %s, after it was looked at on %s", date(s.Changed), date(was.TakenAt))
	case was != nil && !was.Changed.IsZero() && s.Changed.After(was.Changed):
		return p.fail(Medium, "the key was edited on %s, later than the last report knew", date(s.Changed))
	case s.Created.IsZero():
		return p.notApplicable("the exchange doesn't say when the key was made, and no earlier report knows of an edit")
	case s.Changed.Sub(s.Created) > once:
		return p.fail(Medium, "the key was edited on %s, after it was made on %s, and no report has noted it", date(s.Changed), date(s.Created))
	default:
		return p.pass(access.Reported, "the key was not edited since it was made on %s", date(s.Created))
	}
}
