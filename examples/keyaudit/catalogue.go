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

const explainHead = `keyaudit explain RULE… explains why a rule matters and what to do about it; keyaudit rules lists
them. The name of an exchange, for instance keyaudit explain okx, shows what is known of it.

`

// explainCommand explains rules, and exchanges.
func (a app) explainCommand() *command {
	c := a.newCommand("explain RULE…", "explain why a rule matters and what to do about it, or an exchange", explainHead, "")
	c.ValidArgs = slices.Concat(explainedIDs(), exchangeNames())
	format := c.listFormat()
	return c.does(func(_ context.Context, args []string) int { return a.explain(c, args, *format) })
}

// explain explains what the arguments name.
func (a app) explain(c *command, args []string, format string) int {
	ids, rules := slices.Concat(explainedIDs(), exchangeNames()), explainedRules()
	if len(args) == 0 {
		c.problem("explain: name a rule, for instance: keyaudit explain ip-allowlist; keyaudit rules lists them")
	}
	for _, id := range args {
		if !slices.Contains(ids, id) {
			c.problem("explain: %s", unknown("rule or exchange", id, ids))
		}
	}
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	var told []any
	for i, id := range args {
		rule := slices.Index(explainedIDs(), id)
		exchange, _ := exchanges.Lookup(id)
		switch {
		case format == formatJSON && rule >= 0:
			told = append(told, newToldRule(rules[rule]))
		case format == formatJSON:
			told = append(told, newToldExchange(exchange))
		case rule >= 0:
			separate(a.stdout, i)
			explainRule(a.stdout, rules[rule])
		default:
			separate(a.stdout, i)
			explainExchange(a.stdout, exchange)
		}
	}
	if format == formatJSON {
		return a.writeJSON(told)
	}
	return audit.ExitClean
}

// explainedRules are the catalogue's, and those of a search.
func explainedRules() []*audit.Rule { return append(audit.Rules(), findRules()...) }

func explainedIDs() []string {
	var ids []string
	for _, r := range explainedRules() {
		ids = append(ids, r.ID)
	}
	return ids
}

// explainRule describes a rule, in 80 columns.
func explainRule(w io.Writer, rule *audit.Rule) {
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
	audit.SinceLast:  "changes since the previous report (--state or --since)",
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

// separate leaves a line between the parts of a text.
func separate(w io.Writer, i int) {
	if i > 0 {
		fmt.Fprintln(w)
	}
}

func exchangeNames() []string {
	var names []string
	for _, e := range exchanges.All() {
		names = append(names, e.Name)
	}
	return names
}

// rulesCommand lists the rules.
func (a app) rulesCommand() *command {
	c := a.newCommand("rules", "list the rules", "keyaudit rules lists the rules; keyaudit explain RULE explains one.\n\n", "")
	format := c.listFormat()
	return c.does(func(_ context.Context, args []string) int { return a.listRules(c, args, *format) })
}

func (a app) listRules(c *command, args []string, format string) int {
	c.noArguments(args)
	if len(c.problems) > 0 {
		return a.refuse(c.problems)
	}
	if format == formatJSON {
		var told []toldRule
		for _, r := range audit.Rules() {
			told = append(told, newToldRule(r))
		}
		return a.writeJSON(told)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tSEVERITY\tSCOPE\tABOUT")
	for _, r := range audit.Rules() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Scope, r.Title)
	}
	_ = w.Flush()
	fmt.Fprintln(a.stdout, "\nSEVERITY is the maximum. keyaudit explain RULE explains why a rule matters and what to do.")
	return audit.ExitClean
}

const exchangesHead = `keyaudit exchanges lists the exchanges, by the names that inventories use, and what each reports
about a key: how many rights, and whether its IP allowlist, its age, its expiry and the account's
other keys can be read. keyaudit exchanges NAME shows what is known of one, without a key: what it
does to keys without an IP allowlist, idle and old ones, which keys it has, and how to edit them,
with source and date.

`

// exchangesCommand lists the exchanges.
func (a app) exchangesCommand() *command {
	c := a.newCommand("exchanges [NAME…]", "list the exchanges and what each reports about a key, or show what is known of one",
		exchangesHead, "")
	c.ValidArgs = exchangeNames()
	format := c.listFormat()
	return c.does(func(_ context.Context, args []string) int { return a.listExchanges(c, args, *format) })
}

func (a app) listExchanges(c *command, args []string, format string) int {
	for _, name := range args {
		if _, known := exchanges.Lookup(name); !known {
			c.problem("exchanges: %s", unknown("exchange", name, exchangeNames()))
		}
	}
	switch {
	case len(c.problems) > 0:
		return a.refuse(c.problems)
	case len(args) > 0:
		return a.explain(c, args, format)
	case format == formatJSON:
		return a.explain(c, exchangeNames(), format)
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
		return "can read"
	case known == all:
		return "all"
	default:
		return fmt.Sprintf("%d of %d", known, all)
	}
}
