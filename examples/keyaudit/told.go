package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
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
	Notes        []string         `json:"notes"`
	Closing      *access.Deadline `json:"closing,omitempty"`
	KeyPage      string           `json:"key_page"`
	Docs         string           `json:"docs"`
	Checked      string           `json:"checked"`
	Confirmed    string           `json:"confirmed"`
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
		Reports: map[string]any{},
	}
	for _, env := range e.Environments {
		told.Environments = append(told.Environments, env.Name)
	}
	for _, f := range reportedFacts(&e.Coverage) {
		told.Reports[strings.ReplaceAll(f.name, " ", "_")] = f.reporting.String()
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
	return "not known"
}

// explainExchange tells a person about an exchange, in 80 columns.
func explainExchange(w io.Writer, e *adapter.Exchange) {
	told := newToldExchange(e)
	fmt.Fprintf(w, "%s: %s\n\n", e.Name, e.Title)
	var rights, facts []string
	for _, r := range told.Rights {
		rights = append(rights, fmt.Sprintf("%-20s %s", r.Capability, r.Known))
	}
	for _, f := range reportedFacts(&e.Coverage) {
		facts = append(facts, fmt.Sprintf("%-20s %s", f.name, f.reporting))
	}
	closing := ""
	if e.Closing != nil {
		closing = e.Closing.What
	}
	for _, part := range []struct{ lead, text string }{
		{"closing", closing},
		{"sites", joined(told.Environments)},
		{"rights", strings.Join(rights, "\n")},
		{"reports", strings.Join(facts, "\n")},
		{"requests", strings.Join(told.Requests, "\n")},
		{"notes", strings.Join(e.Notes, "\n")},
		{"key page", e.KeyPage},
		{"source", e.Docs},
		{"checked", e.Checked + ", from " + e.Coverage.Confirmed},
	} {
		paragraph(w, part.lead, part.text, 12, 80)
	}
}

// writeJSON writes a value for programs.
func (a app) writeJSON(value any) int {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		a.log("the list could not be written")
		return exitUnwritten
	}
	return audit.ExitClean
}
