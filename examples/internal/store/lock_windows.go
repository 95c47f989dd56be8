package store

import (
	"os"

	"golang.org/x/sys/windows"
)

const noFollow = 0

// lock locks the file for this program. The system unlocks it when the program ends,
// however it ends.
func lock(file *os.File) bool {
	const how = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(file.Fd()), how, 0, 1, 0, &windows.Overlapped{}) == nil
}

func unlock(file *os.File) error { return file.Close() }
