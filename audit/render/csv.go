package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// CSVOptions change what CSV writes.
type CSVOptions struct {
	// BOM begins the file with a byte order mark. Excel takes a file without
	// one for an old character set.
	BOM bool
}

// CSV writes a report for a spreadsheet: a row for each finding that is open or
// waived, a row for each key that has none, and a row for each finding about no
// single key, which names none. The keys stand worst first. The columns are
// those of CSVColumns.
//
// No cell can become a formula: one that a spreadsheet might take for one, also
// after a semicolon, which parts cells in many countries, gets an apostrophe.
func CSV(w io.Writer, r *audit.Report, o CSVOptions) error {
	if err := whole(r); err != nil {
		return err
	}
	if o.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	_ = out.Write(CSVColumns())
	cells := make([]string, len(csvColumns))
	row := func(f csvFinding) {
		for i, c := range csvColumns {
			if c.ofFinding != nil {
				cells[i] = defused(c.ofFinding(&f))
			}
		}
		_ = out.Write(cells) // keeps the first error for Error
	}
	keys := entries(r)
	for i := range keys {
		for j, c := range csvColumns {
			if c.ofKey != nil {
				cells[j] = defused(c.ofKey(&keys[i]))
			}
		}
		for _, f := range csvFindings(&keys[i]) {
			row(f)
		}
	}
	clear(cells)
	for _, f := range r.Findings {
		row(csvFinding{f, statusCell(&f)})
	}
	out.Flush()
	return out.Error()
}

// CSVColumns are the names of the columns, in order. New ones may come at the
// end.
//
//   - name, exchange, environment, key_id, label, account, purpose: the key; the
//     label is its name at the exchange, the purpose what it is judged against
//   - status: failed, undetermined, waived, not inspected, not judged, or clean
//   - severity, rule, finding, remedy: what is the matter and what to do
//   - new: "new" if the last report didn't have it
//   - waived: why the finding is accepted, and until when
//   - resolved: the rules that the key failed in the last report and passes now
//   - owner, task, review, labels, source: from the inventory; the task is what
//     the key does in the owner's words, the source a file and a line
//   - rights, addresses: what the key may do, and from where
//   - created, expires, last_used: dates; empty if not told
//   - inspected: when; of a key that could not be inspected, when it last was
//   - key_page: where a person edits the key
func CSVColumns() []string {
	names := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		names[i] = c.name
	}
	return names
}

// csvFinding is what a row says besides the key.
type csvFinding struct {
	audit.Finding
	status string
}

var csvColumns = []struct {
	name      string
	ofKey     func(*entry) string // empty in a row about no single key
	ofFinding func(*csvFinding) string
}{
	{name: "name", ofKey: func(e *entry) string { return e.Name }},
	{name: "exchange", ofKey: func(e *entry) string { return e.Title }},
	{name: "environment", ofKey: func(e *entry) string { return e.Snapshot.Environment }},
	{name: "key_id", ofKey: func(e *entry) string { return e.Snapshot.KeyID }},
	{name: "label", ofKey: func(e *entry) string { return e.Snapshot.Label }},
	{name: "account", ofKey: accountCell},
	{name: "purpose", ofKey: func(e *entry) string { return e.Policy }},
	{name: "status", ofFinding: func(f *csvFinding) string { return f.status }},
	{name: "severity", ofFinding: severityCell},
	{name: "rule", ofFinding: func(f *csvFinding) string { return f.Rule }},
	{name: "finding", ofFinding: func(f *csvFinding) string { return f.Message }},
	{name: "remedy", ofFinding: func(f *csvFinding) string { return f.Remedy }},
	{name: "new", ofFinding: func(f *csvFinding) string { return map[bool]string{true: "new"}[f.New] }},
	{name: "waived", ofFinding: func(f *csvFinding) string { return f.Waived }},
	{name: "resolved", ofKey: func(e *entry) string { return strings.Join(e.Resolved, ", ") }},
	{name: "owner", ofKey: func(e *entry) string { return e.Record.Owner }},
	{name: "task", ofKey: func(e *entry) string { return e.Record.Purpose }},
	{name: "review", ofKey: func(e *entry) string { return dateCell(e.Record.Review) }},
	{name: "labels", ofKey: func(e *entry) string { return labelCell(e.Record.Labels) }},
	{name: "source", ofKey: func(e *entry) string { return sourceCell(e.Record.Source) }},
	{name: "rights", ofKey: rightsCell},
	{name: "addresses", ofKey: func(e *entry) string { return e.Snapshot.IPAllowlist.State.String() }},
	{name: "created", ofKey: func(e *entry) string { return dateCell(e.Snapshot.Created) }},
	{name: "expires", ofKey: expiryCell},
	{name: "last_used", ofKey: func(e *entry) string { return dateCell(e.Snapshot.LastUsed) }},
	{name: "inspected", ofKey: inspectedCell},
	{name: "key_page", ofKey: pageCell},
}

// csvFindings are the rows of a key; there is always one.
func csvFindings(e *entry) (rows []csvFinding) {
	open := e.open
	if e.state == notInspected {
		what, remedy := e.failure()
		own := audit.Finding{Rule: ruleNotInspected, Outcome: audit.Failed, Severity: max(e.failureSeverity(), audit.High), Message: what, Remedy: remedy}
		if f := e.Finding(ruleNotInspected); f != nil {
			own.New = f.New
		}
		rows = append(rows, csvFinding{own, "not inspected"})
		if len(open) > 0 {
			open = []audit.Finding{{Severity: open[0].Severity, Message: count(len(open), "rule", "rules") + " for want of an answer"}}
		}
	}
	for _, f := range slices.Concat(e.failed, open, e.waived) {
		rows = append(rows, csvFinding{f, statusCell(&f)})
	}
	switch {
	case len(rows) > 0:
	case e.state == clean && len(e.declared) > 0:
		rows = []csvFinding{{audit.Finding{Message: "declared by the owner: " + strings.Join(e.declared, ", ")}, "clean"}}
	case e.state == clean:
		rows = []csvFinding{{status: "clean"}}
	default:
		rows = []csvFinding{{audit.Finding{Message: "no rule was applied to this key"}, "not judged"}}
	}
	return rows
}

func statusCell(f *audit.Finding) string {
	switch {
	case f.Waived != "":
		return "waived"
	case f.Outcome == audit.Failed:
		return "failed"
	case f.Outcome == audit.Passed, f.Outcome == audit.NotApplicable:
		return f.Outcome.String()
	default:
		return "undetermined"
	}
}

func severityCell(f *csvFinding) string {
	if f.Severity == 0 && f.Rule == "" { // the row is no finding
		return ""
	}
	return f.Severity.String()
}

func accountCell(e *entry) string {
	a := &e.Snapshot.Account
	return strings.TrimSpace(a.Kind.String() + " " + a.ID)
}

func dateCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func expiryCell(e *entry) string {
	if e.Snapshot.Expires.IsZero() && e.Snapshot.NeverExpires {
		return "never"
	}
	return dateCell(e.Snapshot.Expires)
}

func inspectedCell(e *entry) string {
	at := e.Snapshot.TakenAt
	if e.state == notInspected {
		at = time.Time{}
		if e.Last != nil {
			at = e.Last.TakenAt
		}
	}
	return dateCell(at)
}

func labelCell(labels map[string]string) string {
	out := make([]string, 0, len(labels))
	for name, value := range labels {
		out = append(out, name+"="+value)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func sourceCell(s audit.Source) string {
	switch {
	case s.File == "":
		return s.Format
	case s.Line == 0:
		return s.File
	default:
		return fmt.Sprintf("%s:%d", s.File, s.Line)
	}
}

// rightsCell tells what the key may do, and of what it isn't known.
func rightsCell(e *entry) string {
	var held, unknown []string
	for _, g := range e.Snapshot.Grants {
		if g.State == access.Granted {
			held = append(held, string(g.Capability))
		}
	}
	for _, c := range access.Capabilities() {
		if e.Snapshot.Grant(c).State == access.Unknown {
			unknown = append(unknown, string(c))
		}
	}
	text := strings.Join(append(held, e.Snapshot.Unmapped...), ", ")
	if len(unknown) > 0 {
		text += "; not known: " + strings.Join(unknown, ", ")
	}
	return strings.TrimPrefix(text, "; ")
}

func pageCell(e *entry) string {
	if address, ok := link(e.KeyPage); ok {
		return address
	}
	return ""
}

const csvLongest = 2000 // characters of a cell

// defused puts an apostrophe before every sign that could begin a formula:
// where the cell begins, or another would if semicolons parted them, and also
// after spaces and quotes.
func defused(text string) string {
	const signs = "=+-@＝＋－＠﹦﹢﹣﹫"
	text = plain(shorten(text, csvLongest))
	if !strings.ContainsAny(text, signs) {
		return text
	}
	var b strings.Builder
	begins := true
	for _, r := range text {
		switch {
		case begins && strings.ContainsRune(signs, r):
			b.WriteByte('\'')
			begins = false
		case r == ';':
			begins = true
		case !strings.ContainsRune(" \"'`«»“”„‘’´＂＇", r):
			begins = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
