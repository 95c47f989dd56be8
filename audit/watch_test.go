package audit_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// change is one call back of a watch.
type change struct {
	after       time.Duration
	before, now *audit.Result
	failed      bool
}

// watched watches a key for some time of a bubble and returns what changed.
func watched(t *testing.T, key audit.Key, interval, length time.Duration, fake *toyFake) []change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var changes []change
	start := time.Now()
	err := audit.Watch(ctx, key, interval, &audit.Options{Transport: fake, Attempts: 1}, func(before, now *audit.Result) {
		changes = append(changes, change{after: time.Since(start), before: before, now: now, failed: !now.Inspected()})
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, length, time.Since(start), "it blocks until the context ends")
	return changes
}

func TestWatchCallsBackOnChange(t *testing.T) {
	for name, edit := range map[string]func(*access.Snapshot){
		"a right":          grant(access.Withdraw, access.Granted),
		"a right's names":  func(s *access.Snapshot) { s.Grants[0].Names = []string{"Read.All"} },
		"an unknown right": func(s *access.Snapshot) { s.Unmapped = []string{"Fly"} },
		"the allowlist":    func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist(nil) },
		"an address":       func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist([]string{"9.9.9.9"}) },
		"the key's state":  func(s *access.Snapshot) { s.KeyState = access.KeyLocked },
		"a contradiction":  func(s *access.Snapshot) { s.Contradictions = []string{"this and that"} },
		"the expiry's fact": func(s *access.Snapshot) {
			s.NeverExpires, s.Expires = false, time.Now().Truncate(24*time.Hour).Add(48*time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				audits := 0
				key := changed(func(s *access.Snapshot) {
					if audits++; audits > 3 {
						edit(s)
					}
				})
				changes := watched(t, key, time.Hour, 6*time.Hour, &toyFake{})
				require.Len(t, changes, 2)
				assert.Nil(t, changes[0].before)
				assert.Zero(t, changes[0].after)
				assert.NotNil(t, changes[1].before)
				assert.NotSame(t, changes[1].before, changes[1].now)
				assert.InDelta(t, 3*time.Hour, changes[1].after, float64(18*time.Minute))
			})
		})
	}
}

// TestWatchSeesFactsWithoutRules: a fact counts by itself, even where no rule speaks of
// it.
func TestWatchSeesFactsWithoutRules(t *testing.T) {
	for name, edit := range map[string]func(*access.Snapshot){
		"a right":          grant(access.Withdraw, access.Unknown),
		"an unknown right": func(s *access.Snapshot) { s.Unmapped = []string{"Fly"} },
		"the allowlist":    func(s *access.Snapshot) { s.IPAllowlist.State = access.AllowlistOff },
		"an address":       func(s *access.Snapshot) { s.IPAllowlist = access.NewIPAllowlist([]string{"9.9.9.9"}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
				defer cancel()
				audits, calls := 0, 0
				key := changed(func(s *access.Snapshot) {
					if audits++; audits > 1 {
						edit(s)
					}
				})
				options := &audit.Options{Transport: &toyFake{}, Rules: verdict(audit.Passed, 0)}
				err := audit.Watch(ctx, key, time.Hour, options, func(_, _ *audit.Result) { calls++ })
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, 2, calls)
			})
		})
	}
}

func TestWatchIsQuietAboutWhatMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := changed(func(s *access.Snapshot) { s.LastUsed = time.Now() })
		changes := watched(t, key, time.Hour, 24*time.Hour, &toyFake{clock: time.Now})
		assert.Len(t, changes, 1)
	})
}

func TestWatchReportsAFailureAndItsEndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := slices.Concat([]string{"ok", "ok"}, slices.Repeat([]string{"unavailable"}, 5), []string{"ok", "rate-limited", "bad-key", "bad-key"})
		changes := watched(t, toyKey(), time.Hour, 20*time.Hour, &toyFake{script: script})
		var failed []bool
		for i, c := range changes {
			failed = append(failed, c.failed)
			if i > 0 {
				require.NotNil(t, c.before)
			}
		}
		assert.Equal(t, []bool{false, true, false, true, true, false}, failed)
	})
}

func TestWatchInterval(t *testing.T) {
	for _, c := range []struct{ interval, low, high time.Duration }{
		{time.Hour, 54 * time.Minute, 66 * time.Minute},
		{0, 54 * time.Second, 66 * time.Second},
		{-time.Hour, 54 * time.Second, 66 * time.Second},
		{time.Second, 54 * time.Second, 66 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake := &toyFake{}
			watched(t, toyKey(), c.interval, 50*c.high, fake)
			require.Greater(t, len(fake.at), 40)
			gaps := map[time.Duration]bool{}
			for i := 1; i < len(fake.at); i++ {
				gap := fake.at[i].Sub(fake.at[i-1])
				gaps[gap] = true
				assert.GreaterOrEqual(t, gap, c.low)
				assert.Less(t, gap, c.high)
			}
			assert.Greater(t, len(gaps), 10, "it varies, so that many bots don't ask at once")
		})
	}
	for _, never := range []time.Duration{math.MaxInt64, 50 * 365 * 24 * time.Hour} { // and not without any pause
		synctest.Test(t, func(t *testing.T) {
			fake := &toyFake{}
			watched(t, toyKey(), never, 24*time.Hour, fake)
			assert.Equal(t, 1, fake.count())
		})
	}
}

func TestWatchWaitsForItsCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Hour)
		defer cancel()
		fake := &toyFake{}
		err := audit.Watch(ctx, toyKey(), time.Minute, &audit.Options{Transport: fake}, func(_, _ *audit.Result) {
			time.Sleep(9 * time.Hour)
			assert.Equal(t, 1, fake.count())
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Greater(t, fake.count(), 50)
	})
}

// TestWatchEndsQuietly: a context that ends during an audit is not a change of the key.
func TestWatchEndsQuietly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changes := watched(t, toyKey(), time.Minute, time.Second, &toyFake{delay: time.Hour})
		assert.Empty(t, changes)

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		start := time.Now()
		err := audit.Watch(ctx, toyKey(), 24*time.Hour, &audit.Options{Transport: &toyFake{}}, func(_, _ *audit.Result) {})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Hour, time.Since(start))
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := audit.Watch(ctx, toyKey(), time.Minute, nil, func(_, _ *audit.Result) { t.Error("called back after the end") })
	require.ErrorIs(t, err, context.Canceled)
}

// TestWatchNonces: nonces grow from audit to audit, also above a floor that the clock
// hasn't reached, and every audit starts from the exchange's clock as it is then.
func TestWatchNonces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var used []uint64
		const floor = 9_000_000_000_000
		key := nonceKey(func(n uint64) { used = append(used, n) }, func(k *audit.Key) { k.Nonce.Floor = floor })
		watched(t, key, time.Hour, 150*time.Minute, &toyFake{clock: time.Now})
		assert.Equal(t, []uint64{floor + 1, floor + 2, floor + 3}, used)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Minute)
		defer cancel()
		var ahead time.Duration // our clock is set forward between the audits
		key := nonceKey(func(n uint64) {
			assert.Less(t, int64(n), time.Now().UnixMilli(), "never ahead of the exchange")
			assert.Greater(t, int64(n), time.Now().UnixMilli()-1002, "which counts whole seconds")
			ahead += time.Hour
		})
		fake := &toyFake{clock: time.Now}
		options := &audit.Options{Transport: fake, Clock: func() time.Time { return time.Now().Add(ahead) }}
		err := audit.Watch(ctx, key, time.Hour, options, func(_, _ *audit.Result) {})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, []string{"/time", "/key", "/time", "/key", "/time", "/key"}, fake.paths())
	})
}
