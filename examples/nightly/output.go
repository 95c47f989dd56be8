package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// output is where the report goes: standard output, or a file that appears
// whole or not at all.
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
		path = target // so that the link stays one
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &output{}, fmt.Errorf("%q is not a file", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".nightly-*") // mode 0600
	if err != nil {
		return &output{}, fmt.Errorf("no file can be made in %q", filepath.Dir(path))
	}
	full := bufio.NewWriter(file)
	return &output{Writer: full, path: path, file: file, full: full}, nil
}

// public lets others read the file, where it has nothing but counts: whoever
// collects them is another user. One that is there keeps its mode.
func (o *output) public(countsOnly bool) {
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

// commit puts the finished report in the place of the old one.
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
		_ = folder.Sync() // some systems can't, and then need not
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
