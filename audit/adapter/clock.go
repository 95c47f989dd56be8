package adapter

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// clockLife is how long a reading of the exchange's clock is trusted: ours may be
// set meanwhile.
const clockLife = 30 * time.Second

// syncNonceClock learns the exchange's clock, for all keys of a run, before a
// nonce is built from ours: a nonce from a clock that runs ahead locks the
// key's other clients out for as long as it is ahead.
func (s *Session) syncNonceClock(ctx context.Context) error {
	if !s.exchange.Needs.Nonce {
		return nil
	}
	p := s.pace
	select {
	case p.asking <- struct{}{}:
		defer func() { <-p.asking }()
	case <-ctx.Done():
		return canceled(ctx, "")
	}
	if p.asked.IsZero() || time.Since(p.asked) > clockLife {
		before := s.clock()
		server, err := s.exchange.ServerTime(ctx, s)
		if err != nil || server.IsZero() {
			return timeUnknown(failure(ctx, err))
		}
		// The exchange's clock minus ours lies between low and high: it was read
		// at a moment between sending and receiving, and many count whole seconds.
		low, high := server.Sub(s.clock()), server.Sub(before)
		if server.Nanosecond() == 0 {
			high += time.Second
		}
		var skew time.Duration
		if high < 0 { // ours is ahead, so that its nonces would be too large
			skew = low
			s.log.DebugContext(ctx, "this machine's clock is ahead; nonces use the exchange's time", "difference", -low)
		}
		p.learnBounds(skew, low)
		p.asked = steady()
	}
	s.offset = p.offset()
	return nil
}

// outlast waits until a nonce that was used has become the past, also by a clock
// that is right: until then the key's other clients would be refused. It doesn't
// wait for nonces on a scale larger than time, which their owner chose.
func (s *Session) outlast(ctx context.Context) {
	const longest = 3 * time.Second
	standsStill := s.clock().Equal(s.began) && steady().After(s.beganSteady) // a test's, which no wait moves on
	if !s.exchange.Needs.Nonce || !s.signed || standsStill {
		return
	}
	unit := s.nonceUnit()
	ends := time.Unix(0, 0).Add(time.Duration(s.turn.nonce+1) * unit) // a nonce past the range of time is one of those
	if wait := ends.Sub(s.clock().Add(s.pace.lowest())); wait > 0 && wait <= longest+unit {
		s.log.DebugContext(ctx, "waiting until the nonce is in the past", "wait", wait)
		sleep(ctx, wait)
	}
}

// timeUnknown keeps of a refused reading of the clock what decides whether to ask
// again. It says nothing about the key, which was not used.
func timeUnknown(err *access.Error) error {
	switch err.Kind {
	case access.KindRateLimited, access.KindBanned, access.KindGeoBlocked, access.KindGuard, access.KindCanceled:
	default:
		if BansAddress(err) { // of the network in front of the exchange
			return err
		}
		err.Kind = access.KindUnavailable
	}
	if err.Kind != access.KindCanceled {
		err.Candidates, err.Address = nil, netip.Addr{}
		err.Message = "the exchange's time could not be read, and a nonce from a wrong clock would lock the key's other clients out"
	}
	return err
}

// correctClock sets the session's clock after a refused timestamp, from the
// answer's Date header, else by asking. It reports whether it learned more.
func (s *Session) correctClock(ctx context.Context) bool {
	if s.seenClock.Known {
		s.offset = s.seenClock.Middle
		return true
	}
	ask := s.exchange.ServerTime
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

// clockFrom compares this machine's clock with the exchange's Date header, which
// counts whole seconds: the exchange's time lay somewhere between Date and one
// second later, at a moment between sending and receiving.
func clockFrom(h http.Header, before, after time.Time) access.Clock {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return access.Clock{}
	}
	// The exchange's clock minus ours lies between low and high.
	low, high := date.Sub(after), date.Add(time.Second).Sub(before)
	c := access.Clock{Known: true, Middle: (low + high) / 2}
	switch {
	case low > 0:
		c.Offset = low
	case high < 0:
		c.Offset = high
	}
	return c
}
