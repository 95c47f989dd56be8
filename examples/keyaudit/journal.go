package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
)

// journal stores each result as soon as it comes, in a file beside the state, so
// that a killed run loses none. Without a state it stores nothing.
type journal struct {
	now     func() time.Time
	demo    bool
	state   string
	file    *os.File
	lines   *render.JSONLines
	started time.Time       // when the run that it continues began
	results []*audit.Result // of that run
	kept    map[string]*stored
	before  string // the end of the state's chain so far
	err     error  // of the first result that could not be stored
}

const (
	journalSuffix = ".running"
	// maxResumed is how old a run may be to be continued: its results count as
	// those of the new run.
	maxResumed = 24 * time.Hour
)

// openJournal begins a journal, or continues the one that a killed run left. It
// is locked, because two runs would spoil the state.
func openJournal(s *settings, before *audit.Report, now func() time.Time) (*journal, error) {
	j := &journal{state: s.state, demo: s.demo, now: now}
	if s.state == "" {
		return j, nil
	}
	if err := j.open(); err != nil {
		return nil, err
	}
	if err := j.recover(s.resume, before); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// open opens what an earlier run left, or creates the file, mode 0600. Whoever may
// write to the folder could have put a link there: it is not followed.
func (j *journal) open() error {
	path := j.path()
	file, err := os.OpenFile(path, os.O_RDWR|noFollow, 0) //nolint:gosec // the file is the user's choice
	if errors.Is(err, fs.ErrNotExist) {
		file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // likewise
	}
	if info, wrong := os.Lstat(path); err != nil && wrong == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("--state: %s is not a regular file: remove it", showPath(path))
	}
	switch {
	case err != nil:
		return fmt.Errorf("--state: cannot create a file beside %s: check that the folder is writable", showPath(j.state))
	case !lock(file), !isAt(file, path): // or another run has just replaced it
		_ = file.Close()
		return fmt.Errorf("--state: another run is using %s: wait for it to end", showPath(j.state))
	}
	j.file = file
	return nil
}

// recover reads what a killed run left, and cuts off an incomplete last line.
// Without resume it begins a new journal.
func (j *journal) recover(resume bool, before *audit.Report) error {
	if !resume {
		return j.begin()
	}
	data, err := io.ReadAll(j.file)
	if err != nil {
		return fmt.Errorf("--resume: %s cannot be read", showPath(j.path()))
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if len(whole) == 0 {
		return j.begin()
	}
	report, err := render.ReadJSONLines(bytes.NewReader(bytes.Clone(whole)))
	if err != nil && !errors.Is(err, render.ErrCutOff) {
		return fmt.Errorf("--resume: %s is damaged: run once without --resume", showPath(j.path()))
	}
	if report.Demo != j.demo {
		return errors.New(demoMismatch("--resume", report.Demo))
	}
	if before != nil && !before.Started.Before(report.Started) { // the run finished, and its journal was not removed
		return j.begin()
	}
	if age := j.now().Sub(report.Started); age < 0 || age > maxResumed {
		return fmt.Errorf("--resume: the run in %s began %s, too long ago to continue: run once without --resume",
			showPath(j.path()), stamp(report.Started))
	}
	chain, _ := render.ReadChain(bytes.NewReader(whole))
	j.results, j.started = report.Results, report.Started
	j.lines = render.NewJSONLines(j.file).After(chain)
	if err := errors.Join(j.file.Chmod(0o600), j.file.Truncate(int64(len(whole)))); err != nil {
		return err
	}
	_, err = j.file.Seek(int64(len(whole)), io.SeekStart)
	return err
}

// begin writes the first line of a new journal, in a new file: the old one may have
// another name, too, or be readable by others.
func (j *journal) begin() error {
	if runtime.GOOS == "windows" { // which renames no open file
		_, err := j.file.Seek(0, io.SeekStart)
		return errors.Join(err, j.file.Truncate(0), j.start(j.file))
	}
	file, err := createTemporary(filepath.Dir(j.path()))
	if err != nil {
		return fmt.Errorf("--state: cannot create a file beside %s: check that the folder is writable", showPath(j.state))
	}
	if err := os.Rename(file.Name(), j.path()); err != nil {
		_ = os.Remove(file.Name())
		_ = file.Close()
		return fmt.Errorf("--state: cannot write %s: check that the folder is writable", showPath(j.path()))
	}
	j.close()
	return j.start(file)
}

// start writes the first line.
func (j *journal) start(file *os.File) error {
	j.file, j.lines = file, render.NewJSONLines(file)
	return j.lines.Start(&audit.Report{Version: version(), Demo: j.demo, Started: j.now().UTC()})
}

func (j *journal) path() string { return j.state + journalSuffix }

// stored is a result of the run that is continued, for a key of this one.
type stored struct {
	result *audit.Result
	same   bool // the key is still the one that it is of
}

// errStored ends the inspection of a key whose result is stored.
var errStored = &access.Error{Kind: access.KindCanceled, Message: "its result is stored"}

// resume makes the keys that have a final result in the journal look, when their turn
// comes and their credentials are known, whether it is of the very same key: one that
// was replaced under its name is asked about. It returns how many have one. Results of
// keys that are no longer in the inventory are dropped.
func (j *journal) resume(keys []audit.Key) int {
	byName := make(map[string]*audit.Result, len(j.results))
	for _, r := range j.results {
		if final(r) {
			byName[r.Name] = r
		}
	}
	j.results, j.kept = nil, map[string]*stored{}
	for i := range keys {
		k := keys[i]
		result := byName[k.Name]
		if result == nil || k.Egress != result.Snapshot.Egress {
			continue
		}
		result = result.Rejudge(k.Policy, result.Snapshot.TakenAt, nil) // the inventory may have changed since
		result.Record, result.Findings = k.Record, nil                  // all are judged again, together
		s := &stored{result: result}
		j.kept[k.Name] = s
		keys[i].Load = func(ctx context.Context) (adapter.Credentials, error) {
			c, err := k.Credentials, error(nil)
			if k.Load != nil {
				c, err = k.Load(ctx)
			}
			if s.same = err == nil && k.Matches(result.Snapshot, c); s.same {
				return adapter.Credentials{}, errStored
			}
			return c, err
		}
	}
	return len(j.kept)
}

// taken is the stored result of a key, if it is still the same key.
func (j *journal) taken(name string) *audit.Result {
	if s := j.kept[name]; s != nil && s.same {
		return s.result
	}
	return nil
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
	return &reportWriter{output: out, writer: render.NewJSONLines(out).After(j.before), err: err}
}

// end removes the journal of a finished run.
func (j *journal) end() error { return os.Remove(j.path()) }

func (j *journal) close() {
	if j.file != nil {
		_ = j.file.Close()
	}
}
