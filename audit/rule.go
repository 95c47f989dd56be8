package audit

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Rule judges one topic of a snapshot against a policy. It does no I/O and
// reads no clock.
type Rule struct {
	ID    string // a neutral topic in kebab-case; the outcome says which way it went
	Title string // the problem, in a few words
	Why   string // one paragraph: what can happen
	// Remedy says what a person does about a failure.
	Remedy string
	// Task is what Remedy comes down to on the exchange's website, if it is one of
	// the common tasks: the steps there follow it.
	Task adapter.Task
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
	Since      string   // the first version that has the rule: "v0.1.0"
	Scope      Scope    // what the rule needs to see
	Run        func(*Pass) Verdict
}

// advice is the rule's own, for a failure or for what is undetermined.
func (r *Rule) advice(o Outcome) string {
	if o == Failed {
		return r.Remedy
	}
	return cmp.Or(r.FindOut, r.Remedy)
}

// Attestable reports whether a person can look up what the rule could not determine,
// and attest it: its advice says so. An attestation of any other rule would cover what
// only an audit shows.
func (r *Rule) Attestable() bool {
	return strings.Contains(strings.ToLower(r.FindOut), "attest this rule")
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
	InUse    bool    // the caller uses the key right now, as a bot does that checks it

	title string                  // of the exchange
	howTo map[adapter.Task]string // at the exchange

	fleet    *fleet    // nil without the other keys
	baseline *baseline // nil without a previous report

	// The rules that are asked, and what they found so far.
	rules    []*Rule
	findings []Finding
	asked    []bool
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

func judge(pass *Pass, rules []*Rule) []Finding {
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
			if (rule.ID == RuleAttestation) == last {
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
	f := Finding{Rule: rule.ID, Outcome: v.Outcome, Evidence: v.Evidence, Message: cmp.Or(v.Message, "The rule gave no reason")}
	switch v.Outcome {
	case Passed, NotApplicable:
		return f
	case Failed:
	default:
		f.Outcome = Undetermined // also what is no outcome at all
	}
	f.Remedy = cmp.Or(p.ofWallet(rule, &v), cmp.Or(v.Remedy, rule.advice(f.Outcome))+p.steps(rule, &v))
	f.Severity = cmp.Or(v.Severity, rule.Severity, High)
	p.settle(&f)
	p.refer(&f, &v, max(cmp.Or(rule.Severity, Critical), f.Severity))
	return f
}

// steps say how the owner does at the key's exchange what the remedy of a failure
// comes down to; empty where that is not known.
func (p *Pass) steps(rule *Rule, v *Verdict) string {
	task := v.Task
	if v.Remedy == "" {
		task = cmp.Or(task, rule.Task)
	}
	how := p.howTo[task]
	if v.Outcome != Failed || how == "" {
		return ""
	}
	return fmt.Sprintf(" At %s: %s", p.title, how)
}

// ofWallet replaces the advice to edit a key that cannot be edited: that of an account's own
// wallet has neither rights nor IP addresses, and some delegated ones have all rights or none.
func (p *Pass) ofWallet(rule *Rule, v *Verdict) string {
	task := cmp.Or(v.Task, rule.Task)
	switch {
	case p.Snapshot.Wallet == access.MainWallet && v.Outcome == Failed && task != adapter.UseAgent && task != "":
		return "The key of an account's own wallet cannot be limited. Create a delegated key for the bot, as the rule " + RuleWalletKey + " says."
	case p.Snapshot.Wallet != access.DelegatedWallet || task != adapter.SwitchRightOff || v.Outcome == Failed && v.Remedy != "" || !p.allOrNone():
		return ""
	case v.Outcome == Failed:
		return "The rights of this delegated key come together, and none can be switched off alone. Keep in the account only what the bot " +
			"needs; delete the key if nothing needs it."
	default:
		return "Look up in the exchange's documentation whether delegated keys have this right: none of theirs can be switched off alone. " +
			"Keep in the account only what the bot needs, then attest this rule."
	}
}

// allOrNone reports whether the key has its rights by a single permission of the exchange, and
// the answer names no other that it could have.
func (p *Pass) allOrNone() bool {
	name := ""
	for _, g := range p.Snapshot.Grants {
		if g.State != access.Granted && len(g.Names) == 0 {
			continue
		}
		if len(g.Names) != 1 || g.NamesIncomplete || name != "" && g.Names[0] != name {
			return false
		}
		name = g.Names[0]
	}
	return name != ""
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
		questions = [][]string{{RuleNotInspected}, v.See}
	}
	for _, rules := range questions {
		rules = p.ends(rules)
		silent := func(id string) bool { return !p.asks(id, worst) && !p.answers(id, f.Rule) }
		if len(rules) > 0 && !slices.ContainsFunc(rules, silent) {
			*f = Finding{
				Rule: f.Rule, Outcome: NotApplicable, See: strings.Join(rules, ", "),
				Message: fmt.Sprintf("%s: see %s", f.Message, listed(rules, "and")),
			}
			return
		}
	}
}

// ends are the rules at the end of the way: a rule that itself points on is replaced by
// those it points to.
func (p *Pass) ends(rules []string) (out []string) {
	for _, id := range rules {
		on := []string{id}
		if i := p.index(id); i >= 0 && p.finding(i).See != "" {
			on = strings.Split(p.findings[i].See, ", ")
		}
		out = appendUnique(out, on...)
	}
	return out
}

// index is where a rule is among those that are asked; -1 if it was left out.
func (p *Pass) index(id string) int {
	return slices.IndexFunc(p.rules, func(r *Rule) bool { return r.ID == id })
}

// answers reports whether somebody who attested one rule has answered the question of
// another: whoever looked at the IP allowlist has seen how wide it is.
func (p *Pass) answers(id, question string) bool {
	i := p.index(id)
	return i >= 0 && id == RuleIPAllowlist && question != RuleIPAllowlistExpected && p.finding(i).attested()
}

// asks reports whether somebody is still asked to look at a rule's finding, at
// least at a severity. A rule that was left out asks nobody.
func (p *Pass) asks(id string, atLeast Severity) bool {
	i := p.index(id)
	if i < 0 {
		return false
	}
	f := p.finding(i)
	open := f.Outcome == Undetermined || (f.Outcome == Failed && id == RuleNotInspected)
	return open && f.Waived == "" && f.Severity >= atLeast
}

// settle applies the owner's attestations and waivers that still hold.
func (p *Pass) settle(f *Finding) {
	now := p.Now
	for _, a := range p.Policy.Attestations {
		if currentRule(a.Rule) == f.Rule && f.Outcome == Undetermined && a.lapse(now) == "" &&
			(f.Rule != RuleUnknownPermission || a.covers(p.Snapshot.Unmapped)) {
			*f = Finding{
				Rule: f.Rule, Outcome: Passed, Evidence: access.Attested,
				Message: fmt.Sprintf("Attested by %s on %s, until %s: %s",
					access.Printable(a.By), date(a.At), date(a.Until), access.Printable(a.Statement)),
			}
			return
		}
	}
	for _, w := range p.Policy.Waivers {
		if currentRule(w.Rule) == f.Rule && w.lapse(now) == "" {
			f.Waived = fmt.Sprintf("accepted until %s: %s", date(w.Until), access.Printable(w.Reason))
		}
	}
}

// pass is what rules may look at.
func (r *Result) pass(now time.Time) *Pass {
	return &Pass{Snapshot: r.Snapshot, Policy: &r.JudgedBy, Record: &r.Record, Name: r.Name, Now: now, title: cmp.Or(r.Title, r.Exchange), howTo: r.Steps}
}

// baseline is what a key's rules about change compare with.
type baseline struct {
	result *Result          // the key in the previous report; nil if it wasn't there
	last   *access.Snapshot // what was found when it was last inspected; nil if never
	rights rightsChange
	list   listChange
	others otherKeys
	// Names of permissions new to the exchange, or the key with which they are said.
	words []string
	with  *Result
}

// replaced reports whether another key has the name now.
func (b *baseline) replaced(s *access.Snapshot) bool {
	return b.last != nil && b.last.Fingerprint != "" && s.Fingerprint != "" && b.last.Fingerprint != s.Fingerprint
}

// search is what is known of copies of a key: what the last search found stays known until
// somebody searches again.
func (b *baseline) search(now *access.Snapshot) *access.Search {
	if b == nil || b.result == nil {
		return now.Search
	}
	was := b.result.facts()
	if was.Search == nil || now.Fingerprint != "" && now.Fingerprint != was.Fingerprint {
		return now.Search
	}
	left := slices.DeleteFunc(slices.Clone(was.Search.Copies), now.Search.Covers)
	if len(left) == 0 {
		return now.Search
	}
	out := access.Search{}
	if now.Search != nil {
		out = *now.Search
	}
	out.Copies, out.At = slices.Concat(out.Copies, left), was.Search.At
	if out.At.IsZero() {
		out.At = was.TakenAt
	}
	return &out
}

// Others are the other keys of the run, in the order of reports: for rules whose
// Scope is WholeFleet. A key that could not be inspected has what was last found
// in Result.Last. There are none where only one key was audited.
func (p *Pass) Others() iter.Seq[*Result] {
	return func(yield func(*Result) bool) {
		if p.fleet == nil {
			return
		}
		for _, r := range p.fleet.all.results {
			if r != p.fleet.self && !yield(r) {
				return
			}
		}
	}
}

// Previous is the key in the previous report, and what was found when it was last
// inspected: for rules whose Scope is SinceLast. Each is nil if there is none.
func (p *Pass) Previous() (*Result, *access.Snapshot) {
	if p.baseline == nil {
		return nil, nil
	}
	return p.baseline.result, p.baseline.last
}
