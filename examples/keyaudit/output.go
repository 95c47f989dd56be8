package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// output is where a report goes: standard output, or a file that is replaced
// only by a complete one.
type output struct {
	io.Writer
	path string
	file *os.File // a temporary one beside path; nil for standard output
	full *bufio.Writer
}

// openOutput makes sure, before anything is sent, that the report can be
// written. A new file is readable by its owner alone.
func openOutput(path string, stdout io.Writer) (*output, error) {
	if isStandardOutput(path) {
		return &output{Writer: stdout}, nil
	}
	if path == os.DevNull {
		return &output{Writer: io.Discard}, nil
	}
	path = followed(path)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &output{}, fmt.Errorf("%q is not a regular file", path)
	}
	removeLeftovers(filepath.Dir(path))
	file, err := createTemporary(filepath.Dir(path))
	if err != nil {
		return &output{}, fmt.Errorf("cannot create a file in %q: check that the folder exists and is writable",
			filepath.Dir(path))
	}
	full := bufio.NewWriter(file)
	return &output{Writer: full, path: path, file: file, full: full}, nil
}

// followed is where a path leads, so that a link remains a link. Of a state, it is what
// the names of the files beside it are made of, whatever it is called.
func followed(path string) string {
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		return path
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

func isStandardOutput(path string) bool { return path == "" || path == "-" || path == "/dev/stdout" }

// temporary matches the files that become reports once they are complete.
var temporary = regexp.MustCompile(`^\.keyaudit-[0-9]+\.tmp$`)

// createTemporary creates a file that nobody else has, mode 0600. It is locked for as
// long as this run lives, so that another removes only what a killed one left.
func createTemporary(folder string) (*os.File, error) {
	for {
		file, err := os.CreateTemp(folder, ".keyaudit-*.tmp")
		if err != nil || (lock(file) && isAt(file, file.Name())) {
			return file, err
		}
		_ = file.Close() // another run took it for a left-over before it was locked
	}
}

// removeLeftovers removes what killed runs left in a folder: reports hold what keys
// may do.
func removeLeftovers(folder string) {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if !temporary.MatchString(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(folder, e.Name())
		if file, err := os.OpenFile(path, os.O_RDWR|noFollow, 0); err == nil { //nolint:gosec // of this program, by its name
			if lock(file) && isAt(file, path) {
				_ = os.Remove(path)
			}
			_ = file.Close()
		}
	}
}

// isAt reports whether an open file is the one at that path, and no link leads to it.
func isAt(file *os.File, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(open, there)
}

// setMode sets who may read the file: as asked or, if nothing is asked, as usual
// for its format. A file that others usually read keeps the mode that it has.
func (o *output) setMode(asked, usual fs.FileMode) error {
	if o.file == nil {
		return nil
	}
	mode := cmp.Or(asked, usual)
	if info, err := os.Stat(o.path); err == nil && asked == 0 && usual != 0 {
		mode = info.Mode().Perm()
	}
	if mode == 0 {
		return nil // as it was created, for its owner alone
	}
	return o.file.Chmod(mode)
}

// openNew is openOutput for a file that must not exist yet.
func openNew(path string, stdout io.Writer) (*output, error) {
	if path != "" {
		if _, err := os.Lstat(path); err == nil {
			return &output{}, fmt.Errorf("%q exists: name a new file", path)
		}
	}
	return openOutput(path, stdout)
}

// commit replaces the old report by the finished one.
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
	if runtime.GOOS == "windows" { // which renames no open file
		_ = o.file.Close()
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return err
	}
	_ = o.file.Close() // and unlocked: with another name, it is no left-over
	o.file = nil
	if folder, err := os.Open(filepath.Dir(o.path)); err == nil {
		_ = folder.Sync() // not every system can
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
