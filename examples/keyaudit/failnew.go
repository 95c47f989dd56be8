package main

import (
	"iter"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// onlyNew delivers a report and, with --fail-on-new, chooses the exit code by what is new
// since the previous one. What could not be inspected counts as ever: an outage is no old
// debt. Without a previous report, or with one that is in doubt, everything counts.
func (r *auditRun) onlyNew(report *audit.Report, results iter.Seq[*audit.Result], deliver func(iter.Seq[*audit.Result]) int) int {
	if !r.failOnNew || report.Baseline == nil || r.was.doubt != "" {
		return deliver(results)
	}
	var fresh audit.Summary
	code := deliver(func(yield func(*audit.Result) bool) {
		for result := range results {
			fresh.Add(withoutOld(result))
			if !yield(result) {
				return
			}
		}
	})
	if code != report.Summary.ExitCode(r.failOn) || code == audit.ExitClean { // of something else than the findings
		return code
	}
	changes := &audit.Report{Findings: report.Findings}
	changes.Recount()
	fresh.Merge(changes.Summary)
	return fresh.ExitCode(r.failOn)
}

// withoutOld is a result without the findings that the previous report had too.
func withoutOld(r *audit.Result) *audit.Result {
	own := *r
	own.Findings = slices.Clone(r.Findings)
	for i := range own.Findings {
		f := &own.Findings[i]
		if f.Rank() > 0 && !f.New && f.Rule != audit.RuleNotInspected {
			*f = audit.Finding{Rule: f.Rule, Outcome: audit.NotApplicable}
		}
	}
	return &own
}
