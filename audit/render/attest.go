package render

import (
	"fmt"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// AttestFunc gives the command by which a key's owner attests what they looked up for a
// finding that could not be determined, ready to be copied; empty if there is none. Such
// a command is never broken into lines. A demonstration has none: its facts are invented.
type AttestFunc func(r *audit.Result, f *audit.Finding) string

// of is the function for a report.
func (attest AttestFunc) of(r *audit.Report) AttestFunc {
	if r.Demo {
		return nil
	}
	return attest
}

// attestLines are the commands for what could not be determined about a key, each once.
func (e *entry) attestLines(attest AttestFunc) (lines []string) {
	if attest == nil || e.state == notInspected {
		return nil
	}
	for i := range e.open {
		line := plain(attest(e.Result, &e.open[i]))
		if line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// attest shows the commands of a topic: those of all its keys, or of the first.
func (p *page) attest(t *topic) {
	lines := t.commands.all()
	for i, line := range lines {
		text := line.text
		if more := t.commands.n - len(lines); more > 0 && i == len(lines)-1 {
			text = fmt.Sprintf("%s  # likewise for %s", text, count(more, "other key", "other keys"))
		}
		p.line("    " + p.paint(cyan, text))
	}
}
