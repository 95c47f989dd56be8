package audit_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

func TestClockSkew(t *testing.T) {
	hourBehind := func() time.Time { return time.Now().Add(-time.Hour) }
	for name, c := range map[string]struct {
		script []string
		date   bool
		want   []string
		kind   access.Kind
	}{
		"from the answer's date":      {[]string{"clock-skew"}, true, []string{"/key", "/key"}, 0},
		"by asking":                   {[]string{"clock-skew"}, false, []string{"/key", "/time", "/key"}, 0},
		"only once":                   {[]string{"clock-skew", "clock-skew", "ok"}, true, []string{"/key", "/key"}, access.KindClockSkew},
		"only once, by asking":        {[]string{"clock-skew", "clock-skew", "ok"}, false, []string{"/key", "/time", "/key"}, access.KindClockSkew},
		"then another failure":        {[]string{"clock-skew", "bad-key"}, true, []string{"/key", "/key"}, access.KindBadKey},
		"no time request if all well": {nil, false, []string{"/key"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &toyFake{script: c.script, clock: hourBehind, undated: !c.date}
			_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake, Attempts: 1})
			if c.kind == 0 {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, c.kind)
			}
			assert.Equal(t, c.want, fake.paths())
		})
	}
	t.Run("not where nonces are times", func(t *testing.T) {
		fake := &toyFake{script: []string{"clock-skew"}, clock: time.Now}
		_, err := audit.Inspect(t.Context(), nonceKey(func(uint64) {}), &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindClockSkew)
		assert.Equal(t, []string{"/time", "/key"}, fake.paths())
	})
	t.Run("and it is a finding", func(t *testing.T) {
		fake := &toyFake{script: []string{"clock-skew", "clock-skew"}, clock: hourBehind}
		for result := range audit.Run(t.Context(), repeat(toyKey(), 1), &audit.Options{Transport: fake}) {
			f := result.Finding("clock")
			assert.Equal(t, audit.Failed, f.Outcome)
			assert.Equal(t, audit.High, f.Severity, "more than the exchange's window")
		}
	})
	t.Run("the time is not reported", func(t *testing.T) {
		for _, edit := range []func(*adapter.Exchange){
			func(e *adapter.Exchange) { e.ServerTime = nil },
			func(e *adapter.Exchange) {
				e.ServerTime = func(context.Context, *adapter.Session) (time.Time, error) { return time.Time{}, nil }
			},
		} {
			fake := &toyFake{script: []string{"clock-skew"}, undated: true}
			_, err := audit.Inspect(t.Context(), toyKey(func(k *audit.Key) { edit(k.Exchange) }), &audit.Options{Transport: fake})
			require.ErrorIs(t, err, access.KindClockSkew)
			assert.Equal(t, []string{"/key"}, fake.paths())
		}
	})
}

// TestClockIsLearnedOnceARun: the other keys of a run start with what the first one's
// refusal taught.
func TestClockIsLearnedOnceARun(t *testing.T) {
	fake := &strict{toyFake{clock: func() time.Time { return time.Now().Add(-time.Hour) }}}
	for result := range audit.Run(t.Context(), repeat(toyKey(), 5), &audit.Options{Transport: fake, Concurrency: 1}) {
		assert.True(t, result.Inspected())
		assert.Equal(t, audit.Failed, result.Finding("clock").Outcome, "it is still said that the clock is off")
	}
	assert.Equal(t, 6, fake.count())
}

// strict refuses timestamps that are off by more than five seconds.
type strict struct{ toyFake }

func (v *strict) RoundTrip(r *http.Request) (*http.Response, error) {
	stamp, _, _ := strings.Cut(strings.TrimPrefix(r.URL.RawQuery, "t="), "&")
	ms, err := time.ParseDuration(stamp + "ms")
	if off := v.clock().Sub(time.UnixMilli(ms.Milliseconds())); err == nil && off.Abs() > 5*time.Second {
		v.mu.Lock()
		v.script = append([]string{"clock-skew"}, v.script...)
		v.mu.Unlock()
	}
	return v.toyFake.RoundTrip(r)
}

// nonceKey is a key at an exchange with nonces; its nonces go to used.
func nonceKey(used func(uint64), edits ...func(*audit.Key)) audit.Key {
	return toyKey(append([]func(*audit.Key){func(k *audit.Key) {
		k.Exchange.Needs.Nonce = true
		k.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			used(s.Nonce())
			return toyInspect(ctx, s)
		}
	}}, edits...)...)
}

func TestNonceIsNeverAhead(t *testing.T) {
	for name, c := range map[string]struct{ ours, want time.Duration }{
		"clock an hour ahead":    {time.Hour, 0},
		"three seconds ahead":    {3 * time.Second, 0},
		"in step":                {0, 0},
		"a second ahead":         {time.Second, time.Second}, // times in whole seconds cannot show it
		"an hour behind, stays":  {-time.Hour, -time.Hour},
		"two and a half behind ": {-2500 * time.Millisecond, -2500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &toyFake{clock: time.Now}
				_, err := audit.Inspect(t.Context(), nonceKey(func(n uint64) {
					assert.Equal(t, time.Now().Add(c.want).UnixMilli()-1, int64(n), "that of the unit before")
				}), &audit.Options{Transport: fake, Clock: func() time.Time { return time.Now().Add(c.ours) }})
				require.NoError(t, err)
				assert.Equal(t, []string{"/time", "/key"}, fake.paths())
			})
		})
	}
}

func TestNonceClockIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &toyFake{clock: time.Now, delay: 100 * time.Millisecond}
		keys := func(yield func(audit.Key) bool) {
			for i := range 64 {
				if !yield(nonceKey(func(uint64) {}, func(k *audit.Key) { k.Credentials.Key += string(rune('A' + i%32)) })) {
					return
				}
			}
		}
		for result := range audit.Run(t.Context(), keys, &audit.Options{Transport: fake, Concurrency: 16}) {
			assert.True(t, result.Inspected())
		}
		paths := fake.paths()
		assert.Equal(t, "/time", paths[0])
		assert.Len(t, paths, 65)
		assert.NotContains(t, paths[1:], "/time")
	})
}

// TestNonceClockUnknown: without the exchange's time nothing signed is sent. An
// exchange that bans or asks to slow down is not asked by every key in turn.
func TestNonceClockUnknown(t *testing.T) {
	for word, want := range map[string]struct {
		kind     access.Kind
		requests int
	}{
		"unavailable":    {access.KindUnavailable, 3 * 3},
		"rate-limited":   {access.KindRateLimited, 3 * 3},
		"geo-blocked":    {access.KindGeoBlocked, 3},
		"banned":         {access.KindBanned, 1},
		"nonsense":       {access.KindUnavailable, 3 * 3},
		"ip-not-allowed": {access.KindUnavailable, 3 * 3}, // the key was not used, so it proves nothing about it
	} {
		t.Run(word, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &toyFake{script: slices.Repeat([]string{word}, 100)}
				key := nonceKey(func(uint64) { t.Error("a nonce was made") })
				for result := range audit.Run(t.Context(), repeat(key, 3), &audit.Options{Transport: fake, Concurrency: 1}) {
					failure := result.Snapshot.Failure
					require.ErrorIs(t, failure, want.kind)
					assert.NotContains(t, failure.Error(), toySecret)
					assert.Equal(t, access.AllowlistUnknown, result.Snapshot.IPAllowlist.State)
				}
				assert.Equal(t, want.requests, fake.count())
				assert.NotContains(t, fake.paths(), "/key")
			})
		})
	}
	t.Run("the turn to ask never comes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := &toyFake{clock: time.Now, delay: time.Hour}
			keys := func(yield func(audit.Key) bool) {
				for i := range 3 {
					if !yield(nonceKey(func(uint64) { t.Error("a nonce was made") }, func(k *audit.Key) { k.Credentials.Key += string(rune('A' + i)) })) {
						return
					}
				}
			}
			start := time.Now()
			for result := range audit.Run(t.Context(), keys, &audit.Options{Transport: fake}) {
				require.ErrorIs(t, result.Snapshot.Failure, access.KindCanceled)
			}
			assert.Equal(t, 30*time.Second, time.Since(start))
			assert.Equal(t, []string{"/time"}, fake.paths())
		})
	})
}

// TestNonceGrowsFromKeyToKey: audits of one key that wait for each other never use a
// nonce twice, however coarse its unit.
func TestNonceGrowsFromKeyToKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var used []uint64
		key := nonceKey(func(n uint64) {
			mu.Lock()
			defer mu.Unlock()
			used = append(used, n)
		}, func(k *audit.Key) { k.Nonce.Unit = time.Second })
		fake := &toyFake{clock: time.Now, delay: 10 * time.Millisecond}
		first := uint64(time.Now().Unix())
		for result := range audit.Run(t.Context(), repeat(key, 4), &audit.Options{Transport: fake, Concurrency: 4}) {
			assert.True(t, result.Inspected())
		}
		assert.Equal(t, []uint64{first - 1, first, first + 1, first + 2}, used)
	})
}

func TestNowFollowsTheExchangeAfterACorrection(t *testing.T) {
	ours := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	fake := &toyFake{script: []string{"clock-skew"}, clock: func() time.Time { return ours.Add(-time.Hour) }}
	var seen []time.Time
	key := toyKey(func(k *audit.Key) {
		k.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
			seen = append(seen, s.Now())
			return toyInspect(ctx, s)
		}
	})
	s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Clock: func() time.Time { return ours }})
	require.NoError(t, err)
	require.Len(t, seen, 2)
	assert.Equal(t, ours, seen[0])
	// The Date header counts whole seconds: half a second is the middle.
	assert.Equal(t, ours.Add(-time.Hour+time.Second/2), seen[1])
	assert.True(t, s.Clock.Known)
	assert.Equal(t, -time.Hour+time.Second, s.Clock.Offset, "the least it can be off")
	assert.Equal(t, 5*time.Second, s.Clock.Window)

	// Asked for, it is what the exchange says, at the middle of the question.
	seen, fake.script, fake.undated = nil, []string{"clock-skew"}, true
	step := 0
	_, err = audit.Inspect(t.Context(), key, &audit.Options{Transport: fake, Clock: func() time.Time {
		if slices.Contains(fake.paths()[2:], "/time") {
			step = 4 // seconds that the answer took
		}
		return ours.Add(time.Duration(step) * time.Second)
	}})
	require.NoError(t, err)
	require.Len(t, seen, 2)
	assert.Equal(t, ours.Add(-time.Hour+2*time.Second), seen[1])
}

func TestClockBehindAndNoClock(t *testing.T) {
	ours := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return ours }
	fake := &toyFake{clock: func() time.Time { return ours.Add(time.Minute) }}
	s, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake, Clock: now})
	require.NoError(t, err)
	assert.Equal(t, time.Minute, s.Clock.Offset)
	fake.clock = now
	s, err = audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake, Clock: now})
	require.NoError(t, err)
	assert.True(t, s.Clock.Known)
	assert.Zero(t, s.Clock.Offset)
	s, err = audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: via(func(*http.Request) (*http.Response, error) {
		resp := reply(http.StatusOK, "ok")
		resp.Header.Set("Date", "yesterday")
		return resp, nil
	})})
	require.NoError(t, err)
	assert.False(t, s.Clock.Known)
}
