package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// program is the program as a process of its own.
func program(t *testing.T, env map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "NIGHTLY_CHILD=main")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// TestReaderGoesAway: a reader of standard output that leaves (| head) ends neither the
// run nor the other reports: people are notified, and the exit code is 4.
func TestReaderGoesAway(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json", "jsonl", "html"} {
		s, h := newTestbed(t), newHook(t, http.StatusOK)
		keys := s.keyFile(t, s.entry("grid", "spot-trading", spotKey))
		file, state := filepath.Join(t.TempDir(), "report.json"), filepath.Join(t.TempDir(), "state.db")
		s.env["CHAT"], s.env["PING"] = h.chat(), h.ping()
		reader, writer, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, reader.Close()) // it is gone before the first byte
		cmd := program(t, s.env, "--keys", keys, "--format", format, "--report", "json="+file, "--state", state, "--notify", "env:CHAT", "--ping", "env:PING")
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = writer, &stderr
		err = cmd.Run()
		require.NoError(t, writer.Close())
		require.Equal(t, exitUnwritten, cmd.ProcessState.ExitCode(), "%s: %v %s", format, err, stderr.String())
		assert.Contains(t, stderr.String(), "the report could not be written", format)
		text, err := os.ReadFile(file)
		require.NoError(t, err, format)
		validate(t, string(text))
		received := strings.Join(h.received(), "\n")
		assert.Contains(t, received, "the report could not be written", format)
		assert.Contains(t, received, "/4 ", format)
		_, err = readReport(state)
		assert.ErrorContains(t, err, "has no run that ended", "what nobody read is shown again by the next run")
	}
}

// TestKilledRunLeavesNothing: a run that is killed leaves temporary files, and the next
// one removes them; the report of before is whole all the time.
func TestKilledRunLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	slow := spotKey
	slow.Faults = []exchangetest.Fault{{Delay: time.Hour, Times: -1}}
	path := s.keyFile(t, s.entry("slow", "spot-trading", slow))
	folder := t.TempDir()
	report := writeFile(t, filepath.Join(folder, "report.json"), 0o600, "1 key, findings: none")
	cmd := program(t, s.env, "--keys", path, "--format", "json", "--output", report, "--state", filepath.Join(folder, "state.db"))
	require.NoError(t, cmd.Start())
	for len(s.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait()
	left := entriesOf(t, folder)
	require.Len(t, left, 6, "%v", left)
	for _, name := range left {
		info, err := os.Stat(filepath.Join(folder, name))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	kept, err := os.ReadFile(report)
	require.NoError(t, err)
	assert.Equal(t, "1 key, findings: none", string(kept))

	quick := newTestbed(t)
	keys := quick.keyFile(t, quick.entry("quick", "spot-trading", spotKey))
	runWith(t.Context(), quick.env, "--keys", keys, "--format", "json", "--output", report, "--state", filepath.Join(folder, "state.db"))
	assert.Equal(t, []string{"report.json", "state.db", "state.db" + lastSuffix, "state.db.lock"}, entriesOf(t, folder))
}
