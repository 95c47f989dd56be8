//go:build unix

package fleet

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// processes are a server and workers in processes of their own, and what happens to them.
type processes struct {
	*firm
	run      *Run
	port     int
	server   *exec.Cmd
	hosts    map[string]*childHost
	workers  map[string]*exec.Cmd
	inFlight int // keys that were being asked about when something happened: no others may be asked about again
}

// processes starts a server and a worker for each host.
func (f *firm) processes(hosts map[string]*childHost) *processes {
	f.t.Helper()
	p := &processes{firm: f, port: freePort(f.t), hosts: hosts, workers: map[string]*exec.Cmd{}}
	p.firm.server = Server{fmt.Sprintf("nats://127.0.0.1:%d", p.port), f.certs.CA}
	p.serve()
	for worker, host := range hosts {
		host.Server = p.firm.server
		p.work(worker)
	}
	return p
}

func (p *processes) serve() {
	p.t.Helper()
	p.server = child(p.t, "server", childServer{p.members, p.certs, p.folder, p.port})
	await(p.t, p.port)
}

func (p *processes) work(worker string) { p.workers[worker] = child(p.t, "worker", p.hosts[worker]) }

// kill kills a worker with no warning, and starts it again. It is stopped first, so that what
// it had in flight is known.
func (p *processes) kill(worker string) {
	p.t.Helper()
	p.log.log("%s: %s killed", time.Now().Format(time.StampMilli), worker)
	_ = p.workers[worker].Process.Signal(syscall.SIGSTOP)
	p.inFlight += p.pending(worker)
	_ = p.workers[worker].Process.Kill()
	_ = p.workers[worker].Wait()
	p.work(worker)
}

// killServer kills the server, and starts it with what it had stored. What is in flight
// then is at most what its consumers allow at each exchange, whose turn is one worker's of each
// egress.
func (p *processes) killServer() {
	p.t.Helper()
	p.log.log("%s: the server killed", time.Now().Format(time.StampMilli))
	most := map[string]int{} // by egress and exchange
	for worker := range p.workers {
		for _, c := range p.consumers(worker) {
			if c.NumAckPending > 0 || c.NumPending > 0 {
				most[p.members.Workers[worker].Egress+" "+c.Name] = c.Config.MaxAckPending
			}
		}
	}
	p.inFlight += total(most)
	_ = p.server.Process.Kill()
	_ = p.server.Wait()
	p.serve()
}

// pause stops a worker, and has it continue when others may have its turns.
func (p *processes) pause(worker string, d time.Duration) {
	p.t.Helper()
	p.log.log("%s: %s paused for %s", time.Now().Format(time.StampMilli), worker, d)
	process := p.workers[worker].Process
	_ = process.Signal(syscall.SIGSTOP)
	p.inFlight += p.pending(worker)
	time.AfterFunc(d, func() { _ = process.Signal(syscall.SIGCONT) })
}

// pending is how many jobs a worker was given and has not ended.
func (p *processes) pending(worker string) (n int) {
	p.t.Helper()
	for _, c := range p.consumers(worker) {
		assert.LessOrEqual(p.t, c.NumAckPending, c.Config.MaxAckPending)
		n += c.NumAckPending
	}
	return n
}

// consumers are those of a worker's jobs. A server that was just started may not answer yet.
func (p *processes) consumers(worker string) (out []*jetstream.ConsumerInfo) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		ctx, cancel := context.WithTimeout(p.t.Context(), patience)
		defer cancel()
		stream, err := p.run.accounts[p.members.Workers[worker].Egress].js.Stream(ctx, jobStream(worker))
		if err != nil {
			return false
		}
		out = nil
		list := stream.ListConsumers(ctx)
		for info := range list.Info() {
			out = append(out, info)
		}
		return list.Err() == nil
	}, 20*time.Second, 50*time.Millisecond)
	return out
}

// accidents are kills of a worker or of the server and some pauses, each once so many of n
// answers have come.
func (p *processes) accidents(n, kills int, order *rand.Rand) map[int][]func() {
	out := map[int][]func(){}
	at := func(what func()) {
		moment := 1 + order.IntN(n*9/10)
		out[moment] = append(out[moment], what)
	}
	names := []string{"a", "b", "c"}
	for i := range kills {
		if worker := order.IntN(len(names) + 1); i == 0 || i > 1 && worker == len(names) {
			at(p.killServer)
		} else {
			at(func() { p.kill(names[worker%len(names)]) })
		}
	}
	for range (kills + 9) / 10 {
		worker := names[order.IntN(len(names))]
		at(func() { p.pause(worker, p.run.Lease*8/5) })
	}
	return out
}
