package main

import (
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
	store *store.Store
	mu    sync.Mutex // keys are loaded by several goroutines
	kept  map[string]*audit.Result
	err   error
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
	if found == nil || !final(found) || k.Egress != found.Snapshot.Egress || !k.Matches(found.Snapshot, c) {
		return false
	}
	if found.Record.Probe != k.Record.Probe { // another way out proves something else
		return false
	}
	found = found.Rejudge(k.Policy, found.Snapshot.TakenAt, nil)  // the inventory may have changed since
	found.Record, found.Findings, found.Last = k.Record, nil, nil // all are judged again, together
	r.kept[k.Name] = found
	return true
}

// taken is the stored result of a key, if there is one.
func (r *resumption) taken(name string) *audit.Result {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.kept[name]
	delete(r.kept, name)
	return found
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
