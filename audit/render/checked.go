package render

import (
	"errors"
	"fmt"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// A report comes from a run, from a file, or from a program that put it
// together. All of them pass through this file, and nothing behind it checks
// again: every result has its snapshots, every outcome is one of the four, and
// every finding that failed or is undetermined has a severity.

var (
	errNoReport    = errors.New("render: there is no report")
	errNoResult    = errors.New("is missing")
	errNoSnapshot  = errors.New("has no snapshot")
	errNoSibling   = errors.New("has an empty entry among the other keys on the account")
	errFailedLast  = errors.New("has a failed inspection as its last successful one")
	errNoFindings  = errors.New("has no list of findings")
	errNoSeverity  = errors.New("has a failed or undetermined finding without a severity")
	errSnapshotOld = fmt.Errorf("has a snapshot whose schema version is not %d: "+
		"use the release that wrote it, or a newer one", access.SnapshotSchema)
)

// checker is for what is about to be rendered. It refuses what cannot be shown,
// and gives what a hand-made finding left open its cautious meaning, in a copy.
type checker struct {
	results int
	changed bool          // something was given its cautious meaning
	summary audit.Summary // of the results with that meaning
}

func (c *checker) result(r *audit.Result) (*audit.Result, error) {
	c.results++
	whole, err := checkedResult(r)
	if err != nil {
		return nil, err
	}
	c.changed = c.changed || whole != r
	c.summary.Add(whole)
	return whole, nil
}

// end is for the report after its results. Its summary, which may count keys that are
// not at hand, stays as it is if nothing was changed.
func (c *checker) end(r *audit.Report) *audit.Report {
	out := *r
	findings, changed := settledAll(r.Findings)
	out.Results, out.Findings = nil, findings
	if !changed && !c.changed {
		return &out
	}
	out.Recount() // of the findings
	s := c.summary
	for sev, n := range s.Failed {
		out.Summary.Failed[sev] += n
	}
	for sev, n := range s.Undetermined {
		out.Summary.Undetermined[sev] += n
	}
	out.Summary.Waived += s.Waived
	out.Summary.Keys, out.Summary.NotInspected, out.Summary.Accepted, out.Summary.Requests = s.Keys, s.NotInspected, s.Accepted, s.Requests
	return &out
}

// checkedResult is that for one result.
func checkedResult(r *audit.Result) (*audit.Result, error) {
	switch {
	case r == nil:
		return nil, errNoResult
	case r.Snapshot == nil:
		return nil, errNoSnapshot
	case r.Last != nil && r.Last.Failure != nil:
		return nil, errFailedLast
	case !hasSiblings(r.Snapshot), r.Last != nil && !hasSiblings(r.Last):
		return nil, errNoSibling
	}
	findings, changed := settledAll(r.Findings)
	if !changed {
		return r, nil
	}
	out := *r
	out.Findings = findings
	return &out, nil
}

// checkStored is for a result that was read. What a file leaves open is
// refused: a severity that was cut out must not come back as a milder one.
func checkStored(r *audit.Result) error {
	whole, err := checkedResult(r)
	switch {
	case err != nil:
		return err
	case r.Snapshot.Schema != access.SnapshotSchema, r.Last != nil && r.Last.Schema != access.SnapshotSchema:
		return errSnapshotOld
	case r.Findings == nil:
		return errNoFindings
	case whole != r:
		return errNoSeverity
	}
	return nil
}

// checkStoredFleet is for the findings of a stored report that are about no
// single key.
func checkStoredFleet(findings ...audit.Finding) error {
	if slices.ContainsFunc(findings, unsettled) {
		return errNoSeverity
	}
	return nil
}

// hasSiblings reports whether every other key that a snapshot lists is there.
func hasSiblings(s *access.Snapshot) bool {
	missing := func(sibling *access.Snapshot) bool { return !hasSiblings(sibling) }
	return s != nil && !slices.ContainsFunc(s.Siblings, missing)
}

// open reports whether a finding needs attention, or was accepted by a waiver.
func open(f audit.Finding) bool { return f.Outcome == audit.Failed || f.Outcome == audit.Undetermined }

func unsettled(f audit.Finding) bool { return f != settled(f) }

// settled gives an unknown outcome, and a severity that is missing or unknown,
// its cautious meaning.
func settled(f audit.Finding) audit.Finding {
	if f.Outcome > audit.NotApplicable {
		f.Outcome = audit.Undetermined
	}
	if open(f) && (f.Severity == 0 || f.Severity > audit.Critical) {
		f.Severity = audit.High
	}
	return f
}

// settledAll copies the findings only if one of them has to change.
func settledAll(findings []audit.Finding) (out []audit.Finding, changed bool) {
	if !slices.ContainsFunc(findings, unsettled) {
		return findings, false
	}
	out = make([]audit.Finding, len(findings))
	for i, f := range findings {
		out[i] = settled(f)
	}
	return out, true
}
