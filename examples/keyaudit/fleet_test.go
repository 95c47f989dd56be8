package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// longPurpose makes the inventory of a thousand keys a large one.
var longPurpose = strings.Repeat("grid trading ", 80)

// TestFleetSize: a key of a large inventory takes a few bytes until its turn comes, and
// none afterwards.
func TestFleetSize(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	f := newEndlessFleet(0)
	held := func(n int) (bytes int64) {
		heap := func() int64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.GC() // also what pools had
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		a := app{env: f.env, now: time.Now, read: &inputs{}, stderr: os.Stderr}
		s := &settings{oneByOne: true}
		args := f.write(t, t.TempDir(), n, longPurpose)
		for i := 1; i < len(args); i += 2 {
			s.keys = append(s.keys, args[i])
		}
		before := heap()
		loaded, problems := a.load(s)
		defer loaded.close()
		require.Empty(t, problems)
		require.Equal(t, n, loaded.count())
		require.Empty(t, loaded.keys)
		taken := 0
		for range loaded.each() {
			if taken++; taken == n/2 {
				bytes = heap() - before
			}
		}
		require.Equal(t, n, taken)
		require.NoError(t, loaded.err())
		return bytes
	}
	small, large := held(2000), held(6000)
	assert.Less(t, float64(large-small)/4000, 16.0, "bytes per key")
}

// TestLargeInventoryAsHeld: what a run and its plan say of a large inventory is what they
// say of the same keys in small ones, in the same order, also with --only.
func TestLargeInventoryAsHeld(t *testing.T) {
	t.Parallel()
	f, folder := newEndlessFleet(0), t.TempDir()
	const n = 1200
	large := f.write(t, folder, n, longPurpose)
	info, err := os.Stat(large[1])
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(1<<20), "it is not large")
	small := writeFile(t, filepath.Join(folder, "small.json"), 0o600, `{"keys": [{"name": "first", "exchange": "bybit", "key": "K", "secret": "env:S1"}]}`)
	other := writeFile(t, filepath.Join(folder, "other.json"), 0o600, `{"keys": [{"name": "last", "exchange": "kraken", "key": "K", "secret": "env:S1"}]}`)
	plan := func(args ...string) (int, string) {
		var out, messages bytes.Buffer
		a := app{stdout: &out, stderr: &messages, env: f.env, now: time.Now}
		code := a.run(t.Context(), append([]string{"--dry-run"}, args...))
		return code, out.String() + messages.String()
	}
	for _, only := range []string{"name=*", "exchange=bybit,name=*1*"} {
		args := []string{"--keys", small, large[0], large[1], "--keys", other, "--only", only}
		code, got := plan(args...)
		held, want := heldPlan(t, &app{env: f.env, now: time.Now}, []string{small, large[1], other}, only)
		require.Equal(t, held, code, got)
		assert.Equal(t, want, got, only)
	}
	_, got := plan("--keys", small, large[0], large[1], "--only", "name=nobody")
	assert.Contains(t, got, "none of 1201 keys fits")
	twice := writeFile(t, filepath.Join(folder, "twice.json"), 0o600, `{"keys": [{"name": "bot-0000007", "exchange": "bybit", "key": "K", "secret": "env:S1"}]}`)
	code, got := plan("--keys", twice, large[0], large[1])
	assert.Equal(t, audit.ExitUsage, code)
	assert.Contains(t, got, `duplicate key name "bot-0000007"`)
}

// heldPlan is a plan of keys that are all held.
func heldPlan(t *testing.T, a *app, keys []string, only string) (int, string) {
	t.Helper()
	var out, messages bytes.Buffer
	a.stdout, a.stderr, a.read = &out, &messages, &inputs{}
	s := &settings{keys: keys}
	c := a.newCommand("run", "", "", "")
	c.only(&s.only)
	require.NoError(t, c.Flags().Parse([]string{"--only", only}))
	f, problems := a.load(s)
	require.Empty(t, problems)
	require.Empty(t, f.large)
	plans, err := f.plans(false)
	require.NoError(t, err)
	require.NoError(t, writePlan(&out, plans, &f, s))
	return audit.ExitClean, out.String() + messages.String()
}

// TestInventoryChanges: an inventory that changes while its keys are audited ends the run,
// which says so and writes nothing; with a state it can go on.
func TestInventoryChanges(t *testing.T) {
	t.Parallel()
	f, folder := newEndlessFleet(0), t.TempDir()
	args := f.write(t, folder, 1200, longPurpose)
	report, state := filepath.Join(folder, "report.json"), filepath.Join(folder, "state.db")
	var messages bytes.Buffer
	a := app{stdout: os.Stdout, stderr: &messages, env: f.env, now: time.Now, stage: func(ctx context.Context, loaded *fleet) error {
		if err := f.stage(ctx, loaded); err != nil {
			return err
		}
		connect(loaded, func(k *audit.Key) {
			if k.Name == endlessName(100) {
				assert.NoError(t, os.Truncate(args[1], 200<<10))
			}
		})
		return nil
	}}
	code := a.run(t.Context(), append([]string{"--state", state, "--format", "json", "--output", report}, args...))
	assert.Equal(t, audit.ExitUsage, code)
	assert.Contains(t, messages.String(), fmt.Sprintf("the file %q changed while it was in use: not all of its keys were asked about, and there is no report", args[1]))
	assert.NoFileExists(t, report)
	assert.NotEmpty(t, unfinished(t, state), "what was asked is kept")
}
