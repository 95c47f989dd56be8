package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// nextStep is what the reader of a report should do next: a command to run, and
// what it does.
func nextStep(r *audit.Report) string {
	worst := worstRules(r, 3)
	switch {
	case r.Demo && len(worst) > 0:
		return explained(worst) + " To audit " + afterDemo(r)
	case r.Demo:
		return "to audit " + afterDemo(r)
	case len(worst) > 0:
		return explained(worst) + " Every key and finding: --report html=report.html"
	case r.Baseline == nil:
		return "run it every day with --state FILE --quiet, which says only what has changed (keyaudit --help)."
	default:
		return ""
	}
}

// afterDemo is how to get from a demonstration to a true report: of the keys that it
// was given, or of keys that have yet to be listed.
func afterDemo(r *audit.Report) string {
	if slices.ContainsFunc(r.Results, func(k *audit.Result) bool { return k.Record.Source.Format != "" }) {
		return "these keys at their exchanges, leave out --demo; with --dry-run, nothing is sent yet."
	}
	return "your own keys, begin with: keyaudit init"
}

func explained(rules []string) string {
	return "keyaudit explain " + strings.Join(rules, " ") + " says why they matter and what to do."
}

// worstRules are the rules of the worst findings, in the order of the report. A
// stored report may name others than the catalogue's, which cannot be explained.
func worstRules(r *audit.Report, most int) []string {
	type place struct{ rank, findings int } // the highest rank, and how many have it
	places := map[string]place{}
	add := func(findings []audit.Finding) {
		for _, f := range findings {
			if f.Waived == "" && f.Rank() > 0 {
				p := places[f.Rule]
				if f.Rank() > p.rank {
					p = place{rank: f.Rank()}
				}
				if f.Rank() == p.rank {
					p.findings++
				}
				places[f.Rule] = p
			}
		}
	}
	add(r.Findings)
	for _, result := range r.Results {
		add(result.Findings)
	}
	var ids []string
	for _, rule := range audit.Rules() {
		if places[rule.ID].rank > 0 {
			ids = append(ids, rule.ID)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		x, y := places[a], places[b]
		return cmp.Or(y.rank-x.rank, y.findings-x.findings, strings.Compare(a, b))
	})
	return ids[:min(len(ids), most)]
}
