package fleet

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// answer answers one job for an exchange: with what was found, or with why it was not looked
// for.
func (w *atWork) answer(ctx context.Context, exchange string, l *lease, msg jetstream.Msg, ackWait time.Duration) {
	j, err := readJob(msg.Data())
	if err != nil {
		w.refuse(ctx, msg, j, "the worker got a job that it does not understand")
		return
	}
	k := w.keys[j.Key]
	switch {
	case k == nil:
		w.refuse(ctx, msg, j, "the worker's own file has no such key")
		return
	case k.Exchange.Name != exchange || j.Exchange != exchange:
		w.refuse(ctx, msg, j, "in the worker's own file the key is of another exchange")
		return
	case time.Now().After(j.Deadline):
		w.refuse(ctx, msg, j, "the job came after its deadline")
		return
	}
	ctx, cancel := context.WithDeadline(ctx, j.Deadline)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go stayAlive(msg, ackWait/3, done)
	found, ok := w.inspect(ctx, k, l)
	if !ok {
		return // the job comes again
	}
	if w.deliver(ctx, answer{Run: j.Run, Key: j.Key, Snapshot: found}) {
		_ = msg.Ack() // or it comes again
		if found.Failure == nil {
			w.did(Inspected)
		} else {
			w.did(NotInspected)
		}
	}
}

// stayAlive tells the server that a job is being worked on.
func stayAlive(msg jetstream.Msg, every time.Duration, done <-chan struct{}) {
	ticker := time.NewTicker(max(every, 50*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = msg.InProgress()
		case <-done:
			return
		}
	}
}

// refuse says why a job is not done, and ends it.
func (w *atWork) refuse(ctx context.Context, msg jetstream.Msg, j job, why string) {
	w.Log("a job was refused: %s", why)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if w.deliver(ctx, answer{Run: j.Run, Key: j.Key, Refused: why}) {
		_ = msg.TermWithReason(why)
		w.did(Refused)
	}
}

// deliver publishes an answer, as often as it takes.
func (w *atWork) deliver(ctx context.Context, a answer) bool {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := w.send(ctx, resultSubject(w.Worker.Worker), a)
		if err == nil {
			return true
		}
		if errors.Is(err, errTooLong) {
			a.Snapshot, a.Refused = nil, "what it found is too long for a message"
			continue
		}
		if !sleep(ctx, wait) {
			return false
		}
	}
}

// inspect asks about a key. It is not ok if the lease ended meanwhile: then nothing is known.
func (w *atWork) inspect(ctx context.Context, k *heldHere, l *lease) (found *access.Snapshot, ok bool) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, false
	}
	if wait := time.Until(k.last.Add(w.LeastInterval)); wait > 0 && !sleep(ctx, wait) {
		return nil, false
	}
	base := k.Transport
	if base == nil {
		base = w.transport
	}
	var lost atomic.Bool
	target := &adapter.Target{
		Exchange: k.Exchange, Environment: k.Environment, Credentials: k.Credentials, Load: k.Load, BaseURL: k.BaseURL,
		Transport: &leased{base, l, &lost}, Egress: k.Egress, Nonce: k.Nonce,
	}
	if k.Probe != nil {
		probe := *k.Probe
		probe.Transport = &leased{probe.Transport, l, &lost}
		target.Probe = &probe
	}
	found, err := w.banned(ctx, k)
	if err != nil {
		return nil, false
	}
	if found == nil {
		found, _ = w.inspector.Inspect(ctx, target) // the snapshot has the failure
		k.last = time.Now()
	}
	if lost.Load() || found.Failure != nil && !l.held() { // a failure may be that of a pause
		return nil, false
	}
	w.noteBan(ctx, k, found)
	return w.forOthers(k.Name, found), true
}
