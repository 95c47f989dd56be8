package audit

import (
	"context"
	"math/rand/v2"
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

// sameResult reports whether two results say the same about the key. Times
// and counts that move by themselves don't matter.
func sameResult(a, b *Result) bool {
	sameGrant := func(x, y access.Grant) bool {
		return x.Capability == y.Capability && x.State == y.State && slices.Equal(x.Names, y.Names)
	}
	sameFinding := func(x, y Finding) bool {
		return x.Rule == y.Rule && x.Outcome == y.Outcome && x.Severity == y.Severity && x.Waived == y.Waived
	}
	failure := func(r *Result) access.Kind {
		if r.Inspected() {
			return access.KindNotUnderstood
		}
		return r.Snapshot.Failure.Kind
	}
	return a.Inspected() == b.Inspected() && failure(a) == failure(b) &&
		slices.EqualFunc(a.Snapshot.Grants, b.Snapshot.Grants, sameGrant) &&
		slices.Equal(a.Snapshot.Unmapped, b.Snapshot.Unmapped) &&
		a.Snapshot.IPAllowlist.State == b.Snapshot.IPAllowlist.State &&
		slices.Equal(a.Snapshot.IPAllowlist.Entries, b.Snapshot.IPAllowlist.Entries) &&
		slices.EqualFunc(a.Findings, b.Findings, sameFinding)
}
