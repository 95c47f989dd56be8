package render

import (
	"fmt"
	"slices"
	"strings"
)

// inList shows a line for each of the worst keys, so that all takes at most so
// many lines.
func (p *page) inList(d *digest, groups []*owned, lines int) {
	var all []*entry
	for _, group := range groups {
		all = append(all, group.keys...)
	}
	slices.SortStableFunc(all, func(a, b *entry) int { return b.rank - a.rank })
	open, well := split(all)
	titles := 2 // for what the last lines count
	if p.o.ByOwner {
		titles += min(len(groups), lines/2)
	}
	shown := open[:min(len(open), max(lines-titles-2, 1))]
	listed := map[*entry]bool{}
	for _, e := range shown {
		listed[e] = true
	}
	widths := p.rowWidths(shown)
	for i, group := range groups {
		if p.o.ByOwner {
			if i == titles-2 {
				p.para(0, "", "", fmt.Sprintf("and %d more owners", len(d.owners)-i), bold, false)
				break
			}
			p.line(p.paint(bold, fit(plain(group.title()), p.width)))
		}
		p.rows(slices.DeleteFunc(slices.Clone(group.keys), func(e *entry) bool { return !listed[e] }), widths)
	}
	if rest := d.cut.of(open[len(shown):], false); rest.n > 0 {
		p.para(0, "", "", fmt.Sprintf("and %d more: %s", rest.n, rest), bold, false)
	}
	if all := d.cut.of(well, true); all.n > 0 {
		p.wellCounted(all)
	}
}

// rows shows keys in one line each, whatever their names.
func (p *page) rows(keys []*entry, widths [2]int) {
	for _, e := range keys {
		var line strings.Builder
		lead, _ := p.lead(e)
		line.WriteString(lead)
		left := p.width - wordWidth - 4
		for i, width := range widths {
			cell := fit(plain(e.cells()[i]), width)
			line.WriteString(p.paint([]style{bold, ""}[i], cell) + strings.Repeat(" ", width-columns(cell)+2))
			left -= width + 2
		}
		p.line(line.String() + p.paint(dim, e.brief(left)))
	}
}

// rowWidths are the columns of names and of exchanges: as much as they need, up
// to a third and a quarter of the line.
func (p *page) rowWidths(keys []*entry) (widths [2]int) {
	line := p.width - wordWidth - 4
	most := [2]int{line/3 - 2, line/4 - 2}
	for _, e := range keys {
		for i := range widths {
			widths[i] = min(max(widths[i], columns(plain(e.cells()[i]))), most[i])
		}
	}
	return widths
}

// brief says in a few words why a key needs attention: it names what failed, or
// else what is unknown, as far as there is room, and counts the rest.
func (e *entry) brief(width int) string {
	names, lead := e.failed, ""
	switch e.state { //nolint:exhaustive // the others have findings
	case notInspected:
		return fit(e.Snapshot.Failure.Kind.String(), width)
	case notJudged:
		return fit("no rule was applied", width)
	case undetermined:
		names = append(e.open[:len(e.open):len(e.open)], e.failed...)
	case waived:
		names, lead = e.waived, "waived: "
	}
	words := make([]string, len(names))
	for i := range names {
		words[i] = plain(names[i].Rule)
	}
	for n := len(words); n > 0; n-- {
		text := lead + strings.Join(words[:n], ", ")
		if more := len(words) - n; more > 0 {
			text += fmt.Sprintf(" +%d", more)
		}
		if columns(text) <= width {
			return text
		}
	}
	return fit(lead+strings.Join(words, ", "), width)
}
