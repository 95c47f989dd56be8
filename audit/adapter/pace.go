package adapter

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// paces keeps one pace for each host that is asked and each egress. The zero
// value is ready.
type paces struct {
	mu sync.Mutex
	m  map[string]*pace
}

func (p *paces) of(at *site, egress string) *pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.m == nil {
		p.m = map[string]*pace{}
	}
	id := at.exchange.Name + " " + at.base.Host + " " + egress
	if p.m[id] == nil {
		p.m[id] = &pace{asking: make(chan struct{}, 1)}
	}
	return p.m[id]
}

// pace is the pace at one host. It goes by the machine's own time and not by
// Options.Clock, for it is about time that passes.
type pace struct {
	mu     sync.Mutex
	next   time.Time // when the next turn is free
	quiet  time.Time // until when the exchange asked everybody to wait
	banned *access.Error
	until  time.Time     // when the ban ends
	skew   time.Duration // the exchange's clock minus ours, once it mattered
	behind time.Duration // the least that the exchange's clock minus ours can be, once a nonce needed it

	asking chan struct{} // held while the exchange's clock is asked for
	asked  time.Time     // when it was
}

func steady() time.Time { return time.Now() } //nolint:forbidigo // see pace

// longestQuiet is how long a key waits for an exchange that asks to slow down. One
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

// wait takes a turn of so many requests, and another one if the exchange asked to
// slow down meanwhile. It doesn't wait for what comes too late.
func (p *pace) wait(ctx context.Context, limit Limit, requests int, log *slog.Logger) error {
	for turn := (time.Time{}); ; {
		var err error
		if turn, err = p.take(ctx, turn, limit.interval()*time.Duration(requests)); err != nil || turn.IsZero() {
			return err
		}
		log.DebugContext(ctx, "waiting for the exchange's rate limit", "wait", time.Until(turn))
		if !sleep(ctx, time.Until(turn)) {
			return canceled(ctx, "")
		}
	}
}

// take reserves a turn and returns when it is, or no time if it is now: the new
// one, or the one taken before.
func (p *pace) take(ctx context.Context, before time.Time, length time.Duration) (time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := steady()
	if p.banned != nil && now.Before(p.until) {
		err := *p.banned
		err.RetryAfter = p.until.Sub(now)
		return before, &err
	}
	if !before.IsZero() && !before.Before(p.quiet) {
		return time.Time{}, nil
	}
	turn := latest(now, p.next, p.quiet)
	deadline, limited := ctx.Deadline()
	switch quiet := p.quiet.Sub(now); {
	case quiet > longestQuiet:
		return before, &access.Error{Kind: access.KindRateLimited, RetryAfter: quiet, Message: "the exchange asked to slow down while another key was audited; nothing was sent"}
	case limited && turn.After(deadline):
		late := access.Canceled("", context.DeadlineExceeded)
		late.Message = "rate limit: the next free slot is after the deadline; nothing was sent"
		return before, late
	}
	p.next = turn.Add(length)
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
func (p *pace) charge(limit Limit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = latest(p.next, steady()).Add(limit.interval())
}

// pause holds back everybody's turn.
func (p *pace) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.quiet = latest(p.quiet, steady().Add(d))
}

// ban stops all requests to the host: asking on lengthens a ban.
func (p *pace) ban(err *access.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := steady().Add(max(err.RetryAfter, 2*time.Minute))
	if until.Before(p.until) {
		return
	}
	own := *err
	own.Message = "it answered so while another key was audited; nothing was sent"
	p.banned, p.until = &own, until
}

// offset is the exchange's clock minus ours, as far as it was learned.
func (p *pace) offset() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.skew
}

func (p *pace) learn(offset time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.skew = offset
}

// retryAfter reads a Retry-After header: seconds or a date, which is compared
// with the answer's own date, for our clock may be off. What is too long to be
// meant is cut: it must not be taken for nothing.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const longest = 7 * 24 * time.Hour
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

func (p *pace) learnBounds(skew, lowest time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.skew, p.behind = skew, lowest
}

// lowest is the least that the exchange's clock minus ours can be, as far as a
// nonce needs it.
func (p *pace) lowest() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return min(p.behind, 0)
}

// sleep waits, unless the deadline comes before the end of the wait: then it
// returns at once.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// backoff is a random wait below a ceiling that doubles: 0.5 s, 1 s, 2 s and so on.
func backoff(try int) time.Duration {
	ceiling := 500 * time.Millisecond << min(try-1, 5)
	return ceiling/4 + rand.N(ceiling*3/4)
}

// keyTurns lets one inspection per key run at a time. The zero value is ready;
// it holds no more than the keys in use, and 16 bytes for each that had a nonce.
type keyTurns struct {
	mu     sync.Mutex
	m      map[string]*keyTurn
	seed   maphash.Seed
	nonces map[uint64]uint64 // the last ones, by a hash of the key: of two with one hash, the larger serves both
}

// keyTurn is the turn of one key, and while it is held the owner of its nonces.
type keyTurn struct {
	turns *keyTurns
	id    string
	held  chan struct{}
	users int
	nonce uint64 // the last one used
}

// take waits for the key's turn, unless the context ends first.
func (k *keyTurns) take(ctx context.Context, id string) (*keyTurn, error) {
	k.mu.Lock()
	if k.m == nil {
		k.m, k.seed, k.nonces = map[string]*keyTurn{}, maphash.MakeSeed(), map[uint64]uint64{}
	}
	t := k.m[id]
	if t == nil {
		t = &keyTurn{turns: k, id: id, held: make(chan struct{}, 1), nonce: k.nonces[maphash.String(k.seed, id)]}
		k.m[id] = t
	}
	t.users++
	k.mu.Unlock()
	select {
	case t.held <- struct{}{}:
		return t, nil
	case <-ctx.Done():
		t.leave()
		return nil, canceled(ctx, "")
	}
}

// end gives the turn to the next that waits.
func (t *keyTurn) end() {
	<-t.held
	t.leave()
}

func (t *keyTurn) leave() {
	k := t.turns
	k.mu.Lock()
	defer k.mu.Unlock()
	if t.users--; t.users > 0 {
		return
	}
	delete(k.m, t.id)
	if hash := maphash.String(k.seed, t.id); t.nonce > k.nonces[hash] {
		k.nonces[hash] = t.nonce
	}
}

// nonceKeys are the keys in use whose requests carry a nonce, for the whole process:
// inspections by different Inspectors must not take the same number. It is the one
// variable of the package, for nothing else is common to two calls of a bot.
var nonceKeys struct {
	sync.Mutex
	m map[string]*nonceKey
}

type nonceKey struct {
	sync.Mutex
	users int
	nonce uint64 // the last one used
}

// alone makes this turn the only one of the process for its key, until the function
// it returns is called. It looks again and again: a channel would tie all who wait
// to one bubble of testing/synctest.
func (t *keyTurn) alone(ctx context.Context) (release func(), err error) {
	nonceKeys.Lock()
	if nonceKeys.m == nil {
		nonceKeys.m = map[string]*nonceKey{}
	}
	k := nonceKeys.m[t.id]
	if k == nil {
		k = &nonceKey{}
		nonceKeys.m[t.id] = k
	}
	k.users++
	nonceKeys.Unlock()
	leave := func() {
		nonceKeys.Lock()
		defer nonceKeys.Unlock()
		if k.users--; k.users == 0 {
			delete(nonceKeys.m, t.id)
		}
	}
	for !k.TryLock() {
		if !sleep(ctx, 5*time.Millisecond) {
			leave()
			return nil, canceled(ctx, "")
		}
	}
	t.nonce = max(t.nonce, k.nonce)
	return func() {
		k.nonce = t.nonce
		k.Unlock()
		leave()
	}, nil
}
