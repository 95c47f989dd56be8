//go:build unix

package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// BenchmarkFleet is a run over a large fleet at all exchanges by three worker processes, in
// which a worker and the server are killed, and another worker is paused:
//
//	FLEET_KEYS=20000 go test ./internal/fleet -run '^$' -bench Fleet -benchtime 1x
//
// Fakes are many accounts, each with an egress of its own, so that the exchanges' pace is not
// what is measured.
func BenchmarkFleet(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("FLEET_KEYS"))
	if err != nil {
		n = 2000
	}
	for b.Loop() {
		f := newFirm(b, map[string]string{"a": "tokyo", "b": "tokyo", "c": "london"})
		hosts := f.giveLarge(n)
		port := freePort(b)
		server := childServer{f.members, f.certs, f.folder, port}
		running := child(b, "server", server)
		f.server = Server{fmt.Sprintf("nats://127.0.0.1:%d", port), f.certs.CA}
		await(b, port)
		processes := map[string]*exec.Cmd{}
		start := func(worker string) { processes[worker] = child(b, "worker", hosts[worker]) }
		for worker, host := range hosts {
			host.Server = f.server
			start(worker)
		}
		r := f.run(20 * time.Minute)
		r.Lease = 5 * time.Second
		began := time.Now()
		require.NoError(b, r.Connect(b.Context()))
		done := 0
		got := f.gathered(r, func(Answer) {
			switch done++; done {
			case n / 4:
				_ = processes["b"].Process.Kill()
				_ = processes["b"].Wait()
				start("b")
			case n / 2:
				_ = running.Process.Kill()
				_ = running.Wait()
				running = child(b, "server", server)
			case n * 6 / 10:
				p := processes["a"]
				_ = p.Process.Signal(syscall.SIGSTOP)
				time.AfterFunc(8*time.Second, func() { _ = p.Process.Signal(syscall.SIGCONT) })
			}
		})
		took := time.Since(began)
		r.Close()
		inspected := 0
		for key, a := range got {
			if assert.NotNil(b, a.Snapshot, "%s: %s%s", key, a.Refused, a.Missing) && a.Snapshot.Failure == nil {
				inspected++
			}
			assert.True(b, strings.HasPrefix(key, a.Worker+"-"), key)
		}
		assert.Equal(b, n, inspected)
		assert.Zero(b, f.asking.overlaps)
		b.ReportMetric(float64(n)/took.Seconds(), "keys/s")
		b.ReportMetric(float64(total(f.asking.requests)), "requests")
	}
}

func total(of map[string]int) (n int) {
	for _, each := range of {
		n += each
	}
	return n
}

// giveLarge spreads keys over the workers, all exchanges, and twenty accounts at each.
func (f *firm) giveLarge(n int) map[string]*childHost {
	const accounts = 20
	hosts := map[string]*childHost{}
	sets := map[string][][]*exchangetest.Fake{}
	names := []string{"a", "b", "c"}
	for _, worker := range names {
		hosts[worker] = &childHost{Worker: f.workers[worker]}
		for i := range accounts {
			fakes := exchangetest.All()
			for _, fake := range fakes {
				fake.SetCaller(caller)
				fake.SetAccount(i)
			}
			sets[worker] = append(sets[worker], fakes)
			hosts[worker].Fakes = append(hosts[worker].Fakes, f.asking.serve(f.t, worker, fakes))
		}
	}
	for i := range n {
		worker := names[i%3]
		account := i / 3 % accounts
		fakes := sets[worker][account]
		f.fakes = fakes[i/3/accounts%len(fakes):][:1]
		f.give(worker, 1)
		k := &f.keys[worker][len(f.keys[worker])-1]
		k.Egress = fmt.Sprintf("exit-%d", account)
		hosts[worker].Keys = append(hosts[worker].Keys, newChildKey(*k, account))
	}
	return hosts
}
