package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TextOptions change how Text looks. The zero value is plain text, 100 columns
// wide, with the most important of each key.
type TextOptions struct {
	Color bool // see ColorFor
	Width int  // columns; 100 if not positive, and at least 40
	// All shows every rule's answer, the key's rights with the powers they
	// quietly include, and the venue's notes.
	All bool
}

// ColorFor reports whether colour suits a file: it is a terminal, and the
// environment (os.Getenv, or a stand-in) doesn't speak against it with
// NO_COLOR or TERM=dumb.
func ColorFor(f *os.File, env func(string) string) bool {
	if f == nil || env("NO_COLOR") != "" || env("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Text writes a report for a person at a terminal. The keys that need a person
// come first, each with what is wrong and what to do; a clean key takes one
// line. What could not be decided is never shown as clean.
func Text(w io.Writer, r *audit.Report, o TextOptions) error {
	if err := whole(r); err != nil {
		return err
	}
	if o.Width <= 0 {
		o.Width = 100
	}
	p := &page{w: bufio.NewWriter(w), o: o, width: max(o.Width, 40)}
	keys := entries(r)
	widths := columnWidths(keys)
	for i := range keys {
		e := &keys[i]
		if i > 0 && (o.All || !e.short() || !keys[i-1].short()) {
			p.line("")
		}
		p.heading(e, widths)
		p.body(e)
	}
	if len(keys) > 0 {
		p.line("")
	}
	p.summary(r, keys)
	return p.w.Flush()
}

// short reports whether the key takes one line.
func (e *entry) short() bool { return e.state == clean && len(e.waived)+len(e.declared) == 0 }

const maxHeadlines = 3

// page writes lines. Every text passes through plain on its way.
type page struct {
	w     *bufio.Writer // keeps the first error for Flush
	o     TextOptions
	width int
}

// style is a terminal's code for a colour or weight.
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	violet style = "35"
	cyan   style = "36"
	alarm  style = "1;97;41" // white on red
)

var severityStyles = map[audit.Severity]style{
	audit.Critical: "1;31", audit.High: red, audit.Medium: yellow, audit.Low: cyan, audit.Info: dim,
}

func (p *page) paint(s style, text string) string {
	if !p.o.Color || s == "" || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func (p *page) line(text string) { _, _ = p.w.WriteString(text + "\n") }

// para wraps a text beside a lead, which stands on the first line only. The
// first word, up to a colon, is set in bold if strong.
func (p *page) para(indent int, lead string, leadStyle style, text string, s style, strong bool) {
	space := strings.Repeat(" ", indent)
	hang := strings.Repeat(" ", columns(lead))
	lead = p.paint(leadStyle, strings.TrimRight(lead, " ")) + lead[len(strings.TrimRight(lead, " ")):]
	for i, line := range wrap(plain(text), p.width-indent-len(hang)) {
		head, rest, ok := strings.Cut(line, ": ")
		if i == 0 && strong && ok {
			line = p.paint(bold, head+":") + " " + p.paint(s, rest)
		} else {
			line = p.paint(s, line)
		}
		p.line(space + lead + line)
		lead = hang
	}
}

// mark and style of each state.
var marks = map[state]struct {
	mark  string
	style style
}{
	notJudged: {"?", violet}, notInspected: {"!", alarm}, failed: {"✗", ""}, undetermined: {"?", violet}, waived: {"~", yellow}, clean: {"✓", green},
}

const wordWidth = len("NOT INSPECTED")

// columnWidths aligns the headings, as far as no single long name spoils it.
func columnWidths(keys []entry) (widths [3]int) {
	for i := range keys {
		for j, cell := range keys[i].cells()[:len(widths)] {
			if n := columns(plain(cell)); n <= 28 {
				widths[j] = max(widths[j], n)
			}
		}
	}
	return widths
}

func (p *page) heading(e *entry, widths [3]int) {
	mark := marks[e.state]
	word := mark.mark + " " + e.word()
	colour := cmp.Or(mark.style, severityStyles[e.severity], red)
	if e.state == failed && e.severity == audit.Critical {
		colour = alarm
	}
	var line, painted strings.Builder
	cells := e.cells()
	for i, cell := range cells {
		cell = plain(cell)
		gap := ""
		if i < len(widths) {
			gap = strings.Repeat(" ", max(0, widths[i]-columns(cell))+2)
		}
		line.WriteString(cell + gap)
		painted.WriteString(p.paint([]style{bold, "", dim, dim}[i], cell) + gap)
	}
	lead := word + strings.Repeat(" ", wordWidth-len(e.word())+2)
	if columns(lead)+columns(line.String()) > p.width {
		p.para(0, lead, colour, strings.Join(cells, " · "), "", false)
		return
	}
	p.line(p.paint(colour, word) + lead[len(word):] + painted.String())
}

// body is everything below the heading of a key.
func (p *page) body(e *entry) {
	shown := 0
	if e.state == notInspected {
		what, remedy := e.failure()
		p.finding("!", "failure", red, what, remedy, false)
		shown++
	}
	failures, open := e.failed, e.open
	if e.state == notInspected && !p.o.All {
		open = nil // what the failure leaves open goes without saying
	}
	for len(failures)+len(open) > 0 && (p.o.All || shown < maxHeadlines) {
		var f audit.Finding
		mark, colour := "?", violet
		if len(failures) > 0 {
			f, failures = failures[0], failures[1:]
			mark, colour = "✗", severityStyles[f.Severity]
		} else {
			f, open = open[0], open[1:]
		}
		p.finding(mark, f.Severity.String(), colour, f.Rule+": "+f.Message, f.Remedy, true)
		shown++
	}
	p.rest(e, failures, open)
	for _, f := range e.waived {
		text := fmt.Sprintf("%s (%s), %s", f.Rule, f.Severity, f.Waived)
		if p.o.All {
			text = fmt.Sprintf("%s: %s; %s", f.Rule, f.Message, f.Waived)
		}
		p.para(2, "~ waived    ", dim, text, dim, false)
	}
	if len(e.declared) > 0 && !p.o.All {
		p.para(2, "✓ declared  ", dim, "by the owner, not told by the venue: "+strings.Join(e.declared, ", "), dim, false)
	}
	if p.o.All {
		p.passed(e)
		p.facts(e)
	}
	if address, ok := link(e.KeyPage); ok && (e.state != clean || p.o.All) {
		p.para(4, "edit the key: ", dim, address, cyan, false)
	}
}

// finding is one headline: severity, rule, sentence, and the remedy below.
func (p *page) finding(mark, word string, s style, text, remedy string, strong bool) {
	lead := fmt.Sprintf("%s %-8s  ", mark, word)
	limit := 400
	if p.o.All {
		limit = len(text)
	}
	p.para(2, lead, s, shorten(text, limit), "", strong)
	if remedy != "" {
		p.para(2+columns(lead), "→ ", green, shorten(remedy, 400), "", false)
	}
}

// rest folds what isn't a headline into one paragraph.
func (p *page) rest(e *entry, failures, open []audit.Finding) {
	const most = 12 // names
	switch {
	case e.state == notInspected && !p.o.All && len(e.open) > 0:
		p.para(4, "", "", count(len(e.open), "rule is", "rules are")+" undetermined for want of an answer", dim, false)
	case e.state == notJudged:
		p.para(4, "", "", "no rule was applied to this key", "", false)
	}
	if n := len(failures) + len(open); n > 0 {
		text := fmt.Sprintf("and %d more: ", n) + list(rules(failures), most)
		if len(failures) > 0 && len(open) > 0 {
			text += "; "
		}
		if len(open) > 0 {
			text += "undetermined: " + list(rules(open), most)
		}
		p.para(4, "", "", text, dim, false)
	}
}

// passed lists the answers that need nobody.
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

// facts lists what the findings rest on.
func (p *page) facts(e *entry) {
	s := e.Snapshot
	fact := func(lead, text string) {
		if text != "" {
			p.para(4, fmt.Sprintf("%-14s", lead), dim, text, "", false)
		}
	}
	var held, unknown, entries, others []string
	for _, g := range s.Grants {
		if g.State == audit.Granted {
			held = append(held, right(g))
		}
	}
	for _, c := range audit.Capabilities() {
		if s.Grant(c).State == audit.Unknown {
			unknown = append(unknown, string(c))
		}
	}
	fact("may", strings.Join(held, "; "))
	for _, g := range s.Grants {
		if g.State == audit.Granted && len(g.Implies) > 0 {
			fact("and with it", fmt.Sprintf("%s: %s", g.Capability, strings.Join(g.Implies, "; ")))
		}
	}
	fact("unclassified", strings.Join(s.Unmapped, ", "))
	fact("not known", strings.Join(unknown, ", "))
	for _, a := range s.IPAllowlist.Entries {
		entries = append(entries, a.Text)
	}
	fact("addresses", fmt.Sprintf("%s (%s) %s", s.IPAllowlist.State, s.IPAllowlist.Evidence, strings.Join(entries, ", ")))
	fact("account", fmt.Sprintf("%s %s", s.Account.Kind, s.Account.ID))
	for _, f := range s.Facts {
		others = append(others, f.Name+" "+f.Value)
	}
	fact("also told", strings.Join(others, ", "))
	for _, note := range s.Notes {
		fact("note", note)
	}
	if n := len(s.Siblings); n > 0 {
		fact("other keys", fmt.Sprintf("%d in the same account", n))
	}
}

// right names a held capability, the venue's names for it, and its limits.
func right(g audit.Grant) string {
	text := string(g.Capability)
	if len(g.Names) > 0 {
		text += " (" + strings.Join(g.Names, ", ") + ")"
	}
	if g.Qualifier != "" {
		text += ", " + g.Qualifier
	}
	return text
}

// summary ends the report. What was left open and what was accepted stand
// below the findings, so that their absence is not taken for a clean bill.
func (p *page) summary(r *audit.Report, keys []entry) {
	var colour style
	if len(keys) > 0 { // the first is the worst
		switch worst := keys[0]; {
		case worst.state == clean:
			colour = green
		case worst.rank >= rankAlarm:
			colour = "1;31"
		default:
			colour = yellow
		}
	}
	p.para(0, "", "", r.Summary.String(), colour, false)
	p.para(0, "", "", aside(r), dim, false)
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

// stamp is a time as reports show it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
