package main

import (
	"context"
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const diffHead = `nightly diff OLD NEW tells what has changed from one stored report (JSON or JSON Lines)
to another: rights, allowlists, keys that came and went, and findings that are new or gone.

`

// diffCommand compares two stored reports.
func (m machine) diffCommand(_ context.Context, args []string) int {
	var r reporting
	c := newCommand("diff", diffHead, "\nExit codes: 0 nothing that changed is at or above the level; 1 something is; 2 the input was wrong.\n")
	c.reporting(&r)
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	var read [2]*audit.Report
	if c.flags.NArg() != 2 {
		c.say("diff: name two stored reports, the older one first: nightly diff OLD NEW")
	} else {
		for i := range read {
			var err error
			if read[i], err = readReport(c.flags.Arg(i)); err != nil {
				c.say("diff: %s", err)
			}
		}
	}
	if len(c.problems) > 0 {
		return m.refuse(c.problems)
	}
	report := audit.Compare(read[0], read[1], nil)
	r.quiet = true
	if code := m.show(report, r); code != audit.ExitClean {
		return code
	}
	return changedCode(report, r.failOn)
}

// changedCode is 1 if anything new is at or above the level.
func changedCode(r *audit.Report, level audit.Severity) int {
	findings := r.Findings
	for _, result := range r.Results {
		findings = append(findings[:len(findings):len(findings)], result.Findings...)
	}
	for _, f := range findings {
		if f.New && f.Outcome == audit.Failed && f.Severity >= level {
			return audit.ExitFindings
		}
	}
	return audit.ExitClean
}

// show writes a report that was not made by a run.
func (m machine) show(report *audit.Report, r reporting) int {
	s := settings{reporting: r}
	out, problems := openOutputs(&s, m.stdout)
	defer out.discard()
	if len(problems) > 0 {
		return m.refuse(problems)
	}
	if err := out.write(report, &s, m); err != nil {
		fmt.Fprintln(m.stderr, "nightly: the report could not be written:", err)
		return exitUnwritten
	}
	return audit.ExitClean
}

const judgeHead = `nightly judge REPORT judges a stored report (JSON or JSON Lines) again. It asks nobody: the
facts are those of the report. Each key keeps its policy, unless -policy names another.

`

// judgeCommand judges a stored report again.
func (m machine) judgeCommand(_ context.Context, args []string) int {
	var r reporting
	var preset, keys string
	c := newCommand("judge", judgeHead, "")
	c.reporting(&r)
	c.oneOf("policy", "policy", presetNames(), func(w string) { preset = w }, "judge every key by this `POLICY`: "+joined(presetNames()))
	c.flags.StringVar(&keys, "keys", "", "judge each key by its policy in this inventory `FILE`; secrets are not fetched")
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	var report *audit.Report
	var err error
	switch {
	case c.flags.NArg() != 1:
		c.say("judge: name one stored report: nightly judge REPORT")
	default:
		if report, err = readReport(c.flags.Arg(0)); err != nil {
			c.say("judge: %s", err)
		}
	}
	policies := map[string]audit.Policy{}
	switch {
	case keys != "" && preset != "":
		c.say("judge: use one of -policy and -keys")
	case keys != "":
		f, problems := m.load(&settings{keys: keys})
		defer f.close()
		c.problems = append(c.problems, problems...)
		for _, k := range f.keys {
			policies[k.Name] = k.Policy
		}
	}
	if r.quiet {
		c.say("judge: -quiet has nothing to compare with; nightly diff compares reports")
	}
	if len(c.problems) > 0 {
		return m.refuse(c.problems)
	}
	again := report.Rejudge(func(result *audit.Result) audit.Policy {
		if preset != "" {
			return audit.Presets()[preset]
		}
		if p, ok := policies[result.Name]; ok {
			return p
		}
		return result.JudgedBy
	}, m.now(), nil)
	again = audit.Compare(nil, again, nil)
	if code := m.show(again, r); code != audit.ExitClean {
		return code
	}
	return again.Summary.ExitCode(r.failOn)
}
