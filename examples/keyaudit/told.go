package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// What rules, exchanges and explain tell programs.

const formatJSON = "json"

// listFormat is the flag of the commands that list what the program knows.
func (c *command) listFormat() *string {
	format := "text"
	c.oneOf("format", "format", []string{"text", formatJSON}, func(w string) { format = w }, "FORMAT of the list: text, json (default text)")
	return &format
}

// toldRule is a rule.
type toldRule struct {
	ID         string         `json:"id"`
	Title      string         `json:"title"`
	Why        string         `json:"why"`
	Remedy     string         `json:"remedy"`
	FindOut    string         `json:"find_out,omitempty"`
	Severity   audit.Severity `json:"severity"`
	Scope      string         `json:"scope"`
	References []string       `json:"references"`
	Since      string         `json:"since"`
}

func newToldRule(r *audit.Rule) toldRule {
	return toldRule{r.ID, r.Title, r.Why, r.Remedy, r.FindOut, r.Severity, r.Scope.String(), append([]string{}, r.References...), r.Since}
}

// toldExchange is an exchange, and what is known of its keys.
type toldExchange struct {
	Name         string           `json:"name"`
	Title        string           `json:"title"`
	Environments []string         `json:"environments"`
	Reports      map[string]any   `json:"reports"`
	Rights       []toldRight      `json:"rights"`
	Requests     []string         `json:"requests"`
	Keys         toldKeys         `json:"keys"`
	Notes        []string         `json:"notes"`
	Closing      *access.Deadline `json:"closing,omitempty"`
	KeyPage      string           `json:"key_page"`
	Docs         string           `json:"docs"`
	Checked      string           `json:"checked"`
	Confirmed    string           `json:"confirmed"`
}

// toldKeys is what an exchange does to its keys, and how their owner does what. Each
// text is there, if only to say that it is not known.
type toldKeys struct {
	Facts   map[string]string       `json:"facts"`
	Steps   map[adapter.Task]string `json:"steps"`
	Source  string                  `json:"source,omitempty"`
	Checked string                  `json:"checked,omitempty"`
}

// blank is what a page says where nothing is known.
const blank = "not known"

func newToldKeys(k *adapter.KeyRules) toldKeys {
	told := toldKeys{Facts: map[string]string{}, Steps: map[adapter.Task]string{}, Source: k.Source, Checked: k.Checked}
	for _, f := range k.Facts() {
		told.Facts[underscored(f.Name)] = cmp.Or(f.Text, blank)
	}
	for _, task := range adapter.Tasks() {
		told.Steps[task] = cmp.Or(k.Steps[task], blank)
	}
	return told
}

// underscored is a name as JSON has it.
func underscored(name string) string {
	return strings.NewReplacer(", ", "_", " ", "_", "-", "_").Replace(strings.ToLower(name))
}

// toldRight says of one capability whether an exchange reports it.
type toldRight struct {
	Capability access.Capability `json:"capability"`
	Known      string            `json:"known"`
}

func newToldExchange(e *adapter.Exchange) toldExchange {
	told := toldExchange{
		Name: e.Name, Title: e.Title, Notes: append([]string{}, e.Notes...), Closing: e.Closing,
		KeyPage: e.KeyPage, Docs: e.Docs, Checked: e.Checked, Confirmed: e.Coverage.Confirmed,
		Reports: map[string]any{}, Keys: newToldKeys(&e.Keys),
	}
	for _, env := range e.Environments {
		told.Environments = append(told.Environments, env.Name)
	}
	for _, f := range reportedFacts(&e.Coverage) {
		told.Reports[underscored(f.name)] = f.reporting.String()
	}
	for _, c := range access.Capabilities() {
		told.Rights = append(told.Rights, toldRight{c, rightKnown(&e.Coverage, c)})
	}
	for _, c := range e.Calls {
		text := c.Method + " " + c.Path
		if c.When != "" {
			text += " (only if " + c.When + ")"
		}
		told.Requests = append(told.Requests, text)
	}
	return told
}

// reportedFact is a fact about keys that an exchange may report.
type reportedFact struct {
	name      string
	reporting adapter.Reporting
}

func reportedFacts(c *adapter.Coverage) []reportedFact {
	return []reportedFact{
		{"IP allowlist", c.Allowlist},
		{"allowlist entries", c.AllowlistEntries},
		{"creation date", c.Created},
		{"expiry", c.Expires},
		{"last use", c.LastUsed},
		{"account kind", c.AccountKind},
		{"other keys", c.Siblings},
	}
}

// rightKnown says what is known of a capability before a key is looked at.
func rightKnown(c *adapter.Coverage, of access.Capability) string {
	for _, reported := range c.Reports {
		if reported == of {
			return "reported"
		}
	}
	for _, absent := range c.Absent {
		if absent == of {
			return "no key has it"
		}
	}
	return blank
}

// part is a text of a page, beside its lead.
type part struct{ lead, text string }

// explainExchange tells a person about an exchange, in 80 columns.
func explainExchange(w io.Writer, e *adapter.Exchange) {
	fmt.Fprintf(w, "%s: %s\n\n", e.Name, e.Title)
	for _, p := range exchangeParts(e) {
		paragraph(w, p.lead, p.text, 19, 80)
	}
}

// exchangeParts are the parts of an exchange's page: first what an owner asks about
// keys, then what an audit can read.
func exchangeParts(e *adapter.Exchange) []part {
	told := newToldExchange(e)
	var parts []part
	if e.Closing != nil {
		parts = append(parts, part{"closing", e.Closing.What})
	}
	for _, f := range e.Keys.Facts() {
		parts = append(parts, part{f.Name, cmp.Or(f.Text, blank)})
	}
	var steps, rights, facts []string
	for _, task := range adapter.Tasks() {
		steps = append(steps, fmt.Sprintf("%s: %s", task, told.Keys.Steps[task]))
	}
	for _, r := range told.Rights {
		rights = append(rights, fmt.Sprintf("%-20s %s", r.Capability, r.Known))
	}
	for _, f := range reportedFacts(&e.Coverage) {
		facts = append(facts, fmt.Sprintf("%-20s %s", f.name, f.reporting))
	}
	parts = append(parts, part{"key page", e.KeyPage}, part{"how to", strings.Join(steps, "\n")})
	if e.Keys.Source != "" {
		parts = append(parts, part{"all this from", e.Keys.Source + "; checked on " + e.Keys.Checked})
	}
	return append(parts,
		part{"environments", joined(told.Environments)},
		part{"rights", strings.Join(rights, "\n")},
		part{"reports", strings.Join(facts, "\n")},
		part{"requests", strings.Join(told.Requests, "\n")},
		part{"notes", strings.Join(e.Notes, "\n")},
		part{"source", e.Docs},
		part{"checked", e.Checked + ", from " + e.Coverage.Confirmed},
	)
}

// writeJSON writes a value for programs.
func (a app) writeJSON(value any) int {
	encoder := json.NewEncoder(render.JSONForLog(a.stdout))
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		a.log("the list could not be written")
		return exitUnwritten
	}
	return audit.ExitClean
}
