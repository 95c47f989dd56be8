package audit_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// The tests of this file are about what comes from outside the project: adapters and
// rules that strangers write. None of their mistakes may make a key look safe.

// TestStatesThatAreNone: a number that is no state of a right is not "denied", in
// whatever capability it stands.
func TestStatesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, policy := range audit.Presets() {
		for _, c := range access.Capabilities() {
			with := func(state access.State) []audit.Finding {
				s := harmless()
				for i := range s.Grants {
					if s.Grants[i].Capability == c {
						s.Grants[i].State = state
					}
				}
				return audit.Judge(s, policy, now, nil)
			}
			unknown := with(access.Unknown)
			for i, f := range with(77) {
				assert.LessOrEqual(t, unknown[i].Rank(), f.Rank(), "%s for %s: %v, and unknown it is %v", c, policy.Name, f, unknown[i])
			}
		}
	}
	s := &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{
		{Capability: access.Withdraw, State: access.Denied, Evidence: access.Reported}, {Capability: access.Withdraw, State: 77, Evidence: access.Reported},
	}}}
	assert.NotEqual(t, access.Denied, s.Grant(access.Withdraw).State, "the more dangerous entry counts")
}

// TestCapabilitiesThatAreNone: a right that an adapter names outside the vocabulary
// is one that nobody has classified. It stops a bot, held or unknown.
func TestCapabilitiesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, name := range []access.Capability{"Withdraw", "withdraw.fiat", "WITHDRAW", "transfer", "trade", "Trade.Spot", "other:", "other:Pay", "", "\u0077ithdraw "} {
		for _, state := range []access.State{access.Granted, access.Unknown} {
			for _, policy := range []audit.Policy{audit.ReadOnly(), audit.SpotTrading()} {
				s := harmless()
				grant(access.TradeSpot, access.Granted)(s)
				s.Grants = append(s.Grants, access.Grant{Capability: name, State: state, Evidence: access.Reported})
				stopped := slices.ContainsFunc(audit.Judge(s, policy, now, nil), func(f audit.Finding) bool {
					return f.Rule == audit.RuleExcessPermission && f.Outcome != audit.Passed && f.Severity >= audit.High
				})
				assert.True(t, stopped, "%q %s for %s", name, state, policy.Name)
			}
		}
	}
}

// TestRulesThatAreNone: a rule that is nil or empty gives no answer, which is no
// good one, and stops nothing else.
func TestRulesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, rules := range [][]*audit.Rule{{nil}, {{}}, append(audit.Rules(), nil), append([]*audit.Rule{nil}, audit.Rules()...)} {
		options := &audit.Options{Transport: &toyFake{}, Rules: rules}
		err := audit.Check(t.Context(), toyKey(), options)
		meansOnly(t, err, audit.ErrUndetermined)
		require.ErrorContains(t, err, "The rule gave no answer")
		assert.Contains(t, rulesOf(audit.Judge(harmless(), audit.ReadOnly(), now, rules)), "", "it has a finding of its own")
		report := audit.Collect(audit.Run(t.Context(), repeat(toyKey(), 1), options), nil)
		assert.Equal(t, audit.ExitNotAssessed, audit.Compare(nil, report, rules).Summary.ExitCode(audit.High))
		again := report.Rejudge(func(*audit.Result) audit.Policy { return audit.ReadOnly() }, now, rules)
		assert.Equal(t, audit.ExitNotAssessed, again.Summary.ExitCode(audit.High))
		require.Error(t, audit.ValidateRules(rules))
	}
}

func rulesOf(findings []audit.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Rule)
	}
	return out
}

// TestSiblingsThatAreNone: an adapter that lists another key of the account and says
// nothing about it, not even which, is not understood.
func TestSiblingsThatAreNone(t *testing.T) {
	t.Parallel()
	nested := &access.Snapshot{Answer: access.Answer{Siblings: []*access.Snapshot{nil}}}
	for _, siblings := range [][]*access.Snapshot{{nil}, {{}, nil}, {nested}} {
		err := audit.Check(t.Context(), changed(func(s *access.Snapshot) { s.Siblings = siblings }), &audit.Options{Transport: &toyFake{}})
		meansOnly(t, err, audit.ErrNotInspected)
		require.ErrorContains(t, err, "the adapter lists a key of the account and says nothing about it")
	}
}

// TestResultsThatAreNone: a nil among results is nothing that was audited.
func TestResultsThatAreNone(t *testing.T) {
	t.Parallel()
	report := audit.Collect(slices.Values([]*audit.Result{nil}), nil)
	assert.Equal(t, audit.ExitNotAssessed, report.Summary.ExitCode(audit.High))
	assert.Empty(t, report.Results)
}

// TestRulesShowNoSecret: what a rule of the bot's own says of a text in which the
// exchange echoes a secret is judged by that text, and shows none of it.
func TestRulesShowNoSecret(t *testing.T) {
	t.Parallel()
	for _, outcome := range []audit.Outcome{audit.Failed, audit.Undetermined} {
		quoting := &audit.Rule{ID: "quoting", Severity: audit.High, Remedy: "Ask the admin.", FindOut: "Look at the page.", Run: func(p *audit.Pass) audit.Verdict {
			for _, name := range p.Snapshot.Unmapped {
				if name == "see "+toySecret {
					return audit.Verdict{Outcome: outcome, Message: "it holds " + name, Remedy: "Remove " + name, Severity: audit.High}
				}
			}
			return audit.Verdict{Outcome: audit.Passed}
		}}
		key := changed(func(s *access.Snapshot) { s.Unmapped = []string{"see " + toySecret} })
		result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: &toyFake{}, Rules: []*audit.Rule{quoting}})
		require.NoError(t, err)
		f := result.Finding("quoting")
		assert.Equal(t, outcome, f.Outcome)
		assert.NotContains(t, f.Message+f.Remedy, toySecret)
		assert.Equal(t, map[audit.Outcome]string{audit.Failed: quoting.Remedy, audit.Undetermined: quoting.FindOut}[outcome], f.Remedy)
	}
}

// TestAdapterThatFindsNothing: what an adapter gives back without an error and
// without an answer is no good news.
func TestAdapterThatFindsNothing(t *testing.T) {
	t.Parallel()
	for name, inspect := range map[string]func(context.Context, *adapter.Session) (*access.Snapshot, error){
		"nothing":          func(context.Context, *adapter.Session) (*access.Snapshot, error) { return nil, nil }, //nolint:nilnil // that is the mistake
		"an empty answer":  func(context.Context, *adapter.Session) (*access.Snapshot, error) { return &access.Snapshot{}, nil },
		"without asking":   func(context.Context, *adapter.Session) (*access.Snapshot, error) { return harmless(), nil },
		"a failure inside": withSnapshot(func(s *access.Snapshot) { *s = access.Snapshot{}; s.Failure = &access.Error{} }),
	} {
		key := toyKey(func(k *audit.Key) { k.Exchange.Inspect = inspect })
		require.Error(t, audit.Check(t.Context(), key, &audit.Options{Transport: &toyFake{}}), name)
	}
}
