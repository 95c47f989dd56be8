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
	if p.o.Attest == nil {
		return
	}
	var lines []string
	for _, e := range t.keys {
		at := slices.IndexFunc(e.open, func(f audit.Finding) bool { return f.Rule == t.Rule })
		if line := plain(p.o.Attest(e.Result, &e.open[at])); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) > 1 && !p.o.All {
		lines = []string{fmt.Sprintf("%s  # likewise for %s", lines[0], count(len(lines)-1, "other key", "other keys"))}
	}
	for _, line := range lines {
		p.line("    " + p.paint(cyan, line))
	}
}
