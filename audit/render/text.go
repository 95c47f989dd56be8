package render

import (
	"bufio"
	"io"
	"os"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// TextOptions change what Text writes. The zero value is plain text, 80 columns
// wide, with the most important findings of each key.
type TextOptions struct {
	Color bool // see ColorFor
	Width int  // columns; 80 if not positive, and at least 40
	// All shows every key and every rule's answer, the keys' rights with the
	// powers that they imply, and the exchanges' notes.
	All bool
	// Changes shows only what changed since the baseline, and writes nothing
	// if nothing did. A report without a baseline is shown in full: everything
	// is new.
	Changes bool
	// Threshold is the severity from which on a finding sets the program's
	// exit code, which the last line explains. High if unset.
	Threshold audit.Severity
	// NoExit omits that line, for a program whose exit code is not that of the
	// report.
	NoExit bool
}

// ColorFor reports whether colour suits a file: it is a terminal, and the
// environment (os.Getenv, or a substitute) doesn't rule it out with NO_COLOR or
// TERM=dumb.
func ColorFor(f *os.File, env func(string) string) bool {
	if f == nil || env("NO_COLOR") != "" || env("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Text writes a report for a person at a terminal: the three worst findings,
// what changed since the previous report, the keys with the worst on top, what
// is unknown and how to find out, and what the program's exit code means. What
// could not be determined is never shown as clean. In a large fleet, keys that
// need no attention are counted and not listed.
func Text(w io.Writer, r *audit.Report, o TextOptions) error {
	r, err := checked(r)
	if err != nil {
		return err
	}
	if o.Changes && r.Baseline != nil && !r.Changed() {
		return nil
	}
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &page{w: bufio.NewWriter(w), o: o, width: max(o.Width, 40)}
	if r.Demo {
		p.para(0, "", "", demoNotice, alarm, false)
	}
	keys := entries(r)
	if o.Changes && r.Baseline != nil {
		p.changesInFull(r, keys)
	} else {
		p.worst(r, keys)
		p.changes(r, keys)
		p.fleet(r)
		p.keys(keys)
		p.unknown(keys)
	}
	p.summary(r, keys)
	return p.w.Flush()
}

// page writes lines. Every text passes through plain on its way.
type page struct {
	w     *bufio.Writer // keeps the first error for Flush
	o     TextOptions
	width int
	begun bool
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

func (p *page) line(text string) {
	p.begun = true
	_, _ = p.w.WriteString(text + "\n")
}

// gap writes an empty line, except at the top.
func (p *page) gap() {
	if p.begun {
		p.line("")
	}
}

// title begins a section.
func (p *page) title(text string) {
	p.gap()
	p.para(0, "", "", text, bold, false)
}

// para wraps a text beside a lead, which is on the first line only. If strong,
// the text up to the first colon is bold.
func (p *page) para(indent int, lead string, leadStyle style, text string, s style, strong bool) {
	space := strings.Repeat(" ", indent)
	hang := strings.Repeat(" ", columns(lead))
	lead = p.paint(leadStyle, strings.TrimRight(lead, " ")) + lead[len(strings.TrimRight(lead, " ")):]
	limit := 1000
	if p.o.All {
		limit = 4000
	}
	text = shorten(text, limit)
	for _, line := range wrap(plain(text), p.width-indent-len(hang)) {
		head, rest := "", line
		if strong { // up to the first colon, on this line or a later one
			if i := strings.Index(line+" ", ": "); i < 0 {
				head, rest = line, ""
			} else {
				head, rest, strong = line[:i+1], line[i+1:], false
			}
		}
		text := strings.TrimLeft(rest, " ")
		p.line(space + lead + p.paint(bold, head) + rest[:len(rest)-len(text)] + p.paint(s, text))
		lead = hang
	}
}

// finding shows severity, rule and message, and the remedy below.
func (p *page) finding(mark, word string, s style, text, remedy string, strong bool) {
	lead := mark + " " + word + strings.Repeat(" ", max(0, len("critical")-len(word))) + "  "
	if !p.o.All {
		text, remedy = shorten(text, 400), shorten(remedy, 400)
	}
	p.para(2, lead, s, text, "", strong)
	if remedy != "" {
		p.para(2+columns(lead), "→ ", green, remedy, "", false)
	}
}

// signs are the mark and the colour of a finding.
func signs(f *audit.Finding) (mark string, s style) {
	switch {
	case f.Waived != "":
		return "~", dim
	case f.Outcome == audit.Failed:
		return "✗", severityStyles[f.Severity]
	default:
		return "?", violet
	}
}
