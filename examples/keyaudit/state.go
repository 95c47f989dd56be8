package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

const (
	// lastSuffix is that of the file beside a state that says which state the last run
	// left. A state that is put back or exchanged would otherwise hide what has changed
	// since, and one that is gone would pass for a first run.
	lastSuffix = ".last"
	// earlierSuffix is that of what an earlier version kept in the place of the state.
	earlierSuffix = ".earlier"
)

// besideState are the endings of the further files of a state.
var besideState = []string{lastSuffix, earlierSuffix, ".lock", "-wal", "-shm", "-journal"}

// lastState finds out whether the state is the one that the last run left. If not, it
// is a report to compare with, if there is one, and is not written.
func (a app) lastState(ctx context.Context, path string) (was previous, demo *bool) {
	left, known, wrong := readLast(path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !known:
		a.log("--state: %s does not exist: this is the first run, and it is compared with nothing", showPath(path))
		return was, nil
	case errors.Is(err, fs.ErrNotExist):
		was.doubt = fmt.Sprintf("%s is gone, which the run that ended %s left", showPath(path), stamp(left.finished))
	case err == nil && !info.Mode().IsRegular(): // which is refused with the outputs
	case err == nil && kindOf(path) != database:
		was, demo = a.oldState(path, left, known)
	default:
		was.doubt, demo = stateDoubt(ctx, path, left, known)
	}
	if wrong != nil {
		was.doubt = wrong.Error()
	}
	if was.doubt != "" && was.report == nil && demo != nil {
		was.report, _ = readReport(path)
	}
	if was.doubt != "" {
		what := "this run is compared with it all the same"
		if was.report == nil {
			what = "this run is compared with nothing"
		}
		a.log("--state: %s; %s, and does not write the state: put the right one back, or begin a new one with --state-new",
			was.doubt, what)
	}
	return was, demo
}

// stateDoubt says why a database is not the state that the last run left. Its last run
// tells whether it is of a demonstration.
func stateDoubt(ctx context.Context, path string, left last, known bool) (doubt string, demo *bool) {
	s, err := store.OpenForReading(ctx, path)
	if err != nil {
		return showPath(path) + " " + err.Error(), nil
	}
	defer s.Close() //nolint:errcheck // opened for reading
	run, err := s.Last(ctx)
	switch {
	case err != nil:
		return showPath(path) + " " + err.Error(), nil
	case run == nil && known:
		return showPath(path) + " has no run that ended, but another state had, which was here before", nil
	case run == nil:
		return "", nil
	}
	demo = &run.Report.Demo
	if !known || run.Digest == left.chain || follows(ctx, s, left.chain) {
		return "", demo
	}
	if run.Report.Finished.Before(left.finished) {
		return fmt.Sprintf("%s is older than the state that the run that ended %s left", showPath(path), stamp(left.finished)), demo
	}
	return fmt.Sprintf("%s is not the state that the run that ended %s left", showPath(path), stamp(left.finished)), demo
}

// follows reports whether the last run of a state came after one with a digest: a run
// was killed before it said so.
func follows(ctx context.Context, s *store.Store, digest string) bool {
	runs, err := s.List(ctx, 2)
	return err == nil && len(runs) == 2 && runs[1].Digest == digest
}

// oldState is the state of an earlier version, JSON Lines, if it is the one that the last
// run left.
func (a app) oldState(path string, left last, known bool) (was previous, demo *bool) {
	if problem := notAState(path); problem != "" {
		return previous{doubt: problem}, nil
	}
	report, err := readReport(path)
	if err != nil { // which names the file
		return previous{doubt: err.Error()}, nil
	}
	switch chain := readChain(path); {
	case !known || chain == left.chain:
		return was, &report.Demo
	case report.Finished.Before(left.finished):
		was.doubt = fmt.Sprintf("%s is older than the state that the run that ended %s left", showPath(path), stamp(left.finished))
	default:
		was.doubt = fmt.Sprintf("%s is not the state that the run that ended %s left", showPath(path), stamp(left.finished))
	}
	was.report = report
	return was, &report.Demo
}

// openState opens the state for writing, and makes room for a new one: what an earlier
// version left there is taken over once, and what is given up is kept beside it.
func (a app) openState(ctx context.Context, s *settings) (*store.Store, error) {
	wrong := func(err error) error { return fmt.Errorf("--state: %s %w", showPath(s.state), err) }
	switch info, err := os.Stat(s.state); {
	case err != nil:
	case !info.Mode().IsRegular():
		return nil, wrong(errors.New("is not a regular file: name another file"))
	case info.Size() == 0 && !s.stateNew:
		return nil, wrong(errors.New("is empty, and no state: name another file, or start anew by --state-new"))
	}
	release, err := store.Claim(s.state)
	if err != nil {
		return nil, wrong(err)
	}
	defer release()
	if s.stateNew {
		if err := giveUp(s.state, a.now()); err != nil {
			return nil, wrong(err)
		}
	} else if _, err := os.Stat(s.state); err == nil && kindOf(s.state) != database {
		if err := a.takeOver(ctx, s.state); err != nil {
			return nil, wrong(err)
		}
	}
	opened, err := store.Open(ctx, s.state, a.now)
	if err != nil {
		return nil, wrong(err)
	}
	return opened, nil
}

// giveUp moves a state away, with what belongs to it.
func giveUp(state string, now time.Time) error {
	lost := state + "." + now.UTC().Format("20060102T150405Z")
	if info, err := os.Stat(state); err == nil && info.Size() == 0 {
		if err := os.Remove(state); err != nil {
			return errors.New("cannot be replaced: check that its folder is writable")
		}
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", lastSuffix} {
		if _, err := os.Lstat(lost + suffix); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot be moved away: %s exists", showPath(lost+suffix))
		}
		if err := os.Rename(state+suffix, lost+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.New("cannot be moved away: check that its folder is writable")
		}
	}
	return nil
}

// takeOver makes a database of the JSON Lines that an earlier version kept. They stay,
// under another name.
func (a app) takeOver(ctx context.Context, path string) error {
	old, err := os.Open(path) //nolint:gosec // the user's choice
	if err != nil {
		return errors.New("cannot be read")
	}
	defer old.Close() //nolint:errcheck // opened for reading
	if _, err := os.Lstat(path + earlierSuffix); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("is a report, as an earlier version kept it, and %s exists: move that away, and the report is taken over", showPath(path+earlierSuffix))
	}
	empty, err := os.CreateTemp(filepath.Dir(path), ".keyaudit-*.tmp") // which the next run removes, if this one is killed
	if err != nil {
		return errors.New("cannot be replaced: check that its folder is writable")
	}
	_ = empty.Close()
	made := empty.Name()
	defer os.Remove(made) //nolint:errcheck // it has its place by then, or is left
	s, err := store.Open(ctx, made, a.now)
	if err != nil {
		return err
	}
	report, err := s.Import(ctx, old)
	var digest string
	if err == nil {
		digest, err = lastDigest(ctx, s)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	_ = os.Remove(made + ".lock")
	// The report keeps its name until the database takes it: a state that is missing would
	// pass for a first run.
	if os.Link(path, path+earlierSuffix) != nil && os.Rename(path, path+earlierSuffix) != nil {
		return errors.New("cannot be replaced: check that its folder is writable")
	}
	if err := errors.Join(os.Rename(made, path), last{digest, report.Finished, report.Demo}.write(path)); err != nil {
		return errors.New("cannot be replaced: check that its folder is writable")
	}
	a.log("--state: %s was a report, as an earlier version kept it: it is a database now, and the report is in %s", showPath(path), showPath(path+earlierSuffix))
	return nil
}

// lastDigest is the digest of the last run.
func lastDigest(ctx context.Context, s *store.Store) (string, error) {
	runs, err := s.List(ctx, 1)
	if err != nil || len(runs) == 0 {
		return "", errors.Join(err, store.ErrUnknown)
	}
	return runs[0].Digest, nil
}

// note notes which state this run left. The run counts without the note, if the state is
// in its place.
func (r *auditRun) note(ctx context.Context, report *audit.Report) error {
	path := r.settings.state
	err := last{report.Digest, report.Finished, r.demo}.write(path)
	if err == nil || !isLast(ctx, path, report.Digest) {
		return err
	}
	r.log("the run counts, but %s could not be written: the next run may not notice that the state was put back or exchanged", showPath(path+lastSuffix))
	return nil
}

// isLast reports whether the last run of the state has a digest.
func isLast(ctx context.Context, path, digest string) bool {
	s, err := store.OpenForReading(ctx, path)
	if err != nil {
		return false
	}
	defer s.Close() //nolint:errcheck // opened for reading
	is, err := lastDigest(ctx, s)
	return err == nil && is == digest
}

// last is which state a run left.
type last struct {
	chain    string // the digest of its last run
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

// judged are the results of a run in a store, as they are judged, which the store is
// told. The first error ends them.
func judged(ctx context.Context, s *store.Store, results iter.Seq2[audit.Stored, error], failed *error) iter.Seq[*audit.Result] {
	return func(yield func(*audit.Result) bool) {
		for r, err := range results {
			if err == nil {
				err = s.Judged(ctx, r)
			}
			if err != nil {
				*failed = err
				return
			}
			if !yield(r.Result) {
				return
			}
		}
	}
}
