//go:build unix

package main

import (
	"os"
	"syscall"
)

// lock takes the file for this run; the system gives it back when the program
// ends, however that happens.
func lock(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
