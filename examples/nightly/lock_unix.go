//go:build unix

package main

import (
	"os"
	"syscall"
)

// lock locks the file for this run. The system unlocks it when the program ends,
// however it ends.
func lock(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
