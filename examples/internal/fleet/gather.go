package fleet

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Answers publishes the jobs and yields what comes of each key, once. Each result is
// acknowledged after commit has kept those that were yielded before.
func (r *Run) Answers(ctx context.Context, commit func() error) iter.Seq[Answer] {
	return func(yield func(Answer) bool) {
		limited, cancel := context.WithDeadline(ctx, r.Deadline)
		defer cancel()
		defer r.withdraw()
		published := make(chan struct{})
		go func() { defer close(published); r.publish(limited) }()
		defer func() { cancel(); <-published }()
		if r.gather(limited, yield, commit) {
			r.missing(ctx, yield)
		}
	}
}

// publish hands out the jobs, a batch at a time. One that failed is sent again: the server
// refuses what it has.
func (r *Run) publish(ctx context.Context) {
	const batch = 1000
	for keys := range slices.Chunk(r.Keys, batch) {
		for wait := 100 * time.Millisecond; r.handOut(ctx, keys) != nil; wait = min(2*wait, 2*time.Second) {
			if !sleep(ctx, wait) {
				return
			}
		}
	}
}

// handOut publishes some jobs, and waits until the server has them.
func (r *Run) handOut(ctx context.Context, keys []Assigned) error {
	futures := make([]jetstream.PubAckFuture, 0, len(keys))
	for _, k := range keys {
		a := r.accounts[r.Credentials.Workers[k.Worker].Egress]
		msg := &nats.Msg{Subject: jobSubject(k.Worker, k.Exchange), Data: job{r.id, k.Name, k.Exchange, r.Deadline.UTC()}.encode()}
		future, err := a.js.PublishMsgAsync(msg, jetstream.WithMsgID(r.id+"/"+k.Name))
		if err != nil {
			return err
		}
		futures = append(futures, future)
	}
	return settled(ctx, futures)
}

// withdraw takes back the jobs that nobody has done.
func (r *Run) withdraw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	done := map[string]bool{}
	for i := range r.Keys {
		k := &r.Keys[i]
		if done[k.Worker] || !r.asked[i].open {
			continue
		}
		done[k.Worker] = true
		a := r.accounts[r.Credentials.Workers[k.Worker].Egress]
		if stream, err := a.js.Stream(ctx, jobStream(k.Worker)); err == nil {
			_ = stream.Purge(ctx) // or its workers find that the deadline has passed
		}
	}
}

func settled(ctx context.Context, futures []jetstream.PubAckFuture) error {
	for _, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// gather yields answers until each key has one, or the context ends.
func (r *Run) gather(ctx context.Context, yield func(Answer) bool, commit func() error) bool {
	all := make(chan received, 64) // so that what is there is kept at once
	var each sync.WaitGroup
	defer each.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, a := range r.accounts {
		each.Go(func() { a.forward(ctx, all) })
	}
	var got unkept
	for r.open > 0 {
		next, waits := received{}, true
		select {
		case next = <-all:
			waits = false
		default:
		}
		if (waits || got.full()) && !got.keep(commit) { // nothing comes, and there is time
			return false
		}
		if waits {
			select {
			case next = <-all:
			case <-ctx.Done():
				return true
			}
		}
		got.add(next.msg)
		if answer, ok := r.read(next); ok && !yield(answer) {
			return false
		}
	}
	return got.keep(commit)
}

// unkept are results that are not stored for good.
type unkept struct {
	messages []jetstream.Msg
	length   int // of their texts
}

func (u *unkept) add(m jetstream.Msg) {
	u.messages, u.length = append(u.messages, m), u.length+len(m.Data())
}

func (u *unkept) full() bool { return len(u.messages) >= 1000 || u.length >= 4<<20 }

// keep stores them, and then says so to the server.
func (u *unkept) keep(commit func() error) bool {
	if len(u.messages) > 0 && commit() != nil {
		return false
	}
	for _, m := range u.messages {
		_ = m.Ack() // or it comes again, and is known
	}
	clear(u.messages) // each holds a snapshot
	u.messages, u.length = u.messages[:0], 0
	return true
}

// received is a message and from which account it came.
type received struct {
	*account
	msg jetstream.Msg
}

// forward passes on the messages of an account.
func (a *account) forward(ctx context.Context, to chan<- received) {
	for {
		select {
		case msg := <-a.msgs:
			select {
			case to <- received{a, msg}:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
