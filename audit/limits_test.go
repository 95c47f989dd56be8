package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

const aDay = 24 * time.Hour

// boundary is a fact on one side of a limit, and what a rule says of it.
type boundary struct {
	name     string
	rule     string
	edit     func(*access.Snapshot)
	policy   audit.Policy
	outcome  audit.Outcome
	severity audit.Severity
	message  string // a part of it
}

func ago(d time.Duration) time.Time { return now.Add(-d) }

func checkBoundaries(t *testing.T, cases []boundary) {
	t.Helper()
	for _, c := range cases {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
		c.edit(s)
		rules := slices.DeleteFunc(oneKeyRules(), func(r *audit.Rule) bool { return r.ID != c.rule })
		f := audit.Judge(s, c.policy, now, rules)[0]
		assert.Equal(t, c.outcome.String(), f.Outcome.String(), "%s: %s", c.name, f.Message)
		assert.Equal(t, c.severity.String(), f.Severity.String(), "%s: %s", c.name, f.Message)
		assert.Contains(t, f.Message, c.message, c.name)
	}
}

// allows is a list of these entries.
func allows(entries ...string) func(*access.Snapshot) {
	return func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist(entries) }
}

// spread are so many entries, none of which is next to another.
func spread(n int, format string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, i/128, 2*(i%128)))
	}
	return out
}

// TestSizesOfLists: how wide a range and how long a list may be.
func TestSizesOfLists(t *testing.T) {
	t.Parallel()
	var cases []boundary
	add := func(rule, name string, severity audit.Severity, message string, entries ...string) {
		outcome := audit.Failed
		if severity == 0 {
			outcome = audit.Passed
		}
		cases = append(cases, boundary{name, rule, allows(entries...), audit.Policy{MaxEntries: 10}, outcome, severity, message})
	}
	for prefix, severity := range map[string]audit.Severity{
		"8.0.0.0/32": 0, "8.0.0.0/31": audit.Low, "8.0.0.0/24": audit.Low, "8.0.0.0/23": audit.Medium, "8.0.0.0/17": audit.Medium, "8.0.0.0/16": audit.High,
		"8.0.0.0/8": audit.High, "2a00::/128": 0, "2a00::/64": 0, "2a00::/63": audit.Medium, "2a00::/49": audit.Medium, "2a00::/48": audit.High,
		"0.0.0.0/24": audit.Low, "2a00::/32": audit.High, "2a00::/24": audit.High, "2a00::/20": audit.High,
	} {
		add(audit.RuleIPAllowlistWidth, prefix, severity, "", prefix)
	}
	add(audit.RuleIPAllowlistWidth, "a size", audit.Low, "256 IP addresses", "8.0.0.0/24")
	add(audit.RuleIPAllowlistWidth, "256 hosts", 0, "", spread(256, "8.0.%d.%d")...)
	add(audit.RuleIPAllowlistWidth, "257 hosts", audit.Medium, "together allow 257 IPv4 addresses", spread(257, "8.0.%d.%d")...)
	add(audit.RuleIPAllowlistWidth, "256 networks", 0, "", spread(256, "2a00:%x:%x::/64")...)
	add(audit.RuleIPAllowlistWidth, "257 networks", audit.Medium, "together allow 257 IPv6 networks of 64 bits", spread(257, "2a00:%x:%x::/64")...)
	add(audit.RuleIPAllowlistWidth, "networks of nearly 65,536", audit.Medium, "", spread(255, "8.%d.%d.0/24")...)
	add(audit.RuleIPAllowlistWidth, "networks of 65,536", audit.High, "", spread(256, "8.%d.%d.0/24")...)
	add(audit.RuleIPAllowlistWidth, "halves", audit.Medium, "the entries together allow 8.0.0.0/23, which is 512 IP addresses", "8.0.0.0/24", "8.0.1.0/24")
	add(audit.RuleIPAllowlistWidth, "neighbours", 0, "", "8.0.0.0", "8.0.0.1")

	add(audit.RuleIPAllowlistWidth, "nothing new together", audit.High, "", append(spread(257, "9.0.%d.%d"), "8.0.0.0/16")...)

	for n, severity := range map[int]audit.Severity{
		10: 0, 11: audit.Low, 1000: audit.Low, 1001: audit.Medium, 10_000: audit.Medium, 10_001: audit.High,
	} {
		add(audit.RuleIPAllowlistEntries, fmt.Sprint(n, " entries"), severity, "", spread(n, "8.0.%d.%d")...)
	}
	add(audit.RuleIPAllowlistEntries, "a duplicate", audit.Low, `"8.0.0.1" is a duplicate`, "8.0.0.1", "8.0.0.2", "8.0.0.1")
	add(audit.RuleIPAllowlistEntries, "a duplicate in another form", audit.Low, `"::ffff:8.0.0.1" is a duplicate`, "8.0.0.1", "::ffff:8.0.0.1")
	for entry, what := range map[string]string{
		"10.0.0.1": "a private", "127.0.0.1": "a loopback", "169.254.0.1": "a link-local", "224.0.0.1": "a multicast", "192.0.2.1": "a documentation",
	} {
		add(audit.RuleIPAllowlistEntries, what, audit.Low, what+" IP address", "8.0.0.1", entry)
	}
	checkBoundaries(t, cases)
}

// TestClockLimits: how far off a clock may be.
func TestClockLimits(t *testing.T) {
	t.Parallel()
	off := func(offset, window time.Duration) func(*access.Snapshot) {
		return func(s *access.Snapshot) {
			s.Clock = access.Clock{Known: true, Offset: offset, Window: window}
		}
	}
	checkBoundaries(t, []boundary{
		{"a second", audit.RuleClock, off(time.Second, 0), audit.Policy{}, audit.Passed, 0, "within a second"},
		{"more than a second", audit.RuleClock, off(1100*time.Millisecond, 0), audit.Policy{}, audit.Failed, audit.Medium, "1.1s behind"},
		{"more than a second ahead", audit.RuleClock, off(-1100*time.Millisecond, 0), audit.Policy{}, audit.Failed, audit.Medium, "1.1s ahead of"},
		{"as far as accepted", audit.RuleClock, off(5*time.Second, 5*time.Second), audit.Policy{}, audit.Failed, audit.Medium, "5s behind"},
		{"farther than accepted", audit.RuleClock, off(5*time.Second+1, 5*time.Second), audit.Policy{}, audit.Failed, audit.High, "which refuses more than 5s"},
		{"a day", audit.RuleClock, off(aDay, 0), audit.Policy{}, audit.Failed, audit.Medium, "24h0m0s"},
		{"more than a day", audit.RuleClock, off(aDay+1, 0), audit.Policy{}, audit.Failed, audit.High, "24h0m0s"},
	})
}

// TestUseInTheFuture: a day may come from another time zone.
func TestUseInTheFuture(t *testing.T) {
	t.Parallel()
	used := func(in time.Duration) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.LastUsed, s.TakenAt = now.Add(in), now }
	}
	checkBoundaries(t, []boundary{
		{"a day ago, and never seen before", audit.RuleIdleKey, used(-aDay), audit.Policy{}, audit.Passed, 0, "1 day ago"},
		{"in the hour of the only audit", audit.RuleIdleKey, func(s *access.Snapshot) {
			s.LastUsed, s.TakenAt, s.FirstSeen = now, now, now
		}, audit.Policy{}, audit.Passed, 0, "0 days ago"},
		{"as idle as allowed", audit.RuleIdleKey, used(-45 * aDay), audit.Policy{}, audit.Passed, 0, "45 days ago"},
		{"more idle", audit.RuleIdleKey, used(-45*aDay - 1), audit.Policy{}, audit.Failed, audit.Medium, ""},
		{"a day", audit.RuleIdleKey, used(aDay), audit.Policy{}, audit.Passed, 0, "0 days ago"},
		{"more", audit.RuleIdleKey, used(aDay + 1), audit.Policy{}, audit.Undetermined, audit.High, "in the future"},
	})
}

func createdAndSeen(created, seen time.Duration) func(*access.Snapshot) {
	return func(s *access.Snapshot) { s.Created, s.FirstSeen = ago(created), ago(seen) }
}

// TestAgeSinceFirstSeen: of a key whose creation is unknown, the first audit counts.
func TestAgeSinceFirstSeen(t *testing.T) {
	t.Parallel()
	seen := func(ago time.Duration) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.FirstSeen = now.Add(-ago) }
	}
	checkBoundaries(t, []boundary{
		{"as long ago as allowed", audit.RuleKeyAge, seen(90 * aDay), audit.Policy{}, audit.Undetermined, audit.High, "was first seen"},
		{"created tomorrow, at another time zone", audit.RuleKeyAge, createdAndSeen(-aDay, 0), audit.Policy{}, audit.Passed, 0, "0 days ago"},
		{"created later", audit.RuleKeyAge, createdAndSeen(-aDay-1, 0), audit.Policy{}, audit.Undetermined, audit.High, "in the future"},
		{"a day before its creation", audit.RuleKeyAge, createdAndSeen(10*aDay, 11*aDay), audit.Policy{}, audit.Passed, 0, "10 days ago"},
		{"a year, which is allowed", audit.RuleKeyAge, createdAndSeen(365*aDay, 0), audit.Policy{MaxAge: 400 * aDay}, audit.Passed, 0, "was created"},
		{"more than a year, which is allowed", audit.RuleKeyAge, createdAndSeen(365*aDay+1, 0), audit.Policy{MaxAge: 400 * aDay}, audit.Passed, 0, "which the policy allows"},
		{"long before its creation", audit.RuleKeyAge, createdAndSeen(10*aDay, 11*aDay+1), audit.Policy{}, audit.Undetermined, audit.High, "was first seen"},
		{"longer", audit.RuleKeyAge, seen(90*aDay + 1), audit.Policy{}, audit.Failed, audit.High, "at least"},
	})
}

// TestDayOfReview: the day itself is in time.
func TestDayOfReview(t *testing.T) {
	t.Parallel()
	rules := slices.DeleteFunc(oneKeyRules(), func(r *audit.Rule) bool { return r.ID != audit.RuleOwnership })
	for ago, late := range map[time.Duration]bool{aDay - 1: false, aDay: true, 0: false} {
		r := &audit.Result{Snapshot: &access.Snapshot{}, Record: audit.Record{
			Owner: "desk", Purpose: "bot", Review: now.Add(-ago), Source: audit.Source{Format: audit.FormatInventory},
		}}
		f := r.Rejudge(audit.Policy{}, now, rules).Findings[0]
		assert.Equal(t, late, f.Outcome == audit.Failed, "%s: %s", ago, f.Message)
	}
	r := &audit.Result{Snapshot: &access.Snapshot{}, Record: audit.Record{Owner: "desk", Purpose: "bot", Source: audit.Source{Format: audit.FormatInventory}}}
	f := r.Rejudge(audit.Policy{}, now, rules).Findings[0]
	assert.Equal(t, "The inventory names no review date", f.Message)
}

// TestDatesOfAPolicy: an attestation and a waiver hold from their first moment until
// just before their last, and for a year at most.
func TestDatesOfAPolicy(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{
		IPAllowlist: access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported},
	}}
	for _, c := range []struct {
		name      string
		at, until time.Time
		holds     bool
		says      string
	}{
		{"now", now, now.Add(1), true, ""},
		{"not yet", now.Add(1), now.Add(aDay), false, "which is in the future"},
		{"no more", ago(aDay), now, false, "expired on"},
		{"a year", now, now.Add(366 * aDay), true, ""},
		{"more than a year", now, now.Add(366*aDay + 1), true, "runs longer than a year"},
		{"without an end", now, time.Time{}, false, "must say"},
		{"without a beginning", time.Time{}, now.Add(aDay), false, "must say"},
	} {
		attested := audit.Policy{Attestations: []audit.Attestation{{Rule: audit.RuleWithdrawal, Statement: "looked", By: "owner", At: c.at, Until: c.until}}}
		f := only(t, audit.RuleWithdrawal, s, attested)
		assert.Equal(t, c.holds, f.Evidence == access.Attested, c.name)
		says := only(t, audit.RuleAttestation, s, attested)
		assert.Equal(t, c.says != "", says.Outcome == audit.Failed && says.Severity == audit.Medium, "%s: %s", c.name, says.Message)
		assert.Contains(t, says.Message, c.says, c.name)
		if c.at != now && !c.until.Equal(now) {
			continue // a waiver has no beginning
		}
		waived := audit.Policy{Waivers: []audit.Waiver{{Rule: audit.RuleIPAllowlist, Reason: "known", Until: c.until}}}
		f = only(t, audit.RuleIPAllowlist, s, waived)
		assert.Equal(t, c.holds, f.Waived != "", c.name)
		assert.NotContains(t, only(t, audit.RuleAttestation, s, waived).Message, "is not used", c.name)
		says = only(t, audit.RuleAttestation, s, waived)
		assert.Equal(t, c.says != "", says.Outcome == audit.Failed && says.Severity == audit.Medium, "%s: %s", c.name, says.Message)
		assert.Contains(t, says.Message, c.says, c.name)
	}
	whole := audit.Attestation{Rule: audit.RuleWithdrawal, Statement: "looked", By: "owner", At: ago(1), Until: now.Add(aDay)}
	for name, edit := range map[string]func(*audit.Attestation){
		"by": func(a *audit.Attestation) { a.By = "" }, "statement": func(a *audit.Attestation) { a.Statement = "" },
	} {
		part := whole
		edit(&part)
		f := only(t, audit.RuleWithdrawal, s, audit.Policy{Attestations: []audit.Attestation{part}})
		assert.NotEqual(t, access.Attested, f.Evidence, name)
	}
	f := only(t, audit.RuleIPAllowlist, s, audit.Policy{Waivers: []audit.Waiver{{Rule: audit.RuleIPAllowlist, Until: now.Add(aDay)}}})
	assert.Empty(t, f.Waived, "without a reason")
	says := only(t, audit.RuleAttestation, s, audit.Policy{
		Waivers:      []audit.Waiver{{Rule: audit.RuleIPAllowlist, Until: now.AddDate(3, 0, 0)}},
		Attestations: []audit.Attestation{{Rule: audit.RuleWithdrawal, At: now, Until: now.AddDate(3, 0, 0)}},
	})
	assert.NotContains(t, says.Message, "runs longer", "what is not in force does not run")
}
