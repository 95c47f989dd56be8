package sources

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// The largest files that are read, in bytes.
const (
	maxFile      = 1 << 20  // a file with secrets
	maxInventory = 64 << 20 // an inventory of 100,000 keys
)

var errTooLarge = errors.New("is too large")

// readFile reads a regular file of at most limit bytes. Its errors are clauses
// about the file, and contain neither its path nor its content.
func readFile(path string, limit int64, who readers) ([]byte, error) {
	file, err := openFile(path, who)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, errors.New("cannot be read")
	case int64(len(data)) > limit:
		return nil, errTooLarge
	}
	return data, nil
}

// checkFile finds out whether readFile would succeed, apart from the size.
func checkFile(path string, who readers) error {
	file, err := openFile(path, who)
	if err != nil {
		return err
	}
	return file.Close()
}

// readers are the users who may have access to a file.
type readers bool

const (
	anybody   readers = false
	ownerOnly readers = true
)

// openFile checks the open file and not the path, which could change in between.
func openFile(path string, who readers) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, errors.New("is not a file")
	}
	file, err := os.Open(path) //nolint:gosec // naming the file is what a reference is for
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("does not exist")
	case err != nil:
		return nil, errors.New("cannot be opened by this user")
	}
	info, err := file.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
		err = errors.New("cannot be read")
	case who == ownerOnly && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows": // its modes are not permissions
		err = fmt.Errorf("is accessible to other users (mode %04o): run chmod 600 on it", info.Mode().Perm())
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}
