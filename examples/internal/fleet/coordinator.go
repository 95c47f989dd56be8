package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Run is one run over a fleet's keys.
type Run struct {
	Server      Server
	Credentials *Coordinator
	Keys        []Assigned
	Deadline    time.Time // when what has no result is given up
	Log         func(format string, args ...any)

	// Lease is how long an exchange is one worker's without a sign of life; 30 s if zero.
	Lease time.Duration

	id       string
	started  time.Time
	accounts map[string]*account // by egress
	mu       sync.Mutex
	keys     map[string]*asked
	seen     map[string]seen // by worker
	open     int             // keys without an answer
	strange  map[string]int  // messages that are no results, by why
}

// Assigned is a key, as far as a coordinator knows it.
type Assigned struct {
	Name, Exchange, Environment, Worker string
}

// Answer is what came of one key.
type Answer struct {
	Key      string
	Worker   string
	Snapshot *access.Snapshot // nil if it was not inspected
	Refused  string           // by the worker, in its own words
	Missing  string           // why there is no answer
}

// asked is a key whose answer is awaited.
type asked struct {
	Assigned
	answered bool
	usedUp   bool // it was handed out as often as it is
}

// seen is what is known of a worker.
type seen struct {
	presence
	at time.Time // by this host's clock
}

// account is the connection to the account of an egress.
type account struct {
	*link
	egress string
	leases jetstream.KeyValue
	bans   jetstream.KeyValue
	here   jetstream.KeyValue
	names  jetstream.KeyValue
	msgs   chan jetstream.Msg
	stop   []func()
}

// Connect connects to the account of each egress that has keys, and prepares it.
func (r *Run) Connect(ctx context.Context) error {
	r.Lease = cmp.Or(r.Lease, usualLease)
	r.id, r.started = newToken(), time.Now()
	r.accounts, r.seen, r.strange = map[string]*account{}, map[string]seen{}, map[string]int{}
	r.keys = make(map[string]*asked, len(r.Keys))
	exchanges := map[string]map[string]bool{} // by worker
	for _, k := range r.Keys {
		r.keys[k.Name] = &asked{Assigned: k}
		if exchanges[k.Worker] == nil {
			exchanges[k.Worker] = map[string]bool{}
		}
		exchanges[k.Worker][k.Exchange] = true
	}
	r.open = len(r.keys)
	for _, worker := range slices.Sorted(maps.Keys(exchanges)) {
		member, known := r.Credentials.Workers[worker]
		if !known {
			return fmt.Errorf("the credentials do not know worker %s: run keyaudit fleet init for the inventory as it is now", worker)
		}
		a := r.accounts[member.Egress]
		if a == nil {
			var err error
			if a, err = r.connect(ctx, member.Egress); err != nil {
				return err
			}
			r.accounts[member.Egress] = a
		}
		if err := a.prepare(ctx, worker, slices.Sorted(maps.Keys(exchanges[worker])), r.Lease); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the connections.
func (r *Run) Close() {
	for _, a := range r.accounts {
		for _, stop := range a.stop {
			stop()
		}
		a.Close()
	}
}

func (r *Run) connect(ctx context.Context, egress string) (*account, error) {
	pair, err := key(r.Credentials.Egresses[egress])
	if err != nil {
		return nil, err
	}
	conn, err := r.Server.connect("coordinator", pair, r.Log)
	if err != nil {
		return nil, err
	}
	a := &account{link: conn, egress: egress, msgs: make(chan jetstream.Msg, 256)}
	r.accounts[egress] = a // to be closed whatever happens
	if err := a.open(ctx, r.Lease); err != nil {
		return nil, err
	}
	return a, r.listen(ctx, a)
}

// open makes what all workers of the account share.
func (a *account) open(ctx context.Context, lease time.Duration) error {
	buckets := []struct {
		name string
		ttl  time.Duration
		to   *jetstream.KeyValue
	}{
		{bucketLease, lease, &a.leases}, {bucketBan, 0, &a.bans}, {bucketHere, present(lease), &a.here}, {bucketNames, 0, &a.names},
	}
	for _, b := range buckets {
		kv, err := a.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: b.name, TTL: b.ttl, History: 1, Storage: jetstream.FileStorage})
		if err != nil {
			return a.wrong(err)
		}
		*b.to = kv
	}
	_, err := a.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: results, Subjects: []string{"result.*"}, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage,
		MaxBytes: 4 << 30, Discard: jetstream.DiscardNew, MaxMsgSize: 1 << 20,
	})
	if err != nil {
		return a.wrong(err)
	}
	return nil
}

// wrong says which account could not be prepared, in words of ours.
func (a *account) wrong(err error) error {
	var api *jetstream.APIError
	switch {
	case errors.As(err, &api):
		return fmt.Errorf("egress %s: the server refused (code %d)", a.egress, api.ErrorCode)
	case errors.Is(err, context.Canceled):
		return context.Canceled
	default:
		return fmt.Errorf("egress %s: the server does not answer", a.egress)
	}
}

// prepare makes the queue of a worker, with what earlier runs left in it removed: the
// jobs of yesterday must not be done today.
func (a *account) prepare(ctx context.Context, worker string, exchanges []string, lease time.Duration) error {
	stream, err := a.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: jobStream(worker), Subjects: []string{jobSubject(worker, "*")}, Retention: jetstream.WorkQueuePolicy,
		Storage: jetstream.FileStorage, Duplicates: 2 * time.Minute, MaxMsgSize: maxJob,
	})
	if err != nil {
		return a.wrong(err)
	}
	if err := stream.Purge(ctx); err != nil {
		return a.wrong(err)
	}
	for _, exchange := range exchanges {
		_, err := stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: exchange, FilterSubject: jobSubject(worker, exchange), AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: lease, MaxDeliver: mostDelivered, MaxAckPending: mostAtOnce,
		})
		if err != nil {
			return a.wrong(err)
		}
	}
	return nil
}

// listen receives results, the workers' word that they are there, and which jobs were handed
// out in vain.
func (r *Run) listen(ctx context.Context, a *account) error {
	consumer, err := a.js.CreateOrUpdateConsumer(ctx, results, jetstream.ConsumerConfig{
		Durable: "coordinator", AckPolicy: jetstream.AckExplicitPolicy, AckWait: 2 * time.Minute, MaxAckPending: 5000,
	})
	if err != nil {
		return a.wrong(err)
	}
	quit := make(chan struct{})
	consuming, err := consumer.Consume(func(msg jetstream.Msg) {
		select {
		case a.msgs <- msg:
		case <-quit:
		}
	}, jetstream.PullMaxMessages(500))
	if err != nil {
		return a.wrong(err)
	}
	a.stop = append(a.stop, func() { close(quit); consuming.Stop() })
	for subject, handle := range map[string]nats.MsgHandler{
		bucketSubject(bucketHere, "*"):                 func(m *nats.Msg) { r.here(a, m.Subject, m.Data, time.Now()) },
		"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>": func(m *nats.Msg) { r.handedOut(a, m) },
	} {
		subscription, err := a.Subscribe(subject, handle)
		if err != nil {
			return a.wrong(err)
		}
		a.stop = append(a.stop, func() { _ = subscription.Unsubscribe() })
	}
	return r.present(ctx, a)
}

// present looks which workers are there already. Their word is repeated only so often.
func (r *Run) present(ctx context.Context, a *account) error {
	for _, worker := range r.Credentials.behind(a.egress) {
		entry, err := a.here.Get(ctx, worker)
		switch {
		case err == nil:
			r.here(a, bucketSubject(bucketHere, worker), entry.Value(), entry.Created())
		case !errors.Is(err, jetstream.ErrKeyNotFound):
			return a.wrong(err)
		}
	}
	return nil
}

// Answers publishes the jobs and yields what comes of each key, once. Each result is
// acknowledged after commit has kept those that were yielded before.
func (r *Run) Answers(ctx context.Context, commit func() error) iter.Seq[Answer] {
	return func(yield func(Answer) bool) {
		if err := r.publish(ctx); err != nil {
			r.Log("%s", err)
		}
		if r.gather(ctx, yield, commit) {
			r.missing(ctx, yield)
		}
	}
}

// publish hands out the jobs. The server refuses what it has.
func (r *Run) publish(ctx context.Context) error {
	futures := map[*account][]jetstream.PubAckFuture{}
	for _, k := range r.Keys {
		a := r.accounts[r.Credentials.Workers[k.Worker].Egress]
		body, err := jobBody(job{Run: r.id, Key: k.Name, Exchange: k.Exchange, Deadline: r.Deadline.UTC()})
		if err != nil {
			return err
		}
		future, err := a.js.PublishMsgAsync(&nats.Msg{Subject: jobSubject(k.Worker, k.Exchange), Data: body}, jetstream.WithMsgID(r.id+"/"+k.Name))
		if err != nil {
			return a.wrong(err)
		}
		if futures[a] = append(futures[a], future); len(futures[a]) >= 1000 {
			if err := settled(ctx, futures[a]); err != nil {
				return a.wrong(err)
			}
			futures[a] = nil
		}
	}
	for a, rest := range futures {
		if err := settled(ctx, rest); err != nil {
			return a.wrong(err)
		}
	}
	return nil
}

func settled(ctx context.Context, futures []jetstream.PubAckFuture) error {
	for _, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// gather yields answers until each key has one, or the time is up.
func (r *Run) gather(ctx context.Context, yield func(Answer) bool, commit func() error) bool {
	ctx, cancel := context.WithDeadline(ctx, r.Deadline)
	defer cancel()
	all := make(chan received)
	var each sync.WaitGroup
	for _, a := range r.accounts {
		each.Go(func() {
			for {
				select {
				case msg := <-a.msgs:
					select {
					case all <- received{a, msg}:
					case <-ctx.Done():
						return
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	defer each.Wait()
	defer cancel()
	var unkept []jetstream.Msg
	for r.open > 0 || len(unkept) > 0 {
		var next received
		select {
		case next = <-all:
		default: // nothing waits: keep what there is
			if len(unkept) > 0 {
				if commit() != nil {
					return false
				}
				acknowledge(unkept)
				unkept = nil
				continue
			}
			select {
			case next = <-all:
			case <-ctx.Done():
				return true
			}
		}
		if answer, ok := r.read(next); ok && !yield(answer) {
			return false
		}
		if unkept = append(unkept, next.msg); len(unkept) >= 1000 {
			if commit() != nil {
				return false
			}
			acknowledge(unkept)
			unkept = nil
		}
	}
	return true
}

type received struct {
	*account
	msg jetstream.Msg
}

func acknowledge(msgs []jetstream.Msg) {
	for _, m := range msgs {
		_ = m.Ack() // or it comes again, and is known
	}
}
