package audit_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// TestOnlyTwoKindsAreRetried: every kind but two is final: asking again would burn a
// nonce, lock a key or lengthen a ban.
func TestOnlyTwoKindsAreRetried(t *testing.T) {
	for kind := access.KindNotUnderstood; kind <= access.KindCanceled; kind++ {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &toyFake{script: slices.Repeat([]string{kind.String()}, 10)}
				start := time.Now()
				s, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake})
				require.ErrorIs(t, err, kind)
				var want int
				switch kind {
				case access.KindRateLimited, access.KindUnavailable:
					want = 3
					assert.Positive(t, time.Since(start))
					assert.Less(t, time.Since(start), 2*time.Second)
				case access.KindClockSkew: // no Date, so the time is asked; the toy can't report it
					want = 2
				default:
					want = 1
					assert.Zero(t, time.Since(start))
				}
				assert.Equal(t, want, fake.count())
				assert.Equal(t, want, s.Requests)
			})
		})
	}
}

func TestRetrySucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &toyFake{script: []string{"unavailable", "rate-limited"}}
		s, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake})
		require.NoError(t, err)
		assert.Equal(t, 3, s.Requests)
	})
	fake := &toyFake{script: []string{"unavailable"}}
	_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake, Attempts: 1})
	require.ErrorIs(t, err, access.KindUnavailable)
	assert.Equal(t, 1, fake.count())
}

func TestNoConnectionIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Attempts: 5, Transport: via(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, errors.New("reset")
		})})
		require.ErrorIs(t, err, access.KindUnavailable)
		assert.Equal(t, 5, asked)
	})
}

// TestProxyRefusalIsFinal: a proxy that does not accept the password is asked once,
// however the transport says so: many attempts lock an account at the proxy.
func TestProxyRefusalIsFinal(t *testing.T) {
	answered := &http.Response{StatusCode: http.StatusProxyAuthRequired, Body: http.NoBody, Header: http.Header{"Retry-After": {"1"}}}
	for name, transport := range map[string]func() (*http.Response, error){
		"an answer":           func() (*http.Response, error) { return answered, nil },
		"net/http's":          func() (*http.Response, error) { return nil, errors.New("Proxy Authentication Required") },
		"the transport's own": func() (*http.Response, error) { return nil, &access.Error{Kind: access.KindInput, Message: "no"} },
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Attempts: 5, Transport: via(func(*http.Request) (*http.Response, error) {
				asked++
				return transport()
			})})
			require.ErrorIs(t, err, access.KindInput, name)
			assert.Equal(t, 1, asked, name)
		})
	}
}

// TestBudgetIsPerAttempt: a fresh attempt may send as much as the first.
func TestBudgetIsPerAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &toyFake{script: slices.Repeat([]string{"ok", "ok", "ok", "ok", "ok", "unavailable"}, 3)}
		key := toyKey(func(k *audit.Key) {
			k.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
				for range 5 {
					if _, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/key"}); err != nil {
						return nil, err
					}
				}
				return toyInspect(ctx, s)
			}
		})
		s, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindUnavailable, "and not guard")
		assert.Equal(t, 18, s.Requests)
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where a bubble's time begins
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	const week = 7 * 24 * time.Hour
	for name, c := range map[string]struct {
		header map[string]string
		told   time.Duration // Error.RetryAfter
		waits  bool          // and it is asked again after exactly that
	}{
		"seconds":               {map[string]string{"Retry-After": "7"}, 7 * time.Second, true},
		"spaces":                {map[string]string{"Retry-After": " 7 "}, 7 * time.Second, true},
		"float":                 {map[string]string{"Retry-After": "1.5"}, 1500 * time.Millisecond, true},
		"date":                  {map[string]string{"Retry-After": at(9 * time.Second)}, 9 * time.Second, true},
		"date of a fast clock":  {map[string]string{"Retry-After": at(9*time.Second + time.Hour), "Date": at(time.Hour)}, 9 * time.Second, true},
		"date of a slow clock":  {map[string]string{"Retry-After": at(9*time.Second - time.Hour), "Date": at(-time.Hour)}, 9 * time.Second, true},
		"longer than we've got": {map[string]string{"Retry-After": "40"}, 40 * time.Second, false},
		"far too long":          {map[string]string{"Retry-After": "99999999999"}, week, false},
		"infinite":              {map[string]string{"Retry-After": "1e999"}, week, false},
		"far date":              {map[string]string{"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, week, false},
	} {
		for _, word := range []string{"rate-limited", "unavailable"} {
			t.Run(name+" "+word, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake := &toyFake{script: []string{word}, header: c.header}
					start := time.Now()
					_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake})
					if c.waits {
						require.NoError(t, err)
						assert.Equal(t, c.told, time.Since(start))
						return
					}
					var failure *access.Error
					require.ErrorAs(t, err, &failure)
					assert.Equal(t, c.told, failure.RetryAfter)
					assert.Equal(t, 1, fake.count())
					assert.Zero(t, time.Since(start), "the deadline would come first, so it gives up at once")
				})
			})
		}
	}
	for _, text := range []string{"", "0", "-5", "-1e999", "NaN", "soon", "1s", "0x10", at(-time.Hour)} {
		synctest.Test(t, func(t *testing.T) {
			fake := &toyFake{script: []string{"rate-limited"}, header: map[string]string{"Retry-After": text}}
			_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: fake, Attempts: 1})
			var failure *access.Error
			require.ErrorAs(t, err, &failure)
			assert.Zero(t, failure.RetryAfter, text)
		})
	}
}

// TestRetryAfterOfTheAdapter: what the adapter read from the body comes before the
// header.
func TestRetryAfterOfTheAdapter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &toyFake{script: []string{"rate-limited"}, header: map[string]string{"Retry-After": "1"}}
		key := toyKey(func(k *audit.Key) {
			k.Exchange.Inspect = func(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
				found, err := toyInspect(ctx, s)
				var refusal *access.Error
				if errors.As(err, &refusal) {
					refusal.RetryAfter = 11 * time.Second
				}
				return found, err
			}
		})
		start := time.Now()
		_, err := audit.Inspect(t.Context(), key, &audit.Options{Transport: fake})
		require.NoError(t, err)
		assert.Equal(t, 11*time.Second, time.Since(start))
	})
}

func TestTimeoutBoundsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := audit.Inspect(t.Context(), toyKey(), &audit.Options{Transport: &toyFake{delay: time.Hour}})
		require.ErrorIs(t, err, access.KindCanceled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, "Toy: the audit was cut short: the time limit was reached [GET /key]", err.Error())
		assert.Equal(t, 30*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = audit.Inspect(ctx, toyKey(), &audit.Options{Transport: &toyFake{delay: time.Hour}})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		fake := &toyFake{script: []string{"unavailable"}, header: map[string]string{"Retry-After": "20"}}
		start = time.Now()
		_, err = audit.Inspect(ctx, toyKey(), &audit.Options{Transport: fake})
		require.ErrorIs(t, err, access.KindUnavailable)
		assert.Equal(t, 100*time.Millisecond, time.Since(start), "the wait was cut short")
		assert.Equal(t, 1, fake.count())
	})
}

// repeat gives a key some times.
func repeat(key audit.Key, n int) func(func(audit.Key) bool) {
	return func(yield func(audit.Key) bool) {
		for range n {
			if !yield(key) {
				return
			}
		}
	}
}

// TestAdapterFailsClosed: a failure of the adapter's own making never becomes a good
// snapshot.
func TestAdapterFailsClosed(t *testing.T) {
	var none *access.Error
	var calls atomic.Int32
	for name, c := range map[string]struct {
		snapshot *access.Snapshot
		err      error
		kind     access.Kind
		want     string
	}{
		"nothing at all":        {nil, nil, access.KindNotUnderstood, "the adapter failed without saying why"},
		"foreign error":         {nil, errors.New("https://x?secret=" + toySecret), access.KindNotUnderstood, "the adapter failed without saying why"},
		"snapshot and an error": {harmless(), errors.New("but"), access.KindNotUnderstood, "the adapter failed without saying why"},
		"snapshot and *Error":   {harmless(), &access.Error{Kind: access.KindForbidden}, access.KindForbidden, ""},
		"nil *Error":            {harmless(), none, access.KindNotUnderstood, "the adapter failed without saying why"},
		"wrapped *Error":        {nil, errors.Join(errors.New(toySecret), &access.Error{Kind: access.KindBadKey}), access.KindBadKey, ""},
	} {
		t.Run(name, func(t *testing.T) {
			calls.Store(0)
			s, err := inspectToy(t, toyKey(func(k *audit.Key) {
				k.Exchange.Inspect = func(context.Context, *adapter.Session) (*access.Snapshot, error) {
					calls.Add(1)
					return c.snapshot, c.err
				}
			}), &toyFake{})
			require.ErrorIs(t, err, c.kind)
			assert.Equal(t, c.want, err.Message)
			assert.Empty(t, s.Grants)
			assert.EqualValues(t, 1, calls.Load())
			assert.NotContains(t, err.Error(), toySecret)
		})
	}
}
