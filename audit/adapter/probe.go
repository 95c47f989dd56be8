package adapter

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// probes are the probes of an Inspector's life, by key: none is probed again, under
// whatever name. The zero value is ready.
type probes struct {
	mu sync.Mutex
	m  map[string]*probed
}

// probed is a key's one probe, and the allowlist that it was about.
type probed struct {
	list string
	*access.Probe
}

// of returns a key's probe, and whether it is still to be sent. One that was about
// another allowlist says nothing of this one.
func (p *probes) of(id, egress string, list *access.IPAllowlist) (probe *access.Probe, unsent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprint(list.Ranges())
	switch was := p.m[id]; {
	case was != nil && was.list == text:
		return was.Probe, false
	case was != nil:
		return &access.Probe{Egress: egress, Skipped: "the key was probed in this run already, when it had another IP allowlist"}, false
	case p.m == nil:
		p.m = map[string]*probed{}
	}
	probe = &access.Probe{Egress: egress}
	p.m[id] = &probed{text, probe}
	return probe, true
}

// unsent forgets a probe that was not sent after all.
func (p *probes) unsent(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.m, id)
}

// unprobed says, as a clause, why a key must not be probed; nothing if it may be.
func (t *Target) unprobed(s *Session, list *access.IPAllowlist) string {
	call := s.exchange.probeCall()
	admits := func(state access.State) bool {
		return slices.ContainsFunc(t.Probe.IPs, func(r netip.Prefix) bool { return list.Admits(r) == state })
	}
	switch {
	case call == nil || !call.in(s.environment.Name):
		return "nothing rules out that " + s.exchange.Title + " bans or locks after a refused request"
	case s.undeclared: // a gateway would be asked in place of the exchange
		return "base_url leads to a gateway, which the exchange sees in place of the egress"
	case t.Probe.Transport == nil || t.Probe.Egress == t.Egress:
		return "the key itself is asked about through this egress"
	case list.State != access.AllowlistRestricted || !list.Restricts():
		return "nothing shows that the key is restricted to IP addresses"
	case len(t.Probe.IPs) == 0:
		return "the IP addresses of the egress are not named"
	case admits(access.Granted):
		return "the egress has an IP address that is on the key's IP allowlist"
	case admits(access.Unknown):
		return "the exchange does not show the whole IP allowlist, so the egress may be on it"
	default:
		return ""
	}
}

// once makes one attempt with one request. The adapter's snapshot shows that it was
// answered, and so does the wish to go on after an answer that was no error.
func (s *Session) once(ctx context.Context) (answered bool, refusal *access.Error) {
	_, err := s.try(ctx)
	if err == nil {
		return s.sent > 0, nil
	}
	refusal = failure(ctx, err)
	refusal.Exchange = s.exchange.Title
	if s.wentOn && s.attempt.status/100 == 2 {
		return true, nil
	}
	switch {
	case BansAddress(refusal):
		s.pace.ban(refusal)
	case refusal.Kind == access.KindRateLimited:
		s.pace.pause(cmp.Or(refusal.RetryAfter, backoff(1)))
	}
	return false, refusal
}

// addTo counts what was sent, and how, to that of the inspection.
func (s *Session) addTo(found *access.Snapshot) {
	own := &access.Snapshot{}
	s.observed(own)
	found.Requests += own.Requests
	for _, bad := range own.Insecure {
		if !slices.Contains(found.Insecure, bad) {
			found.Insecure = append(found.Insecure, bad)
		}
	}
	answered := s.attempt.status != 0
	found.Verified = found.Verified && (own.Verified || !answered)
}
