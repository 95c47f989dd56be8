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
	KeyPage string // empty if it is no https URL
	Failure string // why it was not inspected
	Advice  string // what to do about it

	// Failed and so on are list items.
	Failed, Open, Waived, Attested, Resolved, Passed, None template.HTML
	// Found are the facts of this inspection and, if it failed, of the last
	// successful one.
	Found []htmlFound
	// Attest are the commands that attest what is unknown, one per line.
	Attest string
}

// list writes findings as list items: complete, or pointing at a shared answer.
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

// row is the entry of a key in the index.
func (v *htmlView) row(e *entry) htmlRow {
	s := e.Snapshot
	brief := func(text string, n int) string { return htmlText(shorten(text, n)) }
	row := htmlRow{
		Name: brief(e.name(), htmlName), Place: brief(e.place(), 2*htmlName), Exchange: e.exchange(),
		KeyID: brief(e.keyID(), htmlName), Label: brief(s.Label, htmlName), Policy: brief(e.policy(), htmlName),
		Owner: brief(e.Record.Owner, htmlName), Mark: e.cell(), Word: strings.ToLower(e.word()),
		Headline: brief(e.verdict().Text, htmlBrief), Exposure: exposureNames[e.exposure()],
		Age: -1, Changed: e.Changed(),
	}
	if !s.Created.IsZero() {
		row.Age = max(0, htmlDays(v.now.Sub(s.Created)))
	}
	cells := []byte(strings.Repeat(" ", len(v.ids)))
	for _, f := range e.Findings {
		at, cell := v.column[f.Rule], htmlCell(f)
		// A stored report may have two answers of a rule.
		if strings.IndexByte(htmlCells, cell) < strings.IndexByte(htmlCells, cells[at]) {
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
	c := htmlCard{htmlRow: v.row(e), ID: i, KeyPage: pageCell(e)}
	if e.state == notInspected {
		what, advice := e.failure()
		c.Failure, c.Advice = htmlText(what), htmlText(advice)
	}
	var resolved []audit.Finding
	for _, rule := range e.Resolved {
		resolved = append(resolved, audit.Finding{Rule: rule, Outcome: audit.Passed, Message: resolvedMessage})
	}
	by := map[byte][]audit.Finding{}
	for _, f := range e.Findings {
		by[htmlCell(f)] = append(by[htmlCell(f)], f)
	}
	c.Failed, c.Open, c.Waived, c.Resolved = v.list(e.failed), v.list(e.open), v.list(e.waived), v.list(resolved)
	c.Attested, c.Passed, c.None = v.list(by['a']), v.list(by['p']), v.list(by['n'])
	c.Attest = strings.Join(e.attestLines(v.attest), "\n")
	c.Found = []htmlFound{v.found(e.Snapshot, e.Result)}
	if e.Last != nil {
		last := v.found(e.Last, nil)
		last.Last = stamp(e.Last.TakenAt)
		c.Found = append(c.Found, last)
	}
	return c
}
