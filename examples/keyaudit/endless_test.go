package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// endlessFleet is a fleet of any size over all fake exchanges, of which nothing is kept:
// what a key is follows from its number. A fake issues it again for each of its requests.
type endlessFleet struct {
	exchanges []endlessExchange
	day       int // each day, one key in fifty has changed
}

// endlessExchange is an exchange without its pace, and fakes of it that are idle.
type endlessExchange struct {
	adapter *adapter.Exchange
	fakes   chan *exchangetest.Fake
	rights  []exchangetest.Right
}

func newEndlessFleet(day int) *endlessFleet {
	f := &endlessFleet{day: day}
	for at, fake := range exchangetest.All() {
		e, _ := exchanges.Lookup(fake.Name())
		if c := fake.Issue(exchangetest.Spec{}); e.Needs.Wallet != nil || strings.Contains(c.Secret.Reveal(), "-----BEGIN") {
			continue // making a key pair takes longer than all the rest
		}
		fakes := make(chan *exchangetest.Fake, endlessFakes)
		for range endlessFakes {
			fresh := exchangetest.All()[at]
			fresh.SetCaller(netip.MustParseAddr(botHost))
			fakes <- fresh
		}
		unpaced := *e
		unpaced.Limit = adapter.Limit{Requests: 1e6, Per: time.Second}
		f.exchanges = append(f.exchanges, endlessExchange{&unpaced, fakes, fake.Rights()})
	}
	return f
}

func (f *endlessFleet) exchange(i int) *endlessExchange { return &f.exchanges[i%len(f.exchanges)] }

// changes reports whether a key is another today than on the first day.
func (f *endlessFleet) changes(i int) bool { return f.day > 0 && i%50 == f.day%50 }

// with issues a key at a fake, for a moment.
func (f *endlessFleet) with(i int, do func(*exchangetest.Fake, adapter.Credentials)) {
	e := f.exchange(i)
	fake := <-e.fakes
	defer func() { e.fakes <- fake }()
	spec := exchangetest.Spec{IPs: []string{botHost}, SubAccount: true, Created: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	if len(e.rights) > 0 {
		n := i / len(f.exchanges)
		if f.changes(i) {
			n++
		}
		spec.Permissions = []string{e.rights[n%len(e.rights)].Name}
	}
	fake.SetAccount(i)
	c := fake.Issue(spec)
	do(fake, c)
	fake.Revoke(c)
	fake.Forget()
}

// env has the secrets of the fleet.
func (f *endlessFleet) env(name string) (value string) {
	if len(name) < 2 || name[0] != 'S' && name[0] != 'P' {
		return ""
	}
	i, err := strconv.Atoi(name[1:])
	if err != nil {
		return ""
	}
	f.with(i, func(_ *exchangetest.Fake, c adapter.Credentials) {
		if value = c.Secret.Reveal(); name[0] == 'P' {
			value = c.Passphrase.Reveal()
		}
	})
	return value
}

// write writes the inventory of n keys, in files that are not too large.
func (f *endlessFleet) write(t testing.TB, folder string, n int) (args []string) {
	t.Helper()
	for from := 0; from < n; from += endlessPart {
		path := filepath.Join(folder, fmt.Sprintf("keys-%d.json", from))
		file, err := os.Create(path)
		require.NoError(t, err)
		w := bufio.NewWriter(file)
		for i := from; i < min(n, from+endlessPart); i++ {
			begin := ",\n"
			if i == from {
				begin = "{\"keys\": [\n"
			}
			entry := map[string]any{"name": endlessName(i), "exchange": f.exchange(i).adapter.Name, "policy": "trading", "secret": fmt.Sprint("env:S", i)}
			f.with(i, func(_ *exchangetest.Fake, c adapter.Credentials) {
				if entry["key"] = c.Key; !c.Passphrase.IsZero() {
					entry["passphrase"] = fmt.Sprint("env:P", i)
				}
			})
			text, err := json.Marshal(entry)
			require.NoError(t, err)
			fmt.Fprintf(w, "%s%s", begin, text)
		}
		fmt.Fprintln(w, "\n]}")
		require.NoError(t, w.Flush())
		require.NoError(t, file.Close())
		args = append(args, "--keys", path)
	}
	return args
}

const (
	endlessPart  = 200_000
	endlessFakes = 4 // of each exchange
)

func endlessName(i int) string { return fmt.Sprintf("bot-%07d", i) }

// RoundTrip sends a request to a fake that has the one key.
func (k endlessKey) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	k.fleet.with(k.number, func(fake *exchangetest.Fake, _ adapter.Credentials) { resp, err = fake.RoundTrip(r) })
	return resp, err
}

// endlessKey sends the requests of one key.
type endlessKey struct {
	fleet  *endlessFleet
	number int
}

// stage connects a loaded fleet to the fakes.
func (f *endlessFleet) stage(_ context.Context, loaded *fleet) error {
	connect(loaded, func(k *audit.Key) {
		i, err := strconv.Atoi(strings.TrimPrefix(k.Name, "bot-"))
		if err != nil {
			panic(err)
		}
		k.Exchange, k.Egress, k.Transport = f.exchange(i).adapter, egresses[i%len(egresses)], endlessKey{f, i}
	})
	return nil
}

var egresses = func() (out []string) {
	for i := range largeEgresses {
		out = append(out, fmt.Sprintf("exit-%02d", i))
	}
	return out
}()

// endlessChild is the program in a process of its own.
func endlessChild() {
	day, _ := strconv.Atoi(os.Getenv("ENDLESS_DAY"))
	f := newEndlessFleet(day)
	debug.SetGCPercent(15) // as main does
	a := app{stdout: os.Stdout, stderr: os.Stderr, env: f.env, now: time.Now, stage: f.stage}
	if path := os.Getenv("ENDLESS_HEAP"); path != "" {
		go heapProfiles(path)
	}
	if path := os.Getenv("ENDLESS_CPU"); path != "" {
		file, _ := os.Create(path)
		_ = pprof.StartCPUProfile(file)
		defer pprof.StopCPUProfile()
	}
	code := a.run(context.Background(), os.Args[1:])
	pprof.StopCPUProfile()
	printPeak()
	os.Exit(code)
}

// heapProfiles writes a profile whenever the heap has grown.
func heapProfiles(path string) {
	var most uint64
	for range time.Tick(200 * time.Millisecond) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > most+most/20 {
			most = m.HeapAlloc
			file, _ := os.Create(path)
			_ = pprof.WriteHeapProfile(file)
			_ = file.Close()
		}
	}
}

var (
	_ = slices.Contains[[]string]
	_ audit.Key
	_ access.Capability
)

// BenchmarkFleet is runs of the program over BENCH_KEYS keys, each on another day.
func BenchmarkFleet(b *testing.B) {
	n, _ := strconv.Atoi(os.Getenv("BENCH_KEYS"))
	n = max(n, 5000)
	folder := os.Getenv("BENCH_FOLDER")
	if folder == "" {
		folder = b.TempDir()
	}
	keys := newEndlessFleet(0).write(b, folder, n)
	runs, _ := strconv.Atoi(os.Getenv("BENCH_RUNS"))
	for day := range max(runs, 2) {
		began := time.Now()
		out := endlessRun(b, folder, day, keys)
		info, err := os.Stat(filepath.Join(folder, "state.db"))
		require.NoError(b, err)
		b.Logf("day %d: %d keys in %s, %.0f per second, state %d bytes per key\n%s", day, n, time.Since(began), float64(n)/time.Since(began).Seconds(), int(info.Size())/n, out)
	}
}

// endlessRun runs the program, with four reports.
func endlessRun(t testing.TB, folder string, day int, keys []string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	at := func(name string) string { return filepath.Join(folder, name) }
	args := append([]string{
		"--state", at("state.db"), "--format", "jsonl", "--output", at("report.jsonl"),
		"--report", "csv=" + at("report.csv"), "--report", "sarif=" + at("report.sarif"), "--report", "text=" + at("report.txt"),
		"--concurrency", "32",
	}, keys...)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), "NIGHTLY_CHILD=endless", "ENDLESS_DAY="+strconv.Itoa(day))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	_ = cmd.Run()
	require.Equal(t, audit.ExitFindings, cmd.ProcessState.ExitCode(), stderr.String())
	return stderr.String()
}
