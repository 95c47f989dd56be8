package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestMain starts this test binary again as the program, in a process of its own,
// where memory is measured or the program is killed.
func TestMain(m *testing.M) {
	if size := os.Getenv("NIGHTLY_CHILD"); size != "" {
		if size == "main" {
			main()
		}
		if size == "endless" {
			endlessChild()
		}
		n, err := strconv.Atoi(size)
		if err != nil {
			panic(err)
		}
		debug.SetGCPercent(15) // as main does
		os.Exit(newLargeFleet(n, os.Getenv("NIGHTLY_FAULTS") != "").child())
	}
	os.Exit(m.Run())
}

// largeFleet is a fleet of any size over all fake exchanges and many egresses. It
// is the same in every process.
type largeFleet struct {
	hosts     map[string]*exchangetest.Fake
	accounts  map[string]*exchangetest.Fake // by the key's name
	env       map[string]string
	inventory []map[string]any
	granted   map[string][]access.Capability // by the key's name
	fault     map[string]string
	once      sync.Once
	asked     func() // called before the first request; may be nil
}

const (
	largeEgresses = 101 // a prime, so that each exchange is asked through all of them
	largeAccounts = 20  // per exchange: a fake is one account, and exchanges that list keys list one account's
)

// faults affect one key in a hundred each.
var faults = []struct {
	name  string
	fault exchangetest.Fault
}{
	{"hang", exchangetest.Fault{Delay: time.Hour, Times: -1}},
	{"drop", exchangetest.Fault{Drop: true, Times: -1}},
	{"5xx", exchangetest.Fault{Reply: exchangetest.HTML(http.StatusServiceUnavailable), Times: -1}},
	{"429", exchangetest.Fault{Reply: exchangetest.RateLimited("1")}},
	{"418", exchangetest.Fault{Reply: &exchangetest.Reply{Status: http.StatusTeapot, Header: map[string]string{"Retry-After": "600"}}, Times: -1}},
	{"garbage", exchangetest.Fault{Reply: &exchangetest.Reply{Status: http.StatusOK, Body: `{"ok":tru`}, Times: -1}},
	{"wrong clock", exchangetest.Fault{Failure: exchangetest.FailClock, Times: -1}},
}

func newLargeFleet(n int, withFaults bool) *largeFleet {
	f := &largeFleet{
		accounts: map[string]*exchangetest.Fake{}, env: map[string]string{}, granted: map[string][]access.Capability{}, fault: map[string]string{},
	}
	var every []*exchangetest.Fake
	for range largeAccounts {
		every = append(every, exchangetest.All()...)
	}
	perAccount := len(every) / largeAccounts
	for i, v := range every {
		v.SetCaller(netip.MustParseAddr(botHost))
		v.SetAccount(i / perAccount)
	}
	for i := range n {
		v := every[i%len(every)]
		name := fmt.Sprintf("bot-%05d", i)
		spec := exchangetest.Spec{IPs: []string{botHost}, SubAccount: true, Created: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
		if rights := v.Rights(); len(rights) > 0 {
			right := rights[i/perAccount%len(rights)]
			spec.Permissions, f.granted[name] = []string{right.Name}, right.Capabilities
		}
		kind := (i*31 + i/perAccount) % 100
		documented := kind < len(faults) && (faults[kind].fault.Failure == "" || slices.Contains(v.Failures(), faults[kind].fault.Failure))
		if withFaults && documented && v.Name() != "lighter" { // which is asked about an account, and not about a key
			spec.Faults = []exchangetest.Fault{faults[kind].fault}
			f.fault[name] = faults[kind].name
		}
		f.accounts[name] = v
		c := v.Issue(spec)
		entry := map[string]any{"name": name, "exchange": v.Name(), "policy": "trading", "key": c.Key, "secret": "env:S" + name[4:]}
		f.env["S"+name[4:]] = c.Secret.Reveal()
		if !c.Passphrase.IsZero() {
			entry["passphrase"] = "env:P" + name[4:]
			f.env["P"+name[4:]] = c.Passphrase.Reveal()
		}
		if c.Account != "" {
			entry["account"] = c.Account
		}
		f.inventory = append(f.inventory, entry)
	}
	return f
}

// RoundTrip sends a request to the fake of its host.
func (f *largeFleet) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.asked != nil {
		f.once.Do(f.asked)
	}
	if v := f.hosts[r.URL.Host]; v != nil {
		return v.RoundTrip(r)
	}
	return nil, fmt.Errorf("no fake at %s", r.URL.Host)
}

// stage connects a loaded fleet to the fakes, spread over the egresses.
func (f *largeFleet) stage(_ context.Context, loaded *fleet) error {
	logged := logAsked()
	connect(loaded, func(k *audit.Key) {
		i, _ := strconv.Atoi(strings.TrimPrefix(k.Name, "bot-"))
		k.Egress, k.Transport = egresses[i%len(egresses)], logged(f.accounts[k.Name], k.Name)
	})
	return nil
}

// logAsked logs which keys are asked about to the file that NIGHTLY_ASKED names, if any.
func logAsked() func(http.RoundTripper, string) http.RoundTripper {
	asked, err := os.OpenFile(os.Getenv("NIGHTLY_ASKED"), os.O_WRONLY|os.O_APPEND, 0)
	var mu sync.Mutex
	return func(next http.RoundTripper, name string) http.RoundTripper {
		if err != nil {
			return next
		}
		return &firstRequest{RoundTripper: next, first: func() {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintln(asked, name)
		}}
	}
}

// connect connects every key of a fleet, also those that are read later.
func connect(loaded *fleet, to func(k *audit.Key)) {
	for i := range loaded.keys {
		to(&loaded.keys[i])
	}
	for i := range loaded.large {
		each := loaded.large[i].keys
		loaded.large[i].keys = func(yield func(audit.Key) bool) {
			for k := range each {
				if to(&k); !yield(k) {
					return
				}
			}
		}
	}
}

// firstRequest tells of the first request that is sent.
type firstRequest struct {
	http.RoundTripper
	once  sync.Once
	first func()
}

// RoundTrip sends a request.
func (t *firstRequest) RoundTrip(r *http.Request) (*http.Response, error) {
	t.once.Do(t.first)
	return t.RoundTripper.RoundTrip(r)
}

// child runs the program on the fleet, and prints at the end how much memory the
// process used.
func (f *largeFleet) child() int {
	f.inventory, f.granted, f.fault = nil, nil, nil // the test's, not to be measured
	a := app{
		stdout: os.Stdout, stderr: os.Stderr, env: func(name string) string { return f.env[name] }, now: time.Now, stage: f.stage,
	}
	code := a.run(context.Background(), os.Args[1:])
	printPeak()
	return code
}

// printPeak prints how much memory the process used.
func printPeak() {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.SplitSeq(string(status), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Fprintln(os.Stderr, line)
		}
	}
}

// write writes the fleet's inventory.
func (f *largeFleet) write(t *testing.T, folder string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": f.inventory})
	require.NoError(t, err)
	return writeFile(t, filepath.Join(folder, "keys.json"), 0o600, string(text))
}

// command is the program as a process.
func (f *largeFleet) command(t *testing.T, withFaults bool, extra []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), "NIGHTLY_CHILD="+strconv.Itoa(len(f.inventory)))
	if withFaults {
		cmd.Env = append(cmd.Env, "NIGHTLY_FAULTS=1")
	}
	cmd.Env = append(cmd.Env, extra...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return cmd, &stderr
}

// largeSize is the size of the fleets here.
func largeSize() int {
	if raced {
		return 1500
	}
	return 20_000
}

// TestLargeFleetWithFaults: whatever happens to some keys, each key has its result,
// and no fault is mistaken for a missing right.
func TestLargeFleetWithFaults(t *testing.T) {
	t.Parallel()
	f := newLargeFleet(largeSize(), true)
	folder := t.TempDir()
	state := filepath.Join(folder, "state.db")
	cmd, stderr := f.command(t, true, nil, "--keys", f.write(t, folder), "--state", state, "--deadline", "5m", "--timeout", "6s", "--format", "jsonl", "--output", os.DevNull)
	_ = cmd.Run()
	require.Equal(t, audit.ExitFindings, cmd.ProcessState.ExitCode(), stderr.String())
	t.Log(stderr.String())
	assert.Regexp(t, `[0-9]+ keys in [0-9hms.]+, [0-9]+ per second`, stderr.String())

	report, err := readReport(state)
	require.NoError(t, err)
	require.Len(t, report.Results, len(f.inventory))
	failures, odd := map[string]map[access.Kind]int{}, ""
	seen := map[string]bool{}
	for _, r := range report.Results {
		require.False(t, seen[r.Name], r.Name)
		seen[r.Name] = true
		for _, c := range f.granted[r.Name] {
			require.NotEqual(t, access.Denied, r.Snapshot.Grant(c).State, "%s at %s (%s) is reported to lack %s", r.Name, r.Exchange, f.fault[r.Name], c)
		}
		if failure := r.Snapshot.Failure; failure != nil {
			kind := f.fault[r.Name]
			if failures[kind] == nil {
				failures[kind] = map[access.Kind]int{}
			}
			failures[kind][failure.Kind]++
			if kind == "" && failure.Kind != access.KindBanned && failure.Kind != access.KindRateLimited {
				odd = r.Name + ": " + failure.Error()
			}
			assert.False(t, slices.ContainsFunc(r.Snapshot.Grants, func(g access.Grant) bool { return g.State == access.Denied }), r.Name)
			require.Error(t, r.Err(audit.High), r.Name)
		}
	}
	for _, kind := range faults {
		if kind.name != "429" { // asked again, and answered
			assert.NotEmpty(t, failures[kind.name], kind.name)
		}
	}
	for kind := range failures[""] { // a fault of one key never affects another, except a ban of the IP address
		assert.Contains(t, []access.Kind{access.KindBanned, access.KindRateLimited}, kind, odd)
	}
	t.Log(failures)
	if _, peak, ok := strings.Cut(stderr.String(), "VmHWM:"); ok && !raced {
		kib, err := strconv.Atoi(strings.Fields(peak)[0])
		require.NoError(t, err)
		assert.Less(t, kib, 150<<10, "KiB of memory, with the fakes in the same process")
	}
}

// TestKilledAndResumed: a killed run loses no finished result, and the next one
// asks no key again that has a result.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	f := newLargeFleet(min(largeSize(), 6000), false)
	folder := t.TempDir()
	state, asked := filepath.Join(folder, "state.db"), writeFile(t, filepath.Join(folder, "asked"), 0o600, "")
	args := []string{"--keys", f.write(t, folder), "--state", state, "--output", os.DevNull, "--concurrency", "32"}
	cmd, stderr := f.command(t, false, nil, args...)
	require.NoError(t, cmd.Start())
	enough := len(f.inventory)/10 + rand.IntN(len(f.inventory)/2)
	finished := func() []string {
		if info, err := os.Stat(state); err != nil || info.Size() == 0 {
			return nil
		}
		return unfinished(t, state)
	}
	for deadline := time.Now().Add(4 * time.Minute); len(finished()) < enough && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	done := finished()
	require.GreaterOrEqual(t, len(done), enough, stderr.String())
	require.Less(t, len(done), len(f.inventory))
	_, err := readReport(state)
	require.ErrorContains(t, err, "has no run that ended", "half a run is none")

	cmd, stderr = f.command(t, false, []string{"NIGHTLY_ASKED=" + asked}, append(args, "--resume")...)
	_ = cmd.Run()
	require.Contains(t, []int{audit.ExitFindings, audit.ExitNotAssessed}, cmd.ProcessState.ExitCode(), stderr.String())
	assert.Contains(t, stderr.String(), fmt.Sprintf(": %d results are stored", len(done)))
	report, err := readReport(state)
	require.NoError(t, err)
	require.Len(t, report.Results, len(f.inventory))
	again, err := os.ReadFile(asked)
	require.NoError(t, err)
	left := strings.Fields(string(again))
	assert.Len(t, left, len(f.inventory)-len(done))
	finishedBefore := map[string]bool{}
	for _, name := range done {
		finishedBefore[name] = true
	}
	for _, name := range left {
		assert.False(t, finishedBefore[name], name)
	}
	assert.Empty(t, unfinished(t, state))
	for _, r := range report.Results {
		require.True(t, r.Inspected(), "%s: %v", r.Name, r.Snapshot.Failure)
	}
}
