package audit_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// What is tested here could once be broken without any test noticing.

// only is what one rule says.
func only(t *testing.T, rule string, s *access.Snapshot, p audit.Policy) audit.Finding {
	t.Helper()
	for _, f := range audit.Judge(s, p, now, nil) {
		if f.Rule == rule {
			return f
		}
	}
	require.Fail(t, "no finding of "+rule)
	return audit.Finding{}
}

// TestListWithoutEntries: a list that is in force and whose entries are missing from the
// answer lacks nothing: nothing is known of it.
func TestListWithoutEntries(t *testing.T) {
	t.Parallel()
	policy := audit.Policy{ExpectedIPs: []netip.Prefix{netip.MustParsePrefix("198.51.100.20/32")}}
	for _, disclosed := range []access.Disclosure{access.NotDisclosed, access.MaskedEntries, access.EntriesComplete} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.IPAllowlist{
			State: access.AllowlistRestricted, Evidence: access.Reported, Disclosed: disclosed,
		}}}
		f := only(t, audit.RuleIPAllowlistExpected, s, policy)
		assert.Equal(t, audit.Undetermined, f.Outcome, disclosed)
		assert.Equal(t, audit.High, f.Severity, disclosed)
		assert.Contains(t, f.Message, "does not report the IP addresses", disclosed)
	}
}

// TestWaiverOfAnotherRule: a waiver and an attestation are about one rule, and have no
// effect on any other.
func TestWaiverOfAnotherRule(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{
		IPAllowlist: access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported},
		Grants:      []access.Grant{{Capability: access.Withdraw, State: access.Granted, Evidence: access.Reported}},
	}}
	policy := audit.ReadOnly()
	for _, rule := range oneKeyRules() {
		policy.Waivers = []audit.Waiver{{Rule: rule.ID, Reason: "known", Until: now.AddDate(0, 1, 0)}}
		for _, f := range audit.Judge(s, policy, now, nil) {
			if f.Rule != rule.ID {
				assert.Empty(t, f.Waived, "%s, by a waiver of %s", f.Rule, rule.ID)
			}
		}
		policy.Waivers = nil
		policy.Attestations = []audit.Attestation{{Rule: rule.ID, Statement: "looked", By: "owner", At: now.AddDate(0, -1, 0), Until: now.AddDate(0, 1, 0)}}
		for _, f := range audit.Judge(s, policy, now, nil) {
			if f.Rule != rule.ID && f.Rule != audit.RuleAttestation {
				assert.NotEqual(t, access.Attested, f.Evidence, "%s, by an attestation of %s", f.Rule, rule.ID)
			}
		}
		policy.Attestations = nil
	}
}

// TestSameKeyElsewhere: another key has taken the name of one, which is found again under
// a new name, and only in the environment where it was.
func TestSameKeyElsewhere(t *testing.T) {
	t.Parallel()
	before := reportOf(0, entry{"a", "toy", "live", "f1", nil})
	for environment, want := range map[string]string{"live": `The key was called "a" in the previous report`, "test": "not in the previous report"} {
		after := reportOf(1, entry{"a", "toy", "live", "f2", nil}, entry{"b", "toy", environment, "f1", nil})
		report := audit.Compare(before, after, nil)
		for _, r := range report.Results {
			if r.Name != "b" {
				continue
			}
			f := r.Finding(audit.RuleKeyAppeared)
			require.NotNil(t, f)
			assert.Contains(t, f.Message, want, environment)
		}
	}
}

// TestHostileWordsOfAPolicy: a policy may come from a file that others write, and nothing
// of it may steer a terminal.
func TestHostileWordsOfAPolicy(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b[2J\u202eb"
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{
		IPAllowlist: access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Reported},
	}}
	long := now.AddDate(3, 0, 0)
	for _, until := range []time.Time{long, now.Add(time.Hour), now, {}} {
		for _, at := range []time.Time{now.Add(-time.Hour), now.Add(time.Hour)} {
			p := audit.Policy{Name: hostile}
			for _, rule := range []string{hostile, audit.RuleWithdrawal, audit.RuleIPAllowlist} {
				p.Attestations = append(p.Attestations, audit.Attestation{Rule: rule, Statement: hostile, By: hostile, At: at, Until: until})
				p.Waivers = append(p.Waivers, audit.Waiver{Rule: rule, Reason: hostile, Until: until})
			}
			for _, f := range audit.Judge(s, p, now, nil) {
				assert.NotContains(t, f.Message+f.Waived+f.Remedy, "\x1b", f.Rule)
				assert.NotContains(t, f.Message+f.Waived+f.Remedy, "\u202e", f.Rule)
			}
		}
	}
}

// TestOneFileOfTwoParts: a file that holds the key and its secret is named once.
func TestOneFileOfTwoParts(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Storage: []access.Storage{
		{Part: "key", File: "bot.json", Mode: 0o644}, {Part: "secret", File: "bot.json", Mode: 0o644}, {Part: "passphrase", File: "other.json", Mode: 0o644},
	}}}
	f := only(t, audit.RuleKeyFileMode, s, audit.Policy{})
	assert.Equal(t, 1, strings.Count(f.Message, "bot.json"), f.Message)
	assert.Equal(t, 1, strings.Count(f.Message, "other.json"), f.Message)
}

// TestUnknownIsNoRefusal: only where the exchange refused the IP address is it said to
// have done so.
func TestUnknownIsNoRefusal(t *testing.T) {
	t.Parallel()
	for kind, want := range map[access.Kind]bool{access.KindIPNotAllowed: true, access.KindUnavailable: false, access.KindForbidden: false} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: &access.Error{Kind: kind}}}
		rules := slices.DeleteFunc(oneKeyRules(), func(r *audit.Rule) bool { return r.ID != audit.RuleIPAllowlist })
		f := audit.Judge(s, audit.Policy{}, now, rules)[0]
		assert.Equal(t, audit.Undetermined, f.Outcome)
		assert.Equal(t, want, strings.Contains(f.Message, "refused this IP address"), "%s: %s", kind, f.Message)
	}
}
