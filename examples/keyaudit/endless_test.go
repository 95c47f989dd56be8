package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
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
	shift     int // of the rights of all keys
}

// endlessExchange is an exchange without its pace, and fakes of it that are idle.
type endlessExchange struct {
	adapter *adapter.Exchange
	fakes   chan *exchangetest.Fake
	rights  []exchangetest.Right
	differs bool // what a key with its second right may do: it is reported, and another thing than with the first
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
		f.exchanges = append(f.exchanges, endlessExchange{&unpaced, fakes, fake.Rights(), false})
	}
	f.exchanges = slices.DeleteFunc(f.exchanges, func(e endlessExchange) bool { return (&endlessFleet{exchanges: []endlessExchange{e}}).hasOneAccount() })
	other := &endlessFleet{f.exchanges, day, 1}
	for i := range f.exchanges {
		if e := &f.exchanges[i]; len(e.rights) > 1 {
			e.differs = !slices.Equal(f.capabilities(i), other.capabilities(i))
		}
	}
	return f
}

// hasOneAccount reports whether two keys of the only exchange concern one another: its fake
// knows one account, and keys of one account are judged together, in memory.
func (f *endlessFleet) hasOneAccount() bool {
	first, second := f.links(0), f.links(1)
	return slices.ContainsFunc(first, func(l audit.Link) bool { return l.Asks && slices.Contains(second, l) })
}

func (f *endlessFleet) links(i int) []audit.Link {
	return (&audit.Result{Exchange: f.exchange(i).adapter.Name, Snapshot: f.snapshot(i)}).Links()
}

func (f *endlessFleet) snapshot(i int) *access.Snapshot {
	s, err := audit.Inspect(context.Background(), audit.Key{Exchange: f.exchange(i).adapter, Credentials: f.credentials(i), Transport: endlessKey{f, i}}, nil)
	if err != nil {
		panic(err)
	}
	return s
}

// capabilities are what an exchange reports that a key may do.
func (f *endlessFleet) capabilities(i int) (held []access.Capability) {
	for _, g := range f.snapshot(i).Grants {
		if g.State == access.Granted {
			held = append(held, g.Capability)
		}
	}
	return held
}

func (f *endlessFleet) credentials(i int) (own adapter.Credentials) {
	f.with(i, func(_ *exchangetest.Fake, c adapter.Credentials) { own = c })
	return own
}

func (f *endlessFleet) exchange(i int) *endlessExchange { return &f.exchanges[i%len(f.exchanges)] }

// changes reports whether a key has another right than on the day before.
func (f *endlessFleet) changes(i int) bool { return f.day > 0 && i%50 == f.day%50 }

// right is the number of the one right that a key has.
func (f *endlessFleet) right(i int) int {
	right := f.shift + i/len(f.exchanges)
	for day := 1; day <= f.day; day++ {
		if i%50 == day%50 {
			right++
		}
	}
	return right % min(2, len(f.exchange(i).rights))
}

// with issues a key at a fake, for a moment.
func (f *endlessFleet) with(i int, do func(*exchangetest.Fake, adapter.Credentials)) {
	e := f.exchange(i)
	fake := <-e.fakes
	defer func() { e.fakes <- fake }()
	spec := exchangetest.Spec{IPs: []string{botHost}, SubAccount: true, Created: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	if len(e.rights) > 0 {
		spec.Permissions = []string{e.rights[f.right(i)].Name}
	}
	fake.SetAccount(i)
	c := fake.Issue(spec)
	do(fake, c)
	fake.Revoke(c)
	fake.Forget()
}

// env has the secrets of the fleet.
func (f *endlessFleet) env(name string) string {
	if len(name) < 2 || name[0] != 'S' && name[0] != 'P' {
		return ""
	}
	i, err := strconv.Atoi(name[1:])
	if err != nil {
		return ""
	}
	if name[0] == 'P' {
		return f.credentials(i).Passphrase.Reveal()
	}
	return f.credentials(i).Secret.Reveal()
}

// write writes the inventory of n keys, in files that are not too large. What each key is
// for can make them larger.
func (f *endlessFleet) write(tb testing.TB, folder string, n int, purpose string) (args []string) {
	tb.Helper()
	for from := 0; from < n; from += endlessPart {
		path := filepath.Join(folder, fmt.Sprintf("keys-%d.json", from))
		file, err := os.Create(path)
		require.NoError(tb, err)
		w := bufio.NewWriter(file)
		for i := from; i < min(n, from+endlessPart); i++ {
			begin := ",\n"
			if i == from {
				begin = "{\"keys\": [\n"
			}
			entry := map[string]any{"name": endlessName(i), "exchange": f.exchange(i).adapter.Name, "policy": "trading", "secret": fmt.Sprint("env:S", i)}
			if purpose != "" {
				entry["purpose"] = purpose
			}
			c := f.credentials(i)
			if entry["key"] = c.Key; !c.Passphrase.IsZero() {
				entry["passphrase"] = fmt.Sprint("env:P", i)
			}
			if c.Account != "" {
				entry["account"] = c.Account
			}
			text, err := json.Marshal(entry)
			require.NoError(tb, err)
			fmt.Fprintf(w, "%s%s", begin, text)
		}
		fmt.Fprintln(w, "\n]}")
		require.NoError(tb, w.Flush())
		require.NoError(tb, file.Close())
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
	logged := logAsked()
	connect(loaded, func(k *audit.Key) {
		i, err := strconv.Atoi(strings.TrimPrefix(k.Name, "bot-"))
		if err != nil {
			panic(err)
		}
		k.Exchange, k.Egress, k.Transport = f.exchange(i).adapter, egresses[i%len(egresses)], logged(endlessKey{f, i}, k.Name)
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
	code := a.run(context.Background(), os.Args[1:])
	printPeak()
	os.Exit(code)
}

// number is what a variable says, and a least number without it.
func number(variable string, least int) int {
	n, _ := strconv.Atoi(os.Getenv(variable))
	return max(n, least)
}

// BenchmarkFleet is runs of the program over BENCH_KEYS keys, each on another day.
func BenchmarkFleet(b *testing.B) {
	n, folder := number("BENCH_KEYS", 5000), cmp.Or(os.Getenv("BENCH_FOLDER"), b.TempDir())
	keys := newEndlessFleet(0).write(b, folder, n, "")
	for day := range number("BENCH_RUNS", 2) {
		began := time.Now()
		out := endlessRun(b, folder, day, n, keys)
		took := time.Since(began)
		info, err := os.Stat(filepath.Join(folder, "state.db"))
		require.NoError(b, err)
		b.Logf("run %d: %d keys in %s, %.0f per second; %d bytes of state per key\n%s", day+1, n, took, float64(n)/took.Seconds(), int(info.Size())/n, out)
	}
}

// TestRunsOfLargeInventory: the second run names exactly the keys that have changed.
func TestRunsOfLargeInventory(t *testing.T) {
	t.Parallel()
	const n = 1200
	folder := t.TempDir()
	keys := newEndlessFleet(0).write(t, folder, n, longPurpose)
	info, err := os.Stat(keys[1])
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(1<<20), "it is not large")
	for day := range 2 {
		endlessRun(t, folder, day, n, keys)
	}
}

// endlessRun runs the program with four reports, and asserts that the first of them
// names exactly the keys that have changed.
func endlessRun(tb testing.TB, folder string, day, n int, keys []string) string {
	tb.Helper()
	cmd, stderr := endlessCommand(tb, day, "", append([]string{
		"--state", filepath.Join(folder, "state.db"), "--format", "jsonl", "--output", "-", "--concurrency", "32",
		"--report", "csv=" + os.DevNull, "--report", "sarif=" + os.DevNull, "--report", "text=" + os.DevNull,
	}, keys...))
	report, err := cmd.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	seen, wrong := readChanges(report, newEndlessFleet(day))
	_ = cmd.Wait()
	require.Equal(tb, audit.ExitFindings, cmd.ProcessState.ExitCode(), stderr.String())
	require.Equal(tb, n, seen, "keys in the report")
	require.Empty(tb, wrong, "changed and not named, or named and not changed")
	return stderr.String()
}

// endlessCommand is the program as a process. It notes in a log which keys it asks about.
func endlessCommand(tb testing.TB, day int, log string, args []string) (*exec.Cmd, *bytes.Buffer) {
	tb.Helper()
	self, err := os.Executable()
	require.NoError(tb, err)
	cmd := exec.CommandContext(tb.Context(), self, args...)
	cmd.Env = append(os.Environ(), "NIGHTLY_CHILD=endless", "ENDLESS_DAY="+strconv.Itoa(day), "NIGHTLY_ASKED="+log)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return cmd, &stderr
}

// readChanges reads a report. It counts the keys, and finds those that are wrongly said
// to have changed, or not to.
func readChanges(report io.Reader, f *endlessFleet) (seen int, wrong []string) {
	const failed = `","outcome":"failed"`
	lines := bufio.NewScanner(report)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Bytes()
		rest, ok := bytes.CutPrefix(line, []byte(`{"type":"result","name":"bot-`))
		if !ok {
			continue
		}
		seen++
		number, _, _ := bytes.Cut(rest, []byte(`"`))
		i, err := strconv.Atoi(string(number))
		named := slices.ContainsFunc([]string{audit.RuleGainedPermission, audit.RuleLostPermission, audit.RuleFactsChanged, audit.RuleFactsLost, audit.RuleKeyAppeared},
			func(rule string) bool { return bytes.Contains(line, []byte(`"rule":"`+rule+failed)) })
		if err != nil || named && !f.changes(i) || !named && f.changes(i) && f.exchange(i).differs {
			wrong = append(wrong, string(number)+" at "+f.exchange(i).adapter.Name)
		}
	}
	return seen, wrong
}
