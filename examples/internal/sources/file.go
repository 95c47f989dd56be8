package sources

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// The sizes up to which files are read, in bytes.
const (
	maxFile      = 1 << 20  // what a file with secrets holds
	maxInventory = 64 << 20 // an inventory of 100,000 keys
)

var errTooLarge = errors.New("is larger than is read of one")

// readFile reads a regular file of at most limit bytes. Its errors continue a
// sentence about the file, and hold neither its path nor anything of it.
func readFile(path string, limit int64, who reader) ([]byte, error) {
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

// checkFile finds out whether readFile would succeed, but for the size.
func checkFile(path string, who reader) error {
	file, err := openFile(path, who)
	if err != nil {
		return err
	}
	return file.Close()
}

// reader is who may have rights to a file.
type reader bool

const (
	anybody reader = false
	owner   reader = true
)

// openFile looks at the open file, so that nobody can swap it in between.
func openFile(path string, who reader) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, errors.New("is not a file")
	}
	file, err := os.Open(path) //nolint:gosec // naming the file is what a reference is for
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("does not exist")
	case err != nil:
		return nil, errors.New("may not be read by this user")
	}
	info, err := file.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
		err = errors.New("cannot be read")
	case who == owner && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows": // there, rights are not in the mode
		err = fmt.Errorf("is open to others (mode %04o): run chmod 600 on it", info.Mode().Perm())
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}
