package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const diffHead = `nightly diff OLD NEW tells what has changed from one stored report (JSON or JSON Lines)
to another: rights, allowlists, keys that came and went, and findings that are new or gone.
The text is empty if nothing has.

`

const diffTail = `
Exit codes: 0 nothing that got worse is at or above the level; 1 something is; 2 the input was
wrong; 3 nothing is, but a key or a fact at or above it can no longer be assessed; 4 the report
could not be written.
`

// diffCommand compares two stored reports.
func (m machine) diffCommand(_ context.Context, args []string) int {
	var r reporting
	c := newCommand("diff", diffHead, diffTail)
	c.reporting(&r)
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	before, after := c.twoReports()
	if len(c.problems) > 0 {
		return m.refuse(c.problems)
	}
	report := audit.Compare(before, after, nil)
	r.quiet = true
	if code := m.show(report, r); code != audit.ExitClean {
		return code
	}
	return changedCode(report, r.failOn)
}

// twoReports reads the reports to compare.
func (c *command) twoReports() (before, after *audit.Report) {
	if c.flags.NArg() != 2 {
		c.say("diff: name two stored reports, the older one first: nightly diff OLD NEW")
		return nil, nil
	}
	var files [2]os.FileInfo
	var reports [2]*audit.Report
	for i, path := range c.flags.Args() {
		var err error
		if reports[i], err = readReport(path); err != nil {
			c.say("diff: %s", err)
		}
		files[i], _ = os.Stat(path)
	}
	before, after = reports[0], reports[1]
	switch {
	case len(c.problems) > 0:
	case os.SameFile(files[0], files[1]):
		c.say("diff: OLD and NEW are the same file: name the reports of two runs")
	case after.Started.Before(before.Started):
		c.say("diff: the run of %s began %s, before that of %s: name the older one first",
			showPath(c.flags.Arg(1)), stamp(after.Started), showPath(c.flags.Arg(0)))
	}
	return before, after
}

// changedCode is the exit code for what is new, as that of a run is for what
// there is.
func changedCode(r *audit.Report, level audit.Severity) int {
	findings := r.Findings[:len(r.Findings):len(r.Findings)]
	for _, result := range r.Results {
		findings = append(findings, result.Findings...)
	}
	code := audit.ExitClean
	for _, f := range findings {
		switch {
		case !f.New || f.Waived != "":
		case f.Rule == ruleNotInspected: // at any level, as after a run
			code = max(code, audit.ExitNotAssessed)
		case f.Severity < level:
		case f.Outcome == audit.Undetermined:
			code = max(code, audit.ExitNotAssessed)
		case f.Outcome == audit.Failed:
			return audit.ExitFindings
		default: // passed
		}
	}
	return code
}

const ruleNotInspected = "not-inspected"

// show writes a report that was not made by a run.
func (m machine) show(report *audit.Report, r reporting) int {
	out, problems := openOutputs(&settings{reporting: r}, m)
	defer out.discard()
	out[0].page.noExit = r.quiet
	if len(problems) > 0 {
		return m.refuse(problems)
	}
	if err := out.show(report); err != nil {
		fmt.Fprintln(m.stderr, "nightly: the report could not be written:", err)
		return exitUnwritten
	}
	return audit.ExitClean
}

const judgeHead = `nightly judge REPORT judges a stored report (JSON or JSON Lines) again, as of now. It asks
nobody and fetches no secret: the facts are those of the report. Each key keeps its policy, unless
-policy names another, or -keys an inventory of which policies, waivers, attestations and owners
are taken. What had changed since an earlier report is not told; nightly diff does that.

`

const judgeTail = `
Exit codes: as of a run.
`

// judgeCommand judges a stored report again.
func (m machine) judgeCommand(_ context.Context, args []string) int {
	var r reporting
	var preset, keys string
	c := newCommand("judge", judgeHead, judgeTail)
	c.reporting(&r)
	c.oneOf("policy", "policy", presetNames(), func(w string) { preset = w }, "judge every key by this `POLICY`: "+joined(presetNames()))
	c.flags.StringVar(&keys, "keys", "", "judge each key by what this inventory `FILE` says of it")
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	var report *audit.Report
	if c.flags.NArg() == 1 {
		var err error
		if report, err = readReport(c.flags.Arg(0)); err != nil {
			c.say("judge: %s", err)
		}
	} else {
		c.say("judge: name one stored report: nightly judge REPORT")
	}
	var listed map[string]*audit.Key
	switch {
	case keys != "" && preset != "":
		c.say("judge: use one of -policy and -keys")
	case keys != "":
		var problems []string
		listed, problems = m.listed(keys)
		c.problems = append(c.problems, problems...)
	}
	if r.quiet {
		c.say("judge: -quiet has nothing to compare with; nightly diff compares reports")
	}
	if len(c.problems) > 0 {
		return m.refuse(c.problems)
	}
	if keys != "" {
		m.match(report, listed, keys)
	}
	again := report.Rejudge(func(result *audit.Result) audit.Policy {
		switch k := listed[result.Name]; {
		case preset != "":
			return audit.Presets()[preset]
		case k != nil && k.Policy.Name != "":
			return k.Policy
		case k != nil: // a bot's file says what for
			p := result.JudgedBy
			p.Waivers, p.Attestations, p.ExpectedIPs = k.Policy.Waivers, k.Policy.Attestations, k.Policy.ExpectedIPs
			return p
		default:
			return result.JudgedBy
		}
	}, m.now(), nil)
	again.Finished = m.now().UTC() // as of when Compare asks the rules, those about the fleet among them
	again = audit.Compare(nil, again, nil)
	again.Finished = report.Finished
	if code := m.show(again, r); code != audit.ExitClean {
		return code
	}
	return again.Summary.ExitCode(r.failOn)
}

// listed is what an inventory says of its keys, by their names.
func (m machine) listed(path string) (map[string]*audit.Key, []string) {
	f, problems := m.load(&settings{keys: path, allowPlain: true, offline: true})
	defer f.close()
	keys := map[string]*audit.Key{}
	for i := range f.keys {
		keys[f.keys[i].Name] = &f.keys[i]
	}
	return keys, problems
}

// match puts into a report what an inventory says of its keys, and tells which
// are in one of the two only: nobody should take them for judged by it.
func (m machine) match(report *audit.Report, listed map[string]*audit.Key, path string) {
	var unlisted, missing []string
	seen := map[string]bool{}
	for _, r := range report.Results {
		seen[r.Name] = true
		if k := listed[r.Name]; k != nil {
			stage := cmp.Or(k.Record.Stage, r.Record.Stage) // which a bot's file says, too
			r.Record = k.Record
			r.Record.Stage = stage
		} else {
			unlisted = append(unlisted, r.Name)
		}
	}
	for name := range listed {
		if !seen[name] {
			missing = append(missing, name)
		}
	}
	m.name(unlisted, "in the report only, judged by the policy of then")
	m.name(missing, "in "+showPath(path)+" only, not judged")
}

// name names some keys of which something is to be said.
func (m machine) name(keys []string, what string) {
	const most = 5
	if len(keys) == 0 {
		return
	}
	slices.Sort(keys)
	shown := make([]string, 0, most)
	for _, k := range keys[:min(len(keys), most)] {
		shown = append(shown, show(k))
	}
	if more := len(keys) - most; more > 0 {
		shown = append(shown, fmt.Sprintf("%d more", more))
	}
	fmt.Fprintf(m.stderr, "nightly: %s %s: %s\n", count(len(keys), "key", "keys"), what, joined(shown))
}
