package audit

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// venues keeps one pace for each address that is asked. The zero value is
// ready.
type venues struct {
	mu sync.Mutex
	m  map[string]*venue
}

func (v *venues) of(t *target) *venue {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.m == nil {
		v.m = map[string]*venue{}
	}
	id := t.exchange.Name + " " + t.base.Host
	if v.m[id] == nil {
		v.m[id] = &venue{}
	}
	return v.m[id]
}

// venue is the pace at one address.
type venue struct {
	mu     sync.Mutex
	next   time.Time // when the next request may go out
	banned *Error
	until  time.Time // when the ban ends

	clock  sync.Mutex // held while the venue's clock is asked for
	synced bool
	skew   time.Duration
}

// longestWait is how long a key waits for its turn. A venue that asks for more
// is left alone.
const longestWait = 2 * time.Minute

// wait takes a turn. It doesn't wait for a turn that comes too late.
func (v *venue) wait(ctx context.Context, e *Exchange, clock func() time.Time) *Error {
	now := clock()
	v.mu.Lock()
	if v.banned != nil && now.Before(v.until) {
		err := *v.banned
		v.mu.Unlock()
		err.RetryAfter = v.until.Sub(now)
		return &err
	}
	turn := v.next
	if turn.Before(now) {
		turn = now
	}
	if e.Limit.Requests > 0 {
		v.next = turn.Add(e.Limit.Per / time.Duration(e.Limit.Requests))
	}
	v.mu.Unlock()
	switch delay := turn.Sub(now); {
	case delay <= 0 || (delay <= longestWait && sleep(ctx, delay)):
		return nil
	case ctx.Err() != nil:
		return canceled(ctx, "")
	default:
		return &Error{Kind: KindRateLimited, RetryAfter: delay, Message: "its turn under the venue's rate limit comes too late; nothing was sent"}
	}
}

// pause holds back everybody's next turn.
func (v *venue) pause(until time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.next.Before(until) {
		v.next = until
	}
}

// ban stops all requests to the address: asking on lengthens a ban.
func (v *venue) ban(err *Error, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	own := *err
	own.Message = "this address was banned while another key was audited"
	v.banned, v.until = &own, now.Add(max(err.RetryAfter, 2*time.Minute))
}

// syncNonceClock learns the venue's clock, once for all keys of a run, before
// the first nonce is made from ours: a nonce from a clock that runs ahead
// locks the key's other clients out for as long as it is ahead.
func (r *runner) syncNonceClock(ctx context.Context, session *Session, v *venue) *Error {
	e := session.guard.target.exchange
	if !e.Needs.Nonce || e.ServerTime == nil {
		return nil
	}
	v.clock.Lock()
	defer v.clock.Unlock()
	if !v.synced {
		server, err := e.ServerTime(ctx, session)
		if err != nil {
			if ctx.Err() != nil {
				return canceled(ctx, "")
			}
			return &Error{Kind: KindUnavailable, Message: "the venue's time could not be learned, and a nonce from a wrong clock would lock the key's other clients out"}
		}
		// Venue times count whole seconds and are late by the way back, so
		// a small difference means nothing and would only make the nonce too
		// small.
		if v.synced = true; server.Before(session.clock().Add(-2 * time.Second)) {
			v.skew = server.Sub(session.clock())
		}
	}
	session.offset = v.skew
	return nil
}

// correctClock sets the session's clock after a refused timestamp, from the
// answer's Date header, else by asking. It reports whether it learned more.
func (s *Session) correctClock(ctx context.Context) bool {
	if s.lastClock.Known {
		s.offset = s.lastClock.Middle
		return true
	}
	ask := s.guard.target.exchange.ServerTime
	if ask == nil {
		return false
	}
	before := s.clock()
	server, err := ask(ctx, s)
	if err != nil {
		return false
	}
	after := s.clock()
	s.offset = server.Sub(before.Add(after.Sub(before) / 2))
	return true
}

// retryAfter reads a Retry-After header: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		const longest = 7 * 24 * 3600
		if seconds > 0 && seconds <= longest {
			return time.Duration(seconds * float64(time.Second))
		}
		return 0
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// keyLocks lets one inspection a key run at a time. The zero value is ready;
// it holds no more locks than are in use.
type keyLocks struct {
	mu sync.Mutex
	m  map[string]*keyLock
}

type keyLock struct {
	turn  chan struct{}
	users int
}

// lock waits for the key's turn, unless the context ends first.
func (k *keyLocks) lock(ctx context.Context, id string) (unlock func(), ok bool) {
	k.mu.Lock()
	if k.m == nil {
		k.m = map[string]*keyLock{}
	}
	l := k.m[id]
	if l == nil {
		l = &keyLock{turn: make(chan struct{}, 1)}
		k.m[id] = l
	}
	l.users++
	k.mu.Unlock()
	release := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(k.m, id)
		}
	}
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; release() }, true
	case <-ctx.Done():
		release()
		return nil, false
	}
}
