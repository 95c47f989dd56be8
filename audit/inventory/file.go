package inventory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// The sizes up to which files are read, in bytes.
const (
	maxSecret = 64 << 10 // the longest private key is a tenth of it
	maxConfig = 64 << 20 // an inventory of 100,000 keys, or a bot's configuration
)

// openSecret reads a regular file of at most limit bytes that may hold
// secrets, through links too, as Kubernetes makes them, and says how it is
// kept. Its errors say where and never what.
func openSecret(path string, limit int64) ([]byte, access.Storage, error) {
	file, info, err := open(path, limit)
	if err != nil {
		return nil, access.Storage{}, err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, access.Storage{}, fmt.Errorf("the file %s cannot be read", showPath(path))
	case int64(len(data)) > limit: // it grew
		return nil, access.Storage{}, tooLarge(path, limit)
	}
	return data, kept(path, info), nil
}

// checkFile finds out whether openSecret would succeed.
func checkFile(path string, limit int64) error {
	file, _, err := open(path, limit)
	if err != nil {
		return err
	}
	return file.Close()
}

// open looks at the open file, so that nobody can swap it in between.
func open(path string, limit int64) (*os.File, fs.FileInfo, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, nil, fmt.Errorf("%s is not a file", showPath(path))
	}
	file, err := os.Open(path) //nolint:gosec // naming the file is what a reference is for
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("the file %s does not exist", showPath(path))
	case err != nil:
		return nil, nil, fmt.Errorf("the file %s may not be read by this user", showPath(path))
	}
	info, err := file.Stat()
	switch {
	case err != nil || !info.Mode().IsRegular():
		err = fmt.Errorf("the file %s cannot be read", showPath(path))
	case info.Size() == 0:
		err = fmt.Errorf("the file %s is empty", showPath(path))
	case info.Size() > limit:
		err = tooLarge(path, limit)
	}
	if err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

func tooLarge(path string, limit int64) error {
	return fmt.Errorf("the file %s is larger than %d KiB, which is the most that is read of one", showPath(path), limit>>10)
}

// kept is what a file's place and mode say about what stands in it.
func kept(path string, info fs.FileInfo) access.Storage {
	s := access.Storage{In: "file", File: path, Foreign: foreign(info)}
	if runtime.GOOS != "windows" { // there, rights are not in the mode
		s.Mode = uint32(info.Mode().Perm())
	}
	return s
}
