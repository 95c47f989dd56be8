package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
)

const workerHead = `keyaudit worker audits the keys of this host when the coordinator of the fleet asks for it. What it
asks, where, and with which secrets is said by its own inventory alone: the coordinator names a key,
and a key that is not in that file is refused. It runs until it is stopped, and then ends what it
has begun. keyaudit fleet init writes what it needs.

`

const workerTail = `
Exit codes:

  0    stopped by a signal
  2    invalid input; nothing was sent
  5    the server cannot be used
`

// leastInterval is the least time from one inspection of a key to the next.
const leastInterval = 5 * time.Second

// workerCommand answers the jobs of a coordinator.
func (a app) workerCommand() *command {
	s, metrics := settings{}, ""
	c := a.newCommand("worker", "audit this host's keys when a coordinator asks for it", workerHead, workerTail)
	c.meets(&s.fleet, "FILE with this worker's NKey, which keyaudit fleet init wrote")
	c.list(&s.keys, "keys", "the keys of this host: an inventory FILE, JSON or YAML (may be repeated)")
	c.duration(&s.timeout, "timeout", time.Second, time.Hour, "longest TIME for one key, for instance 45s (default 30s)")
	c.text(&metrics, "metrics", "keep metrics for Prometheus in FILE, for the textfile collector of node_exporter")
	return c.does(func(ctx context.Context, args []string) int {
		c.noArguments(args)
		if a.env(demoVariable) != "" {
			return a.demoWorker(ctx)
		}
		for _, needed := range []struct{ what, value string }{
			{"the server, by --nats URL", s.fleet.nats},
			{"this worker's credentials, by --creds FILE", s.fleet.creds},
			{"the inventory of this host, by --keys FILE", strings.Join(s.keys, "")},
		} {
			if needed.value == "" {
				c.problem("worker: name %s", needed.what)
			}
		}
		return a.worker(ctx, &s, metrics, c.problems)
	})
}

func (a app) worker(ctx context.Context, s *settings, metrics string, problems []string) int {
	host := &workers.Host{Version: version(), Exchanges: exchangeNames(), Log: a.log, LeastInterval: leastInterval, Options: adapter.Options{Timeout: s.timeout}}
	var more []string
	if host.Server, more = a.server(&s.fleet); len(more) > 0 {
		problems = append(problems, more...)
	}
	if s.fleet.creds != "" {
		if err := workers.ReadCredentials(s.fleet.creds, &host.Worker); err != nil {
			problems = append(problems, "--creds: "+showPath(s.fleet.creds)+": "+err.Error())
		}
	}
	loaded, more := a.load(s)
	defer loaded.close()
	problems = append(append(problems, more...), a.checkMetrics(metrics)...)
	if len(problems) > 0 {
		return a.refuse(problems)
	}
	host.Keys = loaded.keys
	if metrics != "" {
		kept, stop := context.WithCancel(context.WithoutCancel(ctx))
		var keeping sync.WaitGroup
		m := a.newWorkerMetrics(metrics, host)
		keeping.Go(func() { m.keep(kept) })
		defer keeping.Wait()
		defer stop()
	}
	return a.work(ctx, host)
}

// work works until the context ends.
func (a app) work(ctx context.Context, host *workers.Host) int {
	if err := host.Work(ctx); err != nil && ctx.Err() == nil {
		a.log("worker %s: %s", host.Worker.Worker, err)
		return exitUnreachable
	}
	return audit.ExitClean
}
