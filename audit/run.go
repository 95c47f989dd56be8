package audit

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// Inspect asks the venue what the key may do. The snapshot is never nil: after
// a failure it holds what the refusal itself proves, and the failure, which is
// also the error returned (always an *Error). It sends declared reads only.
func Inspect(ctx context.Context, key Key, opts *Options) (*Snapshot, error) {
	o := opts.orDefault()
	transport, done := o.transport()
	defer done()
	return finish(newRunner(o, transport).inspect(ctx, &key))
}

// finish keeps a nil *Error from becoming a non-nil error.
func finish(s *Snapshot, err *Error) (*Snapshot, error) {
	if err != nil {
		return s, err
	}
	return s, nil
}

// Check inspects a key and judges it against its policy. It fails closed: the
// error is nil only if no rule failed, and none was left undetermined, at or
// above the threshold (High by default), unless attested or waived. The error
// is a *CheckError; errors.Is tells ErrUnsafe, ErrUndetermined and
// ErrNotInspected apart.
func Check(ctx context.Context, key Key, opts *Options) error {
	o := opts.orDefault()
	transport, done := o.transport()
	defer done()
	return newRunner(o, transport).audit(ctx, &key).Err(o.Threshold)
}

// Run audits any number of keys and yields one result a key as it comes, in
// bounded memory. The keys are taken one by one, from another goroutine; all
// goroutines end before the range over the results does. One bad key stops
// nothing and a venue that hangs delays its own keys only, each venue's rate is
// kept, no key is asked twice at the same time, and after the context's end the
// remaining keys still get a result, which says that they were not inspected.
// Panics of keys, rules, adapters and transports are not caught. Results share
// what is equal in them, so nobody may change what a snapshot lists.
func Run(ctx context.Context, keys iter.Seq[Key], opts *Options) iter.Seq[*Result] {
	return func(yield func(*Result) bool) {
		o := opts.orDefault()
		transport, done := o.transport()
		defer done()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()

		r := newRunner(o, transport)
		results := make(chan *Result)
		var all shared
		l := newLanes(o.Concurrency, func(key *Key, quit <-chan struct{}) {
			result := r.audit(ctx, key)
			all.among(result.Snapshot)
			select {
			case results <- result:
			case <-quit:
			}
		})
		go func() { defer close(results); l.run(keys) }()
		defer func() { // also when the caller stops early or panics
			close(l.quit)
			cancel()
			for range results { // wait for the last goroutine
			}
		}()
		for result := range results {
			if !yield(result) {
				return
			}
		}
	}
}

// transport returns the caller's transport, or one of our own and what closes
// it.
func (o *Options) transport() (http.RoundTripper, func()) {
	if o.Transport != nil {
		return o.Transport, func() {}
	}
	t := newTransport()
	return t, t.CloseIdleConnections
}

// runner is what the inspections of one call share.
type runner struct {
	Options
	transport http.RoundTripper
	venues    venues
	keys      keyLocks
}

func newRunner(o Options, transport http.RoundTripper) *runner {
	return &runner{Options: o, transport: transport}
}

// audit is inspection and judgement.
func (r *runner) audit(ctx context.Context, key *Key) *Result {
	s, _ := r.inspect(ctx, key)
	result := newResult(key, s)
	result.Findings = judge(result.pass(r.Clock()), r.Rules)
	return result
}

func (r *runner) inspect(ctx context.Context, key *Key) (*Snapshot, *Error) {
	s := &Snapshot{
		Schema: SnapshotSchema, TakenAt: r.Clock().UTC(), Environment: key.Environment, Grants: []Grant{},
		KeyID: printable(MaskID(key.Credentials.Key)), Egress: printable(key.Egress),
	}
	if key.Exchange != nil {
		s.Exchange = key.Exchange.Name
		if closing := key.Exchange.Closing; closing != nil {
			s.Deadlines = append(s.Deadlines, *closing)
		}
	}
	fail := func(err *Error) (*Snapshot, *Error) {
		if key.Exchange != nil {
			err.Exchange = key.Exchange.Title
		}
		s.Failure = err
		return s, err
	}
	t, problems := key.target()
	if t != nil {
		s.Environment, s.Test = t.environment.Name, t.environment.Test
	}
	if ctx.Err() != nil {
		return fail(canceled(ctx, ""))
	}
	if len(problems) > 0 {
		if key.Exchange != nil && key.Load == nil { // everything at once, but nothing loaded in vain
			_, more := key.Credentials.problems(key.Exchange)
			problems = append(problems, more...)
		}
		return fail(inputError(key.Exchange, problems))
	}
	credentials, err := key.credentials(ctx, r.Timeout)
	if err != nil {
		return fail(err)
	}
	s.KeyID, s.Fingerprint, s.Storage = printable(MaskID(credentials.Key)), fingerprint(t.exchange.Name, credentials.Key), credentials.Storage
	private, problems := credentials.problems(t.exchange)
	if len(problems) > 0 {
		return fail(inputError(t.exchange, problems))
	}

	lock, unlock, ok := r.keys.lock(ctx, t.exchange.Name+"\x00"+credentials.Key)
	if !ok {
		return fail(canceled(ctx, ""))
	}
	defer unlock()

	egress, transport := "", r.transport
	if key.Transport != nil { // a name alone is no other address
		egress, transport = key.Egress, key.Transport
	}
	venue := r.venues.of(t, egress)
	session := &Session{
		credentials: credentials, private: private, clock: r.Clock, nonce: key.Nonce, scrubber: newScrubber(&credentials),
		guard: &guard{target: t, transport: transport, venue: venue},
	}
	session.kind = credentials.kind(private)
	s.KeyKind, s.KeyBits, s.KeyKinds = session.kind, private.bits(), slices.Clone(t.exchange.Needs.Kinds)
	session.nonce.Floor = max(session.nonce.Floor, lock.nonce)
	// Waiting for a turn is not the key's fault, so it is not on its time.
	if err := venue.wait(ctx, t.exchange.Limit, t.requests()); err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	found, err := r.attempt(ctx, session, venue)
	lock.nonce, key.Nonce.Floor = session.nonce.Floor, session.nonce.Floor
	if err != nil {
		s.Requests, s.Insecure, s.Clock = session.guard.sent, t.insecure(transport), session.lastClock
		s.Clock.Window = t.exchange.ClockWindow
		if session.guard.untrusted {
			s.Insecure = append(s.Insecure, "the certificate of "+t.base.Host+" is not valid")
		}
		proves(s, err)
		return fail(err)
	}
	complete(found, s, session)
	found.Insecure = t.insecure(transport)
	return found, nil
}

// credentials loads what the key's owner holds. An unknown error's text is
// dropped, for it could hold the secret.
func (k *Key) credentials(ctx context.Context, limit time.Duration) (Credentials, *Error) {
	if k.Load == nil {
		return k.Credentials, nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c, err := k.Load(ctx)
	var typed *Error
	switch {
	case err == nil:
		return c, nil
	case ctx.Err() != nil:
		return c, canceled(ctx, "")
	case errors.As(err, &typed) && typed != nil:
		own := *typed
		own.Message, own.Code = printable(own.Message), printable(own.Code)
		return c, &own
	default:
		return c, &Error{Kind: KindInput, Message: "the credentials could not be loaded"}
	}
}

// proves keeps what a refusal itself tells about the key.
func proves(s *Snapshot, err *Error) {
	switch err.Kind {
	case KindIPNotAllowed:
		s.IPAllowlist = IPAllowlist{State: AllowlistRestricted, Evidence: Refused}
	case KindExpired:
		s.KeyState = KeyExpired
	case KindDisabled:
		s.KeyState = KeyDisabled
	default:
	}
}

// complete adds what the core knows to what the adapter found.
func complete(found, frame *Snapshot, session *Session) {
	t := session.guard.target
	found.Schema, found.Exchange, found.TakenAt = frame.Schema, frame.Exchange, frame.TakenAt
	found.Environment, found.Test = frame.Environment, frame.Test
	found.Fingerprint, found.Egress, found.Storage = frame.Fingerprint, frame.Egress, frame.Storage
	found.KeyID, found.Requests = frame.KeyID, session.guard.sent
	found.KeyKind, found.KeyBits, found.KeyKinds = frame.KeyKind, frame.KeyBits, frame.KeyKinds
	found.Deadlines = append(found.Deadlines, frame.Deadlines...)
	found.Clock = session.lastClock
	found.Clock.Window = t.exchange.ClockWindow
	found.Account.ID = MaskID(found.Account.ID)
	for _, sibling := range found.Siblings {
		sibling.Account.ID = MaskID(sibling.Account.ID)
		sibling.Fingerprint = fingerprint(t.exchange.Name, sibling.KeyID)
		sibling.KeyID = printable(MaskID(session.Scrub(sibling.KeyID)))
	}
	if found.KeyState == KeyStateUnknown {
		found.KeyState = KeyActive // it was just used
	}
	for _, c := range t.exchange.Coverage.Absent {
		if !slices.ContainsFunc(found.Grants, func(g Grant) bool { return g.Capability == c }) {
			found.Grants = append(found.Grants, Grant{Capability: c, State: Denied, Evidence: Documented})
		}
	}
	found.scrub(session.Scrub)
	found.normalize()
}

// attempt asks until there is an answer, an end to patience, or a failure that
// asking again would not cure.
func (r *runner) attempt(ctx context.Context, session *Session, venue *venue) (*Snapshot, *Error) {
	t := session.guard.target
	session.offset = venue.offset()
	corrected := false
	for try := 1; ; try++ {
		session.guard.budget, session.guard.paid, session.lastHeader = maxRequests, t.requests(), nil
		found, err := r.ask(ctx, session, venue)
		if err == nil {
			if corrected {
				venue.learn(session.offset)
			}
			return found, nil
		}
		if err.bansAddress() {
			venue.ban(err)
			return nil, err
		}
		switch session.meaning(err) {
		case KindClockSkew:
			if corrected || t.exchange.Needs.Nonce || !session.correctClock(ctx) {
				return nil, err
			}
			corrected = true
		case KindRateLimited, KindUnavailable:
			delay := cmp.Or(err.RetryAfter, backoff(try))
			if err.Kind == KindRateLimited {
				venue.pause(delay)
			}
			if try >= r.Attempts || !sleep(ctx, delay) {
				return nil, err
			}
		default:
			return nil, err
		}
		if venue.wait(ctx, t.exchange.Limit, t.requests()) != nil {
			return nil, err
		}
	}
}

// meaning is the kind of a failure, in the light of the clock: a refusal that
// may be about the timestamp is, if the venue's own Date shows that the time
// that was sent was outside its window.
func (s *Session) meaning(err *Error) Kind {
	window := s.guard.target.exchange.ClockWindow
	off := (s.lastClock.Offset - s.offset).Abs()
	if err.Kind == KindAmbiguous && slices.Contains(err.Candidates, KindClockSkew) && s.lastClock.Known && window > 0 && off > window {
		return KindClockSkew
	}
	return err.Kind
}

// ask makes one attempt, and brings whatever the adapter returns into form.
func (r *runner) ask(ctx context.Context, session *Session, venue *venue) (*Snapshot, *Error) {
	err := r.syncNonceClock(ctx, session, venue)
	if err == nil {
		found, refusal := session.guard.target.exchange.Inspect(ctx, session)
		if refusal == nil && found != nil {
			return found, nil
		}
		err = failure(ctx, refusal)
	}
	if err.RetryAfter = max(0, err.RetryAfter); err.RetryAfter == 0 && session.lastHeader != nil {
		err.RetryAfter = retryAfter(session.lastHeader, r.Clock())
	}
	err.Message, err.Code, err.Operation = session.Scrub(err.Message), session.Scrub(err.Code), session.Scrub(err.Operation)
	err.takeAddress()
	return nil, err
}

// failure brings an adapter's error into form. A foreign one's text may hold
// the address or the secret.
func failure(ctx context.Context, err error) *Error {
	var typed *Error
	switch {
	case errors.As(err, &typed) && typed != nil:
		own := *typed
		return &own
	case ctx.Err() != nil:
		return canceled(ctx, "")
	default:
		return &Error{Message: "the adapter failed without saying why"}
	}
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

// Collect gathers the results of a Run into a report, sorted so that the order
// doesn't depend on timing.
func Collect(results iter.Seq[*Result], now func() time.Time) *Report {
	if now == nil {
		now = time.Now
	}
	report := &Report{Schema: ReportSchema, Started: now().UTC(), Results: []*Result{}}
	for result := range results {
		report.Results = append(report.Results, result)
		report.Summary.Add(result)
	}
	slices.SortFunc(report.Results, compareResults)
	report.Finished = now().UTC()
	return report
}
