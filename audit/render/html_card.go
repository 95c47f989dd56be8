package render

import (
	"html/template"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// htmlCard is all that is known about one key.
type htmlCard struct {
	htmlRow
	ID      int
	KeyPage string // empty if it is no https address
	Failure string // why it was not inspected
	Advice  string // what to do about it

	// Failed and so on are list items.
	Failed, Open, Waived, Declared, Resolved, Passed, None template.HTML
	// Found is what the venue told now and, where that failed, the time before.
	Found []htmlFound
}

// list writes findings as list items: whole, or a pointer to a shared answer.
func (v *htmlView) list(findings []audit.Finding) template.HTML {
	var b strings.Builder
	for _, f := range findings {
		if pointer := v.answers[f]; pointer != "" {
			b.WriteString(pointer)
			continue
		}
		_ = htmlTemplate.ExecuteTemplate(&b, "answer", v.finding(f)) // a Builder takes everything
	}
	return template.HTML(b.String()) //nolint:gosec // the template has escaped it
}

// row is a key's line in the index.
func (v *htmlView) row(i int, e *entry) htmlRow {
	s := e.Snapshot
	row := htmlRow{
		Name: htmlText(shorten(e.name(), htmlName)), Place: htmlText(e.place()), Venue: e.venue(), KeyID: htmlText(e.keyID()), Label: htmlText(shorten(s.Label, htmlName)),
		Purpose: htmlText(shorten(e.policy(), htmlName)), Owner: htmlText(shorten(e.Record.Owner, htmlName)), Word: strings.ToLower(e.word()), Mark: e.cell(),
		Exposure: exposureWords[e.exposure()], Age: -1, Changed: e.Changed(),
	}
	if lines := e.headlines(); len(lines) > 0 {
		row.Headline = htmlText(shorten(lines[0], htmlBrief))
	}
	if !s.Created.IsZero() {
		row.Age = max(0, htmlDays(v.now.Sub(s.Created)))
	}
	cells := []byte(strings.Repeat(" ", len(v.rules)))
	for _, f := range e.Findings {
		cells[v.column[f.Rule]] = htmlCell(f)
	}
	row.Cells = string(cells)
	return row
}

// cell is the mark of a key's state.
func (e *entry) cell() string {
	switch e.state {
	case notInspected:
		return "x"
	case failed, undetermined:
		return string(htmlLetter(e.severity, e.state == failed))
	case waived:
		return "w"
	case clean:
		return "p"
	default:
		return "h"
	}
}

// headlines are what is worst about a key, in a sentence each.
func (e *entry) headlines() (out []string) {
	if e.state == notInspected {
		what, _ := e.failure()
		return []string{what}
	}
	for _, f := range slices.Concat(e.failed, e.open) {
		if out = append(out, f.Message); len(out) == htmlMostWorst {
			break
		}
	}
	return out
}

func (v *htmlView) card(i int, e *entry) htmlCard {
	c := htmlCard{htmlRow: v.row(i, e), ID: i}
	if address, ok := link(e.KeyPage); ok {
		c.KeyPage = address
	}
	if e.state == notInspected {
		what, advice := e.failure()
		c.Failure, c.Advice = htmlText(what), htmlText(advice)
	}
	c.Failed, c.Open, c.Waived = v.list(e.failed), v.list(e.open), v.list(e.waived)
	var resolved, declared, passed, none []audit.Finding
	for _, rule := range e.Resolved {
		resolved = append(resolved, audit.Finding{Rule: rule, Outcome: audit.Passed, Message: "failed in the last report and passes now"})
	}
	for _, f := range e.Findings {
		switch htmlCell(f) {
		case 'd':
			declared = append(declared, f)
		case 'p':
			passed = append(passed, f)
		case 'n':
			none = append(none, f)
		}
	}
	c.Resolved, c.Declared, c.Passed, c.None = v.list(resolved), v.list(declared), v.list(passed), v.list(none)
	c.Found = []htmlFound{v.found(e.Snapshot, e.Result)}
	if e.Last != nil {
		last := v.found(e.Last, nil)
		last.Last = stamp(e.Last.TakenAt)
		c.Found = append(c.Found, last)
	}
	return c
}
