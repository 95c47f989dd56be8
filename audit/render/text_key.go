package render

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const (
	mostFindings = 3  // of a key
	mostDetailed = 20 // keys of which each is shown with its findings, whatever room that takes
	mostClean    = 20
	fewestListed = 8 // keys with a line each, whatever room the other sections took
)

// keys shows every key that needs attention with its findings or, if that takes
// more lines than there are above and below other sections, with a line each,
// the worst ones as far as there is room. It counts the others.
func (p *page) keys(d *digest, below int) {
	if d.n == 0 {
		return
	}
	title, groups := "Keys, worst first", []*owned{{keys: d.worst.all(), cut: d.cut}}
	if p.o.ByOwner {
		title, groups = "Keys by owner, worst first", d.byOwner()
	}
	p.title(title)
	said := maps.Clone(p.said)
	lines := p.apart(func() { p.inDetail(groups); p.unlisted(d, groups) })
	left := p.room.lines - len(p.lines) - below
	if p.room.lines == 0 || len(lines) <= left {
		p.lines = append(p.lines, lines...)
		return
	}
	p.said = said
	p.inList(d, groups, max(left, fewestListed))
}

// inDetail shows every key that needs attention with its findings.
func (p *page) inDetail(groups []*owned) {
	for i, group := range groups {
		if p.o.ByOwner {
			if i > 0 {
				p.line("")
			}
			p.para(0, "", "", group.title(), bold, false)
		}
		open, well := split(group.keys)
		widths := columnWidths(open, well[:min(len(well), mostClean)])
		p.detailed(open, widths)
		all := group.cut.of(well, true)
		if all.n > 0 && len(open) > 0 {
			p.line("")
		}
		p.clean(well, all, widths)
	}
}

// unlisted counts the keys that are not among those shown in detail.
func (p *page) unlisted(d *digest, groups []*owned) {
	rest := d.cut.of(nil, false)
	if p.o.All {
		rest = d.cut.of(nil)
	} else if p.o.ByOwner { // clean keys of owners without a worse one
		rest = d.cut.of(nil)
		for _, g := range groups {
			rest.n -= g.cut.of(nil, true).n
		}
	}
	p.more(rest.n, "that are no worse")
}

// split parts the keys that need attention from those that are clean.
func split(keys []*entry) (open, well []*entry) {
	for _, e := range keys {
		if e.state == clean {
			well = append(well, e)
		} else {
			open = append(open, e)
		}
	}
	return open, well
}

func (p *page) detailed(keys []*entry, widths [3]int) {
	for i, e := range keys {
		if i > 0 {
			p.line("")
		}
		p.heading(e, e.cells(), widths)
		p.body(e)
	}
}

// clean shows the clean keys, or counts all of them if they are many.
func (p *page) clean(keys []*entry, all *tally, widths [3]int) {
	switch {
	case p.o.All:
		p.detailed(keys, widths)
	case all.n <= mostClean && len(keys) == all.n:
		for _, e := range keys {
			p.heading(e, e.cells(), widths)
			p.body(e)
		}
	default:
		p.wellCounted(all)
	}
}

// wellCounted counts the clean keys.
func (p *page) wellCounted(all *tally) {
	text := all.String()
	if all.attested > 0 {
		text += fmt.Sprintf("; %d of them by the owner's attestation", all.attested)
	}
	p.para(0, "✓ ", green, text, green, false)
}

// marks are the mark and the style of each state.
var marks = map[state]struct {
	mark  string
	style style
}{
	notJudged: {"?", violet}, notInspected: {"!", alarm}, failed: {"✗", ""},
	undetermined: {"?", violet}, waived: {"~", yellow}, clean: {"✓", green},
}

const wordWidth = len("NOT INSPECTED")

// columnWidths aligns the headings. Long names don't count.
func columnWidths(lists ...[]*entry) (widths [3]int) {
	for _, keys := range lists {
		for _, e := range keys {
			for j, cell := range e.cells()[:len(widths)] {
				if n := columns(plain(cell)); n <= 28 {
					widths[j] = max(widths[j], n)
				}
			}
		}
	}
	return widths
}

// label is the state of a key, as wide as that of every other.
func (e *entry) label() string {
	return marks[e.state].mark + " " + e.word() + strings.Repeat(" ", wordWidth-len(e.word())+2)
}

// lead is the label in its colour.
func (p *page) lead(e *entry) (text string, colour style) {
	colour = cmp.Or(marks[e.state].style, severityStyles[e.severity], red)
	if e.state == failed && e.severity == audit.Critical {
		colour = alarm
	}
	text = strings.TrimRight(e.label(), " ")
	return p.paint(colour, text) + e.label()[len(text):], colour
}

// heading is the line of a key, aligned with the others. What doesn't fit goes
// below it, but for clean keys.
func (p *page) heading(e *entry, cells []string, widths [3]int) {
	line, colour := p.lead(e)
	used := wordWidth + 4
	gap := ""
	for i, cell := range cells {
		cell = plain(cell)
		n := columns(gap) + columns(cell)
		switch {
		case used+n <= p.width:
			line += gap + p.paint([]style{bold, "", dim, dim}[i], cell)
			used += n
			gap = "  "
			if i < len(widths) {
				gap += strings.Repeat(" ", max(0, widths[i]-columns(cell)))
			}
			continue
		case i == 0: // a name that fills a line
			p.para(0, e.label(), colour, strings.Join(cells, ", "), bold, false)
		default:
			p.line(line)
			if e.state != clean || i == 1 {
				p.para(wordWidth+4, "", "", strings.Join(cells[i:], ", "), dim, false)
			}
		}
		return
	}
	p.line(line)
}

// body is everything below the heading of a key.
func (p *page) body(e *entry) {
	// A verdict that rests on one rule is repeated below in that rule's words.
	if h := e.verdict(); len(h.Rules) != 1 && (e.state != clean || p.o.All) {
		p.para(wordWidth+4, "", "", h.Text, bold, false)
	}
	p.failed(e)
	p.open(e)
	for _, f := range e.waived {
		text := fmt.Sprintf("%s (%s), %s", f.Rule, f.Severity, f.Waived)
		if p.o.All {
			text = fmt.Sprintf("%s: %s; %s", f.Rule, f.Message, f.Waived)
		}
		p.para(2, "~ waived    ", dim, text, dim, false)
	}
	if len(e.attested) > 0 && !p.o.All {
		text := "by the owner, not reported by the exchange: " + strings.Join(e.attested, ", ")
		p.para(2, "✓ attested  ", dim, text, dim, false)
	}
	if p.o.All {
		p.passed(e)
		p.facts(e)
	}
	if page, ok := link(e.KeyPage); ok && (e.state != clean || p.o.All) {
		p.para(4, "edit the key: ", dim, page, cyan, false)
	}
}

// failed shows why a key was not inspected, and the rules that it failed.
func (p *page) failed(e *entry) {
	most := mostFindings
	if e.state == notInspected {
		what, remedy := e.failure()
		p.finding("!", "failure", red, what, remedy, false)
		if e.Last != nil {
			p.para(4, "", "", "last inspected "+stamp(e.Last.TakenAt), dim, false)
		}
		most--
	}
	if p.o.All {
		most = len(e.failed)
	}
	shown := e.failed[:min(len(e.failed), most)]
	for i := range shown {
		p.one(&shown[i])
	}
	if rest := e.failed[len(shown):]; len(rest) > 0 {
		p.para(4, "", "", fmt.Sprintf("and %d more: %s", len(rest), rules(rest, 12)), dim, false)
	}
}

// one shows one finding of a key.
func (p *page) one(f *audit.Finding) {
	mark, colour := signs(f)
	text := f.Rule + ": "
	if f.New {
		text = f.Rule + " (new): "
	}
	p.finding(mark, f.Severity.String(), colour, text+f.Message, f.Remedy, true)
}

// open shows what could not be determined about a key. The remedies come
// further down, once for all keys.
func (p *page) open(e *entry) {
	switch {
	case len(e.open) == 0:
	case p.o.All:
		for i := range e.open {
			p.one(&e.open[i])
		}
	case e.state == notInspected:
		p.para(4, "", "", e.unanswered(), dim, false)
	default:
		p.para(2, "? unknown   ", violet, rules(e.open, 12), "", false)
	}
}

// passed lists the answers that need no attention.
func (p *page) passed(e *entry) {
	for _, f := range e.Findings {
		switch f.Outcome {
		case audit.Passed:
			p.para(2, "✓ passed    ", green, fmt.Sprintf("%s: %s (%s)", f.Rule, f.Message, f.Evidence), dim, true)
		case audit.NotApplicable:
			p.para(2, "- n/a       ", dim, f.Rule+": "+f.Message, dim, true)
		case audit.Failed, audit.Undetermined: // shown above
		}
	}
}

// facts lists what the findings are based on.
func (p *page) facts(e *entry) {
	s := e.Snapshot
	fact := func(lead, text string) {
		if text != "" {
			p.para(4, fmt.Sprintf("%-14s", lead), dim, text, "", false)
		}
	}
	granted, unknown := rights(s)
	var held, entries, others []string
	for _, g := range granted {
		held = append(held, right(g))
	}
	fact("granted", strings.Join(held, "; "))
	for _, g := range granted {
		if len(g.Implies) > 0 {
			fact("implied", fmt.Sprintf("%s: %s", g.Capability, strings.Join(g.Implies, "; ")))
		}
	}
	fact("unrecognised", strings.Join(s.Unmapped, ", "))
	fact("unknown", strings.Join(unknown, ", "))
	list := &s.IPAllowlist
	for _, a := range list.Entries {
		entries = append(entries, a.Text)
	}
	fact("IP allowlist", fmt.Sprintf("%s (%s) %s", list.State, list.Evidence, strings.Join(entries, ", ")))
	fact("account", fmt.Sprintf("%s %s", s.Account.Kind, s.Account.ID))
	for _, f := range s.Facts {
		others = append(others, f.Name+" "+f.Value)
	}
	fact("also reported", strings.Join(others, ", "))
	for _, note := range s.Notes {
		fact("note", note)
	}
	if n := len(s.Siblings); n > 0 {
		fact("other keys", fmt.Sprintf("%d on the same account", n))
	}
}
