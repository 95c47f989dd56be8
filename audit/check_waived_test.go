package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// TestWaivedAndDown: of a key whose exchange is down, a bot and a run say the same,
// whatever its owner waived.
func TestWaivedAndDown(t *testing.T) {
	t.Parallel()
	var all []string
	for _, r := range audit.Rules() {
		all = append(all, r.ID)
	}
	for name, c := range map[string]struct {
		rules []string
		want  int
	}{
		"nothing waived":     {nil, audit.ExitNotAssessed},
		"only the outage":    {[]string{"not-inspected"}, audit.ExitNotAssessed},
		"all but the outage": {slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id == "not-inspected" }), audit.ExitNotAssessed},
		"everything":         {all, audit.ExitClean},
	} {
		r := (&audit.Result{Name: "bot", Snapshot: notInspected("bot").Snapshot}).Rejudge(waiving(audit.SpotTrading(), c.rules...), now, nil)
		report := audit.Compare(nil, &audit.Report{Finished: now, Results: []*audit.Result{r}}, nil)
		for _, threshold := range []audit.Severity{audit.High, audit.Critical} {
			assert.Equal(t, c.want, report.Summary.ExitCode(threshold), name)
			assert.Equal(t, c.want == audit.ExitClean, r.Err(threshold) == nil, name)
		}
		assert.Equal(t, 1, report.Summary.NotInspected, "it is still counted")
	}

	// What was never sent, for the input was wrong, is no outage that can be waived.
	misused := notInspected("bot").Snapshot
	misused.Failure = &access.Error{Kind: access.KindInput, Message: "no secret"}
	r := (&audit.Result{Name: "bot", Snapshot: misused}).Rejudge(waiving(audit.SpotTrading(), all...), now, nil)
	report := audit.Compare(nil, &audit.Report{Finished: now, Results: []*audit.Result{r}}, nil)
	assert.Equal(t, audit.ExitNotAssessed, report.Summary.ExitCode(audit.High))
	require.ErrorIs(t, r.Err(audit.High), audit.ErrInput)
}

// TestRunBeforeTheLastOnesEnd: a run that began before the previous one had ended is a
// finding, for a clock was set back or another report put in its place.
func TestRunBeforeTheLastOnesEnd(t *testing.T) {
	t.Parallel()
	before := &audit.Report{Started: now, Finished: now.Add(time.Minute)}
	for began, found := range map[time.Duration]bool{-time.Hour: true, 59 * time.Second: true, time.Minute: false, time.Hour: false} {
		run := &audit.Report{Started: now.Add(began), Finished: now.Add(began + time.Minute)}
		compared := audit.Compare(before, run, nil)
		is := slices.ContainsFunc(compared.Findings, func(f audit.Finding) bool {
			return f.Rule == audit.RuleClock && f.Outcome == audit.Failed && f.Severity == audit.High
		})
		assert.Equal(t, found, is, began)
	}
}
