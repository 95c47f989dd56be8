package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// MarkdownOptions change what Markdown writes.
type MarkdownOptions struct {
	// Limit is the largest size in bytes. 1 MiB less 16 KiB if zero, which
	// $GITHUB_STEP_SUMMARY takes; a comment on a pull request takes 65,536
	// characters. Less than 4 KiB is taken as 4 KiB.
	Limit int
}

const (
	markdownDefault = 1<<20 - 16<<10
	markdownLeast   = 4 << 10
	markdownEnd     = 512 // kept for the line that says what was left out
	cellLimit       = 1000
)

// Markdown writes a report for a pull request or a job summary: a table of
// counts, then a section a key with findings, worst first, then the clean
// keys. What the limit leaves no room for is counted at the end.
func Markdown(w io.Writer, r *audit.Report, o MarkdownOptions) error {
	if err := whole(r); err != nil {
		return err
	}
	limit := o.Limit
	if limit <= 0 {
		limit = markdownDefault
	}
	s := &sheet{room: max(limit, markdownLeast) - markdownEnd}
	s.add(head(r))
	keys := entries(r)
	var cleanKeys []*entry
	for i := range keys {
		if e := &keys[i]; e.state == clean {
			cleanKeys = append(cleanKeys, e)
		} else {
			s.section(e)
		}
	}
	s.clean(cleanKeys)
	if s.leftKeys+s.leftFindings > 0 {
		fmt.Fprintf(&s.out, "\n**Cut off at the size limit.** Left out: %s and %s. The JSON report has them all.\n",
			count(s.leftFindings, "finding", "findings"), count(s.leftKeys, "whole key", "whole keys"))
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

// head is the title and the table of counts.
func head(r *audit.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## API key audit\n\n**%s.** Waived: %d.", markdown(r.Summary.String()), r.Summary.Waived)
	if !r.Started.IsZero() {
		fmt.Fprintf(&b, " Audited %s.", stamp(r.Started))
	}
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

// section is the heading of a key and its table.
func (s *sheet) section(e *entry) {
	rows := e.rows()
	cells := e.cells()
	top := fmt.Sprintf("\n### %s: %s\n\n%s.", e.word(), markdown(cells[0]), markdown(strings.Join(cells[1:], ", ")))
	if address, ok := link(e.KeyPage); ok {
		top += fmt.Sprintf(" [Edit the key](%s)", address)
	}
	top += "\n"
	if e.state == notJudged {
		top += "\nNo rule was applied to this key.\n"
	}
	if len(rows) > 0 {
		top += "\n| Severity | Rule | Finding | What to do |\n|:--|:--|:--|:--|\n" + rows[0]
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
	row := func(severity, rule, finding, remedy string) {
		cells := []string{severity, rule, finding, remedy}
		for i := range cells {
			cells[i] = markdown(shorten(cells[i], cellLimit))
		}
		rows = append(rows, "| "+strings.Join(cells, " | ")+" |\n")
	}
	open := e.open
	if e.state == notInspected {
		what, remedy := e.failure()
		row("not inspected", "", what, remedy)
		open = nil
	}
	for _, f := range e.failed {
		row(f.Severity.String(), f.Rule, f.Message, f.Remedy)
	}
	for _, f := range open {
		row(f.Severity.String()+", undetermined", f.Rule, f.Message, f.Remedy)
	}
	if e.state == notInspected && len(e.open) > 0 {
		row("undetermined", "", count(len(e.open), "rule", "rules")+" for want of an answer", "")
	}
	for _, f := range e.waived {
		row(f.Severity.String()+", waived", f.Rule, f.Message+"; "+f.Waived, "")
	}
	return rows
}

// clean lists the keys that need nobody, folded.
func (s *sheet) clean(keys []*entry) {
	if len(keys) == 0 {
		return
	}
	top := fmt.Sprintf("\n<details><summary>%s</summary>\n\n", count(len(keys), "clean key", "clean keys"))
	const end = "\n</details>\n"
	s.room -= len(end)
	opened := s.add(top)
	for _, e := range keys {
		line := "- " + markdown(strings.Join(e.cells(), ", "))
		if len(e.declared) > 0 {
			line += "; declared by the owner: " + markdown(strings.Join(e.declared, ", "))
		}
		if !s.add(line + "\n") {
			s.leftKeys++
		}
	}
	if opened {
		s.out.WriteString(end)
	}
}
