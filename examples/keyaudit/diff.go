package main

import (
	"context"
	"os"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const diffHead = `keyaudit diff OLD NEW shows what has changed between two stored reports (JSON or JSON Lines):
rights, allowlists, keys that were added or removed, and findings that are new or resolved.
The text is empty if nothing has changed. keyaudit diff --state FILE RUN RUN compares two runs of a
state by their numbers, which keyaudit runs lists.

`

const diffTail = `
Exit codes: 0 nothing new is at or above the level; 1 a new finding is; 2 invalid input; 3 no new
finding is, but a key, or a fact at or above the level, can no longer be assessed; 4 the report
could not be written.
`

// diffCommand compares two stored reports.
func (a app) diffCommand() *command {
	var r reporting
	var state string
	c := a.newCommand("diff OLD NEW", "show what has changed between two stored reports", diffHead, diffTail)
	c.stateOf(&state, "compare two runs of this state FILE, by their numbers")
	c.completes(&state, runsToComplete)
	c.reporting(&r)
	return c.does(func(ctx context.Context, args []string) int {
		if state != "" {
			return a.diffRuns(ctx, c, state, args, r)
		}
		a.readsStored(args)
		before, after := c.twoReports(args)
		if len(c.problems) > 0 {
			return a.refuse(c.problems)
		}
		report := audit.Compare(before, after, nil)
		if after.SameRun(before) { // of which one may have been judged again
			what := "nothing has changed"
			if report.Changed() {
				what = "what has changed is how it was judged"
			}
			a.log("diff: %s and %s are of the same run, which began %s: %s", showPath(args[0]), showPath(args[1]), stamp(after.Started), what)
		}
		r.quiet = true
		if code := a.writeStored(report, r); code != audit.ExitClean {
			return code
		}
		return changedCode(report, r.failOn)
	})
}

// twoReports reads the reports to compare.
func (c *command) twoReports(args []string) (before, after *audit.Report) {
	if len(args) != 2 {
		c.problem("diff: name two stored reports, the older one first: keyaudit diff OLD NEW")
		return nil, nil
	}
	var files [2]os.FileInfo
	var reports [2]*audit.Report
	for i, path := range args {
		var err error
		if reports[i], err = readReport(path); err != nil {
			c.problem("diff: %s", err)
		}
		files[i], _ = os.Stat(path)
	}
	before, after = reports[0], reports[1]
	switch {
	case len(c.problems) > 0:
	case os.SameFile(files[0], files[1]):
		c.problem("diff: OLD and NEW are the same file: name the reports of two runs")
	case before.Demo != after.Demo:
		c.problem("diff: one report is of a demonstration and the other is not: name two of the same kind")
	case after.Started.Before(before.Started):
		c.problem("diff: the run of %s began %s, before that of %s: name the older one first",
			showPath(args[1]), stamp(after.Started), showPath(args[0]))
	}
	return before, after
}

// changedCode is the exit code for the new findings, as that of a run is for all.
func changedCode(r *audit.Report, level audit.Severity) int {
	code := newCode(r.Findings, level)
	for _, result := range r.Results {
		code = worseCode(code, newCode(result.Findings, level))
	}
	return code
}

// newCode is the exit code for those of some findings that are new.
func newCode(findings []audit.Finding, level audit.Severity) int {
	code := audit.ExitClean
	for _, f := range findings {
		switch {
		case !f.New || f.Waived != "":
		case f.Rule == ruleNotInspected: // at any level, as after a run
			code = worseCode(code, audit.ExitNotAssessed)
		case f.Severity < level:
		case f.Outcome == audit.Undetermined:
			code = worseCode(code, audit.ExitNotAssessed)
		case f.Outcome == audit.Failed:
			return audit.ExitFindings
		default: // passed
		}
	}
	return code
}

// worseCode is the one of two exit codes that counts: findings win.
func worseCode(a, b int) int {
	if a == audit.ExitFindings || b == audit.ExitFindings {
		return audit.ExitFindings
	}
	return max(a, b)
}

const ruleNotInspected = "not-inspected"

// writeStored writes a report that does not come from a run.
func (a app) writeStored(report *audit.Report, r reporting) int {
	out, problems := openOutputs(&settings{reporting: r}, a)
	defer out.discard()
	out[0].options.noExit = r.quiet
	report.Version = version()
	if len(problems) > 0 {
		return a.refuse(problems)
	}
	if err := out.whole(report); err != nil {
		a.log("the report could not be written: %s", err)
		return exitUnwritten
	}
	a.outdated(out.written()...)
	return audit.ExitClean
}
