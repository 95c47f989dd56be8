//go:build unix

package inventory

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// foreign: the file belongs to another user than the program's, and not to
// root.
func foreign(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && owner.Uid != 0 && int(owner.Uid) != os.Geteuid()
}

// ownGroup lets the command's end be that of its children too.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) == syscall.ESRCH {
			return os.ErrProcessDone
		}
		return nil
	}
}
