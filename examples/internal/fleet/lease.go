package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// lease is the right to ask one exchange from one egress. Workers that hold different keys
// take turns by it, so that the exchange sees one pace per IP address. It is kept by renewing it
// before it ends, which the server refuses to all but its holder; one who was paused finds by
// both clocks that it may have ended, and asks nothing more.
type lease struct {
	kv       jetstream.KeyValue
	exchange string
	length   time.Duration
	mine     holding

	mu       sync.Mutex
	revision uint64
	renewed  time.Time // before the renewal was asked for
	lost     bool
	asked    atomic.Int64 // when the exchange was last asked, in Unix milliseconds
}

func newLease(kv jetstream.KeyValue, exchange string, length time.Duration, worker string) *lease {
	return &lease{kv: kv, exchange: exchange, length: length, mine: holding{Worker: worker, Token: rand.Text()}}
}

// holding is the value of a lease.
type holding struct {
	Worker   string    `json:"worker"`
	Token    string    `json:"token"`              // another for each lease that a worker takes
	Asked    time.Time `json:"asked,omitzero"`     // when the exchange was last asked
	Released bool      `json:"released,omitempty"` // before its time
}

// take takes a lease, or says who has it and until when it is known to be taken. A lease
// that was given back is taken once the exchange's own pace allows the next request.
func (l *lease) take(ctx context.Context, pace time.Duration) (taken bool, holder string, err error) {
	start := time.Now()
	revision, err := l.kv.Create(ctx, l.exchange, l.mine.encode())
	if errors.Is(err, jetstream.ErrKeyExists) {
		entry, err := l.kv.Get(ctx, l.exchange)
		if err != nil {
			return false, "", ignoreMissing(err)
		}
		var has holding
		_ = json.Unmarshal(entry.Value(), &has) // what is no lease ends like one
		if !has.Released {
			return false, has.Worker, nil
		}
		if wait := time.Until(has.Asked.Add(pace)); has.Worker != l.mine.Worker && wait > 0 && wait < time.Hour && !sleep(ctx, wait) {
			return false, "", ctx.Err()
		}
		start = time.Now()
		if revision, err = l.kv.Update(ctx, l.exchange, l.mine.encode(), entry.Revision()); err != nil {
			return false, "", nil //nolint:nilerr // another was faster
		}
		l.own(start, revision)
		return true, "", nil
	}
	if err != nil {
		return false, "", err
	}
	l.own(start, revision)
	return true, "", nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	return err
}

func (h holding) encode() []byte {
	text, _ := json.Marshal(h) // of texts and times
	return text
}

func (l *lease) own(since time.Time, revision uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed, l.revision = since, revision
}

// keep renews the lease until the context ends.
func (l *lease) keep(ctx context.Context) {
	for sleep(ctx, l.length/3) {
		if l.gone() {
			return
		}
		l.renew(ctx)
	}
}

// renew renews the lease once. An answer that did not come may have been lost on its way
// back: then the value is ours, under a revision that we don't know.
func (l *lease) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.length/3)
	defer cancel()
	start := time.Now()
	l.mu.Lock()
	revision := l.revision
	l.mu.Unlock()
	now, err := l.kv.Update(ctx, l.exchange, l.value(false), revision)
	switch {
	case err == nil:
		l.own(start, now)
	case !errors.Is(err, jetstream.ErrKeyExists):
	default:
		entry, err := l.kv.Get(ctx, l.exchange)
		var has holding
		switch {
		case err != nil && !errors.Is(err, jetstream.ErrKeyNotFound):
		case err == nil && json.Unmarshal(entry.Value(), &has) == nil && has.Token == l.mine.Token:
			l.mu.Lock()
			l.revision = entry.Revision()
			l.mu.Unlock()
		default:
			l.lose()
		}
	}
}

func (l *lease) value(released bool) []byte {
	v := l.mine
	v.Released = released
	if asked := l.asked.Load(); asked > 0 {
		v.Asked = time.UnixMilli(asked).UTC()
	}
	return v.encode()
}

func (l *lease) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = true
}

func (l *lease) gone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// held reports whether the exchange may be asked now: less than two thirds of the lease have
// passed since it was renewed, by each of two clocks. One stands still while a machine is
// suspended, and the other can be set back.
func (l *lease) held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.length * 2 / 3
	steady, wall := time.Since(l.renewed), time.Now().Round(0).Sub(l.renewed.Round(0))
	if l.lost || steady >= limit || wall >= limit || wall < -time.Second {
		return false
	}
	return true
}

// release gives the lease back. One that may have ended is left alone.
func (l *lease) release(ctx context.Context) {
	if !l.held() {
		return
	}
	l.mu.Lock()
	revision := l.revision
	l.lost = true
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.length/3)
	defer cancel()
	_, _ = l.kv.Update(ctx, l.exchange, l.value(true), revision) // or it ends by itself
}

// errLease ends an inspection whose worker may no longer ask.
var errLease = &access.Error{Kind: access.KindCanceled, Message: "another worker of this egress may be asking the exchange; nothing was sent"}

// leased sends requests while the lease is held.
type leased struct {
	base  http.RoundTripper
	lease *lease
	lost  *atomic.Bool // set if a request was held back
}

// RoundTrip sends one request, which ends before another worker could take the lease.
func (t *leased) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.lease.held() {
		t.lost.Store(true)
		if r.Body != nil {
			_ = r.Body.Close() // as a RoundTripper must
		}
		return nil, errLease
	}
	ctx, cancel := context.WithTimeout(r.Context(), t.lease.length/3)
	resp, err := t.base.RoundTrip(r.WithContext(ctx))
	t.lease.asked.Store(time.Now().UnixMilli())
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &body{resp.Body, cancel}
	return resp, nil
}

// body ends the request's context when it is closed.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close closes the answer.
func (b *body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// sleep waits, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
