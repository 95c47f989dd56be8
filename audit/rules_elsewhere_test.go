package audit_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// seenFrom is a run in which the exchange refused an IP address; it is not named if
// invalid.
func seenFrom(address netip.Addr) *access.Snapshot {
	return &access.Snapshot{Inspection: access.Inspection{
		Environment: "live", Fingerprint: "f", Requests: 1, TakenAt: now,
		Failure: &access.Error{Kind: access.KindIPNotAllowed, Address: address},
	}}
}

// acceptedWith is an earlier run, with the allowlist that the exchange reported.
func acceptedWith(entries ...string) *access.Snapshot {
	s := &access.Snapshot{Inspection: access.Inspection{
		Environment: "live", Fingerprint: "f", Requests: 1, TakenAt: now.Add(-24 * time.Hour),
	}}
	s.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported, Disclosed: access.EntriesComplete}
	for _, text := range entries {
		s.IPAllowlist.Entries = append(s.IPAllowlist.Entries, access.AllowlistEntry{Text: text, Prefix: netip.PrefixFrom(addr(text), addr(text).BitLen())})
	}
	return s
}

// adviceAfter is what is advised about a refused key; the earlier run may be nil.
func adviceAfter(was, is *access.Snapshot, expected ...string) string {
	policy := audit.ReadOnly()
	for _, text := range expected {
		policy.ExpectedIPs = append(policy.ExpectedIPs, netip.MustParsePrefix(text))
	}
	report := func(s *access.Snapshot) *audit.Report {
		return &audit.Report{Finished: s.TakenAt, Results: []*audit.Result{{Name: "bot", JudgedBy: policy, Snapshot: s}}}
	}
	var before *audit.Report
	if was != nil {
		before = report(was)
	}
	return audit.Compare(before, report(is), nil).Results[0].Finding("not-inspected").Remedy
}

// TestAdviceAboutARefusedAddress: which IP address it is, whether it has changed, how it
// compares with what is known, and the entry to add.
func TestAdviceAboutARefusedAddress(t *testing.T) {
	t.Parallel()
	home, other, six := addr("203.0.113.7"), addr("203.0.113.99"), addr("2001:db8::9")
	unnamed := netip.Addr{}
	elsewhere := acceptedWith("203.0.113.7")
	elsewhere.Egress = "tokyo"
	masked := acceptedWith("203.0.113.7")
	masked.IPAllowlist.Disclosed = access.MaskedEntries
	rotated := acceptedWith("203.0.113.7")
	rotated.Fingerprint = "g"
	for name, c := range map[string]struct {
		was, is  *access.Snapshot
		expected []string
		says     []string
		never    []string
	}{
		"first run": {nil, seenFrom(other), nil, []string{
			"the exchange saw the IP address 203.0.113.99 (IPv4). Only if the bot runs there, add the entry 203.0.113.99 to the key's allowlist.",
		}, []string{"previous", "reported on", "expected_ips"}},
		"changed":          {seenFrom(home), seenFrom(other), nil, []string{"it has changed: in the previous run it saw 203.0.113.7."}, []string{"reported on"}},
		"unchanged":        {seenFrom(other), seenFrom(other), nil, []string{"203.0.113.99 (IPv4), as in the previous run."}, []string{"has changed"}},
		"not named before": {seenFrom(unnamed), seenFrom(other), nil, nil, []string{"previous run", "has changed"}},
		"accepted before": {acceptedWith("203.0.113.7"), seenFrom(other), nil, []string{
			"the previous run was accepted, so either this IP address or the allowlist has changed since.",
			"It is not on the allowlist that the exchange reported on 2026-11-21: 203.0.113.7.",
		}, nil},
		"was on the list": {acceptedWith("203.0.113.99", "203.0.113.7"), seenFrom(other), nil, []string{
			"It was on the allowlist that the exchange reported on 2026-11-21, so the list was probably changed since.",
		}, []string{"It is not on"}},
		"masked list":    {masked, seenFrom(other), nil, []string{"and did not show all of it."}, []string{"It is not on"}},
		"another egress": {elsewhere, seenFrom(other), nil, []string{`this run used the egress none, the previous one "tokyo"`}, []string{"was accepted"}},
		"another key":    {rotated, seenFrom(other), nil, nil, []string{"was accepted", "reported on"}},
		"expected": {nil, seenFrom(home), []string{"203.0.113.0/29"}, []string{
			"It is one of the policy's expected_ips: add the entry 203.0.113.7 to the key's allowlist.",
		}, []string{"Only if", "not one of"}},
		"not expected": {nil, seenFrom(other), []string{"203.0.113.7/32", "203.0.113.16/29"}, []string{
			"It is not one of the policy's expected_ips (203.0.113.7, 203.0.113.16/29). Only if the bot runs there, add the entry 203.0.113.99 to the key's allowlist and to expected_ips.",
		}, []string{"It is one of"}},
		"IPv6": {nil, seenFrom(six), nil, []string{"2001:db8::9 (IPv6)", "add the entry 2001:db8::9 to", "connecting by IPv4 may be all"}, nil},
		"private": {nil, seenFrom(addr("10.0.0.3")), nil, []string{
			"That is a private IP address, which no allowlist needs: look for a proxy or gateway in between.",
		}, []string{"add the entry"}},
		"not named": {acceptedWith("203.0.113.7"), seenFrom(unnamed), []string{"203.0.113.8/32"}, []string{
			"The allowlist that the exchange reported on 2026-11-21: 203.0.113.7.", "The policy's expected_ips: 203.0.113.8.",
		}, []string{"add the entry", "saw"}},
	} {
		advice := adviceAfter(c.was, c.is, c.expected...)
		for _, text := range c.says {
			assert.Contains(t, advice, text, name)
		}
		for _, text := range c.never {
			assert.NotContains(t, advice, text, name)
		}
	}
}

// TestRenewedAttestation: one that has expired is history once another of the same rule
// is in force; one that is incomplete is a finding all the same.
func TestRenewedAttestation(t *testing.T) {
	t.Parallel()
	attest := func(at, until int) audit.Attestation {
		return audit.Attestation{
			Rule: "key-age", Statement: "seen", By: "Ada", At: now.AddDate(0, 0, at), Until: now.AddDate(0, 0, until),
		}
	}
	old, renewed, unsigned := attest(-90, -1), attest(-1, 60), attest(-1, 60)
	unsigned.By = ""
	former, current := attest(-90, -1), attest(-1, 60)
	former.Rule, current.Rule = "venue-expiry", audit.RuleExchangeExpiry
	for name, c := range map[string]struct {
		attestations []audit.Attestation
		want         audit.Outcome
	}{
		"expired":                               {[]audit.Attestation{old}, audit.Failed},
		"renewed":                               {[]audit.Attestation{old, renewed}, audit.Passed},
		"incomplete":                            {[]audit.Attestation{unsigned, renewed}, audit.Failed},
		"renewed under the rule's present name": {[]audit.Attestation{former, current}, audit.Passed},
	} {
		policy := audit.ReadOnly()
		policy.Attestations = c.attestations
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
		got := (&audit.Result{Snapshot: s}).Rejudge(policy, now, nil).Finding("attestation")
		assert.Equal(t, c.want, got.Outcome, "%s: %s", name, got.Message)
	}
}

// TestAttestableRules: what only an audit shows, or the inventory says, nobody attests.
func TestAttestableRules(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"ip-allowlist": true, "key-age": true, "exchange-expiry": true, "clock": true, "idle-key": true,
		"not-inspected": false, "insecure-transport": false, "ownership": false, "attestation": false, "plain-secret": false, "rotated": false,
	} {
		for _, r := range audit.Rules() {
			if r.ID == id {
				assert.Equal(t, want, r.Attestable(), id)
			}
		}
	}
}
