package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// outputs are all reports of a run.
type outputs []*reportWriter

// reportWriter is one report and where it goes.
type reportWriter struct {
	*output
	format  string
	options renderOptions
	writer  render.Writer
	err     error // the first one
}

// openOutputs opens the destination of every report, before anything is sent.
func openOutputs(s *settings, a app) (outputs, []string) {
	problems := a.checkOutputs(s)
	root, _ := os.Getwd()
	attest := func(r *audit.Result, f *audit.Finding) string { return attestLine(r, f, s.from, a.now()) }
	open := func(flag string, r reporting) *reportWriter {
		out, err := openOutput(r.output, a.stdout)
		if err != nil {
			problems = append(problems, flag+": "+err.Error())
		}
		w := &reportWriter{output: out, format: r.format, options: renderOptions{reporting: r, env: a.env, root: root, attest: attest}}
		if err == nil && strings.HasPrefix(r.format, "prometheus") {
			w.options.lastSuccess = lastSuccess(r.output)
		}
		if out.setMode(r.mode, readers[r.format]) != nil {
			problems = append(problems, fmt.Sprintf("%s: the mode of a file in %s cannot be set", flag, showPath(filepath.Dir(r.output))))
		}
		if out.file != nil {
			w.options.temp = filepath.Dir(out.path)
		}
		return w
	}
	first := open("--output", s.reporting)
	if terminal, ok := fileOf(a.stdout); ok && s.output == "" {
		first.options.terminal = terminal
	}
	all := outputs{first}
	for _, t := range s.reports {
		own := s.reporting
		own.format, own.output, own.quiet, own.color = t.format, t.path, false, "never"
		all = append(all, open("--report", own))
	}
	if s.state != "" { // it is written at the end; a problem had better show now
		open("--state", reporting{output: s.state}).discard()
	}
	return all, problems
}

// start begins every report. Its options are final by then.
func (all outputs) start(r *audit.Report) {
	for _, w := range all {
		if w.writer == nil {
			w.writer = newWriter(w.output, w.format, w.options)
		}
		w.note(w.writer.Start(r))
	}
}

// result writes the result of one key to every report.
func (all outputs) result(r *audit.Result) {
	for _, w := range all {
		if w.err == nil {
			w.note(w.writer.Result(r))
		}
	}
}

// end ends every report. If one cannot be written, the others still are.
func (all outputs) end(r *audit.Report) error {
	var first error
	for _, w := range all {
		if w.err == nil {
			w.note(w.writer.End(r))
		}
		if w.err == nil { // half a report never replaces a whole one
			w.err = w.commit()
		}
		first = cmp.Or(first, w.err)
	}
	return first
}

// note keeps the first error.
func (w *reportWriter) note(err error) { w.err = cmp.Or(w.err, err) }

// written are where the reports went.
func (all outputs) written() (out []*output) {
	for _, w := range all {
		out = append(out, w.output)
	}
	return out
}

func (all outputs) discard() {
	for _, w := range all {
		w.discard()
	}
}

// lastSuccess is the time that the Prometheus file to be replaced gives.
func lastSuccess(path string) time.Time {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return time.Time{}
	}
	defer file.Close() //nolint:errcheck // opened for reading
	at, _ := render.PrometheusLastSuccess(file)
	return at
}

// whole writes a report that is complete already.
func (all outputs) whole(r *audit.Report) error {
	around := *r
	around.Results = nil
	all.start(&around)
	for _, result := range r.Results {
		all.result(result)
	}
	return all.end(&around)
}
