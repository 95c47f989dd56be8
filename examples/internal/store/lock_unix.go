//go:build unix

package store

import (
	"errors"
	"os"
	"syscall"
)

// noFollow refuses to open what a link leads to.
const noFollow = syscall.O_NOFOLLOW

// lock locks the file for this program. The system unlocks it when the program ends,
// however it ends.
func lock(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// unlock ends that now. To close the file is not enough: a program that is just being
// started by this process has it open too, until it runs.
func unlock(file *os.File) error {
	return errors.Join(syscall.Flock(int(file.Fd()), syscall.LOCK_UN), file.Close())
}
