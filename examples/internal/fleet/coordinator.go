package fleet

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	// Listed are the workers of all keys of the inventory, by the keys' names. Any other that
	// a worker holds is reported.
	Listed   map[string]string
	Deadline time.Time // when what has no result is given up
	Log      func(format string, args ...any)

	// Lease is how long an exchange is one worker's without a sign of life; 30 s if zero.
	Lease time.Duration

	id       string
	started  time.Time
	accounts map[string]*account // by egress
	mu       sync.Mutex
	at       map[string]int  // where a key is in Keys, by its name
	asked    []asked         // likewise
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
	At       int // where the key is in Keys
	Key      string
	Worker   string
	Snapshot *access.Snapshot // nil if it was not inspected
	Refused  string           // by the worker, in its own words
	Missing  string           // why there is no answer
	Unfit    string           // why the answer does not count
}

// asked is what is known of the answer of a key.
type asked struct {
	open   bool // there is none yet
	usedUp bool // it was handed out as often as may be
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
	here   jetstream.KeyValue
	names  jetstream.KeyValue
	mine   *lease // that of the coordinator
	msgs   chan jetstream.Msg
	stop   []func()
}

// Connect connects to the account of each egress that has keys, and prepares it.
func (r *Run) Connect(ctx context.Context) error {
	r.Lease = cmp.Or(r.Lease, usualLease)
	r.id, r.started = rand.Text(), time.Now()
	r.accounts, r.seen, r.strange = map[string]*account{}, map[string]seen{}, map[string]int{}
	r.at, r.asked = make(map[string]int, len(r.Keys)), make([]asked, len(r.Keys))
	exchanges := map[string]map[string]bool{} // by worker
	for i := range r.Keys {
		k := &r.Keys[i]
		r.at[k.Name], r.asked[i].open = i, true
		if exchanges[k.Worker] == nil {
			exchanges[k.Worker] = map[string]bool{}
		}
		exchanges[k.Worker][k.Exchange] = true
	}
	r.open = len(r.Keys)
	for _, egress := range slices.Sorted(maps.Keys(r.Credentials.Egresses)) { // also those without a key: their workers may hold some
		if err := r.connect(ctx, egress); err != nil {
			return err
		}
	}
	for _, worker := range slices.Sorted(maps.Keys(exchanges)) {
		a := r.accounts[r.Credentials.Workers[worker].Egress]
		if a == nil {
			return fmt.Errorf("the credentials do not know worker %s: run keyaudit fleet init for the inventory as it is now", worker)
		}
		if err := a.prepare(ctx, worker, slices.Sorted(maps.Keys(exchanges[worker])), r.Lease, time.Until(r.Deadline)); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the connections.
func (r *Run) Close() {
	for _, a := range r.accounts {
		for _, stop := range slices.Backward(a.stop) {
			stop()
		}
		a.Close()
	}
}

func (r *Run) connect(ctx context.Context, egress string) error {
	pair, err := key(r.Credentials.Egresses[egress])
	if err != nil {
		return err
	}
	conn, err := r.Server.connect("coordinator", pair, r.Log)
	if err != nil {
		return err
	}
	a := &account{link: conn, egress: egress, msgs: make(chan jetstream.Msg)}
	r.accounts[egress] = a // to be closed whatever happens
	if err := a.open(ctx, r.Lease); err != nil {
		return err
	}
	if err := a.alone(ctx); err != nil {
		return err
	}
	if stream, err := a.js.Stream(ctx, results); err != nil || stream.Purge(ctx) != nil { // what earlier runs left
		return a.wrong(err)
	}
	return r.listen(ctx, a)
}

// alone keeps a second coordinator away, which would take back the jobs of the first.
func (a *account) alone(ctx context.Context) error {
	taken, holder, err := a.mine.take(ctx, 0)
	switch {
	case err != nil:
		return a.wrong(err)
	case !taken:
		return fmt.Errorf("egress %s: another run is going on, %s: wait for its end, or half a minute if it was killed", a.egress, holder)
	}
	keeping, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); a.mine.keep(keeping) }()
	a.stop = append(a.stop, func() {
		cancel()
		<-done
		a.mine.release(context.Background())
	})
	return nil
}

// open makes what all workers of the account share.
func (a *account) open(ctx context.Context, lease time.Duration) error {
	var runs jetstream.KeyValue
	buckets := []struct {
		name string
		ttl  time.Duration
		to   *jetstream.KeyValue
	}{
		{bucketLease, lease, &a.leases}, {bucketRun, lease, &runs}, {bucketBan, 0, new(jetstream.KeyValue)}, {bucketHere, present(lease), &a.here}, {bucketNames, 0, &a.names},
	}
	for _, b := range buckets {
		kv, err := a.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: b.name, TTL: b.ttl, History: 1, Storage: jetstream.FileStorage})
		if err != nil {
			return a.wrong(err)
		}
		*b.to = kv
	}
	a.mine = newLease(runs, "run", lease, "since "+time.Now().UTC().Format("15:04:05 UTC"))
	_, err := a.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: results, Subjects: []string{"result.*"}, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage,
		MaxMsgSize: maxResult,
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
func (a *account) prepare(ctx context.Context, worker string, exchanges []string, lease, run time.Duration) error {
	age := max(run, time.Minute) + lease
	stream, err := a.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: jobStream(worker), Subjects: []string{jobSubject(worker, "*")}, Retention: jetstream.WorkQueuePolicy,
		Storage: jetstream.FileStorage, Duplicates: min(age, 2*time.Minute), MaxMsgSize: maxJob, MaxAge: age,
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

// mostHeld is how many results are on their way into this process at a time, from all accounts.
const mostHeld = 500

// listen receives results, the workers' word that they are there, and which jobs were handed
// out in vain.
func (r *Run) listen(ctx context.Context, a *account) error {
	consumer, err := a.js.CreateOrUpdateConsumer(ctx, results, jetstream.ConsumerConfig{
		Durable: "coordinator", AckPolicy: jetstream.AckExplicitPolicy, AckWait: r.Lease, MaxAckPending: 5000, // what a broken connection lost comes again in time
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
	}, jetstream.PullMaxMessages(max(2, mostHeld/len(r.Credentials.Egresses))))
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
