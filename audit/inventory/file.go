package inventory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// The largest files that are read, in bytes.
const (
	maxSecret = 64 << 10 // ten times the longest private key
	maxConfig = 64 << 20 // an inventory of 100,000 keys, or a bot's configuration
)

// readFile reads a regular file of at most limit bytes that may contain
// secrets, and says how it is kept. Symbolic links are followed, because
// Kubernetes uses them. Its errors name the file and nothing in it.
func readFile(path string, limit int64) ([]byte, access.Storage, error) {
	file, info, err := openFile(path, limit)
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
	return data, storageOf(path, info), nil
}

// checkFile finds out whether readFile would succeed.
func checkFile(path string, limit int64) error {
	file, _, err := openFile(path, limit)
	if err != nil {
		return err
	}
	return file.Close()
}

// openFile checks the open file and not the path, which could change in
// between.
func openFile(path string, limit int64) (*os.File, fs.FileInfo, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, nil, fmt.Errorf("%s is not a file", showPath(path))
	}
	file, err := os.Open(path) //nolint:gosec // naming the file is what a reference is for
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("the file %s does not exist", showPath(path))
	case err != nil:
		return nil, nil, fmt.Errorf("the file %s cannot be opened by this user", showPath(path))
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
	return fmt.Errorf("the file %s is larger than the limit of %d KiB", showPath(path), limit>>10)
}

// storageOf is what a file's path and mode say about how its content is kept.
func storageOf(path string, info fs.FileInfo) access.Storage {
	s := access.Storage{In: "file", File: path, Foreign: foreign(info)}
	if runtime.GOOS != "windows" { // where the mode does not hold the permissions
		s.Mode = uint32(info.Mode().Perm())
		s.Folder, s.FolderMode = sharedFolder(path)
	}
	return s
}

// sharedFolder is the first folder on the way to a file in which others can replace
// it or what leads to it: as it is named, and where its symbolic links lead.
func sharedFolder(path string) (string, uint32) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = path
	}
	for _, name := range []string{path, real} {
		name, err := filepath.Abs(name)
		if err != nil {
			continue
		}
		for folder := filepath.Dir(name); ; folder = filepath.Dir(folder) {
			info, err := os.Stat(folder)
			if err == nil && (foreign(info) || (info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0)) {
				return folder, uint32(info.Mode().Perm())
			}
			if folder == filepath.Dir(folder) {
				break
			}
		}
	}
	return "", 0
}
