package access

import "time"

// Probe is what one more request showed, sent through an egress that the key's IP
// allowlist should keep out. The zero value shows nothing.
type Probe struct {
	Egress string    `json:"egress"`
	At     time.Time `json:"at,omitzero"` // when it was sent
	// Skipped says, as a clause, why nothing was sent.
	Skipped string `json:"skipped,omitempty"`
	// Answered: the exchange served the request as any other.
	Answered bool `json:"answered,omitempty"`
	// Refusal is anything else that came of it.
	Refusal *Error `json:"refusal,omitempty"`
}

// Keeps is whether the allowlist keeps that egress out, as far as the probe shows: only a
// refusal of the IP address proves it.
func (p *Probe) Keeps() State {
	switch {
	case p == nil || p.Skipped != "":
		return Unknown
	case p.Answered:
		return Denied
	case p.Refusal != nil && p.Refusal.Kind == KindIPNotAllowed:
		return Granted
	default:
		return Unknown
	}
}
