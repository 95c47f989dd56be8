package main

import (
	"io"
	"io/fs"
	"os"
	"strconv"
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
	trend       []render.Point // of earlier runs; none without a state
	temp        string         // the folder for what a format can't write yet
	rules       []*audit.Rule  // that judged; nil for the catalogue's
}

// formats are the report formats, in the order of the help.
var formats = []struct {
	name string
	open func(io.Writer, renderOptions) render.Writer
}{
	{"text", newText},
	{"json", func(w io.Writer, _ renderOptions) render.Writer { return render.NewJSON(w) }},
	{"jsonl", func(w io.Writer, _ renderOptions) render.Writer { return render.NewJSONLines(w) }},
	{"markdown", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewMarkdown(w, render.MarkdownOptions{Threshold: o.failOn, Attest: o.attest, Trend: o.trend})
	}},
	{"summary", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewMarkdown(w, render.MarkdownOptions{Summary: true, Threshold: o.failOn, Trend: o.trend})
	}},
	{"html", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewHTML(w, render.HTMLOptions{Threshold: o.failOn, Attest: o.attest, Trend: o.trend, Rules: o.rules})
	}},
	{"csv", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewCSV(w, render.CSVOptions{BOM: true, Temp: o.temp})
	}},
	{"sarif", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewSARIF(w, render.SARIFOptions{Root: o.root, Temp: o.temp, Rules: o.rules})
	}},
	{"junit", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewJUnit(w, render.JUnitOptions{Temp: o.temp})
	}},
	{"ocsf", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewOCSF(w, render.OCSFOptions{Rules: o.rules})
	}},
	{"ocsf-compliance", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewOCSF(w, render.OCSFOptions{Class: render.Compliance, Rules: o.rules})
	}},
	{"prometheus", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewPrometheus(w, render.PrometheusOptions{Threshold: o.failOn, LastSuccess: o.lastSuccess, Temp: o.temp})
	}},
	{"prometheus-keys", func(w io.Writer, o renderOptions) render.Writer {
		return render.NewPrometheus(w, render.PrometheusOptions{
			PerKey: true, Threshold: o.failOn, LastSuccess: o.lastSuccess, Temp: o.temp,
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

// newWriter writes a report in a format.
func newWriter(w io.Writer, format string, o renderOptions) render.Writer {
	for _, f := range formats {
		if f.name == format {
			return f.open(w, o)
		}
	}
	panic("the flags accept no other format than those of the list: " + format)
}

// newText also says what to do next, for which it looks at every result.
func newText(w io.Writer, o renderOptions) render.Writer {
	next := newNextStep(o.flags)
	options := o.text()
	options.Next = next.String
	return &textWriter{render.NewText(w, options), next}
}

type textWriter struct {
	render.Writer
	next *nextStep
}

func (t *textWriter) Result(r *audit.Result) error {
	t.next.key(r)
	return t.Writer.Result(r)
}

func (t *textWriter) End(r *audit.Report) error {
	t.next.end(r)
	return t.Writer.End(r)
}

// Columns of a text: as many as the terminal has, within what reads well.
const leastColumns, mostColumns = 80, 140

// text fits the text to where it is read.
func (o renderOptions) text() render.TextOptions {
	text := render.TextOptions{
		All: o.all, ByOwner: o.byOwner, Color: o.color == "always", Changes: o.quiet, Threshold: o.failOn, NoExit: o.noExit || o.failOnNew,
		Attest: o.attest, Width: leastColumns, Rules: o.rules,
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
