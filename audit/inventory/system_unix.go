//go:build unix

package inventory

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// foreign reports whether the file belongs to a user other than the program's
// and root.
func foreign(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && owner.Uid != 0 && int(owner.Uid) != os.Geteuid()
}

// ownGroup gives the command a process group, so that its children end with
// it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) == syscall.ESRCH {
			return os.ErrProcessDone
		}
		return nil
	}
}
