//go:build unix

package find

import (
	"io/fs"
	"syscall"
)

const nonblocking = syscall.O_NONBLOCK

// identity is what tells files apart whatever their names are.
type identity struct{ device, inode, links uint64 }

func identify(info fs.FileInfo) identity {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return identity{uint64(s.Dev), uint64(s.Ino), uint64(s.Nlink)} //nolint:unconvert // their types differ from system to system
	}
	return identity{}
}
