package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// tally counts keys by state. The zero value is ready.
type tally struct {
	n        int
	attested int // of the clean ones, by the owner's attestation
	words    []tallied
}

type tallied struct {
	word  string
	n     int
	clean bool
	rank  int // of the worst
}

func (t *tally) add(e *entry) {
	t.n++
	if e.state == clean {
		t.attested += min(len(e.attested), 1)
	}
	t.count(tallied{e.word(), 1, e.state == clean, e.rank})
}

func (t *tally) count(w tallied) {
	if i := slices.IndexFunc(t.words, func(x tallied) bool { return x.word == w.word }); i >= 0 {
		t.words[i].n += w.n
		t.words[i].rank = max(t.words[i].rank, w.rank)
		return
	}
	t.words = append(t.words, w)
}

// of counts keys, and those that more counts: all of them or, if well is given, the
// clean ones or the others.
func (more *tally) of(keys []*entry, well ...bool) *tally {
	all := &tally{}
	for _, e := range keys {
		all.add(e)
	}
	rest := slices.Clone(more.words)
	slices.SortStableFunc(rest, func(a, b tallied) int { return cmp.Or(b.rank-a.rank, strings.Compare(a.word, b.word)) })
	for _, w := range rest {
		if len(well) == 0 || w.clean == well[0] {
			all.count(w)
			all.n += w.n
		}
	}
	if len(well) == 0 || well[0] {
		all.attested += more.attested
	}
	return all
}

// String is in the order of the keys: "3 CRITICAL, 1 clean".
func (t *tally) String() string {
	parts := make([]string, len(t.words))
	for i, w := range t.words {
		parts[i] = fmt.Sprintf("%d %s", w.n, w.word)
	}
	return strings.Join(parts, ", ")
}

// owned are the keys of one owner.
type owned struct {
	owner string   // empty for keys without one
	keys  []*entry // the worst
	cut   tally    // the others
}

// mostOwners are counted one by one. The keys of more are those of others.
const (
	mostOwners  = 10_000
	otherOwners = "(other owners)"
)

// owner is where an owner's keys are counted.
func (d *digest) owner(name string) *owned {
	if d.owners[name] == nil && len(d.owners) >= mostOwners {
		name = otherOwners
	}
	o := d.owners[name]
	if o == nil {
		o = &owned{owner: name}
		d.owners[name] = o
	}
	return o
}

// byOwner are the owners of the worst keys: the one with the worst key first.
func (d *digest) byOwner() (out []*owned) {
	for _, e := range d.worst.all() {
		if len(e.owned.keys) == 0 {
			out = append(out, e.owned)
		}
		e.owned.keys = append(e.owned.keys, e)
	}
	return out
}

// title names the owner and says how their keys are.
func (o *owned) title() string {
	all := o.cut.of(o.keys)
	return fmt.Sprintf("%s: %s, %s", cmp.Or(shorten(o.owner, 60), "(no owner)"), count(all.n, "key", "keys"), all)
}
