package render

import (
	"fmt"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const (
	mostWorst   = 3
	mostNamed   = 3  // keys that a topic names
	mostChanges = 20 // changed keys
	mostUnknown = 8  // rules of which something is unknown
)

// summary begins the report: the verdict, and the totals. It counts what is
// unknown and waived as well, so that their absence from the findings is not
// taken for a clean result.
func (p *page) summary(r *audit.Report, d *digest) {
	if d.n > 0 && d.n >= r.Summary.Keys { // there may be fewer; nothing can be said of the others
		p.para(0, "", "", d.verdict(r), bold, false)
	}
	p.para(0, "", "", r.Summary.String(), summaryStyle(r, d), false)
	p.para(0, "", "", aside(r), dim, false)
	if r.Digest != "" { // on a line of its own: it is as long as a terminal is wide
		p.para(0, "", "", "digest "+shorten(r.Digest, 64), dim, false)
	}
	if !p.o.NoExit {
		p.para(0, "", "", exit(&r.Summary, p.o.Threshold), dim, false)
	}
}

// worst shows what needs attention first. If only one key needs it, its own
// section says so.
func (p *page) worst(r *audit.Report, d *digest) {
	all := d.failed(r)
	if len(all) == 0 || d.failing < 2 {
		return
	}
	p.title("Worst first")
	for _, t := range all[:min(len(all), mostWorst)] {
		mark, colour := signs(&t.Finding)
		p.topic(t, mark, colour)
	}
}

// topic shows a rule that needs attention: its title, the keys, what all of them
// say as far as there is room, and the advice.
func (p *page) topic(t *topic, mark string, colour style) {
	text := t.sentence(p.book, t.message())
	if n := len(wrap(plain(text), p.width-columns("  ✗ critical  "))); within(n, p.room.para) < n {
		text = t.sentence(p.book, "")
	}
	p.finding(mark, t.Severity.String(), colour, text, t.remedy(p.book), true)
}

// changes shows what changed, one line per key.
func (p *page) changes(r *audit.Report, d *digest) {
	if r.Baseline == nil {
		return
	}
	if !d.since(r) {
		p.line("")
		p.para(0, "", "", "Nothing has changed since "+since(r.Baseline)+".", dim, false)
		return
	}
	p.title("Changed since " + since(r.Baseline))
	all := d.changed.all()
	shown := within(len(all), p.room.changes)
	for _, e := range all[:shown] {
		mark, colour := "+", yellow
		if len(e.fresh()) == 0 {
			mark, colour = "-", green
		}
		p.para(2, mark+" ", colour, shorten(e.name(), 60)+": "+e.change(), "", true)
	}
	if more := d.changed.n - shown; more > 0 {
		p.para(2, "", "", fmt.Sprintf("and %d more keys", more), dim, false)
	}
}

// fleet shows the findings about no single key, worst first.
func (p *page) fleet(r *audit.Report) {
	if len(r.Findings) == 0 {
		return
	}
	all := slices.Clone(r.Findings)
	slices.SortStableFunc(all, func(a, b audit.Finding) int { return urgency(&b) - urgency(&a) })
	p.title("Fleet-wide findings")
	shown := within(len(all), p.room.fleet)
	for i := range all[:shown] {
		if f := &all[i]; f.Waived != "" {
			p.finding("~", "waived", dim, f.Rule+": "+f.Message+"; "+f.Waived, "", true)
		} else {
			p.one(f)
		}
	}
	if rest := all[shown:]; len(rest) > 0 {
		p.para(2, "", "", fmt.Sprintf("and %d more: %s", len(rest), rules(rest, 12)), dim, false)
	}
}

// unknown shows what could not be determined, and how to find out.
func (p *page) unknown(d *digest) {
	all := d.unknowns.sorted()
	if len(all)+d.missed.keys+d.unjudged.keys == 0 {
		return
	}
	p.title("Unknown, and how to find out")
	shown := within(len(all), p.room.unknown)
	for _, t := range all[:shown] {
		p.topic(t, "?", violet)
		p.attest(t)
	}
	if more := all[shown:]; len(more) > 0 {
		rest := make([]audit.Finding, 0, len(more))
		for _, t := range more {
			rest = append(rest, t.Finding)
		}
		p.para(2, "", "", fmt.Sprintf("and %d more: %s", len(rest), rules(rest, 12)), dim, false)
	}
	if d.missed.keys > 0 {
		p.para(2, "! ", red, "everything about "+d.missed.about(mostNamed)+": not inspected, for the reason above", "", false)
	}
	if d.unjudged.keys > 0 {
		p.para(2, "? ", violet, "everything about "+d.unjudged.about(mostNamed)+": no rule was applied", "", false)
	}
}

// changesInFull shows what changed since the previous report, with findings and
// remedies.
func (p *page) changesInFull(r *audit.Report, d *digest) {
	p.room = room{}
	p.title("Changed since " + since(r.Baseline))
	all := d.changed.all()
	widths := columnWidths(all)
	for i, e := range all {
		if i > 0 {
			p.line("")
		}
		p.heading(e, e.cells(), widths)
		for _, f := range e.fresh() {
			p.one(&f)
		}
		if len(e.Resolved) > 0 {
			p.para(2, "✓ resolved  ", green, list(e.Resolved, 0), "", false)
		}
	}
	p.more(d.changed.more(), "of which something changed")
	p.fleet(r)
	p.next()
}

// more counts keys that are not shown.
func (p *page) more(n int, which string) {
	if n > 0 {
		p.line("")
		p.para(0, "", "", fmt.Sprintf("and %s %s; the CSV report has them all", count(n, "more key", "more keys"), which), bold, false)
	}
}

// next ends the report with what to do.
func (p *page) next() {
	if p.o.Next == nil {
		return
	}
	if text := p.o.Next(); text != "" {
		p.room.para = 0 // a command must be whole
		p.line("")
		p.para(0, "Next: ", bold, text, "", false)
	}
}

// summaryStyle is green only if every key is clean and no fleet-wide finding
// is open.
func summaryStyle(r *audit.Report, d *digest) style {
	// The summary may count keys that the report doesn't contain.
	worst, allClean := d.rank, d.n > 0 && d.n >= r.Summary.Keys && d.unclean == 0
	for _, f := range r.Findings {
		if open(f) {
			worst, allClean = max(worst, f.Rank()), false
		}
	}
	code := r.Summary.ExitCode(audit.High)
	switch {
	case code == audit.ExitFindings:
		return "1;31"
	case code != audit.ExitClean && worst < alarmRank():
		return yellow
	case worst >= alarmRank():
		return "1;31"
	case worst > 0:
		return yellow
	case allClean && code == audit.ExitClean && r.Summary.NotInspected == 0:
		return green
	default:
		return ""
	}
}

// aside is the second line of a summary.
func aside(r *audit.Report) string {
	s := &r.Summary
	text := fmt.Sprintf("unknown: %s; waived: %d; %s sent",
		severities(s.Undetermined), s.Waived, count(s.Requests, "request", "requests"))
	if !r.Started.IsZero() {
		text += "; " + stamp(r.Started)
	}
	if m := mapWords(r); m != "" {
		text += "; " + m
	}
	return text
}
