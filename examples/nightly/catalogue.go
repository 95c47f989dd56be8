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

// explainCommand tells all about one or more rules.
func (m machine) explainCommand(_ context.Context, args []string) int {
	c := newCommand("explain", "nightly explain RULE… tells why a rule matters and what to do about it; nightly rules lists them.\n", "")
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
		explain(m.stdout, audit.Rules()[slices.Index(ids, id)])
	}
	return audit.ExitClean
}

// explain writes all about a rule, in 80 columns.
func explain(w io.Writer, rule *audit.Rule) {
	fmt.Fprintf(w, "%s: %s\n\n", rule.ID, rule.Title)
	for _, part := range []struct{ lead, text string }{
		{"why", rule.Why},
		{"remedy", rule.Remedy},
		{"at worst", rule.Severity.String()},
		{"looks at", scopeText[rule.Scope]},
		{"see", references(rule)},
		{"since", rule.Since},
	} {
		paragraph(w, part.lead, part.text, 12, 80)
	}
}

var scopeText = map[audit.Scope]string{
	audit.OneKey:     "the key itself, at a bot's start and every night",
	audit.WholeFleet: "all keys of a run together",
	audit.SinceLast:  "what has changed since the last report (-state or -since)",
}

// paragraph writes a text beside a lead, wrapped to a width. Lines of the text
// stay lines.
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

// addresses are where references are found, by how they begin. Others, such as
// incidents, have none.
var addresses = []struct {
	begins  string
	address func(number string) string
}{
	{"CWE-", func(number string) string { return "https://cwe.mitre.org/data/definitions/" + number + ".html" }},
	{"NHI", func(string) string { return "https://owasp.org/www-project-non-human-identities-top-10" }},
}

// references are a rule's references, one a line, each with the address where
// there is one.
func references(rule *audit.Rule) string {
	lines := make([]string, len(rule.References))
	for i, r := range rule.References {
		lines[i] = r
		for _, a := range addresses {
			if number, ok := strings.CutPrefix(r, a.begins); ok {
				lines[i] = fmt.Sprintf("%-9s  %s", r, a.address(number))
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
	fmt.Fprintln(m.stdout, "\nnightly explain RULE tells why it matters and what to do about it.")
	return audit.ExitClean
}

const exchangesHead = `nightly exchanges lists the exchanges, by the names that inventories use, and what each tells about
a key: of how many rights, and whether its IP allowlist, its age, its expiry and the account's other
keys can be read.
`

// exchangesCommand lists the exchanges.
func (m machine) exchangesCommand(_ context.Context, args []string) int {
	c := newCommand("exchanges", exchangesHead, "")
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
		title := e.Title
		if e.Closing != nil {
			title += " (closing)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, title, rightsTold(&e.Coverage),
			e.Coverage.Allowlist, e.Coverage.Created, e.Coverage.Expires, e.Coverage.Siblings, strings.Join(environments, ", "))
	}
	_ = w.Flush()
	fmt.Fprintln(m.stdout, "\nWhat an exchange does not tell stays undetermined; it is never taken for safe.")
	return audit.ExitClean
}

// rightsTold says of how many rights it is known whether a key has them.
func rightsTold(c *adapter.Coverage) string {
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
		c.say("%s: unexpected argument %s", c.name, show(c.flags.Arg(0)))
	}
}
