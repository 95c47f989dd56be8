package fleet

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Host is what a worker works with.
type Host struct {
	Server  Server
	Worker  Worker
	Version string
	Keys    []audit.Key // from this host's own file
	// Exchanges are the names of all that there are: a job for one at which no key is held is
	// refused, too.
	Exchanges []string
	Options   adapter.Options // its Transport is wrapped
	Log       func(format string, args ...any)
	// LeastInterval is the least time from one inspection of a key to the next, so that no
	// flood of jobs becomes a flood of requests.
	LeastInterval time.Duration
	// Did hears what was done; it may be nil.
	Did func(Deed)
}

// Deed is one thing that a worker did.
type Deed string

// What workers do.
const (
	Appeared     Deed = "appeared" // the server has its word that it is there
	Inspected    Deed = "inspected"
	NotInspected Deed = "not_inspected" // the exchange did not say what the key may do
	Refused      Deed = "refused"
)

func (w *atWork) did(d Deed) {
	if w.Did != nil {
		w.Did(d)
	}
}

// atWork is a worker at work.
type atWork struct {
	*Host
	*link
	pair      nkeys.KeyPair
	inspector *adapter.Inspector
	transport http.RoundTripper // of keys that bring none
	leases    jetstream.KeyValue
	bans      jetstream.KeyValue
	lease     time.Duration // its length
	since     time.Time
	keys      map[string]*heldHere
}

// heldHere is a key that this worker holds.
type heldHere struct {
	audit.Key
	turn chan struct{} // one inspection at a time
	last time.Time     // when it last was
}

// Work answers jobs until the context ends; then it ends those that it has begun, and
// takes no more.
func (h *Host) Work(ctx context.Context) error {
	pair, err := key(h.Worker.Seed)
	if err != nil {
		return err
	}
	defer pair.Wipe()
	w := &atWork{Host: h, pair: pair, since: time.Now().UTC(), keys: map[string]*heldHere{}, transport: h.Options.Transport}
	if w.transport == nil {
		w.transport = adapter.NewTransport()
	}
	for _, k := range h.Keys {
		w.keys[k.Name] = &heldHere{Key: k, turn: make(chan struct{}, 1)}
	}
	w.inspector = adapter.NewInspector(h.Options)
	defer w.inspector.Close()
	if w.link, err = h.reach(ctx, pair); err != nil {
		return err
	}
	defer w.Close()
	if err := w.open(ctx); err != nil {
		return err
	}
	h.Log("worker %s is ready, with %d keys at %d exchanges", h.Worker.Worker, len(w.keys), len(w.exchanges()))
	var all sync.WaitGroup
	all.Go(func() { w.appear(ctx) })
	foreign := slices.Clone(h.Exchanges)
	for _, e := range w.exchanges() {
		all.Go(func() { w.lane(ctx, e) })
		foreign = slices.DeleteFunc(foreign, func(name string) bool { return name == e.Name })
	}
	all.Go(func() { w.refuseForeign(ctx, foreign) })
	all.Wait()
	return nil
}

// reach connects to the server, which may start later than its workers.
func (h *Host) reach(ctx context.Context, pair nkeys.KeyPair) (*link, error) {
	for said := false; ; {
		conn, err := h.Server.connect(h.Worker.Worker, pair, h.Log)
		if !errors.Is(err, errUnreachable) {
			return conn, err
		}
		if !said {
			h.Log("%s; waiting for it", err)
			said = true
		}
		if !sleep(ctx, time.Second) {
			return nil, ctx.Err()
		}
	}
}

// open opens the buckets, which the coordinator makes in its first run.
func (w *atWork) open(ctx context.Context) error {
	for said := false; ; {
		var err error
		if w.leases, err = w.js.KeyValue(ctx, bucketLease); err == nil {
			w.bans, err = w.js.KeyValue(ctx, bucketBan)
		}
		var status jetstream.KeyValueStatus
		if err == nil {
			status, err = w.leases.Status(ctx)
		}
		if err == nil {
			w.lease = min(max(status.TTL(), time.Second), 10*time.Minute) // whatever a coordinator says
			return nil
		}
		if !said {
			w.Log("the coordinator has not run yet; waiting for it")
			said = true
		}
		if !sleep(ctx, time.Second) {
			return ctx.Err()
		}
	}
}

// exchanges are those of the keys.
func (w *atWork) exchanges() []*adapter.Exchange {
	seen := map[string]*adapter.Exchange{}
	var out []*adapter.Exchange
	for _, k := range w.Keys {
		if seen[k.Exchange.Name] == nil {
			seen[k.Exchange.Name] = k.Exchange
			out = append(out, k.Exchange)
		}
	}
	return out
}

// appear says again and again that the worker is there, and once which keys it holds.
func (w *atWork) appear(ctx context.Context) {
	parts := slices.Collect(slices.Chunk(w.Keys, namesInPart))
	for i := 0; i < len(parts); {
		part := held{Since: w.since}
		for _, k := range parts[i] {
			part.Keys = append(part.Keys, heldKey{k.Name, k.Exchange.Name, cmp.Or(k.Environment, k.Exchange.Environments[0].Name)})
		}
		if w.put(ctx, bucketNames, namesKey(w.Worker.Worker, strconv.Itoa(i)), part) == nil {
			i++
		} else if !sleep(ctx, time.Second) {
			return
		}
	}
	is := presence{Worker: w.Worker.Worker, Version: w.Version, Since: w.since, Parts: len(parts)}
	for {
		if w.put(ctx, bucketHere, w.Worker.Worker, is) == nil { // or the next time
			w.did(Appeared)
		}
		if !sleep(ctx, w.lease) {
			break
		}
	}
	is.Leaving = true
	_ = w.put(context.WithoutCancel(ctx), bucketHere, w.Worker.Worker, is) // or its word runs out
}

// put writes a signed value into a bucket.
func (w *atWork) put(ctx context.Context, bucket, key string, value any) error {
	subject := bucketSubject(bucket, key)
	return w.send(ctx, subject, value)
}

// send signs and publishes, and waits until the server has it.
func (w *atWork) send(ctx context.Context, subject string, message any) error {
	data, err := seal(w.pair, subject, message)
	if err != nil {
		return err
	}
	if len(data) > maxResult {
		return errTooLong
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = w.js.Publish(ctx, subject, data)
	return err
}

// lane answers the jobs of one exchange.
func (w *atWork) lane(ctx context.Context, e *adapter.Exchange) {
	pause := max(w.lease/8, 100*time.Millisecond)
	wait := func() bool { return sleep(ctx, pause/2+rand.N(pause)) }
	for ctx.Err() == nil {
		consumer, ok := w.waiting(ctx, e.Name)
		if !ok {
			wait()
			continue
		}
		l := newLease(w.leases, e.Name, w.lease, w.Worker.Worker)
		if taken, _, err := l.take(ctx, turnOf(e)); !taken || err != nil {
			wait()
			continue
		}
		w.serve(ctx, l, consumer)
		l.release(ctx)
		sleep(ctx, w.lease/4) // or this worker would have it again
	}
}

// refuseForeign refuses the jobs for exchanges at which no key is held. It sends nothing to
// them, so it needs no turn.
func (w *atWork) refuseForeign(ctx context.Context, exchanges []string) {
	for sleep(ctx, w.lease/2) {
		for _, exchange := range exchanges {
			consumer, is := w.waiting(ctx, exchange)
			if !is {
				continue
			}
			if batch, err := consumer.Fetch(mostAtOnce, jetstream.FetchMaxWait(200*time.Millisecond)); err == nil {
				for msg := range batch.Messages() {
					w.answer(ctx, exchange, nil, msg, w.lease)
				}
			}
		}
	}
}

// turnOf is how long an exchange's own pace is taken by one inspection.
func turnOf(e *adapter.Exchange) time.Duration {
	if e.Limit.Requests <= 0 {
		return 0
	}
	return e.Limit.Per / time.Duration(e.Limit.Requests) * time.Duration(len(e.Calls))
}

// waiting reports whether there are jobs for this worker at an exchange.
func (w *atWork) waiting(ctx context.Context, exchange string) (jetstream.Consumer, bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	consumer, err := w.js.Consumer(ctx, jobStream(w.Worker.Worker), exchange)
	if err != nil {
		return nil, false
	}
	info := consumer.CachedInfo()
	return consumer, info.NumPending > 0 || info.NumAckPending > 0
}

// grace is how long a worker that is to stop may take for what it has begun.
const grace = 90 * time.Second

// serve answers jobs while the lease is held. After a while another worker's turn has come.
func (w *atWork) serve(ctx context.Context, l *lease, consumer jetstream.Consumer) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx)) // what has begun is ended
	defer context.AfterFunc(ctx, func() {
		if sleep(work, grace) {
			cancel()
		}
	})()
	var keeping sync.WaitGroup
	keeping.Go(func() { l.keep(work) })
	defer keeping.Wait()
	defer cancel()
	until := time.Now().Add(10 * w.lease)
	for ctx.Err() == nil && l.held() && time.Now().Before(until) {
		batch, err := consumer.Fetch(mostAtOnce, jetstream.FetchMaxWait(200*time.Millisecond))
		if err != nil {
			return
		}
		var each sync.WaitGroup
		none := true
		for msg := range batch.Messages() {
			none = false
			each.Go(func() { w.answer(work, l.exchange, l, msg, consumer.CachedInfo().Config.AckWait) })
		}
		each.Wait()
		if none || batch.Error() != nil {
			return
		}
	}
}
