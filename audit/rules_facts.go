package audit

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// comparedFact is a fact that rules read and that no other rule about change speaks of.
type comparedFact struct {
	what     string
	severity Severity
	ofTheKey bool // another key may differ in it
	text     func(*access.Snapshot) string
}

// comparedFacts are told by what they say: nothing is what was not reported.
var comparedFacts = []comparedFact{
	{"the account that it belongs to", Medium, true, func(s *access.Snapshot) string {
		return known(s.Account.Kind != access.AccountUnknown, s.Account.Kind.String()+appended(s.Account.ID))
	}},
	{"what is wrong with the account", High, false, func(s *access.Snapshot) string { return quoted(s.Account.Alarms) }},
	{"the account's standing", Medium, false, func(s *access.Snapshot) string {
		return known(s.Account.Standing != access.StandingUnknown, s.Account.Standing.String())
	}},
	{"the key's state", Medium, true, func(s *access.Snapshot) string {
		return known(s.KeyState != access.KeyStateUnknown, s.KeyState.String())
	}},
	{"the trading pairs that it is limited to", Medium, true, func(s *access.Snapshot) string {
		return known(s.PairAllowlist.Reported || len(s.PairAllowlist.Pairs) > 0, cmp.Or(quoted(s.PairAllowlist.Pairs), "none"))
	}},
	{"facts that contradict each other", Medium, true, func(s *access.Snapshot) string { return strings.Join(s.Contradictions, "; ") }},
	{"what the exchange will do to the key", Medium, true, func(s *access.Snapshot) string {
		texts := make([]string, len(s.Deadlines))
		for i, d := range s.Deadlines {
			texts[i] = d.What
		}
		return strings.Join(texts, "; ")
	}},
	{"when it was created", High, true, func(s *access.Snapshot) string { return known(!s.Created.IsZero(), date(s.Created)) }},
	{"how it was sent", High, false, func(s *access.Snapshot) string {
		return loopbackPort.ReplaceAllString(strings.Join(s.Insecure, "; "), "$1")
	}},
}

// loopbackPort is in what is said of plain http, which leads to this host only: which
// port it was is no change.
var loopbackPort = regexp.MustCompile(`(plain http to [^;]*?):\d+(?:$|\b)`)

// known is a text that says something, or nothing.
func known(reported bool, text string) string {
	if reported {
		return text
	}
	return ""
}

func appended(id string) string {
	if id == "" {
		return ""
	}
	return " " + id
}

// factsChanged names what differs, of the key itself and of the account's other
// keys. What is no longer reported is left to facts-lost, unless it was bad.
func factsChanged(p *Pass) Verdict {
	was, is, replaced := p.baseline.last, p.Snapshot, p.baseline.replaced(p.Snapshot)
	var texts []string
	severity, reported := Severity(0), was.RightsKnown() || expiryKnown(was)
	for _, f := range comparedFacts {
		before, now := f.text(was), f.text(is)
		reported = reported || before != ""
		if before == now || now == "" || (f.ofTheKey && replaced) {
			continue
		}
		severity = max(severity, f.severity)
		texts = append(texts, fmt.Sprintf("%s: now %s, before %s", f.what, now, cmp.Or(before, "not reported")))
	}
	if text := expiryChange(was, is); text != "" && !replaced {
		severity, texts = max(severity, Medium), append(texts, text)
	}
	for _, other := range siblingChanges(was.Siblings, is.Siblings) {
		severity, texts = max(severity, High), append(texts, other)
	}
	if len(texts) > 0 {
		return p.fail(severity, "Changed since %s: %s", date(was.TakenAt), some(texts, "; "))
	}
	if !reported {
		return p.notApplicable("The exchange reported nothing that could be compared")
	}
	return p.pass(access.Reported, "Nothing else that rules read has changed since %s", date(was.TakenAt))
}

// expiryChange says that a key expires at another time. Some exchanges report days,
// from which the time is worked out: a day more or less is none.
func expiryChange(was, is *access.Snapshot) string {
	say := func(s *access.Snapshot) string {
		return map[bool]string{true: "no expiry date", false: date(s.Expires)}[s.Expires.IsZero()]
	}
	switch {
	case !expiryKnown(was) || !expiryKnown(is), was.Expires.IsZero() && is.Expires.IsZero(),
		!was.Expires.IsZero() && !is.Expires.IsZero() && was.Expires.Sub(is.Expires).Abs() <= 48*time.Hour:
		return ""
	default:
		return fmt.Sprintf("when it expires: now %s, before %s", say(is), say(was))
	}
}

// siblingChanges says which of the account's other keys gained rights, or an open
// IP allowlist. Where a mask may stand for several keys, nothing can be compared.
func siblingChanges(was, is []*access.Snapshot) []string {
	before := siblingsByID(was)
	var out []string
	for id, s := range siblingsByID(is) {
		old := before[id]
		if old == nil || s == nil {
			continue // it appeared, or is one of several
		}
		rights, list := rightsBetween(old, s), listsBetween(&old.IPAllowlist, &s.IPAllowlist)
		if len(rights.gained) > 0 {
			out = append(out, "the account's other key "+siblingName(s)+" gained "+describeChanges(rights.gained))
		}
		if list.was != access.Granted && (len(list.wider) > 0 || list.is == access.Granted) {
			out = append(out, "the IP allowlist of the account's other key "+siblingName(s)+" was widened")
		}
	}
	slices.Sort(out)
	return out
}

// siblingsByID are the other keys by what is known of their identifiers; nil for one
// that several have.
func siblingsByID(siblings []*access.Snapshot) map[string]*access.Snapshot {
	out := map[string]*access.Snapshot{}
	for _, s := range siblings {
		if s == nil {
			continue
		}
		id := cmp.Or(s.Fingerprint, s.KeyID, s.Label)
		if _, seen := out[id]; seen {
			s = nil
		}
		out[id] = s
	}
	return out
}

func expiryKnown(s *access.Snapshot) bool { return !s.Expires.IsZero() || s.NeverExpires }
