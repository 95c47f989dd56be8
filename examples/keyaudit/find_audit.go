package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/find"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// findAudit is the audit of the keys that a search found: a run like any other, over a
// fleet that no inventory names.
type findAudit struct {
	*auditRun
	report     *find.Report
	candidates []find.Candidate
	history    bool
}

// noYes is said where nobody said whose the keys are.
const noYes = "--audit: the keys that are found are sent to their exchanges, which only their owner may do: add --yes-mine if all of them are yours; " +
	"--dry-run shows what would be sent. Nothing was sent"

// consent finds out, before anything is searched, whether somebody can be asked.
func (a app) consent(s *findSettings) (problem string) {
	switch {
	case s.audit && s.Staged:
		return "--audit: what is staged is only looked at: leave out one of --staged and --audit"
	case s.asked.dryRun && s.format != "text" && s.format != formatJSON:
		return "--dry-run: use the format text or json"
	case !s.audit && (s.mine || s.asked.dryRun || s.asked.demo):
		return "--yes-mine, --dry-run and --demo: add --audit"
	case s.audit && !s.mine && !s.asked.dryRun && !s.asked.demo && a.terminal() == nil:
		return noYes
	}
	return ""
}

// terminal is where a question can be asked; nil if nobody is there.
func (a app) terminal() io.Reader {
	if in, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return in
	}
	return nil
}

// ask asks whose the keys are.
func (r *findAudit) ask(from io.Reader) bool {
	at := map[string]int{}
	for _, k := range r.fleet.keys {
		at[k.Exchange.Title]++
	}
	var each []string
	for _, title := range slices.Sorted(maps.Keys(at)) {
		each = append(each, fmt.Sprintf("%s (%d)", title, at[title]))
	}
	fmt.Fprintf(r.stderr, "keyaudit: %s would be sent to %s.\nAre all of them your own? Type yes to go on: ",
		count(len(r.fleet.keys), "key", "keys"), strings.Join(each, ", "))
	answer, _ := bufio.NewReader(from).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// auditFound audits what was found, and writes one report about both.
func (a app) auditFound(ctx context.Context, s *findSettings, report *find.Report, out *output) int {
	r := &findAudit{auditRun: &auditRun{app: a, settings: &s.asked, notifier: &notifier{}}, report: report, history: s.History}
	defer r.close()
	s.asked.timeout = s.timeout
	s.asked.reporting = reporting{format: s.format, color: "never", failOn: audit.High}
	r.takeFound()
	if s.asked.dryRun {
		return r.plan(out)
	}
	if len(r.fleet.keys) > 0 && !s.mine && !s.asked.demo && !r.ask(a.terminal()) {
		return a.refuse([]string{noYes})
	}
	if ctx.Err() != nil { // while it was asked
		return exitStopped
	}
	if err := r.connect(ctx); err != nil {
		return a.refuse([]string{err.Error()})
	}
	if err := r.begin(ctx); err != nil {
		return a.refuse([]string{err.Error()})
	}
	code := r.judge(ctx, out)
	if code == audit.ExitClean || code == audit.ExitNotAssessed { // a key that lies around is a finding, whatever it may do
		return audit.ExitFindings
	}
	return code
}

// takeFound makes the fleet of what was found. A key that is not sent is named in it.
func (r *findAudit) takeFound() {
	r.candidates = r.report.Candidates(exchanges.All())
	for i := range r.candidates {
		c := &r.candidates[i]
		if c.Not == "" {
			r.fleet.keys = append(r.fleet.keys, c.Audit)
			continue
		}
		skipped := skippedResult(inventory.Skipped{Name: c.Audit.Name, File: c.Audit.Record.Source.File, Line: c.Place.Line, Why: c.Not}, r.now())
		skipped.Exchange, skipped.Record.Source.Format = c.Exchange, c.Audit.Record.Source.Format
		r.fleet.skipped = append(r.fleet.skipped, skipped)
	}
}

// names are the keys by their names in the report, which a demonstration changes.
func (r *findAudit) names() map[string]*find.Key {
	named := map[string]*find.Key{}
	sent := 0
	for i := range r.candidates {
		c := &r.candidates[i]
		if c.Not == "" {
			named[r.fleet.keys[sent].Name] = c.Key
			sent++
		} else {
			named[c.Audit.Name] = c.Key
		}
	}
	return named
}

// judge asks the exchanges, and writes the report once all is known: what is worst comes
// first.
func (r *findAudit) judge(ctx context.Context, out *output) int {
	named := r.names()
	rules := append(audit.Rules(), keyInGit(named, r.report, r.history))
	r.fleet.options.Rules = rules
	report, results := audit.CompareEach(nil, r.inspect(ctx), rules)
	report.Findings = append(report.Findings, unread(r.report)...)
	all := slices.Collect(results)
	if r.format == "sarif" { // which points at every place
		all = append(all, r.places(r.report)...)
	}
	var audited bytes.Buffer
	root, _ := os.Getwd()
	w := &reportWriter{
		output: &output{Writer: &audited}, format: r.format, options: renderOptions{reporting: r.reporting, env: r.env, root: root, rules: append(rules, placeRules()...)},
	}
	if r.format == "text" { // without the next step of a run, which this is not
		w.writer = render.NewText(w.output, w.options.text())
	}
	r.out = outputs{w}
	code := r.deliver(ctx, report, slices.Values(all))
	if code == exitUnwritten {
		return code
	}
	err := r.write(out, all, named, audited.Bytes())
	if err = errors.Join(err, out.commit()); err != nil {
		r.log("the report could not be written")
		return exitUnwritten
	}
	r.outdated(out)
	return code
}

// plan shows what would be sent, and what was found.
func (r *findAudit) plan(out *output) int {
	var plan bytes.Buffer
	plans, err := r.fleet.plans(r.demo)
	err = errors.Join(err, writePlan(&plan, plans, &r.fleet, r.settings))
	if r.format == formatJSON {
		err = errors.Join(err, r.report.JSON(out, find.Attached{Plan: plan.Bytes()}))
	} else {
		_, failed := plan.WriteTo(out)
		err = errors.Join(err, failed, r.where(out))
	}
	if err = errors.Join(err, out.commit()); err != nil {
		r.log("the plan could not be written")
		return exitUnwritten
	}
	return audit.ExitFindings
}

// where writes what was found, after a report about it.
func (r *findAudit) where(to io.Writer) error {
	_, err := io.WriteString(to, "\nWhere the keys were found\n\n")
	return errors.Join(err, r.report.Text(to))
}

// write puts the reports about what was found, and about what the keys may do, together.
func (r *findAudit) write(to io.Writer, all []*audit.Result, named map[string]*find.Key, audited []byte) error {
	switch r.format {
	case formatJSON:
		return r.report.JSON(to, find.Attached{Audit: audited})
	case "text":
	default:
		_, err := to.Write(audited)
		return err
	}
	if err := r.lead(to, all, named); err != nil {
		return err
	}
	_, err := to.Write(audited)
	return errors.Join(err, r.where(to))
}

// lead begins the report with the keys that work and that a copy of a repository has,
// those that can lose money first.
func (r *findAudit) lead(to io.Writer, all []*audit.Result, named map[string]*find.Key) error {
	var b strings.Builder
	working := slices.DeleteFunc(slices.Clone(all), func(result *audit.Result) bool {
		f := result.Finding(ruleKeyInGit)
		return f == nil || f.Outcome != audit.Failed || f.Severity < audit.High || !works(result)
	})
	slices.SortStableFunc(working, func(x, y *audit.Result) int { return worth(y) - worth(x) })
	if len(working) > 0 {
		if r.demo {
			b.WriteString(demoNotice + "\n")
		}
		fmt.Fprintf(&b, "%s in a git repository: delete %s at the exchange first\n",
			count(len(working), "key that works lies", "keys that work lie"), map[bool]string{true: "it", false: "them"}[len(working) == 1])
		for _, result := range working {
			f := result.Finding(ruleKeyInGit)
			fmt.Fprintf(&b, "  %s  %s key %s: %s\n", strings.ToUpper(f.Severity.String()), result.Title, named[result.Name].KeyID, f.Message)
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(to, b.String())
	return err
}

// worth is how much a key in a repository matters: by its severity, and of equal ones those
// first that surely lose money.
func worth(r *audit.Result) int {
	worth := 2 * int(r.Finding(ruleKeyInGit).Severity)
	if _, words := severityInGit(r.Snapshot); words == canLose {
		worth++
	}
	return worth
}

// works reports whether the exchange took the key for a working one.
func works(r *audit.Result) bool {
	return r.Inspected() || r.Snapshot.Failure.Kind == access.KindIPNotAllowed
}
