package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// MarkdownOptions change what Markdown writes.
type MarkdownOptions struct {
	// Limit is the largest size in bytes. 1 MiB less 16 KiB if zero, which
	// $GITHUB_STEP_SUMMARY accepts; a comment on a pull request accepts 65,536
	// characters. The least is 4 KiB.
	Limit int
	// Summary is for a page that is read in passing, such as a job's: the worst
	// keys with their findings, and one folded line for each other key.
	Summary bool
	// Threshold is the severity from which on a finding sets the program's
	// exit code, which the page explains. High if unset.
	Threshold audit.Severity
	// Attest adds to each key the commands by which its owner attests what is unknown.
	Attest AttestFunc
	// Trend is what earlier runs found, for a table, to which the report is added. Without
	// an earlier one there is none.
	Trend []Point
}

const (
	markdownDefault = 1<<20 - 16<<10
	markdownLeast   = 4 << 10
	markdownEnd     = 512 // kept for the lines that say what was omitted
	markdownKeys    = 10  // with their findings, in a summary
	cellLimit       = 1000
)

// Markdown writes a report for a pull request or a job summary: a table of
// counts, the worst findings, what changed since the previous report, then one
// section per key with findings, worst first, then the clean keys. What exceeds
// the limit, and more than the worst thousand keys, is counted at the end.
func Markdown(w io.Writer, r *audit.Report, o MarkdownOptions) error {
	return whole(NewMarkdown(w, o), r)
}

// NewMarkdown writes what Markdown writes, at the end, because the worst keys come first.
func NewMarkdown(w io.Writer, o MarkdownOptions) Writer {
	return newWriter(&markdownWriter{w: w, o: o, d: newDigest(mostKeys)})
}

type markdownWriter struct {
	w io.Writer
	o MarkdownOptions
	d *digest
}

func (m *markdownWriter) Start(*audit.Report) error { return nil }

func (m *markdownWriter) Result(r *audit.Result) error {
	m.d.add(newEntry(r))
	return nil
}

func (m *markdownWriter) End(r *audit.Report) error {
	limit := m.o.Limit
	if limit <= 0 {
		limit = markdownDefault
	}
	s := &sheet{room: max(limit, markdownLeast) - markdownEnd}
	s.add(head(r, m.o))
	s.part("the worst findings", worstRows(r, m.d))
	s.part("what changed", changeLines(r, m.d))
	s.part("the trend", trendRows(m.o.Trend, r))
	s.fleet(r)
	var folded, well []*entry
	for i, e := range m.d.worst.all() {
		switch {
		case e.state == clean:
			well = append(well, e)
		case m.o.Summary && i >= markdownKeys:
			folded = append(folded, e)
		default:
			s.section(e)
			s.attest(e, m.o.Attest.of(r))
		}
	}
	s.folded(folded, "further key with findings", "further keys with findings", func(e *entry) string {
		return e.word() + ": " + e.verdict().Text
	})
	s.folded(well, "clean key", "clean keys", func(e *entry) string {
		if len(e.attested) == 0 {
			return ""
		}
		return "attested by the owner: " + strings.Join(e.attested, ", ")
	})
	s.end(m.d.cut.of(nil))
	_, err := io.WriteString(m.w, s.out.String())
	return err
}

// sheet gathers text while there is room.
type sheet struct {
	out                    strings.Builder
	room                   int
	full                   bool
	leftKeys, leftFindings int
	leftParts              []string
}

// add writes a whole block, or nothing from the first one that doesn't fit.
func (s *sheet) add(block string) bool {
	if s.full = s.full || s.out.Len()+len(block) > s.room; s.full {
		return false
	}
	s.out.WriteString(block)
	return true
}

// part writes a block that may use half of the room at most.
func (s *sheet) part(name, block string) {
	if s.full || s.out.Len()+len(block) > s.room/2 {
		s.leftParts = append(s.leftParts, name)
		return
	}
	s.out.WriteString(block)
}

// end says what was left out, and counts the keys that are not among the worst.
func (s *sheet) end(rest *tally) {
	if rest.n > 0 {
		fmt.Fprintf(&s.out, "\nAnd %s that are no worse (%s); the CSV report has them all.\n", count(rest.n, "more key", "more keys"), rest)
	}
	if s.leftKeys+s.leftFindings+len(s.leftParts) == 0 {
		return
	}
	left := append(s.leftParts, fmt.Sprintf("%s and %s",
		count(s.leftFindings, "finding", "findings"), count(s.leftKeys, "whole key", "whole keys")))
	s.out.WriteString("\n**Truncated at the size limit.** Omitted: " + strings.Join(left, ", ") +
		". The JSON report has them all.\n")
}

// head is the title and the table of counts.
func head(r *audit.Report, o MarkdownOptions) string {
	var b strings.Builder
	b.WriteString("## API key audit\n\n")
	if r.Demo {
		b.WriteString("**" + demoNotice + ".**\n\n")
	}
	fmt.Fprintf(&b, "**%s.** Waived: %d.", markdown(r.Summary.String()), r.Summary.Waived)
	if !r.Started.IsZero() {
		fmt.Fprintf(&b, " Audited %s.", stamp(r.Started))
	}
	if m := mapWords(r); m != "" {
		fmt.Fprintf(&b, " E%s.", markdown(strings.TrimPrefix(m, "e")))
	}
	if d := digestWords(r); d != "" {
		fmt.Fprintf(&b, " D%s.", markdown(strings.TrimPrefix(d, "d")))
	}
	fmt.Fprintf(&b, " E%s.", strings.TrimPrefix(exit(&r.Summary, o.Threshold), "e"))
	b.WriteString("\n\n| |")
	for _, sev := range descending {
		fmt.Fprintf(&b, " %s |", sev)
	}
	b.WriteString("\n|:--|" + strings.Repeat("--:|", len(descending)) + "\n")
	for _, row := range []struct {
		name   string
		counts map[audit.Severity]int
	}{{"failed", r.Summary.Failed}, {"unknown", r.Summary.Undetermined}} {
		fmt.Fprintf(&b, "| %s |", row.name)
		for _, sev := range descending {
			fmt.Fprintf(&b, " %d |", row.counts[sev])
		}
		b.WriteString("\n")
	}
	return b.String()
}

const markdownTable = "\n| Severity | Rule | Finding | What to do |\n|:--|:--|:--|:--|\n"

// markdownRow is a row of that table.
func markdownRow(cells ...string) string {
	for i := range cells {
		cells[i] = markdown(shorten(cells[i], cellLimit))
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// worstRows are what needs attention first, if more than one key needs it.
func worstRows(r *audit.Report, d *digest) string {
	all := d.failed(r)
	if len(all) == 0 || d.failing < 2 {
		return ""
	}
	var b strings.Builder
	book := ruleBook(nil)
	b.WriteString("\n### Worst first\n" + markdownTable)
	for _, t := range all[:min(len(all), mostWorst)] {
		b.WriteString(markdownRow(t.Severity.String(), t.Rule, t.sentence(book, t.message()), t.remedy(book)))
	}
	return b.String()
}

// changeLines are what changed, one line per key.
func changeLines(r *audit.Report, d *digest) string {
	if r.Baseline == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### Changed since %s\n\n", since(r.Baseline))
	if !d.since(r) {
		b.WriteString("Nothing.\n")
	}
	for i, e := range d.changed.all() {
		if i == mostChanges {
			fmt.Fprintf(&b, "- and %d more keys\n", d.changed.n-i)
			break
		}
		b.WriteString("- " + markdown(shorten(e.name(), 60)+": "+shorten(e.change(), cellLimit)) + "\n")
	}
	return b.String()
}

// fleet is the table of the findings about no single key.
func (s *sheet) fleet(r *audit.Report) {
	for i, f := range r.Findings {
		row := findingRow(&f)
		if i == 0 {
			row = "\n### Fleet-wide findings\n" + markdownTable + row
		}
		if !s.add(row) {
			s.leftFindings++
		}
	}
}

// findingRow is a finding in the table.
func findingRow(f *audit.Finding) string {
	severity, what, remedy := f.Severity.String(), f.Message, f.Remedy
	switch {
	case f.Waived != "":
		severity, what, remedy = severity+", waived", what+"; "+f.Waived, ""
	case f.Outcome != audit.Failed:
		severity += ", unknown"
	}
	if f.New {
		severity += ", new"
	}
	return markdownRow(severity, f.Rule, what, remedy)
}

// section is the heading of a key and its table.
func (s *sheet) section(e *entry) {
	rows := e.rows()
	cells := e.cells()
	top := fmt.Sprintf("\n### %s: %s\n\n%s.", e.word(), markdown(cells[0]), markdown(strings.Join(cells[1:], ", ")))
	if page, ok := link(e.KeyPage); ok {
		top += fmt.Sprintf(" [Edit the key](%s)", page)
	}
	top += "\n"
	if h := e.verdict(); len(h.Rules) != 1 { // otherwise the table says it
		top += "\nVerdict: " + markdown(shorten(h.Text, cellLimit)) + "\n"
	}
	if len(rows) > 0 {
		top += markdownTable + rows[0]
	}
	if !s.add(top) {
		s.leftKeys++
		s.leftFindings += len(rows)
		return
	}
	for i := 1; i < len(rows); i++ {
		if !s.add(rows[i]) {
			s.leftFindings++
		}
	}
}

// attest adds the commands that attest what is unknown about a key, as one block.
func (s *sheet) attest(e *entry, attest AttestFunc) {
	lines := e.attestLines(attest)
	if len(lines) == 0 {
		return
	}
	fence := "```"
	for text := strings.Join(lines, "\n"); strings.Contains(text, fence); {
		fence += "`"
	}
	if !s.add("\nAttest what you looked up:\n\n" + fence + "sh\n" + strings.Join(lines, "\n") + "\n" + fence + "\n") {
		s.leftParts = append(s.leftParts, "the commands to attest "+markdown(shorten(e.name(), 60)))
	}
}

// rows are a key's failure, failed, undetermined and waived findings. After a
// failure, what is undetermined is one row.
func (e *entry) rows() []string {
	var rows []string
	open := e.open
	if e.state == notInspected {
		what, remedy := e.failure()
		rows = append(rows, markdownRow("not inspected", "", what, remedy))
		open = nil
	}
	for _, f := range slices.Concat(e.failed, open) {
		rows = append(rows, findingRow(&f))
	}
	if e.state == notInspected && len(e.open) > 0 {
		rows = append(rows, markdownRow("unknown", "", e.unanswered(), ""))
	}
	for _, f := range e.waived {
		rows = append(rows, findingRow(&f))
	}
	return rows
}

// folded lists keys, one line each, in a block that a click opens.
func (s *sheet) folded(keys []*entry, one, many string, aside func(*entry) string) {
	if len(keys) == 0 {
		return
	}
	const end = "\n</details>\n"
	s.room -= len(end)
	opened := s.add(fmt.Sprintf("\n<details><summary>%s</summary>\n\n", count(len(keys), one, many)))
	for _, e := range keys {
		line := "- " + markdown(strings.Join(e.cells(), ", "))
		if text := aside(e); text != "" {
			line += "; " + markdown(shorten(text, cellLimit))
		}
		if !s.add(line + "\n") {
			s.leftKeys++
		}
	}
	if opened {
		s.out.WriteString(end)
	}
}
