package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	if path == "" || path == "-" || path == "/dev/stdout" {
		return &output{Writer: stdout}, nil
	}
	if path == os.DevNull {
		return &output{Writer: io.Discard}, nil
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // so that the link remains a link
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &output{}, fmt.Errorf("%q is not a regular file", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".nightly-*") // mode 0600
	if err != nil {
		return &output{}, fmt.Errorf("cannot create a file in %q: check that the folder exists and is writable",
			filepath.Dir(path))
	}
	full := bufio.NewWriter(file)
	return &output{Writer: full, path: path, file: file, full: full}, nil
}

// setMode keeps the mode of a file that exists. A new file with counts only is
// readable by every user: its collector is another user.
func (o *output) setMode(countsOnly bool) {
	if o.file == nil {
		return
	}
	if info, err := os.Stat(o.path); err == nil {
		_ = o.file.Chmod(info.Mode().Perm())
	} else if countsOnly {
		_ = o.file.Chmod(0o644)
	}
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
	if err := o.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return err
	}
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
