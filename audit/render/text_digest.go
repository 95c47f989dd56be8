package render

import (
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const (
	mostWorst   = 3
	mostNamed   = 3  // keys that a topic names
	mostChanges = 20 // keys of which it is told what changed
	mostUnknown = 8  // topics
)

// worst shows what to look at first. With one key in trouble, its own entry
// tells that.
func (p *page) worst(r *audit.Report, keys []entry) {
	all := wrong(r, keys)
	if len(all) == 0 || troubled(keys) < 2 {
		return
	}
	p.title("Worst first")
	for _, t := range all[:min(len(all), mostWorst)] {
		mark, colour := signs(&t.Finding)
		p.finding(mark, t.Severity.String(), colour, t.sentence(mostNamed), "", true)
	}
}

// changed shows in one line a key what is not as it was.
func (p *page) changed(r *audit.Report, keys []entry) {
	if r.Baseline == nil {
		return
	}
	all := changes(keys)
	p.title("Changed since " + since(r.Baseline))
	if !r.Changed() {
		p.para(2, "", "", "Nothing.", dim, false)
	}
	for i, e := range all {
		if i == mostChanges && !p.o.All {
			p.para(2, "", "", fmt.Sprintf("and %d more keys", len(all)-i), dim, false)
			break
		}
		mark, colour := "+", yellow
		if len(e.fresh()) == 0 {
			mark, colour = "-", green
		}
		p.para(2, mark+" ", colour, shorten(e.name(), 60)+": "+e.change(), "", true)
	}
}

// fleet shows the findings about no single key.
func (p *page) fleet(r *audit.Report) {
	if len(r.Findings) == 0 {
		return
	}
	p.title("About the whole fleet")
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Waived != "" {
			p.finding("~", "waived", dim, f.Rule+": "+f.Message+"; "+f.Waived, "", true)
		} else {
			p.one(f)
		}
	}
}

// unknown shows what could not be decided, and how to find out.
func (p *page) unknown(keys []entry) {
	all := notKnown(keys)
	var missed, unjudged topic
	for i := range keys {
		switch e := &keys[i]; e.state { //nolint:exhaustive // the other states are known
		case notInspected:
			missed.keys = append(missed.keys, e)
		case notJudged:
			unjudged.keys = append(unjudged.keys, e)
		}
	}
	if len(all)+len(missed.keys)+len(unjudged.keys) == 0 {
		return
	}
	p.title("Not known, and how to find out")
	for i, t := range all {
		if i == mostUnknown && !p.o.All {
			rest := make([]audit.Finding, 0, len(all)-i)
			for _, t := range all[i:] {
				rest = append(rest, t.Finding)
			}
			p.para(2, "", "", fmt.Sprintf("and %d more: %s", len(rest), rules(rest, 12)), dim, false)
			break
		}
		p.finding("?", t.Severity.String(), violet, t.sentence(mostNamed), t.Remedy, true)
	}
	if len(missed.keys) > 0 {
		p.para(2, "! ", red, "everything about "+missed.about(mostNamed)+": not inspected, for the reason given above", "", false)
	}
	if len(unjudged.keys) > 0 {
		p.para(2, "? ", violet, "everything about "+unjudged.about(mostNamed)+": no rule was applied", "", false)
	}
}

// news shows what changed since the last report, with findings and remedies.
func (p *page) news(r *audit.Report, keys []entry) {
	p.title("Changed since " + since(r.Baseline))
	all := changes(keys)
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
	p.fleet(r)
}

// summary ends the report. What was left open and what was accepted stand
// below the findings, so that their absence is not taken for a clean bill.
func (p *page) summary(r *audit.Report, keys []entry) {
	p.apart()
	p.para(0, "", "", r.Summary.String(), verdictStyle(r, keys), false)
	p.para(0, "", "", aside(r), dim, false)
	if !p.o.NoExit {
		p.para(0, "", "", exit(&r.Summary, p.o.Threshold), dim, false)
	}
}

// verdictStyle is green only if every key is clean and nothing is wrong with
// the fleet.
func verdictStyle(r *audit.Report, keys []entry) style {
	worst, known := 0, len(keys) > 0
	for i := range keys {
		worst = max(worst, keys[i].rank)
		known = known && keys[i].state == clean
	}
	for _, f := range r.Findings {
		if f.Outcome != audit.Passed && f.Outcome != audit.NotApplicable {
			worst, known = max(worst, rank(f)), false
		}
	}
	switch code := r.Summary.ExitCode(audit.High); { // also of keys that are not at hand
	case known && len(keys) >= r.Summary.Keys && r.Summary.NotInspected == 0 && code == audit.ExitClean:
		return green
	case code == audit.ExitFindings:
		return "1;31"
	case code != audit.ExitClean && worst < rankAlarm:
		return yellow
	case worst >= rankAlarm:
		return "1;31"
	case worst > 0:
		return yellow
	default:
		return ""
	}
}

// aside is the second line of a summary.
func aside(r *audit.Report) string {
	s := &r.Summary
	text := fmt.Sprintf("undetermined: %s; waived: %d; %s sent", severities(s.Undetermined), s.Waived, count(s.Requests, "request", "requests"))
	if !r.Started.IsZero() {
		text += "; " + stamp(r.Started)
	}
	return text
}
