package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// progress shows on standard error how far a run has come: on a terminal in one
// line that is redrawn at most five times a second, in a log in one plain line a
// minute.
type progress struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	started  time.Time
	drawn    time.Time
	total    int
	summary  audit.Summary
}

const (
	redraw   = time.Second / 5
	logEvery = time.Minute
)

func newProgress(w io.Writer, total int, env func(string) string) *progress {
	p := &progress{w: w, now: time.Now, total: total, terminal: isTerminal(w) && env("TERM") != "dumb"}
	p.started = p.now()
	if !p.terminal {
		p.drawn = p.started // the first plain line comes after a minute
	}
	p.draw()
	return p
}

// step counts one key.
func (p *progress) step(r *audit.Result) {
	p.summary.Add(r)
	p.draw()
}

func (p *progress) draw() {
	every := logEvery
	if p.terminal {
		every = redraw
	}
	now := p.now()
	if now.Sub(p.drawn) < every {
		return
	}
	p.drawn = now
	if p.terminal {
		fmt.Fprint(p.w, eraseLine, p.line(now))
	} else {
		fmt.Fprintln(p.w, "keyaudit: "+p.line(now))
	}
}

// line is how far the run has come, what it found, and how long it will take at
// this rate.
func (p *progress) line(now time.Time) string {
	done := p.summary.Keys
	text := fmt.Sprintf("%d of %s", done, count(p.total, "key", "keys"))
	if bad := p.summary.Failed[audit.Critical] + p.summary.Failed[audit.High]; bad > 0 {
		text += fmt.Sprintf(", %s", count(bad, "severe finding", "severe findings"))
	}
	if n := p.summary.NotInspected; n > 0 {
		text += fmt.Sprintf(", %d not inspected", n)
	}
	if spent := now.Sub(p.started); done > 0 && done < p.total && spent > 2*time.Second {
		left := time.Duration(float64(spent) / float64(done) * float64(p.total-done))
		text += ", about " + brief(left.Round(roundTo(left))) + " left"
	}
	return text
}

// roundTo is how exactly the time left can be estimated.
func roundTo(d time.Duration) time.Duration {
	if d > 2*time.Minute {
		return time.Minute
	}
	return time.Second
}

// done removes the line, so that the report begins on an empty one.
func (p *progress) done() {
	if p.terminal {
		_, _ = io.WriteString(p.w, eraseLine)
	}
}

const eraseLine = "\r\x1b[K"

func isTerminal(w io.Writer) bool {
	file, ok := fileOf(w)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
