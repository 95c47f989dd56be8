package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// BenchmarkFullDisk lets the disk fill up at BENCH_SIZES random moments of runs of BENCH_KEYS
// keys, and continues each run once there is room. It mounts a file system of that size,
// which takes root:
//
//	BENCH_KEYS=20000 BENCH_SIZES=10 go test ./keyaudit -run '^$' -bench FullDisk -benchtime 1x
func BenchmarkFullDisk(b *testing.B) {
	n, sizes := number("BENCH_KEYS", 2000), number("BENCH_SIZES", 2)
	inventory := b.TempDir()
	keys := newEndlessFleet(0).write(b, inventory, n, "")
	most := 0
	for turn := range sizes {
		size := 200 + rand.IntN(n*600>>10) // KiB: what the state of all keys takes, and no more
		b.Run(fmt.Sprintf("%d KiB", size), func(b *testing.B) {
			most = max(most, fullDisk(b, filepath.Join(inventory, fmt.Sprint("asked-", turn)), size, n, keys))
		})
	}
	b.ReportMetric(float64(most), "most-again")
}

// fullDisk returns how many keys were asked about again when the run was continued.
func fullDisk(b *testing.B, log string, size, n int, keys []string) int {
	b.Helper()
	disk := b.TempDir()
	state := filepath.Join(disk, "state.db")
	mount := func(args ...string) {
		out, err := exec.CommandContext(b.Context(), "mount", append(args, disk)...).CombinedOutput()
		require.NoError(b, err, string(out))
	}
	mount("-t", "tmpfs", "-o", fmt.Sprintf("size=%dk", size), "tmpfs")
	b.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() })
	require.NoError(b, os.WriteFile(log, nil, 0o600))
	run := func(args ...string) (int, string) {
		cmd, stderr := endlessCommand(b, 0, log, args)
		_ = cmd.Run()
		return cmd.ProcessState.ExitCode(), stderr.String()
	}
	audited := append([]string{"--format", "jsonl", "--output", os.DevNull, "--concurrency", "32", "--state", state}, keys...)

	code, said := run(audited...)
	require.Equal(b, exitUnwritten, code, said)
	require.Contains(b, said, "--resume")

	mount("-o", "remount,size=1g")
	before := len(asked(b, log))
	code, said = run(append(audited, "--resume")...)
	require.Equal(b, audit.ExitFindings, code, said)
	verified, whole := run("verify", state)
	require.Zero(b, verified, whole)
	report, err := readReport(state)
	require.NoError(b, err)
	require.Len(b, report.Results, n)
	times := map[string]int{}
	for _, name := range asked(b, log) {
		times[name]++
	}
	require.Len(b, times, n)
	again := len(asked(b, log)) - n
	require.LessOrEqual(b, again, atWork)
	b.Logf("full after %d keys, %d asked about again\n%s", before, again, said)
	return again
}
