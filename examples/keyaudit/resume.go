package main

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/examples/internal/store"
)

// resumption takes results of a run that was killed for those of this one.
type resumption struct {
	store   *store.Store
	stopped func() bool // by a signal
	mu      sync.Mutex  // keys are loaded by several goroutines
	kept    map[string]*audit.Result
	other   map[string]bool // names of keys whose stored result is no longer theirs
	err     error
}

func newResumption(ctx context.Context, s *store.Store) *resumption {
	return &resumption{store: s, stopped: func() bool { return ctx.Err() != nil }, kept: map[string]*audit.Result{}, other: map[string]bool{}}
}

// errStored ends the inspection of a key whose result is stored.
var errStored = &access.Error{Kind: access.KindCanceled, Message: "its result is stored"}

// keys makes the keys look, when their turn comes and their credentials are known, whether
// there is a final result of the very same key: one that was replaced under its name is
// asked about.
func (r *resumption) keys(ctx context.Context, keys iter.Seq[audit.Key]) iter.Seq[audit.Key] {
	return func(yield func(audit.Key) bool) {
		for k := range keys {
			asked := k
			asked.Load = func(loading context.Context) (adapter.Credentials, error) {
				c, err := k.Credentials, error(nil)
				if k.Load != nil {
					c, err = k.Load(loading)
				}
				if err == nil && r.has(ctx, &k, c) {
					return adapter.Credentials{}, errStored
				}
				return c, err
			}
			if !yield(asked) {
				return
			}
		}
	}
}

// has reports whether there is a final result of the key, and keeps it.
func (r *resumption) has(ctx context.Context, k *audit.Key, c adapter.Credentials) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.store.Result(ctx, k.Name)
	if err != nil {
		r.err = err
		return false
	}
	if found == nil {
		return false
	}
	// Another way out proves something else, and so does a probe by another.
	if !final(found) || k.Egress != found.Snapshot.Egress || found.Record.Probe != k.Record.Probe || !k.Matches(found.Snapshot, c) {
		r.other[k.Name] = true
		return false
	}
	r.kept[k.Name] = carried(found, k.Policy, k.Record)
	return true
}

// carried is a stored result as one of this run: the inventory may have changed since.
func carried(found *audit.Result, p audit.Policy, record audit.Record) *audit.Result {
	found = found.Rejudge(p, found.Snapshot.TakenAt, nil)
	found.Record, found.Last = record, nil
	return found
}

// taken is the result of a key: the stored one, if there is one of the same key. A key
// whose turn did not come before a signal keeps what is stored, for the next time.
func (r *resumption) taken(ctx context.Context, result *audit.Result) *audit.Result {
	if r == nil {
		return result
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.kept[result.Name]
	delete(r.kept, result.Name)
	if found == nil && r.stopped() && isCanceled(result) && !r.other[result.Name] {
		stored, err := r.store.Result(context.WithoutCancel(ctx), result.Name)
		if err != nil {
			r.err = err
		}
		if stored != nil && final(stored) && stored.Exchange == result.Exchange && stored.Snapshot.Environment == result.Snapshot.Environment {
			found = carried(stored, result.JudgedBy, result.Record)
		}
	}
	return cmp.Or(found, result)
}

func isCanceled(r *audit.Result) bool {
	return r.Snapshot.Failure != nil && r.Snapshot.Failure.Kind == access.KindCanceled
}

// final reports whether a result stands without asking again: the exchange
// answered, or refused this very key.
func final(r *audit.Result) bool {
	if r.Inspected() {
		return true
	}
	return !slices.Contains([]access.Kind{
		access.KindCanceled, access.KindUnavailable, access.KindRateLimited, access.KindBanned, access.KindInput,
	}, r.Snapshot.Failure.Kind)
}
