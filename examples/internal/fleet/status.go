package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// State is what is known of a worker now.
type State struct {
	Worker  string    `json:"worker"`
	Egress  string    `json:"egress"`
	There   bool      `json:"there"` // it said so not long ago
	Known   bool      `json:"-"`     // it was there some time
	Last    time.Time `json:"last_there,omitzero"`
	Since   time.Time `json:"since,omitzero"`
	Version string    `json:"version,omitempty"`
	Keys    int       `json:"keys"` // that it holds
	Waiting uint64    `json:"jobs_waiting"`
	// Lacks are keys that the inventory gives it and it does not hold, and Unlisted those that
	// it holds and the inventory does not give it: how many, and the first by name.
	Lacks    Names `json:"keys_missing,omitzero"`
	Unlisted Names `json:"keys_unlisted,omitzero"`
	// Elsewhere are keys that its own file and the inventory have in two environments, such as
	// a test network and the one that holds money.
	Elsewhere Names `json:"keys_in_another_environment,omitzero"`
}

// Names are how many there are, and the first of them.
type Names struct {
	Count int      `json:"count"`
	First []string `json:"first"`
}

const mostFirst = 5

func (n *Names) add(name string) {
	if n.Count++; len(n.First) < mostFirst {
		n.First = append(n.First, access.Printable(name))
	}
}

// Right reports whether nothing is wrong with a worker, as far as that was looked at.
func (s *State) Right() bool {
	return s.There && s.Lacks.Count == 0 && s.Unlisted.Count+s.Elsewhere.Count == 0
}

// Status asks the server about the workers. Before the first run it makes what they meet in,
// and waits a little for them. What they hold is compared with the keys of the inventory, if
// there are any.
func Status(ctx context.Context, server Server, members *Coordinator, keys []Assigned, log func(format string, args ...any)) ([]State, error) {
	r := &Run{Server: server, Credentials: members, Log: log, seen: map[string]seen{}, strange: map[string]int{}}
	var given map[string][]heldKey // to each worker; nil if it is not known
	if len(keys) > 0 {
		given = map[string][]heldKey{}
	}
	for _, k := range keys {
		given[k.Worker] = append(given[k.Worker], heldKey{k.Name, k.Exchange, k.Environment})
	}
	var out []State
	for _, egress := range slices.Sorted(maps.Keys(members.Egresses)) {
		states, err := r.states(ctx, egress, given)
		if err != nil {
			return nil, err
		}
		out = append(out, states...)
	}
	slices.SortFunc(out, func(a, b State) int { return cmp.Compare(a.Worker, b.Worker) })
	return out, nil
}

// states are those of the workers of an egress.
func (r *Run) states(ctx context.Context, egress string, given map[string][]heldKey) ([]State, error) {
	pair, err := key(r.Credentials.Egresses[egress])
	if err != nil {
		return nil, err
	}
	conn, err := r.Server.connect("coordinator", pair, r.Log)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	a := &account{link: conn, egress: egress}
	if a.here, err = a.js.KeyValue(ctx, bucketHere); err == nil {
		a.names, err = a.js.KeyValue(ctx, bucketNames)
	}
	switch {
	case errors.Is(err, jetstream.ErrBucketNotFound):
		if err := r.first(ctx, a); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, a.wrong(err)
	default:
		if err := r.present(ctx, a); err != nil {
			return nil, err
		}
	}
	r.accounts = map[string]*account{egress: a}
	var out []State
	for _, worker := range r.Credentials.behind(egress) {
		was, there := r.seen[worker]
		s := State{Worker: worker, Egress: egress, There: there && !was.Leaving, Known: there, Version: was.Version, Last: was.at, Since: was.Since}
		if !there { // its word runs out, and its list stays
			_, err := a.names.Get(ctx, namesKey(worker, "0"))
			s.Known = err == nil
		}
		r.compare(ctx, &s, was.presence, given)
		var stream jetstream.Stream
		if stream, err = a.js.Stream(ctx, jobStream(worker)); err == nil {
			s.Waiting = stream.CachedInfo().State.Msgs
		}
		out = append(out, s)
	}
	return out, nil
}

// firstWait is for how long workers are waited for that could not meet before: each looks once
// a second.
const firstWait = 3 * time.Second

// first makes what the workers of an account meet in, and waits for them.
func (r *Run) first(ctx context.Context, a *account) error {
	if err := a.open(ctx, usualLease); err != nil {
		return err
	}
	absent := func(worker string) bool { _, there := r.seen[worker]; return !there }
	for end := time.Now().Add(firstWait); ; {
		if err := r.present(ctx, a); err != nil {
			return err
		}
		if !slices.ContainsFunc(r.Credentials.behind(a.egress), absent) || time.Now().After(end) || !sleep(ctx, firstWait/20) {
			return nil
		}
	}
}

// compare compares what a worker holds with what the inventory gives it. A key at another
// exchange is another key; one in another environment would be asked about where its own
// file says, and the answer would not count.
func (r *Run) compare(ctx context.Context, s *State, is presence, given map[string][]heldKey) {
	type at struct{ name, exchange string }
	lacks := map[at]string{} // the environment
	for _, k := range given[s.Worker] {
		lacks[at{k.Name, k.Exchange}] = k.Environment
	}
	r.holds(ctx, s.Worker, is, func(k heldKey) {
		s.Keys++
		here, is := lacks[at{k.Name, k.Exchange}]
		switch {
		case given != nil && !is:
			s.Unlisted.add(k.Name)
		case is && here != k.Environment:
			s.Elsewhere.add(fmt.Sprintf("%s (%s there, %s here)", k.Name, k.Environment, here))
		}
		delete(lacks, at{k.Name, k.Exchange})
	})
	for _, k := range given[s.Worker] {
		if _, is := lacks[at{k.Name, k.Exchange}]; is && s.There { // of a worker that is not there it is not known
			s.Lacks.add(k.Name)
		}
	}
}
