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

// TestPatternsAreExact: an entry with a star that can be read is compared by what it
// allows, and not as if it were masked.
func TestPatternsAreExact(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.NewIPAllowlist([]string{"8.0.0.*"})}}
	for expected, want := range map[string]audit.Outcome{"8.0.0.0/24": audit.Passed, "8.0.0.0/16": audit.Failed, "8.0.0.0/25": audit.Failed} {
		f := only(t, audit.RuleIPAllowlistExpected, s, audit.Policy{ExpectedIPs: []netip.Prefix{netip.MustParsePrefix(expected)}})
		assert.Equal(t, want, f.Outcome, "%s: %s", expected, f.Message)
	}
}

// TestNothingTwice: a range that is an entry is not said again to be what the entries
// are together.
func TestNothingTwice(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.NewIPAllowlist([]string{"8.0.0.0/23", "9.0.0.1"})}}
	assert.NotContains(t, only(t, audit.RuleIPAllowlistWidth, s, audit.Policy{}).Message, "together")
}

// TestPointing: a rule points to another that asks, or that was attested, wherever that
// stands in the list; and what was waived stays what it is.
func TestPointing(t *testing.T) {
	t.Parallel()
	byID := map[string]*audit.Rule{}
	for _, r := range oneKeyRules() {
		byID[r.ID] = r
	}
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
	attested := audit.Policy{Attestations: []audit.Attestation{{Rule: audit.RuleIPAllowlist, Statement: "looked", By: "owner", At: now, Until: now.Add(aDay)}}}
	waived := audit.Policy{Waivers: []audit.Waiver{{Rule: audit.RuleIPAllowlistWidth, Reason: "known", Until: now.Add(aDay)}}}
	for _, order := range [][]string{{audit.RuleIPAllowlist, audit.RuleIPAllowlistWidth}, {audit.RuleIPAllowlistWidth, audit.RuleIPAllowlist}} {
		rules := []*audit.Rule{byID[order[0]], byID[order[1]]}
		for name, c := range map[string]struct {
			policy audit.Policy
			want   audit.Outcome
		}{"asks": {audit.Policy{}, audit.NotApplicable}, "attested": {attested, audit.NotApplicable}, "waived": {waived, audit.Undetermined}} {
			for _, f := range audit.Judge(s, c.policy, now, rules) {
				if f.Rule == audit.RuleIPAllowlistWidth {
					assert.Equal(t, c.want, f.Outcome, "%s, %s", name, order)
					assert.Equal(t, name == "waived", f.Waived != "", "%s, %s", name, order)
				}
			}
		}
	}
	alone := audit.Judge(s, audit.Policy{}, now, []*audit.Rule{byID[audit.RuleIPAllowlistWidth]})
	assert.Equal(t, audit.Undetermined, alone[0].Outcome, "nobody else asks")
}

// TestOthersOfOne: where only one key was audited, there are no others.
func TestOthersOfOne(t *testing.T) {
	t.Parallel()
	asked := false
	audit.Judge(&access.Snapshot{}, audit.Policy{}, now, []*audit.Rule{{ID: "x", Run: func(p *audit.Pass) audit.Verdict {
		for range p.Others() {
			assert.Fail(t, "another key")
		}
		was, last := p.Previous()
		assert.Nil(t, was)
		assert.Nil(t, last)
		asked = true
		return audit.Verdict{Outcome: audit.Passed}
	}}})
	assert.True(t, asked)
}

// TestListsOverTime: a list that let everybody in cannot be widened, and what comes
// after it is no danger.
func TestListsOverTime(t *testing.T) {
	t.Parallel()
	lists := func(entries ...string) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist(entries) }
	}
	for name, c := range map[string]struct {
		was, is func(*access.Snapshot)
		want    string
	}{
		"open to restricted":    {lists(), lists("203.0.113.7"), "failed info"},
		"all to one":            {lists("0.0.0.0/0"), lists("203.0.113.7"), "failed info"},
		"all to more than all":  {lists("0.0.0.0/0"), lists("0.0.0.0/0", "8.8.8.8", "2a00::/64"), "failed info"},
		"one to two":            {lists("203.0.113.7"), lists("203.0.113.7", "8.8.8.8"), "failed high"},
		"two to one":            {lists("203.0.113.7", "8.8.8.8"), lists("203.0.113.7"), "failed info"},
		"the same":              {lists("203.0.113.7"), lists("203.0.113.7"), "passed unset"},
		"one to all":            {lists("203.0.113.7"), lists("0.0.0.0/0"), "failed critical"},
		"one to a wider range":  {lists("203.0.113.7"), lists("203.0.113.0/24"), "failed high"},
		"a range to one of its": {lists("203.0.113.0/24"), lists("203.0.113.7"), "failed info"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, tradingKey("a", keyA, 0, c.was)), onNight(1, tradingKey("a", keyA, 1, c.is)), nil), "a", audit.RuleAllowlistWidened)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}

// TestReportedAsBefore: rights alone, unrecognised ones alone and a list alone are facts
// that the exchange could stop reporting.
func TestReportedAsBefore(t *testing.T) {
	t.Parallel()
	nothing := func(s *access.Snapshot) { s.Answer = access.Answer{} }
	for name, c := range map[string]struct {
		edit func(*access.Snapshot)
		want string
	}{
		"nothing": {nothing, "not-applicable unset"},
		"rights": {func(s *access.Snapshot) {
			nothing(s)
			s.Grants = []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Reported}}
		}, "passed unset"},
		"unrecognised": {func(s *access.Snapshot) { nothing(s); s.Unmapped = []string{"x"} }, "passed unset"},
		"a list":       {func(s *access.Snapshot) { nothing(s); s.IPAllowlist = access.NewIPAllowlist([]string{"8.8.8.8"}) }, "passed unset"},
		"a list, as documented": {func(s *access.Snapshot) {
			nothing(s)
			s.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}
		}, "not-applicable unset"},
		"creation": {func(s *access.Snapshot) { nothing(s); s.Created = firstNight }, "passed unset"},
		"account":  {func(s *access.Snapshot) { nothing(s); s.Account.Kind = access.SubAccount }, "passed unset"},
		"expiry":   {func(s *access.Snapshot) { nothing(s); s.NeverExpires = true }, "passed unset"},
		"edit":     {func(s *access.Snapshot) { nothing(s); s.Changed = firstNight }, "passed unset"},
		"use":      {func(s *access.Snapshot) { nothing(s); s.LastUsed = firstNight }, "passed unset"},
	} {
		was, is := tradingKey("a", keyA, 0, c.edit), tradingKey("a", keyA, 1, c.edit)
		got, message := outcome(t, audit.Compare(onNight(0, was), onNight(1, is), nil), "a", audit.RuleFactsLost)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
		got, message = outcome(t, audit.Compare(onNight(0, was), onNight(1, tradingKey("a", keyA, 1, nothing)), nil), "a", audit.RuleFactsLost)
		assert.Equal(t, c.want == "passed unset", got == "failed medium", "%s, lost: %s %s", name, got, message)
	}
}

// TestEveryOpenRight: all rights that may move funds out and are unknown are named, also
// where one of them is the common one.
func TestEveryOpenRight(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{
		Grants: []access.Grant{{Capability: access.Withdraw}, {Capability: access.Other("fiat-withdraw")}},
	}}
	f := only(t, audit.RuleWithdrawal, s, audit.Policy{})
	assert.Equal(t, audit.Undetermined, f.Outcome)
	assert.Contains(t, f.Message, "other:fiat-withdraw")
}

// TestOneOfTheOthers: a rule may stop looking at the other keys.
func TestOneOfTheOthers(t *testing.T) {
	t.Parallel()
	looked := 0
	rules := []*audit.Rule{{ID: "x", Scope: audit.WholeFleet, Run: func(p *audit.Pass) audit.Verdict {
		for range p.Others() {
			looked++
			break
		}
		return audit.Verdict{Outcome: audit.Passed}
	}}}
	audit.Compare(nil, reportOf(0, entry{"a", "toy", "live", "f1", nil}, entry{"b", "toy", "live", "f2", nil}, entry{"c", "toy", "live", "f3", nil}), rules)
	assert.Equal(t, 3, looked)
}

// TestRotationNeedsBoth: of a key without a fingerprint, nobody can say whether it is
// the same.
func TestRotationNeedsBoth(t *testing.T) {
	t.Parallel()
	nameless := func(s *access.Snapshot) { s.Fingerprint = "" }
	for name, c := range map[string]struct {
		was, is *audit.Result
		want    string
	}{
		"both":    {tradingKey("a", keyA, 0), tradingKey("a", keyA, 1), "passed unset"},
		"neither": {tradingKey("a", keyA, 0, nameless), tradingKey("a", keyA, 1, nameless), "not-applicable unset"},
		"before":  {tradingKey("a", keyA, 0), tradingKey("a", keyA, 1, nameless), "not-applicable unset"},
		"now":     {tradingKey("a", keyA, 0, nameless), tradingKey("a", keyA, 1), "not-applicable unset"},
		"another": {tradingKey("a", keyA, 0), tradingKey("a", keyB, 1), "failed info"},
	} {
		got, message := outcome(t, audit.Compare(onNight(0, c.was), onNight(1, c.is), nil), "a", audit.RuleRotated)
		assert.Equal(t, c.want, got, "%s: %s", name, message)
	}
}
