package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// keyHolders: a key that somebody held who was breached is as old as the incident if
// nothing shows that it was created since.
func keyHolders(p *Pass) Verdict {
	if len(p.Record.HeldBy) == 0 {
		return p.notApplicable("The inventory names nobody who holds the key besides its owner")
	}
	known := p.Record.incidents()
	if len(known) == 0 {
		return p.notApplicable("No incident is known of %s, as of %s", quoted(p.Record.HeldBy), IncidentsAsOf)
	}
	created, severity := p.Snapshot.Created, max(Medium, min(High, harmFromAnywhere(p.Snapshot)))
	var older, open []string
	for _, i := range known {
		switch seen := p.Snapshot.FirstSeen; {
		case !created.IsZero() && !created.Before(i.over()) && !created.After(p.Now):
		case !created.IsZero() && created.Before(i.over()), !seen.IsZero() && seen.Before(i.over()):
			older = append(older, i.String())
		default:
			open = append(open, i.String())
		}
	}
	switch {
	case len(older) > 0:
		return p.fail(severity, "The key was created before an incident at a holder of it was over: %s", some(older, "; ")).with(access.Attested)
	case len(open) > 0:
		return p.undetermined(severity, "Could not determine whether the key was created after an incident at a holder of it: %s", some(open, "; "))
	default:
		return p.pass(access.Reported, "The key was created on %s, after every known incident at its holders", date(created))
	}
}

// String says what it was, until when, and where that can be read.
func (i *Incident) String() string {
	return fmt.Sprintf("%s (%s), until %s, see %s", access.Printable(i.Holder), access.Printable(i.What), date(i.Until),
		strings.TrimPrefix(access.Printable(i.Source), "https://"))
}

// incidents are those of the holders of a key, the latest first.
func (r *Record) incidents() (out []Incident) {
	for _, i := range slices.Concat(r.Incidents, Incidents()) {
		if slices.ContainsFunc(r.HeldBy, i.Concerns) {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b Incident) int { return b.Until.Compare(a.Until) })
	return out
}
