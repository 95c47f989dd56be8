package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

// explainCommand tells all about one or more rules.
func (m machine) explainCommand(_ context.Context, args []string) int {
	c := newCommand("explain", "nightly explain RULE… tells why a rule matters and what to do about it.\n", "")
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	ids := ruleIDs()
	if c.flags.NArg() == 0 {
		c.say("explain: name a rule, for instance: nightly explain ip-allowlist; nightly rules lists them")
	}
	for _, id := range c.flags.Args() {
		if !slices.Contains(ids, id) {
			c.say("explain: %s", unknown("rule", id, ids))
		}
	}
	if len(c.problems) > 0 {
		return m.refuse(c.problems)
	}
	for i, id := range c.flags.Args() {
		if i > 0 {
			fmt.Fprintln(m.stdout)
		}
		rule := audit.Rules()[slices.Index(ids, id)]
		fmt.Fprintf(m.stdout, "%s: %s (at worst %s)\n", rule.ID, rule.Title, rule.Severity)
		for _, part := range []struct{ lead, text string }{
			{"why", rule.Why}, {"what to do", rule.Remedy}, {"looks at", scopeText[rule.Scope]},
			{"references", strings.Join(references(rule), "\n")}, {"since", rule.Since},
		} {
			paragraph(m.stdout, part.lead, part.text)
		}
	}
	return audit.ExitClean
}

var scopeText = map[audit.Scope]string{
	audit.OneKey:     "the key itself, at a bot's start and every night",
	audit.WholeFleet: "all keys of a run together",
	audit.SinceLast:  "what has changed since the last report (-state or -since)",
}

// paragraph writes a text beside a lead, wrapped for 80 columns.
func paragraph(w io.Writer, lead, text string) {
	const indent, width = 14, 80
	if text == "" {
		return
	}
	lead = fmt.Sprintf("  %-*s", indent-2, lead)
	for line := range strings.SplitSeq(text, "\n") {
		used := 0
		for word := range strings.FieldsSeq(line) {
			switch {
			case used == 0:
				fmt.Fprint(w, lead+word)
				lead = strings.Repeat(" ", indent)
				used = indent + len(word)
			case used+1+len(word) > width:
				fmt.Fprint(w, "\n"+lead+word)
				used = indent + len(word)
			default:
				fmt.Fprint(w, " "+word)
				used += 1 + len(word)
			}
		}
		fmt.Fprintln(w)
	}
}

// references are a rule's references, with the address where there is one.
func references(rule *audit.Rule) []string {
	out := make([]string, len(rule.References))
	for i, r := range rule.References {
		out[i] = r
		if number, ok := strings.CutPrefix(r, "CWE-"); ok {
			out[i] += "  https://cwe.mitre.org/data/definitions/" + number + ".html"
		} else if strings.HasPrefix(r, "NHI") {
			out[i] += "  https://owasp.org/www-project-non-human-identities-top-10/"
		}
	}
	return out
}

func ruleIDs() []string {
	var ids []string
	for _, r := range audit.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

// rulesCommand lists the rules.
func (m machine) rulesCommand(_ context.Context, args []string) int {
	c := newCommand("rules", "nightly rules lists the rules; nightly explain RULE tells all about one.\n", "")
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	c.noArguments()
	if len(c.problems) > 0 {
		return m.refuse(c.problems)
	}
	w := tabwriter.NewWriter(m.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tAT WORST\tLOOKS AT\tABOUT")
	for _, r := range audit.Rules() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Scope, r.Title)
	}
	_ = w.Flush()
	return audit.ExitClean
}

// venuesCommand lists the exchanges.
func (m machine) venuesCommand(_ context.Context, args []string) int {
	c := newCommand("venues", "nightly venues lists the exchanges and what each tells about a key; \"no\" means that the fact stays undetermined.\n", "")
	if c.parse(args, m.stdout) {
		return audit.ExitClean
	}
	c.noArguments()
	if len(c.problems) > 0 {
		return m.refuse(c.problems)
	}
	w := tabwriter.NewWriter(m.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tEXCHANGE\tRIGHTS\tALLOWLIST\tAGE\tEXPIRY\tOTHER KEYS\tENVIRONMENTS")
	for _, e := range exchanges.All() {
		var environments []string
		for _, env := range e.Environments {
			environments = append(environments, env.Name)
		}
		rights := fmt.Sprintf("%d of %d", len(e.Coverage.Tells), len(audit.Capabilities()))
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, e.Title, rights,
			e.Coverage.Allowlist, e.Coverage.Created, e.Coverage.Expires, e.Coverage.Siblings, strings.Join(environments, ", "))
	}
	_ = w.Flush()
	return audit.ExitClean
}

func (c *command) noArguments() {
	if c.flags.NArg() > 0 {
		c.say("%s: unexpected argument %s", c.name, show(c.flags.Arg(0)))
	}
}
