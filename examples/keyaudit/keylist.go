package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// toldLine is a key in the list.
type toldLine struct {
	Name        string    `json:"name"`
	Host        string    `json:"host,omitempty"`
	Exchange    string    `json:"exchange"`
	Environment string    `json:"environment"`
	FirstSeen   time.Time `json:"first_seen"`
	LastSeen    time.Time `json:"last_seen"`
	LastChange  time.Time `json:"last_change"`
	Gone        bool      `json:"gone"`
	Open        toldOpen  `json:"open"`
}

// toldOpen counts open findings.
type toldOpen struct {
	Failed       map[audit.Severity]int `json:"failed"`
	Undetermined map[audit.Severity]int `json:"undetermined"`
	Waived       int                    `json:"waived"`
}

func (a app) listKeys(ctx context.Context, s *store.Store, state, format string) int {
	lines, err := s.Lines(ctx)
	if err != nil {
		return a.lost(state, err)
	}
	if format == formatJSON {
		told := make([]toldLine, len(lines))
		for i, l := range lines {
			told[i] = toldLine{l.Name, l.Host, l.Exchange, l.Environment, l.FirstSeen, l.LastSeen, l.Changed, l.Gone, toldOpen{l.Failed, l.Undetermined, l.Waived}}
		}
		return a.writeJSON(told)
	}
	if err := a.sayDemo(ctx, s); err != nil {
		return a.lost(state, err)
	}
	if len(lines) == 0 {
		fmt.Fprintln(a.stdout, "No run has ended yet.")
		return audit.ExitClean
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tEXCHANGE\tFIRST SEEN\tLAST CHANGE\tOPEN FINDINGS")
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", access.Printable((&audit.Result{Name: l.Name, Record: audit.Record{Host: l.Host}}).FullName()), placeOf(l.Exchange, l.Environment), minute(l.FirstSeen), minute(l.Changed), openWords(l))
	}
	_ = w.Flush()
	fmt.Fprintln(a.stdout, "\nTimes are in UTC. keyaudit history KEY shows what has become of one.")
	return audit.ExitClean
}

// sayDemo begins a text with the notice of a demonstration, if the state is of one.
func (a app) sayDemo(ctx context.Context, s *store.Store) error {
	runs, err := s.List(ctx, 1)
	if err == nil && len(runs) > 0 && runs[0].Report.Demo {
		fmt.Fprintf(a.stdout, "%s.\n\n", demoNotice)
	}
	return err
}

func placeOf(exchange, environment string) string {
	return access.Printable(cmp.Or(strings.TrimSpace(exchange+" "+environment), "unknown"))
}

// minute is a time in a list whose head or foot says that times are in UTC.
func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return strings.TrimSuffix(stamp(t), " UTC")
}

// openWords are the open findings of a key in a few words.
func openWords(l *store.Line) string {
	var parts []string
	if text := severities(l.Failed); text != "" {
		parts = append(parts, text)
	}
	if text := severities(l.Undetermined); text != "" {
		parts = append(parts, "unknown: "+text)
	}
	if l.Waived > 0 {
		parts = append(parts, fmt.Sprintf("%d waived", l.Waived))
	}
	if l.Gone {
		parts = append(parts, "gone since "+stamp(l.LastSeen))
	}
	return cmp.Or(strings.Join(parts, "; "), "none")
}

// severities are counts, the worst first; empty if there are none.
func severities(counts map[audit.Severity]int) string {
	var parts []string
	for severity := audit.Critical; severity >= audit.Info; severity-- {
		if n := counts[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return strings.Join(parts, ", ")
}
