package audit_test

import (
	"testing"

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
