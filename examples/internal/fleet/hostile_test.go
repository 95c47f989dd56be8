package fleet

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/exchangetest"
)

// stolen is a connection with a worker's credentials, in the hands of somebody else.
type stolen struct {
	*nats.Conn
	pair   nkeys.KeyPair
	denied chan error
}

func (f *firm) steal(worker string) *stolen {
	f.t.Helper()
	pair, err := key(f.workers[worker].Seed)
	require.NoError(f.t, err)
	public, err := pair.PublicKey()
	require.NoError(f.t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(f.server.CA)
	s := &stolen{pair: pair, denied: make(chan error, 64)}
	s.Conn, err = nats.Connect(f.server.URL, nats.Nkey(public, pair.Sign), nats.CustomInboxPrefix(inbox(worker)),
		nats.Secure(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}), nats.TLSHandshakeFirst(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { s.denied <- err }))
	require.NoError(f.t, err)
	f.t.Cleanup(s.Close)
	return s
}

// refused reports whether the server refused what was just sent.
func (s *stolen) refused() bool {
	_ = s.Flush()
	select {
	case err := <-s.denied:
		return strings.Contains(err.Error(), "ermissions")
	case <-time.After(300 * time.Millisecond):
		return false
	}
}

// TestLeastRights: what a worker's credentials cannot do, with the configuration as it is
// shipped.
func TestLeastRights(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo", "w2": "tokyo", "w3": "london"}, exchangetest.OKX())
	f.embed()
	for worker := range f.workers {
		f.give(worker, 1)
	}
	r := f.run(time.Minute)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	s := f.steal("w1")
	for _, subject := range []string{
		"result.w2", "result.w3", "job.w1.okx", "job.w2.okx", "job.w3.okx", "$JS.ACK.jobs-w2.okx.1.1.1.1.1",
		"$JS.API.CONSUMER.MSG.NEXT.jobs-w2.okx", "$JS.API.CONSUMER.MSG.NEXT.results.coordinator", "$JS.API.CONSUMER.INFO.jobs-w2.okx",
		"$JS.API.CONSUMER.CREATE.jobs-w1", "$JS.API.CONSUMER.CREATE.results.mine", "$JS.API.CONSUMER.DURABLE.CREATE.jobs-w1.mine", "$JS.API.CONSUMER.DELETE.jobs-w1.okx",
		"$JS.API.CONSUMER.UNPIN.jobs-w1.okx", "$JS.API.STREAM.MSG.GET.results", "$JS.API.STREAM.MSG.GET.jobs-w1", "$JS.API.DIRECT.GET.results", "$JS.API.DIRECT.GET.KV_names",
		"$JS.API.STREAM.PURGE.jobs-w1", "$JS.API.STREAM.DELETE.results", "$JS.API.STREAM.LIST", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.CREATE.mine", "$JS.API.STREAM.UPDATE.jobs-w1",
		"$JS.API.STREAM.INFO.results", "$JS.API.INFO", "$JS.API.ACCOUNT.PURGE.tokyo", "$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.tokyo.INFO",
		"$KV.worker.w2", "$KV.names.w2.0", "$KV.run.run", "$KV.names.w1", "anything",
	} {
		require.NoError(t, s.PublishRequest(subject, inbox("w1")+".x", []byte("{}")))
		assert.True(t, s.refused(), subject)
	}
	for _, subject := range []string{inbox("w2") + ".>", inbox("w3") + ".>", "result.>", "job.>", "$KV.>", "$JS.>", "$SYS.>", ">", "*"} {
		_, err := s.SubscribeSync(subject)
		require.NoError(t, err)
		assert.True(t, s.refused(), subject)
	}
	require.NoError(t, s.Publish("result.w1", []byte("{}"))) // the test sees what is allowed
	assert.False(t, s.refused())
	assert.ErrorIs(t, s.Publish("result.w1", make([]byte, 2<<20)), nats.ErrMaxPayload)
}

// TestStrangers: who has no NKey, an unknown one, or another authority's server.
func TestStrangers(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo"}, exchangetest.OKX())
	f.embed()
	other := newFirm(t, map[string]string{"w1": "tokyo"}, exchangetest.OKX())
	connect := func(s Server, worker Worker) error {
		pair, err := key(worker.Seed)
		require.NoError(t, err)
		c, err := s.connect("w1", pair, f.log.log)
		if err == nil {
			c.Close()
		}
		return err
	}
	require.NoError(t, connect(f.server, f.workers["w1"]))
	require.ErrorContains(t, connect(f.server, other.workers["w1"]), "does not know these credentials")
	require.ErrorContains(t, connect(Server{f.server.URL, other.certs.CA}, f.workers["w1"]), "not signed by this CA")
	require.Error(t, connect(Server{f.server.URL, nil}, f.workers["w1"]), "the server speaks TLS only")
	require.ErrorContains(t, connect(Server{"nats://nats.example.com:4222", nil}, f.workers["w1"]), "without TLS only a server on this host")
	require.ErrorContains(t, connect(Server{"nats://me:word@127.0.0.1:1", f.certs.CA}, f.workers["w1"]), "malformed")
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(f.server.CA)
	_, err := nats.Connect(f.server.URL, nats.Secure(&tls.Config{RootCAs: pool}), nats.TLSHandshakeFirst())
	assert.ErrorIs(t, err, nats.ErrAuthorization)
}

// TestReplySubject: the address to which the server is told to send its answers leads into no
// other account; what it brings into a neighbour's subjects is no job and no result.
func TestReplySubject(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo", "w2": "tokyo", "w3": "london"}, exchangetest.OKX())
	f.embed()
	for worker := range f.workers {
		f.give(worker, 1)
	}
	r := f.run(20 * time.Second)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	s := f.steal("w1")
	for _, reply := range []string{"result.w2", "job.w2.okx", "result.w3", "job.w3.okx"} {
		require.NoError(t, s.PublishRequest("$JS.API.CONSUMER.INFO.jobs-w1.okx", reply, nil))
		require.NoError(t, s.PublishRequest("result.w1", reply, []byte("{}")))
	}
	require.NoError(t, s.Flush())
	for worker := range f.workers {
		f.work(worker)
	}
	for key, a := range f.gathered(r, nil) {
		assert.NotNil(t, a.Snapshot, key)
	}
	c := r.Closing(t.Context())
	assert.Equal(t, map[string]int{
		forged("tokyo"): 8, "sent to worker w2 as a job, and none": 2, // four of its own, and of the server's answers those as w2 and as w3 to this account
	}, c.Strange)
}

// TestStrangeResults: what is no result of the right worker for this run is counted, and
// nothing else.
func TestStrangeResults(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo", "w2": "tokyo"}, exchangetest.OKX())
	f.embed()
	f.give("w1", 1)
	f.give("w2", 1)
	r := f.run(20 * time.Second)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	s := f.steal("w1")
	w1, w2 := f.keys["w1"][0].Name, f.keys["w2"][0].Name
	green := &access.Snapshot{Inspection: access.Inspection{Schema: access.SnapshotSchema, Exchange: "okx", Environment: "live", TakenAt: time.Now().UTC()}}
	sealed := func(subject string, message any) []byte {
		data, err := seal(s.pair, subject, message)
		require.NoError(t, err)
		return data
	}
	snapshotless := *green
	snapshotless.Siblings = []*access.Snapshot{nil}
	later, _ := json.Marshal(map[string]any{"run": r.id, "key": w1, "snapshot": green, "more": 1})
	laterSignature, _ := s.pair.Sign(signed("result.w1", later))
	for _, data := range [][]byte{
		nil, []byte("{}"), []byte("\x00\xff"), make([]byte, 100_000), // garbage
		sealed("result.w2", answer{Run: r.id, Key: w2, Snapshot: green}),           // signed for another subject
		sealed("result.w1", answer{Run: r.id, Key: w2, Snapshot: green}),           // the key of another
		sealed("result.w1", answer{Run: "yesterday", Key: w1, Snapshot: green}),    // replayed
		sealed("result.w1", answer{Run: r.id, Key: "nobody's", Snapshot: green}),   // no such key
		sealed("result.w1", answer{Run: r.id, Key: w1}),                            // neither
		sealed("result.w1", answer{Run: r.id, Key: w1, Snapshot: &snapshotless}),   // a hole in it
		sealed("result.w1", answer{Run: r.id, Key: w1, Refused: "\x1b[2J\nworse"}), // would write to a terminal
		append(laterSignature, later...),                                           // an unknown field
	} {
		require.NoError(t, s.Publish("result.w1", data))
	}
	// The id that removes duplicates in the server is of no account.
	require.NoError(t, s.PublishMsg(&nats.Msg{Subject: "result.w1", Data: []byte("{}"), Header: nats.Header{"Nats-Msg-Id": {r.id + "/" + w2}}}))
	require.NoError(t, s.Flush())
	f.work("w1")
	f.work("w2")
	for key, a := range f.gathered(r, nil) {
		require.NotNil(t, a.Snapshot, key)
		assert.NotEmpty(t, a.Snapshot.Grants, "%s: the true one", key)
	}
	c := r.Closing(t.Context())
	assert.Equal(t, map[string]int{
		forged("tokyo"):                                          6,
		"from worker w1 about a key of another":                  2,
		"from worker w1: it is neither a snapshot nor a refusal": 3,
		"from worker w1: it is of another version, or malformed": 1,
	}, c.Strange)
	assert.Contains(t, f.log.String(), "1 results of another run")
}

// TestOtherFacts: a genuine answer about another exchange, environment or time than asked
// about is none.
func TestOtherFacts(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo"}, exchangetest.OKX())
	f.embed()
	f.give("w1", 3)
	r := f.run(10 * time.Second)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	s := f.steal("w1")
	for i, change := range []func(*access.Snapshot){
		func(s *access.Snapshot) { s.Exchange = "bybit" },
		func(s *access.Snapshot) { s.Environment = "demo" },
		func(s *access.Snapshot) { s.TakenAt = s.TakenAt.Add(-time.Hour) },
	} {
		green := &access.Snapshot{Inspection: access.Inspection{Schema: access.SnapshotSchema, Exchange: "okx", Environment: "live", TakenAt: time.Now().UTC()}}
		change(green)
		data, err := seal(s.pair, "result.w1", answer{Run: r.id, Key: f.keys["w1"][i].Name, Snapshot: green})
		require.NoError(t, err)
		require.NoError(t, s.Publish("result.w1", data))
	}
	for key, a := range f.gathered(r, nil) {
		assert.Nil(t, a.Snapshot, key)
		assert.Contains(t, a.Unfit, "compare its file with the inventory")
	}
}

// TestFalseCoordinator: a job can name a key of the worker's own file, and nothing else. What
// is no such job is refused, the exchange is not asked, and the worker lives on.
func TestFalseCoordinator(t *testing.T) {
	t.Parallel()
	f := newFirm(t, map[string]string{"w1": "tokyo"}, exchangetest.OKX())
	f.embed()
	f.give("w1", 1)
	r := f.run(20 * time.Second)
	require.NoError(t, r.Connect(t.Context()))
	defer r.Close()
	js := r.accounts["tokyo"].js
	name := f.keys["w1"][0].Name
	deadline := time.Now().Add(time.Minute).UTC().Format(time.RFC3339Nano)
	good := fmt.Sprintf(`{"run":"r","key":%q,"exchange":"okx","deadline":%q}`, name, deadline)
	_, err := readJob([]byte(good))
	require.NoError(t, err, "the others differ from this in one thing")
	with := func(more string) string { return strings.TrimSuffix(good, "}") + "," + more + "}" }
	bad := []string{
		with(`"base_url":"https://evil.example"`), with(`"secret":"exec:[\"curl\",\"evil.example\"]"`), with(`"environment":"testnet"`), with(`"proxy":"http://evil.example"`),
		with(`"key":"other"`), with(`"Key":"other"`), strings.Replace(good, `"key"`, `"KEY"`, 1), good + good, good + "\n", " " + good, "[]", "null", "", "\x00",
		strings.Replace(good, name, `a\nb`, 1), strings.Replace(good, name, `\u001b[2J`, 1), strings.Replace(good, name, strings.Repeat("x", 3900), 1),
		strings.Replace(good, name, "exec:id", 1), strings.Replace(good, `"okx"`, `"bybit"`, 1), strings.Replace(good, deadline, "2001-01-01T00:00:00Z", 1),
	}
	for _, text := range bad {
		_, err := js.Publish(t.Context(), "job.w1.okx", []byte(text))
		require.NoError(t, err, text)
	}
	// A queue of another exchange brings no job around the turns of its own.
	stream, err := js.Stream(t.Context(), "jobs-w1")
	require.NoError(t, err)
	require.NoError(t, stream.DeleteConsumer(t.Context(), "okx"))
	_, err = stream.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "bybit", FilterSubject: "job.w1.okx", AckPolicy: jetstream.AckExplicitPolicy})
	require.NoError(t, err)
	_, err = js.Publish(t.Context(), "job.w1.okx", make([]byte, 1<<19))
	require.ErrorContains(t, err, "message size exceeds", "the queue has no room for it")
	f.work("w1")
	for key, a := range f.gathered(r, nil) {
		assert.Contains(t, a.Refused, "of another exchange", key)
	}
	require.Eventually(t, func() bool {
		info, err := js.Stream(t.Context(), "jobs-w1")
		return err == nil && info.CachedInfo().State.Msgs == 0
	}, 5*time.Second, 50*time.Millisecond, "all are ended")
	assert.Equal(t, len(bad)+1, strings.Count(f.log.String(), "a job was refused"))
	assert.Zero(t, f.asking.requests["w1"])
}
