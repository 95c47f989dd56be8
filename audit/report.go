package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ReportSchema is the version of the stored form of a Report. It grows when a
// field changes its meaning or goes away, not when one is added.
const ReportSchema = 2

// Report is what a run found.
type Report struct {
	Schema int `json:"schema"`
	// Version is that of the program that wrote the report, which sets it.
	Version string `json:"version,omitempty"`
	// Demo: the exchanges were fakes, and what the report says is invented.
	Demo bool `json:"demo,omitempty"`
	// Map is what the program knew of the exchanges.
	Map      Map       `json:"exchange_map,omitzero"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Results  []*Result `json:"results"`
	// Findings are about no single key of this report, for instance that one
	// of the previous report is missing. Each names what it is about.
	Findings []Finding `json:"findings,omitempty"`
	// Digest is that of the run in the store that keeps it, in hexadecimal: anyone who knows
	// it notices if the store is changed later. Empty if there is none.
	Digest string `json:"digest,omitempty"`
	// Baseline is the report that this one was compared with.
	Baseline *Baseline `json:"baseline,omitempty"`
	Summary  Summary   `json:"summary"`
}

// Map is what a program knows of the exchanges: the version that knows it, the commit
// of its source, and the day, YYYY-MM-DD, on which the newest of it was checked.
type Map struct {
	Version string `json:"version,omitempty"`
	Commit  string `json:"commit,omitempty"`
	Checked string `json:"checked,omitempty"`
}

// MapAge is how old a map may get. Within half a year some of the exchanges have
// changed what they do to keys: in 2026 alone Binance, Bybit, Kraken, MEXC and Upbit.
const MapAge = 180 * day

// OldMap reports whether the map was older than MapAge when the run ended. One of an
// unknown date counts as old.
func (r *Report) OldMap() bool {
	checked, err := time.Parse(time.DateOnly, r.Map.Checked)
	at := r.Finished
	if at.IsZero() {
		at = r.Started
	}
	return r.Map != Map{} && (err != nil || at.Sub(checked) > MapAge)
}

// SameRun reports whether two reports are of one run, whatever they were stored as and by
// whatever policies its keys were judged since.
func (r *Report) SameRun(other *Report) bool {
	return !r.Started.IsZero() && r.Started.Equal(other.Started) && r.ended().Equal(other.ended())
}

// ended is when the run ended, also of a report that was cut off or written by hand.
func (r *Report) ended() time.Time {
	at := r.Finished
	if at.IsZero() {
		at = r.Started
		for _, result := range r.Results {
			if result != nil {
				if taken := result.facts().TakenAt; taken.After(at) {
					at = taken
				}
			}
		}
	}
	return at
}

// Baseline is an earlier report that a later one was compared with.
type Baseline struct {
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Keys     int       `json:"keys"`
}

// Rejudge judges the stored snapshot again, with another policy and as of
// another time.
func (r *Result) Rejudge(policy Policy, now time.Time, rules []*Rule) *Result {
	again := *r
	again.Policy, again.JudgedBy, again.Resolved = policy.title(), policy, nil
	again.Findings = judge(again.pass(now), orCatalogue(rules))
	return &again
}

// Rejudge judges each key of a stored report again; policy chooses the policy of
// each result. What only the whole report shows is left to Compare.
func (r *Report) Rejudge(policy func(*Result) Policy, now time.Time, rules []*Rule) *Report {
	again := &Report{
		Schema: ReportSchema, Version: r.Version, Demo: r.Demo, Map: r.Map, Started: r.Started, Finished: r.Finished,
		Results: make([]*Result, 0, len(r.Results)),
	}
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
	NotInspected int              `json:"not_inspected"`      // or judged by no rule
	Accepted     int              `json:"accepted,omitempty"` // of those, ones whose owner waived that
	Failed       map[Severity]int `json:"failed"`             // findings, not waived
	Undetermined map[Severity]int `json:"undetermined"`       // findings, not waived
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
	accepted := !r.Inspected() && r.excused()
	if accepted {
		s.Accepted++
	}
	for _, f := range r.Findings {
		if f.open() {
			f.Severity = cmp.Or(f.Severity, High) // one that doesn't say how bad it is
		}
		switch {
		case f.Waived != "":
			s.Waived++
		case f.Outcome == Failed && f.Rule != RuleNotInspected: // counted above
			s.Failed[f.Severity]++
		case f.Outcome == Undetermined && (r.Inspected() || accepted):
			s.Undetermined[f.Severity]++
		}
	}
}

// Merge adds what another summary counted.
func (s *Summary) Merge(other Summary) {
	s.init()
	s.Keys, s.NotInspected, s.Accepted = s.Keys+other.Keys, s.NotInspected+other.NotInspected, s.Accepted+other.Accepted
	s.Waived, s.Requests = s.Waived+other.Waived, s.Requests+other.Requests
	for severity, n := range other.Failed {
		s.Failed[severity] += n
	}
	for severity, n := range other.Undetermined {
		s.Undetermined[severity] += n
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
	r.Summary.addFindings(r.Findings)
}

// addFindings counts those that are about no single key.
func (s *Summary) addFindings(findings []Finding) {
	s.init()
	for _, f := range findings {
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
	case s.Keys == 0, s.NotInspected > s.Accepted, count(s.Undetermined) > 0: // a run without keys has found nothing out
		return ExitNotAssessed
	default:
		return ExitClean
	}
}

// none says that there are no findings, of the keys of which that is known.
func (s *Summary) none() string {
	switch {
	case s.NotInspected == 0:
		return "none"
	case s.NotInspected >= s.Keys:
		return "unknown"
	default:
		return fmt.Sprintf("none about the %d inspected", s.Keys-s.NotInspected)
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
		parts = []string{s.none()}
	}
	text := fmt.Sprintf("%s, findings: %s", count(s.Keys, "key", "keys"), strings.Join(parts, ", "))
	if s.NotInspected > 0 {
		text += fmt.Sprintf("; %d not inspected", s.NotInspected)
	}
	return text
}
