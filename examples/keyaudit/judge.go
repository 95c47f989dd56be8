package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const judgeHead = `keyaudit judge REPORT judges a stored report (JSON or JSON Lines) again, as of now. It asks no
exchange and fetches no secret: the facts are those of the report. Each key keeps its policy, unless
--policy names another, or --keys names an inventory to take policies, waivers, attestations and
owners from. Changes since an earlier report are not shown; keyaudit diff shows them.

`

const judgeTail = `
Exit codes: as of a run.
`

// judgeCommand judges a stored report again.
func (a app) judgeCommand() *command {
	var r reporting
	var named, keys string
	c := a.newCommand("judge REPORT", "judge a stored report again, with another policy and without asking an exchange",
		judgeHead, judgeTail)
	c.reporting(&r)
	c.text(&named, "policy", "judge every key by this POLICY: "+joined(presetNames())+", or one of the inventory's own")
	c.complete("policy", presetNames(), cobra.ShellCompDirectiveNoFileComp)
	c.text(&keys, "keys", "judge each key by what this inventory FILE says about it")
	return c.does(func(_ context.Context, args []string) int {
		a.readsStored(args)
		report := c.storedReport(args)
		if r.quiet {
			c.problem("judge: --quiet has nothing to compare with; keyaudit diff compares reports")
		}
		return a.judge(c, report, &r, named, keys)
	})
}

// judge judges the report again, by a policy or by an inventory.
func (a app) judge(c *command, report *audit.Report, r *reporting, named, keys string) int {
	var inv fleet
	policies := audit.Presets()
	if keys != "" {
		var problems []string
		inv, problems = a.load(&settings{keys: []string{keys}, allowPlain: true, offline: true})
		defer inv.close()
		maps.Copy(policies, inv.policies)
		c.problems = append(c.problems, problems...)
	}
	policy, known := policies[named]
	if named != "" && !known {
		c.problem("--policy: %s", unknown("policy", named, slices.Sorted(maps.Keys(policies))))
	}
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	listed := inv.byName()
	if keys != "" {
		a.updateRecords(report, listed, keys)
	}
	again := report.Rejudge(func(result *audit.Result) audit.Policy {
		if named != "" {
			return policy
		}
		return policyNow(result, listed[result.Name])
	}, a.now(), nil)
	again.Finished = a.now().UTC() // the time as of which Compare judges the fleet
	again = audit.Compare(nil, again, nil)
	again.Finished = report.Finished
	if code := a.writeStored(again, *r); code != audit.ExitClean {
		return code
	}
	return again.Summary.ExitCode(r.failOn)
}

// storedReport reads the report that the command line names.
func (c *command) storedReport(args []string) *audit.Report {
	if len(args) != 1 {
		c.problem("judge: name one stored report: keyaudit judge REPORT")
		return nil
	}
	report, err := readReport(args[0])
	if err != nil {
		c.problem("judge: %s", err)
	}
	return report
}

// policyNow is the policy of a key's entry in the inventory, or of the report if
// the inventory has no entry.
func policyNow(result *audit.Result, k *audit.Key) audit.Policy {
	switch {
	case k == nil:
		return result.JudgedBy
	case k.Policy.Name != "":
		return k.Policy
	default: // the purpose is in the bot's own file, which is not read
		p := result.JudgedBy
		p.Waivers, p.Attestations, p.ExpectedIPs = k.Policy.Waivers, k.Policy.Attestations, k.Policy.ExpectedIPs
		return p
	}
}

// byName are the keys by their names.
func (f *fleet) byName() map[string]*audit.Key {
	keys := make(map[string]*audit.Key, len(f.keys))
	for i := range f.keys {
		keys[f.keys[i].Name] = &f.keys[i]
	}
	return keys
}

// updateRecords puts into a report what an inventory says about its keys. It says
// which keys are in one of the two only, so that they are not assumed to be judged
// by the inventory.
func (a app) updateRecords(report *audit.Report, listed map[string]*audit.Key, path string) {
	var unlisted, missing []string
	seen := map[string]bool{}
	for _, r := range report.Results {
		seen[r.Name] = true
		if k := listed[r.Name]; k != nil {
			stage := cmp.Or(k.Record.Stage, r.Record.Stage) // a bot's file may say it, too
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
	a.logKeys(unlisted, "in the report only, judged by the policy stored in it")
	a.logKeys(missing, "in "+showPath(path)+" only, not judged")
}

// logKeys says something about some keys, and names the first few.
func (a app) logKeys(keys []string, what string) {
	const most = 5
	if len(keys) == 0 {
		return
	}
	slices.Sort(keys)
	names := make([]string, 0, most+1)
	for _, k := range keys[:min(len(keys), most)] {
		names = append(names, show(k))
	}
	if more := len(keys) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	a.log("%s %s: %s", count(len(keys), "key", "keys"), what, joined(names))
}
