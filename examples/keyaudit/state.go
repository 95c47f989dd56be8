package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// lastSuffix is that of the file beside a state that says which state the last run
// left. A state that is put back or exchanged would otherwise hide what has changed
// since, and one that is gone would pass for a first run.
const lastSuffix = ".last"

// besideState are the endings of the further files of a state.
var besideState = []string{journalSuffix, lastSuffix}

// lastState reads the state, and finds out whether it is the one that the last run
// left.
func (a app) lastState(path string) (was previous) {
	report, err := readReport(path)
	left, known, wrong := readLast(path)
	gone := errors.Is(err, fs.ErrNotExist)
	switch {
	case gone && !known:
		a.log("--state: %s does not exist: this is the first run, and it is compared with nothing", showPath(path))
		return was
	case gone:
		was.doubt = fmt.Sprintf("%s is gone, which the run that ended %s left", showPath(path), stamp(left.finished))
	case err != nil: // which names the file
		was.doubt = err.Error()
	default:
		was = previous{report: report, chain: readChain(path)}
		switch {
		case wrong != nil:
			was.doubt = wrong.Error()
		case !known || was.chain == left.chain || after(path) == left.chain: // or a run was killed before it said so
		case report.Finished.Before(left.finished):
			was.doubt = fmt.Sprintf("%s is older than the state that the run that ended %s left", showPath(path), stamp(left.finished))
		default:
			was.doubt = fmt.Sprintf("%s is not the state that the run that ended %s left", showPath(path), stamp(left.finished))
		}
	}
	if was.doubt != "" {
		what := "this run is compared with it all the same"
		if was.report == nil {
			what = "this run is compared with nothing"
		}
		a.log("--state: %s; %s, and does not write the state: put the right one back, or begin a new one with --state-new",
			was.doubt, what)
	}
	return was
}

// last is which state a run left.
type last struct {
	chain    string
	finished time.Time
	demo     bool
}

// readLast reads which state the last run left, if that is known.
func readLast(state string) (l last, known bool, err error) {
	path := state + lastSuffix
	wrong := fmt.Errorf("%s cannot be read", showPath(path))
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return l, true, wrong
	}
	text, err := os.ReadFile(path) //nolint:gosec // beside the user's choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, false, nil
	case err != nil:
		return l, true, wrong
	}
	chain, at, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	at, _, _ = strings.Cut(at, " ")
	if l.finished, err = time.Parse(time.RFC3339Nano, at); err != nil || chain == "" {
		return l, true, wrong
	}
	l.chain = chain
	return l, true, nil
}

// write stores which state this run left.
func (l last) write(state string) error {
	out, err := openOutput(state+lastSuffix, nil)
	if err != nil {
		return err
	}
	defer out.discard()
	line := l.chain + " " + l.finished.UTC().Format(time.RFC3339Nano)
	if l.demo {
		line += " " + demoNotice
	}
	if _, err := fmt.Fprintln(out, line); err != nil {
		return err
	}
	return out.commit()
}

// after is the chain that a state says it follows.
func after(path string) string {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // opened for reading
	line, _ := bufio.NewReader(file).ReadBytes('\n')
	var start struct{ After string }
	_ = json.Unmarshal(line, &start) // a state that is none was refused before
	return start.After
}

// notAState says why a file may not be replaced by a new state: it is something
// else. One that is damaged may.
func notAState(path string) string {
	file, err := os.Open(path) //nolint:gosec // the file is the user's choice
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		return showPath(path) + " cannot be read: remove it"
	}
	defer file.Close() //nolint:errcheck // opened for reading
	head, err := io.ReadAll(io.LimitReader(file, 64))
	head = bytes.TrimSpace(head)
	switch {
	case err != nil:
		return showPath(path) + " cannot be read: remove it"
	case len(head) == 0, bytes.HasPrefix(head, []byte(`{"type":"`)), bytes.HasPrefix(bytes.TrimLeft(head, "{ \r\n"), []byte(`"schema"`)):
		return ""
	default:
		return showPath(path) + " is not a state: remove it, or name another file"
	}
}
