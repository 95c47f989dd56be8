package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// atWork is the most that a killed run has asked about and not kept: the keys of which a
// run of many egresses has at most 512 at work, and the results of the tenth of a second
// before, which are not committed yet. Not more than a batch, however fast they come.
const atWork = 512 + 1000

// BenchmarkKilled kills one run of BENCH_KEYS keys at BENCH_KILLS random moments:
//
//	BENCH_KEYS=20000 BENCH_KILLS=30 go test ./keyaudit -run '^$' -bench Killed -benchtime 1x
func BenchmarkKilled(b *testing.B) {
	n, kills := number("BENCH_KEYS", 5000), number("BENCH_KILLS", 3)
	most, again := killedRuns(b, n, kills)
	b.ReportMetric(float64(most), "most-again")
	b.ReportMetric(float64(again)/float64(kills), "again/kill")
}

// TestKilledAgain: a run that is killed over and over ends with each key once, and asks
// again about nothing but what it was at work on.
func TestKilledAgain(t *testing.T) {
	t.Parallel()
	killedRuns(t, 3000, 4)
}

// killedRuns returns how many keys were asked about again after any one kill, and in all.
func killedRuns(tb testing.TB, n, kills int) (most, total int) {
	tb.Helper()
	folder := tb.TempDir()
	state, log := filepath.Join(folder, "state.db"), filepath.Join(folder, "asked")
	require.NoError(tb, os.WriteFile(log, nil, 0o600))
	args := append([]string{"--state", state, "--format", "jsonl", "--output", filepath.Join(folder, "report"), "--concurrency", "32", "--resume"},
		newEndlessFleet(0).write(tb, folder, n, "")...)
	times, last := map[string]int{}, 0 // of each key, and which start asked last
	for turn := range kills + 1 {
		before := len(asked(tb, log))
		at := before + 1 + rand.IntN(2*max(1, (n-len(times))/(kills+1-turn)))
		cmd, stderr := endlessCommand(tb, 0, log, args)
		if turn == kills {
			at = -1
		}
		code := runUntil(tb, cmd, func() bool { return at > 0 && len(asked(tb, log)) >= at })
		again := 0
		for _, name := range asked(tb, log)[before:] {
			if times[name]++; times[name] > 1 {
				again++
			}
		}
		require.LessOrEqual(tb, again, atWork, "asked about again after kill %d: %s", turn, stderr)
		most, total = max(most, again), total+again
		if code >= 0 { // it ended before it was killed
			require.Equal(tb, audit.ExitFindings, code, stderr.String())
			last = turn
			break
		}
	}
	tb.Logf("%d kills", last)
	report, err := readReport(state)
	require.NoError(tb, err)
	assert.Len(tb, report.Results, n)
	assert.Len(tb, times, n)
	seen := map[string]bool{}
	for _, r := range report.Results {
		assert.False(tb, seen[r.Name], r.Name)
		seen[r.Name] = true
		assert.True(tb, r.Inspected(), "%s at %s: %v", r.Name, r.Exchange, r.Snapshot.Failure)
	}
	return most, total
}

// runUntil runs a program, and kills it when the time has come. It returns the exit code,
// or -1 if it was killed.
func runUntil(tb testing.TB, cmd *exec.Cmd, ripe func() bool) int {
	tb.Helper()
	require.NoError(tb, cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	for {
		select {
		case <-ended:
			return cmd.ProcessState.ExitCode()
		case <-time.After(5 * time.Millisecond):
			if ripe() {
				_ = cmd.Process.Kill()
			}
		}
	}
}

// asked is which keys were asked about, in order.
func asked(tb testing.TB, log string) []string {
	tb.Helper()
	file, err := os.Open(log)
	require.NoError(tb, err)
	defer file.Close()
	text, err := io.ReadAll(file)
	require.NoError(tb, err)
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	return strings.Fields(string(whole))
}
