package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// previous is what a run is compared with. The zero value is nothing.
type previous struct {
	report *audit.Report
	chain  string // the end of its chain; empty if it has none
	// doubt is why the state cannot be taken for that of the last run. The state is
	// kept as it is then, and the run ends with 3, until --state-new is given.
	doubt string
}

// baseline reads the report to compare with.
func (a app) baseline(s *settings) (was previous, problems []string) {
	switch {
	case s.since != "":
		a.read.reads(s.since)
		report, err := readReport(s.since)
		if err != nil {
			return was, []string{"--since: " + err.Error()}
		}
		was = previous{report: report, chain: readChain(s.since)}
	case s.state != "" && s.stateNew:
		if problem := notAState(s.state); problem != "" {
			return was, []string{"--state-new: " + problem}
		}
	case s.state != "":
		was = a.lastState(s.state)
	}
	flag := "--state"
	if s.since != "" {
		flag = "--since"
	}
	if was.report != nil && was.report.Demo != s.demo {
		return was, []string{demoMismatch(flag, was.report.Demo)}
	}
	return was, nil
}

// demoMismatch says that a demonstration and a real run are not compared.
func demoMismatch(flag string, demo bool) string {
	if demo {
		return flag + ": the report is of a demonstration, and this run is not: name another file"
	}
	return flag + ": a demonstration is not compared with the report of a real run: name another file"
}

// readChain is the end of a report's chain; a JSON report has none.
func readChain(path string) string {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // opened for reading
	chain, _ := render.ReadChain(file)
	return chain
}

// readsStored notes the reports that a command line names.
func (a app) readsStored(paths []string) {
	for _, path := range paths {
		a.read.reads(path)
	}
}

// readReport reads a stored report, JSON or JSON Lines.
func readReport(path string) (*audit.Report, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, fmt.Errorf("%s is not a regular file", showPath(path))
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", showPath(path), fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read", showPath(path))
	}
	defer file.Close() //nolint:errcheck // opened for reading
	report, err := render.ReadReport(file)
	if err != nil {
		return nil, errors.New(showPath(path) + ": " + strings.TrimPrefix(err.Error(), "render: "))
	}
	return report, nil
}
