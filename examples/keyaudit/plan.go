package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// planned is what the audit of one key could send.
type planned struct {
	Demo        bool                  `json:"demo,omitempty"`
	Name        string                `json:"name"`
	Exchange    string                `json:"exchange"`
	Environment string                `json:"environment"`
	Switch      string                `json:"switch,omitempty"` // the variable that decided the environment
	Egress      string                `json:"egress,omitempty"` // the name of the IP address that it is asked from
	Calls       []adapter.PlannedCall `json:"calls"`
	Skipped     string                `json:"skipped,omitempty"` // why no adapter can audit the key
}

// writePlan writes every request that an audit of the fleet could send, and which
// keys it would skip. It sends none, and fetches no secret.
func writePlan(w io.Writer, f *fleet, s *settings) error {
	plans := make([]planned, 0, f.count()+len(f.skipped))
	for key := range f.each() {
		calls, err := audit.Plan(key)
		if err != nil {
			return err
		}
		p := planned{Demo: s.demo, Name: key.Name, Exchange: key.Exchange.Name, Environment: environmentOf(&key), Switch: key.Record.Source.Switch, Egress: key.Egress, Calls: calls}
		plans = append(plans, p)
	}
	if err := f.err(); err != nil {
		return err
	}
	for _, r := range f.skipped {
		plans = append(plans, planned{Demo: s.demo, Name: r.Name, Calls: []adapter.PlannedCall{}, Skipped: r.Snapshot.Failure.Message})
	}
	if s.format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(plans)
	}
	var b strings.Builder
	if s.demo {
		b.WriteString(demoNotice + ", and no exchange is asked.\n")
	}
	b.WriteString("An audit of these keys may send the requests below, and no others. Nothing was sent.\n")
	for _, p := range plans {
		if p.Skipped != "" {
			fmt.Fprintf(&b, "\n%s: not audited: %s\n", p.Name, p.Skipped)
			continue
		}
		fmt.Fprintf(&b, "\n%s (%s, %s%s%s)\n", p.Name, p.Exchange, p.Environment, accordingTo(p.Switch), fromEgress(p.Egress))
		for _, c := range p.Calls {
			fmt.Fprintf(&b, "  %-4s %s%s\n       %s", c.Method, c.URL, fromEgress(c.Egress), c.Why)
			if c.When != "" {
				fmt.Fprintf(&b, "; only if %s", c.When)
			}
			b.WriteString("\n")
		}
	}
	if f.others > 0 {
		fmt.Fprintf(&b, "\n%s left out by --only\n", count(f.others, "key", "keys"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// accordingTo names the variable that decided where a key is asked, if one did.
func accordingTo(variable string) string {
	if variable == "" {
		return ""
	}
	return " according to " + show(variable)
}

// fromEgress says where a key is asked from, if that has a name.
func fromEgress(egress string) string {
	if egress == "" {
		return ""
	}
	return ", from " + egress
}
