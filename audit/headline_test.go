package audit_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestHeadlines: what a key's facts mean together, from testdata/headlines.json.
func TestHeadlines(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/headlines.json")
	require.NoError(t, err)
	var cases []struct {
		nightsCase
		Says  []audit.Headline `json:"says"`  // the first ones; Text is a part of it, and empty fields are not compared
		Never string           `json:"never"` // in none of them
		Count int              `json:"count"` // of all, if not zero
	}
	require.NoError(t, strictly(text, &cases))
	for _, c := range cases {
		r := c.run(t)
		got := r.Headlines()
		require.GreaterOrEqual(t, len(got), len(c.Says), c.Name)
		for i, want := range c.Says {
			assert.Equal(t, want.Outcome.String(), got[i].Outcome.String(), "%s: %s", c.Name, show(got))
			assert.Contains(t, got[i].Text, want.Text, c.Name)
			if want.Severity != 0 {
				assert.Equal(t, want.Severity.String(), got[i].Severity.String(), "%s: %s", c.Name, show(got))
			}
			if want.Rules != nil {
				assert.Equal(t, want.Rules, got[i].Rules, c.Name)
			}
		}
		for _, h := range got {
			assert.False(t, c.Never != "" && strings.Contains(h.Text, c.Never), "%s: %s", c.Name, h.Text)
		}
		if c.Count > 0 {
			assert.Len(t, got, c.Count, "%s: %s", c.Name, show(got))
		}
		soundHeadlines(t, r)
	}
}

// soundHeadlines is what holds for the headlines of every key.
func soundHeadlines(t *testing.T, r *audit.Result) {
	t.Helper()
	got := r.Headlines()
	require.NotEmpty(t, got)
	require.LessOrEqual(t, len(got), 3)
	open := func(f audit.Finding) bool {
		return bad(&f) && f.Waived == "" && (r.Inspected() || f.Outcome == audit.Failed)
	}
	for i, h := range got {
		require.True(t, strings.HasSuffix(h.Text, ".") || strings.HasSuffix(h.Text, "?"), h.Text)
		require.NotContains(t, h.Text, "..")
		if h.Outcome == audit.Passed {
			require.Len(t, got, 1)
			require.Zero(t, h.Severity)
			require.True(t, r.Inspected())
			require.False(t, slices.ContainsFunc(r.Findings, open), "clean, and something is open: %s", show(r.Findings))
			continue
		}
		require.NotZero(t, h.Severity)
		for j, rule := range h.Rules {
			f := r.Finding(rule)
			require.NotNil(t, f)
			require.True(t, f.Waived == "" || rule == "not-inspected", "what was waived is no headline")
			require.LessOrEqual(t, f.Severity, h.Severity)
			require.NotContains(t, h.Rules[:j], rule)
		}
		if h.Outcome == audit.Failed && r.Finding("ip-allowlist") != nil {
			require.True(t, slices.ContainsFunc(h.Rules, func(rule string) bool { return r.Finding(rule).Outcome == audit.Failed }), "%s: %s", h.Text, show(r))
		}
		if i > 0 && got[i-1].Outcome == h.Outcome {
			require.False(t, h.Severity > got[i-1].Severity && h.Severity >= audit.High, "the worst first: %s", show(got))
		}
	}
	// The worst of what is open is said, in one way or another.
	if worst := r.Worst(); r.Inspected() && len(worst) > 0 {
		require.True(t, slices.ContainsFunc(got, func(h audit.Headline) bool { return h.Severity >= worst[0].Severity }), show(got))
		require.NotEqual(t, audit.Passed, got[0].Outcome)
	}
}

func TestHeadlinesOfEveryKey(t *testing.T) {
	t.Parallel()
	clean := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 39))
		before := anyReport(r)
		for _, result := range audit.Compare(before, anyReport(r), nil).Results {
			soundHeadlines(t, result)
		}
		// One rule alone, so that some are clean.
		s := arbitrary(r)
		s.Failure = nil
		rules := audit.Rules()[1:] // the first is about wallets
		one := (&audit.Result{Snapshot: s}).Rejudge(audit.Trading(), now, rules[:1+r.IntN(3)])
		soundHeadlines(t, one)
		if one.Headlines()[0].Outcome == audit.Passed {
			clean++
			for what, forget := range forgetting(s) {
				if _, right := rightOf(what); right { // of a right that a rule needs
					less := clone(t, s)
					forget(less)
					again := (&audit.Result{Snapshot: less}).Rejudge(audit.Trading(), now, rules[:1+r.IntN(3)])
					soundHeadlines(t, again)
				}
			}
		}
	}
	assert.Positive(t, clean)
}

func TestCleanHeadline(t *testing.T) {
	t.Parallel()
	passed, waivedOne := audit.Finding{Rule: "withdrawal", Outcome: audit.Passed, Evidence: access.Reported}, waived(audit.Finding{Rule: "clock", Outcome: audit.Failed, Severity: audit.High})
	attested := audit.Finding{Rule: "key-age", Outcome: audit.Passed, Evidence: access.Attested}
	with := func(edit func(*access.Snapshot), findings ...audit.Finding) *audit.Result {
		s := harmless()
		edit(s)
		return &audit.Result{Snapshot: s, Findings: findings}
	}
	same := func(*access.Snapshot) {}
	for _, c := range []struct {
		result *audit.Result
		want   audit.Headline
	}{
		{with(same, passed), audit.Headline{Outcome: audit.Passed, Text: "The key can read, from 1 IP address or range only."}},
		{
			with(func(s *access.Snapshot) {
				grant(access.TradeSpot, access.Granted)(s)
				grant(access.Withdraw, access.Granted)(s)
				s.Grants = append(s.Grants, access.Grant{Capability: "other:earn", State: access.Granted})
				s.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported}
			}, passed),
			audit.Headline{Outcome: audit.Passed, Text: "The key can read, trade spot, withdraw and earn, only from the IP addresses it is restricted to."},
		},
		{
			with(func(s *access.Snapshot) { s.IPAllowlist, s.Grants = access.IPAllowlist{}, nil }, passed, attested, waivedOne),
			audit.Headline{Outcome: audit.Passed, Text: "Nothing is wrong that the rules look for; attested by its owner: key-age; accepted by its owner: clock."},
		},
		{with(same), audit.Headline{Outcome: audit.Undetermined, Severity: audit.High, Text: "No rule judged this key: nothing is known of its risk."}},
		{
			with(same, found(audit.NotApplicable, 0), waivedOne),
			audit.Headline{Outcome: audit.Undetermined, Severity: audit.High, Text: "No rule found anything out about this key: nothing shows that it is safe."},
		},
		{&audit.Result{}, audit.Headline{Outcome: audit.Undetermined, Severity: audit.High, Text: "No rule judged this key: nothing is known of its risk."}},
		{
			with(same, passed, audit.Finding{Rule: "r", Outcome: 99, Message: "what is that?"}),
			audit.Headline{Outcome: audit.Undetermined, Severity: audit.High, Text: "What is that?", Rules: []string{"r"}},
		},
	} {
		assert.Equal(t, []audit.Headline{c.want}, c.result.Headlines())
	}
}
