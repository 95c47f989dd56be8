package audit

import (
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// anAudit is the longest that an audit takes, waiting included.
const anAudit = 10 * time.Minute

// itself is how near a use is to an audit that was certainly the audit's own.
const itself = time.Minute

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
	return used.Before(p.baseline.result.facts().TakenAt.Add(anAudit))
}

// lastAuditUsed reports whether a use was that of the previous audit, after which there
// was none.
func (p *Pass) lastAuditUsed(used time.Time) bool {
	if p.baseline == nil || p.baseline.result == nil || p.baseline.replaced(p.Snapshot) {
		return false
	}
	at := p.baseline.result.facts().TakenAt
	return !at.IsZero() && !used.Before(at) && used.Before(at.Add(itself))
}

// unexpectedUse is about the last use alone: what came before it is unknown.
func unexpectedUse(p *Pass) Verdict {
	used := p.Snapshot.LastUsed
	when := used.UTC().Format("2006-01-02 15:04 UTC")
	off := slices.ContainsFunc(p.Policy.Off, func(h Hours) bool { return h.contain(used) })
	switch {
	case len(p.Policy.Off) == 0:
		return p.notApplicable("The policy names no hours in which the bot is off")
	case used.IsZero():
		return p.undetermined(High, "The exchange does not report when the key was last used")
	case used.After(p.Now.Add(time.Minute)):
		return p.undetermined(High, "The exchange reports that the key was last used on %s, which is in the future", when)
	case used.Equal(used.Truncate(day)):
		return p.undetermined(High, "The exchange reports the day on which the key was last used, %s, and not the hour", date(used))
	case !off:
		return p.pass(access.Reported, "The key was last used on %s, which is not in the hours in which the bot is off", when)
	case p.lastAuditUsed(used):
		return p.notApplicable("The key was last used on %s, by the previous audit itself; no use after that is reported", when)
	case p.auditUsed(used):
		return p.undetermined(High, "The key was last used on %s, while the bot is off; perhaps by an audit", when)
	default:
		return p.fail(High, "The key was last used on %s, while the bot is off", when)
	}
}
