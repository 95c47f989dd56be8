package audit

import (
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const neverOpen = "It is never undetermined: what cannot be compared does not apply."

// driftRules judge what has changed since the key was last inspected, so that a
// run in which it could not be inspected hides nothing.
var driftRules = []*Rule{
	{
		ID: RuleGainedPermission, Title: "Key gained rights", Severity: Critical, Since: "v0.1.0", Scope: SinceLast,
		Why: "Rights don't grow by themselves: somebody edited the key, or the exchange widened what a permission " +
			"carries. Either way the key can do what nobody has approved.",
		Remedy: "Ask who changed the key and why. If nobody did, delete it and check what else was changed.",
		FindOut: "On the key's page, compare its rights with those in the previous report. If it gained one that " +
			"nobody gave it, delete the key; if not, attest this rule.",
		References: []string{"CWE-269", "NIST SP 800-53 CM-3"},
		Run:        sinceInspected(gainedPermission),
	},
	{
		ID: RuleLostPermission, Title: "Key lost rights", Severity: High, Since: "v0.1.0", Scope: SinceLast,
		Why: "A bot that loses a right stops in the middle of its work: exchanges let rights lapse by themselves, " +
			"and positions stay open with nobody to close them.",
		Remedy: "Check that the bot still works. If it needs the right, switch it on again, or create a new key.",
		FindOut: "On the key's page, compare its rights with those in the previous report. Switch on again what the " +
			"bot needs, then attest this rule.",
		References: []string{"NIST SP 800-53 CM-3"},
		Run:        sinceInspected(lostPermission),
	},
	{
		ID: RuleAllowlistWidened, Title: "IP allowlist changed", Severity: Critical, Since: "v0.1.0", Scope: SinceLast,
		Why: "The IP allowlist is what makes a copied key worthless. Anyone who wants to use a copy removes the list " +
			"first, or adds an IP address of their own.",
		Remedy: "Ask who changed the list and why. If nobody did, delete the key; if somebody did, keep only the " +
			"bot's IP addresses.",
		FindOut: "On the key's page, compare the IP allowlist with the one in the previous report. Remove what is " +
			"not an IP address of the bot, then attest this rule.",
		References: []string{"CWE-284", "NIST SP 800-53 CM-3"},
		Run:        sinceInspected(allowlistWidened),
	},
	{
		ID: RuleKeyAppeared, Title: "New key", Severity: High, Since: "v0.1.0", Scope: SinceLast,
		Why: "A new key on the account is how a thief stays: it keeps working when the password is changed, and " +
			"nobody looks for it.",
		Remedy: "Ask who created the key named and what for. If nobody did, delete it and change the account's " +
			"password and second factor.",
		NoFindOut:  neverOpen,
		References: []string{"NIST SP 800-53 AC-2"},
		Run:        keyAppeared,
	},
	{
		ID: RuleKeyVanished, Title: "Missing key", Severity: High, Since: "v0.1.0", Scope: SinceLast,
		Why: "A key that is gone was deleted by somebody, or by the exchange. If it was a bot's, the bot has " +
			"stopped; if nobody deleted it, somebody else has access to the account.",
		Remedy: "Ask who deleted the key named. If nobody did, check the account's log for what else was done.",
		FindOut: "At the exchange, look for the keys named in the account's list of API keys. If one was deleted and " +
			"nobody did it, check the account's log; then attest this rule.",
		References: []string{"NIST SP 800-53 AC-2"},
		Run:        sinceInspected(keyVanished),
	},
	{
		ID: RuleFactsLost, Title: "Facts no longer reported", Severity: Medium, Since: "v0.1.0", Scope: SinceLast,
		Why: "What the exchange reported last time and does not report now may have changed in between, and nobody " +
			"would see it. It is not taken as unchanged.",
		Remedy: "On the key's page, check the facts named. If the exchange keeps silent about them, attest the rules " +
			"that need them.",
		NoFindOut:  neverOpen,
		References: []string{"CWE-636", "NIST SP 800-53 CA-7"},
		Run:        factsLost,
	},
	{
		ID: RuleFactsChanged, Title: "Facts changed", Severity: High, Since: "v0.1.0", Scope: SinceLast,
		Why: "A thief who takes over an account changes more than a key's rights: its pairs, its expiry, or another key. A " +
			"finding that was there before does not show that there is more to it now.",
		Remedy:     "Ask who changed what is named and why. If nobody did, delete the key and check the account's log.",
		NoFindOut:  neverOpen,
		References: []string{"NIST SP 800-53 CM-3"},
		Run:        sinceInspected(factsChanged),
	},
	{
		ID: RuleNewVocabulary, Title: "New permission names at the exchange", Severity: Medium, Since: "v0.1.0",
		Scope: SinceLast,
		Why: "A name that this version does not recognise, and that no key of the exchange had before, is a " +
			"permission that the exchange has just introduced. Such permissions are often switched on for existing " +
			"keys.",
		Remedy: "At the exchange, look up what the permission named allows. A newer version of this library may " +
			"recognise it.",
		NoFindOut:  neverOpen,
		References: []string{"CWE-636"},
		Run:        newVocabulary,
	},
	{
		ID: RuleRotated, Title: "Key rotated", Severity: Info, Since: "v0.1.0", Scope: SinceLast,
		Why: "That a key was replaced is good news if its owner did it, and the worst if they did not.",
		Remedy: "If the owner rotated the key, delete the old one at the exchange. If they did not, find out who put " +
			"another key there.",
		NoFindOut:  neverOpen,
		References: []string{"NIST SP 800-53 IA-5"},
		Run:        sinceInspected(rotated),
	},
	{
		ID: RuleChangedAfterCreation, Title: "Key was edited", Severity: Medium, Since: "v0.1.0", Scope: SinceLast,
		Why: "The exchange reports that somebody edited the key, and no audit has looked at it since. Not every edit " +
			"shows in what the exchange reports.",
		Remedy:     "Ask who edited the key and what was changed.",
		NoFindOut:  neverOpen,
		References: []string{"NIST SP 800-53 CM-3"},
		Run:        changedAfterCreation,
	},
}

const notComparable = "The key could not be inspected, so nothing can be compared"

// sinceInspected leaves out what cannot be compared: nothing is taken as
// changed because of a failure, nor as unchanged.
func sinceInspected(run func(*Pass) Verdict) func(*Pass) Verdict {
	return func(p *Pass) Verdict {
		switch {
		case p.Snapshot.Failure != nil:
			return p.notApplicable(notComparable)
		case p.baseline.last == nil:
			return p.notApplicable("The key was never inspected before, so there is nothing to compare with")
		default:
			return run(p)
		}
	}
}

func gainedPermission(p *Pass) Verdict {
	d, last := &p.baseline.rights, p.baseline.last
	severity := Severity(0)
	for _, c := range d.gained {
		severity = max(severity, c.severity)
	}
	switch {
	case len(d.gained) > 0:
		return p.fail(severity, "Gained since %s: %s", date(last.TakenAt), describeChanges(d.gained))
	case d.lacked:
		return p.cannotReport("the key gained a right")
	case !p.Snapshot.RightsKnown() && len(p.Snapshot.Unmapped) == 0:
		return p.notApplicable("The exchange does not report the key's rights")
	default:
		return p.pass(access.Reported, "As far as the exchange reports, the key has no right that it did not have on %s",
			date(last.TakenAt))
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
		return p.fail(severity, "Lost since %s: %s", date(last.TakenAt), describeChanges(d.lost))
	case d.held:
		return p.cannotReport("the key lost a right")
	case !last.RightsKnown() && len(last.Unmapped) == 0:
		return p.notApplicable("The exchange did not report the key's rights")
	default:
		return p.pass(access.Reported, "The key lost no right that it was known to have on %s", date(last.TakenAt))
	}
}

func keyAppeared(p *Pass) Verdict {
	b := p.baseline
	switch {
	case b.result == nil:
		return p.fail(Info, "The key was not in the previous report")
	case b.result.Name != p.Name && len(b.others.appeared) == 0: // what is new on the account is worse
		return p.fail(Info, "The key was called %s in the previous report", quoteName(b.result))
	}
	return sinceInspected(func(p *Pass) Verdict {
		switch {
		case len(b.others.appeared) > 0:
			return p.fail(High, "The exchange lists keys of the account that it did not list on %s: %s",
				date(b.last.TakenAt), some(b.others.appeared, ", "))
		case len(b.others.appearedWith) > 0:
			return p.notApplicable("The new keys of the account are listed with %s", b.others.appearedWith)
		case len(p.Snapshot.Siblings) == 0:
			return p.notApplicable("The exchange reports no other keys of the account")
		default:
			return p.pass(access.Reported, "The exchange lists no key of the account that was unknown before")
		}
	})(p)
}

func keyVanished(p *Pass) Verdict {
	others := &p.baseline.others
	switch lists := len(p.Snapshot.Siblings) > 0; {
	case len(p.baseline.last.Siblings) == 0:
		return p.notApplicable("The exchange reported no other keys of the account")
	case len(others.vanished) > 0 && !lists:
		return p.undetermined(Medium, "The exchange lists no other keys of the account now; could not determine "+
			"whether these are gone: %s",
			some(others.vanished, ", "))
	case len(others.vanished) > 0:
		return p.fail(High, "The exchange no longer lists these keys of the account: %s", some(others.vanished, ", "))
	case len(others.vanishedWith) > 0:
		return p.notApplicable("The missing keys of the account are listed with %s", others.vanishedWith)
	case !lists:
		return p.notApplicable("The exchange lists no other keys of the account now, and those that it listed are " +
			"known otherwise")
	default:
		return p.pass(access.Reported, "Every key of the account that the exchange listed is still known")
	}
}

func factsLost(p *Pass) Verdict {
	b := p.baseline
	if f := p.Snapshot.Failure; f != nil && b.result != nil && b.result.Inspected() {
		return p.fail(Medium, "The key was inspected on %s, and could not be this time", date(b.last.TakenAt)).
			remedy("Fix what the failure names: until then nobody sees what changes.")
	}
	return sinceInspected(func(p *Pass) Verdict {
		was := b.last
		lost, reported := b.factsLost(p.Snapshot)
		switch {
		case len(lost) > 0:
			return p.fail(Medium, "The exchange no longer reports what it reported on %s: %s",
				date(was.TakenAt), strings.Join(lost, "; "))
		case !reported:
			return p.notApplicable("The exchange reported nothing that it could stop reporting")
		default:
			return p.pass(access.Reported, "The exchange reports what it reported on %s", date(was.TakenAt))
		}
	})(p)
}

// factsLost names what was reported and is no longer, and says whether anything
// was.
func (b *baseline) factsLost(is *access.Snapshot) (lost []string, reported bool) {
	was := b.last
	reported = was.RightsKnown() || len(was.Unmapped) > 0 ||
		(b.list.was != access.Unknown && exchangeSaid(was.IPAllowlist.Evidence))
	lost = appendText(appendText(nil, describeChanges(b.rights.forgotten)), b.list.forgotten)
	sameKey := !b.replaced(is) // a new one may not have been used or edited yet
	for _, fact := range []struct {
		what     string
		had, has bool
	}{
		{"when it was created", !was.Created.IsZero(), !is.Created.IsZero()},
		{"when it was last edited", sameKey && !was.Changed.IsZero(), !is.Changed.IsZero()},
		{"when it was last used", sameKey && !was.LastUsed.IsZero(), !is.LastUsed.IsZero()},
		{"whether and when it expires", expiryKnown(was), expiryKnown(is)},
		{"whose account it belongs to", was.Account.Kind != access.AccountUnknown, is.Account.Kind != access.AccountUnknown},
	} {
		reported = reported || fact.had
		if fact.had && !fact.has {
			lost = append(lost, fact.what)
		}
	}
	return lost, reported
}

func newVocabulary(p *Pass) Verdict {
	switch b := p.baseline; {
	case p.Snapshot.Failure != nil:
		return p.notApplicable(notComparable)
	case len(b.words) > 0:
		return p.fail(Medium, "New, unrecognised permissions: %s", quoted(b.words))
	case b.with != nil:
		return p.notApplicable("The names new to the exchange are listed with %s", b.with.called())
	default:
		return p.notApplicable("The key has no permission whose name is new to the exchange")
	}
}

func rotated(p *Pass) Verdict {
	b := p.baseline
	switch was, is := b.last, p.Snapshot; {
	case was.Fingerprint == "" || is.Fingerprint == "":
		return p.notApplicable("Could not determine whether it is the same key")
	case !b.replaced(is):
		return p.pass(access.Reported, "It is the same key as on %s", date(was.TakenAt))
	case b.rights.none() && b.list.none():
		return p.fail(Info, "The key was replaced since %s, with the same rights and IP addresses: %s in place of %s",
			date(was.TakenAt), is.KeyID, was.KeyID)
	default:
		return p.fail(Info, "The key was replaced since %s, with other rights or IP addresses: %s in place of %s",
			date(was.TakenAt), is.KeyID, was.KeyID)
	}
}

// changedAfterCreation asks for edits that no report has noted yet.
func changedAfterCreation(p *Pass) Verdict {
	const once = time.Minute // creating a key may take two steps
	s, was := p.Snapshot, p.baseline.last
	if p.baseline.replaced(s) {
		was = nil
	}
	switch {
	case s.Failure != nil:
		return p.notApplicable(notComparable)
	case s.Changed.IsZero():
		return p.notApplicable("The exchange does not report when the key was last edited")
	case was != nil && was.Changed.Equal(s.Changed):
		return p.pass(access.Reported, "The key was not edited since the previous report noted it, on %s", date(s.Changed))
	case was != nil && s.Changed.After(was.TakenAt):
		return p.fail(Medium, "The key was edited on %s, after it was inspected on %s", date(s.Changed), date(was.TakenAt))
	case was != nil && !was.Changed.IsZero() && s.Changed.After(was.Changed):
		return p.fail(Medium, "The key was edited on %s, later than the previous report knew", date(s.Changed))
	case s.Created.IsZero():
		return p.notApplicable("The exchange does not report when the key was created, and no earlier report knows " +
			"of an edit")
	case s.Changed.Sub(s.Created) > once:
		return p.fail(Medium, "The key was edited on %s, after it was created on %s, and no report has noted it",
			date(s.Changed), date(s.Created))
	default:
		return p.pass(access.Reported, "The key was not edited since it was created on %s", date(s.Created))
	}
}
