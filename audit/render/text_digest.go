package render

import (
	"fmt"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

const (
	mostWorst   = 3
	mostNamed   = 3  // keys that a topic names
	mostChanges = 20 // changed keys
	mostUnknown = 8  // topics
)

// worst shows what needs attention first. If only one key needs it, its own
// section says so.
func (p *page) worst(r *audit.Report, keys []entry) {
	all := failures(r, keys)
	if len(all) == 0 || failing(keys) < 2 {
		return
	}
	p.title("Worst first")
	for _, t := range all[:min(len(all), mostWorst)] {
		mark, colour := signs(&t.Finding)
		p.finding(mark, t.Severity.String(), colour, t.sentence(mostNamed), "", true)
	}
}

// changes shows what changed, one line per key.
func (p *page) changes(r *audit.Report, keys []entry) {
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
	p.title("Fleet-wide findings")
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Waived != "" {
			p.finding("~", "waived", dim, f.Rule+": "+f.Message+"; "+f.Waived, "", true)
		} else {
			p.one(f)
		}
	}
}

// unknown shows what could not be determined, and how to find out.
func (p *page) unknown(keys []entry) {
	all := unknowns(keys)
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
	p.title("Unknown, and how to find out")
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
		text := "everything about " + missed.about(mostNamed) + ": not inspected, for the reason above"
		p.para(2, "! ", red, text, "", false)
	}
	if len(unjudged.keys) > 0 {
		text := "everything about " + unjudged.about(mostNamed) + ": no rule was applied"
		p.para(2, "? ", violet, text, "", false)
	}
}

// changesInFull shows what changed since the previous report, with findings and
// remedies.
func (p *page) changesInFull(r *audit.Report, keys []entry) {
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

// summary ends the report. It counts what is undetermined and waived as well,
// so that their absence from the findings is not taken for a clean result.
func (p *page) summary(r *audit.Report, keys []entry) {
	p.gap()
	p.para(0, "", "", r.Summary.String(), summaryStyle(r, keys), false)
	p.para(0, "", "", aside(r), dim, false)
	if !p.o.NoExit {
		p.para(0, "", "", exit(&r.Summary, p.o.Threshold), dim, false)
	}
}

// summaryStyle is green only if every key is clean and no fleet-wide finding
// is open.
func summaryStyle(r *audit.Report, keys []entry) style {
	// The summary may count keys that the report doesn't contain.
	worst, allClean := 0, len(keys) > 0 && len(keys) >= r.Summary.Keys
	for i := range keys {
		worst = max(worst, keys[i].rank)
		allClean = allClean && keys[i].state == clean
	}
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
	text := fmt.Sprintf("undetermined: %s; waived: %d; %s sent",
		severities(s.Undetermined), s.Waived, count(s.Requests, "request", "requests"))
	if !r.Started.IsZero() {
		text += "; " + stamp(r.Started)
	}
	return text
}
