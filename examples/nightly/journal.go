package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// journal keeps each result as soon as it is there, beside the state file, so
// that a run which is killed loses none. Without a state file it keeps
// nothing.
type journal struct {
	now     func() time.Time
	state   string
	file    *os.File
	lines   *render.JSONLines
	started time.Time       // when the run that it goes on with began
	results []*audit.Result // of that run
	before  string          // the end of the chain of the state so far
	err     error           // of the first result that could not be kept
}

const (
	journalSuffix = ".running"
	// mostResumed is how old a run may be that is gone on with: what it found
	// is told as tonight's.
	mostResumed = 24 * time.Hour
)

// openJournal begins a journal, or goes on with the one that a killed run
// left. It is locked: two runs on one state would spoil it.
func openJournal(state string, resume bool, before *audit.Report, now func() time.Time) (*journal, error) {
	j := &journal{state: state, now: now}
	if state == "" {
		return j, nil
	}
	path := state + journalSuffix
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the file is the user's choice
	if err != nil {
		return nil, fmt.Errorf("-state: no file can be made beside %s", showPath(state))
	}
	j.file = file
	if !lock(file) {
		j.close()
		return nil, fmt.Errorf("-state: another run is using %s: wait for it to end", showPath(state))
	}
	if err := j.recover(resume, before); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// recover reads what a killed run left, and cuts off a line that was not
// written to its end; without resume it begins anew.
func (j *journal) recover(resume bool, before *audit.Report) error {
	if !resume {
		return j.begin()
	}
	data, err := io.ReadAll(j.file)
	if err != nil {
		return fmt.Errorf("-resume: %s cannot be read", showPath(j.file.Name()))
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if len(whole) == 0 {
		return j.begin()
	}
	report, err := render.ReadJSONLines(bytes.NewReader(bytes.Clone(whole)))
	if err != nil && !errors.Is(err, render.ErrCutOff) {
		return fmt.Errorf("-resume: %s is damaged: run once without -resume to begin anew", showPath(j.file.Name()))
	}
	if before != nil && !before.Started.Before(report.Started) { // it came to its end, and was not cleared away
		return j.begin()
	}
	if age := j.now().Sub(report.Started); age < 0 || age > mostResumed {
		return fmt.Errorf("-resume: the run in %s began %s, too long ago to go on with: run once without -resume to begin anew",
			showPath(j.file.Name()), stamp(report.Started))
	}
	chain, _ := render.ReadChain(bytes.NewReader(whole))
	j.results, j.started = report.Results, report.Started
	j.lines = render.NewJSONLines(j.file).After(chain)
	if err := j.file.Truncate(int64(len(whole))); err != nil {
		return err
	}
	_, err = j.file.Seek(int64(len(whole)), io.SeekStart)
	return err
}

// begin writes the first line of a new journal.
func (j *journal) begin() error {
	j.lines = render.NewJSONLines(j.file)
	_, err := j.file.Seek(0, io.SeekStart)
	return errors.Join(err, j.file.Truncate(0), j.lines.Start(j.now().UTC(), nil))
}

// missing are the keys that the journal has no result of. Results of keys that
// are not asked for any more are dropped.
func (j *journal) missing(keys []audit.Key) []audit.Key {
	type identity struct{ name, exchange, environment string }
	wanted := make(map[identity]int, len(keys))
	for i, k := range keys {
		environment := k.Environment
		if environment == "" && len(k.Exchange.Environments) > 0 {
			environment = k.Exchange.Environments[0].Name
		}
		wanted[identity{k.Name, k.Exchange.Name, environment}] = i
	}
	done := make([]bool, len(keys))
	kept := j.results[:0]
	for _, r := range j.results {
		i, ok := wanted[identity{r.Name, r.Exchange, r.Snapshot.Environment}]
		if ok && !done[i] && keys[i].Egress == r.Snapshot.Egress && final(r) {
			done[i] = true
			r = r.Rejudge(keys[i].Policy, r.Snapshot.TakenAt, nil) // the inventory may have changed meanwhile
			r.Record, r.Findings = keys[i].Record, nil             // all are judged again, together
			kept = append(kept, r)
		}
	}
	j.results = kept
	if len(kept) == 0 {
		return keys
	}
	var left []audit.Key
	for i := range keys {
		if !done[i] {
			left = append(left, keys[i])
		}
	}
	return left
}

// final reports whether a result needs no further asking: the exchange answered, or
// refused this very key.
func final(r *audit.Result) bool {
	if r.Inspected() {
		return true
	}
	return !slices.Contains([]access.Kind{
		access.KindCanceled, access.KindUnavailable, access.KindRateLimited, access.KindBanned, access.KindInput,
	}, r.Snapshot.Failure.Kind)
}

// add keeps one result, unless an earlier one could not be kept.
func (j *journal) add(r *audit.Result) {
	if j.file != nil && j.err == nil {
		j.err = j.lines.Result(r)
	}
}

// successor is what the next run will compare with. It takes the state's place
// whole or not at all.
func (j *journal) successor() *written {
	out, err := openOutput(j.state, nil)
	if err != nil { // what is kept back by the error is not written anywhere
		out.Writer = io.Discard
	}
	return &written{output: out, lines: render.NewJSONLines(out).After(j.before), err: err}
}

// end removes the journal of a run that came to its end.
func (j *journal) end() error { return os.Remove(j.file.Name()) }

func (j *journal) close() {
	if j.file != nil {
		_ = j.file.Close()
	}
}
