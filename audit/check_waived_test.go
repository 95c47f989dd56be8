package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
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
		assert.Equal(t, c.want, report.Summary.ExitCode(audit.High), name)
		assert.Equal(t, c.want == audit.ExitClean, r.Err(audit.High) == nil, name)
		assert.Equal(t, 1, report.Summary.NotInspected, "it is still counted")
	}
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
