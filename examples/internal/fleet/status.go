package fleet

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// State is what is known of a worker now.
type State struct {
	Worker  string    `json:"worker"`
	Egress  string    `json:"egress"`
	There   bool      `json:"there"` // it said so not long ago
	Last    time.Time `json:"last_there,omitzero"`
	Since   time.Time `json:"since,omitzero"`
	Version string    `json:"version,omitempty"`
	Keys    int       `json:"keys"` // that it holds
	Waiting uint64    `json:"jobs_waiting"`
	// NoRun says that no run has made what workers meet in: until then they wait.
	NoRun bool `json:"no_run,omitempty"`
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
	noRun := errors.Is(err, jetstream.ErrBucketNotFound)
	switch {
	case noRun:
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
		s := State{Worker: worker, Egress: egress, There: there && !was.Leaving, Version: was.Version, Last: was.at, Since: was.Since, NoRun: noRun}
		r.holds(ctx, worker, was.presence, func(heldKey) { s.Keys++ })
		var stream jetstream.Stream
		if stream, err = a.js.Stream(ctx, jobStream(worker)); err == nil {
			s.Waiting = stream.CachedInfo().State.Msgs
		}
		out = append(out, s)
	}
	return out, nil
}
