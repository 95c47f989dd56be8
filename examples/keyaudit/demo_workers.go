package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	workers "github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/fleet"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// A demonstration with workers is a whole fleet on this host: a server with TLS and accounts
// on loopback, and a process for each worker, which the program starts itself. The fakes are
// in this process, and the workers' requests go to them over HTTP.

// demoLease is short, because one worker is killed on the way and the demonstration waits
// until another may take its turn.
const demoLease = 3 * time.Second

// demoVariable is set for the workers of a demonstration, which are told the rest on their
// standard input.
const demoVariable = "KEYAUDIT_DEMO_WORKER"

// demoHost is what a worker of a demonstration is told on its standard input.
type demoHost struct {
	Server workers.Server
	Worker workers.Worker
	Fakes  demoFakes
	Keys   []demoPart
}

// demoFakes are the URLs of the servers with the fakes.
type demoFakes struct{ All, Plain string }

// demoPart is a key of a worker, with its invented secret.
type demoPart struct {
	Name, Exchange, Environment, BaseURL                    string
	Key, Account, Secret, Passphrase, KeyPassphrase, Second string
}

// transport sends requests for the exchanges to the fakes.
func (d demoFakes) transport() http.RoundTripper {
	return loopback{exchangetest.Reach(d.All), exchangetest.Reach(d.Plain), strings.TrimPrefix(d.Plain, "http://")}
}

// demoCrew are the worker processes of a demonstration.
type demoCrew struct {
	app
	hosts map[string]*demoHost
	mu    sync.Mutex
	now   map[string]*demoProcess
}

type demoProcess struct {
	*exec.Cmd
	input io.Closer
	said  *bytes.Buffer
}

// hire starts a server and workers, and hands the invented fleet to them.
func (r *auditRun) hire(ctx context.Context) error {
	egresses := map[string]string{}
	var names []string
	for i := range r.settings.workers {
		names = append(names, fmt.Sprintf("w%d", i+1))
		egresses[names[i]] = "tokyo"
		if i%3 == 2 {
			egresses[names[i]] = "london"
		}
	}
	members, credentials, err := workers.NewMembers(egresses, nil)
	if err != nil {
		return err
	}
	certificates, err := workers.NewCertificates(r.now(), "127.0.0.1")
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "keyaudit-demo-")
	if err != nil {
		return errors.New("--workers: no folder for the server can be made")
	}
	r.fleet.closers = append(r.fleet.closers, func() { _ = os.RemoveAll(folder) })
	server, err := workers.Embed(members, certificates, folder, 0)
	if err != nil {
		return err
	}
	r.fleet.closers = append(r.fleet.closers, server.Close)
	crew := &demoCrew{app: r.app, hosts: map[string]*demoHost{}, now: map[string]*demoProcess{}}
	for i, c := range credentials {
		crew.hosts[names[i]] = &demoHost{Server: server.Server, Worker: c, Fakes: r.fleet.fakes}
	}
	r.fleet.workers = map[string]string{}
	for i := range r.fleet.keys {
		k, worker := &r.fleet.keys[i], names[i%len(names)]
		r.fleet.workers[k.Name] = worker
		crew.hosts[worker].Keys = append(crew.hosts[worker].Keys, newDemoPart(k))
		k.Credentials, k.BaseURL = adapter.Credentials{}, "" // a coordinator has no secret
	}
	r.workers = r.newRemote(server.Server, members)
	r.workers.Lease, r.workers.crew = demoLease, crew
	if err := r.meet(ctx); err != nil {
		return err
	}
	r.fleet.closers = append(r.fleet.closers, crew.close)
	for _, name := range names {
		if err := crew.start(name); err != nil {
			return err
		}
	}
	return nil
}

func newDemoPart(k *audit.Key) demoPart {
	c := k.Credentials
	return demoPart{
		k.Name, k.Exchange.Name, k.Environment, k.BaseURL,
		c.Key, c.Account, c.Secret.Reveal(), c.Passphrase.Reveal(), c.KeyPassphrase.Reveal(), c.OTP.Reveal(),
	}
}

func (d *demoPart) key() audit.Key {
	exchange, _ := exchanges.Lookup(d.Exchange)
	return audit.Key{
		Name: d.Name, Exchange: exchange, Environment: d.Environment, BaseURL: d.BaseURL,
		Credentials: adapter.Credentials{
			Key: d.Key, Account: d.Account, Secret: adapter.NewSecret(d.Secret), Passphrase: adapter.NewSecret(d.Passphrase),
			KeyPassphrase: adapter.NewSecret(d.KeyPassphrase), OTP: adapter.NewSecret(d.Second),
		},
	}
}

// start starts a worker's process.
func (c *demoCrew) start(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	cmd, err := c.self()
	if err != nil {
		return err
	}
	cmd.Args = append(cmd.Args, "worker")
	cmd.Env = append(cmd.Environ(), demoVariable+"=1")
	p := &demoProcess{Cmd: cmd, said: &bytes.Buffer{}}
	p.Stderr = p.said
	input, err := p.StdinPipe()
	if err == nil {
		err = p.Start()
	}
	if err == nil {
		p.input = input // a worker ends with its standard input
		err = json.NewEncoder(input).Encode(c.hosts[name])
	}
	if err != nil {
		return errors.New("--workers: a process of this program cannot be started")
	}
	c.now[name] = p
	return nil
}

// self is this program, to be started once more.
func (a app) self() (*exec.Cmd, error) {
	if a.again != nil {
		return a.again(), nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil, errors.New("--workers: this program does not find itself")
	}
	return exec.Command(path), nil //nolint:gosec,noctx // it is this program, and ends with its standard input
}

// kill ends a worker without a warning, and starts it anew.
func (c *demoCrew) kill(name string) {
	c.mu.Lock()
	p := c.now[name]
	delete(c.now, name)
	c.mu.Unlock()
	_ = p.Process.Kill()
	_ = p.Wait()
	if err := c.start(name); err != nil {
		c.log("%s", err)
	}
}

// close ends all workers.
func (c *demoCrew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.now {
		_ = p.input.Close()
	}
	for _, p := range c.now {
		_ = p.Wait()
	}
}

// accident kills one worker once it has answered: its keys are asked about again, or, where
// it had answered, not.
func (c *demoCrew) accident(answers iter.Seq[workers.Answer]) iter.Seq[workers.Answer] {
	return func(yield func(workers.Answer) bool) {
		const victim = "w2"
		killed := false
		for a := range answers {
			if !yield(a) {
				return
			}
			if !killed && a.Worker == victim {
				killed = true
				c.kill(victim)
				c.log("worker %s was killed and started again", victim)
			}
		}
	}
}

// demoWorker is the process of a worker of a demonstration.
func (a app) demoWorker(ctx context.Context) int {
	var told demoHost
	input := json.NewDecoder(a.stdin)
	if err := input.Decode(&told); err != nil {
		return a.refuse([]string{"worker: " + demoVariable + " is for the workers of a demonstration: keyaudit --demo --workers 3"})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, a.stdin) // until the demonstration ends
		cancel()
	}()
	host := &workers.Host{
		Server: told.Server, Worker: told.Worker, Version: version(), Exchanges: exchangeNames(), Log: a.log,
		Options: adapter.Options{Transport: told.Fakes.transport()},
	}
	for i := range told.Keys {
		host.Keys = append(host.Keys, told.Keys[i].key())
	}
	return a.work(ctx, host)
}
