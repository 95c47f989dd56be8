package fleet

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// State is what is known of a worker now.
type State struct {
	Worker, Egress, Version string
	There                   bool // it said so not long ago
	Last, Since             time.Time
	Keys                    int    // that it holds
	Waiting                 uint64 // jobs
}

// Status asks the server about the workers, and changes nothing.
func Status(ctx context.Context, server Server, members *Coordinator, log func(format string, args ...any)) ([]State, error) {
	r := &Run{Server: server, Credentials: members, Log: log, seen: map[string]seen{}, strange: map[string]int{}}
	var out []State
	for _, egress := range slices.Sorted(maps.Keys(members.Egresses)) {
		states, err := r.states(ctx, egress)
		if err != nil {
			return nil, err
		}
		out = append(out, states...)
	}
	slices.SortFunc(out, func(a, b State) int { return cmp.Compare(a.Worker, b.Worker) })
	return out, nil
}

// states are those of the workers of an egress.
func (r *Run) states(ctx context.Context, egress string) ([]State, error) {
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
	if err != nil {
		return nil, fmt.Errorf("egress %s: no run has been there yet", egress)
	}
	if err := r.present(ctx, a); err != nil {
		return nil, err
	}
	r.accounts = map[string]*account{egress: a}
	var out []State
	for _, worker := range r.Credentials.behind(egress) {
		was, there := r.seen[worker]
		s := State{Worker: worker, Egress: egress, There: there && !was.Leaving, Version: was.Version, Last: was.at, Since: was.Since}
		s.Keys = len(r.unlisted(ctx, worker, was.presence)) // none is listed here
		var stream jetstream.Stream
		if stream, err = a.js.Stream(ctx, jobStream(worker)); err == nil {
			s.Waiting = stream.CachedInfo().State.Msgs
		}
		out = append(out, s)
	}
	return out, nil
}
