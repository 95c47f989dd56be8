//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// hostsOfMany is how many workers there are, two behind each egress.
const hostsOfMany = 100

// manyHosts answer for a coordinator's keys at once, with what was found once at each fake, so that
// the coordinator is what is measured. They are written from the description of the wire in
// the fleet package, and share no code with its workers.
type manyHosts struct {
	url   string
	found []*access.Snapshot
	keys  map[string][]heldByHost // by worker
}

type heldByHost struct {
	Name     string `json:"name"`
	Exchange string `json:"exchange"`
	found    *access.Snapshot
	n        int
}

// foundAtFakes are the snapshots of one key at each fake.
func foundAtFakes(tb testing.TB) (out []*access.Snapshot) {
	tb.Helper()
	for _, fake := range exchangetest.All() {
		fake.SetCaller(netip.MustParseAddr(botHost))
		exchange, _ := exchanges.Lookup(fake.Name())
		spec := exchangetest.Spec{IPs: []string{botHost}, Created: time.Now().AddDate(0, 0, -20)}
		for _, right := range fake.Rights()[:min(2, len(fake.Rights()))] {
			spec.Permissions = append(spec.Permissions, right.Name)
		}
		k := audit.Key{Name: fake.Name(), Exchange: exchange, Policy: audit.Trading(), Credentials: fake.Issue(spec), Transport: fake}
		result, _ := audit.Assess(tb.Context(), k, nil)
		require.NotNil(tb, result.Snapshot, fake.Name())
		out = append(out, result.Snapshot)
	}
	return out
}

// of is what was found about the n-th key. Four keys are of one account.
func (h *heldByHost) of() *access.Snapshot {
	s := *h.found
	s.TakenAt = time.Now().UTC()
	s.KeyID, s.Fingerprint, s.Label = fmt.Sprintf("k%03d…%04d", h.n%1000, h.n%9973), fmt.Sprintf("%016x", h.n*2654435761), fmt.Sprint("grid ", h.n)
	if s.Account.ID != "" {
		s.Account.ID = fmt.Sprintf("%04d…%04d", h.n/4%10000, h.n/40000)
	}
	s.IPAllowlist = access.NewIPAllowlist([]string{fmt.Sprintf("8.8.%d.%d", h.n%256, h.n/256%256)})
	return &s
}

// work answers the jobs of one worker until the context ends.
func (m *manyHosts) work(ctx context.Context, tb testing.TB, w workers.Worker) {
	tb.Helper()
	pair, err := nkeys.FromSeed([]byte(w.Seed))
	if !assert.NoError(tb, err) { //nolint:testifylint // not in the test's own goroutine
		return
	}
	public, _ := pair.PublicKey()
	conn, err := nats.Connect(m.url, nats.Nkey(public, pair.Sign), nats.CustomInboxPrefix("_INBOX_"+w.Worker))
	if !assert.NoError(tb, err) { //nolint:testifylint // not in the test's own goroutine
		return
	}
	defer conn.Close()
	js, _ := jetstream.New(conn)
	send := func(subject string, message any) {
		body, _ := json.Marshal(message)
		signature, _ := pair.Sign(slices.Concat([]byte("keyaudit\n"+subject+"\n"), body))
		for ctx.Err() == nil {
			if _, err := js.Publish(ctx, subject, append(signature, body...)); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond) // before the coordinator's first run there is nobody
		}
	}
	keys, held := m.keys[w.Worker], map[string]*heldByHost{}
	for i := range keys {
		held[keys[i].Name] = &keys[i]
	}
	since, parts := time.Now().UTC(), 0
	for part := range slices.Chunk(keys, 500) {
		send(fmt.Sprintf("$KV.names.%s.%d", w.Worker, parts), map[string]any{"since": since, "keys": part})
		parts++
	}
	send("$KV.worker."+w.Worker, map[string]any{"worker": w.Worker, "version": "test", "since": since, "parts": parts})
	answer := func(msg jetstream.Msg) {
		var job struct{ Run, Key string }
		_ = json.Unmarshal(msg.Data(), &job)
		send("result."+w.Worker, map[string]any{"run": job.Run, "key": job.Key, "snapshot": held[job.Key].of()})
		_ = msg.Ack()
	}
	lanes := map[string]bool{}
	for _, k := range keys {
		lanes[k.Exchange] = true
	}
	for exchange := range lanes {
		consumer, err := js.Consumer(ctx, "jobs-"+w.Worker, exchange)
		for ; err != nil && ctx.Err() == nil; consumer, err = js.Consumer(ctx, "jobs-"+w.Worker, exchange) {
			time.Sleep(200 * time.Millisecond)
		}
		if err == nil {
			consuming, err := consumer.Consume(answer, jetstream.PullMaxMessages(4))
			if assert.NoError(tb, err) {
				defer consuming.Stop()
			}
		}
	}
	<-ctx.Done()
}

// BenchmarkCoordinator is BENCH_RUNS runs of BENCH_KEYS keys, 1 and 5,000 if unset, of which each worker has
// those of five exchanges. The coordinator, in a process of its own, is what is measured.
//
//	BENCH_KEYS=200000 go test ./keyaudit -run '^$' -bench Coordinator -benchtime 1x -timeout 1h
func BenchmarkCoordinator(b *testing.B) {
	n, runs := number("BENCH_KEYS", 5000), number("BENCH_RUNS", 1)
	folder := b.TempDir()
	m := &manyHosts{found: foundAtFakes(b), keys: map[string][]heldByHost{}}
	egresses := map[string]string{}
	var inventory []map[string]any
	for i := range n {
		at := i % hostsOfMany
		worker := fmt.Sprintf("host-%d", at)
		egresses[worker] = fmt.Sprintf("exit-%d", at/2)
		found := m.found[(at*5+i/hostsOfMany%5)%len(m.found)]
		k := heldByHost{fmt.Sprintf("bot-%07d", i), found.Exchange, found, i}
		m.keys[worker] = append(m.keys[worker], k)
		inventory = append(inventory, map[string]any{"name": k.Name, "exchange": k.Exchange, "environment": found.Environment, "policy": "trading", "worker": worker, "owner": fmt.Sprint("desk-", i%50)})
	}
	members, own, err := workers.NewMembers(egresses, nil)
	require.NoError(b, err)
	server, err := workers.Embed(members, nil, filepath.Join(folder, "store"), 0)
	require.NoError(b, err)
	b.Cleanup(server.Close)
	m.url = server.URL
	text, err := json.Marshal(map[string]any{"workers": egresses, "keys": inventory})
	require.NoError(b, err)
	keys := filepath.Join(folder, "keys.json")
	require.NoError(b, os.WriteFile(keys, text, 0o600))
	creds, state := filepath.Join(folder, "creds.json"), filepath.Join(folder, "state.db")
	require.NoError(b, os.WriteFile(creds, workers.Encode(members), 0o600))

	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(b.Context())
	for _, w := range own {
		all.Go(func() { m.work(ctx, b, w) })
	}
	b.Cleanup(func() { cancel(); all.Wait() })
	for run := range runs {
		self, err := os.Executable()
		require.NoError(b, err)
		cmd := exec.CommandContext(b.Context(), self, "run", "--nats", server.URL, "--creds", creds, "--keys", keys, "--state", state, "--format", "jsonl", "--output", os.DevNull)
		cmd.Env = append(os.Environ(), "NIGHTLY_CHILD=main")
		var said bytes.Buffer
		cmd.Stderr = &said
		began := time.Now()
		require.NoError(b, cmd.Start())
		peak := make(chan float64, 1)
		go func() { peak <- watchPeak(cmd.Process.Pid) }()
		_ = cmd.Wait()
		took := time.Since(began)
		assert.Equal(b, audit.ExitFindings, cmd.ProcessState.ExitCode(), said.String())
		b.Log(said.String())
		b.ReportMetric(<-peak, fmt.Sprintf("MiB%d", run))
		b.ReportMetric(float64(n)/took.Seconds(), fmt.Sprintf("keys%d/s", run))
	}
	report, err := readReport(state)
	require.NoError(b, err)
	assert.Len(b, report.Results, n)
	assert.Zero(b, report.Summary.NotInspected, slices.Sorted(maps.Keys(egresses))[0])
}

// watchPeak is the most memory that a process had until it ended, in MiB. What the system
// says at its end counts that of the process which started it too.
func watchPeak(pid int) (mib float64) {
	for {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, peak, ok := bytes.Cut(text, []byte("VmHWM:"))
		if err != nil || !ok {
			return mib
		}
		var kib float64
		_, _ = fmt.Sscan(string(peak), &kib)
		mib = kib / 1024
		time.Sleep(20 * time.Millisecond)
	}
}
