package audit

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// venues keeps one pace for each address that is asked and each that asks. The
// zero value is ready.
type venues struct {
	mu sync.Mutex
	m  map[string]*venue
}

func (v *venues) of(t *target, egress string) *venue {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.m == nil {
		v.m = map[string]*venue{}
	}
	id := t.exchange.Name + " " + t.base.Host + " " + egress
	if v.m[id] == nil {
		v.m[id] = &venue{asking: make(chan struct{}, 1)}
	}
	return v.m[id]
}

// venue is the pace at one address. It goes by the machine's own time and not
// by Options.Clock, for it is about time that passes.
type venue struct {
	mu     sync.Mutex
	next   time.Time // when the next turn is free
	quiet  time.Time // until when the venue asked everybody to wait
	banned *Error
	until  time.Time     // when the ban ends
	skew   time.Duration // the venue's clock minus ours, once it mattered

	asking chan struct{} // held while the venue's clock is asked for
	asked  time.Time     // when it was
}

func steady() time.Time { return time.Now() } //nolint:forbidigo // see venue

// longestQuiet is how long a key waits for a venue that asks to slow down. One
// that asks for more is left alone.
const longestQuiet = 2 * time.Minute

// interval is the time from one request to the next.
func (l Limit) interval() time.Duration {
	if l.Requests <= 0 {
		return 0
	}
	n := time.Duration(l.Requests)
	return (l.Per + n - 1) / n // rounded up: never more than the limit
}

// wait takes a turn of so many requests, and another one if the venue asked to
// slow down meanwhile. It doesn't wait for what comes too late.
func (v *venue) wait(ctx context.Context, limit Limit, requests int) *Error {
	for turn := (time.Time{}); ; {
		var err *Error
		if turn, err = v.take(ctx, turn, limit.interval()*time.Duration(requests)); err != nil || turn.IsZero() {
			return err
		}
		if !sleep(ctx, time.Until(turn)) {
			return canceled(ctx, "")
		}
	}
}

// take reserves a turn and returns when it is, or no time if it is now: the new
// one, or the one taken before.
func (v *venue) take(ctx context.Context, before time.Time, length time.Duration) (time.Time, *Error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := steady()
	if v.banned != nil && now.Before(v.until) {
		err := *v.banned
		err.RetryAfter = v.until.Sub(now)
		return before, &err
	}
	if !before.IsZero() && !before.Before(v.quiet) {
		return time.Time{}, nil
	}
	turn := latest(now, v.next, v.quiet)
	deadline, limited := ctx.Deadline()
	switch quiet := v.quiet.Sub(now); {
	case quiet > longestQuiet:
		return before, &Error{Kind: KindRateLimited, RetryAfter: quiet, Message: "the venue asked to slow down while another key was audited; nothing was sent"}
	case limited && turn.After(deadline):
		return before, &Error{
			Kind: KindCanceled, Message: "its turn under the venue's rate limit comes after the time limit; nothing was sent",
			context: context.DeadlineExceeded,
		}
	}
	v.next = turn.Add(length)
	if !turn.After(now) {
		return time.Time{}, nil
	}
	return turn, nil
}

func latest(t time.Time, others ...time.Time) time.Time {
	for _, other := range others {
		if other.After(t) {
			t = other
		}
	}
	return t
}

// charge counts a request that no turn was taken for.
func (v *venue) charge(limit Limit) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.next = latest(v.next, steady()).Add(limit.interval())
}

// pause holds back everybody's turn.
func (v *venue) pause(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.quiet = latest(v.quiet, steady().Add(d))
}

// bansAddress reports whether the venue refuses this address for a while, or
// may do so and doesn't speak of the key.
func (e *Error) bansAddress() bool {
	if e.Kind == KindAmbiguous && slices.Contains(e.Candidates, KindBanned) {
		return !slices.ContainsFunc(e.Candidates, func(k Kind) bool {
			return !slices.Contains([]Kind{KindBanned, KindGeoBlocked, KindRateLimited, KindUnavailable}, k)
		})
	}
	return e.Kind == KindBanned
}

// ban stops all requests to the address: asking on lengthens a ban.
func (v *venue) ban(err *Error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	until := steady().Add(max(err.RetryAfter, 2*time.Minute))
	if until.Before(v.until) {
		return
	}
	own := *err
	own.Message = "it answered so while another key was audited; nothing was sent"
	v.banned, v.until = &own, until
}

// offset is the venue's clock minus ours, as far as it was learned.
func (v *venue) offset() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.skew
}

func (v *venue) learn(offset time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.skew = offset
}

// clockLife is how long a reading of the venue's clock is trusted: ours may be
// set meanwhile.
const clockLife = 30 * time.Second

// syncNonceClock learns the venue's clock, for all keys of a run, before a
// nonce is made from ours: a nonce from a clock that runs ahead locks the
// key's other clients out for as long as it is ahead.
func (r *runner) syncNonceClock(ctx context.Context, session *Session, v *venue) *Error {
	e := session.guard.target.exchange
	if !e.Needs.Nonce {
		return nil
	}
	select {
	case v.asking <- struct{}{}:
		defer func() { <-v.asking }()
	case <-ctx.Done():
		return canceled(ctx, "")
	}
	if v.asked.IsZero() || time.Since(v.asked) > clockLife {
		server, err := e.ServerTime(ctx, session)
		if err != nil || server.IsZero() {
			return timeUnknown(failure(ctx, err))
		}
		// Venue times count whole seconds and are late by the way back, so
		// a small difference means nothing and would only make the nonce too
		// small.
		var skew time.Duration
		if d := server.Sub(session.clock()); d < -2*time.Second {
			skew = d
		}
		v.learn(skew)
		v.asked = steady()
	}
	session.offset = v.offset()
	return nil
}

// timeUnknown keeps of a refused reading of the clock what tells whether to ask
// again. It says nothing about the key, which was not used.
func timeUnknown(err *Error) *Error {
	switch err.Kind {
	case KindRateLimited, KindBanned, KindGeoBlocked, KindGuard, KindCanceled:
	default:
		err.Kind = KindUnavailable
	}
	if err.Kind != KindCanceled {
		err.Candidates, err.Address = nil, netip.Addr{}
		err.Message = "the venue's time could not be learned, and a nonce from a wrong clock would lock the key's other clients out"
	}
	return err
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
	if err != nil || server.IsZero() {
		return false
	}
	after := s.clock()
	s.offset = server.Sub(before.Add(after.Sub(before) / 2))
	return true
}

// retryAfter reads a Retry-After header: seconds or a date, which is compared
// with the answer's own date, for our clock may be off. What is too long to be
// meant is cut: it must not be taken for nothing.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const longest = 7 * day
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		if !(seconds > 0) { // also when it is not a number
			return 0
		}
		return time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return min(max(0, date.Sub(now)), longest)
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
	nonce uint64 // the last one used, for whoever waits
}

// lock waits for the key's turn, unless the context ends first.
func (k *keyLocks) lock(ctx context.Context, id string) (l *keyLock, unlock func(), ok bool) {
	k.mu.Lock()
	if k.m == nil {
		k.m = map[string]*keyLock{}
	}
	if l = k.m[id]; l == nil {
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
		return l, func() { <-l.turn; release() }, true
	case <-ctx.Done():
		release()
		return nil, nil, false
	}
}
