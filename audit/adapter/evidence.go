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
	if unknown := err.Kind == access.KindBadKey || slices.Contains(err.Candidates, access.KindBadKey); (unknown || err.Kind == access.KindNotUnderstood) && !s.surelyKey() {
		frame.KeyID = concealed
	}
}

// concealed stands for a text that may be a secret: nothing of it is shown.
const concealed = "…"

// surelyKey reports whether the text in the key's place is no secret, whatever the exchange
// answers: its form says so, or the secret's does. Of another pair the halves may be swapped,
// until the exchange knows the key.
func (s *Session) surelyKey() bool {
	n := &s.exchange.Needs
	return n.Wallet != nil || s.kind != access.SharedSecret || n.surelyKey(s.credentials.Key)
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
