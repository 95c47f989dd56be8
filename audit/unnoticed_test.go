package audit_test

import (
	"net/netip"
	"testing"

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
