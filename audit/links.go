package audit

import (
	"maps"
	"slices"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Link is something by which results concern one another: those that have one link
// in common do, if it asks in one of them, and so do those that concern a third.
type Link struct {
	To   string
	Asks bool
}

// Links are those of a result: its name, that of the key that it replaces, its key, the
// keys that the exchange lists beside it, the account, and what is shown of masked
// identifiers. A key that could not be inspected also has those of what was last found.
func (r *Result) Links() []Link {
	var out []Link
	add := func(asks bool, to ...string) {
		for _, text := range to {
			out = append(out, Link{text, asks})
		}
	}
	if r.Name != "" {
		add(false, "name "+r.Name)
	}
	if r.Record.Replaces != "" {
		add(true, "name "+r.Record.Replaces)
	}
	exchange := r.identity().exchange
	for _, s := range []*access.Snapshot{r.facts(), r.Last} {
		if s == nil {
			continue
		}
		if s.Fingerprint != "" {
			add(true, "key "+s.Fingerprint)
		}
		if a := accountOf(s); a != (account{}) {
			add(true, "account "+a.exchange+" "+a.environment+" "+a.id)
		}
		add(false, maskLinks(exchange, s.KeyID)...)
		for _, sibling := range s.Siblings {
			switch {
			case sibling == nil:
			case sibling.Fingerprint != "":
				add(true, "key "+sibling.Fingerprint)
			default:
				add(true, askedMasks(exchange, sibling.KeyID)...)
			}
		}
	}
	return out
}

// maskLinks are under what maskIndex enters a key.
func maskLinks(exchange, id string) []string {
	if ends := maskShown(id); ends != "" {
		return []string{"any " + exchange, "mask " + exchange + " " + ends}
	}
	return []string{"any " + exchange, "short " + exchange}
}

// askedMasks are where maskIndex looks for one.
func askedMasks(exchange, id string) []string {
	if ends := maskShown(id); ends != "" {
		return []string{"mask " + exchange + " " + ends, "short " + exchange}
	}
	return []string{"any " + exchange}
}

// maskShown are the ends of a masked identifier; empty if not enough of them is shown.
func maskShown(id string) string {
	head, tail := access.MaskEnds(id)
	if len(head) < access.MaskShows || len(tail) < access.MaskShows {
		return ""
	}
	return head[:access.MaskShows] + tail[len(tail)-access.MaskShows:]
}

// Vocabulary is the exchange's own names of what the key holds, as last reported, and
// those of them that this version does not recognise.
func (r *Result) Vocabulary() (all, unrecognised []string) {
	s := r.inspected()
	if s == nil {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(permissionNames(s))), s.Unmapped
}
