package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestMain starts this test binary again as a worker or a server, in a process of its own.
func TestMain(m *testing.M) {
	switch os.Getenv("FLEET_CHILD") {
	case "worker":
		os.Exit(workerProcess())
	case "server":
		os.Exit(serverProcess())
	case "alone":
		os.Exit(aloneProcess())
	}
	os.Exit(m.Run())
}

const botHost = "198.18.0.10"

var caller = netip.MustParseAddr(botHost)

// testLease is short, so that a test sees the end of one.
const testLease = 1500 * time.Millisecond

// firm is a fleet with its server, its fake exchanges and its keys.
type firm struct {
	t       testing.TB
	members *Coordinator
	workers map[string]Worker
	certs   *Certificates
	folder  string // of the server
	server  Server
	fakes   []*exchangetest.Fake
	keys    map[string][]audit.Key // by worker
	log     logged
	asking  *asking
}

// logged is what was said.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) log(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// newFirm makes a fleet of workers behind egresses, whose keys are at these fakes.
func newFirm(tb testing.TB, egresses map[string]string, fakes ...*exchangetest.Fake) *firm {
	tb.Helper()
	f := &firm{t: tb, workers: map[string]Worker{}, folder: tb.TempDir(), fakes: fakes, keys: map[string][]audit.Key{}, asking: &asking{egresses: egresses}}
	for _, fake := range fakes {
		fake.SetCaller(caller)
	}
	var workers []Worker
	var err error
	f.members, workers, err = NewMembers(egresses, nil)
	require.NoError(tb, err)
	for _, w := range workers {
		f.workers[w.Worker] = w
	}
	f.certs, err = NewCertificates(time.Now(), "127.0.0.1")
	require.NoError(tb, err)
	return f
}

// embed starts the server in this process.
func (f *firm) embed() *Embedded {
	f.t.Helper()
	e, err := Embed(f.members, f.certs, f.folder, 0)
	require.NoError(f.t, err)
	f.t.Cleanup(e.Close)
	f.server = e.Server
	return e
}

// give issues keys at each fake to a worker.
func (f *firm) give(worker string, each int) {
	for _, fake := range f.fakes {
		exchange, _ := exchanges.Lookup(fake.Name())
		for range each {
			spec := exchangetest.Spec{IPs: []string{botHost}, SubAccount: true, Created: time.Now().AddDate(0, 0, -20)}
			if rights := fake.Rights(); len(rights) > 0 {
				spec.Permissions = []string{rights[0].Name}
			}
			name := fmt.Sprintf("%s-%s-%d", worker, fake.Name(), len(f.keys[worker]))
			f.keys[worker] = append(f.keys[worker], audit.Key{Name: name, Exchange: exchange, Credentials: fake.Issue(spec)})
		}
	}
}

// run is a run over all keys.
func (f *firm) run(limit time.Duration) *Run {
	r := &Run{Server: f.server, Credentials: f.members, Deadline: time.Now().Add(limit), Log: f.log.log, Lease: testLease, Listed: map[string]string{}}
	for worker := range f.workers {
		for _, k := range f.keys[worker] {
			r.Keys = append(r.Keys, Assigned{k.Name, k.Exchange.Name, k.Exchange.Environments[0].Name, worker})
			r.Listed[k.Name] = worker
		}
	}
	slices.SortFunc(r.Keys, func(a, b Assigned) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// answers are those of a run, by key. Each key has one.
func (f *firm) answers(r *Run) map[string]Answer {
	f.t.Helper()
	require.NoError(f.t, r.Connect(f.t.Context()))
	return f.gathered(r, nil)
}

func (f *firm) gathered(r *Run, each func(Answer)) map[string]Answer {
	f.t.Helper()
	out := map[string]Answer{}
	for a := range r.Answers(f.t.Context(), func() error { return nil }) {
		if _, again := out[a.Key]; again {
			assert.Fail(f.t, "a key has two answers", a.Key)
		}
		if out[a.Key] = a; each != nil {
			each(a)
		}
	}
	assert.Len(f.t, out, len(r.Keys), "no key is lost")
	return out
}

// work starts a worker in this process, and returns how to stop it.
func (f *firm) work(worker string, change ...func(*Host)) (stop func()) {
	h := &Host{
		Server: f.server, Worker: f.workers[worker], Version: "test", Keys: f.keys[worker], Exchanges: []string{"okx", "bybit", "kraken"}, Log: f.log.log,
		Options: adapter.Options{Transport: f.asking.through(worker, f.fakes)},
	}
	for _, c := range change {
		c(h)
	}
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := h.Work(ctx); err != nil && ctx.Err() == nil {
			f.log.log("worker %s: %s", worker, err)
		}
	}()
	stop = func() { cancel(); <-done }
	f.t.Cleanup(stop)
	return stop
}

// childHost is what a worker's process is told.
type childHost struct {
	Server Server
	Worker Worker
	Fakes  []string // URLs
	Keys   []childKey
}

type childKey struct {
	Name, Exchange, Key, Account, Secret, Passphrase, Egress string
	Fakes                                                    int
}

// hosts are those of the workers, each with its own way to the fakes.
func (f *firm) hosts() map[string]*childHost {
	f.t.Helper()
	out := map[string]*childHost{}
	for worker := range f.workers {
		told := &childHost{Worker: f.workers[worker], Fakes: []string{f.asking.serve(f.t, worker, f.fakes)}}
		for _, k := range f.keys[worker] {
			told.Keys = append(told.Keys, newChildKey(k, 0))
		}
		out[worker] = told
	}
	return out
}

func newChildKey(k audit.Key, fakes int) childKey {
	c := k.Credentials
	return childKey{k.Name, k.Exchange.Name, c.Key, c.Account, c.Secret.Reveal(), c.Passphrase.Reveal(), k.Egress, fakes}
}

// child starts this test binary as something else. It ends with its standard input.
func child(tb testing.TB, what string, told any) *exec.Cmd {
	tb.Helper()
	path, err := os.Executable()
	require.NoError(tb, err)
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "FLEET_CHILD="+what)
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	require.NoError(tb, json.NewEncoder(input).Encode(told))
	tb.Cleanup(func() {
		_ = input.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// told reads what a process is told, and gives a context that ends with its input.
func told(to any) context.Context {
	if err := json.NewDecoder(os.Stdin).Decode(to); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); cancel() }()
	return ctx
}

func workerProcess() int {
	var is childHost
	ctx := told(&is)
	h := &Host{Server: is.Server, Worker: is.Worker, Version: "test", Keys: is.keys(), Log: func(string, ...any) {}}
	if err := h.Work(ctx); err != nil {
		return 1
	}
	return 0
}

// aloneProcess audits the keys of all hosts without a server and without workers, as one process
// does.
func aloneProcess() int {
	var hosts []*childHost
	ctx := told(&hosts)
	var keys []audit.Key
	for i, host := range hosts {
		for _, k := range host.keys() {
			k.Egress += fmt.Sprint(" of host ", i)
			keys = append(keys, k)
		}
	}
	failed := 0
	for r := range audit.Run(ctx, slices.Values(keys), nil) {
		if !r.Inspected() {
			failed++
		}
	}
	return min(failed, 1)
}

// keys are those that a host was told of.
func (is *childHost) keys() (out []audit.Key) {
	var transports []http.RoundTripper
	for _, url := range is.Fakes {
		transports = append(transports, exchangetest.Reach(url))
	}
	for _, k := range is.Keys {
		exchange, _ := exchanges.Lookup(k.Exchange)
		to := &marked{RoundTripper: transports[k.Fakes], key: k.Name}
		out = append(out, audit.Key{Name: k.Name, Exchange: exchange, Egress: k.Egress, Transport: to, Load: to.load(adapter.Credentials{
			Key: k.Key, Account: k.Account, Secret: adapter.NewSecret(k.Secret), Passphrase: adapter.NewSecret(k.Passphrase),
		})})
	}
	return out
}

// childServer is what a server's process is told.
type childServer struct {
	Members *Coordinator
	Certs   *Certificates
	Folder  string
	Port    int
}

func serverProcess() int {
	var is childServer
	ctx := told(&is)
	e, err := Embed(is.Members, is.Certs, is.Folder, is.Port)
	if err != nil {
		return 1
	}
	<-ctx.Done()
	e.Close()
	return 0
}
