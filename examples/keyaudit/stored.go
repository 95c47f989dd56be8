package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// previous is what a run without a state is compared with. The zero value is nothing.
type previous struct {
	report *audit.Report
	// doubt is why the state cannot be taken for that of the last run. The state is
	// kept as it is then, and the run ends with 3, until --state-new is given.
	doubt string
}

// baseline reads what to compare with.
func (a app) baseline(ctx context.Context, s *settings) (was previous, problems []string) {
	flag := "--state"
	var demo *bool
	switch {
	case s.since != "":
		flag = "--since"
		a.read.reads(s.since)
		report, err := readReport(s.since)
		if err != nil {
			return was, []string{"--since: " + err.Error()}
		}
		was.report, demo = report, &report.Demo
	case s.demo && kindOf(s.state) != missing && !isOfDemo(s.state): // which is refused with the outputs
	case s.demo && s.state != "" && len(s.keys)+len(s.from) > 0: // which is refused as a combination
	case s.state != "" && s.stateNew:
		if problem := notAState(s.state); problem != "" {
			return was, []string{"--state-new: " + problem}
		}
	case s.state != "":
		was, demo = a.lastState(ctx, s.state)
	}
	if demo != nil && *demo != s.demo {
		return was, []string{demoMismatch(flag, *demo)}
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

// readReport reads a stored report: JSON, JSON Lines, or the last run of a state.
func readReport(path string) (*audit.Report, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, fmt.Errorf("%s is not a regular file", showPath(path))
	}
	if kindOf(path) == database {
		return readState(context.Background(), path)
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

// readState is the last run of a state, compared with the one before it.
func readState(ctx context.Context, path string) (*audit.Report, error) {
	wrong := func(err error) error { return fmt.Errorf("%s %w", showPath(path), err) }
	s, err := store.OpenForReading(ctx, path)
	if err != nil {
		return nil, wrong(err)
	}
	defer s.Close() //nolint:errcheck // opened for reading
	last, err := s.Last(ctx)
	switch {
	case err != nil:
		return nil, wrong(err)
	case last == nil:
		return nil, wrong(errors.New("has no run that ended"))
	}
	return runOf(ctx, s, last.Before, last.ID)
}

// runOf is a run of a state as a report.
func runOf(ctx context.Context, s *store.Store, before, id int64) (*audit.Report, error) {
	runs, err := s.Between(ctx, before, id)
	if errors.Is(err, store.ErrUnknown) && before != 0 { // the earlier run was removed
		runs, err = s.Between(ctx, 0, id)
	}
	if err != nil {
		return nil, err
	}
	report, results := audit.CompareRuns(ctx, runs, nil)
	for r, err := range results {
		if err != nil {
			return nil, err
		}
		report.Results = append(report.Results, r.Result)
	}
	return report, nil
}

// notAState says why a file may not be replaced by a new state: it is something
// else. One that is damaged may.
func notAState(path string) string {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return showPath(path) + " is not a state: name another file"
	}
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		return showPath(path) + " cannot be read by this user: name another file"
	}
	defer file.Close() //nolint:errcheck // opened for reading
	head, err := io.ReadAll(io.LimitReader(file, 100))
	is := bytes.TrimSpace(head)
	switch {
	case err != nil:
		return showPath(path) + " cannot be read by this user: name another file"
	case len(is) == 0, isOldState(is), store.Marked(head):
		return ""
	default:
		return showPath(path) + " is not a state: name another file"
	}
}

// isOldState reports whether a file begins as a state of an earlier version does.
func isOldState(head []byte) bool {
	return bytes.HasPrefix(head, []byte(`{"type":"`)) || bytes.HasPrefix(bytes.TrimLeft(head, "{ \r\n"), []byte(`"schema"`))
}
