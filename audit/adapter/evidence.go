package adapter

import (
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// proves keeps what a refusal itself says about the key.
func (s *Session) proves(frame *access.Snapshot, err *access.Error) {
	switch err.Kind {
	case access.KindIPNotAllowed:
		if s.exchange.RefusesIPFreely {
			return
		}
		frame.IPAllowlist = access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Refused}
	case access.KindExpired:
		frame.KeyState = access.KeyExpired
	case access.KindDisabled:
		frame.KeyState = access.KeyDisabled
	default:
	}
}

// meaning is the kind of a failure, in the light of the clock: a refusal that
// may be about the timestamp is, if the exchange's own Date shows that the time
// that was sent was outside its window.
func (s *Session) meaning(err *access.Error) access.Kind {
	window := s.exchange.ClockWindow
	off := (s.seenClock.Offset - s.offset).Abs()
	if err.Kind == access.KindAmbiguous && slices.Contains(err.Candidates, access.KindClockSkew) && s.seenClock.Known && window > 0 && off > window {
		return access.KindClockSkew
	}
	return err.Kind
}
