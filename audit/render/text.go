package render

import (
	"bufio"
	"io"
	"os"
	"slices"
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
	// ByOwner groups the keys by owner: the one with the worst key first.
	ByOwner bool
	// Changes shows only what changed since the baseline, and writes nothing
	// if nothing did. A report without a baseline is shown in full: everything
	// is new.
	Changes bool
	// Threshold is the severity from which on a finding sets the program's
	// exit code, which the text explains. High if unset.
	Threshold audit.Severity
	// NoExit omits that line, for a program whose exit code is not that of the
	// report.
	NoExit bool
	// Next gives what to do next, such as a command to run, for the last line,
	// which is omitted if that is empty. It is called at the end.
	Next func() string
	// Rules are the rules that judged, for their titles and remedies;
	// audit.Rules() if empty.
	Rules []*audit.Rule
	// Attest adds to what is unknown the commands by which its owner attests it.
	Attest AttestFunc
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

// Text writes a report for a person at a terminal: the verdict, the totals and
// what the program's exit code means, the three worst rules, what changed since
// the previous report, the keys with the worst on top, what is unknown and how to
// find out, and what to do next. Advice is given once, not for every key. What
// could not be determined is never shown as clean.
//
// The text of more than 20 keys takes at most 100 lines of 100 columns, unless
// All is set: keys get a line each if there is no room for their findings, and
// are counted if there is no room for that. More than the worst thousand keys are
// counted whatever is set.
func Text(w io.Writer, r *audit.Report, o TextOptions) error { return whole(NewText(w, o), r) }

// NewText writes what Text writes, at the end, because the worst keys come first.
func NewText(w io.Writer, o TextOptions) Writer { return newWriter(&textWriter{w: w, o: o}) }

// mostKeys is how many keys a text for people shows.
const mostKeys = 1000

type textWriter struct {
	w io.Writer
	o TextOptions
	d *digest
}

func (t *textWriter) Start(r *audit.Report) error {
	t.d = newDigest(mostKeys)
	t.d.attest, t.d.commands = t.o.Attest.of(r), 1
	if t.o.All {
		t.d.commands = mostKeys
	}
	return nil
}

func (t *textWriter) Result(r *audit.Result) error {
	t.d.add(newEntry(r))
	return nil
}

func (t *textWriter) End(r *audit.Report) error {
	if t.o.Changes && r.Baseline != nil && !t.d.since(r) {
		return nil
	}
	out := bufio.NewWriter(t.w) // keeps the first error for Flush
	for _, line := range newPage(r, t.d, t.o).lines {
		_, _ = out.WriteString(line + "\n")
	}
	return out.Flush()
}

func newPage(r *audit.Report, d *digest, o TextOptions) *page {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &page{o: o, width: max(o.Width, 40), book: ruleBook(o.Rules), said: map[string]bool{}}
	if r.Demo {
		p.para(0, "", "", demoNotice, alarm, false)
		p.line("")
	}
	p.room = roomFor(d.n, o)
	p.summary(r, d)
	if o.Changes && r.Baseline != nil {
		p.changesInFull(r, d)
		return p
	}
	p.worst(r, d)
	p.changes(r, d)
	p.fleet(r)
	below := p.apart(func() { p.unknown(d); p.next() })
	p.keys(d, len(below))
	p.lines = append(p.lines, below...)
	return p
}

// page gathers lines. Every text passes through plain on its way.
type page struct {
	o     TextOptions
	width int
	room  room
	book  map[string]*audit.Rule
	lines []string
	said  map[string]bool // advice that was given
}

// apart takes the lines that a function adds off the page.
func (p *page) apart(add func()) []string {
	n := len(p.lines)
	add()
	lines := slices.Clone(p.lines[n:])
	p.lines = p.lines[:n]
	return lines
}

// room is how much a page may show of each thing. The zero value is no limit.
type room struct {
	lines int // in all
	// Lines of one paragraph, and what the sections list.
	para, changes, fleet, unknown int
}

// roomFor is the room for a number of keys.
func roomFor(keys int, o TextOptions) room {
	switch {
	case o.All:
		return room{}
	case keys <= mostDetailed:
		return room{changes: mostChanges, unknown: mostUnknown}
	default:
		return room{lines: 100, para: 2, changes: 6, fleet: 3, unknown: 4}
	}
}

// within cuts a number to a limit, of which 0 is none.
func within(n, limit int) int {
	if limit > 0 {
		return min(n, limit)
	}
	return n
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

func (p *page) line(text string) { p.lines = append(p.lines, text) }

// title begins a section.
func (p *page) title(text string) {
	p.line("")
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
	width := p.width - indent - len(hang)
	lines := wrap(plain(shorten(text, limit)), width)
	if n := within(len(lines), p.room.para); n < len(lines) {
		lines = lines[:n]
		lines[n-1] = wrap(lines[n-1], width-1)[0] + "…"
	}
	for _, line := range lines {
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

// finding shows severity, rule and message, and the remedy below if it was not
// given before.
func (p *page) finding(mark, word string, s style, text, remedy string, strong bool) {
	lead := mark + " " + word + strings.Repeat(" ", max(0, len("critical")-len(word))) + "  "
	if !p.o.All {
		text, remedy = shorten(text, 400), shorten(remedy, 400)
	}
	p.para(2, lead, s, text, "", strong)
	if remedy != "" && (p.o.All || !p.said[remedy]) {
		p.said[remedy] = true
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
