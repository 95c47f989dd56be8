package main

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// renderOptions say how a report is written.
type renderOptions struct {
	reporting
	terminal *os.File // where the text is read; nil if not a terminal
	env      func(string) string
	root     string // the working folder, to which paths are relative
	// lastSuccess is the end of the last run that assessed every key.
	lastSuccess time.Time
	noExit      bool // the exit code is not that of the report
	attest      render.AttestFunc
}

// formats are the report formats, in the order of the help.
var formats = []struct {
	name  string
	write func(io.Writer, *audit.Report, renderOptions) error
}{
	{"text", func(w io.Writer, r *audit.Report, o renderOptions) error { return render.Text(w, r, o.text(r)) }},
	{"json", func(w io.Writer, r *audit.Report, _ renderOptions) error { return render.JSON(w, r) }},
	{"jsonl", func(w io.Writer, r *audit.Report, _ renderOptions) error { return render.NewJSONLines(w).Report(r) }},
	{"markdown", func(w io.Writer, r *audit.Report, o renderOptions) error {
		return render.Markdown(w, r, render.MarkdownOptions{Threshold: o.failOn, Attest: o.attest})
	}},
	{"summary", func(w io.Writer, r *audit.Report, o renderOptions) error {
		return render.Markdown(w, r, render.MarkdownOptions{Summary: true, Threshold: o.failOn})
	}},
	{"html", func(w io.Writer, r *audit.Report, o renderOptions) error {
		return render.HTML(w, r, render.HTMLOptions{Threshold: o.failOn, Attest: o.attest})
	}},
	{"csv", func(w io.Writer, r *audit.Report, _ renderOptions) error {
		return render.CSV(w, r, render.CSVOptions{BOM: true})
	}},
	{"sarif", func(w io.Writer, r *audit.Report, o renderOptions) error {
		return render.SARIF(w, r, render.SARIFOptions{Root: o.root})
	}},
	{"junit", func(w io.Writer, r *audit.Report, _ renderOptions) error { return render.JUnit(w, r) }},
	{"ocsf", func(w io.Writer, r *audit.Report, _ renderOptions) error {
		return render.OCSF(w, r, render.OCSFOptions{})
	}},
	{"ocsf-compliance", func(w io.Writer, r *audit.Report, _ renderOptions) error {
		return render.OCSF(w, r, render.OCSFOptions{Class: render.Compliance})
	}},
	{"prometheus", func(w io.Writer, r *audit.Report, o renderOptions) error {
		return render.Prometheus(w, r, render.PrometheusOptions{Threshold: o.failOn, LastSuccess: o.lastSuccess})
	}},
	{"prometheus-keys", func(w io.Writer, r *audit.Report, o renderOptions) error {
		return render.Prometheus(w, r, render.PrometheusOptions{
			PerKey: true, Threshold: o.failOn, LastSuccess: o.lastSuccess,
		})
	}},
}

// readers are the modes of the formats that are usually read by others than the
// user who audits: the collector of metrics, and the server of web pages. Pages and
// the metrics of single keys name keys, so that they are for the file's group only.
var readers = map[string]fs.FileMode{"html": 0o640, "prometheus": 0o644, "prometheus-keys": 0o640}

func formatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// writeAs writes a report in a format.
func writeAs(w io.Writer, r *audit.Report, format string, o renderOptions) error {
	for _, f := range formats {
		if f.name == format {
			return f.write(w, r, o)
		}
	}
	return nil // the flags accept no others
}

// Columns of a text: as many as the terminal has, within what reads well.
const leastColumns, mostColumns = 80, 140

// text fits the text to where it is read.
func (o renderOptions) text(r *audit.Report) render.TextOptions {
	text := render.TextOptions{
		All: o.all, ByOwner: o.byOwner, Color: o.color == "always", Changes: o.quiet, Threshold: o.failOn, NoExit: o.noExit,
		Attest: o.attest, Next: nextStep(r), Width: leastColumns,
	}
	if o.color == "auto" {
		text.Color = render.ColorFor(o.terminal, o.env)
	}
	if columns, err := strconv.Atoi(o.env("COLUMNS")); err == nil && columns > 0 {
		text.Width = columns
	} else if o.terminal != nil {
		text.Width = min(max(terminalWidth(o.terminal, leastColumns), leastColumns), mostColumns)
	}
	return text
}

// outputs are all reports of a run.
type outputs []*reportWriter

// reportWriter is one report and where it goes.
type reportWriter struct {
	*output
	format  string
	options renderOptions
	lines   *render.JSONLines // for the format that is written result by result
	err     error             // the first one
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
		if r.format == "jsonl" {
			w.lines = render.NewJSONLines(out)
		}
		return w
	}
	first := open("--output", s.reporting)
	if terminal, ok := a.stdout.(*os.File); ok && s.output == "" {
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

// need reports whether any report that is written as a whole needs a result.
func (all outputs) need(r *audit.Result, report *audit.Report) bool {
	return slices.ContainsFunc(all, func(w *reportWriter) bool {
		return w.lines == nil && (w.format != "text" || !w.options.quiet || report.Baseline == nil || r.Changed())
	})
}

// write writes every report. If one cannot be written, the others still are.
func (all outputs) write(r *audit.Report) error {
	var first error
	for _, w := range all {
		if w.lines == nil {
			w.note(writeAs(w.output, r, w.format, w.options))
		} else {
			w.note(endLines(w.lines, r))
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

// endLines writes what comes after the results.
func endLines(lines *render.JSONLines, r *audit.Report) error {
	for _, f := range r.Findings {
		if err := lines.Finding(f); err != nil {
			return err
		}
	}
	return lines.Summary(r.Summary, r.Finished)
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

// writeWhole writes a report that is complete already.
func (all outputs) writeWhole(r *audit.Report) error {
	for _, w := range all {
		if w.lines == nil {
			continue
		}
		w.note(w.lines.Start(r))
		for _, result := range r.Results {
			w.note(w.lines.Result(result))
		}
	}
	return all.write(r)
}
