package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// lifetimeRules judge how old a key is and how long it will live.
var lifetimeRules = []*Rule{
	{
		ID: RuleKeyAge, Title: "Key is too old", Severity: High, Since: "v0.1.0",
		Why: "The longer a key lives, the more backups, logs and former colleagues have seen it. Rotation puts an " +
			"end to all of those at once.",
		Remedy: "Create a new key with the same rights and the same IP allowlist, move the bot to it, then delete " +
			"this one.",
		FindOut: "On the key's page or in your records, look up when the key was created. Attest this rule until the " +
			"day on which it should be replaced.",
		References: []string{"CWE-262", "NHI7:2025"},
		Run:        unlessClosing(keyAge),
	},
	{
		ID: RuleKeyExpiry, Title: "Key expires soon or has expired", Severity: High, Since: "v0.1.0",
		Why:    "A key that expires while positions are open leaves the bot unable to close them.",
		Remedy: "Create a new key before that day and move the bot to it.",
		FindOut: "On the key's page, check whether and when the key expires. Attest this rule until that day, or " +
			"until you want to look again.",
		References: []string{"CWE-324", "NHI7:2025"},
		Run:        unlessClosing(keyExpiry),
	},
	{
		ID: RuleExchangeExpiry, Title: "Exchange will expire or restrict the key", Severity: High, Since: "v0.1.0",
		Why: "Some exchanges delete, expire or restrict keys themselves, mostly those that are usable from any IP " +
			"address. A bot gets no warning.",
		Remedy: "Edit the key and restrict it to the IP address the bot runs from, or create a new key before that " +
			"day and move the bot to it.",
		Task: adapter.SetAllowlist,
		FindOut: "On the key's page and in the exchange's rules, look up whether it will delete, expire or restrict " +
			"this key. Attest this rule until that day.",
		References: []string{"CWE-324"},
		Run:        unlessClosing(exchangeExpiry),
	},
	{
		ID: RuleKeyState, Title: "Key is disabled, locked or pending", Severity: High, Since: "v0.1.0",
		Why: "A key that is switched off, locked or pending does not serve the bot, and one that nobody needs should " +
			"be deleted.",
		Remedy:     "At the exchange, find out why the key is in this state. Delete it if nothing needs it.",
		Task:       adapter.DeleteKey,
		FindOut:    "On the key's page, check that the key is active, then attest this rule.",
		References: []string{"NHI1:2025"},
		Run:        keyState,
	},
	{
		ID: RuleIdleKey, Title: "Key is not used", Severity: High, Since: "v0.1.0",
		Why: "A key that nobody uses is one that nobody misses: what is done with it goes unseen, and it is " +
			"forgotten when others are rotated.",
		Remedy:     "Ask the key's owner whether it is still needed, and delete it if not.",
		Task:       adapter.DeleteKey,
		FindOut:    "Ask the key's owner whether the bot still uses it. If so, attest this rule; if not, delete the key.",
		References: []string{"NHI1:2025", "NIST SP 800-53 AC-2"},
		Run:        idleKey,
	},
	{
		ID: RuleUnexpectedUse, Title: "Key used while the bot is off", Severity: High, Since: "v0.1.0",
		Why: "A use in hours in which the bot does not run is somebody else's: a forgotten script, or a thief. Few other signs " +
			"of a copied key are seen before money is gone.",
		Remedy: "Find out who used the key then. If nobody can say, delete the key, create a new one and check the account's " +
			"orders and log.",
		Task: adapter.DeleteKey,
		FindOut: "At the exchange, look through the account's log for uses of the key while the bot is off. If there are none " +
			"that you cannot explain, attest this rule.",
		References: []string{"NHI2:2025", "NIST SP 800-53 AC-2"},
		Run:        unexpectedUse,
	},
	{
		ID: RuleNeverExpires, Title: "Key has no expiry date", Severity: Low, Since: "v0.1.0",
		Why: "Where the exchange offers an expiry date, a forgotten key ends by itself. Without one it works until " +
			"somebody finds it.",
		Remedy: "Set an expiry date when you create the next key.",
		FindOut: "On the key's page, check whether the key has an expiry date. Set one if the exchange offers it, " +
			"then attest this rule.",
		References: []string{"CWE-262", "NHI7:2025"},
		Run:        unlessClosing(neverExpires),
	},
}

// unlessClosing leaves an exchange that is closing, or in such trouble that its
// users should leave: no key there is worth restricting or renewing.
func unlessClosing(run func(*Pass) Verdict) func(*Pass) Verdict {
	return func(p *Pass) Verdict {
		v := run(p)
		if slices.ContainsFunc(p.Snapshot.Deadlines, func(d access.Deadline) bool { return d.Closing }) {
			v.Remedy = "Leave this exchange: move the funds away, delete the key there, and remove it from the bot and " +
				"the inventory."
		}
		return v
	}
}

func keyAge(p *Pass) Verdict {
	created, limit := p.Snapshot.Created, p.Policy.maxAge()
	age := p.Now.Sub(created)
	switch {
	case created.IsZero():
		return p.leastAge("the exchange does not report when it was created")
	case age < -day:
		return p.leastAge(fmt.Sprintf("the exchange reports that it was created on %s, which is in the future",
			date(created)))
	case !p.Snapshot.FirstSeen.IsZero() && created.Sub(p.Snapshot.FirstSeen) > day: // the more dangerous reading counts
		return p.leastAge(fmt.Sprintf("the exchange reports that it was created on %s", date(created)))
	case age > limit:
		return p.fail(tooOld(age), "The key is %s old, created on %s; the policy allows %s",
			days(age), date(created), days(limit))
	case age > 365*day:
		return p.pass(access.Reported, "The key is %s old, which the policy allows", days(age))
	default:
		return p.pass(access.Reported, "The key was created %s ago, on %s", days(max(0, age)), date(created))
	}
}

// leastAge judges a key of which only the first audit is known: it may be any
// older than that.
func (p *Pass) leastAge(why string) Verdict {
	seen, limit := p.Snapshot.FirstSeen, p.Policy.maxAge()
	age := p.Now.Sub(seen)
	switch {
	case seen.IsZero():
		return p.undetermined(High, "Could not determine the age of the key: %s", why)
	case age > limit:
		return p.fail(High, "The key is at least %s old, first seen on %s; %s; the policy allows %s",
			days(age), date(seen), why, days(limit)).with(access.Inferred)
	default:
		return p.undetermined(High, "Could not determine the age of the key: %s, and it was first seen on %s",
			why, date(seen))
	}
}

func tooOld(age time.Duration) Severity {
	if age > 365*day {
		return High
	}
	return Medium
}

func idleKey(p *Pass) Verdict {
	used, limit := p.Snapshot.LastUsed, p.Policy.maxIdle()
	idle := p.Now.Sub(used)
	severity := Medium
	if idle > 90*day {
		severity = High
	}
	switch {
	case p.InUse:
		return p.notApplicable("The bot that asks uses the key")
	case used.IsZero():
		return p.undetermined(High, "The exchange does not report when the key was last used")
	case idle < -day:
		return p.undetermined(High, "The exchange reports that the key was last used on %s, which is in the future",
			date(used))
	case idle <= limit && p.auditUsed(used):
		return p.undetermined(High, "The key was last used on %s, perhaps by an audit", date(used))
	case idle <= limit:
		return p.pass(access.Reported, "The key was last used %s ago, on %s", days(max(0, idle)), date(used))
	default:
		return p.fail(severity, "The key was last used %s ago, on %s; the policy allows %s",
			days(idle), date(used), days(limit))
	}
}

const renew = "Create a new key, move the bot to it and delete this one."

func keyExpiry(p *Pass) Verdict {
	s := p.Snapshot
	left := s.Expires.Sub(p.Now)
	switch {
	case s.KeyState == access.KeyExpired:
		return p.fail(High, "The key has expired").with(p.stateEvidence()).remedy(renew)
	case s.Expires.IsZero() && s.NeverExpires:
		return p.pass(access.Reported, "The key has no expiry date")
	case s.Expires.IsZero():
		return p.undetermined(High, "The exchange does not report whether the key expires")
	case left <= 0:
		return p.fail(High, "The key expired on %s", date(s.Expires)).remedy(renew)
	case left < min(7*day, p.Policy.expiryNotice()):
		return p.fail(High, "The key expires on %s, in %s", date(s.Expires), days(left))
	case left < p.Policy.expiryNotice():
		return p.fail(Medium, "The key expires on %s, in %s", date(s.Expires), days(left))
	default:
		return p.pass(access.Reported, "The key expires on %s, in %s", date(s.Expires), days(left))
	}
}

func exchangeExpiry(p *Pass) Verdict {
	s := p.Snapshot
	worst := Severity(0)
	var texts []string
	for _, d := range s.Deadlines {
		severity, text := Medium, d.What
		if !d.At.IsZero() {
			text += fmt.Sprintf(" (%s)", date(d.At))
			if d.At.Sub(p.Now) < 14*day {
				severity = High
			}
		} else if d.DateMissing {
			severity, text = High, text+" (on an unknown date, perhaps soon)"
		} else if s.IPAllowlist.State == access.AllowlistUnknown && !d.Closing { // nor is it known whether another rule applies
			severity = High
		}
		worst, texts = max(worst, severity), append(texts, text)
	}
	if worst > 0 {
		v := p.fail(worst, "%s", capital(strings.Join(texts, "; "))).with(access.Documented)
		if s.IPAllowlist.UsableFromAnywhere() == access.Denied { // so that is not the cause
			v.Remedy = "On the key's page, renew what ends, or create a new key before that day and move the bot to it."
		}
		return v
	}
	// Most such rules are about keys that are usable from any IP address.
	switch open := "Could not determine whether the exchange will expire this key"; {
	case s.IPAllowlist.State == access.AllowlistUnknown:
		return p.undetermined(High, "%s", open).see(RuleIPAllowlist)
	case s.Failure != nil || !s.RightsKnown():
		return p.undetermined(High, "%s", open).see(RuleWithdrawal)
	default:
		return p.pass(access.Documented, "No known rule of the exchange will expire or restrict this key")
	}
}

func keyState(p *Pass) Verdict {
	switch state := p.Snapshot.KeyState; state {
	case access.KeyActive:
		return p.pass(access.Reported, "The key is active")
	case access.KeyUnclear:
		return p.undetermined(High, "The exchange reports a state of the key that this version does not know").
			remedy("On the key's page, check what the key's state means. If the key works, attest this rule; a newer " +
				"version of this library may know the state.")
	case access.KeyStateUnknown:
		return p.undetermined(High, "Could not determine the state of the key")
	default:
		return p.fail(High, "The key is %s", state).with(p.stateEvidence())
	}
}

// stateEvidence is how the state of a key is known.
func (p *Pass) stateEvidence() access.Evidence {
	if p.Snapshot.Failure != nil {
		return access.Refused
	}
	return access.Reported
}

func neverExpires(p *Pass) Verdict {
	s := p.Snapshot
	switch {
	case !s.Expires.IsZero():
		return p.pass(access.Reported, "The key expires on %s", date(s.Expires))
	case s.NeverExpires && s.ExpiryOffered:
		return p.fail(Low, "The exchange offers an expiry date and none is set")
	case s.NeverExpires:
		return p.notApplicable("As far as known, the exchange offers no expiry date")
	default:
		return p.undetermined(Low, "Could not determine whether the key expires").see(RuleKeyExpiry)
	}
}
