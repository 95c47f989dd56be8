package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// doorway is a gate in front of one bot, whose exchange is a fake.
type doorway struct {
	*exchangetest.Fake
	down          bool // the exchange can't be reached
	now           time.Time
	keys, memory  string
	variables     map[string]string
	policy, extra string
}

func newDoorway(t *testing.T) *doorway {
	t.Helper()
	folder := t.TempDir()
	d := &doorway{
		Fake: exchangetest.Bybit(), now: time.Now(), variables: map[string]string{}, policy: "spot-trading",
		keys: filepath.Join(folder, "keys.json"), memory: filepath.Join(folder, "memory"),
	}
	d.holds(t, spotKey)
	return d
}

// holds gives the bot a key.
func (d *doorway) holds(t *testing.T, spec exchangetest.Spec) {
	t.Helper()
	c := d.Issue(spec)
	d.variables["KEY"], d.variables["SECRET"] = c.Key, c.Secret.Reveal()
}

// RoundTrip answers as the fake does, or not at all.
func (d *doorway) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.down {
		return nil, errors.New("connection refused")
	}
	return d.Fake.RoundTrip(r)
}

// check runs the gate.
func (d *doorway) check(t *testing.T, args ...string) ran {
	t.Helper()
	writeFile(t, d.keys, 0o600, fmt.Sprintf(`{"keys": [{"name": "bot", "exchange": "bybit", "key": "env:KEY", "secret": "env:SECRET", "policy": %q%s}]}`, d.policy, d.extra))
	var stdout, stderr bytes.Buffer
	a := app{
		stdout: &stdout, stderr: &stderr, env: func(name string) string { return d.variables[name] }, now: func() time.Time { return d.now },
		stage: func(_ context.Context, f *fleet) error {
			f.options.Transport, f.options.Clock = d, func() time.Time { return d.now }
			return nil
		},
	}
	code := a.run(t.Context(), append([]string{"check", "--keys", d.keys, "--memory", d.memory, "--allow-unreachable", "24h"}, args...))
	return ran{code, stdout.String(), stderr.String()}
}

var withdrawKey = exchangetest.Spec{Permissions: []string{"Spot.SpotTrade", "Wallet.Withdraw"}, IPs: []string{"198.51.100.20"}}

// TestCheck: what the gate says of one key, and by which code.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spec exchangetest.Spec
		down bool
		args []string
		code int
		says string
	}{
		"safe":          {spec: spotKey, says: "The bot may start: 1 key may be used.\n"},
		"can withdraw":  {spec: withdrawKey, code: audit.ExitFindings, says: "The bot must not start: 1 of 1 key may not be used.\nkey \"bot\" at Bybit must not be used"},
		"unknown key":   {spec: exchangetest.Spec{Permissions: spotKey.Permissions, Faults: []exchangetest.Fault{{Failure: exchangetest.FailUnknownKey, Times: -1}}}, code: audit.ExitNotAssessed, says: "The bot must not start"},
		"outage":        {spec: spotKey, down: true, code: exitUnreachable, says: "could not be checked"},
		"stricter":      {spec: spotKey, args: []string{"--fail-on", "low"}, code: audit.ExitFindings, says: "weak-key"},
		"no such level": {spec: spotKey, args: []string{"--fail-on", "lots"}, code: audit.ExitUsage, says: "--fail-on: unknown level"},
		"an argument":   {spec: spotKey, args: []string{"now"}, code: audit.ExitUsage, says: `check: unexpected argument "now"`},
		"state":         {spec: spotKey, args: []string{"--state", "x"}, code: audit.ExitUsage, says: `unknown flag "--state"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoorway(t)
			d.holds(t, tc.spec)
			d.down = tc.down
			got := d.check(t, tc.args...)
			assert.Equal(t, tc.code, got.code, got.stderr)
			assert.Contains(t, got.stdout+got.stderr, tc.says)
			assert.LessOrEqual(t, strings.Count(got.stdout+got.stderr, "\n"), 10)
			assert.Equal(t, tc.code == 0, got.stderr == "", got.stderr)
			assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, d.Canaries()))
		})
	}
}

// TestCheckInAnOutage: a good result of the very same key under the very same policy
// counts for a day, and nothing else does.
func TestCheckInAnOutage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*testing.T, *doorway)
		code   int
	}{
		"an hour later":    {func(*testing.T, *doorway) {}, audit.ExitClean},
		"a day and more":   {func(_ *testing.T, d *doorway) { d.now = d.now.Add(24 * time.Hour) }, exitUnreachable},
		"a clock set back": {func(_ *testing.T, d *doorway) { d.now = d.now.Add(-2 * time.Hour) }, exitUnreachable},
		"another key":      {func(t *testing.T, d *doorway) { t.Helper(); d.holds(t, spotKey) }, exitUnreachable},
		"another policy":   {func(_ *testing.T, d *doorway) { d.policy = "agent" }, exitUnreachable},
		"another base_url": {func(_ *testing.T, d *doorway) { d.extra = `, "base_url": "https://api.bytick.com"` }, exitUnreachable},
		"a forged result": {func(t *testing.T, d *doorway) {
			t.Helper()
			d.forge(t, func(text string) string { return strings.Replace(text, `"at":"2`, `"at":"3`, 1) })
		}, exitUnreachable},
		"half a result": {func(t *testing.T, d *doorway) {
			t.Helper()
			d.forge(t, func(text string) string { return text[:len(text)/2] })
		}, exitUnreachable},
		"another signer": {func(t *testing.T, d *doorway) {
			t.Helper()
			writeFile(t, filepath.Join(d.memory, memoryKey), 0o600, strings.Repeat("x", 32))
		}, exitUnreachable},
		"an unsafe one since": {func(t *testing.T, d *doorway) {
			t.Helper()
			d.down, d.policy = false, "read-only"
			require.Equal(t, audit.ExitFindings, d.check(t).code)
			d.down, d.policy = true, "spot-trading"
		}, exitUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoorway(t)
			require.Equal(t, audit.ExitClean, d.check(t).code)
			d.down, d.now = true, d.now.Add(time.Hour)
			tc.change(t, d)
			got := d.check(t)
			assert.Equal(t, tc.code, got.code, got.stdout+got.stderr)
			if tc.code == audit.ExitClean {
				assert.Contains(t, got.stdout, "the exchange could not be reached; it was found safe at")
			}
		})
	}
}

// forge changes the stored result.
func (d *doorway) forge(t *testing.T, change func(string) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.memory, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NotEqual(t, string(text), change(string(text)))
	writeFile(t, files[0], 0o600, change(string(text)))
}

// TestMemoryIsPrivate: a folder or a signing key that others could write is refused.
func TestMemoryIsPrivate(t *testing.T) {
	t.Parallel()
	d := newDoorway(t)
	require.Equal(t, audit.ExitClean, d.check(t).code)
	for _, name := range []string{".", memoryKey} {
		path := filepath.Join(d.memory, name)
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Zero(t, info.Mode().Perm()&0o077, name)
		require.NoError(t, os.Chmod(path, 0o777))
		got := d.check(t)
		assert.Equal(t, audit.ExitUsage, got.code)
		assert.Contains(t, got.stderr, "keyaudit: --memory: ")
		require.NoError(t, os.Chmod(path, info.Mode().Perm()))
	}
	got := runWith(t.Context(), nil, "check", "--memory", d.memory)
	assert.Contains(t, got.stderr, "--memory: it keeps results for --allow-unreachable: name a time with it")
}

// TestMemoryOfADemonstration: what the fakes report about a key never lets a bot start
// later.
func TestMemoryOfADemonstration(t *testing.T) {
	t.Parallel()
	d := newDoorway(t)
	until := d.now.AddDate(0, 3, 0).Format(time.DateOnly)
	d.extra = fmt.Sprintf(`, "waivers": [{"rule": "ip-allowlist", "reason": "x", "until": %q}]`, until) // fakes say it has none
	got := d.check(t, "--demo")
	require.Equal(t, audit.ExitClean, got.code, got.stderr)
	d.down = true
	assert.Equal(t, exitUnreachable, d.check(t).code)
}

// TestCheckTheEnvironment: without a flag it is the keys in the environment, and one
// that cannot be audited stops the bot.
func TestCheckTheEnvironment(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), map[string]string{"FOO_API_KEY": "abcdefgh", "FOO_API_SECRET": "ijklmnopqrst"}, "check")
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.Contains(t, got.stderr, "match no exchange")
	got = runWith(t.Context(), nil, "check")
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "there is no key to audit")
}

// TestCheckManyKeys: at most ten lines, the worst first, and its code.
func TestCheckManyKeys(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "check", "--demo", "--timeout", "1m")
	assert.Equal(t, audit.ExitFindings, got.code)
	assert.Equal(t, 10, strings.Count(got.stderr, "\n"), got.stderr)
	assert.Regexp(t, `^The bot must not start: \d+ of \d+ keys may not be used\.\n`, got.stderr)
	assert.Regexp(t, `\nand \d+ more\n$`, got.stderr)
	assert.Empty(t, got.stdout)
}

// blockWiping puts something in the place of the stored result that os.Remove cannot
// remove, whoever runs this.
func (d *doorway) blockWiping(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.memory, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.Remove(files[0]))
	writeFile(t, filepath.Join(mkdir(t, files[0]), "x"), 0o600, "")
}

// TestMemoryThatCannotBeWiped: a good result that is not wiped out is said, and one in a
// place where nothing can be written does not count.
func TestMemoryThatCannotBeWiped(t *testing.T) {
	t.Parallel()
	d := newDoorway(t)
	require.Equal(t, audit.ExitClean, d.check(t).code)
	d.blockWiping(t)
	d.policy = "read-only"
	got := d.check(t)
	assert.Equal(t, audit.ExitFindings, got.code)
	assert.Contains(t, got.stderr, "could not be wiped out")

	elsewhere := newDoorway(t)
	elsewhere.memory = writeFile(t, filepath.Join(t.TempDir(), "file"), 0o600, "")
	got = elsewhere.check(t)
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "--memory: ")
	assert.Empty(t, elsewhere.Requests())
}

func mkdir(t *testing.T, path string) string {
	t.Helper()
	require.NoError(t, os.Mkdir(path, 0o700))
	return path
}

// TestCheckOfNothing: that there is no key proves nothing.
func TestCheckOfNothing(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	a := app{
		stdout: &stdout, stderr: &stderr, env: func(string) string { return "" }, now: time.Now,
		stage: func(_ context.Context, f *fleet) error { f.keys, f.skipped = nil, nil; return nil },
	}
	keys := writeFile(t, filepath.Join(t.TempDir(), "keys.json"), 0o600, `{"keys": [{"name": "a", "exchange": "bybit", "key": "a9f31c07b2e84d56", "secret": "env:S"}]}`)
	assert.Equal(t, audit.ExitNotAssessed, a.run(t.Context(), []string{"check", "--keys", keys}))
	assert.Empty(t, stdout.String())
	assert.Contains(t, stderr.String(), "there is no key to check")
}

// TestMemoryOfTwoPrograms: gates that start at once, and for the first time, sign with
// one key, so that the one reads what the other keeps.
func TestMemoryOfTwoPrograms(t *testing.T) {
	t.Parallel()
	for range 50 {
		path := filepath.Join(t.TempDir(), memoryKey)
		keys := make([][]byte, 8)
		var all sync.WaitGroup
		for i := range keys {
			all.Go(func() { keys[i], _ = signingKey(path) })
		}
		all.Wait()
		for _, key := range keys {
			require.Len(t, key, 32)
			require.Equal(t, keys[0], key)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 1)
	}
}
