package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/render"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// process starts this program with some arguments; it ends with the test.
func process(t *testing.T, env map[string]string, args ...string) (stop func() string) {
	t.Helper()
	cmd := again()
	cmd.Args = append(cmd.Args, args...)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	ended := false
	stop = func() string {
		if !ended {
			ended = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		return said.String()
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// TestFleet: what fleet init writes is all that a server, workers and a coordinator need; the
// report is that of one host with all keys.
func TestFleet(t *testing.T) {
	t.Parallel()
	s := newTestbed(t)
	folder := t.TempDir()
	spot := spotKey
	a, b, c := s.entry("grid", "spot-trading", spot), s.entry("tax", "read-only", spot), s.entry("absent", "spot-trading", spot)
	alone := runWith(t.Context(), s.env, "--keys", s.keyFile(t, a, b), "--format", "json")
	hosts := map[string]string{}
	for name, entries := range map[string][]string{"tokyo": {a}, "london": {b, c}} {
		hosts[name] = writeFile(t, filepath.Join(folder, name+".json"), 0o600, `{"keys":[`+strings.Join(entries, ",")+`]}`)
	}
	long := strings.Repeat(" ", 600<<10) // so that the keys are read one by one
	inventory := writeFile(t, filepath.Join(folder, "fleet.json"), 0o600, `{"keys":[
		{"name":"grid","exchange":"bybit","policy":"spot-trading","worker":"tokyo"`+long+`},
		{"worker":"london","name":"tax","exchange":"bybit","policy":"read-only","owner":"desk"`+long+`}]}`)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := l.Addr().String()
	require.NoError(t, l.Close())
	made := filepath.Join(folder, "made")
	init := []string{"fleet", "init", "--inventory", inventory, "--out", made, "--host", at, "--store", filepath.Join(folder, "store")}
	got := runWith(t.Context(), nil, init...)
	require.Zero(t, got.code, got.stderr)
	got = runWith(t.Context(), nil, init...)
	assert.Equal(t, exitUnwritten, got.code)
	assert.Contains(t, got.stderr, "name a folder that does not exist yet")
	for _, secret := range []string{"coordinator.json", "worker-tokyo.json", "worker-london.json", "server.key", "store.conf"} {
		info, err := os.Stat(filepath.Join(made, secret))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), secret)
	}
	in := func(name string) string { return filepath.Join(made, name) }
	for unit, has := range map[string]string{
		"keyaudit-fleet.service": "fleet serve", "keyaudit-coordinator.timer": "OnCalendar=",
		"keyaudit-worker.service": "worker --nats nats://" + at + " ", "keyaudit-coordinator.service": "run --nats nats://" + at + " ",
	} {
		text, err := os.ReadFile(in(unit))
		require.NoError(t, err)
		assert.Contains(t, string(text), has, unit)
	}

	meets := []string{"--nats", "nats://" + at, "--ca", in("ca.pem"), "--creds"}
	coordinator := func(args ...string) ran {
		return runWith(t.Context(), nil, append(append(append([]string{"run"}, meets...), in("coordinator.json"), "--keys", inventory, "--format", "json"), args...)...)
	}
	got = coordinator()
	assert.Equal(t, audit.ExitUsage, got.code)
	assert.Contains(t, got.stderr, "--nats: the server cannot be reached")

	process(t, nil, "fleet", "serve", in("server.conf"))
	for name, keys := range hosts {
		process(t, s.env, append(append([]string{"worker"}, meets...), in("worker-"+name+".json"), "--keys", keys, "--metrics", filepath.Join(folder, name+".prom"))...)
	}
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", at)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 20*time.Second, 50*time.Millisecond)
	state := filepath.Join(folder, "state.db")
	got = coordinator("--state", state, "--deadline", "60s")
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	report, err := render.ReadJSON(strings.NewReader(got.stdout))
	require.NoError(t, err)
	want, err := render.ReadJSON(strings.NewReader(alone.stdout))
	require.NoError(t, err)
	require.Len(t, report.Results, 3)
	unlisted := report.Results[0]
	assert.Equal(t, "absent (worker london)", unlisted.Name)
	assert.Contains(t, unlisted.Snapshot.Failure.Message, "the inventory does not name it")
	assert.Equal(t, "desk", report.Results[2].Record.Owner)
	for i, one := range want.Results {
		other := report.Results[i+1]
		require.Equal(t, one.Name, other.Name)
		require.True(t, other.Inspected(), "%s: %v", other.Name, other.Snapshot.Failure)
		assert.Equal(t, audit.Source{Format: audit.FormatInventory, File: inventory, Line: i + 2, Column: 3}, other.Record.Source)
		for j := range one.Findings {
			x, y := one.Findings[j], other.Findings[j]
			assert.Equal(t, []any{x.Rule, x.Outcome, x.Severity}, []any{y.Rule, y.Outcome, y.Severity}, one.Name)
		}
	}
	assert.Empty(t, exchangetest.FindCanaries(got.stdout+got.stderr, s.Canaries()))

	got = coordinator("--state", state, "--deadline", "60s") // the workers are there, and ask again
	assert.Equal(t, audit.ExitFindings, got.code, got.stderr)
	got = runWith(t.Context(), nil, append(append([]string{"fleet", "status"}, meets...), in("coordinator.json"))...)
	assert.Zero(t, got.code, got.stderr)
	assert.Regexp(t, `london +london .* 2 +0\n`, got.stdout)
	assert.Regexp(t, `tokyo +tokyo .* 1 +0\n`, got.stdout)
	assert.Contains(t, got.stderr, "was not compared: name the coordinator's inventory, by --keys FILE")
	got = runWith(t.Context(), nil, append(append([]string{"fleet", "status"}, meets...), in("coordinator.json"), "--keys", inventory)...)
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.Contains(t, got.stderr, "worker london holds 1 key that the inventory does not give it: absent.")
	assert.NotContains(t, got.stderr, "tokyo")
	swapped := writeFile(t, filepath.Join(folder, "swapped.json"), 0o600, `{"keys":[{"name":"grid","exchange":"bybit","worker":"london"},{"name":"tax","exchange":"bybit","worker":"tokyo"}]}`)
	got = runWith(t.Context(), nil, append(append([]string{"fleet", "status"}, meets...), in("coordinator.json"), "--keys", swapped)...)
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.Contains(t, got.stderr, "the inventory gives worker london 1 key that it does not hold: grid.")
	assert.Contains(t, got.stderr, "the inventory gives worker tokyo 1 key that it does not hold: tax.")
	onTest := writeFile(t, filepath.Join(folder, "test.json"), 0o600, `{"keys":[{"name":"grid","exchange":"bybit","environment":"testnet","worker":"tokyo"}]}`)
	got = runWith(t.Context(), nil, append(append([]string{"fleet", "status"}, meets...), in("coordinator.json"), "--keys", onTest)...)
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.Contains(t, got.stderr, "worker tokyo has 1 key of the inventory in another environment: grid (live there, testnet here).")
	got = runWith(t.Context(), nil, append(append([]string{"fleet", "status", "--format", "json"}, meets...), in("coordinator.json"))...)
	assert.Zero(t, got.code, got.stderr)
	metrics, err := os.ReadFile(filepath.Join(folder, "london.prom"))
	require.NoError(t, err)
	assert.Contains(t, string(metrics), `exchangekeyaudit_worker_keys{worker="london"} 2`)
	var states []map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &states))
	require.Len(t, states, 2)
	for _, field := range []string{"last_there", "since"} {
		_, err := time.Parse(time.RFC3339Nano, states[0][field].(string))
		require.NoError(t, err, field)
		delete(states[0], field)
	}
	assert.Equal(t, map[string]any{"worker": "london", "egress": "london", "there": true, "version": version(), "keys": 2.0, "jobs_waiting": 0.0}, states[0])

	// What the coordinator and the server keep says nothing of the hosts' secrets.
	kept := 0
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(path, state) && !strings.HasPrefix(path, filepath.Join(folder, "store")) {
			return err
		}
		kept++
		text, err := os.ReadFile(path)
		assert.Empty(t, exchangetest.FindCanaries(string(text), append(s.Canaries(), "SECRET_1", "SECRET_2")), path)
		assert.NotContains(t, string(text), "tokyo.json", path)
		assert.NotContains(t, string(text), "london.json", path)
		return err
	}))
	assert.Greater(t, kept, 1)
}

// TestFleetInput: what a coordinator must not be given, and what does not go together.
func TestFleetInput(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, text string) string { return writeFile(t, filepath.Join(folder, name), 0o600, text) }
	creds, loose := file("creds.json", `{"egresses":{},"workers":{}}`), writeFile(t, filepath.Join(folder, "loose.json"), 0o644, `{"egresses":{},"workers":{}}`)
	good := file("good.json", `{"keys":[{"name":"a","exchange":"bybit","worker":"w1"}]}`)
	key := func(more string) string {
		return file(fmt.Sprintf("%x.json", more), `{"keys":[{"name":"a","exchange":"bybit",`+more+`}]}`)
	}
	for _, tc := range []struct{ args, want string }{
		{"--keys " + good, `"worker" is for the inventory of a fleet's coordinator`},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + key(`"policy":"trading"`), `the key has no "worker"`},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + key(`"worker":"w1","secret":"env:CANARY"`), `remove "secret": it belongs in the file of the worker`},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + key(`"worker":"w1","base_url":"https://canary.example"`), `remove "base_url"`},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + key(`"worker":"a.b"`), `"worker" must be a name of lower-case letters`},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + key(`"worker":"*"`), `"worker" must be a name of lower-case letters`},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + good, "the credentials do not know worker w1"},
		{"--nats nats://192.0.2.1:1 --creds CREDS --keys " + file("none.json", `{"keys":[{"name":"a","exchange":"bybit","worker":"w1"}],"egress":{}}`), `remove "egress"`},
		{"--nats nats://127.0.0.1:1 --creds " + loose + " --keys " + good, "run chmod 600 on it"},
		{"--nats nats://127.0.0.1:1 --keys " + good, "name the coordinator's credentials"},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + good + " --resume --state x", "--resume: workers may hold other keys"},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + good + " --timeout 5s", "--timeout and --concurrency: workers have their own"},
		{"--nats nats://127.0.0.1:1 --creds CREDS --keys " + good + " --search /tmp", "a coordinator has no secret to look for"},
		{"--demo --workers 3 --keys " + good, "--workers: use it with --demo alone"},
		{"--demo --workers 1", "--workers: \"1\" is not a number from 2 to 16"},
		{"worker", "worker: name the server, by --nats URL"},
		{"worker --nats nats://127.0.0.1:1 --creds " + good + " --keys " + good, "is not a file that keyaudit fleet init wrote"},
		{"fleet init", "name the coordinator's inventory"},
		{"fleet nothing", "unknown command"},
	} {
		got := runWith(t.Context(), nil, strings.Fields(strings.ReplaceAll(tc.args, "CREDS", creds))...)
		assert.Equal(t, audit.ExitUsage, got.code, tc.args)
		assert.Contains(t, got.stderr, tc.want, tc.args)
		assert.NotContains(t, strings.ToLower(got.stderr), "canary", tc.args)
	}
}

// TestFleetNames: what cannot be with a fleet is refused by its name, each flag of several.
func TestFleetNames(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	fleet := writeFile(t, filepath.Join(folder, "fleet.json"), 0o600, `{"keys":[{"name":"a","exchange":"bybit","worker":"w1"}]}`)
	flags := map[string][]string{
		"--demo": nil, "--dry-run": nil, "--from": {"freqtrade=" + filepath.Join(folder, "config.json")}, "--timeout": {"5s"},
		"--concurrency": {"2"}, "--search": {folder}, "--leaked": {filepath.Join(folder, "leaked")},
	}
	for with, not := range map[string][]string{
		"--nats nats://127.0.0.1:1 --creds none.json --keys " + fleet: {"--demo", "--dry-run", "--from", "--timeout", "--concurrency", "--search", "--leaked"},
		"--demo --workers 2": {"--dry-run", "--from", "--search", "--leaked"},
	} {
		for i, one := range not {
			for _, other := range not[i:] {
				args := strings.Fields(with)
				for _, flag := range slices.Compact([]string{one, other}) {
					args = append(append(args, flag), flags[flag]...)
				}
				got := runWith(t.Context(), nil, args...)
				assert.Equal(t, audit.ExitUsage, got.code, args)
				assert.Contains(t, got.stderr, one, args)
				assert.Contains(t, got.stderr, other, args)
				assert.NotContains(t, got.stderr, "none.json: run", args)
			}
		}
	}
}

// TestFleetAbsent: a worker that never came is a headline, and the run does not wait for it
// for good.
func TestFleetAbsent(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	members, _, err := workers.NewMembers(map[string]string{"tokyo": "tokyo"}, nil)
	require.NoError(t, err)
	server, err := workers.Embed(members, nil, filepath.Join(folder, "store"), 0)
	require.NoError(t, err)
	defer server.Close()
	creds := writeFile(t, filepath.Join(folder, "coordinator.json"), 0o600, string(workers.Encode(members)))
	inventory := writeFile(t, filepath.Join(folder, "fleet.json"), 0o600, `{"keys":[{"name":"grid","exchange":"bybit","worker":"tokyo"},{"name":"tax","exchange":"okx","worker":"tokyo"}]}`)
	status := []string{"fleet", "status", "--nats", server.URL, "--creds", creds}
	got := runWith(t.Context(), nil, status...)
	assert.Equal(t, audit.ExitNotAssessed, got.code, "before the first run")
	assert.Regexp(t, `tokyo +tokyo +never +`, got.stdout)
	got = runWith(t.Context(), nil, append(status, "--format", "json")...)
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.JSONEq(t, `[{"worker": "tokyo", "egress": "tokyo", "there": false, "keys": 0, "jobs_waiting": 0}]`, got.stdout)

	got = runWith(t.Context(), nil, "--nats", server.URL, "--creds", creds, "--keys", inventory, "--deadline", "1s")
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	text := strings.Join(strings.Fields(got.stdout), " ")
	assert.Contains(t, text, "Worker tokyo never came: its 2 keys were not inspected")
	assert.Contains(t, text, "see that it runs on its host and reaches the server")
	got = runWith(t.Context(), nil, status...)
	assert.Equal(t, audit.ExitNotAssessed, got.code)
	assert.Regexp(t, `tokyo +tokyo +never +`, got.stdout)

	state := filepath.Join(folder, "state.db")
	for _, more := range [][]string{nil, {"--quiet"}} { // nothing new, and all the same not in silence
		got = runWith(t.Context(), nil, append([]string{"--nats", server.URL, "--creds", creds, "--keys", inventory, "--deadline", "1s", "--state", state}, more...)...)
		assert.Equal(t, audit.ExitNotAssessed, got.code)
	}
	assert.Contains(t, got.stderr, "Worker tokyo never came")
	for _, key := range []string{"grid", "tax"} {
		assert.Regexp(t, `1 key could not be inspected: "`+key+`": .*worker tokyo never came`, got.stderr)
	}
}

// TestUninspectedAreNamed: however many keys could not be inspected, for however many reasons,
// each reason is told or counted, and each key counts once.
func TestUninspectedAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ keys, reasons int }{{0, 1}, {1, 1}, {7, 1}, {7, 3}, {40, 10}, {40, 25}} {
		var u uninspected
		for i := range c.keys {
			u.add(&audit.Result{Name: fmt.Sprint("k", i), Snapshot: &access.Snapshot{Inspection: access.Inspection{
				Failure: &access.Error{Kind: access.KindCanceled, Message: fmt.Sprint("reason ", i%c.reasons)},
			}}})
		}
		u.add(&audit.Result{Name: "fine", Snapshot: &access.Snapshot{}, Findings: []audit.Finding{{Outcome: audit.Passed}}})
		said, total := "", 0
		u.say(&audit.Report{}, func(format string, args ...any) {
			line, n := fmt.Sprintf(format, args...), 0
			_, err := fmt.Sscan(line, &n)
			require.NoError(t, err, line)
			said, total = said+line+"\n", total+n
		})
		assert.Equal(t, c.keys, total, said)
		assert.Equal(t, c.keys > 0, strings.Contains(said, "k0"), said)
		assert.NotContains(t, said, "fine")
		assert.LessOrEqual(t, strings.Count(said, "\n"), mostReasons+1)
	}
}
