package fleet

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// TestMillionKeys: one million keys on 3,000 hosts, two behind each egress, at the pace that
// each exchange allows. Egresses have nothing in common but the server, so one is simulated:
// the workers' own lanes, leases and paces, with synthetic time, and a server in memory that
// counts what it is asked.
func TestMillionKeys(t *testing.T) {
	t.Parallel()
	const hosts, keys, egresses = 3000, 1_000_000, 1500
	const behind = keys/egresses + 1 // 667
	for _, tc := range []struct {
		name      string
		exchanges []string // none means all, evenly
		most      time.Duration
		messages  int // per key
	}{
		{"at all exchanges alike", nil, 5 * time.Minute, 20},
		{"all at the exchange that allows the least", []string{"woox"}, 2 * time.Hour, 20},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				took, messages := simulate(t, behind, usualLease, tc.exchanges)
				t.Logf("%d hosts, %d keys: %s, %.1f messages per key, %.0f per second at the server", hosts, keys,
					took.Round(time.Second), float64(messages)/behind, float64(messages)*egresses/took.Seconds())
				assert.Less(t, took, tc.most)
				assert.Less(t, messages, tc.messages*behind)
			})
		})
	}
}

// simulate has two workers behind one egress audit n keys, and says how long that takes and
// how many messages it costs.
func simulate(t *testing.T, n int, lease time.Duration, at []string) (took time.Duration, messages int) {
	t.Helper()
	time.Sleep(27 * 365 * 24 * time.Hour) // from 2000, when timestamps were shorter
	var fakes []*exchangetest.Fake
	for account := range 20 { // those that list an account's keys list few
		for _, fake := range exchangetest.All() {
			if len(at) == 0 || slices.Contains(at, fake.Name()) {
				fake.SetCaller(caller)
				fake.SetAccount(account)
				fakes = append(fakes, fake)
			}
		}
	}
	s := &memoryServer{queues: map[string][]*memoryJob{}, answers: map[string]int{}}
	asked := &asking{egresses: map[string]string{"a": "tokyo", "b": "tokyo"}}
	own := map[string][]audit.Key{}
	for i := range n {
		fake, worker := fakes[i/2%len(fakes)], []string{"a", "b"}[i%2]
		exchange, _ := exchanges.Lookup(fake.Name())
		spec := exchangetest.Spec{IPs: []string{botHost}, SubAccount: true, Created: time.Now().AddDate(0, 0, -20)}
		if rights := fake.Rights(); len(rights) > 0 {
			spec.Permissions = []string{rights[0].Name}
		}
		name := fmt.Sprintf("%s-%d", worker, i)
		own[worker] = append(own[worker], audit.Key{Name: name, Exchange: exchange, Credentials: fake.Issue(spec), Transport: asked.one(worker, fake)})
		s.add(worker, job{Run: "run", Key: name, Exchange: exchange.Name, Deadline: time.Now().Add(24 * time.Hour).UTC()})
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	leases, bans := &memoryBucket{server: s, ttl: lease, values: map[string]memoryEntry{}}, &memoryBucket{server: s, values: map[string]memoryEntry{}}
	start := time.Now()
	for worker, keys := range own {
		_, seed, err := newKey()
		require.NoError(t, err)
		pair, err := key(seed)
		require.NoError(t, err)
		w := &atWork{
			Host: &Host{Worker: Worker{Worker: worker}, Keys: keys, Log: t.Logf}, link: &link{js: &memoryJetStream{server: s}},
			pair: pair, inspector: adapter.NewInspector(adapter.Options{}), leases: leases, bans: bans, lease: lease, keys: map[string]*heldHere{},
		}
		for _, k := range keys {
			w.keys[k.Name] = &heldHere{Key: k, turn: make(chan struct{}, 1)}
		}
		for _, e := range w.exchanges() {
			all.Go(func() { w.lane(ctx, e) })
		}
	}
	for s.answered() < n {
		time.Sleep(time.Second)
	}
	took = time.Since(start)
	cancel()
	all.Wait()
	assert.Empty(t, asked.overlaps)
	for key, times := range s.answers {
		assert.Equal(t, 1, times, key)
	}
	return took, s.messages
}

// one is a worker's way to one fake, as long as a usual one to an exchange and back.
func (a *asking) one(worker string, fake *exchangetest.Fake) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		a.begin(worker, fake.Name())
		defer a.end(worker, fake.Name())
		time.Sleep(100 * time.Millisecond)
		return fake.RoundTrip(r)
	})
}

// memoryServer is as much of a server as workers need, and counts messages.
type memoryServer struct {
	mu       sync.Mutex
	queues   map[string][]*memoryJob // by stream and consumer
	answers  map[string]int          // by key
	messages int
}

type memoryJob struct {
	jetstream.Msg
	server  *memoryServer
	queue   string
	subject string
	data    []byte
}

func (s *memoryServer) add(worker string, j job) {
	at := jobStream(worker) + " " + j.Exchange
	s.queues[at] = append(s.queues[at], &memoryJob{server: s, queue: at, subject: jobSubject(worker, j.Exchange), data: j.encode()})
}

func (s *memoryServer) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages += n
}

func (s *memoryServer) answered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.answers)
}

func (m *memoryJob) Data() []byte      { return m.data }
func (m *memoryJob) Subject() string   { return m.subject }
func (m *memoryJob) InProgress() error { m.server.count(1); return nil }
func (m *memoryJob) Ack() error        { m.server.count(1); return nil }

type memoryJetStream struct {
	jetstream.JetStream
	server *memoryServer
}

func (j *memoryJetStream) Consumer(_ context.Context, stream, name string) (jetstream.Consumer, error) {
	j.server.count(2)
	return &memoryConsumer{server: j.server, queue: stream + " " + name}, nil
}

func (j *memoryJetStream) Publish(_ context.Context, _ string, data []byte, _ ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	j.server.count(2)
	a, err := readAnswer(data[signatureSize:])
	if err != nil || a.Snapshot == nil || a.Snapshot.Failure != nil {
		panic(fmt.Sprint("an answer that is none: ", err, a.Snapshot.Failure))
	}
	j.server.mu.Lock()
	defer j.server.mu.Unlock()
	j.server.answers[a.Key]++
	return &jetstream.PubAck{}, nil
}

type memoryConsumer struct {
	jetstream.Consumer
	server *memoryServer
	queue  string
}

func (c *memoryConsumer) CachedInfo() *jetstream.ConsumerInfo {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return &jetstream.ConsumerInfo{NumPending: uint64(len(c.server.queues[c.queue])), Config: jetstream.ConsumerConfig{AckWait: usualLease}}
}

func (c *memoryConsumer) Fetch(batch int, _ ...jetstream.FetchOpt) (jetstream.MessageBatch, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	waiting := c.server.queues[c.queue]
	n := min(batch, len(waiting))
	c.server.queues[c.queue] = waiting[n:]
	c.server.messages += 1 + n
	out := make(memoryBatch, n)
	for _, m := range waiting[:n] {
		out <- m
	}
	close(out)
	return out, nil
}

type memoryBatch chan jetstream.Msg

func (b memoryBatch) Messages() <-chan jetstream.Msg { return b }
func (b memoryBatch) Error() error                   { return nil }

// memoryBucket is a bucket whose values end.
type memoryBucket struct {
	jetstream.KeyValue
	server   *memoryServer
	ttl      time.Duration
	mu       sync.Mutex
	values   map[string]memoryEntry
	revision uint64
}

type memoryEntry struct {
	jetstream.KeyValueEntry
	value    []byte
	revision uint64
	at       time.Time
}

func (e memoryEntry) Value() []byte    { return e.value }
func (e memoryEntry) Revision() uint64 { return e.revision }

func (b *memoryBucket) has(key string) (memoryEntry, bool) {
	b.server.count(2)
	e, is := b.values[key]
	return e, is && (b.ttl == 0 || time.Since(e.at) < b.ttl)
}

func (b *memoryBucket) put(key string, value []byte) (uint64, error) {
	b.revision++
	b.values[key] = memoryEntry{value: value, revision: b.revision, at: time.Now()}
	return b.revision, nil
}

func (b *memoryBucket) Get(_ context.Context, key string) (jetstream.KeyValueEntry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, is := b.has(key); is {
		return e, nil
	}
	return nil, jetstream.ErrKeyNotFound
}

func (b *memoryBucket) Create(_ context.Context, key string, value []byte, _ ...jetstream.KVCreateOpt) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, is := b.has(key); is {
		return 0, jetstream.ErrKeyExists
	}
	return b.put(key, value)
}

func (b *memoryBucket) Update(_ context.Context, key string, value []byte, revision uint64) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, is := b.has(key); !is || e.revision != revision {
		return 0, jetstream.ErrKeyExists
	}
	return b.put(key, value)
}
