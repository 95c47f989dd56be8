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

// journal stores each result as soon as it comes, in a file beside the state, so
// that a killed run loses none. Without a state it stores nothing.
type journal struct {
	now     func() time.Time
	state   string
	file    *os.File
	lines   *render.JSONLines
	started time.Time       // when the run that it continues began
	results []*audit.Result // of that run
	before  string          // the end of the state's chain so far
	err     error           // of the first result that could not be stored
}

const (
	journalSuffix = ".running"
	// maxResumed is how old a run may be to be continued: its results count as
	// those of the new run.
	maxResumed = 24 * time.Hour
)

// openJournal begins a journal, or continues the one that a killed run left. It
// is locked, because two runs would spoil the state.
func openJournal(state string, resume bool, before *audit.Report, now func() time.Time) (*journal, error) {
	j := &journal{state: state, now: now}
	if state == "" {
		return j, nil
	}
	path := state + journalSuffix
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the file is the user's choice
	if err != nil {
		return nil, fmt.Errorf("-state: cannot create a file beside %s: check that the folder is writable", showPath(state))
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

// recover reads what a killed run left, and cuts off an incomplete last line.
// Without resume it begins a new journal.
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
		return fmt.Errorf("-resume: %s is damaged: run once without -resume", showPath(j.file.Name()))
	}
	if before != nil && !before.Started.Before(report.Started) { // the run finished, and its journal was not removed
		return j.begin()
	}
	if age := j.now().Sub(report.Started); age < 0 || age > maxResumed {
		return fmt.Errorf("-resume: the run in %s began %s, too long ago to continue: run once without -resume",
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

// missing are the keys without a result in the journal. Results of keys that are
// no longer in the inventory are dropped.
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
			r = r.Rejudge(keys[i].Policy, r.Snapshot.TakenAt, nil) // the inventory may have changed since
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

// final reports whether a result stands without asking again: the exchange
// answered, or refused this very key.
func final(r *audit.Result) bool {
	if r.Inspected() {
		return true
	}
	return !slices.Contains([]access.Kind{
		access.KindCanceled, access.KindUnavailable, access.KindRateLimited, access.KindBanned, access.KindInput,
	}, r.Snapshot.Failure.Kind)
}

// add stores one result, unless an earlier one could not be stored.
func (j *journal) add(r *audit.Result) {
	if j.file != nil && j.err == nil {
		j.err = j.lines.Result(r)
	}
}

// successor is the next state. It replaces the state only when complete.
func (j *journal) successor() *reportWriter {
	out, err := openOutput(j.state, nil)
	if err != nil { // which keeps it from being committed
		out.Writer = io.Discard
	}
	return &reportWriter{output: out, lines: render.NewJSONLines(out).After(j.before), err: err}
}

// end removes the journal of a finished run.
func (j *journal) end() error { return os.Remove(j.file.Name()) }

func (j *journal) close() {
	if j.file != nil {
		_ = j.file.Close()
	}
}
