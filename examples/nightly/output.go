package main

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// output is where the report goes: standard output, or a file that appears
// whole or not at all.
type output struct {
	io.Writer
	path string
	file *os.File // a temporary one beside path; nil for standard output
	full *bufio.Writer
}

// openOutput makes sure, before anything is sent, that the report can be
// written. A new file is readable by its owner alone.
func openOutput(path string, stdout io.Writer) (*output, error) {
	if path == "" {
		return &output{Writer: stdout}, nil
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // so that the link stays one
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &output{}, fmt.Errorf("%q is not a file", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".nightly-*") // mode 0600
	if err != nil {
		return &output{}, fmt.Errorf("no file can be made in %q", filepath.Dir(path))
	}
	full := bufio.NewWriter(file)
	return &output{Writer: full, path: path, file: file, full: full}, nil
}

// commit puts the finished report in the place of the old one.
func (o *output) commit() error {
	if o.file == nil {
		return nil
	}
	if err := o.full.Flush(); err != nil {
		return err
	}
	if err := o.file.Sync(); err != nil {
		return err
	}
	if err := o.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return err
	}
	o.file = nil
	if folder, err := os.Open(filepath.Dir(o.path)); err == nil {
		_ = folder.Sync() // some systems can't, and then need not
		_ = folder.Close()
	}
	return nil
}

// discard removes what was not committed.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close()
		_ = os.Remove(o.file.Name())
	}
}

// writeReport writes the results as they come (jsonl) or all together.
func writeReport(w io.Writer, s settings, results iter.Seq[*audit.Result], text render.TextOptions) (audit.Summary, error) {
	if s.format == "jsonl" {
		var summary audit.Summary
		lines := render.NewJSONLines(w)
		for result := range results {
			summary.Add(result)
			if err := lines.Result(result); err != nil {
				return summary, err
			}
		}
		return summary, lines.Summary(summary)
	}
	report := audit.Collect(results, nil)
	var err error
	switch s.format {
	case "json":
		err = render.JSON(w, report)
	case "markdown":
		err = render.Markdown(w, report, render.MarkdownOptions{})
	default:
		err = render.Text(w, report, text)
	}
	return report.Summary, err
}

// textOptions fits the text to where it is read.
func textOptions(s settings, stdout io.Writer, env func(string) string) render.TextOptions {
	o := render.TextOptions{All: s.all, Color: s.color == "always"}
	if terminal, ok := stdout.(*os.File); ok && s.color == "auto" && s.output == "" {
		o.Color = render.ColorFor(terminal, env)
	}
	if columns, err := strconv.Atoi(env("COLUMNS")); err == nil && columns > 0 {
		o.Width = columns
	}
	return o
}
