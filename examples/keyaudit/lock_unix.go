//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// noFollow refuses to open what a link leads to.
const noFollow = syscall.O_NOFOLLOW

// lock locks the file for this run. The system unlocks it when the program ends,
// however it ends.
func lock(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// isOwn reports whether a file belongs to the user who runs this.
func isOwn(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(stat.Uid) == os.Geteuid()
}

// keepOwner gives a file the owner of the one that it will replace.
func keepOwner(file *os.File, path string) error {
	var was syscall.Stat_t
	if err := syscall.Stat(path, &was); err != nil {
		return errors.New("it cannot be read")
	}
	if int(was.Uid) == os.Geteuid() && int(was.Gid) == os.Getegid() {
		return nil
	}
	if err := file.Chown(int(was.Uid), int(was.Gid)); err != nil {
		return errors.New("it belongs to another user or group: run this as that user")
	}
	return nil
}
