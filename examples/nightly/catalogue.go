package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
)

const explainHead = "nightly explain RULE… explains why a rule matters and what to do about it; nightly rules lists them.\n"

// explainCommand explains one or more rules.
func (a app) explainCommand(_ context.Context, args []string) int {
	c := newCommand("explain", explainHead, "")
	if c.parse(args, a.stdout) {
		return audit.ExitClean
	}
	ids := ruleIDs()
	if c.flags.NArg() == 0 {
		c.problem("explain: name a rule, for instance: nightly explain ip-allowlist; nightly rules lists them")
	}
	for _, id := range c.flags.Args() {
		if !slices.Contains(ids, id) {
			c.problem("explain: %s", unknown("rule", id, ids))
		}
	}
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	for i, id := range c.flags.Args() {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		explain(a.stdout, audit.Rules()[slices.Index(ids, id)])
	}
	return audit.ExitClean
}

// explain describes a rule, in 80 columns.
func explain(w io.Writer, rule *audit.Rule) {
	fmt.Fprintf(w, "%s: %s\n\n", rule.ID, rule.Title)
	for _, part := range []struct{ lead, text string }{
		{"why", rule.Why},
		{"remedy", rule.Remedy},
		{"find out", rule.FindOut},
		{"severity", "up to " + rule.Severity.String()},
		{"scope", scopeText[rule.Scope]},
		{"see", references(rule)},
		{"since", rule.Since},
	} {
		paragraph(w, part.lead, part.text, 12, 80)
	}
}

var scopeText = map[audit.Scope]string{
	audit.OneKey:     "one key, at a bot's start and in every run",
	audit.WholeFleet: "all keys of a run",
	audit.SinceLast:  "changes since the previous report (-state or -since)",
}

// paragraph writes a text beside a lead, wrapped to a width. It keeps the line
// breaks of the text.
func paragraph(w io.Writer, lead, text string, indent, width int) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		used := indent
		fmt.Fprintf(w, "  %-*s", indent-2, lead)
		lead = ""
		for i, word := range strings.Split(line, " ") {
			switch n := utf8.RuneCountInString(word); {
			case i == 0:
				used += n
			case used+1+n > width:
				fmt.Fprintf(w, "\n%*s", indent, "")
				used = indent + n
			default:
				fmt.Fprint(w, " ")
				used += 1 + n
			}
			fmt.Fprint(w, word)
		}
		fmt.Fprintln(w)
	}
}

// referenceURLs are the pages of references, by prefix. Incidents have none.
var referenceURLs = []struct {
	prefix string
	url    func(number string) string
}{
	{"CWE-", func(number string) string { return "https://cwe.mitre.org/data/definitions/" + number + ".html" }},
	{"NHI", func(string) string { return "https://owasp.org/www-project-non-human-identities-top-10" }},
}

// references are a rule's references, one per line, with their URLs.
func references(rule *audit.Rule) string {
	lines := make([]string, len(rule.References))
	for i, r := range rule.References {
		lines[i] = r
		for _, ref := range referenceURLs {
			if number, ok := strings.CutPrefix(r, ref.prefix); ok {
				lines[i] = fmt.Sprintf("%-9s  %s", r, ref.url(number))
			}
		}
	}
	return strings.Join(lines, "\n")
}

func ruleIDs() []string {
	var ids []string
	for _, r := range audit.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

// rulesCommand lists the rules.
func (a app) rulesCommand(_ context.Context, args []string) int {
	c := newCommand("rules", "nightly rules lists the rules; nightly explain RULE explains one.\n", "")
	if c.parse(args, a.stdout) {
		return audit.ExitClean
	}
	c.noArguments()
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tSEVERITY\tSCOPE\tABOUT")
	for _, r := range audit.Rules() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Scope, r.Title)
	}
	_ = w.Flush()
	fmt.Fprintln(a.stdout, "\nSEVERITY is the maximum. nightly explain RULE explains why a rule matters and what to do.")
	return audit.ExitClean
}

const exchangesHead = `nightly exchanges lists the exchanges, by the names that inventories use, and what each reports
about a key: how many rights, and whether its IP allowlist, its age, its expiry and the account's
other keys can be read.
`

// exchangesCommand lists the exchanges.
func (a app) exchangesCommand(_ context.Context, args []string) int {
	c := newCommand("exchanges", exchangesHead, "")
	if c.parse(args, a.stdout) {
		return audit.ExitClean
	}
	c.noArguments()
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tEXCHANGE\tRIGHTS\tALLOWLIST\tAGE\tEXPIRY\tOTHER KEYS\tENVIRONMENTS")
	for _, e := range exchanges.All() {
		var environments []string
		for _, env := range e.Environments {
			environments = append(environments, env.Name)
		}
		title := e.Title
		if e.Closing != nil {
			title += " (closing)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, title, rightsReported(&e.Coverage),
			e.Coverage.Allowlist, e.Coverage.Created, e.Coverage.Expires, e.Coverage.Siblings, strings.Join(environments, ", "))
	}
	_ = w.Flush()
	fmt.Fprintln(a.stdout, "\nWhat an exchange does not report stays undetermined; it is never shown as safe.")
	return audit.ExitClean
}

// rightsReported says for how many rights it is known whether a key has them.
func rightsReported(c *adapter.Coverage) string {
	known, all := len(c.Reports)+len(c.Absent), len(access.Capabilities())
	switch {
	case len(c.Reports) == 0:
		return "no"
	case len(c.Reports) == 1:
		return "that it reads"
	case known == all:
		return "all"
	default:
		return fmt.Sprintf("%d of %d", known, all)
	}
}

func (c *command) noArguments() {
	if c.flags.NArg() > 0 {
		c.problem("%s: unexpected argument %s", c.name, show(c.flags.Arg(0)))
	}
}
