package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// missing yields the keys that have no answer, each with the reason.
func (r *Run) missing(ctx context.Context, yield func(Answer) bool) {
	holders := map[string]string{} // by egress and exchange
	for i := range r.Keys {
		k := &r.Keys[i]
		r.mu.Lock()
		of := r.asked[i]
		r.asked[i].open = false
		r.mu.Unlock()
		if !of.open {
			continue
		}
		why := "the run was stopped"
		if ctx.Err() == nil {
			why = r.why(k, of.usedUp, holders)
		}
		if !yield(Answer{At: i, Key: k.Name, Worker: k.Worker, Missing: why}) {
			return
		}
	}
}

// why is the reason for which a key has no answer.
func (r *Run) why(k *Assigned, usedUp bool, holders map[string]string) string {
	r.mu.Lock()
	was, came := r.seen[k.Worker]
	r.mu.Unlock()
	a := r.accounts[r.Credentials.Workers[k.Worker].Egress]
	switch {
	case usedUp:
		return fmt.Sprintf("worker %s was given it %d times and never answered: see its log", k.Worker, mostDelivered)
	case !came:
		return fmt.Sprintf("worker %s never came: see that it runs on its host and reaches the server", k.Worker)
	case was.Leaving || time.Since(was.at) > present(r.Lease):
		return fmt.Sprintf("worker %s was there until %s and is gone: see its log", k.Worker, was.at.UTC().Format("15:04:05 UTC"))
	}
	at := a.egress + " " + k.Exchange
	if _, known := holders[at]; !known {
		holders[at] = a.holder(context.Background(), k.Exchange)
	}
	if holder := holders[at]; holder != "" && holder != k.Worker {
		return fmt.Sprintf("worker %s waited for its turn, which worker %s had at the deadline: give the run more time", k.Worker, holder)
	}
	return fmt.Sprintf("worker %s did not get to it by the deadline: give the run more time", k.Worker)
}

// holder is the worker whose turn it is at an exchange.
func (a *account) holder(ctx context.Context, exchange string) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	entry, err := a.leases.Get(ctx, exchange)
	var has holding
	if err != nil || json.Unmarshal(entry.Value(), &has) != nil || has.Released {
		return ""
	}
	return has.Worker
}

// Closing is what is said about the run as a whole.
type Closing struct {
	// Absent are workers that never came, with how many keys each has.
	Absent map[string]int
	// Strange are messages that were no results, by why.
	Strange map[string]int
	// Unlisted are keys that workers hold and the inventory does not name: of each worker, so
	// many. More says how many others it has.
	Unlisted []Assigned
	More     map[string]int
}

// Closing looks at the fleet as a whole, after the last answer. It is the last that is done: of the keys
// nothing is held any longer.
func (r *Run) Closing(ctx context.Context) *Closing {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, a := range r.accounts { // once more: the word of a worker is repeated only so often
		if err := r.present(ctx, a); err != nil {
			r.count("which workers of egress " + a.egress + " are there cannot be read")
		}
	}
	r.mu.Lock()
	came := maps.Clone(r.seen)
	r.mu.Unlock()
	c := &Closing{Absent: map[string]int{}, More: map[string]int{}}
	for _, k := range r.Keys {
		if _, is := came[k.Worker]; !is {
			c.Absent[k.Worker]++
		}
	}
	for _, worker := range slices.Sorted(maps.Keys(came)) {
		unlisted, more := r.unlisted(ctx, worker, came[worker].presence)
		c.Unlisted = append(c.Unlisted, unlisted...)
		if more > 0 {
			c.More[worker] = more
		}
	}
	slices.SortFunc(c.Unlisted, func(a, b Assigned) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Worker, b.Worker))
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Keys, r.Listed, r.at, r.asked = nil, nil, nil, nil
	c.Strange = maps.Clone(r.strange)
	if late := c.Strange[anotherRun]; late > 0 {
		delete(c.Strange, anotherRun)
		r.Log("%d results of another run came, and do not count", late)
	}
	return c
}

// A worker's host may be in other hands, and its list of keys is as long as those like. No more
// than so many parts of it are read, and no more than so many keys that the inventory does
// not name are named.
const (
	mostParts    = 2000 // a million keys
	mostUnlisted = 1000
)

// unlisted are the keys that a worker holds and the inventory does not give it, and how many
// there are besides.
func (r *Run) unlisted(ctx context.Context, worker string, is presence) (out []Assigned, more int) {
	named := map[string]bool{}
	r.holds(ctx, worker, is, func(k heldKey) {
		name := access.Printable(k.Name)
		switch {
		case r.Listed[k.Name] == worker, named[name]:
		case len(out) == mostUnlisted:
			more++
		default:
			named[name] = true
			out = append(out, Assigned{Name: name, Exchange: access.Printable(k.Exchange), Worker: worker})
		}
	})
	return out, more
}

// holds reads a worker's list of the keys that it holds.
func (r *Run) holds(ctx context.Context, worker string, is presence, each func(heldKey)) {
	a := r.accounts[r.Credentials.Workers[worker].Egress]
	if is.Parts > mostParts {
		r.count("the list of the keys of worker " + worker + " is too long to be read to its end")
	}
	for i := range min(is.Parts, mostParts) {
		name := namesKey(worker, strconv.Itoa(i))
		entry, err := a.names.Get(ctx, name)
		if err != nil {
			r.count("the list of the keys of worker " + worker + " cannot be read")
			return
		}
		var part held
		body, genuine := unseal(r.Credentials.Workers[worker].NKey, bucketSubject(bucketNames, name), entry.Value())
		if !genuine || strictly(body, &part) != nil || !part.Since.Equal(is.Since) {
			r.count("the list of the keys of worker " + worker + " is not its own")
			continue
		}
		for _, k := range part.Keys {
			each(k)
		}
	}
}
