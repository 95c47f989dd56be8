package main

import (
	"cmp"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// page is what a report is written with.
type page struct {
	reporting
	terminal *os.File // where the text is read; nil if that is no terminal
	env      func(string) string
	root     string // the working folder, which files are named relative to
	// lastSuccess is the end of the last run that assessed every key.
	lastSuccess time.Time
	noExit      bool // the exit code is not that of the report
}

// formats are the ways to write a report, in the order of the help.
var formats = []struct {
	name  string
	write func(io.Writer, *audit.Report, page) error
}{
	{"text", func(w io.Writer, r *audit.Report, p page) error { return render.Text(w, r, p.text()) }},
	{"json", func(w io.Writer, r *audit.Report, _ page) error { return render.JSON(w, r) }},
	{"jsonl", func(w io.Writer, r *audit.Report, _ page) error { return render.NewJSONLines(w).Report(r) }},
	{"markdown", func(w io.Writer, r *audit.Report, p page) error {
		return render.Markdown(w, r, render.MarkdownOptions{Threshold: p.failOn})
	}},
	{"summary", func(w io.Writer, r *audit.Report, p page) error {
		return render.Markdown(w, r, render.MarkdownOptions{Summary: true, Threshold: p.failOn})
	}},
	{"html", func(w io.Writer, r *audit.Report, p page) error {
		return render.HTML(w, r, render.HTMLOptions{Threshold: p.failOn})
	}},
	{"csv", func(w io.Writer, r *audit.Report, _ page) error {
		return render.CSV(w, r, render.CSVOptions{BOM: true})
	}},
	{"sarif", func(w io.Writer, r *audit.Report, p page) error {
		return render.SARIF(w, r, render.SARIFOptions{Root: p.root})
	}},
	{"junit", func(w io.Writer, r *audit.Report, _ page) error { return render.JUnit(w, r) }},
	{"ocsf", func(w io.Writer, r *audit.Report, _ page) error { return render.OCSF(w, r, render.OCSFOptions{}) }},
	{"ocsf-compliance", func(w io.Writer, r *audit.Report, _ page) error {
		return render.OCSF(w, r, render.OCSFOptions{Class: render.Compliance})
	}},
	{"prometheus", func(w io.Writer, r *audit.Report, p page) error {
		return render.Prometheus(w, r, render.PrometheusOptions{Threshold: p.failOn, LastSuccess: p.lastSuccess})
	}},
	{"prometheus-keys", func(w io.Writer, r *audit.Report, p page) error {
		return render.Prometheus(w, r, render.PrometheusOptions{PerKey: true, Threshold: p.failOn, LastSuccess: p.lastSuccess})
	}},
}

func formatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// writeAs writes a report in a format.
func writeAs(w io.Writer, r *audit.Report, format string, p page) error {
	for _, f := range formats {
		if f.name == format {
			return f.write(w, r, p)
		}
	}
	return nil // the flags know no others
}

// text fits the text to where it is read.
func (p page) text() render.TextOptions {
	o := render.TextOptions{All: p.all, Color: p.color == "always", Changes: p.quiet, Threshold: p.failOn, NoExit: p.noExit}
	if p.color == "auto" {
		o.Color = render.ColorFor(p.terminal, p.env)
	}
	if columns, err := strconv.Atoi(p.env("COLUMNS")); err == nil && columns > 0 {
		o.Width = columns
	}
	return o
}

// outputs are all reports of a run.
type outputs []*written

// written is one report and where it goes.
type written struct {
	*output
	format string
	page   page
	lines  *render.JSONLines // for the format that needs no whole report
	err    error             // the first one
}

func openOutputs(s *settings, m machine) (outputs, []string) {
	var problems []string
	var all outputs
	root, _ := os.Getwd()
	open := func(flag string, r reporting) *written {
		out, err := openOutput(r.output, m.stdout)
		if err != nil {
			problems = append(problems, flag+": "+err.Error())
		}
		w := &written{output: out, format: r.format, page: page{reporting: r, env: m.env, root: root}}
		if err == nil && strings.HasPrefix(r.format, "prometheus") {
			w.page.lastSuccess = lastSuccess(r.output)
			out.public(r.format == "prometheus")
		}
		if r.format == "jsonl" {
			w.lines = render.NewJSONLines(out)
		}
		return w
	}
	first := open("-output", s.reporting)
	if terminal, ok := m.stdout.(*os.File); ok && s.output == "" {
		first.page.terminal = terminal
	}
	all = append(all, first)
	for _, t := range s.reports {
		own := s.reporting
		own.format, own.output, own.quiet, own.color = t.format, t.path, false, "never"
		all = append(all, open("-report", own))
	}
	if s.state != "" { // it is written at the end, and it is better to know now
		open("-state", reporting{output: s.state}).discard()
	}
	return all, problems
}

// keeps reports whether a report that is written as a whole needs a result.
func (all outputs) keeps(r *audit.Result, report *audit.Report) bool {
	return slices.ContainsFunc(all, func(w *written) bool {
		return w.lines == nil && (w.format != "text" || !w.page.quiet || report.Baseline == nil || r.Changed())
	})
}

// write writes every report. One that can't be written keeps none of the others
// back.
func (all outputs) write(r *audit.Report) error {
	var first error
	for _, w := range all {
		if w.lines == nil {
			w.keep(writeAs(w.output, r, w.format, w.page))
		} else {
			w.keep(endLines(w.lines, r))
		}
		if w.err == nil { // half a report is not put in the place of a whole one
			w.err = w.commit()
		}
		first = cmp.Or(first, w.err)
	}
	return first
}

func (w *written) keep(err error) { w.err = cmp.Or(w.err, err) }

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

// lastSuccess is what the Prometheus file that will be replaced says of it.
func lastSuccess(path string) time.Time {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return time.Time{}
	}
	defer file.Close() //nolint:errcheck // opened for reading
	at, _ := render.PrometheusLastSuccess(file)
	return at
}

// show writes a report that is there as a whole.
func (all outputs) show(r *audit.Report) error {
	for _, w := range all {
		if w.lines == nil {
			continue
		}
		w.keep(w.lines.Start(r.Started, r.Baseline))
		for _, result := range r.Results {
			w.keep(w.lines.Result(result))
		}
	}
	return all.write(r)
}
