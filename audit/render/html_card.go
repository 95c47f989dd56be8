package render

import (
	"html/template"
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
	// Found is what the exchange told now and, where that failed, the time before.
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
func (v *htmlView) row(e *entry) htmlRow {
	s := e.Snapshot
	brief := func(text string, n int) string { return htmlText(shorten(text, n)) }
	row := htmlRow{
		Name: brief(e.name(), htmlName), Place: brief(e.place(), 2*htmlName), Exchange: e.exchange(), KeyID: brief(e.keyID(), htmlName),
		Label: brief(s.Label, htmlName), Purpose: brief(e.policy(), htmlName), Owner: brief(e.Record.Owner, htmlName),
		Mark: e.cell(), Word: strings.ToLower(e.word()), Headline: brief(e.verdict().Text, htmlBrief),
		Exposure: exposureWords[e.exposure()], Age: -1, Changed: e.Changed(),
	}
	if !s.Created.IsZero() {
		row.Age = max(0, htmlDays(v.now.Sub(s.Created)))
	}
	cells := []byte(strings.Repeat(" ", len(v.rules)))
	for _, f := range e.Findings {
		at, cell := v.column[f.Rule], htmlCell(f)
		if strings.IndexByte(htmlCells, cell) < strings.IndexByte(htmlCells, cells[at]) { // a stored report may answer twice
			cells[at] = cell
		}
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

func (v *htmlView) card(i int, e *entry) htmlCard {
	c := htmlCard{htmlRow: v.row(e), ID: i}
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
