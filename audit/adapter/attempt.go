package adapter

import (
	"cmp"
	"context"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// try makes one attempt, and brings whatever the adapter returns into form.
func (s *Session) try(ctx context.Context) (*access.Snapshot, error) {
	s.attempt = attempt{budget: maxRequests, paid: s.requests()}
	err := s.syncNonceClock(ctx)
	if err == nil {
		var found *access.Snapshot
		found, err = s.exchange.Inspect(ctx, s)
		switch {
		case err == nil && found != nil && listed(found.Siblings):
			return found, nil
		case err == nil && found != nil:
			err = &access.Error{Message: "the adapter lists a key of the account and says nothing about it"}
		}
	}
	refusal := failure(ctx, err)
	if refusal.RetryAfter = max(0, refusal.RetryAfter); refusal.RetryAfter == 0 && s.attempt.header != nil {
		refusal.RetryAfter = retryAfter(s.attempt.header, s.clock())
	}
	refusal.Message, refusal.Code, refusal.Operation = s.Scrub(refusal.Message), s.Scrub(refusal.Code), s.Scrub(refusal.Operation)
	takeAddress(refusal)
	return nil, refusal
}

// listed reports whether each of the other keys that an answer lists is there.
func listed(siblings []*access.Snapshot) bool {
	return !slices.ContainsFunc(siblings, func(s *access.Snapshot) bool { return s == nil || !listed(s.Siblings) })
}

// curable reports whether asking again may help, once what it takes for that is done:
// the clock is corrected, or the wait is over. Authentication failures are final.
func (s *Session) curable(ctx context.Context, refusal *access.Error, try, attempts int) bool {
	switch s.meaning(refusal) {
	case access.KindClockSkew:
		if s.corrected || s.exchange.Needs.Nonce || !s.correctClock(ctx) {
			return false
		}
		s.corrected = true
		s.log.DebugContext(ctx, "the timestamp was refused; using the exchange's time", "difference", s.offset)
		return true
	case access.KindNonce:
		if s.outrun || !s.signed {
			return false
		}
		s.outrun = true
		return true
	case access.KindRateLimited, access.KindUnavailable:
		delay := cmp.Or(refusal.RetryAfter, backoff(try))
		if refusal.Kind == access.KindRateLimited {
			s.pace.pause(delay)
		}
		if try >= attempts {
			return false
		}
		s.log.DebugContext(ctx, "asking again", "attempt", try+1, "after", delay, "reason", refusal.Kind.String())
		return sleep(ctx, delay)
	default:
		return false
	}
}

// observed notes what sending showed, whatever the answer was.
func (s *Session) observed(frame *access.Snapshot) {
	frame.Requests, frame.Insecure, frame.Clock = s.sent, s.insecure(), s.seenClock
	frame.Clock.Window = s.exchange.ClockWindow
	frame.Verified = s.sent > 0 && s.base.Scheme == "https" && !s.unseen && !s.unchecked && !s.untrusted
	if s.unchecked {
		frame.Insecure = append(frame.Insecure, "certificate checks are off")
	}
	if s.untrusted {
		frame.Insecure = append(frame.Insecure, "the certificate of "+s.base.Host+" is not valid")
	}
}
