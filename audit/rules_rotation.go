package audit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/access"

// longestOverlap is how long an old and a new key may work side by side.
const longestOverlap = 7 * day

// twinKeys follows a rotation to its end: the exchange must say that it knows no such
// key, of one that it was seen to know.
func twinKeys(p *Pass) Verdict {
	name := p.Record.Replaces
	if name == "" {
		return p.notApplicable("The inventory names no key that this one replaces")
	}
	old := p.fleet.named(name)
	if len(old) == 0 {
		return p.undetermined(Medium, "The key %q, which this one replaces, is not audited; could not determine whether the exchange still knows it", name).local()
	}
	dead := 0
	for _, r := range old {
		switch state := p.fleet.alive(r); {
		case r.fingerprint() != "" && r.fingerprint() == p.fleet.self.fingerprint():
			return p.fail(Medium, "The key is the same as %s, which it should replace", r.called())
		case state == access.Denied:
			dead++
		case state == access.Granted:
			return p.sideBySide(r)
		}
	}
	if dead < len(old) {
		return p.undetermined(Medium, "Could not determine whether the exchange still knows %s, which this key replaces", old[0].called()).local()
	}
	return p.pass(access.Refused, "The exchange no longer knows %s, which this key replaces: its entry can be removed from the inventory", old[0].called())
}

// sideBySide is about a key that replaces one which still works. A creation that is
// unknown counts as long ago.
func (p *Pass) sideBySide(old *Result) Verdict {
	created := p.Snapshot.Created
	switch {
	case p.Snapshot.Failure != nil:
		return p.undetermined(Medium, "The exchange still knows %s, which this key replaces; could not determine whether this key works", old.called())
	case created.IsZero():
		return p.fail(Medium, "The exchange still knows %s, which this key replaces%s", old.called(), old.asOf())
	case p.Now.Sub(created) <= longestOverlap && !created.After(p.Now):
		return p.notApplicable("A rotation is under way: this key was created on %s to replace %s, which must be deleted by %s",
			date(created), old.called(), date(created.Add(longestOverlap)))
	default:
		return p.fail(Medium, "The exchange still knows %s, which this key, created on %s, replaces%s", old.called(), date(created), old.asOf())
	}
}

// named are the other keys with a name, of the same host where reports were merged.
func (f *fleet) named(name string) (out []*Result) {
	for _, r := range f.all.named[name] {
		if r != f.self && r.Record.Host == f.self.Record.Host {
			out = append(out, r)
		}
	}
	return out
}

// alive is whether the exchange still knows a key: as of its last answer, until it is
// proved dead. It is if the exchange says so of one that an earlier audit saw working at the same place, for a
// key that was copied wrong, or belongs elsewhere, is refused in the same words; and if no
// other key of the account lists it.
func (f *fleet) alive(r *Result) access.State {
	s, last := r.facts(), r.Last
	same := last != nil && last.Failure == nil && s.Fingerprint != "" && last.Fingerprint == s.Fingerprint &&
		last.Environment == s.Environment && last.Site == s.Site
	switch {
	case s.Failure == nil, s.Fingerprint != "" && len(f.all.listing[s.Fingerprint]) > 0:
		return access.Granted
	case same && s.Failure.Kind == access.KindBadKey && s.Failure.Status != 0:
		return access.Denied
	case last != nil && last.Failure == nil:
		return access.Granted
	default:
		return access.Unknown
	}
}

// asOf says as of when a key was last seen to work, unless that is now.
func (r *Result) asOf() string {
	if r.Inspected() {
		return ""
	}
	return ", as of " + date(r.known().TakenAt)
}
