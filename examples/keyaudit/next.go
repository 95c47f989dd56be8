package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// nextStep is what the reader of a report should do next: a command to run, and
// what it does.
type nextStep struct {
	places map[string]placed // by rule
	given  bool              // the keys were given, not invented
	report *audit.Report     // without its results
	flags  *pflag.FlagSet    // of the command that shows the report
}

// placed is the highest rank of a rule's findings, and how many have it.
type placed struct{ rank, findings int }

func newNextStep(flags *pflag.FlagSet) *nextStep {
	return &nextStep{places: map[string]placed{}, flags: flags}
}

// has reports whether the command has a flag: it advises no other.
func (n *nextStep) has(flag string) bool { return n.flags != nil && n.flags.Lookup(flag) != nil }

func (n *nextStep) key(r *audit.Result) {
	n.given = n.given || r.Record.Source.Format != ""
	n.add(r.Findings)
}

func (n *nextStep) end(r *audit.Report) {
	n.report = r
	n.add(r.Findings)
}

func (n *nextStep) add(findings []audit.Finding) {
	for _, f := range findings {
		if f.Waived == "" && f.Rank() > 0 {
			p := n.places[f.Rule]
			if f.Rank() > p.rank {
				p = placed{rank: f.Rank()}
			}
			if f.Rank() == p.rank {
				p.findings++
			}
			n.places[f.Rule] = p
		}
	}
}

func (n *nextStep) String() string {
	worst := n.worst(3)
	switch {
	case n.report.Demo && len(worst) > 0:
		return explained(worst) + " To audit " + n.afterDemo()
	case n.report.Demo:
		return "to audit " + n.afterDemo()
	case len(worst) > 0:
		return explained(worst) + n.inFull()
	case n.report.Baseline == nil && n.has("state") && !n.flags.Changed("only"): // with which a state is not kept
		return "run it every day with --state FILE --quiet, which says only what has changed (keyaudit --help)."
	default:
		return ""
	}
}

// inFull is how to see everything.
func (n *nextStep) inFull() string {
	switch {
	case n.has("report"):
		return " Every key and finding: --report html=report.html"
	case n.has("format"):
		return " Every key and finding: --format html --output report.html"
	default:
		return ""
	}
}

// afterDemo is how to get from a demonstration to a true report: of the keys that it
// was given, or of keys that have yet to be listed.
func (n *nextStep) afterDemo() string {
	switch {
	case n.given && n.has("demo"):
		return "these keys at their exchanges, leave out --demo; with --dry-run, nothing is sent yet."
	case n.given:
		return "these keys at their exchanges: keyaudit run --keys FILE; with --dry-run, nothing is sent yet."
	default:
		return "your own keys, begin with: keyaudit init"
	}
}

func explained(rules []string) string {
	return "keyaudit explain " + strings.Join(rules, " ") + " says why they matter and what to do."
}

// worst are the rules of the worst findings, in the order of the report. A stored
// report may name others than the catalogue's, which cannot be explained.
func (n *nextStep) worst(most int) []string {
	var ids []string
	for _, rule := range audit.Rules() {
		if n.places[rule.ID].rank > 0 {
			ids = append(ids, rule.ID)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		x, y := n.places[a], n.places[b]
		return cmp.Or(y.rank-x.rank, y.findings-x.findings, strings.Compare(a, b))
	})
	return ids[:min(len(ids), most)]
}
