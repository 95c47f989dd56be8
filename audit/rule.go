package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Rule judges one topic of a snapshot against a policy. It does no I/O and
// reads no clock.
type Rule struct {
	ID    string // a neutral topic in kebab-case; the outcome says which way it went
	Title string // the problem, in a few words
	Why   string // one paragraph: what can happen
	// Remedy says what a person does about a failure.
	Remedy string
	// FindOut says what a person does when the rule could not be determined:
	// what to look at, where, and what to attest.
	FindOut string
	// NoFindOut replaces FindOut and says why there is none: the rule
	// is never undetermined, or finding out and fixing are the same step. A
	// finding that is undetermined all the same carries Remedy.
	NoFindOut string
	// Severity is the worst that the rule reports.
	Severity   Severity
	References []string // CWE, OWASP NHI, incidents
	Since      string   // version of this library
	Scope      Scope    // what the rule needs to see
	Run        func(*Pass) Verdict
}

// Scope is what a rule needs to see besides the key itself. A rule is left out
// where that is missing, for instance in a Check at a bot's start.
type Scope uint8

// The scopes.
const (
	OneKey     Scope = iota // the key itself
	WholeFleet              // the other keys of the run
	SinceLast               // the previous report: what has changed
)

var scopeWords = []string{"one key", "whole fleet", "since last"}

// String returns the scope in words, for instance "whole fleet".
func (s Scope) String() string { return access.FormatWord(scopeWords, s) }

// Pass is what a rule may look at.
type Pass struct {
	Snapshot *access.Snapshot
	Policy   *Policy
	Now      time.Time
	Record   *Record // what the owner's inventory says; never nil
	Name     string  // the owner's name for the key

	fleet    *fleet    // nil without the other keys
	baseline *baseline // nil without a previous report

	// The rules that are asked, and what they found so far.
	rules    []*Rule
	findings []Finding
	asked    []bool
}

// Verdict is a rule's answer. The zero value is Undetermined.
type Verdict struct {
	Outcome Outcome
	// Severity is that of the failure, or what a failure would have here when
	// the outcome is Undetermined.
	Severity Severity
	Evidence access.Evidence
	Message  string // one sentence with the evidence
	Remedy   string // empty means the rule's own Remedy, or its FindOut when undetermined
	// See names the rules that ask for the fact that is missing here. While all
	// of them are undetermined themselves, and at no lower severity than this
	// rule could fail with, the finding becomes NotApplicable and points to
	// them: one missing fact is one question.
	See []string

	unanswered bool // the inspection failed, and with its answer this would be known
}

func (p *Pass) fail(sev Severity, format string, args ...any) Verdict {
	return Verdict{Outcome: Failed, Severity: sev, Evidence: access.Reported, Message: sprintf(format, args)}
}

func (p *Pass) pass(e access.Evidence, format string, args ...any) Verdict {
	return Verdict{Outcome: Passed, Evidence: e, Message: sprintf(format, args)}
}

// undetermined is about a fact that the exchange's answer should hold.
func (p *Pass) undetermined(sev Severity, format string, args ...any) Verdict {
	v := Verdict{Outcome: Undetermined, Severity: sev, Message: sprintf(format, args)}
	v.unanswered = p.Snapshot.Failure != nil
	return v
}

func (p *Pass) notApplicable(format string, args ...any) Verdict {
	return Verdict{Outcome: NotApplicable, Message: sprintf(format, args)}
}

// sprintf spares the formatting of plain sentences, which most are.
func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// with replaces the evidence of a verdict.
func (v Verdict) with(e access.Evidence) Verdict { v.Evidence = e; return v }

// remedy replaces the rule's own advice.
func (v Verdict) remedy(text string) Verdict { v.Remedy = text; return v }

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

// Judge applies the rules about one key to a snapshot as of now, and returns
// one finding per rule in the rules' order. Without rules it applies Rules(),
// and of a nil snapshot nothing is known. It sends nothing: a stored snapshot
// can be judged again with another policy. Compare applies the rules about the
// fleet and about what has changed.
func Judge(s *access.Snapshot, policy Policy, now time.Time, rules []*Rule) []Finding {
	return judge(&Pass{Snapshot: s, Policy: &policy, Now: now}, rules)
}

func judge(pass *Pass, rules []*Rule) []Finding {
	if len(rules) == 0 {
		rules = Rules()
	}
	if pass.Snapshot == nil {
		pass.Snapshot = noSnapshot()
	}
	if pass.Record == nil {
		pass.Record = &Record{}
	}
	pass.rules = slices.DeleteFunc(slices.Clone(rules), func(r *Rule) bool {
		return (r.Scope == WholeFleet && pass.fleet == nil) || (r.Scope == SinceLast && pass.baseline == nil)
	})
	pass.findings, pass.asked = make([]Finding, len(pass.rules)), make([]bool, len(pass.rules))
	for _, last := range []bool{false, true} { // attestations and waivers are judged by what the others found
		for i, rule := range pass.rules {
			if (rule.ID == ruleAttestation) == last {
				pass.finding(i)
			}
		}
	}
	return pass.findings
}

// finding is what a rule found. Of one that is still being asked it is the zero
// value, which asks for nothing.
func (p *Pass) finding(i int) *Finding {
	if !p.asked[i] {
		p.asked[i] = true
		p.findings[i] = p.ask(p.rules[i])
	}
	return &p.findings[i]
}

// ask returns a rule's finding, settled by what the owner attested and waived.
func (p *Pass) ask(rule *Rule) Finding {
	v := Verdict{Message: "The rule gave no answer"}
	if rule.Run != nil {
		v = rule.Run(p)
	}
	f := Finding{Rule: rule.ID, Outcome: v.Outcome, Evidence: v.Evidence, Message: v.Message}
	switch v.Outcome {
	case Passed, NotApplicable:
		return f
	case Failed:
		f.Remedy = cmp.Or(v.Remedy, rule.Remedy)
	default:
		f.Outcome = Undetermined // also what is no outcome at all
		f.Remedy = cmp.Or(v.Remedy, rule.FindOut, rule.Remedy)
	}
	f.Severity = cmp.Or(v.Severity, rule.Severity, High)
	p.Policy.settle(&f, p.Now)
	p.refer(&f, &v, max(cmp.Or(rule.Severity, Critical), f.Severity))
	return f
}

// refer points from a finding that is undetermined to the rules that ask for
// the missing fact. They must really ask, and at no lower severity than the
// worst this rule reports, so that the result as a whole gets no better.
func (p *Pass) refer(f *Finding, v *Verdict, worst Severity) {
	if f.Outcome != Undetermined || f.Waived != "" {
		return
	}
	questions := [][]string{v.See}
	if v.unanswered {
		questions = [][]string{{ruleNotInspected}, v.See}
	}
	for _, rules := range questions {
		silent := func(id string) bool { return !p.asks(id, worst) }
		if len(rules) > 0 && !slices.ContainsFunc(rules, silent) {
			*f = Finding{
				Rule: f.Rule, Outcome: NotApplicable, See: strings.Join(rules, ", "),
				Message: fmt.Sprintf("%s: see %s", f.Message, listed(rules, "and")),
			}
			return
		}
	}
}

// asks reports whether somebody is still asked to look at a rule's finding, at
// least at a severity. A rule that was left out asks nobody.
func (p *Pass) asks(id string, atLeast Severity) bool {
	i := slices.IndexFunc(p.rules, func(r *Rule) bool { return r.ID == id })
	if i < 0 {
		return false
	}
	f := p.finding(i)
	open := f.Outcome == Undetermined || (f.Outcome == Failed && id == ruleNotInspected)
	return open && f.Waived == "" && f.Severity >= atLeast
}

// settle applies the owner's attestations and waivers that still hold.
func (p *Policy) settle(f *Finding, now time.Time) {
	for _, a := range p.Attestations {
		if currentRule(a.Rule) == f.Rule && f.Outcome == Undetermined && a.lapse(now) == "" {
			*f = Finding{
				Rule: f.Rule, Outcome: Passed, Evidence: access.Attested,
				Message: fmt.Sprintf("Attested by %s on %s, until %s: %s",
					access.Printable(a.By), date(a.At), date(a.Until), access.Printable(a.Statement)),
			}
			return
		}
	}
	for _, w := range p.Waivers {
		if currentRule(w.Rule) == f.Rule && w.lapse(now) == "" {
			f.Waived = fmt.Sprintf("accepted until %s: %s", date(w.Until), access.Printable(w.Reason))
		}
	}
}

// Rules lists the catalogue in the order reports use. The slice is the
// caller's to change.
func Rules() []*Rule {
	all := make([]*Rule, 0, 64)
	for _, family := range families {
		all = append(all, family.Rules...)
	}
	return all
}

// RuleFamily is the rules about one subject.
type RuleFamily struct {
	Title string
	Rules []*Rule
}

var families = []RuleFamily{
	{"Funds can leave", exitRules},
	{"Network", networkRules},
	{"Trading", tradingRules},
	{"Lifetime", lifetimeRules},
	{"Separation", separationRules},
	{"Exposure", exposureRules},
	{"Evidence", operationRules},
	{"Fleet", fleetRules},
	{"Change", driftRules},
}

// Families lists the catalogue by subject, in the order reports use. The slices
// are the caller's to change.
func Families() []RuleFamily {
	out := slices.Clone(families)
	for i := range out {
		out[i].Rules = slices.Clone(out[i].Rules)
	}
	return out
}

// ValidateRules reports rules that are incomplete or share an ID, for use in
// tests of rules of your own. A rule needs advice for finding out that differs
// from its remedy, or says in NoFindOut why it has none.
func ValidateRules(rules []*Rule) error {
	seen := map[string]bool{}
	for _, r := range rules {
		var missing []string
		for name, ok := range map[string]bool{
			"ID":    r.ID != "" && r.ID == strings.ToLower(r.ID) && !strings.ContainsAny(r.ID, " _."),
			"Title": r.Title != "", "Why": r.Why != "", "Remedy": r.Remedy != "", "Severity": r.Severity != 0,
			"Since": r.Since != "", "Run": r.Run != nil,
			"FindOut": (r.FindOut != "") != (r.NoFindOut != "") && (r.FindOut == "" || r.FindOut != r.Remedy),
		} {
			if !ok {
				missing = append(missing, name)
			}
		}
		slices.Sort(missing)
		if len(missing) > 0 {
			return fmt.Errorf("audit: rule %q: missing or malformed %s", r.ID, strings.Join(missing, ", "))
		}
		if seen[r.ID] {
			return fmt.Errorf("audit: duplicate rule ID %q", r.ID)
		}
		seen[r.ID] = true
	}
	return nil
}
