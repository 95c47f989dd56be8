package audit

import (
	"fmt"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// lifetimeRules judge how old a key is and how long it will live.
var lifetimeRules = []*Rule{
	{
		ID: "key-age", Title: "Age of the key", Severity: High, Since: "v0.1.0",
		Why:        "The longer a key lives, the more backups, logs and former colleagues have seen it. Rotation ends all of those at once.",
		Remedy:     "Make a new key with the same rights and the same allowlist, move the bot to it, then delete this one.",
		References: []string{"CWE-262", "NHI7:2025"},
		Run:        keyAge,
	},
	{
		ID: "key-expiry", Title: "Expiry of the key", Severity: High, Since: "v0.1.0",
		Why:        "A key that expires while positions are open leaves the bot unable to close them.",
		Remedy:     "Make a new key before that day and move the bot to it.",
		References: []string{"CWE-324", "NHI7:2025"},
		Run:        keyExpiry,
	},
	{
		ID: "exchange-expiry", Title: "What the exchange will do to the key", Severity: High, Since: "v0.1.0",
		Why: "Some exchanges delete, expire or weaken keys by themselves, mostly those not bound to an address. It comes without " +
			"a warning that a bot would see.",
		Remedy:     "Bind the key to an address, or make a new one before that day.",
		References: []string{"CWE-324"},
		Run:        exchangeExpiry,
	},
	{
		ID: "key-state", Title: "State of the key", Severity: High, Since: "v0.1.0",
		Why:        "A key that is switched off, locked or pending does not serve the bot, and one that nobody needs should be deleted.",
		Remedy:     "Find out at the exchange why the key is in this state; delete it if nothing needs it.",
		References: []string{"NHI1:2025"},
		Run: func(p *Pass) Verdict {
			switch state := p.Snapshot.KeyState; state {
			case access.KeyActive:
				return p.pass(access.Reported, "the key is active")
			case access.KeyUnclear:
				return p.undetermined(High, "the exchange names a state of the key that this version does not know")
			case access.KeyStateUnknown:
				return p.undetermined(High, "the state of the key is not known")
			default:
				evidence := access.Reported
				if p.Snapshot.Failure != nil {
					evidence = access.Refused
				}
				return p.fail(High, "the key is %s", state).with(evidence)
			}
		},
	},
	{
		ID: "idle-key", Title: "A key that is not used", Severity: High, Since: "v0.1.0",
		Why:        "A key that nobody uses is one that nobody misses: what is done with it goes unseen, and it is forgotten when others are rotated.",
		Remedy:     "Ask whoever the key was made for whether it is still needed, and delete it if not.",
		References: []string{"NHI1:2025", "NIST SP 800-53 AC-2"},
		Run:        idleKey,
	},
	{
		ID: "never-expires", Title: "A key without an end", Severity: Low, Since: "v0.1.0",
		Why:        "Where the exchange offers an expiry, a forgotten key ends by itself. Without one it works until somebody finds it.",
		Remedy:     "Set an expiry when you make the next key.",
		References: []string{"CWE-262", "NHI7:2025"},
		Run: func(p *Pass) Verdict {
			s := p.Snapshot
			switch {
			case !s.Expires.IsZero():
				return p.pass(access.Reported, "the key expires on %s", date(s.Expires))
			case s.NeverExpires && s.ExpiryOffered:
				return p.fail(Low, "the exchange offers an expiry and none is set")
			case s.NeverExpires:
				return p.notApplicable("the exchange is not known to offer an expiry")
			default:
				return p.undetermined(Low, "whether the key expires is not known")
			}
		},
	},
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func days(d time.Duration) string { return count(int(d/day), "day", "days") }

func keyAge(p *Pass) Verdict {
	created, limit := p.Snapshot.Created, p.Policy.maxAge()
	age := p.Now.Sub(created)
	switch {
	case created.IsZero():
		return p.leastAge("the exchange doesn't say when the key was made")
	case age < -day:
		return p.leastAge(fmt.Sprintf("the exchange says the key was made on %s, which is in the future", date(created)))
	case !p.Snapshot.FirstSeen.IsZero() && created.Sub(p.Snapshot.FirstSeen) > day: // the more dangerous reading counts
		return p.leastAge(fmt.Sprintf("the exchange says the key was made on %s", date(created)))
	case age > limit:
		return p.fail(tooOld(age), "the key is %s old, made on %s; the policy admits %s", days(age), date(created), days(limit))
	case age > 365*day:
		return p.pass(access.Reported, "the key is %s old, as the policy admits", days(age))
	default:
		return p.pass(access.Reported, "the key was made %s ago, on %s", days(max(0, age)), date(created))
	}
}

// leastAge judges a key of which only the first sight is known: it may be any
// older than that.
func (p *Pass) leastAge(why string) Verdict {
	seen, limit := p.Snapshot.FirstSeen, p.Policy.maxAge()
	age := p.Now.Sub(seen)
	if !seen.IsZero() && age > limit {
		return p.fail(tooOld(age), "the key is at least %s old, first seen on %s; %s; the policy admits %s", days(age), date(seen), why, days(limit)).with(access.Inferred)
	}
	if !seen.IsZero() {
		why += "; it was first seen on " + date(seen)
	}
	return p.undetermined(Medium, "%s", why).remedy("Look up when the key was made, and attest it until the day it should be replaced.")
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
	const ask = "Ask whoever the key was made for whether it is still used, then attest it; delete it if not."
	switch {
	case used.IsZero():
		return p.undetermined(Medium, "the exchange doesn't say when the key was last used").remedy(ask)
	case idle < -day:
		return p.undetermined(Medium, "the exchange says the key was last used on %s, which is in the future", date(used)).remedy(ask)
	case idle <= limit && p.auditUsed(used):
		return p.undetermined(Medium, "the key was last used on %s, perhaps by an audit", date(used)).remedy(ask)
	case idle <= limit:
		return p.pass(access.Reported, "the key was last used %s ago, on %s", days(max(0, idle)), date(used))
	case idle > 90*day:
		return p.fail(High, "the key was last used %s ago, on %s; the policy admits %s", days(idle), date(used), days(limit))
	default:
		return p.fail(Medium, "the key was last used %s ago, on %s; the policy admits %s", days(idle), date(used), days(limit))
	}
}

// auditUsed reports whether a use may have been that of an audit, which says
// nothing of the bot. Of earlier audits, reports know the first and the last;
// adapters leave out a use by the audit that asks.
func (p *Pass) auditUsed(used time.Time) bool {
	s := p.Snapshot
	if s.FirstSeen.IsZero() || s.FirstSeen.Equal(s.TakenAt) || used.Before(s.FirstSeen.Add(-time.Minute)) {
		return false
	}
	if p.baseline == nil || p.baseline.result == nil {
		return true
	}
	const longest = 10 * time.Minute // that an audit takes, waiting included
	return used.Before(p.baseline.result.facts().TakenAt.Add(longest))
}

const renew = "Make a new key, move the bot to it and delete this one."

func keyExpiry(p *Pass) Verdict {
	s := p.Snapshot
	left := s.Expires.Sub(p.Now)
	switch {
	case s.KeyState == access.KeyExpired:
		evidence := access.Reported
		if s.Failure != nil {
			evidence = access.Refused
		}
		return p.fail(High, "the key has expired").with(evidence).remedy(renew)
	case s.Expires.IsZero() && s.NeverExpires:
		return p.pass(access.Reported, "the key has no expiry")
	case s.Expires.IsZero():
		return p.undetermined(Medium, "the exchange doesn't say whether the key expires").
			remedy("Look up on the key's page when it expires, and attest it until that day.")
	case left <= 0:
		return p.fail(High, "the key expired on %s", date(s.Expires)).remedy(renew)
	case left < min(7*day, p.Policy.expiryNotice()):
		return p.fail(High, "the key expires on %s, in %s", date(s.Expires), days(left))
	case left < p.Policy.expiryNotice():
		return p.fail(Medium, "the key expires on %s, in %s", date(s.Expires), days(left))
	default:
		return p.pass(access.Reported, "the key expires on %s, in %s", date(s.Expires), days(left))
	}
}

func exchangeExpiry(p *Pass) Verdict {
	s := p.Snapshot
	worst, text := Severity(0), ""
	for _, d := range s.Deadlines {
		sev, when := Medium, ""
		if !d.At.IsZero() {
			when = fmt.Sprintf(" (%s)", date(d.At))
			if d.At.Sub(p.Now) < 14*day {
				sev = High
			}
		}
		worst = max(worst, sev)
		if text != "" {
			text += "; "
		}
		text += d.What + when
	}
	if worst > 0 {
		return p.fail(worst, "%s", text).with(access.Documented)
	}
	// Most such rules are for keys that are not bound to an address.
	if s.Failure != nil || !s.RightsKnown() || s.IPAllowlist.State == access.AllowlistUnknown {
		return p.undetermined(Medium, "whether the exchange will touch the key by itself is not known")
	}
	return p.pass(access.Documented, "no known rule of the exchange touches this key")
}
