package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// stepped is an exchange that says how each task is done there.
func stepped(e *adapter.Exchange) {
	e.Keys = adapter.KeyRules{Source: "toy.example/docs", Checked: "2026-11-22", Steps: map[adapter.Task]string{}}
	for _, task := range adapter.Tasks() {
		e.Keys.Steps[task] = "Menu → " + string(task) + "."
	}
}

// TestStepsFollowTheRemedy: the advice on a failure ends with the steps at the key's
// exchange, where they are known and the advice comes down to them, also when the
// stored result is judged again.
func TestStepsFollowTheRemedy(t *testing.T) {
	t.Parallel()
	key := toyKey(func(k *audit.Key) {
		k.Exchange = toyExchange(stepped)
		k.Exchange.Inspect = withSnapshot(func(s *access.Snapshot) {
			s.IPAllowlist = access.IPAllowlist{State: access.AllowlistUnrestricted}
			grant(access.Withdraw, access.Granted)(s)
			grant(access.TradeSpot, access.Unknown)(s)
		})
	})
	result, err := audit.Assess(t.Context(), key, &audit.Options{Transport: &toyFake{}})
	require.NoError(t, err)
	again := result.Rejudge(key.Policy, now, nil)
	for _, r := range []*audit.Result{result, again} {
		for rule, want := range map[string]string{
			audit.RuleWithdrawal:  " At Toy: Menu → switch a right off.",
			audit.RuleIPAllowlist: " At Toy: Menu → set an IP allowlist.",
		} {
			f := r.Finding(rule)
			require.Equal(t, audit.Failed, f.Outcome, rule)
			assert.Equal(t, ruleByID(t, rule)[0].Remedy+want, f.Remedy)
		}
		assert.NotContains(t, r.Finding(audit.RuleExcessPermission).Remedy+r.Finding(audit.RuleKeyAge).Remedy, "set an IP allowlist")
		for _, f := range r.Findings {
			assert.False(t, f.Outcome == audit.Undetermined && strings.Contains(f.Remedy, "At Toy"), "%s: finding out is no task", f.Rule)
		}
	}
}

// TestStepsFitTheAdvice: steps of the rule don't follow advice that is not the rule's
// own, and none follow where the exchange's are not known.
func TestStepsFitTheAdvice(t *testing.T) {
	t.Parallel()
	verdict := func(v audit.Verdict) []*audit.Rule {
		v.Outcome = audit.Failed
		return []*audit.Rule{{ID: "r", Remedy: "Own.", Task: adapter.DeleteKey, Severity: audit.High, Run: func(*audit.Pass) audit.Verdict { return v }}}
	}
	result := &audit.Result{Exchange: "toy", Snapshot: harmless(), Steps: map[adapter.Task]string{adapter.DeleteKey: "Delete.", adapter.UseSubAccount: "Open."}}
	for _, c := range []struct {
		verdict audit.Verdict
		want    string
	}{
		{audit.Verdict{}, "Own. At toy: Delete."},
		{audit.Verdict{Remedy: "Leave."}, "Leave."},
		{audit.Verdict{Remedy: "Move.", Task: adapter.UseSubAccount}, "Move. At toy: Open."},
		{audit.Verdict{Task: adapter.SetAllowlist}, "Own."},
	} {
		f := result.Rejudge(audit.ReadOnly(), now, verdict(c.verdict)).Findings[0]
		assert.Equal(t, c.want, f.Remedy)
	}
	result.Steps = nil
	assert.Equal(t, "Own.", result.Rejudge(audit.ReadOnly(), now, verdict(audit.Verdict{})).Findings[0].Remedy)
}

// TestTasksOfRules: a task of the catalogue is one that exchanges can have steps for,
// and a rule with the advice to take a right away names that task.
func TestTasksOfRules(t *testing.T) {
	t.Parallel()
	for _, r := range audit.Rules() {
		if r.Task != "" {
			assert.Contains(t, adapter.Tasks(), r.Task, r.ID)
		}
		if strings.Contains(r.Remedy, "and switch off") {
			assert.Equal(t, adapter.SwitchRightOff, r.Task, r.ID)
		}
	}
}
