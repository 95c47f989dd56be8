package audit

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Watch audits a key again and again while a bot runs, and calls back when the
// result differs from the one before; the first result is compared with none
// and always called back, with a nil before. It blocks until the context ends,
// returns its error, and leaves nothing running: start it in a goroutine of
// your own. The interval is at least a minute and varies by a tenth, so that
// many bots don't ask at once. The callback runs on Watch's goroutine; the
// next audit waits for it.
func Watch(ctx context.Context, key Key, interval time.Duration, opts *Options, changed func(before, after *Result)) error {
	r := newRunner(opts)
	defer r.Close()
	interval = min(max(interval, time.Minute), 365*day)
	var before *Result
	for {
		after := r.audit(ctx, &key)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if before == nil || !sameResult(before, after) {
			changed(before, after)
		}
		before = after
		timer := time.NewTimer(interval*9/10 + rand.N(interval/5))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// sameResult reports whether two results say the same about the key, in every fact
// but those that change by themselves.
func sameResult(a, b *Result) bool {
	sameFinding := func(x, y Finding) bool {
		return x.Rule == y.Rule && x.Outcome == y.Outcome && x.Severity == y.Severity && x.Waived == y.Waived
	}
	return slices.EqualFunc(a.Findings, b.Findings, sameFinding) && reflect.DeepEqual(lasting(a.Snapshot), lasting(b.Snapshot))
}

// lasting is a snapshot without what changes by itself: when and how it was taken,
// what the clocks say, and when the key was last used, which an audit does too.
func lasting(s *access.Snapshot) access.Snapshot {
	c := *s
	c.TakenAt, c.FirstSeen, c.LastUsed = time.Time{}, time.Time{}, time.Time{}
	c.Clock, c.Requests = access.Clock{}, 0
	if s.Failure != nil {
		c.Failure = &access.Error{Kind: s.Failure.Kind, Candidates: s.Failure.Candidates, Address: s.Failure.Address}
	}
	c.Siblings = make([]*access.Snapshot, len(s.Siblings))
	for i, sibling := range s.Siblings {
		other := lasting(sibling)
		c.Siblings[i] = &other
	}
	return c
}
