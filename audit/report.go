package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// ReportSchema is the version of the stored form of a Report. It grows when a
// field changes its meaning or goes away, not when one is added.
const ReportSchema = 2

// Report is what a run found.
type Report struct {
	Schema   int       `json:"schema"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Results  []*Result `json:"results"`
	// Findings are about no single key of this report, for instance that one
	// of the last report is missing. Each names what it is about.
	Findings []Finding `json:"findings,omitempty"`
	// Baseline is the report that this one was compared with.
	Baseline *Baseline `json:"baseline,omitempty"`
	Summary  Summary   `json:"summary"`
}

// Baseline is an earlier report that a later one was compared with.
type Baseline struct {
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Keys     int       `json:"keys"`
}

// Result is what was found about one key.
type Result struct {
	Name     string           `json:"name"`
	Exchange string           `json:"exchange"`
	Title    string           `json:"title"`
	KeyPage  string           `json:"key_page,omitempty"`
	Policy   string           `json:"policy"`    // the name of JudgedBy
	JudgedBy Policy           `json:"judged_by"` // what the key is for
	Record   Record           `json:"record,omitzero"`
	Snapshot *access.Snapshot `json:"snapshot"`
	// Last is what was found when the key was last inspected, if it could not
	// be this time.
	Last *access.Snapshot `json:"last,omitempty"`
	// Findings hold one answer a rule, in the rules' order.
	Findings []Finding `json:"findings"`
	// Resolved are rules that failed in the last report and pass now.
	Resolved []string `json:"resolved,omitempty"`

	firstSeen time.Time // while reports are compared; then in the snapshot
}

func newResult(key *Key, s *access.Snapshot) *Result {
	r := &Result{
		Name: access.Printable(key.Name), Snapshot: s, Policy: key.Policy.title(), Exchange: s.Exchange,
		JudgedBy: key.Policy, Record: key.Record,
	}
	if key.Exchange != nil {
		r.Title, r.KeyPage = key.Exchange.Title, key.Exchange.KeyPage
	}
	return r
}

// Finding returns the finding of a rule, or nil.
func (r *Result) Finding(rule string) *Finding {
	for i := range r.Findings {
		if r.Findings[i].Rule == rule {
			return &r.Findings[i]
		}
	}
	return nil
}

// Worst returns the failed and undetermined findings that are not waived,
// worst first and failures before what is undetermined.
func (r *Result) Worst() []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Waived == "" && (f.Outcome == Failed || f.Outcome == Undetermined) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		if (a.Outcome == Failed) != (b.Outcome == Failed) {
			if a.Outcome == Failed {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Severity, a.Severity)
	})
	return out
}

// Inspected reports whether the exchange gave an answer that could be judged.
func (r *Result) Inspected() bool { return r.facts().Failure == nil }

// facts is the snapshot, also for a stored result that has none.
func (r *Result) facts() *access.Snapshot {
	if r.Snapshot == nil {
		return noSnapshot()
	}
	return r.Snapshot
}

func noSnapshot() *access.Snapshot {
	return &access.Snapshot{Inspection: access.Inspection{Failure: &access.Error{Message: "there is no snapshot"}}}
}

// Rejudge judges the stored snapshot again, with another policy and as of
// another time.
func (r *Result) Rejudge(policy Policy, now time.Time, rules []*Rule) *Result {
	again := *r
	again.Policy, again.JudgedBy, again.Resolved = policy.title(), policy, nil
	again.Findings = judge(again.pass(now), rules)
	return &again
}

// pass is what rules may look at.
func (r *Result) pass(now time.Time) *Pass {
	return &Pass{Snapshot: r.Snapshot, Policy: &r.JudgedBy, Record: &r.Record, Name: r.Name, Now: now}
}

// Rejudge judges each key of a stored report again; policy chooses the policy of
// each result. What only the whole report shows is left to Compare.
func (r *Report) Rejudge(policy func(*Result) Policy, now time.Time, rules []*Rule) *Report {
	again := &Report{Schema: ReportSchema, Started: r.Started, Finished: r.Finished, Results: make([]*Result, 0, len(r.Results))}
	for _, result := range r.Results {
		if result == nil {
			continue
		}
		judged := result.Rejudge(policy(result), now, rules)
		again.Results = append(again.Results, judged)
		again.Summary.Add(judged)
	}
	return again
}

func compareResults(a, b *Result) int {
	x, y := a.facts(), b.facts()
	if d := cmp.Or(
		strings.Compare(a.Name, b.Name), strings.Compare(a.Exchange, b.Exchange),
		strings.Compare(x.Environment, y.Environment), strings.Compare(x.KeyID, y.KeyID), strings.Compare(a.Policy, b.Policy),
	); d != 0 {
		return d
	}
	// Names should be unique. Where they aren't, what was found decides.
	return slices.CompareFunc(a.Findings, b.Findings, func(f, g Finding) int {
		return cmp.Or(
			strings.Compare(f.Rule, g.Rule), cmp.Compare(f.Outcome, g.Outcome), cmp.Compare(f.Severity, g.Severity),
			strings.Compare(f.Message, g.Message),
		)
	})
}

// Summary counts what a run found. The zero value is ready.
type Summary struct {
	Keys         int              `json:"keys"`
	NotInspected int              `json:"not_inspected"` // or judged by no rule
	Failed       map[Severity]int `json:"failed"`        // findings, not waived
	Undetermined map[Severity]int `json:"undetermined"`  // findings, not waived
	Waived       int              `json:"waived"`
	Requests     int              `json:"requests"`
}

func (s *Summary) init() {
	if s.Failed == nil {
		s.Failed, s.Undetermined = map[Severity]int{}, map[Severity]int{}
	}
}

// Add counts one result.
func (s *Summary) Add(r *Result) {
	s.init()
	s.Keys++
	s.Requests += r.facts().Requests
	if !r.Inspected() || len(r.Findings) == 0 {
		s.NotInspected++
	}
	for _, f := range r.Findings {
		if f.open() {
			f.Severity = cmp.Or(f.Severity, High) // one that doesn't say how bad it is
		}
		switch {
		case f.Waived != "":
			s.Waived++
		case f.Outcome == Failed && f.Rule != ruleNotInspected: // counted above
			s.Failed[f.Severity]++
		case f.Outcome == Undetermined && r.Inspected():
			s.Undetermined[f.Severity]++
		}
	}
}

// Recount counts the summary of a report anew.
func (r *Report) Recount() {
	r.Summary = Summary{}
	for _, result := range r.Results {
		if result != nil {
			r.Summary.Add(result)
		}
	}
	s := &r.Summary
	s.init()
	for _, f := range r.Findings {
		switch {
		case f.Waived != "":
			s.Waived++
		case f.Outcome == Failed:
			s.Failed[f.Severity]++
		case f.open():
			s.Undetermined[f.Severity]++
		}
	}
}

// Exit codes of programs that audit.
const (
	ExitClean       = 0
	ExitFindings    = 1 // something failed at or above the threshold
	ExitUsage       = 2 // the input was wrong; nothing was sent
	ExitNotAssessed = 3 // a key, or a fact at or above the threshold, could not be assessed, or there was no key
)

// ExitCode is ExitFindings, ExitNotAssessed or ExitClean; findings win.
func (s *Summary) ExitCode(threshold Severity) int {
	threshold = min(threshold, Critical)
	count := func(m map[Severity]int) (n int) {
		for sev, c := range m {
			if sev >= threshold {
				n += c
			}
		}
		return n
	}
	switch {
	case count(s.Failed) > 0:
		return ExitFindings
	case s.Keys == 0, s.NotInspected > 0, count(s.Undetermined) > 0: // a run without keys has found nothing out
		return ExitNotAssessed
	default:
		return ExitClean
	}
}

// String says it in one line.
func (s *Summary) String() string {
	var parts []string
	for sev := Critical; sev >= Info; sev-- {
		if n := s.Failed[sev]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, sev))
		}
	}
	if s.Keys == 0 && len(parts) == 0 {
		return "no key was audited"
	}
	if len(parts) == 0 {
		parts = []string{"none"}
	}
	text := fmt.Sprintf("%s, findings: %s", count(s.Keys, "key", "keys"), strings.Join(parts, ", "))
	if s.NotInspected > 0 {
		text += fmt.Sprintf("; %d not inspected", s.NotInspected)
	}
	return text
}
