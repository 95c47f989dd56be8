package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// watched is what can be seen of a run of the program from outside.
type watched struct {
	code             int
	output, children string // of the program itself; its arguments, and all of its children
	files            string // in the folder for temporary files, at any moment
	left             []string
}

// recorder stands before a program in PATH: it notes what the list of processes has of it,
// and the temporary files that there are at the time, and then is that program.
const recorder = `#!/bin/sh
{ echo "started %[1]s"; cat /proc/$$/cmdline /proc/$$/environ; find '%[3]s' -type f -exec cat {} +; } >> '%[4]s' 2>&1
exec '%[2]s' "$@"
`

// watch runs the program as a process of its own, with secrets in its environment.
func watch(t *testing.T, environ []string, args ...string) (w watched) {
	t.Helper()
	programs, temporary := t.TempDir(), t.TempDir()
	log := filepath.Join(t.TempDir(), "log")
	writeFile(t, log, 0o600, "")
	for _, name := range []string{"git", "ssh-keygen"} {
		real, err := exec.LookPath(name)
		if err != nil {
			real = "/bin/false"
		}
		writeFile(t, filepath.Join(programs, name), 0o700, fmt.Sprintf(recorder, name, real, temporary, log))
	}
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append([]string{"PATH=" + programs + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + temporary, "NIGHTLY_CHILD=main"}, environ...)
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var seen, files strings.Builder
	for running := true; running; {
		select {
		case <-ended:
			running = false
		default:
			arguments, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", cmd.Process.Pid))
			seen.Write(arguments)
			children(cmd.Process.Pid, arguments, &seen)
			allText(temporary, &files)
			time.Sleep(2 * time.Millisecond)
		}
	}
	noted, err := os.ReadFile(log)
	require.NoError(t, err)
	w = watched{code: cmd.ProcessState.ExitCode(), output: output.String(), children: seen.String() + string(noted), files: files.String()}
	entries, err := os.ReadDir(temporary)
	require.NoError(t, err)
	for _, e := range entries {
		w.left = append(w.left, e.Name())
	}
	return w
}

// children writes what the list of processes has of the children of one, and of theirs.
func children(pid int, own []byte, out *strings.Builder) {
	all, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, thread := range threads {
		more, _ := os.ReadFile(thread)
		all = append(append(all, ' '), more...)
	}
	for child := range strings.FieldsSeq(string(all)) {
		arguments, _ := os.ReadFile(filepath.Join("/proc", child, "cmdline"))
		environ, _ := os.ReadFile(filepath.Join("/proc", child, "environ"))
		if now, _ := os.ReadFile(filepath.Join("/proc", child, "cmdline")); bytes.Equal(arguments, own) || !bytes.Equal(arguments, now) {
			continue // it is not yet another program
		}
		out.Write(append(append(arguments, environ...), '\n'))
	}
}

// allText writes all that the files of a folder have.
func allText(folder string, out *strings.Builder) {
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, _ := os.ReadFile(path)
			out.WriteString(path)
			out.Write(text)
		}
		return nil
	})
}

// TestProcessesShowNoSecret: while the program searches, reads a history and audits, the list
// of processes has no secret, neither of what it finds nor of its own environment, and no
// temporary file has one or stays.
func TestProcessesShowNoSecret(t *testing.T) {
	t.Parallel()
	l := newLostKeys(t)
	l.plant()
	words := "acid board cabbage decade eagle fabric galaxy habit idea jaguar kangaroo ladder"
	l.write("wallet.env", "SIGNER_KEY="+l.secret(value("w1", hexes, 64))+"\nMNEMONIC=\""+l.secret(words)+"\"\n")
	own := l.secret(value("e1s", letters, 64))
	inventory := writeFile(t, filepath.Join(t.TempDir(), "keys.yaml"), 0o600, "keys:\n  - {name: bot, exchange: binance, policy: spot-trading, key: env:BINANCE_API_KEY, secret: env:BINANCE_API_SECRET}\n")
	environ := []string{"BINANCE_API_KEY=" + value("e1", letters, 64), "BINANCE_API_SECRET=" + own}
	for name, args := range map[string][]string{
		"search":  {"find", l.folder},
		"history": {"find", l.folder, "--history"},
		"audit":   {"find", l.folder, "--history", "--audit", "--demo"},
		"staged":  {"find", l.folder, "--staged"},
		"run":     {"--demo", "--keys", inventory},
		"copies":  {"--demo", "--keys", inventory, "--search", l.folder},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watch(t, environ, args...)
			assert.Contains(t, []int{0, audit.ExitFindings}, w.code, w.output)
			if name != "run" {
				assert.Contains(t, w.children, "started git")
			}
			assert.Empty(t, exchangetest.FindCanaries(w.children, l.secrets), "in the list of processes")
			assert.Empty(t, exchangetest.FindCanaries(w.files, l.secrets), "in temporary files")
			assert.Empty(t, exchangetest.FindCanaries(w.output, l.secrets), "in the output")
			assert.Empty(t, w.left, "files that stay")
		})
	}
}
