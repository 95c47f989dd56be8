package render

import (
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Exchanges leave much unknown. A result for each fact would hide what failed, so
// all that is unknown about a key is one result, of a rule of its own.

const (
	ruleUnknown  = "unknown-facts"
	titleUnknown = "Facts that could not be determined"
	whyUnknown   = "What is unknown about a key may be as bad as its rules allow: it is not safe until somebody has looked. " +
		"An alert of one of the rules that the result names may have been closed because its finding turned from failed to unknown. It is not fixed."
)

// sarifFolds reports whether a finding is part of that result.
func sarifFolds(f audit.Finding) bool {
	return open(f) && f.Outcome != audit.Failed && f.Waived == "" && f.Rule != ruleNotInspected
}

// foldedUnknown is that result as a finding, as severe as the worst of its parts.
func foldedUnknown(r *audit.Result) audit.Finding {
	parts := slices.DeleteFunc(slices.Clone(tracked(r)), func(f audit.Finding) bool { return !sarifFolds(f) })
	slices.SortStableFunc(parts, func(a, b audit.Finding) int { return b.Rank() - a.Rank() })
	return audit.Finding{
		Rule: ruleUnknown, Severity: parts[0].Severity, Message: rules(parts, len(parts)),
		New:    slices.ContainsFunc(parts, func(f audit.Finding) bool { return f.New }),
		Remedy: "Look these facts up on the key's page at the exchange, and attest them. A rule that failed before is not fixed because it is unknown now.",
	}
}

// bookUnknown describes the rule of that result.
func bookUnknown() sarifRule {
	out := newSARIFDescriptor(ruleUnknown, titleUnknown, whyUnknown)
	out.Default = &sarifConfiguration{Level: "note"}
	out.Properties = &sarifRuleFacts{Tags: []string{"security"}}
	return out
}
