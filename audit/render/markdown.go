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
	// $GITHUB_STEP_SUMMARY takes; a comment on a pull request takes 65,536
	// characters. Less than 4 KiB is taken as 4 KiB.
	Limit int
	// Summary is for a page that is looked at in passing, such as a job's: the
	// worst keys with their findings, and a folded line for each other one.
	Summary bool
	// Threshold is the severity from which on a finding makes the program's
	// exit code, which the page tells. High if unset.
	Threshold audit.Severity
}

const (
	markdownDefault = 1<<20 - 16<<10
	markdownLeast   = 4 << 10
	markdownEnd     = 512 // kept for the line that says what was left out
	markdownKeys    = 10  // with their findings, in a summary
	cellLimit       = 1000
)

// Markdown writes a report for a pull request or a job summary: a table of
// counts, the worst, what changed since the last report, then a section a key
// with findings, worst first, then the clean keys. What the limit leaves no
// room for is counted at the end.
func Markdown(w io.Writer, r *audit.Report, o MarkdownOptions) error {
	if err := whole(r); err != nil {
		return err
	}
	limit := o.Limit
	if limit <= 0 {
		limit = markdownDefault
	}
	s := &sheet{room: max(limit, markdownLeast) - markdownEnd}
	s.add(head(r, o))
	keys := entries(r)
	s.part("the worst", worstRows(r, keys))
	s.part("what changed", changeLines(r, keys))
	s.fleet(r)
	var folded, well []*entry
	for i := range keys {
		switch e := &keys[i]; {
		case e.state == clean:
			well = append(well, e)
		case o.Summary && i >= markdownKeys:
			folded = append(folded, e)
		default:
			s.section(e)
		}
	}
	s.folded(folded, "further key with findings", "further keys with findings", func(e *entry) string { return e.word() + ": " + e.verdict().Text })
	s.folded(well, "clean key", "clean keys", func(e *entry) string {
		if len(e.declared) == 0 {
			return ""
		}
		return "declared by the owner: " + strings.Join(e.declared, ", ")
	})
	if s.leftKeys+s.leftFindings+len(s.leftParts) > 0 {
		left := append(s.leftParts, count(s.leftFindings, "finding", "findings")+" and "+count(s.leftKeys, "whole key", "whole keys"))
		fmt.Fprintf(&s.out, "\n**Cut off at the size limit.** Left out: %s. The JSON report has them all.\n", strings.Join(left, ", "))
	}
	_, err := io.WriteString(w, s.out.String())
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

// add writes a block whole or, from the first one that doesn't fit, not at
// all.
func (s *sheet) add(block string) bool {
	if s.full = s.full || s.out.Len()+len(block) > s.room; s.full {
		return false
	}
	s.out.WriteString(block)
	return true
}

// part writes a block for which at most half of the room may be used.
func (s *sheet) part(name, block string) {
	if s.full || s.out.Len()+len(block) > s.room/2 {
		s.leftParts = append(s.leftParts, name)
		return
	}
	s.out.WriteString(block)
}

// head is the title and the table of counts.
func head(r *audit.Report, o MarkdownOptions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## API key audit\n\n**%s.** Waived: %d.", markdown(r.Summary.String()), r.Summary.Waived)
	if !r.Started.IsZero() {
		fmt.Fprintf(&b, " Audited %s.", stamp(r.Started))
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
	}{{"failed", r.Summary.Failed}, {"undetermined", r.Summary.Undetermined}} {
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

// worstRows tell what to look at first, if more than one key is in trouble.
func worstRows(r *audit.Report, keys []entry) string {
	all := wrong(r, keys)
	if len(all) == 0 || troubled(keys) < 2 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n### Worst first\n" + markdownTable)
	for _, t := range all[:min(len(all), mostWorst)] {
		what := t.Message
		if len(t.keys) > 0 {
			what = t.about(mostNamed) + ": " + what
		}
		b.WriteString(markdownRow(t.Severity.String(), t.Rule, what, t.Remedy))
	}
	return b.String()
}

// changeLines tell what is not as it was, a line a key.
func changeLines(r *audit.Report, keys []entry) string {
	if r.Baseline == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### Changed since %s\n\n", since(r.Baseline))
	if !r.Changed() {
		b.WriteString("Nothing.\n")
	}
	all := changes(keys)
	for i, e := range all {
		if i == mostChanges {
			fmt.Fprintf(&b, "- and %d more keys\n", len(all)-i)
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
			row = "\n### About the whole fleet\n" + markdownTable + row
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
		severity += ", undetermined"
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
	if address, ok := link(e.KeyPage); ok {
		top += fmt.Sprintf(" [Edit the key](%s)", address)
	}
	top += "\n"
	if h := e.verdict(); len(h.Rules) != 1 { // else the table says it
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
		rows = append(rows, markdownRow("undetermined", "", count(len(e.open), "rule", "rules")+" for want of an answer", ""))
	}
	for _, f := range e.waived {
		rows = append(rows, findingRow(&f))
	}
	return rows
}

// folded lists keys, a line each, where it takes a click to see them.
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
