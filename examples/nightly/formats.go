package main

import (
	"cmp"
	"io"
	"os"
	"regexp"
	"strconv"
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
}

// formats are the ways to write a report, in the order of the help.
var formats = []struct {
	name  string
	write func(io.Writer, *audit.Report, page) error
}{
	{"text", func(w io.Writer, r *audit.Report, p page) error { return render.Text(w, r, p.text()) }},
	{"json", func(w io.Writer, r *audit.Report, _ page) error { return render.JSON(w, r) }},
	{"jsonl", func(w io.Writer, r *audit.Report, _ page) error { return writeLines(w, r) }},
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
	o := render.TextOptions{All: p.all, Color: p.color == "always", Changes: p.quiet, Threshold: p.failOn}
	if p.color == "auto" {
		o.Color = render.ColorFor(p.terminal, p.env)
	}
	if columns, err := strconv.Atoi(p.env("COLUMNS")); err == nil && columns > 0 {
		o.Width = columns
	}
	return o
}

// outputs are all reports of a run.
type outputs struct {
	main    *output
	further []*output // one for each -report
}

func openOutputs(s *settings, stdout io.Writer) (*outputs, []string) {
	var problems []string
	open := func(flag, path string) *output {
		out, err := openOutput(path, stdout)
		if err != nil {
			problems = append(problems, flag+": "+err.Error())
		}
		return out
	}
	o := &outputs{main: open("-output", s.output)}
	for _, t := range s.reports {
		o.further = append(o.further, open("-report", t.path))
	}
	if s.state != "" { // it is written at the end, and it is better to know now
		open("-state", s.state).discard()
	}
	return o, problems
}

// write writes every report. One that can't be written keeps none of the
// others back.
func (o *outputs) write(r *audit.Report, s *settings, m machine) error {
	root, _ := os.Getwd()
	p := page{reporting: s.reporting, env: m.env, root: root, lastSuccess: lastSuccess(s.output)}
	if terminal, ok := m.stdout.(*os.File); ok && s.output == "" {
		p.terminal = terminal
	}
	err := firstError(writeAs(o.main, r, s.format, p), o.main.commit)
	for i, out := range o.further {
		own := page{reporting: s.reporting, env: m.env, root: root, lastSuccess: lastSuccess(s.reports[i].path)}
		own.quiet, own.color = false, "never"
		err = cmp.Or(err, firstError(writeAs(out, r, s.reports[i].format, own), out.commit))
	}
	return err
}

// firstError goes on only if all is well so far: half a report is not put in
// the place of a whole one.
func firstError(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

var success = regexp.MustCompile(`(?m)^exchangekeyaudit_last_success_timestamp_seconds ([0-9]{1,12})`)

// lastSuccess is what the Prometheus file that will be replaced says of it.
func lastSuccess(path string) time.Time {
	text, err := os.ReadFile(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return time.Time{}
	}
	if found := success.FindSubmatch(text); found != nil {
		if seconds, err := strconv.ParseInt(string(found[1]), 10, 64); err == nil && seconds > 0 {
			return time.Unix(seconds, 0).UTC()
		}
	}
	return time.Time{}
}

func (o *outputs) discard() {
	o.main.discard()
	for _, out := range o.further {
		out.discard()
	}
}

// writeLines writes a whole report as JSON Lines.
func writeLines(w io.Writer, r *audit.Report) error { return render.NewJSONLines(w).Report(r) }
