package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress is one line on standard error that says how far a run has come. It
// is shown on a terminal only, and redrawn at most five times a second.
type progress struct {
	w           io.Writer // nil means not to show anything
	now         func() time.Time
	total, done int
	drawn       time.Time
}

const redraw = time.Second / 5

func newProgress(w io.Writer, total int, env func(string) string) *progress {
	p := &progress{now: time.Now, total: total}
	if isTerminal(w) && env("TERM") != "dumb" {
		p.w = w
	}
	p.draw()
	return p
}

// step counts one key.
func (p *progress) step() {
	p.done++
	p.draw()
}

func (p *progress) draw() {
	if p.w == nil || p.now().Sub(p.drawn) < redraw {
		return
	}
	p.drawn = p.now()
	fmt.Fprintf(p.w, "%sauditing: %d of %d keys", eraseLine, p.done, p.total)
}

// clear removes the line, so that it doesn't stand in the report.
func (p *progress) clear() {
	if p.w != nil {
		_, _ = io.WriteString(p.w, eraseLine)
	}
}

const eraseLine = "\r\x1b[K"

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
