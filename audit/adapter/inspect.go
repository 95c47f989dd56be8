package adapter

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Options change how exchanges are asked. The zero value means the
// defaults.
type Options struct {
	// Transport sends requests. The guard checks requests first, so it sees nothing
	// that the exchange value doesn't declare. It must honour the request's
	// context; its panics are not caught. Nil means TLS 1.2 or newer with
	// certificate checks, without any proxy, not even one from the
	// environment.
	Transport http.RoundTripper
	// Clock is time.Now if nil.
	Clock func() time.Time
	// Timeout limits one key's inspection with all its retries, but not the
	// wait for its turn; 30 s if zero.
	Timeout time.Duration
	// Attempts is how often an unavailable or rate-limiting exchange is asked in
	// all; 3 if zero, 1 means no retry.
	Attempts int
	// Logger hears of retries, waits and clock corrections, at level debug, and
	// never of a secret: a key that may be a swapped one goes by its
	// fingerprint. Nil is silent.
	Logger *slog.Logger
}

// Inspector asks exchanges about API keys, and keeps what its inspections
// share: the pace at each exchange, bans, and one turn per key. It is safe for
// concurrent use and must not be copied. Close it when it is no longer needed.
type Inspector struct {
	options Options
	own     *http.Transport // nil if the caller brought one
	paces   paces
	turns   keyTurns
	probes  probes
}

// NewInspector makes an Inspector.
func NewInspector(o Options) *Inspector {
	i := &Inspector{options: o}
	if o.Transport == nil {
		i.own = NewTransport()
		i.options.Transport = i.own
	}
	if o.Clock == nil {
		i.options.Clock = time.Now
	}
	i.options.Timeout = cmp.Or(max(0, o.Timeout), 30*time.Second)
	i.options.Attempts = cmp.Or(max(0, o.Attempts), 3)
	return i
}

// Close closes the idle connections of the Inspector's own transport.
func (i *Inspector) Close() {
	if i.own != nil {
		i.own.CloseIdleConnections()
	}
}

// Now is the time by the Inspector's clock.
func (i *Inspector) Now() time.Time { return i.options.Clock() }

// Inspect asks the exchange what the key may do. The snapshot is never nil:
// after a failure it holds what the refusal itself proves, and the failure,
// which is also the error returned (always an *Error). It sends declared reads
// only.
func (i *Inspector) Inspect(ctx context.Context, t *Target) (*access.Snapshot, error) {
	shown, _, err := i.InspectForJudgement(ctx, t)
	return shown, err
}

// InspectForJudgement is Inspect, and gives the facts once more as the exchange
// wrote them: a permission that holds the key's passphrase in its name must be
// judged by that name. The two are one and the same where nothing had to be removed
// from what may be shown.
func (i *Inspector) InspectForJudgement(ctx context.Context, t *Target) (shown, written *access.Snapshot, err error) {
	tidy := *t
	tidy.Credentials = t.Credentials.tidy(t.Exchange)
	t = &tidy
	frame := i.frame(t)
	shown, written, err = i.inspect(ctx, t, frame)
	if err == nil {
		return shown, written, nil
	}
	own := failure(ctx, err)
	if t.Exchange != nil {
		own.Exchange = t.Exchange.Title
		own.Environments = t.Exchange.others(frame.Environment, own)
	}
	frame.Failure = own
	return frame, frame, own
}

// others names the environments to which a key may belong that was refused in
// one; none if the refusal means something else.
func (e *Exchange) others(asked string, refusal *access.Error) (names []string) {
	foreign := func(k access.Kind) bool { return k == access.KindBadKey || k == access.KindWrongEnvironment }
	if !foreign(refusal.Kind) && !slices.ContainsFunc(refusal.Candidates, foreign) {
		return nil
	}
	for i := range e.Environments {
		if name := e.Environments[i].Name; name != asked {
			names = append(names, name)
		}
	}
	return names
}

// frame is what is known of a key before anything is sent.
func (i *Inspector) frame(t *Target) *access.Snapshot {
	s := &access.Snapshot{
		Inspection: access.Inspection{
			Schema:      access.SnapshotSchema,
			TakenAt:     i.Now().UTC(),
			Environment: t.Environment,
			KeyID:       t.Credentials.id(t.Exchange),
			Site:        t.siteID(),
			Egress:      access.Printable(t.Egress),
		},
		Answer: access.Answer{
			Grants: []access.Grant{},
		},
	}
	if t.Exchange != nil {
		s.Exchange, s.KeyKinds = t.Exchange.Name, slices.Clone(t.Exchange.Needs.Kinds)
		s.Wallet = t.Credentials.role(&t.Exchange.Needs)
		s.Unscoped, s.Lists = t.Exchange.Unscoped, t.Exchange.Coverage.Siblings == Always
		if closing := t.Exchange.Closing; closing != nil {
			s.Deadlines = append(s.Deadlines, access.Deadline{What: closing.What, At: closing.At, Closing: true})
		}
	}
	return s
}

// inspect adds to the frame what it learns on the way.
func (i *Inspector) inspect(ctx context.Context, t *Target, frame *access.Snapshot) (shown, written *access.Snapshot, err error) {
	at, problems := t.site()
	if at != nil {
		frame.Environment, frame.Test = at.environment.Name, at.environment.Test
	}
	if t.Exchange.complete() && t.Load == nil { // everything at once, but nothing loaded in vain
		_, more := t.Credentials.problems(t.Exchange)
		problems = append(problems, more...)
	}
	switch { // what is wrong stays wrong when the time is up
	case len(problems) > 0:
		return nil, nil, inputError(t.Exchange, problems)
	case ctx.Err() != nil:
		return nil, nil, canceled(ctx, "")
	}
	credentials, err := t.load(ctx, i.options.Timeout)
	if err != nil {
		return nil, nil, err
	}
	if frame.KeyID = credentials.id(at.exchange); frame.KeyID != "" { // of a swapped pair it would be the secret's
		frame.Fingerprint = fingerprint(at.exchange.Name, credentials.Key)
	}
	frame.Storage = credentials.Storage
	frame.Wallet = credentials.role(&at.exchange.Needs)
	private, problems := credentials.problems(at.exchange)
	if len(problems) > 0 {
		return nil, nil, inputError(at.exchange, problems)
	}
	frame.KeyKind, frame.KeyBits = credentials.kind(private), private.bits()

	turn, err := i.turns.take(ctx, at.exchange.Name+"\x00"+credentials.Key)
	if err != nil {
		return nil, nil, err
	}
	defer turn.end()
	if at.exchange.Needs.Nonce {
		release, err := turn.alone(ctx)
		if err != nil {
			return nil, nil, err
		}
		defer release()
	}
	session := i.session(t, at, credentials, private, turn)
	// Waiting for a turn is not the key's fault, so it is not on its time.
	if err := session.pace.wait(ctx, at.exchange.Limit, at.requests(), session.log); err != nil {
		return nil, nil, err
	}
	limited, cancel := context.WithTimeout(ctx, i.options.Timeout)
	defer cancel()
	found, err := i.ask(limited, session)
	session.outlast(limited)
	session.observed(frame)
	if err != nil {
		session.proves(frame, failure(limited, err))
		return nil, nil, err
	}
	session.scrubber.showKey(&credentials, access.MaskID(credentials.Key))
	complete(found, frame, session)
	i.probe(ctx, t, session, found)
	return found, session.asWritten(found), nil
}

// probe asks once about a key that was found to be restricted to IP addresses, through
// an egress that has none of them, and notes what came of it. The key's turn is held.
func (i *Inspector) probe(ctx context.Context, t *Target, s *Session, found *access.Snapshot) {
	if t.Probe == nil {
		return
	}
	egress := access.Printable(t.Probe.Egress)
	if why := t.unprobed(s, &found.IPAllowlist); why != "" {
		found.Probe = &access.Probe{Egress: egress, Skipped: why}
		return
	}
	id := found.Environment + " " + found.Fingerprint
	probe, unsent := i.probes.of(id, egress, &found.IPAllowlist)
	if found.Probe = probe; !unsent {
		return
	}
	through := *t
	through.Transport, through.Egress = t.Probe.Transport, t.Probe.Egress
	session := i.session(&through, s.site, s.credentials, s.private, s.turn)
	session.probing, session.offset = true, s.offset
	for _, pace := range []*pace{s.pace, session.pace} {
		if err := pace.wait(ctx, s.exchange.Limit, 1, session.log); err != nil {
			i.probes.unsent(id)
			probe.Skipped = "its turn did not come: " + failure(ctx, err).Error()
			return
		}
	}
	probe.At = i.Now().UTC()
	ctx, cancel := context.WithTimeout(ctx, i.options.Timeout)
	defer cancel()
	probe.Answered, probe.Refusal = session.once(ctx)
	session.addTo(found)
}

// load returns what the key's owner holds. Whatever kept them from it is no failure
// of the exchange; an unknown error's text is dropped, for it could hold the secret.
func (t *Target) load(ctx context.Context, limit time.Duration) (Credentials, error) {
	if t.Load == nil {
		return t.Credentials, nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c, err := t.Load(ctx)
	switch {
	case err == nil:
		return c.tidy(t.Exchange), nil
	case ctx.Err() != nil:
		return c, canceled(ctx, "")
	}
	own := &access.Error{Kind: access.KindInput, Message: "the credentials could not be loaded"}
	var typed *access.Error
	if errors.As(err, &typed) && typed != nil && typed.Message != "" {
		own.Message = access.Printable(typed.Message)
	}
	return c, own
}

var discard = slog.New(slog.DiscardHandler)

// session is what the adapter may use.
func (i *Inspector) session(t *Target, at *site, credentials Credentials, private privateKey, turn *keyTurn) *Session {
	s := &Session{
		site: at, credentials: credentials, private: private, kind: credentials.kind(private), clock: i.options.Clock,
		nonce: t.Nonce, turn: turn, scrubber: newScrubber(&credentials), transport: i.options.Transport,
		log: discard, began: i.options.Clock(), beganSteady: steady(),
	}
	key := access.MaskID(credentials.Key)
	if !s.surelyKey() {
		s.scrubber.showKey(&credentials, concealed)
		key = fingerprint(at.exchange.Name, credentials.Key)
	}
	if i.options.Logger != nil {
		s.log = i.options.Logger.With("exchange", at.exchange.Name, "environment", at.environment.Name, "key", key)
	}
	egress := ""
	if t.Transport != nil { // a name alone is no other IP address
		egress, s.transport = t.Egress, t.Transport
	}
	s.pace = i.paces.of(at, egress)
	return s
}

// complete adds what the core knows to what the adapter found.
func complete(found, frame *access.Snapshot, session *Session) {
	found.Inspection = frame.Inspection
	judged(found, frame.Wallet)
	found.Deadlines = append(found.Deadlines, frame.Deadlines...)
	for _, sibling := range found.Siblings {
		sibling.Fingerprint = fingerprint(session.exchange.Name, sibling.KeyID)
		sibling.KeyID = session.mask(sibling.KeyID)
		sibling.Account.ID = session.mask(sibling.Account.ID)
	}
	found.Account.ID = session.mask(found.Account.ID)
	if found.KeyState == access.KeyStateUnknown {
		found.KeyState = access.KeyActive // it was just used
	}
	for _, c := range session.exchange.Coverage.Absent {
		if !slices.ContainsFunc(found.Grants, func(g access.Grant) bool { return g.Capability == c }) {
			found.Grants = append(found.Grants, access.Grant{Capability: c, State: access.Denied, Evidence: access.Documented})
		}
	}
}

// asWritten brings what was found into a form that may be shown, and returns it as
// the exchange wrote it: the same snapshot, or a copy if anything had to be removed.
func (s *Session) asWritten(found *access.Snapshot) *access.Snapshot {
	hides := false
	found.Scrub(func(text string) string {
		hides = hides || s.scrubber.remove(text) != text
		return text
	})
	written, clean := found, access.Printable
	if hides {
		written, clean = found.Clone(), s.Scrub
		written.Scrub(access.Printable)
		written.Normalize()
	}
	found.Scrub(clean)
	found.Normalize()
	return written
}

// mask shortens an identifier that the exchange sent. What must not be printed is
// removed first: the ends that a mask shows may be those of a secret.
func (s *Session) mask(id string) string {
	if clean := s.scrubber.remove(id); clean != id {
		return access.Printable(clean)
	}
	return access.Printable(access.MaskID(id))
}

// ask asks until there is an answer, an end to patience, or a failure that
// asking again would not cure.
func (i *Inspector) ask(ctx context.Context, s *Session) (*access.Snapshot, error) {
	s.offset = s.pace.offset()
	for try := 1; ; try++ {
		found, err := s.try(ctx)
		if err == nil {
			if s.corrected {
				s.pace.learn(s.offset)
			}
			return found, nil
		}
		refusal := failure(ctx, err)
		if BansAddress(refusal) {
			s.pace.ban(refusal)
			return nil, refusal
		}
		if !s.curable(ctx, refusal, try, i.options.Attempts) || s.pace.wait(ctx, s.exchange.Limit, s.requests(), s.log) != nil {
			return nil, refusal
		}
	}
}
