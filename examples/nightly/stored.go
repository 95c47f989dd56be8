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

// baseline reads the report to compare with, which the first run does not have,
// and the end of its chain.
func (a app) baseline(s *settings) (report *audit.Report, chain string, problems []string) {
	flag, path := "-state", s.state
	if s.since != "" {
		flag, path = "-since", s.since
	}
	if path == "" {
		return nil, "", nil
	}
	report, err := readReport(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag == "-state":
		return nil, "", nil
	case err != nil:
		return nil, "", []string{flag + ": " + err.Error()}
	}
	if file, err := os.Open(path); err == nil { //nolint:gosec // the file is the user's choice
		defer file.Close()                //nolint:errcheck // opened for reading
		chain, _ = render.ReadChain(file) // a JSON report has none
	}
	return report, chain, nil
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
