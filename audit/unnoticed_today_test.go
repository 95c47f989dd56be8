package audit_test

import (
	"fmt"
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

// What is tested here, of rules about refusals, files and two runs, could once be broken
// without any test noticing.

// TestMessagesArePrintable: whatever text an exchange, a file's name or a caller's rule
// brings, no message or advice holds a control character.
func TestMessagesArePrintable(t *testing.T) {
	t.Parallel()
	const odd = "a\x1b[31m\nb"
	stored := func(s access.Storage) *access.Snapshot {
		s.Part, s.In = "secret", "file"
		return &access.Snapshot{Inspection: access.Inspection{Requests: 1, Storage: []access.Storage{s}}}
	}
	retired := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
	retired.Retired = odd
	foreign := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: &access.Error{Kind: access.KindBadKey, Environments: []string{odd}}}}
	own := &audit.Rule{ID: odd, Severity: audit.Low, Run: func(*audit.Pass) audit.Verdict { return audit.Verdict{Outcome: audit.Passed} }}
	policy := audit.Policy{Attestations: []audit.Attestation{{Rule: odd, Statement: "seen", By: "y", At: now.AddDate(0, 0, -1), Until: now.AddDate(0, 1, 0)}}}
	listed := acceptedWith("203.0.113.7")
	listed.IPAllowlist.Entries[0].Text = odd
	texts := []string{
		adviceAfter(listed, seenFrom(addr("203.0.113.99"))), adviceAfter(listed, seenFrom(netip.Addr{})),
	}
	for _, f := range slices.Concat(
		audit.Judge(stored(access.Storage{File: odd, Mode: 0o644}), policy, now, nil),
		audit.Judge(stored(access.Storage{File: odd, Mode: 0o600, Folder: odd, FolderMode: 0o777}), policy, now, nil),
		audit.Judge(stored(access.Storage{File: odd, Mode: 0o600}), policy, now, nil),
		audit.Judge(retired, policy, now, nil), audit.Judge(foreign, policy, now, nil),
		audit.Judge(retired, policy, now, append(audit.Rules(), own)),
	) {
		texts = append(texts, f.Message, f.Remedy)
	}
	shown := 0
	for _, text := range texts {
		assert.NotContains(t, text, "\x1b", "%q", text)
		assert.NotContains(t, text, "\n", "%q", text)
		if strings.Contains(text, "[31m") {
			shown++
		}
	}
	assert.GreaterOrEqual(t, shown, 8, "the texts are shown, without what could command a terminal")
}

// TestRefusedTwice: what a refused IP address is compared with.
func TestRefusedTwice(t *testing.T) {
	t.Parallel()
	seen := addr("203.0.113.99")
	open := acceptedWith("203.0.113.7")
	open.IPAllowlist.State = access.AllowlistOff
	none := acceptedWith()
	for name, c := range map[string]struct {
		was   *access.Snapshot
		never []string
	}{
		"a list that was off":    {open, []string{"203.0.113.7", "reported on"}},
		"a list without entries": {none, []string{"reported on", "  "}},
	} {
		for _, is := range []*access.Snapshot{seenFrom(seen), seenFrom(netip.Addr{})} {
			text := adviceAfter(c.was, is)
			for _, never := range c.never {
				assert.NotContains(t, text, never, "%s: %s", name, text)
			}
			assert.NotContains(t, text, "expected_ips:", "%s: none are expected", name)
		}
	}
	assert.Contains(t, adviceAfter(none, seenFrom(netip.Addr{}), "203.0.113.0/24"), "The policy's expected_ips: 203.0.113.0/24.")
	for _, local := range []string{"169.254.3.4", "fe80::1", "10.0.0.5", "127.0.0.1", "fd00::1"} {
		assert.NotContains(t, adviceAfter(nil, seenFrom(addr(local))), "add the entry", local)
	}

	// A result without facts, as a stored report may have one.
	before := &audit.Report{Finished: now.AddDate(0, 0, -1), Results: []*audit.Result{{Name: "bot"}}}
	after := &audit.Report{Finished: now, Results: []*audit.Result{{Name: "bot", Snapshot: seenFrom(seen)}}}
	assert.NotPanics(t, func() {
		text := audit.Compare(before, after, nil).Results[0].Finding("not-inspected").Remedy
		assert.NotContains(t, text, "the previous run was accepted")
	})
}

// TestAdviceKeepsTheCandidates: advice adds causes of its own to those of the refusal,
// which it leaves as they are.
func TestAdviceKeepsTheCandidates(t *testing.T) {
	t.Parallel()
	room := [3]access.Kind{access.KindBadKey, access.KindBadSignature, access.KindBanned}
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: &access.Error{
		Kind: access.KindAmbiguous, Candidates: room[:2], Environments: []string{"eu"},
	}}}
	assert.Contains(t, only(t, audit.RuleNotInspected, s, audit.Policy{}).Remedy, `"eu"`)
	assert.Equal(t, access.KindBanned, room[2], "it is the caller's")
}

// TestChangedFacts: what counts as reported, as changed, and as another key.
func TestChangedFacts(t *testing.T) {
	t.Parallel()
	account := func(kind access.AccountKind, id string) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Account.Kind, s.Account.ID = kind, id }
	}
	judge := func(was, is *audit.Result) (string, string) {
		return outcome(t, audit.Compare(onNight(0, was), onNight(1, is), nil), "a", audit.RuleFactsChanged)
	}
	got, text := judge(tradingKey("a", keyA, 0, account(access.MainAccount, "")), tradingKey("a", keyA, 1, account(access.SubAccount, "")))
	assert.Equal(t, "failed medium", got, text)
	assert.Contains(t, text, "the account that it belongs to: now sub, before main", "no blank at the end of what has no identifier")

	// Another key may belong to another account; what is wrong with the account stays so.
	got, text = judge(tradingKey("a", keyA, 0, account(access.MainAccount, "")), tradingKey("a", keyN, 1, account(access.SubAccount, "")))
	assert.NotContains(t, text, "the account that it belongs to", got)
	alarm := func(s *access.Snapshot) { s.Account.Alarms = []string{"locked"} }
	got, text = judge(tradingKey("a", keyA, 0), tradingKey("a", keyN, 1, alarm))
	assert.Equal(t, "failed high", got, text)

	// One fact is enough for a comparison, and without any there is none.
	silent := func(s *access.Snapshot) {
		s.Grants, s.KeyState, s.IPAllowlist, s.Created, s.Expires, s.NeverExpires = nil, access.KeyStateUnknown, access.IPAllowlist{}, time.Time{}, time.Time{}, false
	}
	bare := func(r *audit.Result) *audit.Result { silent(r.Snapshot); return r }
	got, text = judge(bare(tradingKey("a", keyA, 0)), bare(tradingKey("a", keyA, 1)))
	assert.Equal(t, "not-applicable unset", got, text)
	got, text = judge(bare(tradingKey("a", keyA, 0, account(access.MainAccount, ""))), bare(tradingKey("a", keyA, 1, account(access.MainAccount, ""))))
	assert.Equal(t, "passed unset", got, text)
}

// TestOtherKeysThatLookAlike: of two other keys with one mask, neither is compared.
func TestOtherKeysThatLookAlike(t *testing.T) {
	t.Parallel()
	key := func(c ...access.Capability) *access.Snapshot {
		s := &access.Snapshot{Inspection: access.Inspection{KeyID: "aa…bb"}}
		for _, held := range c {
			s.Grants = append(s.Grants, access.Grant{Capability: held, State: access.Granted, Evidence: access.Reported})
		}
		for _, other := range access.Capabilities() {
			if !slices.Contains(c, other) {
				s.Grants = append(s.Grants, access.Grant{Capability: other, State: access.Denied, Evidence: access.Reported})
			}
		}
		return s
	}
	with := func(siblings ...*access.Snapshot) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Siblings = siblings }
	}
	judge := func(was, is func(*access.Snapshot)) string {
		got, _ := outcome(t, audit.Compare(onNight(0, tradingKey("a", keyA, 0, was)), onNight(1, tradingKey("a", keyA, 1, is)), nil), "a", audit.RuleFactsChanged)
		return got
	}
	assert.Equal(t, "failed high", judge(with(key()), with(key(access.Withdraw))))
	assert.Equal(t, "passed unset", judge(with(key(), key()), with(key(), key(access.Withdraw))))
	assert.Equal(t, "passed unset", judge(with(key()), with(key(), key(access.Withdraw))))
}

// TestListsThatBecomeMasked: what let everybody in can't be widened by what a mask hides,
// and of a list of which the exchange said nothing, nothing was lost.
func TestListsThatBecomeMasked(t *testing.T) {
	t.Parallel()
	masked := func(s *access.Snapshot) {
		s.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported, Disclosed: access.MaskedEntries, Entries: []access.AllowlistEntry{
			{Text: "203.0.*.*"}, {Text: "198.51.*.*"}, {Text: "192.0.*.*"},
		}}
	}
	everybody := func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist([]string{"0.0.0.0/0"}) }
	got, text := outcome(t, audit.Compare(onNight(0, tradingKey("a", keyA, 0, everybody)), onNight(1, tradingKey("a", keyA, 1, masked)), nil), "a", audit.RuleAllowlistWidened)
	assert.Equal(t, "failed info", got, text)
}

// TestNeighboursTogether: two entries that make one network are as wide as that network,
// also where each by itself is narrow enough.
func TestNeighboursTogether(t *testing.T) {
	t.Parallel()
	judge := func(entries ...string) audit.Finding {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.NewIPAllowlist(entries)}}
		s.IPAllowlist.Evidence = access.Reported
		return only(t, audit.RuleIPAllowlistWidth, s, audit.Policy{})
	}
	for _, halves := range [][]string{{"64.0.0.0/4", "80.0.0.0/4"}, {"198.18.0.0/17", "198.18.128.0/17"}, {"64.0.0.0/3", "96.0.0.0/4", "112.0.0.0/4"}} {
		f := judge(halves...)
		assert.Equal(t, audit.Failed, f.Outcome, halves)
		assert.Equal(t, audit.High, f.Severity, halves)
		assert.Contains(t, f.Message, "the entries together allow", halves)
	}
	assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}, func() []netip.Prefix {
		list := access.NewIPAllowlist([]string{"0.0.0.0/1", "128.0.0.0/1"})
		return list.Ranges()
	}())
}

// TestSecondChannelNeedsAnAnswer: of a key that was not inspected it is not known.
func TestSecondChannelNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Failure: &access.Error{Kind: access.KindUnavailable}}}
	assert.Equal(t, audit.RuleNotInspected, only(t, audit.RuleSecondChannel, s, audit.Policy{}).See, "it is asked there")
	s.Failure = nil
	f := only(t, audit.RuleSecondChannel, s, audit.Policy{})
	assert.Equal(t, audit.NotApplicable, f.Outcome)
	assert.Empty(t, f.See)
}

// TestBundledRights: a right that comes with one the policy needs is no excess, unless
// that one may come from elsewhere.
func TestBundledRights(t *testing.T) {
	t.Parallel()
	policy := audit.SpotTrading()
	judge := func(edit func(spot, margin *access.Grant), more ...access.Grant) audit.Outcome {
		spot := access.Grant{Capability: access.TradeSpot, State: access.Granted, Evidence: access.Reported, Names: []string{"trade"}}
		margin := access.Grant{Capability: access.TradeMargin, State: access.Granted, Evidence: access.Reported, Names: []string{"trade"}}
		edit(&spot, &margin)
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{Grants: append([]access.Grant{spot, margin}, more...)}}
		for _, c := range access.Capabilities() {
			if s.Grant(c).State == access.Unknown {
				s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.Denied, Evidence: access.Reported})
			}
		}
		s.IPAllowlist = access.NewIPAllowlist([]string{"203.0.113.7"})
		s.IPAllowlist.Evidence = access.Reported
		return only(t, audit.RuleExcessPermission, s, policy).Outcome
	}
	assert.Equal(t, audit.Passed, judge(func(*access.Grant, *access.Grant) {}))
	assert.Equal(t, audit.Failed, judge(func(spot, _ *access.Grant) { spot.Names = []string{"trade", "spot"} }), "the other permission would do")
	assert.Equal(t, audit.Failed, judge(func(spot, _ *access.Grant) { spot.NamesIncomplete = true }), "another permission may do")
	channel := access.Grant{Capability: access.Other("fix-trade"), State: access.Granted, Evidence: access.Reported, Names: []string{"fix"}}
	require.Equal(t, access.FamilyChannel, access.FamilyOf(channel.Capability))
	assert.Equal(t, audit.Passed, judge(func(spot, _ *access.Grant) { spot.Names = []string{"trade", "fix"} }, channel),
		"a second channel does not replace the first")
}

// TestManyNeighbours: ten are named, and of more it is said that there are others.
func TestManyNeighbours(t *testing.T) {
	t.Parallel()
	var siblings []*access.Snapshot
	for i := range 14 {
		siblings = append(siblings, &access.Snapshot{Inspection: access.Inspection{KeyID: fmt.Sprintf("k%02d…", i)}})
	}
	r := tradingKey("a", keyA, 0, func(s *access.Snapshot) { s.Siblings = siblings })
	f := audit.Compare(nil, onNight(0, r), nil).Results[0].Finding(audit.RuleStrongerSibling)
	require.NotNil(t, f)
	assert.Equal(t, audit.Undetermined, f.Outcome)
	assert.LessOrEqual(t, strings.Count(f.Message, "k"), 14)
	assert.Contains(t, f.Message, " and others")
	assert.NotContains(t, f.Message, "k10")
}

// TestWhoHearsOfAnUnlistedKey: the first of the keys that list it, unless its owner
// attested or waived that very rule.
func TestWhoHearsOfAnUnlistedKey(t *testing.T) {
	t.Parallel()
	sibling := func(s *access.Snapshot) {
		s.Siblings = []*access.Snapshot{{Inspection: access.Inspection{KeyID: "eeee…6666", Fingerprint: evil}}}
	}
	until := firstNight.AddDate(0, 2, 0)
	waived := func(rule string) audit.Policy {
		return audit.Policy{Waivers: []audit.Waiver{{Rule: rule, Reason: "known", Until: until}}}
	}
	attested := audit.Policy{Attestations: []audit.Attestation{{
		Rule: audit.RuleUnlistedKey, Statement: "looked up", By: "y", At: firstNight.AddDate(0, -1, 0), Until: until,
	}}}
	for name, c := range map[string]struct {
		first audit.Policy
		hears string
	}{
		"nothing said":       {audit.Policy{}, "a"},
		"waived":             {waived(audit.RuleUnlistedKey), "b"},
		"another one waived": {waived(audit.RuleIPAllowlist), "a"},
		"attested":           {attested, "b"},
	} {
		one, two := tradingKey("a", keyA, 0, sibling), tradingKey("b", keyB, 0, sibling)
		one.JudgedBy, two.JudgedBy = c.first, audit.Policy{}
		report := audit.Compare(nil, onNight(0, one, two), nil)
		for _, r := range report.Results {
			f := r.Finding(audit.RuleUnlistedKey)
			require.NotNil(t, f, name)
			assert.Equal(t, r.Name == c.hears, f.Outcome == audit.Failed, "%s: %s says %s: %s", name, r.Name, f.Outcome, f.Message)
		}
	}
}
