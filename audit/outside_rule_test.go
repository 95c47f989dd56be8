package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestOutsideRules: a rule written elsewhere can ask of the fleet and of the last
// report what the catalogue's rules ask.
func TestOutsideRules(t *testing.T) {
	t.Parallel()
	oneOwner := &audit.Rule{ID: "one-owner", Severity: audit.High, Scope: audit.WholeFleet, Run: func(p *audit.Pass) audit.Verdict {
		for other := range p.Others() {
			if other.Record.Owner != p.Record.Owner {
				return audit.Verdict{Outcome: audit.Failed, Message: other.Name + " has another owner"}
			}
		}
		return audit.Verdict{Outcome: audit.Passed}
	}}
	moved := &audit.Rule{ID: "moved", Severity: audit.High, Scope: audit.SinceLast, Run: func(p *audit.Pass) audit.Verdict {
		result, last := p.Previous()
		switch {
		case result == nil || last == nil:
			return audit.Verdict{Outcome: audit.NotApplicable}
		case last.Egress != p.Snapshot.Egress:
			return audit.Verdict{Outcome: audit.Failed, Message: "from " + last.Egress + " to " + p.Snapshot.Egress}
		default:
			return audit.Verdict{Outcome: audit.Passed}
		}
	}}
	report := func(egress string, owners ...string) *audit.Report {
		r := &audit.Report{Started: now, Finished: now}
		for i, owner := range owners {
			name := string(rune('a' + i))
			s := &access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Environment: "live", Fingerprint: name, Egress: egress, Requests: 1}}
			r.Results = append(r.Results, &audit.Result{Name: name, Exchange: "toy", Snapshot: s, Record: audit.Record{Owner: owner}})
		}
		return r
	}
	rules := []*audit.Rule{oneOwner, moved}

	first := audit.Compare(nil, report("tokyo", "ada", "ada"), rules)
	require.Len(t, first.Results, 2)
	assert.Equal(t, audit.Passed, first.Results[0].Finding("one-owner").Outcome)
	assert.Nil(t, first.Results[0].Finding("moved"), "there is no previous report")

	second := audit.Compare(first, report("osaka", "ada", "bob", "ada"), rules)
	assert.Equal(t, "b has another owner", second.Results[0].Finding("one-owner").Message)
	assert.Equal(t, "a has another owner", second.Results[1].Finding("one-owner").Message)
	assert.Equal(t, "from tokyo to osaka", second.Results[0].Finding("moved").Message)
	assert.Equal(t, audit.NotApplicable, second.Results[2].Finding("moved").Outcome, "the key is new")

	alone := audit.Judge(second.Results[0].Snapshot, audit.ReadOnly(), now, rules)
	assert.Empty(t, alone, "of one key by itself, neither is asked")
}

// TestRunsOutOfOrder: a run that began before the previous one ended says that a
// clock or a file is not what it should be.
func TestRunsOutOfOrder(t *testing.T) {
	t.Parallel()
	report := func(started, finished time.Duration) *audit.Report {
		s := &access.Snapshot{Inspection: access.Inspection{Exchange: "toy", Environment: "live", Fingerprint: "a", Requests: 1}}
		return &audit.Report{Started: now.Add(started), Finished: now.Add(finished), Results: []*audit.Result{{Name: "a", Exchange: "toy", Snapshot: s}}}
	}
	before := report(0, time.Hour)
	for started, wrong := range map[time.Duration]bool{time.Hour: false, 2 * time.Hour: false, 59 * time.Minute: true, time.Nanosecond: true, 0: false /* the same run */, -time.Hour: true} {
		after := audit.Compare(before, report(started, started+time.Hour), nil)
		if !wrong {
			assert.Empty(t, after.Findings, started)
			continue
		}
		require.Len(t, after.Findings, 1, started)
		assert.Equal(t, "clock", after.Findings[0].Rule)
		assert.Equal(t, audit.High, after.Findings[0].Severity)
		assert.Equal(t, 1, after.Summary.Failed[audit.High], "it counts")
		assert.True(t, after.Changed())
	}
	assert.Empty(t, audit.Compare(nil, before, nil).Findings)
}
