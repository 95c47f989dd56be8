package render

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// CSVOptions change what CSV writes.
type CSVOptions struct {
	// BOM begins the file with a byte order mark. Excel misreads a file
	// without one as an old character set.
	BOM bool
	// Temp is the folder for what waits until the keys are sorted; os.TempDir() if empty.
	Temp string
}

// CSV writes a report for a spreadsheet: one row for each finding that is open
// or waived, one for each key that has none, and one for each fleet-wide
// finding, which names no key. The keys come worst first. The columns are those
// of CSVColumns.
//
// No cell can become a formula. A cell that a spreadsheet might take for one
// gets an apostrophe, also after a semicolon, which separates cells in many
// countries.
func CSV(w io.Writer, r *audit.Report, o CSVOptions) error { return whole(NewCSV(w, o), r) }

// NewCSV writes what CSV writes, at the end, because the worst keys come first.
func NewCSV(w io.Writer, o CSVOptions) Writer {
	return newWriter(&csvWriter{w: w, bom: o.BOM, rows: sorter{spool: spool{folder: o.Temp}}})
}

type csvWriter struct {
	w    io.Writer
	bom  bool
	demo string
	rows sorter // of a key, by its place
	buf  bytes.Buffer
}

func (c *csvWriter) Start(r *audit.Report) error {
	c.demo = demoMark(r)
	return nil
}

func (c *csvWriter) Result(r *audit.Result) error {
	e := newEntry(r)
	c.buf.Reset()
	c.write(e, csvFindings(e))
	return c.rows.add(e.order, bytes.Clone(c.buf.Bytes()))
}

// write adds rows to the buffer; those without a key are about the fleet.
func (c *csvWriter) write(e *entry, findings []csvFinding) {
	out := csv.NewWriter(&c.buf)
	cells := make([]string, len(csvColumns))
	for i, column := range csvColumns {
		if e != nil && column.ofKey != nil {
			cells[i] = defused(column.ofKey(e))
		}
	}
	for _, f := range findings {
		f.demo = c.demo
		for i, column := range csvColumns {
			if column.ofFinding != nil {
				cells[i] = defused(column.ofFinding(&f))
			}
		}
		_ = out.Write(cells) // a Buffer takes everything
	}
	out.Flush()
}

func (c *csvWriter) End(r *audit.Report) error {
	out := bufio.NewWriterSize(c.w, 64<<10) // keeps the first error for Flush
	if c.bom {
		_, _ = out.WriteString("\ufeff")
	}
	head := csv.NewWriter(out)
	_ = head.Write(CSVColumns())
	head.Flush()
	if err := c.rows.each(func(_ string, rows []byte) error { _, err := out.Write(rows); return err }); err != nil {
		return err
	}
	c.buf.Reset()
	for _, f := range r.Findings {
		c.write(nil, []csvFinding{{Finding: f, status: statusCell(&f)}})
	}
	_, _ = c.buf.WriteTo(out)
	return out.Flush()
}

func (c *csvWriter) discard() { c.rows.discard() }

// CSVColumns are the names of the columns, in order. New ones may be added at
// the end.
//
//   - name (after its host, where reports of hosts were merged), exchange, environment,
//     key_id, label, account, policy: the key; the
//     label is its name at the exchange, the policy what it is judged against
//   - status: failed, undetermined, waived, not inspected, not judged, or clean
//   - severity, rule, finding, remedy: what is wrong and how to fix it
//   - new: "new" if the previous report didn't have the finding
//   - waived: why the finding is accepted, and until when
//   - resolved: the rules that the key failed in the previous report and passes
//     now
//   - owner, purpose, review, labels, source: from the inventory; the source is
//     a file and a line
//   - rights: the capabilities granted to the key, and those that are unknown
//   - ip_allowlist: the state of the IP allowlist
//   - created, expires, last_used: dates; empty if not reported
//   - inspected: when; of a key that was not inspected, when it last was
//   - key_page: where a person edits the key
//   - demo: "DEMO" if the exchanges were fakes and everything is invented
func CSVColumns() []string {
	names := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		names[i] = c.name
	}
	return names
}

// csvFinding is the part of a row that is not about the key.
type csvFinding struct {
	audit.Finding
	status string
	demo   string // of the report
}

var csvColumns = []struct {
	name      string
	ofKey     func(*entry) string // empty in the row of a fleet-wide finding
	ofFinding func(*csvFinding) string
}{
	{name: "name", ofKey: func(e *entry) string { return e.FullName() }},
	{name: "exchange", ofKey: func(e *entry) string { return e.Title }},
	{name: "environment", ofKey: func(e *entry) string { return e.Snapshot.Environment }},
	{name: "key_id", ofKey: func(e *entry) string { return e.Snapshot.KeyID }},
	{name: "label", ofKey: func(e *entry) string { return e.Snapshot.Label }},
	{name: "account", ofKey: accountCell},
	{name: "policy", ofKey: func(e *entry) string { return e.Policy }},
	{name: "status", ofFinding: func(f *csvFinding) string { return f.status }},
	{name: "severity", ofFinding: severityCell},
	{name: "rule", ofFinding: func(f *csvFinding) string { return f.Rule }},
	{name: "finding", ofFinding: func(f *csvFinding) string { return f.Message }},
	{name: "remedy", ofFinding: func(f *csvFinding) string { return f.Remedy }},
	{name: "new", ofFinding: func(f *csvFinding) string { return map[bool]string{true: "new"}[f.New] }},
	{name: "waived", ofFinding: func(f *csvFinding) string { return f.Waived }},
	{name: "resolved", ofKey: func(e *entry) string { return strings.Join(e.Resolved, ", ") }},
	{name: "owner", ofKey: func(e *entry) string { return e.Record.Owner }},
	{name: "purpose", ofKey: func(e *entry) string { return e.Record.Purpose }},
	{name: "review", ofKey: func(e *entry) string { return dateCell(e.Record.Review) }},
	{name: "labels", ofKey: func(e *entry) string { return strings.Join(pairs(e.Record.Labels, "="), ", ") }},
	{name: "source", ofKey: func(e *entry) string { return sourceCell(e.Record.Source) }},
	{name: "rights", ofKey: rightsCell},
	{name: "ip_allowlist", ofKey: func(e *entry) string { return e.Snapshot.IPAllowlist.State.String() }},
	{name: "created", ofKey: func(e *entry) string { return dateCell(e.Snapshot.Created) }},
	{name: "expires", ofKey: expiryCell},
	{name: "last_used", ofKey: func(e *entry) string { return dateCell(e.Snapshot.LastUsed) }},
	{name: "inspected", ofKey: inspectedCell},
	{name: "key_page", ofKey: pageCell},
	{name: "demo", ofFinding: func(f *csvFinding) string { return f.demo }},
}

// csvFindings are the rows of a key; there is always one.
func csvFindings(e *entry) (rows []csvFinding) {
	open := e.open
	if e.state == notInspected {
		rows = append(rows, csvFinding{Finding: e.failureFinding(), status: "not inspected"})
		if len(open) > 0 {
			open = []audit.Finding{{Severity: open[0].Severity, Message: e.unanswered()}}
		}
	}
	for _, f := range slices.Concat(e.failed, open, e.waived) {
		rows = append(rows, csvFinding{Finding: f, status: statusCell(&f)})
	}
	switch {
	case len(rows) > 0:
	case e.state == clean && len(e.attested) > 0:
		text := "attested by the owner: " + strings.Join(e.attested, ", ")
		rows = []csvFinding{{Finding: audit.Finding{Message: text}, status: "clean"}}
	case e.state == clean:
		rows = []csvFinding{{status: "clean"}}
	default:
		rows = []csvFinding{{Finding: audit.Finding{Message: "no rule was applied to this key"}, status: "not judged"}}
	}
	return rows
}

func statusCell(f *audit.Finding) string {
	if f.Waived != "" {
		return "waived"
	}
	return f.Outcome.String()
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

// pairs are the names and values of labels, sorted.
func pairs(labels map[string]string, between string) []string {
	out := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, name+between+labels[name])
	}
	return out
}

func sourceCell(s audit.Source) string {
	switch {
	case s.File == "":
		return s.Format
	case s.Line <= 0:
		return s.File
	default:
		return fmt.Sprintf("%s:%d", s.File, s.Line)
	}
}

func rightsCell(e *entry) string {
	granted, unknown := rights(e.Snapshot)
	var held []string
	for _, g := range granted {
		held = append(held, string(g.Capability))
	}
	text := strings.Join(append(held, e.Snapshot.Unmapped...), ", ")
	if len(unknown) > 0 {
		text += "; unknown: " + strings.Join(unknown, ", ")
	}
	return strings.TrimPrefix(text, "; ")
}

func pageCell(e *entry) string {
	if page, ok := link(e.KeyPage); ok {
		return page
	}
	return ""
}

const csvLongest = 2000 // characters of a cell

// defused puts an apostrophe before every sign that could begin a formula: at
// the start of a cell, of a part after a semicolon, and also after spaces and
// quotes.
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
