package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/inventory"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
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
	Skipped     string                `json:"skipped,omitempty"` // why the key cannot be audited
	Line        int                   `json:"line,omitempty"`    // where it is, if it is skipped and that is known
}

// plans are what an audit of each key could send, and which keys it could not audit.
func (f *fleet) plans(demo bool) (all []planned, err error) {
	lost := map[string][]string{} // by the key's name
	for _, p := range f.absent {
		lost[p.Key] = append(lost[p.Key], p.Text)
	}
	all = []planned{}
	for key := range f.each() {
		p := planned{
			Demo: demo, Name: key.Name, Exchange: key.Exchange.Name, Environment: environmentOf(&key), Switch: key.Record.Source.Switch, Egress: key.Egress,
			Calls: []adapter.PlannedCall{}, Skipped: strings.Join(lost[key.Name], "; "),
		}
		if p.Skipped == "" {
			if calls, err := audit.Plan(key); err != nil {
				p.Skipped = err.Error()
			} else {
				p.Calls = calls
			}
		}
		all = append(all, p)
	}
	for _, r := range f.skipped {
		all = append(all, planned{Demo: demo, Name: r.Name, Calls: []adapter.PlannedCall{}, Skipped: r.Snapshot.Failure.Message, Line: r.Record.Source.Line})
	}
	return all, f.err()
}

// writePlan shows what would be sent. What an audit could not even ask about, it ends as that
// does.
func (r *auditRun) writePlan() int {
	plans, err := r.fleet.plans(r.demo)
	if err == nil {
		err = writePlan(r.out[0], plans, &r.fleet, r.settings)
	}
	if err == nil {
		err = r.out[0].commit()
	}
	if err != nil {
		r.log("the plan could not be written: %s", err)
		return exitUnwritten
	}
	left := 0
	for _, p := range plans {
		left += min(len(p.Skipped), 1)
	}
	const ends = "cannot be audited: this ends with exit code %d, as an audit would"
	switch {
	case left == len(plans):
		r.log("no key would be audited")
	case left > 0:
		r.log("%s "+ends, count(left, "key", "keys"), audit.ExitNotAssessed)
	case slices.ContainsFunc(r.fleet.absent, func(p inventory.Problem) bool { return p.Key == "" }):
		r.log("some keys "+ends, audit.ExitNotAssessed)
	default:
		return audit.ExitClean
	}
	return audit.ExitNotAssessed
}

// writePlan writes every request that an audit of the fleet could send, and which
// keys it would skip. It sends none, and fetches no secret.
func writePlan(w io.Writer, plans []planned, f *fleet, s *settings) error {
	if s.format == "json" {
		encoder := json.NewEncoder(render.JSONForLog(w))
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
			fmt.Fprintf(&b, "\n%s%s: not audited: %s\n", p.Name, onLine(p.Name, p.Line), p.Skipped)
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

// onLine says where in its file a key is, if that is known and its name does not say it.
func onLine(name string, line int) string {
	if line == 0 || strings.HasSuffix(name, fmt.Sprint(":", line)) {
		return ""
	}
	return fmt.Sprintf(" (line %d)", line)
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
