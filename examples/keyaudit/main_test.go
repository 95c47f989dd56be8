package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// ran is what one run of the program left behind.
type ran struct {
	code           int
	stdout, stderr string
}

func runWith(ctx context.Context, env map[string]string, args ...string) ran {
	var stdout, stderr bytes.Buffer
	a := app{stdout: &stdout, stderr: &stderr, env: func(name string) string { return env[name] }, now: time.Now}
	for name, value := range env {
		a.environ = append(a.environ, name+"="+value)
	}
	return ran{a.run(ctx, args), stdout.String(), stderr.String()}
}

// testbed is a fake exchange on loopback, and a folder for its inventory.
type testbed struct {
	*exchangetest.Fake
	server *exchangetest.Server
	folder string
	env    map[string]string
	names  int
}

func newTestbed(t *testing.T) *testbed {
	t.Helper()
	s := &testbed{Fake: exchangetest.Bybit(), folder: t.TempDir(), env: map[string]string{}}
	s.server = exchangetest.Serve(s.Fake)
	t.Cleanup(s.server.Close)
	return s
}

// entry issues a key, keeps its secret in an environment variable, and returns its
// entry in an inventory.
func (s *testbed) entry(name, policy string, spec exchangetest.Spec) string {
	s.names++
	c := s.Issue(spec)
	variable := fmt.Sprintf("SECRET_%d", s.names)
	s.env[variable] = c.Secret.Reveal()
	return fmt.Sprintf(`{"name":%q,"exchange":"bybit","base_url":%q,"key":%q,"secret":"env:%s","policy":%q}`, name, s.server.URL, c.Key, variable, policy)
}

// keyFile writes an inventory with some entries and returns its path.
func (s *testbed) keyFile(t *testing.T, entries ...string) string {
	t.Helper()
	return writeFile(t, filepath.Join(s.folder, "keys.json"), 0o600, `{"keys":[`+strings.Join(entries, ",")+`]}`)
}

func writeFile(t *testing.T, path string, mode os.FileMode, text string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), mode))
	require.NoError(t, os.Chmod(path, mode)) // whatever the umask
	return path
}

var spotKey = exchangetest.Spec{Permissions: []string{"Spot.SpotTrade"}, IPs: []string{"198.51.100.20"}, SubAccount: true}

func TestKeysEndToEnd(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	c := s.Issue(spotKey)
	writeFile(t, filepath.Join(s.folder, "id"), 0o600, c.Key+"\n")
	writeFile(t, filepath.Join(s.folder, "secret"), 0o400, c.Secret.Reveal()+"\n")
	fromFiles := fmt.Sprintf(`{"name":"b","exchange":"bybit","base_url":%q,"key":"file:id","secret":"file:secret","policy":"spot-trading"}`, s.server.URL)
	path := s.keyFile(t, s.entry("a", "spot-trading", spotKey), fromFiles, s.entry("c", "read-only", spotKey))

	got := runWith(t.Context(), s.env, "--keys", path, "--format", "json")
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	assert.Empty(t, got.stderr)
	var report audit.Report
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	require.Len(t, report.Results, 3)
	for i, name := range []string{"a", "b", "c"} {
		r := report.Results[i]
		assert.Equal(t, name, r.Name)
		assert.True(t, r.Inspected(), "%s: %v", name, r.Snapshot.Failure)
		assert.Equal(t, audit.Failed, r.Finding("insecure-transport").Outcome, "plain http is not hidden")
	}
	assert.Equal(t, audit.Passed, report.Results[0].Finding("excess-permission").Outcome)
	assert.Equal(t, audit.Failed, report.Results[2].Finding("excess-permission").Outcome)
	for _, canary := range s.Canaries() {
		assert.NotContains(t, got.stdout, canary)
	}
}

// TestExitCodes: a finding counts more than a key that could not be assessed, and
// the level is the user's.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	down := spotKey
	down.Faults = []exchangetest.Fault{{Failure: exchangetest.FailUnknownKey, Times: -1}}
	// Over plain http every key that is inspected has a high finding, and one that is
	// refused has only that it is not inspected.
	good, bad := s.entry("good", "spot-trading", spotKey), s.entry("bad", "spot-trading", down)
	for _, tc := range []struct {
		keys  []string
		level string
		want  int
	}{
		{[]string{good}, "high", audit.ExitFindings},
		{[]string{good, bad}, "high", audit.ExitFindings},
		{[]string{good}, "critical", audit.ExitClean},
		{[]string{good, bad}, "critical", audit.ExitNotAssessed},
	} {
		got := runWith(t.Context(), s.env, "--keys", s.keyFile(t, tc.keys...), "--fail-on", tc.level)
		assert.Equal(t, tc.want, got.code, "%s: %s", tc.level, got.stdout)
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	path := s.keyFile(t, s.entry("a", "spot-trading", spotKey), `{"name":"b","exchange":"kraken","key":"k-7f2a91c4","secret":"env:SECRET_1"}`)
	text := runWith(t.Context(), s.env, "--keys", path, "--dry-run")
	assert.Equal(t, audit.ExitClean, text.code, text.stderr)
	assert.Contains(t, text.stdout, "a (bybit, live)\n  GET  "+s.server.URL+"/v5/user/query-api\n")
	assert.Contains(t, text.stdout, "b (kraken, live)\n")
	assert.Contains(t, text.stdout, "POST https://api.kraken.com/")
	assert.Contains(t, text.stdout, "; only if ")

	parsed := runWith(t.Context(), s.env, "--keys", path, "--dry-run", "--format", "json")
	var plans []planned
	require.NoError(t, json.Unmarshal([]byte(parsed.stdout), &plans))
	require.Len(t, plans, 2)
	assert.Equal(t, "kraken", plans[1].Exchange)
	assert.NotEmpty(t, plans[1].Calls)

	assert.Empty(t, s.Requests())
}

// TestDryRunNamesSkipped: a key that no adapter can audit is named, with the reason.
func TestDryRunNamesSkipped(t *testing.T) {
	t.Parallel()
	env := map[string]string{"FOO_API_KEY": "abcdefgh", "FOO_API_SECRET": "ijklmnopqrst"}
	const why = "the names of its variables match no exchange: list the key in an inventory, with its exchange, as {name: NAME, exchange: EXCHANGE, from: \"env=#foo\"}"
	text := runWith(t.Context(), env, "--from", "env=", "--dry-run")
	assert.Contains(t, text.stdout, "\nenv/foo: not audited: "+why+"\n")

	parsed := runWith(t.Context(), env, "--from", "env=", "--dry-run", "--format", "json")
	var plans []planned
	require.NoError(t, json.Unmarshal([]byte(parsed.stdout), &plans))
	assert.Equal(t, []planned{{Name: "env/foo", Skipped: why, Calls: []adapter.PlannedCall{}}}, plans)

	path := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(path, []byte("# keys\n\nbybit,zK7x0Qm3Zr9LpT2wVb8N,zA5d1Gh6Jk4Yt0Xc7Mn2\nDEBUG=1\n"), 0o600))
	text = runWith(t.Context(), nil, "--from", "env="+path, "--dry-run")
	assert.Contains(t, text.stdout, "\nenv/bybit (line 3): not audited: \"bybit\" cannot be read: its line is not NAME=value; write it as NAME=value\n")
	assert.NotContains(t, text.stdout+text.stderr, "zK7x")
	parsed = runWith(t.Context(), nil, "--from", "env="+path, "--dry-run", "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(parsed.stdout), &plans))
	assert.Equal(t, 3, plans[0].Line)
}

// TestDryRunNamesSwitches: what sends a key to a test network, or by a URL to a site, is
// named; what a key's own name says needs no explanation.
func TestDryRunNamesSwitches(t *testing.T) {
	t.Parallel()
	env := map[string]string{"BYBIT_API_KEY": "abcdefgh", "BYBIT_API_SECRET": "ijklmnopqrst"}
	for name, test := range map[string]struct{ value, want string }{
		"BYBIT_TESTNET":  {"true", `(bybit, testnet according to "BYBIT_TESTNET")`},
		"BYBIT_BASE_URL": {"https://api-testnet.bybit.com", `(bybit, testnet according to "BYBIT_BASE_URL")`},
		"OTHER":          {"true", "(bybit, live)"},
	} {
		all := maps.Clone(env)
		all[name] = test.value
		assert.Contains(t, runWith(t.Context(), all, "--from", "env=", "--dry-run").stdout, test.want)
	}
}

// TestStopped: a signal ends the run, and the results so far are written.
func TestStopped(t *testing.T) {
	t.Parallel()
	for _, format := range formatNames() {
		s := newTestbed(t)
		slow := spotKey
		slow.Faults = []exchangetest.Fault{{Delay: time.Hour, Times: -1}}
		path := s.keyFile(t, s.entry("quick", "spot-trading", spotKey), s.entry("slow", "spot-trading", slow), s.entry("later", "spot-trading", spotKey))
		file := filepath.Join(s.folder, "report")
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for len(s.Requests()) < 2 && ctx.Err() == nil { // the second is the slow one
				time.Sleep(time.Millisecond)
			}
			stop()
		}()
		got := runWith(ctx, s.env, "--keys", path, "--format", format, "--output", file, "--concurrency", "1")
		stop()
		assert.Equal(t, exitStopped, got.code, got.stderr)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range []string{"quick", "slow", "later"} {
			if format == "prometheus" { // it only counts keys
				name = "not_inspected"
			}
			assert.Contains(t, string(text), name, format)
		}
		assert.Contains(t, got.stderr, "2 not inspected", format)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	got := runWith(t.Context(), nil, "--help")
	assert.Equal(t, 0, got.code)
	assert.Empty(t, got.stderr)
	for name := range audit.Presets() {
		assert.Contains(t, got.stdout, name)
	}
	for _, word := range []string{"--demo", "--keys FILE", "--dry-run", "--format FORMAT", "--output FILE", "--fail-on LEVEL", "--all", "--color WHEN", "--timeout TIME", "--concurrency NUMBER", "Exit codes", "130"} {
		assert.Contains(t, got.stdout, word)
	}
}
