package audit

import (
	"cmp"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Verdict is a rule's answer. The zero value is Undetermined.
type Verdict struct {
	Outcome Outcome
	// Severity is that of the failure, or what a failure would have here when
	// the outcome is Undetermined.
	Severity Severity
	Evidence access.Evidence
	Message  string       // one sentence with the evidence
	Remedy   string       // empty means the rule's own Remedy, or its FindOut when undetermined
	Task     adapter.Task // what Remedy comes down to; with the rule's own Remedy, the rule's Task
	// See names the rules that ask for the fact that is missing here. While all
	// of them are undetermined themselves, and at no lower severity than this
	// rule could fail with, the finding becomes NotApplicable and points to
	// them: one missing fact is one question.
	See []string

	unanswered bool // the inspection failed, and with its answer this would be known
}

// with replaces the evidence of a verdict.
func (v Verdict) with(e access.Evidence) Verdict { v.Evidence = e; return v }

// remedy replaces the rule's own advice.
func (v Verdict) remedy(text string) Verdict { v.Remedy = text; return v }

// task says what that advice comes down to.
func (v Verdict) task(t adapter.Task) Verdict { v.Task = t; return v }

// see names the rules that ask for the missing fact.
func (v Verdict) see(rules ...string) Verdict { v.See = rules; return v }

// local is for a fact about this machine, which no answer of the exchange holds.
func (v Verdict) local() Verdict { v.unanswered = false; return v }

// Finding is one rule's answer about one key.
type Finding struct {
	Rule     string          `json:"rule"`
	Outcome  Outcome         `json:"outcome"`
	Severity Severity        `json:"severity"` // in this context; unset when passed or not applicable
	Evidence access.Evidence `json:"evidence"`
	Message  string          `json:"message"`
	// Remedy says what to do: about a failure, or to find out what is undetermined.
	Remedy string `json:"remedy,omitempty"`
	// See names the rules that ask for the fact which is missing here, separated
	// by commas. The rule does not apply only until they are answered.
	See string `json:"see,omitempty"`
	// Waived carries the reason of a waiver that covers the finding.
	Waived string `json:"waived,omitempty"`
	// New: it was not so, or less severe, in the previous report.
	New bool `json:"new,omitempty"`
}

// Rank orders findings by how much they need somebody's attention, of one key or of
// many; a larger one comes first. What stops a bot by default (High and above) comes
// before what doesn't, among that what failed before what is undetermined, and then
// the more severe. It is 0 if the rule passed or does not apply.
func (f *Finding) Rank() int {
	if !f.open() {
		return 0
	}
	severity := cmp.Or(f.Severity, High)
	n := 1 + int(severity)
	if f.Outcome == Failed {
		n += rankFailed
	}
	if severity >= High {
		n += rankStops
	}
	return n
}

const (
	rankFailed = int(Critical) + 1
	rankStops  = 2 * rankFailed
)

func findingOf(findings []Finding, rule string) *Finding {
	if i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule }); i >= 0 {
		return &findings[i]
	}
	return nil
}

// open reports whether somebody has to look at the finding.
func (f *Finding) open() bool { return f.Outcome != Passed && f.Outcome != NotApplicable }

// worse reports whether a finding is worse than it was.
func (f *Finding) worse(was *Finding) bool {
	return !was.open() || f.Severity > was.Severity || (f.Outcome == Failed && was.Outcome != Failed) || (f.Waived == "" && was.Waived != "")
}

// follows reports whether a finding about a key that could not be inspected says
// no more than that.
func (f *Finding) follows() bool {
	return f.Rule != RuleNotInspected && (f.Outcome == Undetermined || f.Evidence == access.Refused)
}

func (f *Finding) mark() string {
	if f.Outcome == Undetermined {
		return f.Severity.String() + ", undetermined"
	}
	return f.Severity.String()
}

// attested reports whether an attestation answered in place of the rule.
func (f *Finding) attested() bool { return f.Outcome == Passed && f.Evidence == access.Attested }
