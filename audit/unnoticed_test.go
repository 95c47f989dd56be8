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

// TestHiddenEntries: what a list shows of itself while it is called hidden is not the
// whole of it.
func TestHiddenEntries(t *testing.T) {
	t.Parallel()
	policy := audit.Policy{ExpectedIPs: []netip.Prefix{netip.MustParsePrefix("198.51.100.20/32")}}
	for _, entry := range []string{"198.51.100.20", "8.8.8.8"} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.NewIPAllowlist([]string{entry})}}
		s.IPAllowlist.Disclosed = access.NotDisclosed
		f := only(t, audit.RuleIPAllowlistExpected, s, policy)
		assert.Equal(t, audit.Undetermined, f.Outcome, entry)
		assert.Contains(t, f.Message, "does not report the IP addresses", entry)
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

// TestHostileWordsOfAPolicy: a policy may come from a file that others write, and nothing
// of it may steer a terminal.
func TestHostileWordsOfAPolicy(t *testing.T) {
	t.Parallel()
	hostile := "a\x1b[2J\u202eb" + strings.Repeat("long", 10_000)
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
				assert.Less(t, len(f.Message+f.Waived+f.Remedy), 10_000, f.Rule)
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
	s.IPAllowlist = access.NewIPAllowlist([]string{"8.**.1"}) // masked: it may be one of the two
	f := only(t, audit.RuleIPAllowlistExpected, s, audit.Policy{ExpectedIPs: []netip.Prefix{netip.MustParsePrefix("8.0.0.1/32"), netip.MustParsePrefix("9.0.0.1/32")}})
	assert.Equal(t, audit.Failed, f.Outcome, f.Message)
	assert.Equal(t, audit.Medium, f.Severity)
	assert.Contains(t, f.Message, "9.0.0.1/32")
}

// TestNothingTwice: a range that is an entry is not said again to be what the entries
// are together.
func TestNothingTwice(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.NewIPAllowlist([]string{"8.0.0.0/23", "9.0.0.1"})}}
	assert.NotContains(t, only(t, audit.RuleIPAllowlistWidth, s, audit.Policy{}).Message, "together")
	for _, wide := range []string{"8.0.0.0/16", "2a00::/48"} {
		s.IPAllowlist = access.NewIPAllowlist([]string{wide})
		assert.NotContains(t, only(t, audit.RuleIPAllowlistWidth, s, audit.Policy{}).Message, "together", wide)
	}
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

// TestLongNames: a name of any length makes no message of any length.
func TestLongNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long", 10_000)
	s := &access.Snapshot{Inspection: access.Inspection{
		Requests: 1, Environment: long, Failure: &access.Error{Kind: access.KindWrongEnvironment}, Storage: []access.Storage{{Part: "secret", File: long, Mode: 0o644}},
	}}
	for _, rule := range []string{audit.RuleKeyFileMode, audit.RuleWrongEnvironment, audit.RuleNotInspected} {
		f := only(t, rule, s, audit.Policy{})
		assert.Equal(t, audit.Failed, f.Outcome, rule)
		assert.Less(t, len(f.Message), 2000, rule)
		if rule != audit.RuleKeyFileMode { // a command is copied whole
			assert.Less(t, len(f.Remedy), 2000, rule)
		}
	}
}

// TestAdviceOfOneCause: candidates count where the failure is ambiguous, and only there.
func TestAdviceOfOneCause(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: &access.Error{Kind: access.KindUnavailable, Candidates: []access.Kind{access.KindBadKey, access.KindClockSkew}}}}
	assert.Equal(t, "Audit the key again later.", only(t, audit.RuleNotInspected, s, audit.Policy{}).Remedy)
	s.Failure.Kind = access.KindAmbiguous
	assert.Contains(t, only(t, audit.RuleNotInspected, s, audit.Policy{}).Remedy, "NTP")
}

// TestAddressOfTheCaller: the IP address that the exchange saw is shown once, whatever
// the cause.
func TestAddressOfTheCaller(t *testing.T) {
	t.Parallel()
	for _, kind := range []access.Kind{access.KindIPNotAllowed, access.KindBadKey} {
		for seen, times := range map[string]int{"198.51.100.77": 1, "": 0} {
			failure := &access.Error{Kind: kind}
			if seen != "" {
				failure.Address = netip.MustParseAddr(seen)
			}
			s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: failure}}
			remedy := only(t, audit.RuleNotInspected, s, audit.Policy{}).Remedy
			assert.Equal(t, times, strings.Count(remedy, "the IP address 198.51.100.77"), "%s: %s", kind, remedy)
			assert.NotContains(t, remedy, "invalid", kind)
		}
	}
}

// TestCommandForAFile: a command to copy is offered only for a name that no shell reads
// as anything else.
func TestCommandForAFile(t *testing.T) {
	t.Parallel()
	for file, safe := range map[string]bool{
		"/home/a_z/AZ-09.json": true, "a": true, "0": true, "9": true, "z": true, "A": true, "Z": true, "-a": false, "a b": false, "a;b": false, "a$b": false,
		"a'b": false, "a@b": false, "a[b": false, "a`b": false, "a{b": false, "a:b": false, "a\nb": false,
	} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Storage: []access.Storage{{Part: "secret", File: file, Mode: 0o644}}}}
		f := only(t, audit.RuleKeyFileMode, s, audit.Policy{})
		assert.Equal(t, safe, f.Remedy == "chmod 600 "+file, "%q: %s", file, f.Remedy)
		s.Storage[0].Foreign = true
		assert.NotContains(t, only(t, audit.RuleKeyFileMode, s, audit.Policy{}).Remedy, "chmod", "only its owner can")
	}
}

// TestFormerNames: a policy may name a rule as it was called before, wherever it names one.
func TestFormerNames(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
	for former, rule := range audit.RenamedRules() {
		attested := audit.Policy{Attestations: []audit.Attestation{{Rule: former, Statement: "looked", By: "owner", At: now, Until: now.Add(aDay)}}}
		waived := audit.Policy{Waivers: []audit.Waiver{{Rule: former, Reason: "known", Until: now.Add(aDay)}}}
		assert.Equal(t, access.Attested, only(t, rule, s, attested).Evidence, former)
		assert.NotEmpty(t, only(t, rule, s, waived).Waived, former)
		for _, p := range []audit.Policy{attested, waived} {
			assert.Equal(t, audit.Passed, only(t, audit.RuleAttestation, s, p).Outcome, former)
			_, err := audit.Plan(audit.Key{Exchange: toyExchange(), Policy: p})
			require.NoError(t, err, former)
			key := toyKey(func(k *audit.Key) { k.Policy = p })
			_, err = audit.Assess(t.Context(), key, &audit.Options{Transport: &toyFake{}})
			require.NotErrorIs(t, err, access.KindInput, former)
		}
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Deadlines: []access.Deadline{{What: "it ends"}}}}
		says := only(t, audit.RuleAttestation, s, attested)
		assert.Contains(t, says.Message, "is not used: the rule failed all the same", former)
	}
}

// TestFactsBesideAFailure: a snapshot made by hand may hold facts and a failure, and the
// failure counts.
func TestFactsBesideAFailure(t *testing.T) {
	t.Parallel()
	s := tradingKey("a", keyA, 0).Snapshot
	for _, rule := range []string{audit.RuleExchangeExpiry, audit.RuleContradiction, audit.RuleOtherKeysSecrets} {
		rules := slices.DeleteFunc(oneKeyRules(), func(r *audit.Rule) bool { return r.ID != rule })
		s.Failure = nil
		assert.Equal(t, audit.Passed, audit.Judge(s, audit.Policy{}, now, rules)[0].Outcome, rule)
		s.Failure = &access.Error{Kind: access.KindUnavailable}
		assert.Equal(t, audit.Undetermined, audit.Judge(s, audit.Policy{}, now, rules)[0].Outcome, rule)
	}
}

// TestKindOfAKeyIsLocal: what kind of key it is can be found out without the exchange.
func TestKindOfAKeyIsLocal(t *testing.T) {
	t.Parallel()
	for _, kind := range []access.KeyKind{access.SharedSecret, access.RSAKey} {
		s := &access.Snapshot{Inspection: access.Inspection{
			Requests: 1, KeyKind: kind, KeyKinds: []access.KeyKind{access.SharedSecret}, Failure: &access.Error{Kind: access.KindUnavailable},
		}}
		assert.Equal(t, audit.Undetermined, only(t, audit.RuleWeakKey, s, audit.Policy{}).Outcome, kind)
	}
}

// TestAttestationBesideUnknownRights: permissions that nobody knows are covered where
// they are asked about, and hold up no other attestation.
func TestAttestationBesideUnknownRights(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Unmapped: []string{"teleport"}}}
	attested := func(rule string, covers ...string) audit.Policy {
		return audit.Policy{Attestations: []audit.Attestation{{Rule: rule, Statement: "looked", By: "owner", At: now, Until: now.Add(aDay), Covers: covers}}}
	}
	assert.Equal(t, access.Attested, only(t, audit.RuleWithdrawal, s, attested(audit.RuleWithdrawal)).Evidence)
	assert.Equal(t, audit.Undetermined, only(t, audit.RuleUnknownPermission, s, attested(audit.RuleUnknownPermission)).Outcome)
	assert.Equal(t, access.Attested, only(t, audit.RuleUnknownPermission, s, attested(audit.RuleUnknownPermission, "teleport")).Evidence)
}

// TestPairsOfAFailure: where nothing was read, nobody knows whether pairs could be set.
func TestPairsOfAFailure(t *testing.T) {
	t.Parallel()
	rules := slices.DeleteFunc(oneKeyRules(), func(r *audit.Rule) bool { return r.ID != audit.RulePairAllowlist })
	for _, c := range []struct {
		failure *access.Error
		want    audit.Outcome
	}{{&access.Error{Kind: access.KindUnavailable}, audit.Undetermined}, {nil, audit.NotApplicable}} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: c.failure}}
		assert.Equal(t, c.want, audit.Judge(s, audit.Policy{}, now, rules)[0].Outcome)
	}
}

// TestClosingIsNoExpiry: where the IP allowlist is unknown, a deadline without a date may
// be near, except that of an exchange that closes.
func TestClosingIsNoExpiry(t *testing.T) {
	t.Parallel()
	for closing, want := range map[bool]audit.Severity{false: audit.High, true: audit.Medium} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Deadlines: []access.Deadline{{What: "it ends", Closing: closing}}}}
		assert.Equal(t, want, only(t, audit.RuleExchangeExpiry, s, audit.Policy{}).Severity, closing)
	}
}

// TestRefusedByAKnownList: where a list is known, nobody is told that there may be none.
func TestRefusedByAKnownList(t *testing.T) {
	t.Parallel()
	const none = "refuses keys without an allowlist too"
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: &access.Error{Kind: access.KindIPNotAllowed}}}
	assert.Contains(t, only(t, audit.RuleNotInspected, s, audit.Policy{}).Remedy, none)
	s.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Refused}
	assert.NotContains(t, only(t, audit.RuleNotInspected, s, audit.Policy{}).Remedy, none)
}
