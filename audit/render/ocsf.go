package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// OCSFClass is a class of OCSF events. The zero value is IAMAnalysis.
type OCSFClass int

// The classes that OCSF writes.
const (
	IAMAnalysis OCSFClass = 2008 // what a key can do
	Compliance  OCSFClass = 2003 // how it complies with its policy
)

// OCSFOptions change what OCSF writes. The zero value is fine.
type OCSFOptions struct {
	Class OCSFClass
	// Rules are the rules that judged, for their titles and references;
	// audit.Rules() if empty.
	Rules []*audit.Rule
}

const ocsfVersion = "1.6.0" // the first that has IAM Analysis Finding

// OCSF writes a report for a SIEM or a data lake as JSON Lines: one event of the
// Open Cybersecurity Schema Framework 1.6.0 for each finding that failed, is
// undetermined or is waived, key by key in the report's order, and one for each
// finding resolved since the previous report. A key that was not inspected has
// one event, which lists the rules that could not be evaluated, besides those
// for rules that failed all the same.
//
// finding_info.uid is the same in every run. activity_id is Create for a finding
// that is new, or when there is no previous report to compare with, Update for
// one that was there before, and Close for one that was resolved. status_id is
// New until a waiver makes it Suppressed or the finding is resolved: a report
// can't know that somebody is working on it. status_code is the outcome:
// "failed", "undetermined", "passed". unmapped.unknown_privileges are rights
// that the key may or may not have.
func OCSF(w io.Writer, r *audit.Report, o OCSFOptions) error { return whole(NewOCSF(w, o), r) }

// NewOCSF writes what OCSF writes while the results come.
func NewOCSF(w io.Writer, o OCSFOptions) Writer {
	return newWriter(&ocsfLog{class: cmp.Or(o.Class, IAMAnalysis), book: ruleBook(o.Rules), out: bufio.NewWriterSize(w, 64<<10)})
}

// ocsfLog turns a report into events.
type ocsfLog struct {
	report  *audit.Report
	class   OCSFClass
	version string
	known   *ocsfFeature
	book    map[string]*audit.Rule
	out     *bufio.Writer
	names   keyNames
}

func (l *ocsfLog) Start(r *audit.Report) error {
	if l.class != IAMAnalysis && l.class != Compliance {
		return fmt.Errorf("render: OCSF class %d is not supported: choose IAMAnalysis (2008) or Compliance (2003)", int(l.class))
	}
	l.report, l.version = r, brief(cmp.Or(r.Version, r.Map.Version))
	if m := r.Map; m.Commit != "" || m.Checked != "" {
		l.known = &ocsfFeature{Name: "exchange map", UID: brief(m.Commit), Version: brief(m.Checked)}
	}
	l.names.start(r)
	return nil
}

func (l *ocsfLog) End(r *audit.Report) error {
	for _, f := range r.Findings {
		if !open(f) {
			continue
		}
		if err := l.write(l.fleet(f)); err != nil {
			return err
		}
	}
	return l.out.Flush()
}

func (l *ocsfLog) write(e *ocsfEvent) error {
	raw, err := encode(e, "", "")
	if err != nil {
		return err
	}
	_, err = l.out.Write(raw)
	return err
}

// Result writes the events of one key.
func (l *ocsfLog) Result(r *audit.Result) error {
	k := l.key(r, l.names.of(r))
	var unanswered []string
	findings := tracked(r)
	for _, f := range findings {
		if isUnanswered(r, f) {
			unanswered = append(unanswered, ruleName(f))
		}
	}
	for _, f := range findings {
		if !open(f) || isUnanswered(r, f) {
			continue
		}
		e := l.event(f, k.identity(f.Rule), k.taken)
		k.put(e)
		e.Message = headline(r) + ": " + e.Message
		if f.Rule == ruleNotInspected {
			e.Unmapped.Undetermined = unanswered
		}
		if err := l.write(e); err != nil {
			return err
		}
	}
	for _, rule := range r.Resolved {
		f := audit.Finding{Rule: rule, Outcome: audit.Passed, Severity: audit.Info, Message: resolvedMessage}
		if now := r.Finding(rule); now != nil {
			f.Evidence = now.Evidence
		}
		e := l.event(f, k.identity(rule), k.taken)
		k.put(e)
		e.Message = headline(r) + ": " + ruleName(f) + " " + e.Message
		if err := l.write(e); err != nil {
			return err
		}
	}
	return nil
}

// isUnanswered reports a finding that only repeats that the key was not
// inspected.
func isUnanswered(r *audit.Result, f audit.Finding) bool {
	return !r.Inspected() && f.Outcome == audit.Undetermined && f.Waived == "" && f.Rule != ruleNotInspected
}

// fleet is the event of a fleet-wide finding.
func (l *ocsfLog) fleet(f audit.Finding) *ocsfEvent {
	e := l.event(f, fleetIdentity(f), time.Time{})
	e.Resources = []ocsfResource{{UID: "fleet", Name: "all keys of the report", Type: "Exchange API keys"}}
	if l.class == IAMAnalysis {
		e.Permissions = []ocsfPermissions{{Policy: ocsfPolicy{Name: "fleet"}}}
	}
	return e
}

// What OCSF calls activities and states, by number.
var (
	ocsfActivities = []string{"Unknown", "Create", "Update", "Close"}
	ocsfStates     = []string{1: "New", 3: "Suppressed", 4: "Resolved"}
	ocsfSeverities = []string{"Unknown", "Informational", "Low", "Medium", "High", "Critical"} // audit.Info is 1
	ocsfResults    = []string{1: "Pass", 2: "Warning", 3: "Fail"}
	ocsfClasses    = map[OCSFClass]string{IAMAnalysis: "IAM Analysis Finding", Compliance: "Compliance Finding"}
)

// event is what every event of a finding has.
func (l *ocsfLog) event(f audit.Finding, uid string, taken time.Time) *ocsfEvent {
	activity, state := 2, 1
	switch {
	case f.Outcome == audit.Passed:
		activity, state = 3, 4
	case l.report.Baseline == nil, f.New:
		activity = 1
	}
	if f.Waived != "" {
		state = 3
	}
	at := l.time(taken)
	id, title := ruleName(f), ruleName(f)
	rule := l.book[f.Rule]
	if rule != nil {
		title = plain(rule.Title)
	}
	typeUID := int(l.class)*100 + activity
	e := &ocsfEvent{
		ActivityID: activity, Activity: ocsfActivities[activity], CategoryUID: 2, Category: "Findings",
		ClassUID: int(l.class), Class: ocsfClasses[l.class],
		TypeUID: typeUID, Type: ocsfClasses[l.class] + ": " + ocsfActivities[activity], Time: at,
		SeverityID: int(f.Severity), Severity: ocsfSeverities[f.Severity], StatusID: state, Status: ocsfStates[state],
		StatusCode: f.Outcome.String(), StatusDetail: brief(f.Waived), Message: sentence(f),
		Metadata: ocsfMetadata{
			Version: ocsfVersion, LogName: "api-key-audit",
			UID:     identity(uid, strconv.FormatInt(at, 10), strconv.Itoa(typeUID)),
			Product: ocsfProduct{Name: productName, Vendor: productName, Version: l.version, Feature: l.known},
		},
		Info: ocsfInfo{
			UID: uid, Title: title, Description: sentence(f), Types: []string{id},
			Analytic: ocsfAnalytic{UID: id, Name: title, TypeID: 1, Type: "Rule"},
		},
		Unmapped: &ocsfUnmapped{Evidence: f.Evidence.String(), Demo: l.report.Demo},
	}
	if f.Remedy != "" {
		e.Remediation = &ocsfRemediation{Description: brief(f.Remedy)}
	}
	if l.class == Compliance {
		e.Compliance = newOCSFCompliance(f, id, title, rule)
	}
	return e
}

// time is when a key was inspected, or else when the run ended or began.
func (l *ocsfLog) time(taken time.Time) int64 {
	for _, t := range []time.Time{taken, l.report.Finished, l.report.Started} {
		if !t.IsZero() {
			return t.UnixMilli()
		}
	}
	return 0
}

// ocsfStandards are the standards that rules refer to, by how a reference
// begins; other references are incidents.
var ocsfStandards = []struct{ prefix, name string }{
	{"CWE-", "CWE"}, {"NHI", "OWASP Non-Human Identities Top 10"}, {"NIST SP 800-53", "NIST SP 800-53"},
}

func newOCSFCompliance(f audit.Finding, id, title string, rule *audit.Rule) *ocsfCompliance {
	result := map[audit.Outcome]int{audit.Passed: 1, audit.Undetermined: 2, audit.Failed: 3}[f.Outcome]
	c := &ocsfCompliance{
		Control: title, Standards: []string{"exchangekeyaudit rules"}, StatusID: result, Status: ocsfResults[result],
		Checks: []ocsfCheck{{
			UID: id, Name: title, Description: sentence(f), StatusID: result, Status: ocsfResults[result],
			SeverityID: int(f.Severity), Severity: ocsfSeverities[f.Severity],
		}},
	}
	if rule == nil {
		return c
	}
	c.Checks[0].Version = rule.Since
	for _, reference := range rule.References {
		for _, standard := range ocsfStandards {
			if !strings.HasPrefix(reference, standard.prefix) {
				continue
			}
			c.Requirements = append(c.Requirements, plain(reference))
			if !slices.Contains(c.Standards, standard.name) {
				c.Standards = append(c.Standards, standard.name)
			}
		}
	}
	return c
}

// identity is that of a finding about this key.
func (k *ocsfKey) identity(rule string) string {
	return identity(append([]string{rule}, k.name...)...)
}

// ocsfKey is what all events of a key have in common.
type ocsfKey struct {
	class       OCSFClass
	name        []string
	taken       time.Time
	page        string // where a person edits the key
	resource    ocsfResource
	user        *ocsfUser
	permissions []ocsfPermissions
	unknown     []string
	unmapped    []string
}

// put adds it to an event.
func (k *ocsfKey) put(e *ocsfEvent) {
	e.Resources, e.Info.Source = []ocsfResource{k.resource}, k.page
	e.Info.Title += ": " + k.resource.Name
	if k.class == IAMAnalysis {
		e.User, e.Permissions = k.user, k.permissions
	}
	e.Unmapped.Unknown, e.Unmapped.Permissions = k.unknown, k.unmapped
	if e.Remediation != nil && k.page != "" {
		e.Remediation.References = []string{k.page}
	}
}

func (l *ocsfLog) key(r *audit.Result, name []string) *ocsfKey {
	s := r.Snapshot
	e := entry{Result: r}
	k := &ocsfKey{class: l.class, name: name, taken: s.TakenAt, page: pageCell(&e)}
	account := ocsfAccount{
		UID: brief(s.Account.ID), Name: brief(e.place()), TypeID: ocsfOther, Type: s.Account.Kind.String() + " account",
	}
	k.resource = ocsfResource{
		UID: brief(strings.Join(name, "/")), Name: brief(name[2]), Type: "Exchange API key", Namespace: brief(name[1]),
		Labels: briefs(pairs(r.Record.Labels, "=")),
		Group:  &ocsfGroup{Name: brief(cmp.Or(r.Title, r.Exchange, "(no exchange)"))},
		Data: ocsfRecord{
			KeyID: brief(s.KeyID), Policy: brief(r.Policy), Purpose: brief(r.Record.Purpose),
			Stage: brief(string(r.Record.Stage)), File: brief(r.Record.Source.File), Line: r.Record.Source.Line,
		},
	}
	if owner := brief(r.Record.Owner); owner != "" {
		k.resource.Owner = &ocsfOwner{Name: owner}
	}
	id := brief(cmp.Or(s.Fingerprint, s.KeyID))
	k.user = &ocsfUser{Name: brief(name[2]), UID: id, TypeID: ocsfOther, Type: "API key", Account: account}
	if id != "" {
		k.user.Credentials = []ocsfCredential{{UID: id, Type: "API key", Used: ocsfTime(s.LastUsed)}}
	}
	granted, unknown := rights(s)
	held := make([]string, len(granted))
	for i, g := range granted {
		held[i] = string(g.Capability)
	}
	k.permissions = []ocsfPermissions{{
		Policy:     ocsfPolicy{Name: brief(e.policy()), Type: "policy that the key is judged against"},
		Granted:    briefs(held),
		Conditions: []ocsfCondition{ocsfSourceIP(&s.IPAllowlist)},
	}}
	k.unknown, k.unmapped = briefs(unknown), briefs(s.Unmapped)
	return k
}
